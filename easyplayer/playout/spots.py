"""What is said between the songs: which spot comes, and with which of its items.

Nothing is drawn by chance.  Of those that are due the one with the highest priority comes, then the
one that was heard the longest ago, then the id that comes first in the alphabet.
"""

import math
from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from easyplayer.playout.calendar import covering_day, zone_of
from easyplayer.playout.catalogue import Program, Sharp, Spot
from easyplayer.playout.items import Item
from easyplayer.playout.rotation import MOST_PASSED, Passed
from easyplayer.playout.spot_past import Moment, SpotPast, came, is_ahead, limit, reason, set_back, turn
from easyplayer.units import Instant

KEPT_S = 2 * 86_400
"""How long a spot is remembered that the program does not have any more."""
MOST_STRANGERS = 100
UNHEARD = SpotPast()

Unavailable = Callable[[Item], str]


class SpotState(Struct, frozen=True, kw_only=True):
    """What is remembered of all spots.

    :ivar songs: how many songs have started.
    :ivar pasts: what is remembered of each, by its id.
    """

    songs: int = 0
    pasts: dict[str, SpotPast] = {}


class SpotDraw(Struct, frozen=True, kw_only=True):
    """The spot that comes.

    :ivar why: what made it due, in words.
    :ivar passed: items that could not be played, of this spot and of those before it.
    """

    spot: Spot
    item: Item
    why: str
    passed: tuple[Passed, ...] = ()


class Spots:
    """The spots of one program.

    :param state: what is remembered of them.
    """

    def __init__(self, program: Program, state: SpotState | None = None) -> None:
        state = state or SpotState()
        self._zone = zone_of(program.zone)
        self._items = {item.id: item for item in program.items}
        self._spots = {spot.id: spot for spot in program.spots}
        self._soft = [spot for spot in program.spots if not isinstance(spot.when, Sharp)]
        self._songs = state.songs
        self._pasts = dict(state.pasts)
        self._order_starts()

    @property
    def state(self) -> SpotState:
        """What is to be remembered."""
        return SpotState(songs=self._songs, pasts=dict(self._pasts))

    # -- what comes ----------------------------------------------------------------------------

    def due(
        self, at: Instant, unavailable: Unavailable | None = None, coming: Instant | None = None
    ) -> SpotDraw | None:
        """Tell the spot that goes between two songs at an instant; nothing is changed by asking.

        :param unavailable: tells why an item cannot be played; empty where it can.
        :param coming: when the next spot comes that comes on the second, if one is known.
        """
        passed: list[Passed] = []
        for spot, why in self._ripe(Moment.of(at, self._zone), coming):
            item = self._in_turn(spot, unavailable, passed)
            if item is not None:
                return SpotDraw(spot=spot, item=item, why=why, passed=tuple(passed[:MOST_PASSED]))
        return None

    def item_of(self, spot: Spot, unavailable: Unavailable | None = None) -> Item | None:
        """Tell the item of a spot whose turn it is; ``None`` where none can be played."""
        return self._in_turn(spot, unavailable, [])

    def limit(self, spot: Spot, at: Instant, settled: Iterable[Instant] = ()) -> str:
        """Tell, in words, which limit a spot has come up to at an instant; empty where it may come.

        :param settled: when it comes before that, as is settled already, and has not been heard yet.
        """
        past = self._pasts.get(spot.id, UNHEARD)
        for one in settled:
            past = came(spot, past, past.item, self._songs, Moment.of(one, self._zone))
        return limit(spot, past, Moment.of(at, self._zone))

    def _ripe(self, moment: Moment, coming: Instant | None) -> list[tuple[Spot, str]]:
        """Give the spots that may come now, and what makes them due; first the one that comes first."""
        ripe = []
        for spot in self._soft:
            past = self._pasts.get(spot.id, UNHEARD)
            why = reason(spot, past, self._songs, moment)
            if why and self._may_come(spot, past, moment, coming):
                known = past.since is not None and moment.believes(past.since)
                ripe.append(((-spot.priority, past.since if known else -math.inf, spot.id), spot, why))
        return [(spot, why) for _rank, spot, why in sorted(ripe, key=lambda one: one[0])]

    def _may_come(self, spot: Spot, past: SpotPast, moment: Moment, coming: Instant | None) -> bool:
        return (
            not limit(spot, past, moment)
            and covering_day(spot.slot, moment.local) is not None
            and self._keeps_apart(spot, moment, coming)
        )

    def _keeps_apart(self, spot: Spot, moment: Moment, coming: Instant | None) -> bool:
        apart_s = 60 * spot.apart_minutes
        if coming is not None and 0 <= coming - moment.at < apart_s:
            return False
        others = (at for at, other in self._starts if other != spot.id and moment.believes(at))
        return moment.at - next(others, -math.inf) >= apart_s

    def _in_turn(self, spot: Spot, unavailable: Unavailable | None, passed: list[Passed]) -> Item | None:
        """Find the first item, from the one whose turn it is, that can be played; tell of those before it."""
        first = turn(spot, self._pasts.get(spot.id, UNHEARD))
        for item_id in (*spot.items[first:], *spot.items[:first]):
            item = self._items.get(item_id)
            why_not = _silence(item) or (unavailable(item) if unavailable and item else "")
            if not why_not:
                return item
            passed.append(Passed(item_id, why_not))
        return None

    # -- what was played -----------------------------------------------------------------------

    def song_started(self, at: Instant) -> None:
        """Learn that a song began to sound."""
        self._set_right(Moment.of(at, self._zone))
        for spot in self._soft:
            if spot.id not in self._pasts:
                self._pasts[spot.id] = SpotPast(since=at, songs=self._songs)
        self._songs += 1

    def spot_started(self, spot_id: str, item_id: str, at: Instant) -> None:
        """Learn that a spot began to sound, between two songs or on the second."""
        moment = Moment.of(at, self._zone)
        self._set_right(moment)
        spot, past = self._spots.get(spot_id), self._pasts.get(spot_id, UNHEARD)
        if spot is None:
            self._pasts[spot_id] = structs.replace(past, since=at, came=True)
        else:
            self._pasts[spot_id] = came(spot, past, item_id, self._songs, moment)
        self._forget_strangers(at)
        self._order_starts()

    def _set_right(self, moment: Moment) -> None:
        """Where the clock was set back, bring back the times that have not come yet."""
        ahead = {spot_id: past for spot_id, past in self._pasts.items() if is_ahead(past, moment)}
        if ahead:
            self._pasts.update((spot_id, set_back(past, moment)) for spot_id, past in ahead.items())
            self._order_starts()

    def _forget_strangers(self, at: Instant) -> None:
        """Forget the spots that the program does not have any more, after some time."""
        strangers = sorted(
            (at - past.since, one)
            for one, past in self._pasts.items()
            if one not in self._spots and past.since is not None
        )
        for number, (age_s, spot_id) in enumerate(strangers):
            if age_s > KEPT_S or number >= MOST_STRANGERS:
                del self._pasts[spot_id]

    def _order_starts(self) -> None:
        """Put all starts in order, the latest first."""
        starts = (
            (past.since, one) for one, past in self._pasts.items() if past.came and past.since is not None
        )
        self._starts = sorted(starts, reverse=True)


def _silence(item: Item | None) -> str:
    """Tell why an item is no spot at all; empty where it is one."""
    if item is None:
        return "the program does not have it"
    if not item.sounding:
        return f"nothing of it can be heard: it is a {item.kind}"
    return "it has no end" if item.endless else ""
