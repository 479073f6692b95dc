"""What a client's session goes by, what it wants done, and what it tells."""

from enum import Enum, StrEnum, auto
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

WEBSOCKET: Final = "websocket"
POLLING: Final = "polling"
MOST_PING_MS: Final = 2**31
UNAUTHORIZED: Final = 401
TOO_MANY: Final = 429
UNAVAILABLE: Final = 503
FORBIDDEN_CODE: Final = 4
"""By which an Engine.IO server says that its application will not have us."""


class State(Enum):
    """How far a session has come."""

    NEW = auto()
    OPENING_SOCKET = auto()
    OPENING_POLL = auto()
    POLLING = auto()
    PROBING = auto()
    """Polling, while a WebSocket is tried."""
    PAUSING = auto()
    """The WebSocket works: it is taken as soon as no request is under way."""
    SOCKET = auto()
    LEAVING = auto()
    """We have closed, and wait until the server has heard it."""
    ENDED = auto()


OPENING = frozenset({State.OPENING_SOCKET, State.OPENING_POLL})
BY_POLLS = frozenset({State.POLLING, State.PROBING, State.PAUSING})
LIVE = BY_POLLS | {State.SOCKET}
UPGRADING = frozenset({State.PROBING, State.PAUSING})
OVER = frozenset({State.LEAVING, State.ENDED})


class EndReason(StrEnum):
    """Why a session is over."""

    LEFT = "we have closed it"
    SERVER_CLOSED = "the server has closed it"
    SERVER_SILENT = "nothing has come from the server for too long"
    BROKEN = "the line broke"
    REFUSED = "we were not let in"
    NONSENSE = "what came is not Engine.IO"


class Fault(Struct, frozen=True):
    """What went wrong with a request or a WebSocket.

    :ivar words: what, for people.
    :ivar status: of the answer; 0 where there was none.
    :ivar body: of the answer.
    :ivar retry_after_s: for how long whoever has answered wants to be left alone, where it has said so.
    :ivar reached: whether there was anybody at all at the other end.
    """

    words: str
    status: int = 0
    body: bytes = b""
    retry_after_s: float | None = None
    reached: bool = True


class ClientOptions(Struct, frozen=True, kw_only=True):
    """What a client wants; times in seconds.

    :ivar transports: the first is tried first, the second after it, or instead of it.
    :ivar open_timeout_s: how long the server may take to let us in, by each transport.
    :ivar upgrade_timeout_s: how long it may take to change to the WebSocket.
    :ivar leave_timeout_s: how long the server may take to hear that we close.
    :ivar most_bytes: of a message, or of a payload, from the server.
    """

    transports: tuple[str, ...] = (WEBSOCKET, POLLING)
    open_timeout_s: float = 10.0
    upgrade_timeout_s: float = 10.0
    leave_timeout_s: float = 2.0
    most_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        if not self.transports or set(self.transports) - {WEBSOCKET, POLLING}:
            raise ValueError(f'transports are "{WEBSOCKET}", "{POLLING}", or both')


class Poll(Struct, frozen=True):
    """Ask for packets with a GET; without a session id it asks for a session."""


class Post(Struct, frozen=True):
    """Send packets with a POST."""

    payload: bytes


class OpenSocket(Struct, frozen=True):
    """Open a WebSocket; without a session id it asks for a session."""


class Say(Struct, frozen=True):
    """Send a message over the WebSocket."""

    message: str | bytes


class CloseSocket(Struct, frozen=True):
    """Close the WebSocket in an orderly way, and tell when the server has."""


class DropSocket(Struct, frozen=True):
    """Let go of the WebSocket, or of the attempt to open one; nothing more is to be told of it."""


class Opened(Struct, frozen=True):
    """There is a session."""

    transport: str


class Received(Struct, frozen=True):
    """A message has come."""

    data: str | bytes


class Upgraded(Struct, frozen=True):
    """The session goes over the WebSocket from now on."""

    transport: str


class Ended(Struct, frozen=True):
    """The session is over, or there was none: drop all that is open.

    :ivar opened: whether there was one.
    :ivar fault: what went wrong; its words are those of the reason where nothing did.
    """

    reason: EndReason
    opened: bool
    fault: Fault


Effect = Poll | Post | OpenSocket | Say | CloseSocket | DropSocket | Opened | Received | Upgraded | Ended
Effects = list[Effect]

Milliseconds = Annotated[float, Meta(gt=0, le=MOST_PING_MS)]


class Handshake(Struct, frozen=True, rename="camel"):
    """What the server says with OPEN."""

    sid: Annotated[str, Meta(min_length=1)]
    ping_interval: Milliseconds
    ping_timeout: Milliseconds
    upgrades: tuple[str, ...] = ()
    max_payload: Annotated[int, Meta(gt=0)] = 0


class Refusal(Struct, frozen=True):
    """How an Engine.IO server says why not."""

    code: int
    message: str = ""


def refusal_in(body: bytes) -> Refusal | None:
    """Read why an Engine.IO server has refused something; ``None`` where it was none that spoke."""
    try:
        return msgspec.json.decode(body, type=Refusal)
    except msgspec.MsgspecError:
        return None


def is_final(fault: Fault) -> bool:
    """Tell whether the server itself has refused us, so that it would by any transport.

    What a proxy refuses to a WebSocket, it may let through as an ordinary request.
    """
    if fault.status in {TOO_MANY, UNAVAILABLE}:
        return fault.retry_after_s is not None
    refusal = refusal_in(fault.body)
    return fault.status == UNAUTHORIZED or (refusal is not None and refusal.code == FORBIDDEN_CODE)
