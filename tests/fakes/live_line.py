"""A line to the hub that a test holds in its hand."""

from collections import deque
from collections.abc import Callable

from msgspec import Struct

from easyplayer.drivers.live_line import (
    WEBSOCKET,
    LineEnded,
    LineHeard,
    LineOpened,
    LineReport,
    LineSpec,
    LineUpgraded,
    Report,
)
from easyplayer.errors import LinkError, LinkRefusedError
from easyplayer.protocol.codec import encode
from easyplayer.protocol.live import Report as BoxReport
from easyplayer.protocol.live import Welcome, read_from_box
from easyplayer.units import Seconds
from tests.fakes.hub_link import FakeHub

LIVE_HEARTBEAT_S = Seconds(300.0)


class FakeLiveHub:
    """The hub's end of the lines.

    :param hub: knows the tokens.
    :ivar welcome: what is said to a line that has opened; ``None`` says nothing.
    :ivar fault: what opening a line comes to, in place of a line.
    :ivar silent: whether it does not even answer to that.
    :ivar transport: by which lines go that are opened.
    :ivar made: all lines, the newest last.
    :ivar opened: how often a line has asked to be let in.
    """

    def __init__(self, hub: FakeHub | None = None) -> None:
        self.hub = hub
        self.welcome: Welcome | None = Welcome(heartbeat_s=LIVE_HEARTBEAT_S)
        self.fault: LineEnded | None = None
        self.silent = False
        self.transport = WEBSOCKET
        self.made: list[FakeLine] = []
        self.opened = 0

    def make_line(self, spec: LineSpec, report: Report) -> "FakeLine":
        """Make a line of a box's."""
        self.made.append(FakeLine(self, spec, report))
        return self.made[-1]

    @property
    def line(self) -> "FakeLine":
        """The newest line."""
        return self.made[-1]

    @property
    def lines(self) -> "list[FakeLine]":
        """Those that are open."""
        return [line for line in self.made if line.is_open]

    def tell(self, message: Struct | str) -> None:
        """Say something to every line that is open."""
        content = message if isinstance(message, str) else encode(message).decode()
        for line in self.lines:
            line.happen(LineHeard(content))

    def upgrade(self) -> None:
        """Let every line go by WebSocket from now on."""
        for line in self.lines:
            line.happen(LineUpgraded(WEBSOCKET))

    def hang_up(self, end: LineEnded | None = None) -> None:
        """End every line that is open."""
        for line in self.lines:
            line.end(end or LineEnded(reason="the hub has closed the line"))

    def pump(self) -> bool:
        """Let happen what has happened on the lines; tell whether there was anything."""
        return sum(line.pump() for line in self.made) > 0


class FakeLine:
    """The contract :class:`~easyplayer.drivers.live_line.LiveLine`; it reports when it is pumped.

    :ivar spec: what was wanted.
    :ivar is_open: whether it is open.
    :ivar closed: whether it was closed; ``stuck`` makes it take nothing.
    :ivar sent: what was sent by it.
    """

    def __init__(self, hub: FakeLiveHub, spec: LineSpec, report: Report) -> None:
        self._hub = hub
        self._report = report
        self._happened: deque[Callable[[], None]] = deque()
        self.spec = spec
        self.is_open = self.opening = self.closed = self.stuck = False
        self.sent: list[str] = []

    def open(self) -> None:
        """Open it, as soon as it is pumped."""
        if not self.opening and not self.is_open:
            self.opening, self.closed = True, False
            self._happened.append(self._open)

    def send(self, content: str) -> bool:
        """Send a message."""
        if self.is_open and not self.stuck:
            self.sent.append(content)
        return self.is_open and not self.stuck

    def close(self) -> None:
        """Close it."""
        self._happened.clear()
        self.is_open = self.opening = False
        self.closed = True

    # -- the other end ---------------------------------------------------------------------------

    @property
    def reports(self) -> list[BoxReport]:
        """What was reported by it."""
        return [report for report in map(read_from_box, self.sent) if report is not None]

    def happen(self, report: LineReport) -> None:
        """Let something happen on it."""
        self._happened.append(lambda: self._tell(report))

    def end(self, end: LineEnded) -> None:
        """Let it end."""
        self.is_open = self.opening = False
        self.happen(end)

    def pump(self) -> bool:
        """Report what has happened; tell whether anything has."""
        if not self._happened:
            return False
        self._happened.popleft()()
        return True

    def _tell(self, report: LineReport) -> None:
        self._report(report)

    def _open(self) -> None:
        self._hub.opened += 1
        if self._hub.silent:
            return
        refusal = self._hub.fault or self._let_in()
        if refusal is not None:
            self.end(refusal)
            return
        self.is_open, self.opening = True, False
        transports = self.spec.transports
        self._tell(LineOpened(self._hub.transport if self._hub.transport in transports else transports[0]))
        if self._hub.welcome is not None:
            self.happen(LineHeard(encode(self._hub.welcome).decode()))

    def _let_in(self) -> LineEnded | None:
        """Show the token, and another one where that is not taken."""
        if self._hub.hub is None:
            return None
        link, refused = self.spec.make_link(), ""
        try:
            for _ in range(2):
                token = link.token(refused)
                if token in self._hub.hub.tokens:
                    return None
                refused = token
        except LinkRefusedError as error:
            return LineEnded(reason=str(error), status=error.status, refused=True)
        except LinkError as error:
            return LineEnded(reason=str(error), status=error.status, rest_s=error.retry_after_s)
        finally:
            link.close()
        return LineEnded(reason="the hub does not take its own tokens", status=401, refused=True)
