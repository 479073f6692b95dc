"""A WebSocket of the raw driver."""

import asyncio
from collections.abc import Iterator

from easyplayer.engineio.core.effects import Line
from easyplayer.engineio.core.errors import HandshakeError
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.handshake import server_handshake
from easyplayer.engineio.core.http import Headers, Request, Response
from easyplayer.engineio.core.packets import Packet
from easyplayer.engineio.core.refusals import Refusal, body_of
from easyplayer.engineio.core.websocket import Closed, Failed, SocketEvent, WebSocket
from easyplayer.engineio.raw_site import Site
from easyplayer.engineio.raw_write import head_of
from easyplayer.engineio.wires import CLOSING_MAY_TAKE_S

MOST_GATHERED_BYTES = 65_536
"""So much is gathered of what a read leads to before it is written."""
MOST_EARLY_BYTES = 65_536
"""So much may come before the opening handshake is answered; nothing should."""


def open_socket(site: Site, transport: asyncio.Transport, request: Request, tail: bytes) -> Response | None:
    """Make a connection a WebSocket, or one that waits to become it.

    :param tail: what came behind the request.
    :return: the answer, where the request is none for a WebSocket.
    """
    try:
        answer = server_handshake(request.method, request.headers)
    except HandshakeError as error:
        site.dispatcher.refused(Refusal.BAD_REQUEST, request.address)
        body = body_of(3, "Bad request")
        length = ("content-length", str(len(body)))
        return Response(error.status, (("content-type", "application/json"), length, *error.headers), body)
    socket = SocketConnection(site, transport, tuple(answer), tail)
    transport.set_protocol(socket)
    site.dispatcher.upgrade(socket.line, request)
    return None


class SocketConnection(asyncio.Protocol):
    """One WebSocket; a :class:`~easyplayer.engineio.wires.SocketWire`.

    :param answer: headers of the opening handshake's answer.
    :param early: bytes that came behind the request.
    :ivar line: its number.
    """

    __slots__ = (
        "_answer",
        "_early",
        "_gathered",
        "_incoming",
        "_is_held",
        "_site",
        "_socket",
        "_timer",
        "_transport",
        "line",
    )

    def __init__(self, site: Site, transport: asyncio.Transport, answer: Headers, early: bytes) -> None:
        self._site = site
        self._transport = transport
        self._answer: Headers | None = answer
        self._early = early
        """What has come and cannot be read yet."""
        self._socket: WebSocket | None = None
        """There is none before the opening handshake, and after the end."""
        self._incoming: Iterator[SocketEvent] | None = None
        """What was read, and waits for the application."""
        self._gathered: bytearray | None = None
        """What is to be written once all that was read is heard."""
        self._is_held = False
        self._timer: asyncio.TimerHandle | None = None
        self.line: Line = site.dispatcher.open_socket(self)
        site.sockets.add(self)

    # What the transport says.

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of the contract
        """End."""
        self._site.sockets.discard(self)
        self._socket = self._incoming = self._gathered = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._site.dispatcher.socket_gone(self.line)

    def data_received(self, data: bytes) -> None:
        """Read messages."""
        if self._answer is not None or self._incoming is not None:
            self._early += data
            if len(self._early) > MOST_EARLY_BYTES:
                self._transport.pause_reading()
        elif self._socket is not None:
            self._incoming = iter(self._socket.receive(data))
            self._read()

    def pause_writing(self) -> None:
        """Take no more for now: the client does not read."""
        self._site.dispatcher.paused(self.line)

    def resume_writing(self) -> None:
        """Take more."""
        self._site.dispatcher.resumed(self.line)

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    # What the dispatcher says.

    def accept_socket(self, headers: Headers) -> None:
        """Agree to the opening handshake."""
        answer, self._answer = self._answer or (), None
        head = head_of(Response(101, (*answer, *headers), b""), self._site.date())
        self._socket = WebSocket(client=False, most_bytes=self._site.most_bytes)
        self._transport.write(b"".join((*head, b"\r\n")))
        if self._early:
            asyncio.get_running_loop().call_soon(self._go_on)

    def refuse_socket(self, response: Response) -> None:
        """Refuse it."""
        head = head_of(response, self._site.date())
        self._transport.write(b"".join((*head, b"connection: close\r\n\r\n", response.body)))
        self._answer = None
        self._end()

    def send(self, packet: Packet) -> None:
        """Send a message."""
        self._write(packet.frame)

    def close_socket(self, code: int, reason: str) -> None:
        """Close it; it is cut off where that takes too long."""
        if self._socket is not None:
            self._write(self._socket.to_send() + self._socket.close(code, reason))
            self.go_on()
            self._cut_off_later()

    def hold(self) -> None:
        """Read no more for now."""
        self._is_held = True
        self._transport.pause_reading()

    def go_on(self) -> None:
        """Read on."""
        self._is_held = False
        asyncio.get_running_loop().call_soon(self._go_on)

    # What it does.

    def _go_on(self) -> None:
        """Read what has waited."""
        if self._is_held:
            return
        if self._incoming is not None:
            self._read()
        if self._incoming is None and self._early and self._socket is not None:
            early, self._early = self._early, b""
            self._incoming = iter(self._socket.receive(early))
            self._read()
        if not self._is_held:
            self._transport.resume_reading()

    def _read(self) -> None:
        """Hear what was read; what that leads to is written at once behind it."""
        self._gathered = bytearray()
        hear = self._site.dispatcher.message
        for event in self._incoming or ():
            if isinstance(event, str | bytes):
                hear(self.line, event)
                if self._is_held:
                    break
            elif isinstance(event, Closed | Failed):
                self._other_side_ends(event)
        else:
            self._incoming = None
        if self._socket is not None:
            self._write(self._socket.to_send())
        self._flush()

    def _other_side_ends(self, event: Closed | Failed) -> None:
        """Take the other side's close frame, or what is none of RFC 6455."""
        dispatcher = self._site.dispatcher
        if isinstance(event, Failed) and event.code == CloseCode.TOO_LARGE:
            dispatcher.too_large(self.line)
        dispatcher.socket_gone(self.line, failed=isinstance(event, Failed))
        if self._socket is not None:
            self._write(self._socket.to_send())
        self._flush()
        self._end()

    def _write(self, data: bytes) -> None:
        if self._gathered is None:
            self._transport.write(data)
            return
        self._gathered += data
        if len(self._gathered) > MOST_GATHERED_BYTES:
            self._flush()
            self._gathered = bytearray()

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, None
        if gathered:
            self._transport.write(bytes(gathered))

    def _end(self) -> None:
        """Close the connection, once all is written and the client has had time to read it."""
        self._socket = self._incoming = None
        self._early = b""
        self._cut_off_later()
        self._transport.resume_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _cut_off_later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(CLOSING_MAY_TAKE_S, self._transport.abort)
