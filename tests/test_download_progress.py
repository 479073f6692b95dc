"""How far downloads are, and how often that is told."""

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.agenda import Agenda, Moment
from easyplayer.carriers import Carriers
from easyplayer.download_progress import TELL_EVERY_S, WINDOW_S, Progress, Speed, Telling
from easyplayer.fetch_hours import FetchHours
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.protocol.heartbeat import Download
from easyplayer.stocktaking import Demand
from easyplayer.storage_events import storage_changed
from easyplayer.throttle import Throttle
from easyplayer.units import Monotonic
from tests.fakes.clock import HeldClock
from tests.fakes.hub_media import head_of
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage

A, B = "a" * 64, "b" * 64


class TestSpeed:
    """How fast bytes come."""

    def test_it_is_what_came_lately(self) -> None:
        """A line that was fast a minute ago is not fast."""
        speed = Speed()
        for second in range(60):
            speed.note(1000 * min(second, 30), Monotonic(float(second)))
        assert speed.per_second == 0

    def test_one_look_says_nothing(self) -> None:
        """Nor do none."""
        speed = Speed()
        assert speed.per_second == 0
        speed.note(10**9, Monotonic(5.0))
        assert speed.per_second == 0
        speed.note(10**9 + 100, Monotonic(6.0))
        speed.forget()
        assert speed.per_second == 0

    @given(st.integers(0, 10**9), st.lists(st.floats(0.01, 5.0), min_size=2, max_size=40))
    def test_an_even_line_is_told_as_it_is(self, rate: int, pauses_s: list[float]) -> None:
        """However often it is looked at."""
        speed, now = Speed(), 0.0
        for pause_s in pauses_s:
            now += pause_s
            speed.note(round(rate * now), Monotonic(now))
        shortest_s = min(sum(pauses_s[1:]), WINDOW_S)
        assert abs(speed.per_second - rate) <= 1 + 2 / shortest_s


class TestProgress:
    """What is told of media under way."""

    def test_what_has_come_of_one_that_is_under_way_is_not_left(self) -> None:
        """Nor what was there of it before."""
        agenda, worker, clock = Agenda(lambda: 0.0), HeldWorker(lambda event: event), HeldClock()
        carriers = Carriers([worker], Throttle(0, clock))
        progress = Progress(agenda, carriers, FetchHours(None, lambda: WALL_NOON))
        agenda.next_step(Moment(now=clock()))
        agenda.learn(Demand(missing={A: 100, B: 50}))
        moment = Moment(now=clock(), under_way=(A,))
        carriers.begin(A, clock(), lambda flow: setattr(flow, "there", 30) or storage_changed())
        worker.pump()
        assert progress.look(moment) == Download(files_left=2, bytes_left=120)

    def test_program_that_waits_for_lost_media_is_told(self) -> None:
        """Nothing is left to come, and somebody has to look at the hub."""
        agenda, worker, clock = Agenda(lambda: 0.0), HeldWorker(lambda event: event), HeldClock()
        progress = Progress(
            agenda, Carriers([worker], Throttle(0, clock)), FetchHours(None, lambda: WALL_NOON)
        )
        lost = [f"{number:064x}" for number in range(5)]
        one, two = head_of(b"one", "one", 1), head_of(b"two", "two", 2)
        demand = Demand(
            current=one,
            staged=two,
            missing=dict.fromkeys(lost, 40),
            of_staged=frozenset(lost),
            all_of_staged=6,
            can_begin=True,
            playable=True,
        )
        agenda.next_step(Moment(now=clock()))
        agenda.learn(demand)
        for sha256 in lost:
            agenda.note(Fetched(digest=sha256, outcome=Outcome.REFUSED), clock())
        agenda.learn(demand)
        told = progress.look(Moment(now=clock()))
        assert told.files_left == 0
        assert told.held_up.startswith("two, version 1 waits for 5 of its 6 media, which cannot be had")


class TestTelling:
    """When it is told."""

    def test_changes_are_told_and_nothing_else(self) -> None:
        """At most once a second while something goes on, and the end without a look at it."""
        stage, told = Stage(), []
        state = [Download(), False]
        telling = Telling(
            lambda: (state[0], state[1]), lambda one: told.append((stage.clock(), one)), stage.ticker
        )
        stage.open()
        telling.soon()
        stage.settle()
        assert told == []

        began = stage.clock()
        state[:] = [Download(files_left=1, bytes_left=9), True]
        telling.soon()
        stage.settle()
        for left in range(8, 0, -1):
            state[0] = Download(files_left=1, bytes_left=left)
            telling.soon()
            stage.run_for(0.25, step_s=0.25)
        state[:] = [Download(), False]
        telling.soon()
        stage.run_for(3, step_s=0.25)

        assert [round(at - began, 6) for at, _ in told] == [
            0,
            TELL_EVERY_S,
            2 * TELL_EVERY_S,
            3 * TELL_EVERY_S,
        ][: len(told)]
        assert told[-1][1] == Download()
        assert len(told) <= 4
