"""The request for a WebSocket as uvicorn's HTTP protocol hands it over, and the head of the answer."""

import asyncio
from collections.abc import Iterable
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from easyplayer.engineio.core.handshake import Headers

if TYPE_CHECKING:
    from uvicorn.config import Config

RawHeaders = list[tuple[bytes, bytes]]
END = b"\r\n"
SWITCHING_PROTOCOLS = 101
TEXT = ("content-type", "text/plain")


class UpgradeRequest(Struct, frozen=True):
    """What a client asks for.

    :ivar target: path and query, as they came.
    :ivar headers: names in lower case.
    """

    method: str
    target: str
    headers: RawHeaders

    def texts(self) -> list[tuple[str, str]]:
        """Give the headers as text."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers]


class Answer(Struct, frozen=True):
    """The head of an answer."""

    status: int
    headers: RawHeaders

    def head(self, usual: RawHeaders) -> bytes:
        """Write it; the connection is closed behind it, unless it becomes a WebSocket.

        :param usual: headers of every answer.
        """
        lines = [b"HTTP/1.1 %d %s" % (self.status, responses.get(self.status, "").encode())]
        lines += [name + b": " + value for name, value in usual + self.headers]
        if self.status != SWITCHING_PROTOCOLS:
            lines.append(b"connection: close")
        return END.join((*lines, b"", b""))


def read_request(head: bytes) -> UpgradeRequest:
    """Read the head of a request, which an HTTP parser has found to be right."""
    first, *lines = head.removesuffix(2 * END).split(END)
    method, target, _ = first.decode("latin-1").split(" ")
    pairs = [line.partition(b":") for line in lines]
    return UpgradeRequest(method, target, [(name.lower(), value.strip()) for name, _, value in pairs])


def scope_of(request: UpgradeRequest, transport: asyncio.Transport, config: "Config") -> dict[str, Any]:
    """Write the scope of ASGI, all but the application's state."""
    path, _, query = request.target.partition("?")
    protocols = [value for name, value in request.texts() if name == "sec-websocket-protocol"]
    return {
        "type": "websocket",
        "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws" if transport.get_extra_info("sslcontext") is None else "wss",
        "server": _address(transport.get_extra_info("sockname")),
        "client": _address(transport.get_extra_info("peername")),
        "root_path": config.root_path,
        "path": config.root_path + unquote(path),
        "raw_path": (config.root_path + path).encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": request.headers,
        "subprotocols": [each.strip() for value in protocols for each in value.split(",")],
        "extensions": {"websocket.http.response": {}},
    }


def acceptance(switch: Headers, headers: Iterable[tuple[bytes, bytes]], subprotocol: str | None) -> Answer:
    """Write the answer that makes a WebSocket of the connection.

    :param switch: headers of the opening handshake.
    :param headers: the application's.
    """
    written = [*_encoded(switch), *headers]
    if subprotocol:
        written.append((b"sec-websocket-protocol", subprotocol.encode()))
    return Answer(SWITCHING_PROTOCOLS, written)


def refusal(status: int, headers: Headers, reason: str) -> Answer:
    """Write the answer to a request that is refused, for a body that gives the reason."""
    return Answer(status, _encoded((*headers, TEXT, ("content-length", str(len(reason))))))


def _encoded(headers: Headers) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _address(name: object) -> tuple[str, int | None] | None:
    """Give an address as ASGI wants it, of a tuple that begins with host and port, or of a path."""
    if isinstance(name, tuple):
        return str(name[0]), int(name[1])
    return (name, None) if isinstance(name, str) and name else None
