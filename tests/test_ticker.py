"""Deadlines are struck when they are due, in their order, and none of them stops another."""

import time
from contextlib import suppress

import pytest
from circuits import handler
from circuits.core.events import generate_events
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.component import BoxComponent
from easyplayer.ticker import Ticker, monotonic
from easyplayer.units import Monotonic, Seconds
from tests.fakes.clock import HeldClock

TURNS = 100
"""More turns of the loop than any test here needs; a box that does not come to rest fails."""

FOR_EVER = -1
"""What circuits calls a sleep without an end."""

delays = st.floats(0.0, 1e6)


class Root(BoxComponent):
    """A root of a tree that remembers what failed in it."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[str] = []

    @handler("exception")
    def _on_exception(self, _kind: object, error: object, _trace: object, **_where: object) -> None:
        self.failures.append(str(error))


def fail() -> None:
    """Do what a broken action does."""
    raise RuntimeError("this one is broken")


class Stand:
    """A ticker in a tree, on a clock that the test holds."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.root = Root()
        self.ticker = Ticker(self.clock)
        self.ticker.register(self.root)
        self.struck: list[str] = []

    def note(self, name: str) -> None:
        """Remember that a deadline was struck; deadlines call this."""
        self.struck.append(name)

    def turn(self) -> None:
        """Let the loop turn until it is quiet."""
        self.root.fire(generate_events(self.root._lock, 0), "*")
        for _ in range(TURNS):
            if not len(self.root):
                return
            self.root.flush()
        raise AssertionError(f"the loop does not come to rest in {TURNS} turns")

    def sleep(self) -> float:
        """Ask the ticker how long the loop may sleep, as the loop does; failures are its own affair."""
        asked = generate_events(self.root._lock, FOR_EVER)
        with suppress(RuntimeError):
            self.ticker._on_generate_events(asked)
        return asked.time_left

    def pass_by(self, seconds: float) -> None:
        """Let some seconds go by, and the loop turn."""
        self.clock.advance(seconds)
        self.turn()


@pytest.fixture(name="stand")
def _stand() -> Stand:
    return Stand()


def test_the_clock_is_that_of_the_machine() -> None:
    """Unless told otherwise, the ticker reads the monotonic clock, which no one can set back."""
    before = time.monotonic()
    assert before <= Ticker().clock() <= monotonic() <= time.monotonic()


class TestDeadline:
    """One thing to do at one instant."""

    def test_it_is_struck_at_its_instant_and_not_before(self, stand: Stand) -> None:
        """A moment early is too early; the instant itself is not."""
        stand.ticker.after(Seconds(2.0), lambda: stand.note("now"))
        stand.pass_by(1.5)
        assert stand.struck == []
        stand.pass_by(0.5)
        assert stand.struck == ["now"]

    def test_it_is_struck_once(self, stand: Stand) -> None:
        """What was done is not done again, however long the loop turns on."""
        deadline = stand.ticker.after(Seconds(1.0), lambda: stand.note("now"))
        stand.pass_by(1.0)
        stand.pass_by(10.0)
        assert stand.struck == ["now"]
        assert not deadline.pending

    def test_striking_it_again_does_nothing(self, stand: Stand) -> None:
        """It keeps its promise once, whoever strikes it."""
        deadline = stand.ticker.after(Seconds(1.0), lambda: stand.note("now"))
        deadline.strike()
        stand.pass_by(1.0)
        deadline.strike()
        assert stand.struck == ["now"]

    def test_an_instant_that_has_passed_is_struck_at_the_next_turn(self, stand: Stand) -> None:
        """Who asks too late is served at once, but not within the asking."""
        stand.ticker.at(Monotonic(stand.clock() - 5.0), lambda: stand.note("late"))
        assert stand.struck == []
        stand.turn()
        assert stand.struck == ["late"]

    def test_it_knows_its_instant(self, stand: Stand) -> None:
        """What is left of it can be told at any time."""
        deadline = stand.ticker.after(Seconds(3.0), lambda: None)
        assert deadline.at == stand.clock() + 3.0
        assert deadline.pending

    def test_one_that_is_cancelled_is_never_struck(self, stand: Stand) -> None:
        """A change of mind costs nothing, and neither does a second one."""
        deadline = stand.ticker.after(Seconds(1.0), lambda: stand.note("no"))
        deadline.cancel()
        deadline.cancel()
        stand.pass_by(2.0)
        assert stand.struck == []
        assert not deadline.pending

    def test_a_deadline_may_cancel_another_of_the_same_instant(self, stand: Stand) -> None:
        """The first of two that are due at once has the say over the second."""
        stand.ticker.after(Seconds(1.0), lambda: (stand.note("first"), second.cancel()))
        second = stand.ticker.after(Seconds(1.0), lambda: stand.note("second"))
        stand.pass_by(1.0)
        assert stand.struck == ["first"]

    def test_a_deadline_may_set_another(self, stand: Stand) -> None:
        """One that is due already is struck in the same turn."""
        stand.ticker.after(Seconds(1.0), lambda: stand.ticker.after(Seconds(0.0), lambda: stand.note("then")))
        stand.pass_by(1.0)
        assert stand.struck == ["then"]


class TestOrder:
    """Many deadlines."""

    def test_those_of_one_instant_are_struck_as_they_were_asked(self, stand: Stand) -> None:
        """What was asked first is done first."""
        instant = Monotonic(stand.clock() + 1.0)
        for name in ("a", "b", "c"):
            stand.ticker.at(instant, lambda name=name: stand.note(name))
        stand.pass_by(1.0)
        assert stand.struck == ["a", "b", "c"]

    @given(st.lists(delays, max_size=20))
    def test_all_are_struck_in_the_order_of_their_instants(self, asked: list[float]) -> None:
        """However they were asked for, a long turn of the loop strikes them earliest first."""
        stand, struck = Stand(), []
        for number, delay in enumerate(asked):
            stand.ticker.after(Seconds(delay), lambda due=(delay, number): struck.append(due))
        stand.pass_by(max(asked, default=0.0) + 1.0)
        instants = [stand.clock() + delay for delay, _ in struck]
        assert len(struck) == len(asked)
        assert instants == sorted(instants)

    @given(st.lists(st.tuples(delays, st.booleans()), max_size=20), delays)
    def test_exactly_those_that_are_due_and_wanted_are_struck(
        self, asked: list[tuple[float, bool]], passed: float
    ) -> None:
        """Cancelled ones in between hide no other, and nothing comes early."""
        stand, struck = Stand(), set()
        for number, (delay, wanted) in enumerate(asked):
            deadline = stand.ticker.after(Seconds(delay), lambda number=number: struck.add(number))
            if not wanted:
                deadline.cancel()
        begin = stand.clock()
        stand.pass_by(passed)
        assert struck == {
            number
            for number, (delay, wanted) in enumerate(asked)
            if wanted and begin + delay <= stand.clock()
        }


class TestSleep:
    """How long the loop may sleep."""

    def test_the_loop_sleeps_until_the_next_deadline(self, stand: Stand) -> None:
        """Not a moment longer, whatever else there would be to wait for."""
        stand.ticker.after(Seconds(9.0), lambda: None)
        stand.ticker.after(Seconds(0.25), lambda: None)
        assert stand.sleep() == 0.25

    def test_without_deadlines_it_may_sleep_for_ever(self, stand: Stand) -> None:
        """An idle box costs nothing; a cancelled deadline wakes nobody."""
        stand.ticker.after(Seconds(1.0), lambda: None).cancel()
        assert stand.sleep() == FOR_EVER

    def test_after_a_deadline_it_does_not_sleep(self, stand: Stand) -> None:
        """What was struck may have fired something that is to be handled now."""
        stand.ticker.after(Seconds(1.0), lambda: None)
        stand.ticker.after(Seconds(9.0), lambda: None)
        stand.clock.advance(1.0)
        assert stand.sleep() == 0

    def test_after_a_deadline_that_failed_it_does_not_sleep_either(self, stand: Stand) -> None:
        """What was due behind it is not kept waiting."""
        stand.ticker.after(Seconds(1.0), fail)
        stand.ticker.after(Seconds(1.0), lambda: None)
        stand.clock.advance(1.0)
        assert stand.sleep() == 0


class TestFailure:
    """Actions that raise."""

    def test_one_that_raises_does_not_stop_the_others(self, stand: Stand) -> None:
        """The failure is known, and whatever else is due comes without delay."""
        stand.ticker.after(Seconds(1.0), fail)
        stand.ticker.after(Seconds(1.0), lambda: stand.note("the next"))
        stand.pass_by(1.0)
        stand.turn()
        assert stand.struck == ["the next"]
        assert stand.root.failures == ["this one is broken"]

    def test_one_that_raises_is_not_tried_again(self, stand: Stand) -> None:
        """A broken action does not fill the log."""
        stand.ticker.after(Seconds(1.0), fail)
        for _ in range(3):
            stand.pass_by(1.0)
        assert len(stand.root.failures) == 1

    def test_a_repetition_that_raises_goes_on(self, stand: Stand) -> None:
        """One bad period does not end a watch."""
        stand.ticker.every(Seconds(1.0), fail)
        for _ in range(3):
            stand.pass_by(1.0)
        assert stand.root.failures == ["this one is broken"] * 3


class TestRepeating:
    """The same thing again and again."""

    def test_it_comes_first_after_one_period(self, stand: Stand) -> None:
        """Who wants it at once as well does it at once as well."""
        stand.ticker.every(Seconds(1.0), lambda: stand.note("tick"))
        stand.turn()
        assert stand.struck == []
        stand.pass_by(1.0)
        assert stand.struck == ["tick"]

    def test_it_does_not_drift(self, stand: Stand) -> None:
        """A loop that is always a little late is still right after a thousand periods."""
        instants: list[float] = []
        stand.ticker.every(Seconds(0.1), lambda: instants.append(stand.clock()))
        first = stand.clock() + 0.1 + 0.04
        stand.clock.advance(0.04)
        for _ in range(1000):
            stand.pass_by(0.1)
        assert len(instants) == 1000
        assert (instants[0], instants[-1]) == pytest.approx((first, first + 99.9))

    def test_periods_that_were_missed_are_left_out(self, stand: Stand) -> None:
        """After a loop that hung, it is done once, and then each period again."""
        stand.ticker.every(Seconds(1.0), lambda: stand.note("tick"))
        stand.pass_by(7.3)
        assert stand.struck == ["tick"]
        stand.pass_by(0.9)
        assert stand.struck == ["tick"]
        stand.pass_by(0.2)
        assert stand.struck == ["tick", "tick"]

    @given(st.lists(st.floats(0.0, 30.0), max_size=30), st.floats(0.1, 10.0))
    def test_a_turn_strikes_it_once_at_most(self, steps: list[float], period_s: float) -> None:
        """However unevenly the loop turns, there are never more periods than time has passed."""
        stand, instants = Stand(), []
        began_at = stand.clock()
        stand.ticker.every(Seconds(period_s), lambda: instants.append(stand.clock()))
        for step in steps:
            before = len(instants)
            stand.pass_by(step)
            assert len(instants) <= before + 1
        assert len(instants) <= (stand.clock() - began_at) / period_s + 1e-6

    def test_it_ends_when_it_is_cancelled(self, stand: Stand) -> None:
        """From then on there is nothing, not once more."""
        repeating = stand.ticker.every(Seconds(1.0), lambda: stand.note("tick"))
        stand.pass_by(1.0)
        repeating.cancel()
        stand.pass_by(5.0)
        assert stand.struck == ["tick"]

    def test_it_may_end_itself(self, stand: Stand) -> None:
        """What it was waiting for has come."""

        def last() -> None:
            stand.note("tick")
            repeating.cancel()

        repeating = stand.ticker.every(Seconds(1.0), last)
        for _ in range(3):
            stand.pass_by(1.0)
        assert stand.struck == ["tick"]
