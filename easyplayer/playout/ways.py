"""The ways through a playlist: in its order, by a bag that is shuffled, and by weight.

Each names the entries that may come next, the first choice first, and is told which one was taken.  What
comes by chance grows from a seed and from how far the way has come, and from nothing else.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice
from math import log
from random import Random
from typing import NamedTuple

from easyplayer.playout.bag import Aim, ArtistOf, Ask, Bag, Walk
from easyplayer.playout.separation import Apart

MOST_THROWS = 500
"""So often chance is asked for an entry that will do; then all of them are laid out by chance at once."""


class Look(NamedTuple):
    """One look at what may come next.

    :ivar round: the round that it would be in.
    :ivar entries: indexes of entries, the first choice first.
    :ivar aim: what the next song is to be.
    """

    round: int
    entries: Iterable[int]
    aim: Aim


class Way(ABC):
    """A way through a playlist.

    :ivar entries: indexes of the entries that can ever come, in ascending order.
    :ivar round: how many rounds are over.
    :ivar position: how far it has come; each way says what it counts.
    """

    def __init__(self, entries: Sequence[int]) -> None:
        self.entries = entries
        self.round = 0
        self.position = 0

    @property
    def drawn(self) -> bytes:
        """A bit for each entry that does not come again in this round, the lowest bit first."""
        return b""

    @abstractmethod
    def looks(self, apart: Apart, ask: Ask) -> Iterator[Look]:
        """Look for the next entry; a further look is for where nothing in the one before can be played."""

    @abstractmethod
    def take(self, index: int, of_round: int) -> None:
        """Take an entry."""

    def resume(self, at_round: int, position: int, _drawn: bytes) -> None:
        """Go on from where it was once."""
        self.round, self.position = at_round, position


class Listed(Way):
    """In the order of the playlist; the position is the index behind the entry that was taken last."""

    def looks(self, _apart: Apart, _ask: Ask) -> Iterator[Look]:
        """Look at what is listed behind the last one, and then from the top."""
        first = bisect_left(self.entries, self.position)
        yield Look(self.round, map(self.entries.__getitem__, range(first, len(self.entries))), Aim())
        yield Look(self.round + 1, islice(self.entries, first), Aim())

    def take(self, index: int, of_round: int) -> None:
        """Go on behind it."""
        self.round, self.position = of_round, index + 1


class Shuffled(Way):
    """By chance, each entry once before any comes twice; the position is how many of them came."""

    def __init__(self, entries: Sequence[int], between: int, artist_of: ArtistOf, chance: str) -> None:
        super().__init__(entries)
        self._between = between
        self._chance = chance
        self._full = Bag.of(entries, artist_of)
        self._artist_of = artist_of
        self._begin()

    def _begin(self) -> None:
        self._bag = self._full.copy()
        self._drawn = bytearray(1 + max(self.entries, default=-1) // 8)
        self.position = 0

    @property
    def drawn(self) -> bytes:
        """A bit for each entry that was taken in this round."""
        return bytes(self._drawn)

    def looks(self, apart: Apart, ask: Ask) -> Iterator[Look]:
        """Look into the bag, and then into a full one."""
        yield self._look(self._bag, self.round, self.position, apart, ask)
        yield self._look(self._full, self.round + 1, 0, apart, ask)

    def _look(self, bag: Bag, of_round: int, position: int, apart: Apart, ask: Ask) -> Look:
        walk = Walk(bag.left, _grown(f"{self._chance}/{of_round}/{position}"))
        return Look(of_round, walk, bag.aim(apart, self._between, walk, ask))

    def take(self, index: int, of_round: int) -> None:
        """Take it out of the bag, which is filled anew with each round."""
        if of_round > self.round:
            self.round = of_round
            self._begin()
        self._bag.take(index)
        self._drawn[index // 8] |= 1 << index % 8
        self.position = len(self._full.left) - len(self._bag.left)

    def resume(self, at_round: int, _position: int, drawn: bytes) -> None:
        """Go on with what was not drawn."""
        self._begin()
        self.round = at_round
        self._drawn[:] = drawn.ljust(len(self._drawn), b"\0")[: len(self._drawn)]
        left = (index for index in self.entries if not is_set(self._drawn, index))
        self._bag = Bag.of(left, self._artist_of)
        self.position = len(self._full.left) - len(self._bag.left)


class Weighted(Way):
    """By chance, each entry as often as its weight says; the position is how many came in all."""

    def __init__(
        self, entries: Sequence[int], weights: Iterable[float], artist_of: ArtistOf, chance: str
    ) -> None:
        super().__init__(entries)
        self._weights = array("d", weights)
        self._sums = array("d", accumulate(self._weights))
        self._chance = chance
        self._bag = Bag.of(entries, artist_of)

    def looks(self, apart: Apart, _ask: Ask) -> Iterator[Look]:
        """Throw, and throw again."""
        chance = _grown(f"{self._chance}/{self.round}/{self.position}")
        yield Look(self.round, self._thrown(chance), Aim(self._bag.best(apart)))

    def _thrown(self, chance: Random) -> Iterator[int]:
        for _ in range(min(MOST_THROWS, 4 * len(self.entries))):
            yield self.entries[bisect(self._sums, chance.random() * self._sums[-1], hi=len(self._sums) - 1)]
        arrivals = [-log(1.0 - chance.random()) / weight for weight in self._weights]
        yield from (self.entries[place] for place in sorted(range(len(arrivals)), key=arrivals.__getitem__))

    def take(self, _index: int, _of_round: int) -> None:
        """Count it."""
        self.position += 1


def bitmap(indexes: Iterable[int], count: int) -> bytes:
    """Give so many bits, of which those at some indexes are set."""
    bits = bytearray((count + 7) // 8)
    for index in indexes:
        bits[index // 8] |= 1 << index % 8
    return bytes(bits)


def is_set(bits: Sequence[int], index: int) -> bool:
    """Tell whether a bit is set; what lies beyond the bits is not."""
    return index // 8 < len(bits) and bool(bits[index // 8] >> index % 8 & 1)


def _grown(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - to be repeated, not to be secret
