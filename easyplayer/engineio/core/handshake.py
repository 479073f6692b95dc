"""The opening handshake of a WebSocket (RFC 6455, section 4), both sides of it.

Neither side offers or takes extensions or subprotocols.
"""

import base64
from collections.abc import Iterable
from hashlib import sha1

from easyplayer.engineio.core.errors import HandshakeError

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What the accepting side adds to the key (RFC 6455, section 1.3)."""
VERSION = "13"
KEY_BYTES = 16
SWITCHING_PROTOCOLS = 101
BAD_REQUEST = 400
UPGRADE_REQUIRED = 426

Headers = Iterable[tuple[str, str]]
"""Names in lower case, and values."""


def accept_key(key: str) -> str:
    """Give the answer to the key of an opening handshake (RFC 6455, section 4.2.2).

    >>> accept_key("dGhlIHNhbXBsZSBub25jZQ==")
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    """
    return base64.b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


def server_handshake(method: str, headers: Headers) -> list[tuple[str, str]]:
    """Check a client's request for a WebSocket (RFC 6455, section 4.2.1).

    :param headers: of an HTTP/1.1 request.
    :return: headers of the answer, which has status 101.
    :raises HandshakeError: with the status and headers of the refusal.
    """
    said = _single_values(headers)
    if method != "GET":
        raise HandshakeError(BAD_REQUEST, "a WebSocket is asked for with GET")
    if "websocket" not in _tokens(said.get("upgrade", "")):
        raise HandshakeError(UPGRADE_REQUIRED, "there are only WebSockets here", (("upgrade", "websocket"),))
    if "upgrade" not in _tokens(said.get("connection", "")):
        raise HandshakeError(BAD_REQUEST, "the header Connection does not say Upgrade")
    if said.get("sec-websocket-version") != VERSION:
        wanted = (("upgrade", "websocket"), ("sec-websocket-version", VERSION))
        raise HandshakeError(UPGRADE_REQUIRED, f"the version of WebSocket here is {VERSION}", wanted)
    key = said.get("sec-websocket-key", "")
    if not _is_key(key):
        raise HandshakeError(BAD_REQUEST, "the header Sec-WebSocket-Key is not 16 bytes in base64")
    return [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", accept_key(key))]


def client_handshake(key: str) -> list[tuple[str, str]]:
    """Give the headers by which a client asks for a WebSocket, beside Host and its own.

    :param key: 16 bytes by chance, in base64.
    """
    return [
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", VERSION),
        ("sec-websocket-key", key),
    ]


def check_answer(key: str, status: int, headers: Headers) -> None:
    """Check a server's answer to a client's request (RFC 6455, section 4.1).

    :param key: that was asked with.
    :raises HandshakeError: with the status of the answer.
    """
    said = _single_values(headers)
    if status != SWITCHING_PROTOCOLS:
        raise HandshakeError(status, f"the server answers with status {status}")
    if _tokens(said.get("upgrade", "")) != ["websocket"]:
        raise HandshakeError(status, "the server switches to another protocol")
    if "upgrade" not in _tokens(said.get("connection", "")):
        raise HandshakeError(status, "the server's header Connection does not say Upgrade")
    if said.get("sec-websocket-accept") != accept_key(key):
        raise HandshakeError(status, "the server has not read our key")
    if said.get("sec-websocket-extensions") or said.get("sec-websocket-protocol"):
        raise HandshakeError(status, "the server uses what was not offered")


def _single_values(headers: Headers) -> dict[str, str]:
    """Put headers that come more than once into one, as HTTP allows; so a second key spoils the first."""
    said: dict[str, str] = {}
    for name, value in headers:
        said[name] = f"{said[name]}, {value.strip()}" if name in said else value.strip()
    return said


def _tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.split(",")]


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except ValueError:
        return False
