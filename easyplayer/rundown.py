"""The rundown: what is on air, and what comes after it, as far as that is settled.

What comes next is settled as soon as an item sounds, for the instant at which that will be over, and
anew whenever that instant moves.
"""

from collections.abc import Callable

from msgspec import Struct, structs

from easyplayer.component import Clock
from easyplayer.playout.engine import Following
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, PreparedItem
from easyplayer.playout.transition import length_s
from easyplayer.repertoire import OnAir, Repertoire
from easyplayer.units import Instant, Seconds

MOVED_S = Seconds(1.0)
"""What was decided for an instant so far from the one at which it will come is decided anew."""
PUSH_AHEAD_S = Seconds(30.0)
"""How long before its time the player holds what comes on the second."""
PRESSES_S = Seconds(8.0)
"""So long before the change what comes is better taken unmeasured than waited for."""
LONG_AGO = Instant(float("-inf"))


class Coming(Struct, frozen=True):
    """What comes next.

    :ivar start_s: position to start at; ``None`` is where it begins.
    :ivar gives_way_at: when what plays gives way to it; ``None`` is when that is over.
    :ivar at_once: whether that is now, and not an instant of the schedule: no change of the clock moves it.
    :ivar resumed: whether it has been on air before the box was started anew.
    :ivar urgent: whether it was asked for as something that is wanted now.
    :ivar cued: whether it is ready, and the player has it.
    """

    decision: Decision
    start_s: Seconds | None = None
    gives_way_at: Instant | None = None
    at_once: bool = False
    resumed: bool = False
    urgent: bool = False
    cued: bool = False


class Rundown:
    """What sounds, and what comes next.

    :param clock: the monotonic clock.
    :param wall: tells the wall clock's time.
    :ivar coming: what comes next; ``None`` while that is not settled.
    :ivar before: the item that sounded before the one on air, or last.
    """

    def __init__(self, repertoire: Repertoire, clock: Clock, wall: Callable[[], Instant]) -> None:
        self.coming: Coming | None = None
        self.before: Item | None = None
        self._repertoire = repertoire
        self._clock = clock
        self._wall = wall
        self._sounding: list[OnAir] = []
        self._floor_until = LONG_AGO

    # -- what sounds ---------------------------------------------------------------------------

    @property
    def on_air(self) -> OnAir | None:
        """What sounds; of two that cross, the one that comes."""
        return self._sounding[-1] if self._sounding else None

    @property
    def held_up(self) -> bool:
        """Whether nothing sounds because a spot has the floor."""
        return not self._sounding and self._floor_until > self._wall()

    def start(self, prepared: PreparedItem, position_s: Seconds) -> OnAir | None:
        """Learn that what was to come has begun; ``None`` where that goes on which was on air already."""
        coming = self.coming
        if coming is None or coming.decision.item.id != prepared.item.id:
            return None
        self.coming = None
        on_air = OnAir(coming.decision, prepared, position_s, self._clock(), resumed=coming.resumed)
        self._sounding.append(on_air)
        self._repertoire.take(on_air, self._wall())
        return on_air

    def advance(self, prepared: PreparedItem, position_s: Seconds) -> OnAir | None:
        """Learn how far what is on air has come; ``None`` where it is something else."""
        on_air = self.on_air
        if on_air is None or on_air.prepared.item.id != prepared.item.id:
            return None
        on_air.prepared, on_air.position_s, on_air.heard_at = prepared, position_s, self._clock()
        return on_air

    def finish(self, prepared: PreparedItem) -> None:
        """Learn that something sounds no more."""
        over = next((one for one in self._sounding if one.prepared.item.id == prepared.item.id), None)
        if over is not None:
            self.before = over.decision.item
            self._sounding.remove(over)

    def give_floor(self, spot: PreparedItem | None) -> None:
        """Learn that a spot sounds over the music, or, by ``None``, that it is over."""
        self._floor_until = LONG_AGO if spot is None else Instant(self._wall() + (length_s(spot) or 0.0))

    # -- what comes ----------------------------------------------------------------------------

    def settle(self, *, urgent: bool) -> tuple[bool, Coming | None]:
        """Settle what comes next: after what is on air, or now.

        :returns: whether there is anything, and what it is; nothing yet where it is far off.
        """
        following = self._following(urgent=urgent)
        if following is None:
            return False, None
        at = following.gives_way_at
        far = at is not None and at - self._wall() > PUSH_AHEAD_S
        return True, None if far else _coming(following)

    def resettle(self) -> Coming | None:
        """Settle it anew; ``None`` where it stays as it is.

        What must come now still must: the instant at which it should have come is past, and no plan names it.
        """
        before = self.coming
        if before is None or before.resumed:
            return None
        if before.at_once:
            now = self.now()
            return now if now is not None and now.decision.item.id != before.decision.item.id else None
        if self.is_overdue(before) and self.is_due(before.decision):
            return None
        following = self._following(urgent=False)
        if following is None:
            return None
        coming = structs.replace(_coming(following), urgent=before.urgent, cued=before.cued)
        if (coming.decision.item.id, coming.gives_way_at) != (before.decision.item.id, before.gives_way_at):
            return coming
        self.coming = coming
        return None

    def now(self) -> Coming | None:
        """Tell what should sound now, in place of what does."""
        decision = self._repertoire.next(self._wall())
        return None if decision is None else self._now(decision)

    def instead(self, failed: Coming) -> Coming | None:
        """Tell what should sound now in place of what should, and cannot be played.

        :returns: ``None`` where that can wait until what plays is over.
        """
        due = self._due_beside(failed.decision) if self.is_overdue(failed) else None
        return None if due is None or due.origin != failed.decision.origin else self._now(due)

    def is_overdue(self, coming: Coming) -> bool:
        """Tell whether the instant has come at which what plays gives way to something."""
        at = coming.gives_way_at
        return coming.at_once or (at is not None and at <= self._wall())

    def is_due(self, decision: Decision) -> bool:
        """Tell whether that from which something was taken has the word now."""
        due = self._due_beside(decision)
        return due is not None and due.origin == decision.origin

    def awaits(self, prepared: PreparedItem) -> bool:
        """Tell whether an item is the one that comes next, and the player does not have it yet."""
        coming = self.coming
        return coming is not None and not coming.cued and coming.decision.item.id == prepared.item.id

    def has_moved(self) -> bool:
        """Tell whether the instant has moved that what comes next was chosen for."""
        on_air, coming = self.on_air, self.coming
        if on_air is None or coming is None or coming.gives_way_at is not None:
            return False
        over = self._repertoire.over_at(on_air, self._wall())
        return over is not None and abs(over - coming.decision.at) > MOVED_S

    def pressing(self) -> Coming | None:
        """Find what must come soon and is not ready, because a look at its medium takes so long."""
        on_air, coming = self.on_air, self.coming
        if on_air is None or coming is None or coming.cued or coming.urgent:
            return None
        if on_air.prepared.cue_out_s is None and on_air.position_s < PRESSES_S:
            return None  # nobody knows its end yet; it is being looked at itself
        ends = self._repertoire.over_at(on_air, self._wall()), coming.gives_way_at
        soon = self._wall() + PRESSES_S
        presses = any(end is not None and end <= soon for end in ends)
        return structs.replace(coming, urgent=True) if presses else None

    def stream_back(self) -> Coming | None:
        """Find a stream that should sound now, gave way because it had failed, and may be there again."""
        on_air, coming = self.on_air, self.coming
        if on_air is None or not on_air.decision.beaten:
            return None
        decision = self._repertoire.next(self._wall())
        if decision is None or not decision.item.endless:
            return None
        if coming is not None and coming.decision.item.id == decision.item.id:
            return None
        source = decision.origin.layer, decision.origin.source
        gave_way = source in {(one.layer, one.source) for one in on_air.decision.beaten}
        return Coming(decision, gives_way_at=self._wall()) if gave_way else None

    def _now(self, decision: Decision) -> Coming:
        if not self._sounding:
            return Coming(decision)
        return Coming(decision, gives_way_at=self._wall(), at_once=True)

    def _due_beside(self, decision: Decision) -> Decision | None:
        """Tell what has the word now; a spot between two songs takes it from none of them."""
        spots = decision.origin.layer is Layer.SOFT_SPOT
        return self._repertoire.next(self._wall(), spots=spots)

    def _following(self, *, urgent: bool) -> Following | None:
        if self.on_air is not None and not urgent:
            return self._repertoire.following(self.on_air, self._wall())
        decision = self._repertoire.next(max(self._wall(), self._floor_until))
        return None if decision is None else Following(decision, None)


def _coming(following: Following) -> Coming:
    return Coming(following.decision, gives_way_at=following.gives_way_at)
