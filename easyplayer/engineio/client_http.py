"""HTTP as a client needs it: requests one after the other over kept connections, and the door to a WebSocket.

What goes wrong is raised as :class:`LineError`, with all that may be known of it.
"""

import asyncio
import base64
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import h11
from msgspec import Struct

from easyplayer.engineio.core.client_effects import Fault, refusal_in
from easyplayer.engineio.core.errors import HandshakeError
from easyplayer.engineio.core.handshake import KEY_BYTES, check_answer, client_handshake

CHUNK_BYTES: Final = 64 * 1024
MOST_REFUSAL_BYTES: Final = 64 * 1024
"""So much is read of why not."""
KEPT_S: Final = 4.0
"""How long a connection may have waited for its next request; servers let go of it after 5 s or more."""
CONNECT_MAY_TAKE_S: Final = 5.0
LONGEST_REST_S: Final = 3600.0
SWITCHING: Final = 101
OK: Final = 200
SECURE: Final = {"https": True, "wss": True, "http": False, "ws": False}
PORTS: Final = {True: 443, False: 80}

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[str, int, bool], Awaitable[Streams]]
"""Gives a connection to a host and a port; the third says whether it is encrypted, the certificate checked.

It raises ``OSError`` where nobody can be reached, and :class:`LineError` where somebody on the way refuses.
"""
HeaderList = list[tuple[str, str]]


class Address(Struct, frozen=True):
    """Where a server is, and how its requests begin.

    :ivar authority: host and port as requests name them.
    """

    host: str
    port: int
    tls: bool
    authority: str
    target: str


def address_of(url: str, path: str) -> Address:
    """Read where a server is.

    :param path: at which it has Engine.IO, below the URL's own.
    :raises ValueError: it is no URL of a server.

    >>> address_of("https://hub.example/here", "/live/").target
    '/here/live/?EIO=4&transport='
    """
    parts = urlsplit(url)
    if parts.scheme not in SECURE or not parts.hostname:
        raise ValueError("a server's address begins with http:// or https://, and names a host")
    tls = SECURE[parts.scheme]
    whole = "/".join(filter(None, (parts.path.strip("/"), path.strip("/"))))
    target = f"/{whole}/?EIO=4&transport=" if whole else "/?EIO=4&transport="
    return Address(parts.hostname, parts.port or PORTS[tls], tls, parts.netloc.rpartition("@")[2], target)


class Forward(Struct, frozen=True, kw_only=True):
    """A proxy that passes on requests to ``http://`` addresses.

    :ivar dial: gives a connection to it.
    :ivar headers: that it wants with each request.
    """

    dial: Callable[[], Awaitable[Streams]]
    headers: tuple[tuple[str, str], ...] = ()


class Answer(Struct, frozen=True):
    """A whole answer; names of headers in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class LineError(Exception):
    """A request, or a WebSocket, came to nothing.

    :ivar fault: all that is known of it.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class HttpLine:
    """A connection over which requests go, one after the other.

    :ivar idle_since: when its last answer was read to the end, on the clock of the loop.
    """

    __slots__ = ("_http", "_reader", "_writer", "idle_since")

    def __init__(self, streams: Streams) -> None:
        self._reader, self._writer = streams
        self._http = h11.Connection(h11.CLIENT)
        self.idle_since = 0.0

    def close(self) -> None:
        """Cut it."""
        self._writer.transport.abort()

    def is_fresh(self, now: float) -> bool:
        """Tell whether another request may be sent over it."""
        waits = self._http.our_state is h11.IDLE and self._http.their_state is h11.IDLE
        return waits and not self._reader.at_eof() and now - self.idle_since < KEPT_S

    async def ask(
        self, method: str, target: str, headers: HeaderList, body: bytes, most_bytes: int
    ) -> Answer:
        """Send a request and read its answer.

        :param most_bytes: that its body may have.
        :raises LineError: the line breaks, or the answer is too long, or none.
        """
        with _faults():
            await self._send(method, target, headers, body)
            answer = await self._answer(most_bytes)
            if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
                self._http.start_next_cycle()
            self.idle_since = asyncio.get_running_loop().time()
            return answer

    async def open_socket(self, target: str, headers: HeaderList) -> bytes:
        """Open a WebSocket; give what the server has already said over it.

        :raises LineError: it will not.
        """
        key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
        with _faults():
            await self._send("GET", target, [*headers, *client_handshake(key)], b"")
            event = await self._next_event()
            while isinstance(event, h11.InformationalResponse) and event.status_code != SWITCHING:
                event = await self._next_event()
            if not isinstance(event, h11.InformationalResponse):
                raise LineError(refused(await self._answer_after(event, MOST_REFUSAL_BYTES)))
            try:
                check_answer(key, event.status_code, _headers_of(event))
            except HandshakeError as error:
                raise LineError(Fault(str(error), event.status_code)) from error
            said, _ = self._http.trailing_data
            return said

    async def _send(self, method: str, target: str, headers: HeaderList, body: bytes) -> None:
        given = [*headers, ("content-length", str(len(body)))] if body else headers
        data = self._http.send(h11.Request(method=method, target=target, headers=given)) or b""
        if body:
            data += self._http.send(h11.Data(data=body)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(data)
        await self._writer.drain()

    async def _answer(self, most_bytes: int) -> Answer:
        event = await self._next_event()
        while isinstance(event, h11.InformationalResponse):
            event = await self._next_event()
        return await self._answer_after(event, most_bytes)

    async def _answer_after(self, head: h11.Event, most_bytes: int) -> Answer:
        if not isinstance(head, h11.Response):
            raise LineError(Fault("the line broke before an answer came"))
        parts, length = [], 0
        while isinstance(event := await self._next_event(), h11.Data):
            parts.append(bytes(event.data))
            length += len(event.data)
            if length > most_bytes:
                words = f"the answer is longer than the {most_bytes} bytes that it may have"
                raise LineError(Fault(words, head.status_code))
        return Answer(head.status_code, _headers_of(head), b"".join(parts))

    async def _next_event(self) -> h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._reader.read(CHUNK_BYTES)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise LineError(Fault("the line broke before an answer came"))
            self._http.receive_data(data)
        if not isinstance(event, h11.Event):
            raise LineError(Fault("the server says more than was asked"))
        return event


async def dial_directly(host: str, port: int, tls: bool, context: ssl.SSLContext | None = None) -> Streams:
    """Give a connection straight to a host, as a :data:`Dial` does.

    :param context: how certificates are checked; by default as the machine does.
    """
    checked = context or ssl.create_default_context() if tls else None
    async with asyncio.timeout(CONNECT_MAY_TAKE_S):
        return await asyncio.open_connection(host, port, ssl=checked)


def refused(answer: Answer) -> Fault:
    """Say what is wrong with an answer that brings nothing."""
    refusal = refusal_in(answer.body)
    why = f": {refusal.message}" if refusal is not None and refusal.message else ""
    words = f"the server answers with status {answer.status}{why}"
    return Fault(words, answer.status, answer.body[:MOST_REFUSAL_BYTES], retry_after_s(answer.headers))


def retry_after_s(headers: tuple[tuple[str, str], ...]) -> float | None:
    """Read for how long a server wants to be left alone: in seconds, or until a time of its own clock.

    >>> retry_after_s((("retry-after", "120"),))
    120.0
    """
    said = dict(headers)
    wanted = said.get("retry-after", "").strip()
    try:
        rest_s = float(wanted) if wanted.isdecimal() else _seconds_between(said.get("date", ""), wanted)
    except (TypeError, ValueError):
        return None
    return min(max(rest_s, 0.0), LONGEST_REST_S)


def _seconds_between(now: str, then: str) -> float:
    return (parsedate_to_datetime(then) - parsedate_to_datetime(now)).total_seconds()


def _headers_of(event: h11.Response | h11.InformationalResponse) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in event.headers)


@contextmanager
def _faults() -> Iterator[None]:
    """Tell whatever goes wrong on a line as a :class:`LineError`."""
    try:
        yield
    except h11.LocalProtocolError as error:
        raise LineError(Fault(f"the request cannot be sent: {error}", reached=False)) from error
    except h11.RemoteProtocolError as error:
        raise LineError(Fault(f"what came from the server is no HTTP: {error}")) from error
    except OSError as error:
        raise LineError(Fault(f"the line to the server broke: {error}")) from error
