"""A WebSocket protocol for uvicorn over our own core: ``uvicorn.Config(app, ws=UvicornWebSocket)``.

It is here because of what an idle connection costs: this one keeps the core's state, the application's
task, and no queue.  Bytes become messages only as fast as the application takes them.  A ``send`` that need
not wait does not suspend.  There is no compression, and there are no pings of its own: Engine.IO has them.
"""

import asyncio
import logging
from collections.abc import Iterator, MutableMapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from easyplayer.engineio.core.errors import HandshakeError
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.handshake import Headers, server_handshake
from easyplayer.engineio.core.websocket import Closed, Failed, SocketEvent, WebSocket
from easyplayer.engineio.uvicorn_request import (
    Answer,
    acceptance,
    read_request,
    refusal,
    scope_of,
)

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0
"""So long the other side may take to answer a close, and to fetch what was sent before it."""

Event = MutableMapping[str, Any]
"""A message of ASGI."""
FORBIDDEN = 403
FAILED = 500
UNAVAILABLE = 503


GONE = "the WebSocket is closed"


class ClientGoneError(OSError):
    """There is nobody to send to: either side has closed, or the connection was lost."""


class Stage(Enum):
    """How far a connection has come."""

    ASKING = auto()
    """Its request has not come."""
    DECIDING = auto()
    """The application has neither accepted nor refused it."""
    REFUSING = auto()
    """The application refuses it with an HTTP response whose head is written."""
    OPEN = auto()
    ENDED = auto()
    """The application sends nothing any more."""


class UvicornWebSocket(asyncio.Protocol):
    """One connection, from the request for a WebSocket on; uvicorn makes it, and hands it that request."""

    __slots__ = (
        "_app_state",
        "_config",
        "_cut",
        "_disconnect",
        "_incoming",
        "_loop",
        "_message",
        "_server",
        "_socket",
        "_stage",
        "_switch",
        "_transport",
        "_wanted",
        "_writable",
    )

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config = config
        self._server = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._stage = Stage.ASKING
        self._switch: Headers = ()
        """Headers of the answer that accepts the request."""
        self._socket: WebSocket | None = None
        self._incoming: Iterator[SocketEvent] | None = None
        """What has come and is not looked at: the application has not taken what came before it."""
        self._message: Event | None = None
        """What the application can have at once."""
        self._wanted: asyncio.Future[None] | None = None
        """Where the application waits for more."""
        self._disconnect: Event | None = None
        """What it gets when there is no more."""
        self._writable: asyncio.Event | None = None
        """Where senders wait: the transport takes no more for now."""
        self._cut: asyncio.TimerHandle | None = None

    # -- what the transport says ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport, which uvicorn's HTTP protocol hands over."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # it has been one for HTTP
        self._server.connections.add(self)  # type: ignore[arg-type]  # typed as one of uvicorn's own

    def data_received(self, data: bytes) -> None:
        """Take the request, which comes whole, and then the bytes of the WebSocket."""
        if self._socket is not None:
            if self._incoming is not None:
                self._transport.pause_reading()
            self._incoming = self._socket.receive(data)
            self._read()
        elif self._stage is Stage.ASKING:
            self._ask(data)
        elif self._stage is not Stage.ENDED:
            self._leave(CloseCode.PROTOCOL_ERROR, "the client does not wait for the answer")
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  all the same why
        """Tell the application, and whoever waits to send."""
        self._server.connections.discard(self)
        self._socket = None
        self._leave(CloseCode.ABNORMAL)
        self.resume_writing()
        if self._cut is not None:
            self._cut.cancel()

    def pause_writing(self) -> None:
        """Let senders wait."""
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        """Let senders go on."""
        if self._writable is not None:
            self._writable.set()
            self._writable = None
        if self._incoming is None:
            self._transport.resume_reading()

    def shutdown(self) -> None:
        """Close, because uvicorn ends."""
        if self._stage is Stage.OPEN:
            self._close(CloseCode.RESTART, "")
        elif self._stage is Stage.DECIDING:
            self._refuse(UNAVAILABLE)
        self._hang_up()

    # -- what the application does --------------------------------------------------------------------

    async def receive(self) -> Event:
        """Give the application what comes next; a disconnect again and again.

        For one task at a time.
        """
        self._read()
        while self._message is None:
            if self._disconnect is not None:
                return self._disconnect
            self._wanted = self._loop.create_future()
            await self._wanted
        message, self._message = self._message, None
        return message

    async def send(self, message: Event) -> None:
        """Do what the application says; waits only while the transport takes no more.

        :raises ClientGoneError: there is nobody to send to.
        :raises RuntimeError: a message that makes no sense now.
        """
        if self._writable is not None:
            await self._writable.wait()
        socket = self._socket
        if socket is not None and message["type"] == "websocket.send":
            text = message.get("text")
            written = socket.send(message["bytes"] if text is None else text)
            if not written:
                raise ClientGoneError(GONE)
            self._transport.write(written)
        elif self._stage is Stage.ENDED:
            raise ClientGoneError(GONE)
        else:
            self._do(message)

    def _do(self, message: Event) -> None:
        match self._stage, message["type"]:
            case Stage.DECIDING, "websocket.accept":
                self._accept(message)
            case Stage.DECIDING, "websocket.close":
                self._refuse(FORBIDDEN)
            case Stage.DECIDING, "websocket.http.response.start":
                self._answer(Answer(message["status"], list(message.get("headers", ()))))
                self._stage = Stage.REFUSING
            case Stage.REFUSING, "websocket.http.response.body":
                self._transport.write(message.get("body", b""))
                if not message.get("more_body", False):
                    self._leave(CloseCode.ABNORMAL)
                    self._hang_up()
            case Stage.OPEN, "websocket.close":
                self._close(message.get("code", CloseCode.NORMAL), message.get("reason") or "")
            case stage, kind:
                raise RuntimeError(f"{kind} makes no sense while {stage.name}")

    def _app_ended(self, task: "asyncio.Task[None]") -> None:
        """Close, if the application has not, and tell why it failed, if it did."""
        self._server.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ClientGoneError):
            logger.error("the application has failed", exc_info=error)
        if self._stage is Stage.OPEN:
            self._close(CloseCode.NORMAL if error is None else CloseCode.INTERNAL, "")
        elif self._stage is Stage.DECIDING:
            self._refuse(FAILED)
        elif self._stage is Stage.REFUSING:
            self._transport.abort()

    # -- the opening handshake ------------------------------------------------------------------------

    def _ask(self, head: bytes) -> None:
        """Check the request, and ask the application."""
        request = read_request(head)
        try:
            self._switch = server_handshake(request.method, request.texts())
        except HandshakeError as error:
            self._refuse(error.status, error.headers, error.reason)
            return
        self._stage = Stage.DECIDING
        self._message = {"type": "websocket.connect"}
        # The scope is kept by nobody but the application, which may let go of it.
        scope = scope_of(request, self._transport, self._config)
        scope["state"] = self._app_state.copy()
        task = asyncio.ensure_future(self._config.loaded_app(scope, self.receive, self.send), loop=self._loop)
        self._server.tasks.add(task)
        task.add_done_callback(self._app_ended)

    def _accept(self, message: Event) -> None:
        self._answer(acceptance(self._switch, message.get("headers", ()), message.get("subprotocol")))
        self._switch = ()
        self._socket = WebSocket(client=False, most_bytes=self._config.ws_max_size)
        self._stage = Stage.OPEN

    def _refuse(self, status: int, headers: Headers = (), reason: str = "") -> None:
        """Answer the request with no WebSocket."""
        self._answer(refusal(status, headers, reason))
        self._transport.write(reason.encode())
        self._leave(CloseCode.ABNORMAL)
        self._hang_up()

    def _answer(self, answer: Answer) -> None:
        """Write the head of the answer, with the headers that uvicorn adds to every one."""
        self._transport.write(answer.head(self._server.default_headers))

    # -- reading and closing --------------------------------------------------------------------------

    def _read(self) -> None:
        """Look at what has come, up to a message; when the application has taken that one, further.

        So it may answer a message even where the next frame breaks the protocol, and nothing piles up.
        """
        while self._message is None and self._incoming is not None:
            event = next(self._incoming, None)
            if event is None:
                self._incoming = None
                self._transport.resume_reading()
            else:
                self._take(event)
        self._pay()
        self._wake()

    def _pay(self) -> None:
        """Write what the core owes; who asks for it, and does not fetch it, is not heard for so long."""
        owed = self._socket.to_send() if self._socket is not None else b""
        if owed:
            self._transport.write(owed)
            if self._writable is not None:
                self._transport.pause_reading()

    def _take(self, event: SocketEvent) -> None:
        if isinstance(event, str):
            self._message = {"type": "websocket.receive", "text": event}
        elif isinstance(event, bytes):
            self._message = {"type": "websocket.receive", "bytes": event}
        elif isinstance(event, Closed | Failed):
            self._pay()
            self._leave(event.code, event.reason)
            self._hang_up(lingering=isinstance(event, Failed))

    def _wake(self) -> None:
        """Let the application look what there is."""
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)
        self._wanted = None

    def _close(self, code: int, reason: str) -> None:
        """Close from our side, and wait for the other side's close; messages are passed over meanwhile."""
        if self._socket is not None:
            self._transport.write(self._socket.close(code, reason))
        self._message = None
        self._leave(code, reason)
        self._cut_later()
        self._read()

    def _leave(self, code: int, reason: str = "") -> None:
        """Tell the application that nothing more comes or goes."""
        self._stage = Stage.ENDED
        if self._disconnect is None:
            self._disconnect = {"type": "websocket.disconnect", "code": code, "reason": reason}
        self._wake()

    def _hang_up(self, *, lingering: bool = False) -> None:
        """Close the connection as soon as all is written.

        :param lingering: the other side is still sending.  Were that not read, the system would cut the
            connection off before the other side has read why it is closed.
        """
        self._cut_later()
        if lingering and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _cut_later(self) -> None:
        """See to it that the connection ends, whatever the other side does."""
        if self._cut is None:
            self._cut = self._loop.call_later(CLOSE_TIMEOUT_S, self._transport.abort)
