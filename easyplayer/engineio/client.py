"""A client for asyncio, small enough that thousands have room in one process.

Who wants another session after one that has ended calls :meth:`Client.connect` again, at a pace of his own.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar, overload

from easyplayer.engineio.client_http import Dial, Forward, address_of, dial_directly
from easyplayer.engineio.client_lines import ClientLines, Course
from easyplayer.engineio.core.client_effects import (
    POLLING,
    WEBSOCKET,
    ClientOptions,
    Effects,
    Ended,
    Opened,
    Received,
    State,
    Upgraded,
)
from easyplayer.engineio.core.client_session import ClientSession
from easyplayer.engineio.core.errors import ConnectError, NotConnectedError

__all__ = ["Client", "ConnectError", "Dial", "Ended", "Forward", "NotConnectedError"]

log = logging.getLogger(__name__)

EVENTS: Final = frozenset({"connect", "message", "upgrade", "disconnect"})
MOST_UNSENT_BYTES: Final = 1_000_000

News = Opened | Received | Upgraded | Ended
Handler = Callable[[Any], object]
H = TypeVar("H", bound=Handler)
Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]


class Client:
    """One session at a time with an Engine.IO v4 server.

    Handlers are set with :meth:`on`: ``connect(transport)``, ``message(data)``, ``upgrade(transport)`` and
    ``disconnect(ended)``, each an ordinary function or a coroutine function.  One runs at a time, in the
    order of what happened, and while one waits nothing more is read.

    :param url: of the server.
    :param path: at which it has Engine.IO.
    :param transports: the first is tried first.  ``polling`` as the second takes the place of a WebSocket
        that does not come about; ``websocket`` as the second is what polling is upgraded to.
    :param headers: sent with each request; called for at each :meth:`connect`, where they can be called.
    :param dial: gives connections.
    :param forward: a proxy for polls to an ``http://`` server; all else goes by ``dial``.
    :param most_bytes: of a message, or a payload, from the server.
    :param timeouts: ``open_timeout_s``, ``upgrade_timeout_s``, ``leave_timeout_s``; see
        :class:`~easyplayer.engineio.core.client_effects.ClientOptions`.
    :raises ValueError: the URL is none, or a transport.
    """

    __slots__ = (
        "_address", "_deliverer", "_delivering", "_dial", "_forward", "_handlers", "_headers", "_lines",
        "_news", "_opened", "_options", "_over", "_room", "_session", "_timer",
    )  # fmt: skip

    def __init__(
        self,
        url: str,
        *,
        path: str = "/engine.io/",
        transports: tuple[str, ...] = (WEBSOCKET, POLLING),
        headers: Headers | None = None,
        dial: Dial = dial_directly,
        forward: Forward | None = None,
        most_bytes: int = 1_000_000,
        **timeouts: float,
    ) -> None:
        self._address = address_of(url, path)
        self._options = ClientOptions(transports=transports, most_bytes=most_bytes, **timeouts)
        self._headers = headers
        self._dial = dial
        self._forward = None if self._address.tls else forward
        self._handlers: dict[str, Handler] = {}
        self._session = ClientSession(self._options)
        self._lines: ClientLines | None = None
        self._news: list[News] = []
        self._delivering = False
        self._deliverer: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[None] | None = None
        self._over: asyncio.Future[Ended] | None = None
        self._room: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def sid(self) -> str:
        """The session's id; empty before there was one."""
        return self._session.sid

    @property
    def transport(self) -> str:
        """What the session goes by: ``websocket``, ``polling``, or nothing where there is none."""
        return self._session.transport

    @overload
    def on(self, event: str) -> Callable[[H], H]: ...

    @overload
    def on(self, event: str, handler: H) -> H: ...

    def on(self, event: str, handler: H | None = None) -> H | Callable[[H], H]:
        """Set the handler of an event, in the place of the one that it had; without one this is a decorator.

        :raises ValueError: there is no such event.
        """
        if event not in EVENTS:
            raise ValueError(f"there is no event {event}: there are {', '.join(sorted(EVENTS))}")
        if handler is None:
            return lambda function: self.on(event, function)
        self._handlers[event] = handler
        return handler

    async def connect(self) -> None:
        """Open a session.

        :raises ConnectError: the server cannot be reached, or does not let us in; or there is a session.
        """
        if self._session.state not in {State.NEW, State.ENDED}:
            raise ConnectError("there is a session already, or one is being opened")
        loop = asyncio.get_running_loop()
        given = self._headers() if callable(self._headers) else self._headers or {}
        course = Course(
            self._address, tuple(given.items()), self._dial, self._forward, self._options.most_bytes
        )
        self._session = ClientSession(self._options)
        self._lines = ClientLines(course, self._session, self._do, self._delivered)
        self._opened, self._over = loop.create_future(), loop.create_future()
        self._do(self._session.start(loop.time()))
        try:
            await self._opened
        except asyncio.CancelledError:
            self._do(self._session.close(loop.time()))
            raise
        finally:
            self._opened = None

    async def send(self, data: str | bytes) -> None:
        """Send a message; wait while too much waits to be sent.

        What was sent has not arrived: of a session that breaks, nobody knows what has.

        :raises NotConnectedError: there is no session.
        :raises PacketError: it is longer than the server takes.
        """
        self._do(self._session.send(data))
        if self._lines is not None:
            await self._lines.drain()
        while self._session.queued_bytes > MOST_UNSENT_BYTES:
            self._room = self._room or asyncio.Event()
            await self._room.wait()

    def send_nowait(self, data: str | bytes) -> bool:
        """Send a message, unless there is no session or too much waits to be sent; tell whether it was taken.

        :raises PacketError: it is longer than the server takes.
        """
        if not self.transport or self._unsent_bytes > MOST_UNSENT_BYTES:
            return False
        self._do(self._session.send(data))
        return True

    async def close(self) -> None:
        """Leave, once what was sent has gone out; what comes from now on is not told."""
        self._news = [one for one in self._news if not isinstance(one, Received)]
        self._do(self._session.close(asyncio.get_running_loop().time()))
        if self._over is not None:
            await asyncio.shield(self._over)

    async def wait(self) -> Ended:
        """Wait until the session is over, and tell why.

        :raises NotConnectedError: there was none.
        """
        if self._over is None:
            raise NotConnectedError("there is no session whose end could come")
        return await asyncio.shield(self._over)

    # -- what the session wants ------------------------------------------------------------------

    def _do(self, effects: Effects) -> None:
        """Do what is for the lines at once, so that it goes out in its order; the rest is told after that."""
        lines = self._lines
        for effect in effects:
            if isinstance(effect, Opened | Received | Upgraded | Ended):
                self._news.append(effect)
                if isinstance(effect, Opened) and self._opened is not None and not self._opened.done():
                    self._opened.set_result(None)
                elif isinstance(effect, Ended):
                    self._end(effect)
            elif lines is not None:
                lines.perform(effect)
        self._arm()
        if self._room is not None and self._session.queued_bytes <= MOST_UNSENT_BYTES:
            self._room.set()
            self._room = None
        self._deliver()

    def _end(self, ended: Ended) -> None:
        if self._opened is not None and not self._opened.done():
            fault = ended.fault
            error = ConnectError(fault.words, fault.status, fault.body, fault.retry_after_s)
            self._opened.set_exception(error)
        if self._over is not None and not self._over.done():
            self._over.set_result(ended)
        if self._lines is not None:
            self._lines.drop()

    def _arm(self) -> None:
        """Be called when the session next wants it; a call that comes too early is let come."""
        deadline = self._session.next_deadline()
        if self._timer is not None and (deadline is None or deadline < self._timer.when()):
            self._timer.cancel()
            self._timer = None
        if deadline is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._time_has_come)

    def _time_has_come(self) -> None:
        self._timer = None
        self._do(self._session.tick(asyncio.get_running_loop().time()))

    @property
    def _unsent_bytes(self) -> int:
        return self._session.queued_bytes + (self._lines.unsent_bytes if self._lines is not None else 0)

    # -- what is told ----------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Call the handlers, as far as none has to be waited for."""
        if self._delivering:
            return
        self._delivering = True
        while self._news:
            waiting = self._tell(self._news.pop(0))
            if waiting is not None:
                self._deliverer = asyncio.get_running_loop().create_task(self._deliver_after(waiting))
                return
        self._delivering = False

    async def _deliver_after(self, waiting: Awaitable[object] | None) -> None:
        """Call the handlers, and wait for each."""
        while True:
            if waiting is not None:
                try:
                    await waiting
                except Exception:  # a handler's fault must not cut the line
                    log.exception("a handler failed")
            if not self._news:
                break
            waiting = self._tell(self._news.pop(0))
        self._delivering, self._deliverer = False, None

    async def _delivered(self) -> None:
        if self._deliverer is not None:
            await asyncio.wait({self._deliverer})

    def _tell(self, news: News) -> Awaitable[object] | None:
        """Call the handler for what has happened; where it has to be waited for, give what."""
        name, told = _told(news)
        handler = self._handlers.get(name)
        if handler is None:
            return None
        try:
            waiting = handler(told)
        except Exception:  # a handler's fault must not cut the line
            log.exception("a handler of %s failed", name)
            return None
        return waiting if inspect.isawaitable(waiting) else None


def _told(news: News) -> tuple[str, object]:
    """Give the name of an event, and what its handler is given; no name where it is told to nobody."""
    if isinstance(news, Received):
        return "message", news.data
    if isinstance(news, Opened):
        return "connect", news.transport
    if isinstance(news, Upgraded):
        return "upgrade", news.transport
    return ("disconnect", news) if news.opened else ("", news)
