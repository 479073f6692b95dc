"""What the engine wants done, in the order in which it is to be done.

A *line* is one HTTP request, or one WebSocket. The driver gives each a number of its own, and never one
twice. An effect names only lines that are open: none comes after the answer to a request, or a socket's
closing.
"""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from easyplayer.engineio.core.http import Headers, Request, Response
from easyplayer.engineio.core.packets import Packet
from easyplayer.engineio.core.refusals import Refusal

Line: TypeAlias = int
"""One HTTP request, or one WebSocket."""


class Reason(StrEnum):
    """Why a session is over."""

    CLIENT_LEFT = "client left"
    SERVER_CLOSED = "server closed"
    PING_TIMEOUT = "ping timeout"
    POLL_CUT = "poll cut"
    DUPLICATE_POLL = "duplicate poll"
    SOCKET_CLOSED = "socket closed"
    SOCKET_FAILED = "socket failed"
    BAD_PACKET = "bad packet"
    TOO_LARGE = "too large"
    SLOW_CLIENT = "slow client"
    CONNECT_TIMEOUT = "connect timeout"
    SHUTDOWN = "shutdown"


class Respond(Struct, frozen=True, gc=False):
    """Answer an HTTP request."""

    line: Line
    response: Response


class AcceptSocket(Struct, frozen=True, gc=False):
    """Agree to the opening handshake of a WebSocket.

    :ivar headers: of the answer, beside those of RFC 6455.
    """

    line: Line
    headers: Headers


class RefuseSocket(Struct, frozen=True, gc=False):
    """Answer the request that would have opened a WebSocket."""

    line: Line
    response: Response


class Send(Struct, frozen=True, gc=False):
    """Send one message over a WebSocket."""

    line: Line
    packet: Packet


class CloseSocket(Struct, frozen=True, gc=False):
    """Close a WebSocket, once all is sent that was to be sent before.

    :ivar code: of RFC 6455.
    :ivar reason: ASCII, up to 123 bytes.
    """

    line: Line
    code: int
    reason: str


class Connecting(Struct, frozen=True):
    """Ask the application whether a client may come in; then call ``accept`` or ``refuse`` of the engine.

    A session that it was asked for ends with :class:`Disconnected`, unless the application itself refused it.
    """

    sid: str
    request: Request


class Connected(Struct, frozen=True, gc=False):
    """A session has begun."""

    sid: str


class Received(Struct, frozen=True, gc=False):
    """A message has come."""

    sid: str
    data: str | bytes


class Upgraded(Struct, frozen=True, gc=False):
    """A session goes over a WebSocket from now on."""

    sid: str


class UpgradeFailed(Struct, frozen=True, gc=False):
    """A session goes on polling: the WebSocket that would become its own died, was late, or made no sense."""

    sid: str


class Dropped(Struct, frozen=True, gc=False):
    """Messages for a slow client were thrown away, as the options have it."""

    sid: str
    messages: int


class Disconnected(Struct, frozen=True, gc=False):
    """A session is over; nothing of it comes after this."""

    sid: str
    reason: Reason


class Refused(Struct, frozen=True, gc=False):
    """Something was refused; comes before the answer."""

    line: Line
    refusal: Refusal
    address: str


Effect: TypeAlias = (
    Respond
    | AcceptSocket
    | RefuseSocket
    | Send
    | CloseSocket
    | Connecting
    | Connected
    | Received
    | Upgraded
    | UpgradeFailed
    | Dropped
    | Disconnected
    | Refused
)
