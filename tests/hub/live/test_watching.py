"""Who watches which boxes, and which reports are passed on: pure, with instants that are handed in."""

from easyplayer.hub.live.watching import Audience, Leases, Watching
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.protocol.live import Report
from easyplayer.units import Instant, Monotonic, Seconds


def at(seconds: float) -> Monotonic:
    return Monotonic(seconds)


def report(uptime_s: float = 1.0, version: str = "") -> Report:
    now = Now(uptime_s=Seconds(uptime_s), time=Instant(0.0))
    return Report(now=now, status=Status(version=version) if version else None)


class TestWatching:
    """The operators of one worker."""

    def test_all_who_watch_a_box_are_known(self) -> None:
        """Each once, however often they say so."""
        watching = Watching()
        watching.watch("anna", "box")
        watching.watch("bert", "box")
        watching.watch("anna", "box")
        assert [*watching.watchers("box")] == ["anna", "bert"]
        assert [*watching.of("anna")] == ["box"]

    def test_the_last_who_leaves_a_box_is_told_so(self) -> None:
        """And nobody else; who did not watch it has not left it either."""
        watching = Watching()
        watching.watch("anna", "box")
        watching.watch("bert", "box")
        assert not watching.unwatch("anna", "box")
        assert not watching.unwatch("anna", "box")
        assert watching.unwatch("bert", "box")
        assert [*watching.boxes] == []

    def test_who_goes_leaves_all_of_them(self) -> None:
        """What others watch stays watched."""
        watching = Watching()
        for box in ("one", "two", "three"):
            watching.watch("anna", box)
        watching.watch("bert", "two")
        assert watching.leave("anna") == ["one", "three"]
        assert [*watching.boxes] == ["two"]
        assert watching.leave("nobody") == []


class TestLeases:
    """What a box is told, and what of its reports is passed on."""

    def test_each_wish_is_told_the_box(self) -> None:
        """Also one that it knows of: whoever has just come needs the whole status."""
        leases = Leases()
        assert leases.take("box", "w0", Seconds(60), at(0)) == Seconds(60)
        assert leases.take("box", "w0", Seconds(60), at(20)) == Seconds(60)
        assert leases.take("box", "w1", Seconds(60), at(30)) == Seconds(60)

    def test_it_ends_once_the_last_worker_wants_it_no_longer(self) -> None:
        """Those whose time is over do not count."""
        leases = Leases()
        leases.take("box", "w0", Seconds(60), at(0))
        leases.take("box", "w1", Seconds(60), at(10))
        leases.take("box", "w2", Seconds(60), at(90))
        assert leases.take("box", "w1", Seconds(0), at(95)) is None
        assert leases.take("box", "w2", Seconds(0), at(96)) == Seconds(0)
        assert leases.take("box", "w2", Seconds(0), at(97)) is None
        assert len(leases) == 0

    def test_reports_are_passed_on_twice_a_second(self) -> None:
        """A line is uneven: one may come a little early."""
        leases = Leases()
        leases.take("box", "w0", Seconds(60), at(0))
        passed = [leases.reported("box", report(when), at(when)) for when in (1.0, 1.45, 1.5, 1.6, 2.0)]
        assert [one is not None for one in passed] == [True, True, False, False, True]

    def test_a_status_is_never_left_out(self) -> None:
        """It goes with the next report that is passed on, and only once."""
        leases = Leases()
        leases.take("box", "w0", Seconds(60), at(0))
        leases.reported("box", report(), at(1.0))
        assert leases.reported("box", report(version="2"), at(1.1)) is None
        passed = leases.reported("box", report(9.0), at(1.6))
        assert passed == report(9.0, "2")
        assert leases.reported("box", report(10.0), at(2.1)) == report(10.0)

    def test_what_nobody_wants_is_known_by_its_time(self) -> None:
        """Never, not any more, or not of this box."""
        leases = Leases()
        assert not leases.holds("box", at(0))
        leases.take("box", "w0", Seconds(60), at(0))
        assert leases.holds("box", at(59))
        assert not leases.holds("other", at(1))
        assert not leases.holds("box", at(61))
        leases.forget("box")
        assert not leases.holds("box", at(1))

    def test_workers_that_have_gone_leave_nothing_behind(self) -> None:
        """Each that starts anew has another name."""
        audience = Audience()
        for number in range(1000):
            audience.take(f"w{number}", Seconds(60), at(10.0 * number))
        assert len(audience) == 6


def test_news_are_written_only_for_an_audience() -> None:
    """Each worker says for how long it has one, or that it has none any more."""
    audience = Audience()
    assert not audience.is_there(at(0))
    audience.take("w0", Seconds(60), at(0))
    audience.take("w1", Seconds(60), at(30))
    assert audience.is_there(at(59))
    audience.take("w1", Seconds(0), at(60))
    assert not audience.is_there(at(61))
