"""The contract of the line to the hub, kept by the real one over Engine.IO, and by the one that tests use."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from msgspec import Struct

from easyplayer.drivers.engine_line import EngineLine
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.live_line import (
    POLLING,
    WEBSOCKET,
    LineEnded,
    LineHeard,
    LineOpened,
    LineReport,
    LineSpec,
    LineUpgraded,
    LiveLine,
)
from easyplayer.errors import UnavailableError
from easyplayer.ticker import monotonic
from tests.drivers.live_server import HELD_S, LiveServer, Reports, until
from tests.fakes.hub_link import FakeHub, FakeHubLink, HeldKeychain
from tests.fakes.live_line import FakeLiveHub


class Box:
    """What a box brings along that its hub knows."""

    def __init__(self) -> None:
        self.hub = FakeHub()
        self.hub.claimed = True
        self.known = HeldKeychain()
        self.known.hub_keys = self.link().pair("m", "till", "1").hub_keys
        self.hub.asked.clear()

    def link(self) -> FakeHubLink:
        """Make a way to the hub."""
        return FakeHubLink(self.hub, self.known, monotonic)

    def spec(self, url: str, *transports: str) -> LineSpec:
        """Say what line is wanted."""
        return LineSpec(way=Way(url=url), transports=transports, make_link=self.link)


class Ends(Struct):
    """Both ends of a line.

    :ivar next: gives the next report.
    :ivar quiet: tells whether all has happened, and nothing of it was reported.
    :ivar tell: has the hub say something.
    :ivar heard: gives what the hub has heard next.
    :ivar hang_up: has the hub end the line.
    """

    hub: FakeHub
    known: HeldKeychain
    line: LiveLine
    next: Callable[[], LineReport]
    quiet: Callable[[], bool]
    tell: Callable[[str], None]
    heard: Callable[[], str]
    hang_up: Callable[[], None]


Make = Callable[..., AbstractContextManager[Ends]]


@contextmanager
def fake(*transports: str) -> Iterator[Ends]:
    """Make the line that tests use."""
    box, reports = Box(), deque[LineReport]()
    live = FakeLiveHub(box.hub)
    live.welcome = None
    line = live.make_line(box.spec("http://hub.example", *transports), reports.append)

    def next_report() -> LineReport:
        while not reports:
            assert live.pump(), "nothing happens"
        return reports.popleft()

    yield Ends(
        hub=box.hub,
        known=box.known,
        line=line,
        next=next_report,
        quiet=lambda: not live.pump() and not reports,
        tell=live.tell,
        heard=lambda: line.sent.pop(0),
        hang_up=live.hang_up,
    )


@contextmanager
def real(*transports: str) -> Iterator[Ends]:
    """Make the real line, to a real server."""
    box, reports = Box(), Reports()
    with LiveServer(box.hub) as server:
        line = EngineLine(box.spec(server.url, *transports), reports)

        def quiet() -> bool:
            until(lambda: not server.lines)
            return reports.is_empty

        yield Ends(
            hub=box.hub,
            known=box.known,
            line=line,
            next=reports.next,
            quiet=quiet,
            tell=server.tell,
            heard=lambda: server.heard.get(timeout=HELD_S),
            hang_up=server.hang_up,
        )
        line.close()


@pytest.fixture(name="make", params=[fake, real], ids=lambda make: make.__name__)
def _make(request: pytest.FixtureRequest) -> Make:
    """Tell how both ends are made."""
    make: Make = request.param
    return make


@pytest.fixture(name="ends")
def _ends(make: Make) -> Iterator[Ends]:
    """Give both ends of a line that is closed as yet, to a hub that knows the box."""
    with make(WEBSOCKET, POLLING) as ends:
        yield ends


class TestOpening:
    """How it comes about."""

    @pytest.mark.parametrize("transports", [(WEBSOCKET, POLLING), (WEBSOCKET,)])
    def test_it_opens(self, make: Make, transports: tuple[str, ...]) -> None:
        """With a session that was opened for it."""
        with make(*transports) as ends:
            ends.line.open()

            assert ends.next() == LineOpened(transports[0])
            assert ends.known.token in ends.hub.tokens

    def test_it_opens_once(self, ends: Ends) -> None:
        """Whoever asks twice has the same line."""
        ends.line.open()
        ends.line.open()
        assert ends.next() == LineOpened(WEBSOCKET)
        ends.line.open()
        ends.tell("hello")

        assert ends.next() == LineHeard("hello")

    def test_a_session_that_there_is_is_used(self, ends: Ends) -> None:
        """The hub is not asked for another."""
        ends.known.token = "known"
        ends.hub.tokens["known"] = ends.hub.box
        ends.line.open()

        assert ends.next() == LineOpened(WEBSOCKET)
        assert ends.hub.asked == []

    def test_a_token_that_the_hub_does_not_take_is_renewed(self, ends: Ends) -> None:
        """It may have been started anew."""
        ends.known.token = "old"
        ends.line.open()

        assert ends.next() == LineOpened(WEBSOCKET)
        assert ends.known.token != "old"

    def test_a_hub_that_does_not_know_the_box_refuses_it(self, ends: Ends) -> None:
        """That is no trouble of the way."""
        ends.hub.forget_boxes()
        ends.line.open()
        end = ends.next()

        assert isinstance(end, LineEnded)
        assert (end.refused, end.status) == (True, 404)

    def test_a_hub_that_is_busy_says_for_how_long(self, ends: Ends) -> None:
        """And the next attempt may go better."""
        ends.hub.faults["challenge"] = UnavailableError("later", 40.0)
        ends.line.open()
        end = ends.next()

        assert isinstance(end, LineEnded)
        assert (end.refused, end.status, end.rest_s) == (False, 503, 40.0)
        ends.hub.faults.clear()
        ends.line.open()
        assert ends.next() == LineOpened(WEBSOCKET)

    def test_while_the_hub_must_not_be_asked_it_is_not(self, ends: Ends) -> None:
        """The box may rehearse being offline."""
        ends.known.away = "the box rehearses"
        ends.line.open()
        end = ends.next()

        assert isinstance(end, LineEnded)
        assert (end.reason, end.refused, ends.hub.asked) == ("the box rehearses", False, [])


class TestOpen:
    """While it is open."""

    def test_messages_go_both_ways(self, ends: Ends) -> None:
        """In their order."""
        ends.line.open()
        ends.next()
        for number in range(20):
            assert ends.line.send(f"up {number}")
            ends.tell(f"down {number} ♫")

        assert [ends.heard() for _ in range(20)] == [f"up {number}" for number in range(20)]
        assert [ends.next() for _ in range(20)] == [LineHeard(f"down {number} ♫") for number in range(20)]

    def test_the_hub_may_end_it_and_it_may_be_opened_again(self, ends: Ends) -> None:
        """As often as that is wanted."""
        for _ in range(3):
            ends.line.open()
            assert ends.next() == LineOpened(WEBSOCKET)
            ends.hang_up()
            end = ends.next()
            assert isinstance(end, LineEnded)
            assert not end.refused
            assert not ends.line.send("a")

    def test_nothing_is_taken_where_it_is_not_open(self, ends: Ends) -> None:
        """Before, and after."""
        assert not ends.line.send("a")
        ends.line.open()
        ends.next()
        assert ends.line.send("b")
        assert ends.heard() == "b"
        ends.line.close()
        assert not ends.line.send("c")


class TestClosing:
    """When it is not wanted any more."""

    def test_nothing_is_reported_any_more(self, ends: Ends) -> None:
        """Not even that it is closed."""
        ends.line.open()
        ends.next()
        ends.line.close()

        assert ends.quiet()

    def test_it_may_be_closed_while_it_opens(self, ends: Ends) -> None:
        """And twice, and where there is none."""
        ends.line.close()
        ends.line.open()
        ends.line.close()
        ends.line.close()

        assert ends.quiet()

    def test_it_may_be_opened_again(self, ends: Ends) -> None:
        """At once."""
        ends.line.open()
        ends.next()
        ends.line.close()
        ends.line.open()

        assert ends.next() == LineOpened(WEBSOCKET)


def test_an_upgrade_is_told() -> None:
    """Where polling comes first."""
    with real(POLLING, WEBSOCKET) as ends:
        ends.line.open()
        assert [ends.next(), ends.next()] == [LineOpened(POLLING), LineUpgraded(WEBSOCKET)]
