"""A hub's end of live lines, on a real port and in a thread of its own, which a test holds in its hand."""

import asyncio
import queue
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from easyplayer.drivers.live_line import LineReport
from easyplayer.engineio import ConnectionRefused, Options, Request, Server
from easyplayer.engineio.raw import RawServer
from easyplayer.protocol.live import LIVE_PATH
from tests.fakes.hub_link import FakeHub

HELD_S = 20.0
"""So long a test waits for what is to come at once."""

Result = TypeVar("Result")


class LiveServer:
    """Lets boxes in by the tokens of a hub.

    :param hub: knows the tokens; without one everybody is let in.
    :ivar requests: those by which lines were asked for.
    :ivar heard: what has come by them.
    :ivar gone: told when a line is over.
    """

    def __init__(
        self,
        hub: FakeHub | None = None,
        options: Options | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.hub = hub
        self.requests: list[Request] = []
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.gone: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._options = options
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sids: list[str] = []

    def __enter__(self) -> "LiveServer":
        self._thread.start()
        self.do(self._start())
        return self

    def __exit__(self, *_error: object) -> None:
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """The base URL of the hub."""
        return f"{'https' if self._context else 'http'}://localhost:{self._raw.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._raw.port

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something in its loop."""
        done: Future[Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(HELD_S)

    def tell(self, content: str) -> None:
        """Say something to every line."""
        self.do(self._server.broadcast(content))

    def hang_up(self) -> None:
        """End every line."""
        self.do(self._server.disconnect())

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._sids)

    async def _start(self) -> None:
        self._server = Server(self._options)
        self._server.on("connect", self._let_in)
        self._server.on("message", lambda _sid, data: self.heard.put(data))
        self._server.on("disconnect", self._let_out)
        self._raw = RawServer(self._server, path=LIVE_PATH)
        await self._raw.start("127.0.0.1", ssl=self._context)

    async def _stop(self) -> None:
        for _ in range(3):  # asyncio loses a connection that it takes while its server is closed
            await asyncio.sleep(0)
        await self._server.shut_down()
        await self._raw.stop()
        for transport in [*self._loop._transports.values()]:  # type: ignore[attr-defined]
            transport.abort()  # somebody who has connected, and has not got far with TLS
        await asyncio.sleep(0)

    def _let_in(self, sid: str, request: Request) -> None:
        self.requests.append(request)
        token = request.header("authorization").removeprefix("Bearer ")
        if self.hub is not None and token not in self.hub.tokens:
            raise ConnectionRefused("nobody knows this token", status=401)
        self._sids.append(sid)

    def _let_out(self, sid: str, reason: str) -> None:
        self._sids.remove(sid)
        self.gone.put(reason)


class Reports:
    """Takes the reports of a line, from its thread."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[LineReport] = queue.SimpleQueue()

    def __call__(self, report: LineReport) -> None:
        self._waiting.put(report)

    def next(self) -> LineReport:
        """Wait for the next one."""
        return self._waiting.get(timeout=HELD_S)

    @property
    def is_empty(self) -> bool:
        """Whether there is none that nobody has taken."""
        return self._waiting.empty()


def until(true: Callable[[], object]) -> None:
    """Wait until something is true, which it soon is."""
    deadline = threading.Event()
    for _ in range(int(HELD_S / 0.005)):
        if true():
            return
        deadline.wait(0.005)
    raise AssertionError("it has not come about")
