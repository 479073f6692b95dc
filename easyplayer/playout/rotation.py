"""What comes next in a playlist.

A rotation is told what was heard, and what cannot be played just now; it tells what comes next, and why
not something else.  The same playlist, seed, state and history give the same item, on every machine.

In what order entries come stands in :mod:`easyplayer.playout.ways`, and what is kept apart in
:mod:`easyplayer.playout.separation`.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import islice
from math import inf

from msgspec import Struct

from easyplayer.playout.bag import Aim, Ask
from easyplayer.playout.catalogue import Entry, Order, Playlist, Separation
from easyplayer.playout.items import Item, ItemKind, Sense
from easyplayer.playout.separation import Apart, Fault, Past, Rule, folded
from easyplayer.playout.ways import Listed, Look, Shuffled, Way, Weighted, bitmap, is_set
from easyplayer.units import Instant, Seconds

MOST_PASSED = 5
"""So many of the items that were passed over are told of."""
MOST_LOOKS = 400
"""After so many entries, one that breaks no rule is good enough, though its artist need not come now."""


class RotationState(Struct, frozen=True, kw_only=True):
    """How far a rotation has come; it stays small, however long the playlist is.

    :ivar digest: of the items in the playlist and their order; a state is of use to no other playlist.
    :ivar round: how many rounds are over.
    :ivar position: what the way through the playlist counts.
    :ivar drawn: a bit for each entry that came in this round, the lowest bit first.
    """

    digest: str
    round: int = 0
    position: int = 0
    drawn: bytes = b""


class Passed(Struct, frozen=True):
    """An item that would have come, and why it did not.

    :ivar item: its id.
    :ivar reason: in words.
    """

    item: str
    reason: str


class Draw(Struct, frozen=True, kw_only=True):
    """What comes next.

    :ivar index: which entry of the playlist it is.
    :ivar round: in which round it comes.
    :ivar relaxed: the rules that had to give way.
    :ivar passed: some of those that were passed over.
    """

    index: int
    item: Item
    round: int = 0
    relaxed: tuple[Rule, ...] = ()
    passed: tuple[Passed, ...] = ()


class Rotation:
    """The way through one playlist.

    :param items: the program's, by id; what is not among them, or is nothing to the sense, never comes.
    :param seed: what chance grows from, together with the playlist's id.
    :param state: how far it had come; that of a playlist with other items only counts the rounds.
    :param sense: what it plays for.
    :ivar playlist: the playlist.
    """

    def __init__(
        self,
        playlist: Playlist,
        items: Mapping[str, Item],
        seed: int,
        state: RotationState | None = None,
        *,
        sense: Sense = Sense.EAR,
    ) -> None:
        self.playlist = playlist
        self._sense = sense
        self._items = tuple(items.get(entry.item, _NOTHING) for entry in playlist.entries)
        self._digest = _digest(playlist)
        self._way = self._new_way(f"{seed}/{playlist.id}")
        if state and state.digest == self._digest:
            self._way.resume(state.round, state.position, state.drawn)
        elif state:
            self._way.resume(state.round + 1, 0, b"")

    def _new_way(self, chance: str) -> Way:
        entries = array("I", (index for index, item in enumerate(self._items) if self._sense.takes(item)))
        match self.playlist.order:
            case Order.SEQUENTIAL:
                return Listed(entries)
            case Order.SHUFFLE:
                between = self.playlist.separation.artist_songs
                return Shuffled(entries, between, self._artist_of, chance)
            case Order.WEIGHTED:
                weights = (self.playlist.entries[index].weight for index in entries)
                return Weighted(entries, weights, self._artist_of, chance)

    def _artist_of(self, index: int) -> str:
        return folded(self._items[index].artist) if self.playlist.separation.artist_songs else ""

    @property
    def state(self) -> RotationState:
        """How far it has come."""
        way = self._way
        return RotationState(digest=self._digest, round=way.round, position=way.position, drawn=way.drawn)

    def peek(self, history: Sequence[Past], at: Instant, unavailable: Callable[[Item], str]) -> Draw | None:
        """Tell what comes next, and change nothing; ``None`` where nothing can be played.

        Where the round has nothing left but what was heard just now, out of another playlist, the next round
        begins; what is listed several times keeps its share, and follows itself.

        :param history: the songs that were heard in the venue, the oldest first.
        :param at: when the next one begins.
        :param unavailable: tells why an item cannot be played now; the empty string is that it can be.
        """

        @cache
        def ask(index: int) -> str:
            return unavailable(self._items[index])

        apart = self._apart(history, at)
        drawn = (self._draw(look, apart, ask) for look in self._way.looks(apart, ask))
        draws = (draw for draw in drawn if draw)
        first = next(draws, None)
        if first is None or Rule.ITEM not in first.relaxed or self._is_listed_again(first):
            return first
        return next((draw for draw in draws if Rule.ITEM not in draw.relaxed), first)

    def _is_listed_again(self, draw: Draw) -> bool:
        entries = enumerate(self.playlist.entries)
        return any(entry.item == draw.item.id for index, entry in entries if index != draw.index)

    def _apart(self, history: Sequence[Past], at: Instant) -> Apart:
        wanted = self.playlist.separation
        match self.playlist.order:
            case Order.SEQUENTIAL:
                return Apart(Separation(), (), at)
            case Order.SHUFFLE:
                return Apart(wanted, history, at)
            case Order.WEIGHTED:
                return Apart(wanted, history if wanted != Separation() else (), at)

    def _draw(self, look: Look, apart: Apart, ask: Ask) -> Draw | None:
        passed: dict[int, str] = {}
        chosen, fault = self._choose(look, apart, ask, passed)
        if chosen < 0:
            return None
        passed.pop(chosen, None)
        told = (Passed(self._items[index].id, reason) for index, reason in passed.items())
        return Draw(
            index=chosen,
            item=self._items[chosen],
            round=look.round,
            relaxed=fault.rules,
            passed=tuple(islice(told, MOST_PASSED)),
        )

    def _choose(self, look: Look, apart: Apart, ask: Ask, passed: dict[int, str]) -> tuple[int, Fault]:
        chosen, least = -1, _WORST
        for count, index in enumerate(look.entries):
            cost = self._cost(index, look.aim, apart)
            reason = ask(index) if cost < least else ""
            if cost < least and not reason:
                chosen, least = index, cost
            if least <= (look.aim.best, 0) or (count > MOST_LOOKS and not least[0].rules):
                break
            if len(passed) <= MOST_PASSED:
                passed[index] = reason or _why(apart, cost[0])
        return chosen, least[0]

    def _cost(self, index: int, aim: Aim, apart: Apart) -> tuple[Fault, int]:
        fault = apart.fault(self._items[index])
        return fault, aim.misses(self._artist_of(index)) if aim.level else 0

    def take(self, draw: Draw) -> None:
        """Go on behind an item that began to sound.

        One that was drawn before the playlist changed is looked for; where it is gone, nothing changes.
        """
        stays = draw.index < len(self._items) and self._items[draw.index].id == draw.item.id
        index = draw.index if stays else self._left(draw.item)
        if index >= 0:
            self._way.take(index, draw.round)

    def _left(self, item: Item) -> int:
        drawn = self._way.drawn
        left = (index for index in self._way.entries if not is_set(drawn, index))
        return next((index for index in left if self._items[index].id == item.id), -1)

    def carry_over(self, old: "Rotation") -> None:
        """Go on where the rotation of an older version of the playlist is.

        By chance, what came in this round does not come again in it.  In order, it goes on behind the
        last item that is still there.
        """
        state = old.state
        if state.digest == self._digest:
            self._way.resume(state.round, state.position, state.drawn)
        elif old.playlist.order is not self.playlist.order:
            self._way.resume(state.round + 1, 0, b"")
        elif self.playlist.order is Order.SEQUENTIAL:
            self._way.resume(state.round, self._behind(old.playlist.entries[: state.position]), b"")
        else:
            self._way.resume(state.round, state.position, self._drawn_again(old.playlist, state.drawn))

    def _behind(self, played: Sequence[Entry]) -> int:
        places = _places(self.playlist.entries)
        came = _places(played)
        for item in reversed([entry.item for entry in played]):
            if item in places:
                return 1 + places[item][min(len(came[item]), len(places[item])) - 1]
        return 0

    def _drawn_again(self, old: Playlist, drawn: bytes) -> bytes:
        came = Counter(entry.item for index, entry in enumerate(old.entries) if is_set(drawn, index))
        again: list[int] = []
        for index, entry in enumerate(self.playlist.entries):
            if came[entry.item]:
                came[entry.item] -= 1
                again.append(index)
        return bitmap(again, len(self.playlist.entries))


_NOTHING = Item(id="nothing", location="", kind=ItemKind.SKIP)
_WORST = (Fault(item=True, minutes=True, title=True, artist=True, minutes_short=Seconds(inf)), 0)


def _why(apart: Apart, fault: Fault) -> str:
    return apart.why(fault) if fault.rules else "an artist with more songs left has to come first"


def _places(entries: Iterable[Entry]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        places.setdefault(entry.item, []).append(index)
    return places


def _digest(playlist: Playlist) -> str:
    ids = (entry.item for entry in playlist.entries)
    return sha256("\0".join((playlist.order, *ids)).encode()).hexdigest()[:16]
