"""What is refused, and with which status and body.

Codes 0 to 5 with their words are those of the reference server; where it has none, the nearest one is taken.
A refused opening handshake of a WebSocket gets the same answer.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct, json


class Refusal(StrEnum):
    """What is refused. The value is stable: it names the kind in logs and figures."""

    UNKNOWN_TRANSPORT = "unknown_transport"
    UNKNOWN_SID = "unknown_sid"
    BAD_METHOD = "bad_method"
    BAD_REQUEST = "bad_request"
    BAD_PAYLOAD = "bad_payload"
    DUPLICATE_REQUEST = "duplicate_request"
    FORBIDDEN = "forbidden"
    BAD_ORIGIN = "bad_origin"
    UNSUPPORTED_VERSION = "unsupported_version"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    TOO_MANY_FROM_ADDRESS = "too_many_from_address"
    CONNECT_TIMEOUT = "connect_timeout"
    SHUTTING_DOWN = "shutting_down"


class Answer(Struct, frozen=True):
    """How a refusal is answered.

    :ivar status: of HTTP.
    :ivar code: of Engine.IO.
    :ivar message: in words.
    :ivar retry_after_s: when it may go better; 0 where waiting does not help.
    """

    status: int
    code: int
    message: str
    retry_after_s: int = 0


ANSWERS: Final = {
    Refusal.UNKNOWN_TRANSPORT: Answer(400, 0, "Transport unknown"),
    Refusal.UNKNOWN_SID: Answer(400, 1, "Session ID unknown"),
    Refusal.BAD_METHOD: Answer(400, 2, "Bad handshake method"),
    Refusal.BAD_REQUEST: Answer(400, 3, "Bad request"),
    Refusal.BAD_PAYLOAD: Answer(400, 3, "Bad request"),
    Refusal.DUPLICATE_REQUEST: Answer(400, 3, "Bad request"),
    Refusal.FORBIDDEN: Answer(403, 4, "Forbidden"),
    Refusal.BAD_ORIGIN: Answer(403, 4, "Origin not allowed"),
    Refusal.UNSUPPORTED_VERSION: Answer(400, 5, "Unsupported protocol version"),
    Refusal.TOO_LARGE: Answer(413, 3, "Payload too large"),
    Refusal.TOO_MANY: Answer(503, 4, "Too many connections", retry_after_s=10),
    Refusal.TOO_MANY_FROM_ADDRESS: Answer(503, 4, "Too many connections", retry_after_s=10),
    Refusal.CONNECT_TIMEOUT: Answer(503, 4, "Not ready", retry_after_s=10),
    Refusal.SHUTTING_DOWN: Answer(503, 4, "Shutting down", retry_after_s=5),
}
"""The answer to each refusal."""


def body_of(code: int, message: object) -> bytes:
    """Write the body of a refusal.

    :param message: text, or whatever JSON can hold; what it cannot is written as text.

    >>> body_of(1, "Session ID unknown")
    b'{"code":1,"message":"Session ID unknown"}'
    """
    return json.encode({"code": code, "message": message}, enc_hook=str)
