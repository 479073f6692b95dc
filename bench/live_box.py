"""A simulated box that holds a line open: when it asks and opens a line, the rules of real boxes decide."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from random import Random
from typing import NamedTuple, cast

import msgspec

from bench.fleet_box import PATIENCE_S
from bench.heartbeat_load import Connection
from bench.heartbeats import Sender
from easyplayer.drivers.live_line import LineEnded
from easyplayer.engineio.client import Client, ConnectError
from easyplayer.engineio.client_http import CONNECT_MAY_TAKE_S, Streams
from easyplayer.errors import ProtocolError
from easyplayer.interval import Interval
from easyplayer.lifeline import Lifeline, State
from easyplayer.pacing import Pacing
from easyplayer.protocol.commands import Command, CommandResult, Outcome
from easyplayer.protocol.heartbeat import Now, Reply
from easyplayer.protocol.live import (
    LIVE_PATH,
    MOST_LIVE_BYTES,
    REPORT_EVERY_S,
    Orders,
    Report,
    Wake,
    Watch,
    Welcome,
    read_from_hub,
)
from easyplayer.protocol.signed import Signed
from easyplayer.ticker import Action, Deadline, Ticker
from easyplayer.transport_choice import TransportChoice
from easyplayer.units import Instant, Monotonic, Seconds

HEARTBEAT, REFUSED, LOST = "heartbeat", "refused", "lost"
KNOCK, OPENED, LIVE, ENDED, FAILED = "knock", "opened", "live", "ended", "failed"
ORDER, REPORTED = "order", "reported"
LETTING_IN_MAY_TAKE_S = 15.0
LEAVING_MAY_TAKE_S = 1.0


class Seen(NamedTuple):
    """What has happened to a box.

    :ivar at: by the machine's monotonic clock.
    :ivar what: ``heartbeat`` and ``knock`` (a line that is to be opened) are what comes to the hub.
    :ivar word: why, or which command.
    """

    at: float
    box: int
    what: str
    word: str = ""


class LoopTicker(Ticker):
    """Deadlines that an event loop strikes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(lambda: Monotonic(loop.time()))
        self._loop = loop

    def at(self, instant: Monotonic, action: Action) -> Deadline:
        """Do something at an instant."""
        deadline = Deadline(instant, action)
        self._loop.call_at(instant, deadline.strike)
        return deadline


class Where(NamedTuple):
    """Where the hub is, and how its boxes come to it.

    :ivar live_url: where it takes lines.
    """

    port: int
    live_url: str
    transports: tuple[str, ...]


class LiveBox:
    """A box.  What it does is begun by the deadlines of its interval and its lifeline.

    :param number: of the box in its fleet.
    :param tell: is told what has happened.
    """

    def __init__(
        self, number: int, sender: Sender, token: str, where: Where, tell: Callable[[Seen], object]
    ) -> None:
        self._number = number
        self._sender = sender
        self._where = where
        self._tell = tell
        self.token = token
        loop = asyncio.get_running_loop()
        chance = Random(f"{number}/{time.time_ns()}")
        self._ticker = LoopTicker(loop)
        self.interval = Interval(Pacing(chance), self._ticker, self._ask, self._give_up)
        self.choice = TransportChoice(where.transports)
        self.lifeline = Lifeline(
            self._new_line, lambda: True, self._on_end, Pacing(chance), self._ticker, choice=self.choice
        )
        self._asking: asyncio.Task[None] | None = None
        self._results: dict[str, CommandResult] = {}
        self._done: set[str] = set()
        self._watched_until = Monotonic(0.0)
        self._reporting: Deadline | None = None
        self.line: Line | None = None

    def begin(self, after_s: float) -> None:
        """Ask for the first time after a while."""
        self._ticker.after(after_s, self.interval.begin)

    def end(self) -> None:
        """Ask nothing more, and let go of the line."""
        self.lifeline.give_up("the box ends")
        if self._asking is not None:
            self._asking.cancel()
            self.interval.over()
        self.interval.end()

    def see(self, what: str, word: str = "") -> None:
        """Tell what has happened."""
        self._tell(Seen(self._ticker.clock(), self._number, what, word))

    # -- heartbeats ------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._asking = asyncio.get_running_loop().create_task(self._beat())

    def _give_up(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._failed("no answer", None)

    async def _beat(self) -> None:
        """Send one heartbeat, on a connection of its own: the hub keeps none for so long."""
        connection: Connection | None = None
        results = list(self._results.values())
        try:
            async with asyncio.timeout(PATIENCE_S):
                loop = asyncio.get_running_loop()
                connection = (await loop.create_connection(Connection, "127.0.0.1", self._where.port))[1]
                self.see(HEARTBEAT)
                well = await connection.ask(self._sender.request(results))
        except (OSError, TimeoutError) as error:
            self._failed(str(error) or "no answer", None)
            return
        finally:
            if connection is not None:
                connection.drop()
        if well:
            self._answered(msgspec.json.decode(connection.body, type=Reply))
            return
        status, _, rest = connection.head.partition(b"\r\n")
        wanted = rest.lower().partition(b"retry-after: ")[2].partition(b"\r\n")[0]
        refused = f" {HTTPStatus.SERVICE_UNAVAILABLE} ".encode() in status
        self.see(REFUSED if refused else LOST, status.decode())
        self._failed("", float(wanted) if wanted else None)

    def _failed(self, why: str, rest_s: float | None) -> None:
        if why:
            self.see(LOST, why)
        self.lifeline.stand_by()
        self.interval.failed(rest_s)

    def _answered(self, reply: Reply) -> None:
        self.interval.over()
        self.lifeline.want(reply.next_s)
        self.interval.answered(reply.next_s, stretches=not reply.wants_status)
        for one in reply.confirmed:
            self._results.pop(one, None)
        self._carry_out(reply.commands)
        if self._results:
            self.interval.soon()

    def _carry_out(self, orders: tuple[Signed, ...]) -> None:
        for order in orders:
            command = msgspec.json.decode(order.payload, type=Command)
            if command.id not in self._done:
                self._done.add(command.id)
                self._results[command.id] = CommandResult(command=command.id, outcome=Outcome.DONE)
                self.see(ORDER, command.id)

    # -- the line --------------------------------------------------------------------------------

    def _new_line(self, number: int) -> "Line":
        self.line = Line(self, number, self._where._replace(transports=self.choice.now))
        return self.line

    def _on_end(self, reason: str) -> None:
        self._watched_until = Monotonic(0.0)
        self.interval.relax()
        self.see(ENDED, reason)

    def hear(self, content: str | bytes) -> None:
        """Hear a message of the hub."""
        try:
            message = read_from_hub(content)
        except ProtocolError as error:
            self.see(FAILED, str(error))
            return
        match message:
            case Welcome(heartbeat_s=heartbeat_s):
                if self.lifeline.welcomed():
                    self.see(LIVE)
                    self.interval.stretch(heartbeat_s)
            case Wake(within_s=within_s):
                self.interval.within(within_s)
            case Orders(commands=commands):
                self._carry_out(commands)
                self.interval.soon()
            case Watch(seconds=seconds):
                self._watched_until = Monotonic(self._ticker.clock() + seconds)
                if self._reporting is None or not self._reporting.pending:
                    self._report()

    def _report(self) -> None:
        """Tell how it is, again and again, for as long as somebody watches."""
        now = self._ticker.clock()
        if now < self._watched_until and self.lifeline.state is State.LIVE:
            state = Now(uptime_s=Seconds(now), time=Instant(time.time()), position_s=Seconds(now % 200))
            if self.lifeline.send(msgspec.json.encode(Report(now=state)).decode()):
                self.see(REPORTED)
            self._reporting = self._ticker.after(REPORT_EVERY_S, self._report)


class Line:
    """The lines of a box, one after the other, over the real client."""

    def __init__(self, box: LiveBox, number: int, where: Where) -> None:
        self._box = box
        self._number = number
        self._where = where
        self._client: Client | None = None
        self._holding: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    def open(self) -> None:
        """Open it."""
        self._holding = asyncio.get_running_loop().create_task(self._hold())

    def send(self, content: str) -> bool:
        """Send a message; tell whether it was taken."""
        return self._client is not None and self._client.send_nowait(content)

    def close(self) -> None:
        """Close it, or give up opening it."""
        if self._holding is not None:
            self._holding.cancel()

    def cut(self) -> None:
        """Break it, as a network does."""
        if self._writer is not None:
            self._writer.transport.abort()

    def stall(self) -> None:
        """Read nothing any more, as a machine that hangs; the connection stays."""
        if self._writer is not None and not self._writer.transport.is_closing():
            cast(asyncio.Transport, self._writer.transport).pause_reading()

    async def _hold(self) -> None:
        self._client = client = Client(
            self._where.live_url,
            path=LIVE_PATH,
            transports=self._where.transports,
            headers={"Authorization": f"Bearer {self._box.token}"},
            dial=self._dial,
            most_bytes=2 * MOST_LIVE_BYTES,
            open_timeout_s=LETTING_IN_MAY_TAKE_S,
            leave_timeout_s=LEAVING_MAY_TAKE_S,
        )
        client.on("connect", self._opened)
        client.on("upgrade", self._upgraded)
        client.on("message", self._hear)
        try:
            await client.connect()
            ended = LineEnded(reason=(await client.wait()).fault.words)
        except ConnectError as error:
            self._box.see(FAILED, f"{error.status} {error.reason}")
            rest_s = None if error.retry_after_s is None else Seconds(error.retry_after_s)
            refused = error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
            ended = LineEnded(reason=error.reason, status=error.status, rest_s=rest_s, refused=refused)
        finally:
            self._client = None
            await client.close()
        if self._is_heeded():
            self._box.lifeline.ended(ended)

    async def _dial(self, host: str, port: int, _tls: bool) -> Streams:
        async with asyncio.timeout(CONNECT_MAY_TAKE_S):
            reader, self._writer = await asyncio.open_connection(host, port)
        self._box.see(KNOCK)
        return reader, self._writer

    def _opened(self, transport: str) -> None:
        if self._is_heeded():
            self._box.see(OPENED, transport)
            self._box.choice.used = transport
            self._box.lifeline.opened()

    def _upgraded(self, transport: str) -> None:
        if self._is_heeded():
            self._box.choice.used = transport

    def _hear(self, content: str | bytes) -> None:
        if self._is_heeded():
            self._box.hear(content)

    def _is_heeded(self) -> bool:
        return self._number == self._box.lifeline.number
