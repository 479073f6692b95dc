"""How far each playlist of a program has come: its courses, by name.

Most playlists have one course, which goes on whenever the playlist plays.  A sequential one that
belongs to a show begins anew with every show, so that it has a course for each.
"""

from collections.abc import Iterator, Mapping

from msgspec import structs

from easyplayer.playout.catalogue import Entry, Order, Playlist, Program
from easyplayer.playout.items import Item, Layer, Sense
from easyplayer.playout.rotation import Rotation, RotationState
from easyplayer.playout.timeline import Claim

EVERYTHING = Playlist(id="", title="everything", entries=(), order=Order.SHUFFLE)
"""The playlist of all that can be played, for when no other has anything; so is its course called."""
_AFRESH = "\t"
"""Stands between a playlist's id and the show that it begins anew with."""


class Courses:
    """The courses of a program's playlists; each is built when it is asked for.

    :param stored: how far they had come, where that was remembered.
    :param sense: what they are played for.
    :ivar items: the program's items, by id.
    :ivar playlists: its playlists, by id.
    :ivar spoken: ids of the items that spots name, and no playlist does.
    """

    def __init__(
        self, program: Program, stored: Mapping[str, RotationState], *, sense: Sense = Sense.EAR
    ) -> None:
        self.items: Mapping[str, Item] = {item.id: item for item in program.items}
        self.playlists: Mapping[str, Playlist] = {playlist.id: playlist for playlist in program.playlists}
        in_spots = {item for spot in program.spots for item in spot.items}
        in_lists = (entry.item for playlist in program.playlists for entry in playlist.entries)
        self.spoken: frozenset[str] = frozenset(in_spots.difference(in_lists))
        self._seed = program.seed
        self._sense = sense
        self._stored = dict(stored)
        self._running: dict[str, Rotation] = {}

    @property
    def state(self) -> dict[str, RotationState]:
        """How far each has come."""
        return {**self._stored, **{name: course.state for name, course in self._running.items()}}

    def name(self, claim: Claim) -> str:
        """Name the course that a claim draws from."""
        afresh = claim.layer is Layer.SHOW and self.playlists[claim.playlist].order is Order.SEQUENTIAL
        return f"{claim.playlist}{_AFRESH}{claim.occurrence}" if afresh else claim.playlist

    def has(self, name: str) -> bool:
        """Tell whether there is a playlist for a course of this name."""
        return self._playlist(name) is not None

    def of(self, name: str) -> Rotation:
        """Give a course by its name.

        :raises KeyError: where no playlist is there for it.
        """
        if name not in self._running:
            playlist = self._playlist(name)
            if playlist is None:
                raise KeyError(name)
            stored = self._stored.pop(name, None)
            self._running[name] = Rotation(playlist, self.items, self._seed, stored, sense=self._sense)
        return self._running[name]

    def keep(self, name: str) -> None:
        """Forget, where a course is one of many of its playlist, all the others: their shows are over."""
        playlist, afresh, _ = name.partition(_AFRESH)
        if afresh:
            for courses in (self._running, self._stored):
                for other in [one for one in courses if one.startswith(playlist + _AFRESH) and one != name]:
                    del courses[other]

    def carry_over(self, old: "Courses") -> None:
        """Go on where the courses of the program before stood."""
        for name in old.state:
            if self.has(name) and old.has(name):
                self.of(name).carry_over(old.of(name))

    def _playlist(self, name: str) -> Playlist | None:
        if name != EVERYTHING.id:
            return self.playlists.get(name.partition(_AFRESH)[0])
        return structs.replace(EVERYTHING, entries=tuple(self._everything()))

    def _everything(self) -> Iterator[Entry]:
        """List all files for the ear; a screen shows nothing that was not planned for it."""
        if self._sense is Sense.EAR:
            files = (item for item in self.items.values() if item.sounding and not item.endless)
            yield from (Entry(item=item.id) for item in files)
