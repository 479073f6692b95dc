"""What the live channel shows of the box."""

from typing import Any

import pytest
from msgspec import structs

from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import Now, Screen, ScreenOutput, Status, Storage
from easyplayer.protocol.live import MOST_REPORT_BYTES, Report
from easyplayer.showing import NEWS_EVERY_S, Showing
from easyplayer.units import Instant, Seconds
from tests.fakes.clock import HeldClock

WELL = Status(version="1", state="playing", sink="bar")


class Window:
    """What is shown, and the box behind it."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.status = WELL
        self.showing = Showing(self._look, self.clock)

    def _look(self) -> tuple[Now, Status]:
        return Now(uptime_s=Seconds(self.clock()), time=Instant(0.0)), self.status

    def reports(self, seconds: float, step_s: float = 0.5) -> list[Report]:
        """Let time pass; give what was reported."""
        found = []
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            found.append(self.showing.report())
        return [report for report in found if report is not None]

    def change(self, **fields: Any) -> None:
        """Change how the box is."""
        self.status = structs.replace(self.status, **fields)


@pytest.fixture(name="window")
def _window() -> Window:
    """Give a box that nobody watches yet."""
    return Window()


class TestWatching:
    """Somebody watches the box, or nobody."""

    def test_nothing_is_reported_to_nobody(self, window: Window) -> None:
        """A venue may pay for each megabyte."""
        assert window.reports(60) == []

    def test_it_is_reported_twice_a_second_for_as_long_as_was_said(self, window: Window) -> None:
        """Then it ends by itself: who watched may be gone without a word."""
        window.showing.watch(10.0)
        assert len(window.reports(60)) in {19, 20}

    def test_it_is_not_reported_more_often_than_that(self, window: Window) -> None:
        """However often the status is published."""
        window.showing.watch(10.0)
        assert len(window.reports(9.9, step_s=0.1)) in {19, 20}

    def test_it_ends_when_that_is_said(self, window: Window) -> None:
        """At once."""
        window.showing.watch(600.0)
        window.reports(2)
        window.showing.watch(0.0)
        assert window.reports(60) == []

    def test_what_lasts_is_shown_once_and_again_when_it_changes(self, window: Window) -> None:
        """What is another each time is shown each time."""
        window.showing.watch(60.0)
        first, second = window.reports(1)
        window.change(volume=50)
        third, fourth = window.reports(1)

        assert [one.status for one in (first, second, third, fourth)] == [WELL, None, window.status, None]
        assert first.now.uptime_s < second.now.uptime_s

    def test_another_watch_shows_everything_again(self, window: Window) -> None:
        """Somebody else may have come to watch."""
        window.showing.watch(60.0)
        window.reports(5)
        window.showing.watch(60.0)
        assert window.reports(0.5)[0].status == WELL

    def test_after_one_that_was_lost_everything_is_shown_again(self, window: Window) -> None:
        """What it has brought nobody has seen."""
        window.showing.watch(60.0)
        window.reports(0.5)
        window.showing.lost()
        assert [one.status for one in window.reports(1)] == [WELL, None]

    def test_a_status_that_is_too_long_is_left_out(self, window: Window) -> None:
        """The rest is shown all the same, and a shorter one again."""
        window.showing.watch(60.0)
        window.change(problems=("x" * 1000,) * 20, trouble=("\N{SNOWMAN}" * 1000,) * 20)
        assert [one.status for one in window.reports(2)] == [None] * 4
        window.change(trouble=())
        assert [one.status for one in window.reports(1)] == [window.status, None]

    @pytest.mark.parametrize(("spare", "shown"), [(1, True), (0, False)])
    def test_one_that_just_fits_is_shown(self, spare: int, shown: bool, window: Window) -> None:
        """The line itself needs a byte."""
        window.showing.watch(60.0)
        window.change(problems=("x" * 1000,) * 20, trouble=("y" * 1000,) * 20)
        window.clock.advance(0.5)
        now, status = window._look()
        room = MOST_REPORT_BYTES - len(encode(Report(now=now, status=status)))
        window.change(reason="z" * (room - spare))
        report = window.showing.report()

        assert report is not None
        assert (report.status is not None) is shown
        assert len(encode(report)) < MOST_REPORT_BYTES

    def test_a_new_channel_begins_with_nobody(self, window: Window) -> None:
        """Who watched the old one says so again."""
        window.showing.watch(60.0)
        window.showing.begin()
        assert window.reports(10) == []


class TestNews:
    """What an operator must know at once."""

    @pytest.mark.parametrize(
        "change",
        [
            {"allowed": False, "verdict": "closed"},
            {"verdict": "blocked by the hub: not paid"},
            {"state": "stopped"},
            {"state": "no-sound"},
            {"sink": ""},
            {"silent_sink": True},
            {"failures": 1},
            {"trouble": ("a program was refused",)},
            {"storage": Storage(trouble="the disk is full")},
            {"screen": Screen(outputs=(ScreenOutput(name="tv", trouble="it is unplugged"),))},
            {"screen": Screen(wanted=True)},
        ],
        ids=str,
    )
    def test_it_is_news_once(self, change: dict[str, Any], window: Window) -> None:
        """The heartbeat that goes then tells it."""
        assert not window.showing.has_news()
        window.change(**change)
        assert window.showing.has_news()
        window.clock.advance(60)
        assert not window.showing.has_news()

    @pytest.mark.parametrize(
        "change",
        [{"volume": 5}, {"state": "mixing"}, {"state": "paused"}, {"program": "bar, version 4"}],
        ids=str,
    )
    def test_the_rest_is_none(self, change: dict[str, Any], window: Window) -> None:
        """It waits for its heartbeat."""
        window.showing.has_news()
        window.change(**change)
        assert not window.showing.has_news()

    def test_it_is_told_once_in_ten_seconds(self, window: Window) -> None:
        """A sink that comes and goes is news, and no storm of it."""
        window.showing.has_news()
        found = 0
        for number in range(120):
            window.clock.advance(0.5)
            window.change(sink="bar" if number % 3 else "")
            found += window.showing.has_news()
        assert found <= 60 / NEWS_EVERY_S

    def test_what_is_held_back_is_told_then_if_it_is_still_so(self, window: Window) -> None:
        """The last change must not be lost."""
        window.showing.has_news()
        window.change(sink="")
        assert window.showing.has_news()
        window.change(failures=1)
        assert not window.showing.has_news()
        window.clock.advance(NEWS_EVERY_S)
        assert window.showing.has_news()

    def test_what_was_so_before_the_channel_came_up_is_none(self, window: Window) -> None:
        """A heartbeat is due soon then anyway."""
        window.showing.has_news()
        window.change(state="stopped")
        window.showing.begin()
        assert not window.showing.has_news()
