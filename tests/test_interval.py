"""When the hub is asked next."""

from random import Random

from easyplayer.interval import PATIENCE_S, SOON_S, Interval
from easyplayer.pacing import FIRST_S, LONGEST_WAIT_S, SPREAD, Pacing
from easyplayer.units import Seconds
from tests.house import Stage

USUAL_S, LIVE_S = 30.0, Seconds(300.0)
LATEST_S = USUAL_S * (1 + SPREAD)
STEP_S = 0.25


class Asker(Stage):
    """An interval, and a hub that answers at once unless it is said otherwise.

    :ivar asked: when it was asked.
    :ivar mood: what comes of a question: an answer, a failure, or nothing yet.
    """

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.asked: list[float] = []
        self.given_up = 0
        self.mood = "answers"
        self.stretches = True
        self.interval = Interval(Pacing(Random(seed)), self.ticker, self._ask, self._give_up)

    def _ask(self) -> None:
        self.asked.append(self.clock())
        if self.mood == "answers":
            self.answer()
        elif self.mood == "fails":
            self.interval.failed(None)

    def answer(self) -> None:
        """Answer what is asked."""
        self.interval.over()
        self.interval.answered(USUAL_S, stretches=self.stretches)

    def _give_up(self) -> None:
        self.given_up += 1
        self.interval.failed(None)

    def wait(self, seconds: float) -> int:
        """Let time pass; tell how often it was asked."""
        before = len(self.asked)
        self.run_for(seconds, STEP_S)
        return len(self.asked) - before

    def begun(self) -> "Asker":
        """Let the first question be answered."""
        self.interval.begin()
        self.wait(FIRST_S + STEP_S)
        assert len(self.asked) == 1
        return self


class TestUsual:
    """A box without a live channel."""

    def test_it_asks_as_the_hub_wishes(self) -> None:
        """More or less."""
        assert Asker().begun().wait(10 * USUAL_S) in range(9, 12)

    def test_it_asks_one_question_at_a_time(self) -> None:
        """Whatever is wished meanwhile is asked when that is over."""
        one = Asker().begun()
        one.mood = "thinks"
        one.wait(LATEST_S + 1)
        one.interval.soon()
        one.interval.within(0.0)
        assert one.wait(20) == 0
        one.mood = "answers"
        one.answer()

        assert one.wait(SOON_S + STEP_S) == 1
        assert one.wait(20) == 0

    def test_it_asks_soon_but_not_twice_in_a_second(self) -> None:
        """Though there are many reasons."""
        one = Asker().begun()
        one.wait(5)
        for _ in range(5):
            one.interval.soon()
            one.settle()
        assert len(one.asked) == 2
        one.interval.soon()
        assert one.wait(SOON_S / 2) == 0
        assert one.wait(SOON_S) == 1

    def test_what_hangs_is_given_up(self) -> None:
        """And is a failure."""
        one = Asker().begun()
        one.mood = "thinks"
        one.wait(LATEST_S + PATIENCE_S + 1)

        assert one.given_up == 1
        assert one.interval.fails

    def test_the_end_is_the_end(self) -> None:
        """Nothing is asked any more."""
        one = Asker().begun()
        one.interval.end()
        assert one.wait(600) == 0


class TestFailures:
    """A hub that does not answer."""

    def test_it_is_not_asked_soon_without_a_reason(self) -> None:
        """There is one where somebody has found it back."""
        one = Asker().begun()
        one.mood = "fails"
        one.wait(10 * LONGEST_WAIT_S)
        one.interval.soon()
        assert one.wait(SOON_S) == 0
        one.mood = "answers"
        one.interval.soon(although_it_failed=True)

        assert one.wait(SOON_S) == 1

    def test_one_that_wants_to_be_left_alone_is_not_woken_either(self) -> None:
        """Unless all begins anew."""
        one = Asker().begun()
        one.interval.failed(Seconds(600.0))
        one.interval.within(0.0)
        one.interval.stretch(LIVE_S)
        one.interval.relax()
        assert one.wait(599) == 0
        one.interval.failed(Seconds(600.0))
        one.interval.begin_anew()

        assert one.wait(SOON_S) == 1

    def test_what_hangs_and_is_wished_soon_is_asked_when_chance_wants_it_after_a_failure(self) -> None:
        """A wish of before does not make up for that."""
        one = Asker().begun()
        one.mood = "thinks"
        one.wait(LATEST_S + 1)
        one.interval.soon()
        one.mood = "fails"
        one.interval.failed(Seconds(60.0))

        assert one.wait(60) == 0

    def test_what_hangs_while_all_begins_anew_does_not_count(self) -> None:
        """It was asked of a hub that is forgotten; what fails afterwards counts as ever."""
        one = Asker().begun()
        one.mood = "thinks"
        one.wait(LATEST_S + 1)
        one.interval.begin_anew()
        assert one.wait(5) == 0
        one.interval.failed(Seconds(600.0))
        assert one.wait(SOON_S) == 1
        one.interval.failed(Seconds(600.0))

        assert one.wait(600) == 0

    def test_a_failure_is_a_failure_whatever_is_live(self) -> None:
        """The next question comes as soon as it would without a channel."""
        waits = []
        for seed in range(30):
            one = Asker(seed)
            one.interval.stretch(LIVE_S)
            one.interval.answered(USUAL_S)
            one.interval.failed(None)
            since = one.clock()
            assert one.wait(USUAL_S + 1) == 1
            waits.append(one.asked[0] - since)
        assert max(waits) > USUAL_S / 2


class TestLive:
    """While the channel is live."""

    def test_what_was_set_stays_and_then_it_is_asked_less_often(self) -> None:
        """So nothing that happened just before the channel came up waits for long."""
        one = Asker().begun()
        one.interval.stretch(LIVE_S)
        assert one.wait(LATEST_S + 1) == 1
        assert one.wait(10 * LIVE_S) in range(9, 12)

    def test_a_hub_that_wants_the_whole_status_gets_it_as_usual(self) -> None:
        """The answer says so."""
        one = Asker().begun()
        one.interval.stretch(LIVE_S)
        one.stretches = False
        assert one.wait(10 * USUAL_S) in range(9, 12)

    def test_a_hub_with_a_longer_interval_than_that_keeps_it(self) -> None:
        """A channel never makes heartbeats more frequent."""
        one = Asker().begun()
        one.interval.stretch(Seconds(1.0))
        assert one.wait(10 * USUAL_S) in range(9, 12)

    def test_it_goes_back_to_usual_at_random(self) -> None:
        """A thousand boxes that lose their line in one second do not ask in that second."""
        waits = []
        for seed in range(200):
            one = Asker(seed)
            one.interval.answered(USUAL_S)
            one.interval.stretch(LIVE_S)
            one.interval.answered(USUAL_S)
            one.interval.relax()
            since = one.clock()
            one.run_for(2 * USUAL_S + 1, step_s=1.0)
            waits.append(one.asked[0] - since)

        assert max(sum(at < wait <= at + 6 for wait in waits) for at in range(0, 60, 6)) < 35
        assert min(sum(at < wait <= at + 6 for wait in waits) for at in range(0, 60, 6)) > 8

    def test_the_interval_is_the_usual_one_afterwards(self) -> None:
        """As long as there is no channel."""
        one = Asker().begun()
        one.interval.stretch(LIVE_S)
        one.wait(LATEST_S + 1)
        one.interval.relax()
        assert one.wait(20 * USUAL_S) in range(17, 24)

    def test_losing_what_there_was_not_changes_nothing(self) -> None:
        """A channel that does not come up is told, too."""
        one, other = Asker().begun(), Asker().begun()
        one.interval.relax()
        one.wait(300)
        other.wait(300)
        assert one.asked == other.asked

    def test_a_hub_that_did_not_answer_and_opens_a_line_is_there(self) -> None:
        """It is asked within an interval, not when all waits are over."""
        one = Asker().begun()
        one.mood = "fails"
        one.wait(20 * LONGEST_WAIT_S)
        one.mood = "answers"
        one.interval.stretch(LIVE_S)
        assert one.wait(USUAL_S + 1) == 1

    def test_it_is_woken_within_the_time_that_is_said(self) -> None:
        """At an instant that chance draws."""
        waits = []
        for seed in range(30):
            one = Asker(seed).begun()
            one.interval.stretch(LIVE_S)
            one.wait(LATEST_S + 5)
            one.interval.within(10.0)
            since = one.clock()
            assert one.wait(10 + STEP_S) == 1
            waits.append(one.asked[-1] - since)

        assert min(waits) < 2
        assert max(waits) > 8
