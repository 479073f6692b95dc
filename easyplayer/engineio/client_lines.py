"""The connections of a client's session: does what the session wants, and tells it what has come of it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from easyplayer.engineio.client_http import (
    CHUNK_BYTES,
    OK,
    Address,
    Answer,
    Dial,
    Forward,
    HeaderList,
    HttpLine,
    LineError,
    Streams,
    refused,
)
from easyplayer.engineio.core.client_effects import (
    POLLING,
    WEBSOCKET,
    CloseSocket,
    DropSocket,
    Effect,
    Effects,
    Fault,
    OpenSocket,
    Poll,
    Post,
    Say,
)
from easyplayer.engineio.core.client_session import ClientSession
from easyplayer.engineio.core.websocket import Closed, Failed, SocketEvent, WebSocket

MASK_BYTES: Final = 4


class Course(Struct, frozen=True):
    """How a session gets to its server.

    :ivar headers: sent with each request.
    :ivar forward: a proxy for polls; ``None`` where they go as WebSockets do.
    :ivar most_bytes: of a message, or a payload, from the server.
    """

    address: Address
    headers: tuple[tuple[str, str], ...]
    dial: Dial
    forward: Forward | None
    most_bytes: int


class ClientLines:
    """The connections of one session.

    :param done: takes the effects that follow from what has come.
    :param ready: waits until the application has heard what has come so far.
    """

    __slots__ = ("_course", "_done", "_idle", "_ready", "_session", "_socket", "_tasks", "_websocket")

    def __init__(
        self,
        course: Course,
        session: ClientSession,
        done: Callable[[Effects], None],
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._course = course
        self._session = session
        self._done = done
        self._ready = ready
        self._idle: list[HttpLine] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: asyncio.Task[None] | None = None
        self._websocket: tuple[WebSocket, asyncio.StreamWriter] | None = None

    def perform(self, effect: Effect) -> None:
        """Do what the session wants, if it is for here."""
        if isinstance(effect, Say):
            self._write(lambda websocket: websocket.send(effect.message))
        elif isinstance(effect, Poll):
            self._begin(self._poll())
        elif isinstance(effect, Post):
            self._begin(self._post(effect.payload))
        elif isinstance(effect, OpenSocket):
            self._socket = self._begin(self._hold_socket())
        elif isinstance(effect, CloseSocket):
            self._write(WebSocket.close)
        elif isinstance(effect, DropSocket):
            self._drop_socket()

    def drop(self) -> None:
        """Cut all that is open; nothing more is told."""
        self._drop_socket()
        for task in self._tasks:
            _cancel(task)
        for line in self._idle:
            line.close()
        self._idle = []

    @property
    def unsent_bytes(self) -> int:
        """How much the WebSocket has not taken yet."""
        return self._websocket[1].transport.get_write_buffer_size() if self._websocket else 0

    async def drain(self) -> None:
        """Wait until the WebSocket takes more."""
        if self._websocket is not None:
            with suppress(OSError):  # who reads it is told, too
                await self._websocket[1].drain()

    # -- polls -----------------------------------------------------------------------------------

    async def _poll(self) -> None:
        await self._ready()
        try:
            answer = await self._ask("GET", b"")
        except LineError as error:
            self._done(self._session.request_failed(error.fault))
        else:
            self._done(self._session.polled(answer.body, _now()))

    async def _post(self, payload: bytes) -> None:
        try:
            await self._ask("POST", payload)
        except LineError as error:
            self._done(self._session.request_failed(error.fault))
        else:
            self._done(self._session.posted(_now()))

    async def _ask(self, method: str, body: bytes) -> Answer:
        course = self._course
        line = self._free_line() or HttpLine(await self._dial_for_polls())
        target, headers = self._target(POLLING), [*self._headers(), ("cache-control", "no-cache")]
        if course.forward is not None:
            target = f"http://{course.address.authority}{target}"
            headers += [("connection", "close"), *course.forward.headers]  # some close without saying so
        if body:
            headers.append(("content-type", "text/plain;charset=UTF-8"))
        answered = False
        try:
            answer = await line.ask(method, target, headers, body, course.most_bytes)
            answered = line.is_fresh(_now())
        finally:
            if answered:
                self._idle.append(line)
            else:
                line.close()
        if answer.status != OK:
            raise LineError(refused(answer))
        return answer

    def _free_line(self) -> HttpLine | None:
        """Give the connection that has waited the shortest; the others have waited too long by then."""
        now = _now()
        while self._idle:
            line = self._idle.pop()
            if line.is_fresh(now):
                return line
            line.close()
        return None

    def _dial_for_polls(self) -> Awaitable[Streams]:
        forward = self._course.forward
        if forward is None:
            return self._dialled(self._course.address.host, self._dial())
        return self._dialled("the proxy", forward.dial())

    # -- the WebSocket ---------------------------------------------------------------------------

    async def _hold_socket(self) -> None:
        orderly = False
        try:
            reader, writer = await self._dialled(self._course.address.host, self._dial())
            try:
                fault, orderly = await self._converse(reader, writer)
            finally:
                writer.transport.abort()
        except LineError as error:
            fault = error.fault
        except OSError as error:
            fault = Fault(f"the line to the server broke: {error}")
        if self._socket is asyncio.current_task():
            self._websocket = None
            self._done(self._session.socket_gone(fault, _now(), orderly=orderly))

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Fault, bool]:
        """Open the WebSocket and hear it to its end; tell with which words that came, and whether in order.

        :raises LineError: it never came about.
        """
        said = await HttpLine((reader, writer)).open_socket(self._target(WEBSOCKET), self._headers())
        websocket = WebSocket(client=True, most_bytes=self._course.most_bytes, make_mask=_mask)
        self._websocket = websocket, writer
        self._done(self._session.socket_opened())
        while self._is_held:
            end = self._hear(websocket.receive(said))
            _write(writer, websocket.to_send())
            if end is not None:
                return end
            await self._ready()
            said = await reader.read(CHUNK_BYTES)
            if not said:
                return Fault("the server has cut the WebSocket"), False
        return Fault("it was dropped"), False

    def _hear(self, events: Iterable[SocketEvent]) -> tuple[Fault, bool] | None:
        """Hand on the messages; where it is over, tell with which words, and whether in order."""
        end = None
        for event in events:
            if isinstance(event, str | bytes):
                self._done(self._session.socket_message(event, _now()))
            elif isinstance(event, Closed):
                words = f"the server has closed the WebSocket: {event.code} {event.reason}".rstrip()
                end = Fault(words), True
            elif isinstance(event, Failed):
                end = Fault(f"the server breaks the rules of a WebSocket: {event.reason}"), False
        return end

    @property
    def _is_held(self) -> bool:
        """Whether there is a WebSocket that nobody has dropped."""
        return self._websocket is not None

    def _write(self, frame: Callable[[WebSocket], bytes]) -> None:
        if self._websocket is not None:
            websocket, writer = self._websocket
            _write(writer, frame(websocket))

    def _drop_socket(self) -> None:
        self._write(WebSocket.close)
        if self._websocket is not None:
            self._websocket[1].transport.abort()
        if self._socket is not None:
            _cancel(self._socket)
        self._socket = self._websocket = None

    # -- both ------------------------------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)
        return task

    def _dial(self) -> Awaitable[Streams]:
        address = self._course.address
        return self._course.dial(address.host, address.port, address.tls)

    @staticmethod
    async def _dialled(whom: str, streams: Awaitable[Streams]) -> Streams:
        try:
            return await streams
        except LineError:
            raise
        except Exception as error:  # whatever a dial of somebody else's raises must not leave us waiting
            why = str(error) or "it does not answer"
            raise LineError(Fault(f"{whom} cannot be reached: {why}", reached=False)) from error

    def _target(self, transport: str) -> str:
        sid = f"&sid={quote(self._session.sid, safe='')}" if self._session.sid else ""
        return f"{self._course.address.target}{transport}{sid}"

    def _headers(self) -> HeaderList:
        return [("host", self._course.address.authority), *self._course.headers]


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Write, unless the connection is cut already: some loops raise an error then."""
    if not writer.transport.is_closing():
        writer.write(data)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _mask() -> bytes:
    return os.urandom(MASK_BYTES)


def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task, unless it is the one that asks for it, which ends by itself."""
    if task is not asyncio.current_task():
        task.cancel()
