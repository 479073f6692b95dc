"""What is left of a round, and how to empty it so that no artist has to follow too closely at its end.

Where ``between`` songs lie between two of one artist, an artist with ``most`` songs left spreads them over
``(most - 1) * (between + 1) + 1`` places at least, and each further artist with as many takes one place
more.  That is the *need* of a bag, reckoned for those with the most songs left.  While the bag holds more
songs than it needs, anybody may come who may come now; where it does not, one of those with the most left
has to come.  No other foresight is necessary: a bag that can be emptied without breaking the rule is emptied
so.  For count, for each stretch of the round, the songs that can come in it only: whichever song comes
now, of all these counts it is the need alone that may become too large by it.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from math import gcd
from random import Random
from typing import NamedTuple, Self, TypeVar

from easyplayer.playout.separation import KEPT, Apart, Fault

MOST_ASKED = 100
"""Up to this need a bag is asked what in it can be played; above it, all of it counts as if it could be."""

Key = TypeVar("Key", int, str)

ArtistOf = Callable[[int], str]
"""Tells by its index who plays an entry; the empty string is nobody, and separates nothing."""

Ask = Callable[[int], str]
"""Tells why an entry cannot be played now; the empty string is that it can be."""


class Aim(NamedTuple):
    """What the next song is to be.

    :ivar best: no song can be had that breaks less.
    :ivar level: how many songs the artist who has to come has left; 0 where anybody may.
    :ivar tally: how many songs each artist has left.
    """

    best: Fault = KEPT
    level: int = 0
    tally: Counter[str] = Counter()

    def misses(self, artist: str) -> int:
        """Tell by how many songs an artist has fewer left than one who has to come."""
        return self.level and max(self.level - (self.tally[artist] or 1), 0)


class Walk:
    """A way through all of a bag, each entry once, that begins anywhere.

    Of chance it asks for nothing but ``random()``, the one thing that Python promises not to change.
    """

    def __init__(self, left: "array[int]", chance: Random) -> None:
        count = len(left)
        self._left = left
        self._start = int(chance.random() * count)
        strides = (1 + int(chance.random() * (count - 1)) for _ in repeat(None))
        self._stride = next(stride for stride in strides if gcd(stride, count) == 1)

    def __iter__(self) -> Iterator[int]:
        count, place = len(self._left), self._start
        for _ in range(count):
            yield self._left[place]
            place = (place + self._stride) % count


class Bag:
    """The entries that a round has left.

    :ivar left: their indexes, in ascending order.
    """

    def __init__(self, left: "array[int]", tally: Counter[str], artist_of: ArtistOf) -> None:
        self.left = left
        self._tally = tally
        self._levels = Counter(tally.values())
        self._artist_of = artist_of

    @classmethod
    def of(cls, entries: Iterable[int], artist_of: ArtistOf) -> Self:
        """Fill a bag with entries, which come in ascending order."""
        left = array("I", entries)
        return cls(left, _tally(left, artist_of), artist_of)

    def copy(self) -> Self:
        """Give another bag with the same in it."""
        return type(self)(self.left[:], self._tally.copy(), self._artist_of)

    def take(self, index: int) -> None:
        """Take an entry out; one that is not in it is taken already."""
        place = bisect_left(self.left, index)
        if place == len(self.left) or self.left[place] != index:
            return
        del self.left[place]
        if artist := self._artist_of(index):
            level = self._tally[artist]
            _count_down(self._tally, artist)
            _count_down(self._levels, level)
            if level > 1:
                self._levels[level - 1] += 1

    def aim(self, apart: Apart, between: int, walk: Walk, ask: Ask) -> Aim:
        """Tell who has to come next, so that the rest can still be kept apart."""
        count, tally, levels = len(self.left), self._tally, self._levels
        need = _need(levels, between)
        if max(levels, default=0) > 1 and min(need, count) <= MOST_ASKED:
            there = list(islice((index for index in walk if not ask(index)), need + 1))
            if len(there) <= need:
                count, tally = len(there), _tally(there, self._artist_of)
                levels = Counter(tally.values())
        waiting = Counter(tally[artist] for artist in apart.artists if artist in tally)
        if _need(levels, between) < count or _songs(waiting) == count:
            return Aim(self.best(apart))
        free = (level for level, artists in levels.items() if artists > waiting[level])
        return Aim(level=max(free, default=1), tally=tally)

    def best(self, apart: Apart) -> Fault:
        """Tell what is broken at the least, because nobody else is left."""
        waiting = [artist for artist in apart.artists if artist in self._tally]
        if not waiting or sum(self._tally[artist] for artist in waiting) < len(self.left):
            return KEPT
        return Fault(artist=True, artist_short=min(apart.artists[artist] for artist in waiting))


def _tally(entries: Iterable[int], artist_of: ArtistOf) -> Counter[str]:
    tally = Counter(map(artist_of, entries))
    del tally[""]
    return tally


def _need(levels: Counter[int], between: int) -> int:
    most = max(levels, default=0)
    return levels[most] + (most - 1) * (between + 1) if most else 0


def _songs(levels: Counter[int]) -> int:
    return sum(level * artists for level, artists in levels.items())


def _count_down(counts: Counter[Key], key: Key) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
