"""What the box can play: its program, what of it has failed lately, and the firmware's own music below it."""

import logging

from msgspec import Struct, structs

from easyplayer.component import Clock
from easyplayer.playout.catalogue import Program
from easyplayer.playout.engine import Engine, EngineState, Following
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem, Sense
from easyplayer.playout.listing import listed
from easyplayer.playout.pictures import only_seen
from easyplayer.playout.transition import Rules, alone_s
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

FILE_RESTS_S = (Seconds(60.0), Seconds(600.0))
"""How long a file is left alone that failed once, and again: once may be a moment in which all was slow."""
STREAM_RESTS_S = Seconds(15.0)
FORGIVEN_AFTER_S = Seconds(3600.0)
"""A failure that is so long ago does not count any more."""
IN_VAIN_AFTER = 2
HELD_AFTER_S = Seconds(1.0)
"""What plays is heard of three times a second; if not for so long, somebody holds it."""
SILENT_TOO_LONG_S = Seconds(4.0)
"""Items that fail in a row, and take so long for it, lie on a dead disk or share."""


class OnAir(Struct):
    """What plays, and where it was when it was last heard of.

    :ivar heard_at: the monotonic instant of that.
    :ivar taken: whether the engine knows.
    :ivar resumed: whether it goes on after a restart.
    """

    decision: Decision
    prepared: PreparedItem
    position_s: Seconds
    heard_at: Monotonic
    taken: bool = False
    resumed: bool = False


class Failure(Struct, frozen=True):
    """An item that failed.

    :ivar at: when it did, the last time.
    :ivar times: how often, with no long time between.
    """

    at: Monotonic
    times: int = 1


class Repertoire:
    """Decides by the program, and by the firmware's own music where the program has nothing.

    :param clock: the monotonic clock.
    :param once: whether each place of the list comes only once.
    :param sense: what it decides for.
    :ivar engine: decides by the program; ``None`` while there is none.
    :ivar reserve: decides among what the firmware brings along; ``None`` until that is there.
    :ivar blind: whether nobody can trust the wall clock.
    :ivar falling_back: whether the last decision was one of the reserve's, or would have been.
    """

    def __init__(self, rules: Rules, clock: Clock, *, once: bool, sense: Sense = Sense.EAR) -> None:
        self.engine: Engine | None = None
        self.reserve: Engine | None = None
        self.blind = False
        self.falling_back = False
        self._rules = rules
        self._clock = clock
        self._once = once
        self._sense = sense
        self._remembered = EngineState()
        self._last_place = -1
        self._failed: dict[str, Failure] = {}
        self._failed_in_row = 0
        self._heard_at = clock()

    # -- the program ---------------------------------------------------------------------------

    def remember(self, state: EngineState) -> None:
        """Learn where the first program stood before the box was started."""
        self._remembered = state

    def take_program(self, program: Program) -> Engine:
        """Play by a program from now on."""
        before, self.engine = self.engine, Engine(program, self._remembered, sense=self._sense)
        self._remembered = EngineState()
        if before is not None:
            self.engine.carry_over(before)
        self._failed.clear()
        return self.engine

    def take_reserve(self, items: tuple[Item, ...]) -> None:
        """Learn what the firmware brings along."""
        self.reserve = Engine(listed(items))

    @property
    def state(self) -> EngineState:
        """Everything to be remembered; before there is a program, what was remembered of the last one."""
        return self._remembered if self.engine is None else self.engine.state

    @property
    def emergency(self) -> Item | None:
        """What plays above all else, also while there is no program."""
        return self._remembered.emergency if self.engine is None else self.engine.emergency

    def declare(self, item: Item | None) -> None:
        """Have something played above all else; ``None`` ends that."""
        if self.engine is not None:
            self.engine.emergency = item
        else:
            self._remembered = structs.replace(self._remembered, emergency=item)

    @property
    def mute(self) -> bool:
        """Whether the program is all for the eye, so that silence is meant."""
        engine = self.engine
        return engine is not None and engine.emergency is None and only_seen(engine.program)

    # -- what plays ----------------------------------------------------------------------------

    def next(self, at: Instant, *, spots: bool = True) -> Decision | None:
        """Decide what plays from an instant on; ``None`` where there is nothing to be played.

        :param spots: whether a spot that is due may go before the song.
        """
        decision = None
        if not self._tried_in_vain():
            engine = self.engine or Engine(listed(()), EngineState(emergency=self.emergency))
            decision = engine.next(at, self.unavailable, blind=self.blind, spots=spots)
        return self._once_only(decision) if self._once else self._or_reserve(decision, at)

    def following(self, on_air: OnAir, now: Instant) -> Following | None:
        """Decide what follows what is on air.

        :param now: the wall clock's time.
        """
        if self.engine is None:
            return None
        played_s, left_s = self._course_of(on_air)
        following = self.engine.following(
            on_air.decision, Instant(now - played_s), now, left_s, self.unavailable, blind=self.blind
        )
        if left_s is None or (following is not None and not self._once):
            self.falling_back = self.falling_back and following is None
            return following
        decision = self.next(Instant(now + left_s))
        return None if decision is None else Following(decision, None)

    def over_at(self, on_air: OnAir, now: Instant) -> Instant | None:
        """Tell when what is on air will begin to give way by itself; ``None`` where it has no end."""
        _, left_s = self._course_of(on_air)
        return None if left_s is None else Instant(now + left_s)

    def _course_of(self, on_air: OnAir) -> tuple[Seconds, Seconds | None]:
        """Tell for how long something has played, and for how long it has the air to itself from now."""
        prepared = on_air.prepared
        passed_s = self._clock() - on_air.heard_at
        played_s = Seconds(
            on_air.position_s - prepared.cue_in_s + (passed_s if passed_s < HELD_AFTER_S else 0.0)
        )
        if prepared.item.endless:
            return played_s, None
        lasts_s = alone_s(prepared, self._rules)
        return played_s, Seconds(max((lasts_s or 0.0) - played_s, 0.0))

    def take(self, on_air: OnAir, at: Instant) -> None:
        """Learn what began to sound."""
        engine = self.reserve if on_air.decision.origin.layer is Layer.FIRMWARE else self.engine
        if engine is not None:
            engine.take(on_air.decision, at, again=on_air.resumed)
            on_air.taken = True
            self._last_place = on_air.decision.place

    def _once_only(self, decision: Decision | None) -> Decision | None:
        """Let no place of the list come again."""
        again = decision is not None and (decision.round > 0 or decision.place <= self._last_place)
        return None if again else decision

    def _or_reserve(self, decision: Decision | None, at: Instant) -> Decision | None:
        self.falling_back = decision is None and not self.mute
        if not self.falling_back or self.reserve is None:
            return decision
        reserved = self.reserve.next(at, self.unavailable)
        return reserved and structs.replace(reserved, origin=Origin(layer=Layer.FIRMWARE, blind=self.blind))

    # -- what fails ----------------------------------------------------------------------------

    def unavailable(self, item: Item) -> str:
        """Tell why an item cannot be played now; empty where it is worth a try."""
        failure = self._failed.get(item.id)
        if failure is None:
            return ""
        rest_s = STREAM_RESTS_S if item.endless else FILE_RESTS_S[min(failure.times, len(FILE_RESTS_S)) - 1]
        return "it has failed a moment ago" if self._clock() - failure.at <= rest_s else ""

    def give_up(self, item: Item, *, played: bool = False) -> None:
        """Leave an item alone for a while.

        :param played: whether it was the player that failed to play it.
        """
        self._failed_in_row += played
        now, before = self._clock(), self._failed.get(item.id)
        times = 0 if before is None or now - before.at > FORGIVEN_AFTER_S else before.times
        self._failed[item.id] = Failure(now, times + 1)

    def hear(self) -> None:
        """Learn that something sounds."""
        self._failed_in_row = 0
        self._heard_at = self._clock()

    def try_again(self) -> None:
        """Forget the failures of the reserve, and give the program a chance again."""
        self._failed_in_row = 0
        if self.reserve is not None:
            for item in self.reserve.program.items:
                self._failed.pop(item.id, None)

    def _tried_in_vain(self) -> bool:
        """Tell whether the program has been tried for too long: something from elsewhere plays first."""
        silent_s = self._clock() - self._heard_at
        return self._failed_in_row >= IN_VAIN_AFTER and silent_s > SILENT_TOO_LONG_S and not self._once
