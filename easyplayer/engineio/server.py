"""The server as an application has it: handlers, sending, sessions, and the entry for ASGI.

Everything is called in one event loop, and none of it from another thread.
"""

import asyncio
import functools
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, Protocol, TypeVar, overload

import msgspec

from easyplayer.engineio.application import Application
from easyplayer.engineio.asgi import Attached, Entry
from easyplayer.engineio.asgi_types import App, Receive, Scope, Send
from easyplayer.engineio.core.downlink import State
from easyplayer.engineio.core.engine import Engine
from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.options import POLLING, WEBSOCKET, Options
from easyplayer.engineio.core.packets import Packet, PacketType
from easyplayer.engineio.dispatcher import Dispatcher
from easyplayer.engineio.figures import Figures
from easyplayer.engineio.handlers import Handler, Handlers
from easyplayer.engineio.proxies import Proxies
from easyplayer.engineio.tasks import Tasks

PATH = "/engine.io/"
HANDLERS_MAY_TAKE_S = 0.7
"""So long the handlers may still take once the server is to end."""
SID_BYTES = 15
"""Of randomness in a session's name: 20 characters."""

P = ParamSpec("P")
H = TypeVar("H", bound=Handler)


class Json(Protocol):
    """What writes messages that are neither text nor bytes; the module ``json`` is one."""

    def dumps(self, value: Any, /) -> str:
        """Write a value."""


class _Msgspec:
    def dumps(self, value: Any, /) -> str:
        return msgspec.json.encode(value).decode()


class Server:
    """An Engine.IO v4 server.

    Handlers are set by :meth:`on`. ``connect(sid, request)`` lets a client in by giving nothing or True, and
    refuses it by giving False or the reason as text, or by raising
    :class:`~easyplayer.engineio.handlers.ConnectionRefused`. ``message(sid, data)`` gets text or bytes.
    ``disconnect(sid, reason)`` comes once for every client that was let in, with a
    :class:`~easyplayer.engineio.core.effects.Reason`. For one session they are called in this order, one at
    a time; where more than a little waits for them, nothing more is read from the client, and one whose
    handlers lag behind by more than the ping timeout is lost.

    :param json: writes what is neither ``str`` nor ``bytes``.
    :param clock: monotonic seconds.
    :param chance: gives so many bytes that nobody can guess, in URL-safe text.
    :param trusted_proxies: whose word about the client's address is believed; see
        :class:`~easyplayer.engineio.proxies.Proxies`.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        json: Json | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[int], str] = secrets.token_urlsafe,
        trusted_proxies: Iterable[str] = (),
    ) -> None:
        self.options = options or Options()
        self.proxies = Proxies(trusted_proxies)
        self._json = json or _Msgspec()
        self._handlers = Handlers()
        self._handling, self._beside = Tasks(), Tasks()
        self._application = Application(self._handlers, self._handling)
        engine = Engine(self.options, functools.partial(chance, SID_BYTES))
        self.dispatcher = Dispatcher(engine, clock, self._application)
        self._application.door = self.dispatcher
        self._entry = Entry(self.dispatcher, self.proxies, self.options.max_http_buffer_size)

    @overload
    def on(self, event: str) -> Callable[[H], H]: ...

    @overload
    def on(self, event: str, handler: H) -> H: ...

    def on(self, event: str, handler: H | None = None) -> H | Callable[[H], H]:
        """Set the handler of an event, in the place of the one that it had; without one this is a decorator.

        :param event: ``connect``, ``message`` or ``disconnect``.
        :param handler: a function, which is called in the loop and must be quick, or a coroutine function.
        :raises ValueError: there is no such event.
        """
        if handler is None:
            return lambda function: self.on(event, function)
        self._handlers.on(event, handler)
        return handler

    async def send(self, sid: str, data: Any) -> bool:
        """Send a message to a client.

        It never waits: what the client cannot take yet is queued, within the bounds of the options.

        :param data: text, bytes, or what JSON can hold.
        :return: False where the session is over; True says that it was queued, not that it was read.
        """
        return self.send_nowait(sid, data)

    def send_nowait(self, sid: str, data: Any) -> bool:
        """Do the same as :meth:`send`, from where nothing can be awaited."""
        return self.dispatcher.send(sid, self._packet(data))

    async def broadcast(self, data: Any, sids: Iterable[str] | None = None) -> int:
        """Send a message to many clients; it is written once for all.

        :param sids: to whom; all that are connected where this is left out.
        :return: to how many.
        """
        if sids is None:
            sessions = self.dispatcher.engine.sessions
            sids = [sid for sid, session in sessions.items() if session.connected]
        return self.dispatcher.send_to_all(sids, self._packet(data))

    async def get_session(self, sid: str) -> dict[str, Any]:
        """Give what the application keeps of a session; it is empty at first.

        It is there from the connect handler to the disconnect handler.

        :raises UnknownSessionError: the session is over.
        """
        session = self.dispatcher.engine.sessions.get(sid)
        if (session is None or session.state is State.CLOSING) and not self._application.is_leaving(sid):
            raise UnknownSessionError(sid)
        return self._application.kept.setdefault(sid, {})

    async def save_session(self, sid: str, session: dict[str, Any]) -> None:
        """Keep something else of a session.

        :raises UnknownSessionError: the session is over.
        """
        await self.get_session(sid)
        self._application.kept[sid] = session

    @asynccontextmanager
    async def session(self, sid: str) -> AsyncIterator[dict[str, Any]]:
        """Give what the application keeps of a session; what is changed in it is kept.

        :raises UnknownSessionError: the session is over.
        """
        yield await self.get_session(sid)

    async def disconnect(self, sid: str | None = None) -> None:
        """Close a session; all of them where none is named. One that is over already is passed over."""
        for one in list(self.dispatcher.engine.sessions) if sid is None else (sid,):
            self.dispatcher.disconnect(one)

    def transport(self, sid: str) -> str:
        """Tell by which transport a session goes: ``polling`` or ``websocket``.

        :raises UnknownSessionError: the session is over.
        """
        session = self.dispatcher.engine.sessions.get(sid)
        if session is None:
            raise UnknownSessionError(sid)
        return session.transport

    def start_background_task(
        self, work: Callable[P, Any], *what: P.args, **named: P.kwargs
    ) -> "asyncio.Future[Any]":
        """Run something beside, until it ends or the server is shut down; a failure of it is logged.

        :param work: a coroutine function, or a function, which then runs in a thread.
        """
        if iscoroutinefunction(work):
            return self._beside.start_logged(work(*what, **named))
        running = asyncio.to_thread(work, *what, **named)
        return self._beside.start_logged(running)

    def figures(self) -> Figures:
        """Give all figures as they are now."""
        sessions = self.dispatcher.engine.sessions.values()
        transports = Counter(session.transport for session in sessions if session.connected)
        return self.dispatcher.counts.figures(
            sessions={POLLING: transports[POLLING], WEBSOCKET: transports[WEBSOCKET]},
            queued_packets=sum(session.queued_packets for session in sessions),
            queued_bytes=sum(session.queued_bytes for session in sessions),
            handlers_behind=len(self._application),
        )

    async def shut_down(self) -> None:
        """End: clients are told, nobody is let in any more, and handlers have a short while to finish.

        It returns within two seconds, and may be called again.
        """
        self.dispatcher.shut_down()
        await self._handling.finish(HANDLERS_MAY_TAKE_S)
        await self._beside.finish(0.0)

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application: requests and WebSockets, whatever their path, and the lifespan."""
        await self._entry(scope, receive, send)

    def attach(self, app: App | None = None, path: str = PATH) -> Attached:
        """Make an ASGI application that answers at our path, and leaves all else to another one.

        :param app: that other one; without it there is nothing else.
        :param path: ours, with or without the slash at its end.
        """
        return Attached(self.handle_request, app, path, self.shut_down)

    def _packet(self, data: Any) -> Packet:
        if not isinstance(data, str | bytes):
            data = bytes(data) if isinstance(data, bytearray | memoryview) else self._json.dumps(data)
        return Packet(PacketType.MESSAGE, data)
