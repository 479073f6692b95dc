"""What playlists, folders, streams and calendars say, put into a program."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct, structs

from easyplayer import icalendars
from easyplayer.analysis.header import read_header
from easyplayer.errors import ProgramError
from easyplayer.picture_sources import gather_pictures
from easyplayer.playout.catalogue import Daypart, Order, Program, Slot
from easyplayer.playout.editing import finder, put_dayparts, put_playlist, put_shows, slug
from easyplayer.playout.items import Item, ItemKind, masked
from easyplayer.playout.playlists import detect_format
from easyplayer.playout.slot_words import days_words
from easyplayer.sources import gather
from easyplayer.units import Milliseconds

DAYS_AHEAD = 400
"""So far ahead events are written out that come again in a way that no daypart can."""
UNNAMED = "music"

Watched: TypeAlias = Callable[[Sequence[Item]], Iterable[Item]]
"""Hands on the items one by one, and may show how far it is."""


class Source(Struct, frozen=True):
    """Places that become one playlist.

    :ivar name: what the playlist is called.
    """

    name: str
    places: tuple[str, ...]


class Importer:
    """Puts one source after the other into a program.

    :param watched: looks on while the files' tags are read; ``None`` leaves the tags alone.
    :ivar program: the program, as it is so far.
    :ivar problems: what could not be used.
    :ivar playlists: how many entries each imported playlist has, by its id.
    """

    def __init__(self, program: Program, watched: Watched | None) -> None:
        self.program = program
        self.problems: list[str] = []
        self.playlists: dict[str, int] = {}
        self.dayparts, self.shows = 0, 0
        self._watched = watched

    @property
    def found(self) -> bool:
        """Whether there was anything to import."""
        return bool(self.playlists or self.dayparts or self.shows)

    def add(self, source: Source, order: Order | None, *, screen: bool = False) -> None:
        """Make a playlist of a source.

        :param screen: whether it is to be seen, and not to be heard.
        """
        gathered = gather_pictures(source.places) if screen else gather(source.places)
        self.problems += [f"{masked(problem.place)}: {problem.reason}" for problem in gathered.problems]
        if gathered.items:
            items = [*map(tagged, self._watched(gathered.items))] if self._watched else gathered.items
            self.program, name = put_playlist(self.program, source.name, items, order)
            self.playlists[name] = len(items)

    def plan(self, slots: Sequence[Slot], *, is_fallback: bool, screen: bool = False) -> None:
        """Say when the playlist plays that was imported.

        :param screen: whether the screens show it then.
        :raises ProgramError: there is not one playlist, but several.
        """
        if slots and len(self.playlists) > 1:
            raise ProgramError(["--daypart: which playlist is meant? put it all into one with --playlist"])
        for playlist in [*self.playlists][:1]:
            title = next(one.title for one in self.program.playlists if one.id == playlist)
            for slot in slots:
                name = slug(f"{playlist} {days_words(slot.days)} {slot.starts:%H%M}")
                heard, seen = ("", playlist) if screen else (playlist, "")
                daypart = Daypart(id=name, title=title, slot=slot, playlist=heard, screen=seen)
                self.program = put_dayparts(self.program, [daypart])
            self.dayparts += len(slots)
            if is_fallback:
                self._fall_back_on(playlist, screen=screen)

    def _fall_back_on(self, playlist: str, *, screen: bool) -> None:
        pictures = self.program.screen
        if screen:
            pictures = structs.replace(pictures, fallback=playlist)
        heard = self.program.fallback if screen else playlist
        self.program = structs.replace(self.program, fallback=heard, screen=pictures)

    def add_calendar(self, place: str, today: date) -> None:
        """Take dayparts and shows from a calendar; what is over by now is left out."""
        window = icalendars.Window(today, today + timedelta(days=DAYS_AHEAD))
        try:
            data = Path(place).read_bytes()
            table = icalendars.read(data, self.program.zone, finder(self.program.playlists), window)
        except OSError as error:
            self.problems.append(
                f"{masked(place)}: cannot be read ({error.strerror}); name a file of this machine"
            )
            return
        except ProgramError as error:
            self.problems += [f"{place}: {problem}" for problem in error.problems]
            return
        shows = [show for show in table.shows if show.ends.date() >= today]
        self.program = put_shows(put_dayparts(self.program, table.dayparts), shows)
        self.problems += [f"{place}: {problem}" for problem in table.problems]
        self.dayparts += len(table.dayparts)
        self.shows += len(shows)


def sources(places: Iterable[str], playlist: str | None) -> Iterator[Source]:
    """Tell which playlists some places become.

    Each folder and each playlist becomes one, and all single files and streams together become another.

    :param playlist: the name of the one playlist that they all become, if they do.
    """
    listed = [place for place in places if not is_calendar(place)]
    if playlist:
        yield from [Source(playlist, (*listed,))] if listed else []
        return
    loose = tuple(place for place in listed if not _is_folder(place) and not _is_playlist(place))
    for place in listed:
        if _is_folder(place):
            yield Source(Path(place).resolve().name or UNNAMED, (place,))
        elif _is_playlist(place):
            yield Source(Path(place).stem, (place,))
        elif place == loose[0]:
            yield Source(urlsplit(place).hostname or Path(place).absolute().parent.name or UNNAMED, loose)


def is_calendar(place: str) -> bool:
    """Tell whether a place is a calendar, by its name."""
    return place.casefold().endswith((".ics", ".ical"))


def _is_folder(place: str) -> bool:
    return os.path.isdir(place)  # noqa: PTH112 - a place that cannot be looked at is told later


def _is_playlist(place: str) -> bool:
    return "://" not in place and detect_format(place, b"") is not None


def tagged(item: Item) -> Item:
    """Give an item what its file says of itself, where nobody has said it yet."""
    if item.kind not in {ItemKind.LOCAL, ItemKind.CLIP}:
        return item
    header = read_header(Path(item.location))
    tags = header.tags
    said = {
        "title": tags.title,
        "artist": tags.artist or tags.album_artist,
        "album": tags.album,
        "composer": tags.composer,
        "label": tags.label,
        "isrc": tags.isrc,
        "duration_ms": None if header.length_s is None else Milliseconds(round(1000 * header.length_s)),
    }
    return structs.replace(item, **{name: value for name, value in said.items() if not getattr(item, name)})
