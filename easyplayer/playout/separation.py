"""What is kept apart: which songs come too early after those that were heard.

A separation counts back from the song that is wanted now, over all that was heard in the venue,
whichever playlist it came from.  Where it cannot be kept, it gives way as little as can be: see
:class:`Fault`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, Self

from msgspec import Struct

from easyplayer.playout.catalogue import Separation
from easyplayer.playout.items import Item
from easyplayer.units import Instant, Seconds


class Rule(StrEnum):
    """What can be kept apart, in the order in which it gives way."""

    ARTIST = "artist"
    TITLE = "title"
    MINUTES = "minutes"

    ITEM = "item"
    """No item comes twice in a row."""


class Past(Struct, frozen=True):
    """One song that was heard.

    :ivar item: id of the item.
    :ivar artist: as :func:`folded` gives it; so is ``title``.
    :ivar at: when it began.
    """

    item: str
    artist: str
    title: str
    at: Instant

    @classmethod
    def of(cls, item: Item, at: Instant) -> Self:
        """Tell that an item began.

        >>> Past.of(Item(id="1", location="a.flac", artist=" Ärger ", title="NO"), Instant(0.0))
        Past(item='1', artist='ärger', title='no', at=0.0)
        """
        return cls(item.id, folded(item.artist), folded(item.title), at)


def folded(name: str) -> str:
    """Give a name as it is compared: neither case nor space around it makes it another."""
    return name.casefold().strip()


class Fault(NamedTuple):
    """Which rules an item breaks, and how far; the smaller of two faults is the one to live with.

    A rule that stands further up in :class:`Rule` gives way first, so that the others come first here.
    Of two faults that break the same rules, the one whose item was heard longer ago is the smaller one;
    then it goes by the title, and then by the artist.

    :ivar minutes_short: how many seconds are missing.
    :ivar title_short: how many songs are missing between it and the last one of its title.
    """

    item: bool = False
    minutes: bool = False
    title: bool = False
    artist: bool = False
    minutes_short: Seconds = Seconds(0.0)
    title_short: int = 0
    artist_short: int = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are broken, in the order in which they give way."""
        return tuple(rule for rule, broken in zip(reversed(Rule), self[:4], strict=True) if broken)[::-1]


KEPT = Fault()
"""Nothing is broken."""


class Apart:
    """What would come too early at one instant.

    :param history: what was heard, the oldest first; its times need not rise.
    :param at: when the item that is wanted begins.
    :ivar artists: by artist, how many songs are missing before one of theirs may come.
    :ivar titles: the same by title.
    """

    def __init__(self, separation: Separation, history: Sequence[Past], at: Instant) -> None:
        self._separation = separation
        self._span = Seconds(60.0 * separation.item_minutes)
        self._last = history[-1].item if history else ""
        self.artists = _songs_short(separation.artist_songs, (past.artist for past in reversed(history)))
        self.titles = _songs_short(separation.title_songs, (past.title for past in reversed(history)))
        self._items = _seconds_short(self._span, history, at)

    def fault(self, item: Item) -> Fault:
        """Tell what an item would break."""
        artist = self.artists.get(folded(item.artist), 0) if self.artists else 0
        title = self.titles.get(folded(item.title), 0) if self.titles else 0
        seconds = self._items.get(item.id, Seconds(0.0)) if self._items else Seconds(0.0)
        again = item.id == self._last
        if not (artist or title or seconds or again):
            return KEPT
        return Fault(again, seconds > 0, title > 0, artist > 0, seconds, title, artist)

    def why(self, fault: Fault) -> str:
        """Say in words why an item with a fault has to wait."""
        if fault.item:
            return "it was heard just now"
        if fault.minutes:
            return f"it was heard {_counted(round((self._span - fault.minutes_short) / 60), 'minute')} ago"
        if fault.title:
            ago = self._separation.title_songs - fault.title_short + 1
            return f"its title was heard {_counted(ago, 'song')} ago"
        ago = self._separation.artist_songs - fault.artist_short + 1
        return f"its artist was heard {_counted(ago, 'song')} ago"


def _songs_short(songs: int, names: Iterable[str]) -> dict[str, int]:
    short: dict[str, int] = {}
    for since, name in enumerate(islice(names, songs)):
        if name:
            short.setdefault(name, songs - since)
    return short


def _seconds_short(span: Seconds, history: Sequence[Past], at: Instant) -> dict[str, Seconds]:
    """Look at all of it: where a clock was wrong for a while, what is further back may be nearer in time."""
    short: dict[str, Seconds] = {}
    for past in history if span else ():
        missing = Seconds(span - abs(at - past.at))
        if missing > short.get(past.item, 0):
            short[past.item] = missing
    return short


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
