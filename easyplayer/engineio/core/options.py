"""How the engine is to behave."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from easyplayer.engineio.core.errors import OptionsError

POLLING: Final = "polling"
WEBSOCKET: Final = "websocket"
TRANSPORTS: Final = (POLLING, WEBSOCKET)

COOKIE_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
COOKIE_PART: Final = re.compile(r"[ -:<-~]*")
WORKER: Final = re.compile(r"[0-9A-Za-z_]*")

Origins: TypeAlias = Literal["*"] | tuple[str, ...] | Callable[[str], bool] | None
"""None: the same origin only; a star: all; else those named, or those that the call says yes to."""


class SlowClient(StrEnum):
    """What becomes of a client that takes its messages more slowly than they are sent."""

    CLOSE = "close"
    """Its session is closed, and it is told so."""
    DROP_OLDEST = "drop oldest"
    """What has waited longest is thrown away."""
    DROP_NEWEST = "drop newest"
    """What is sent now is thrown away."""


class Cookie(Struct, frozen=True, kw_only=True):
    """The cookie that carries the session's name, by which a proxy may find the right worker.

    :ivar name: of the cookie.
    :ivar max_age_s: how long it is kept; without it, until the browser is closed.
    """

    name: str = "io"
    path: str = "/"
    domain: str = ""
    max_age_s: int | None = None
    http_only: bool = True
    secure: bool = False
    same_site: Literal["Lax", "Strict", "None", ""] = "Lax"


class Options(Struct, frozen=True, kw_only=True):
    """How the engine is to behave.

    :ivar ping_interval_s: how long after a client's last answer it is asked again whether it is there.
    :ivar ping_grace_s: by how much longer the interval is that clients are told, so that none leaves
        because a ping comes a little late.
    :ivar ping_timeout_s: how long an answer may take.
    :ivar max_http_buffer_size: most bytes of one message, or of one request's body; clients are told.
    :ivar allow_upgrades: whether a session may go over from polling to a WebSocket.
    :ivar transports: which ways there are.
    :ivar upgrade_timeout_s: how long a WebSocket may take to become a session's.
    :ivar http_compression: whether answers to polls are compressed.
    :ivar compression_threshold: from how many bytes on.
    :ivar cookie: a name, or a cookie with its attributes, to be set when a session begins.
    :ivar cors_allowed_origins: which pages may ask.
    :ivar cors_credentials: whether these may send cookies.
    :ivar most_sessions: how many there may be; 0 for no limit.
    :ivar most_sessions_per_address: how many from one address; 0 for no limit.
    :ivar queue_bytes: how much may wait for one client; one message alone may be longer.
    :ivar queue_packets: how many may wait for it.
    :ivar slow_client: what becomes of one that has more than that waiting.
    :ivar connect_timeout_s: how long the application may take to let a client in, and a head to come.
    :ivar worker: begins each session's name, with a ``-`` behind it, so that a proxy can tell whose it is.
    :raises OptionsError: with all that is wrong.
    """

    ping_interval_s: float = 25.0
    ping_grace_s: float = 0.0
    ping_timeout_s: float = 20.0
    max_http_buffer_size: int = 1_000_000
    allow_upgrades: bool = True
    transports: tuple[str, ...] = TRANSPORTS
    upgrade_timeout_s: float = 10.0
    http_compression: bool = True
    compression_threshold: int = 1024
    cookie: str | Cookie | None = None
    cors_allowed_origins: Origins = None
    cors_credentials: bool = True
    most_sessions: int = 0
    most_sessions_per_address: int = 0
    queue_bytes: int = 1_000_000
    queue_packets: int = 10_000
    slow_client: SlowClient = SlowClient.CLOSE
    connect_timeout_s: float = 10.0
    worker: str = ""

    def __post_init__(self) -> None:
        if problems := problems_of(self):
            raise OptionsError(problems)

    @property
    def the_cookie(self) -> Cookie | None:
        """The cookie with its attributes, where there is to be one."""
        return Cookie(name=self.cookie) if isinstance(self.cookie, str) else self.cookie


ABOVE_ZERO: Final = (
    "ping_interval_s",
    "ping_timeout_s",
    "max_http_buffer_size",
    "upgrade_timeout_s",
    "queue_bytes",
    "queue_packets",
    "connect_timeout_s",
)
ZERO_OR_MORE: Final = (
    "ping_grace_s",
    "compression_threshold",
    "most_sessions",
    "most_sessions_per_address",
)
LONGEST_S: Final = 7 * 24 * 3600.0
"""No time among the options is longer: browsers count milliseconds in 32 bits."""


def problems_of(options: Options) -> list[str]:
    """Tell all that is wrong with options, each with its name."""
    problems = [f"{name} must be above 0" for name in ABOVE_ZERO if not getattr(options, name) > 0]
    problems += [f"{name} must not be below 0" for name in ZERO_OR_MORE if not getattr(options, name) >= 0]
    problems += [
        f"{name} must be {LONGEST_S:.0f} at most"
        for name in options.__struct_fields__
        if name.endswith("_s") and getattr(options, name) > LONGEST_S
    ]
    unknown = [name for name in options.transports if name not in TRANSPORTS]
    if unknown or not options.transports:
        problems.append(f"transports must be some of {', '.join(TRANSPORTS)}")
    if not WORKER.fullmatch(options.worker):
        problems.append("worker must be letters, digits and _ only")
    return (
        problems + problems_of_origins(options.cors_allowed_origins) + problems_of_cookie(options.the_cookie)
    )


def problems_of_origins(origins: object) -> list[str]:
    """Tell what is wrong with the origins that are allowed."""
    named = isinstance(origins, tuple) and all(isinstance(origin, str) for origin in origins)
    if named or origins is None or origins == "*" or callable(origins):
        return []
    return ["cors_allowed_origins must be None, '*', a tuple of origins, or a call that judges one"]


def problems_of_cookie(cookie: Cookie | None) -> list[str]:
    """Tell what is wrong with the cookie."""
    if cookie is None:
        return []
    problems = []
    if not COOKIE_NAME.fullmatch(cookie.name):
        problems.append("cookie must have a name of letters, digits and - _ . only")
    if not (COOKIE_PART.fullmatch(cookie.path) and COOKIE_PART.fullmatch(cookie.domain)):
        problems.append("cookie must have a path and a domain of plain characters")
    if cookie.same_site == "None" and not cookie.secure:
        problems.append("cookie with same_site None must be secure, or browsers throw it away")
    return problems
