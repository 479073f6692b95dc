"""What carries the requests of the commands: HTTP, a connection per thread, by the standard library alone.

A command asks once or twice and ends, so what counts is how soon it is loaded.  Proxies are those of the
environment (``https_proxy``, ``no_proxy``), certificates those that the machine trusts (``SSL_CERT_FILE``).
"""

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from select import select
from threading import local
from typing import Protocol
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from easyplayer.errors import EasyplayerError

CHUNK_BYTES = 64 * 1024
PATIENCE_S = 60.0
PORTS = {"http": 80, "https": 443}


class CarrierError(Exception):
    """There is no answer, or not all of it; says why."""


class TooSlowError(CarrierError):
    """The other side has let the time go by."""


class Response(Protocol):
    """An answer, whose content may not have come yet.  Reading it raises :class:`CarrierError`."""

    @property
    def status(self) -> int:
        """Its status."""

    @property
    def reason(self) -> str:
        """The words of its status."""

    def header(self, name: str) -> str:
        """Give a header; empty where there is none."""

    def read(self) -> bytes:
        """Give all of its content, each time that it is asked for."""

    def pieces(self) -> Iterator[bytes]:
        """Give its content as it comes, once."""

    def close(self) -> None:
        """Want no more of it."""


class Carrier(Protocol):
    """Takes requests to one hub, one after the other; what is left unread of an answer is gone then."""

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | Iterable[bytes] | None
    ) -> Response:
        """Send a request.

        :param target: the path and the query.
        :raises CarrierError: no answer came.
        """

    def close(self) -> None:
        """End the connection."""


class HttpResponse:
    """An answer of :class:`HttpCarrier`.

    :ivar is_whole: whether all of its content has come.
    """

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._content: bytes | None = None
        self.is_whole = False

    @property
    def status(self) -> int:
        """Its status."""
        return self._response.status

    @property
    def reason(self) -> str:
        """The words of its status."""
        return self._response.reason

    def header(self, name: str) -> str:
        """Give a header; empty where there is none."""
        return self._response.headers.get(name, "")

    def read(self) -> bytes:
        """Give all of its content."""
        if self._content is None:
            self._content = b"".join(self.pieces())
        return self._content

    def pieces(self) -> Iterator[bytes]:
        """Give its content as it comes."""
        try:
            while piece := self._response.read1(CHUNK_BYTES):
                yield piece
        except (OSError, HTTPException) as error:
            raise _told(error) from error
        if self._response.length:
            message = "the answer was cut off"
            raise CarrierError(message)
        self.is_whole = True
        self._response.close()

    def close(self) -> None:
        """Want no more of it."""
        self._response.close()


class Route(Struct, frozen=True):
    """The way to a hub.

    :ivar before: what stands before each target: the hub's path, or all of its URL where a proxy reads it.
    :ivar headers: what the proxy wants to be let through, where requests are handed to it.
    """

    connection: HTTPConnection
    before: str
    headers: dict[str, str]


class _Own(local):
    """What each thread has of its own.

    :ivar response: the last answer, which may not have been read to its end.
    """

    route: Route | None = None
    response: HttpResponse | None = None


class HttpCarrier:
    """Takes requests to the hub at a URL; any number of threads may, at the same time.

    Each thread has a connection, which is kept for as long as it holds.

    :param patience_s: how long the hub may take for each piece of an answer.
    """

    def __init__(self, url: str, patience_s: float = PATIENCE_S) -> None:
        self._url = url
        self._patience_s = patience_s
        self._own = _Own()
        self._connections: list[HTTPConnection] = []

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | Iterable[bytes] | None
    ) -> Response:
        """Send a request.

        :param content: may raise an :class:`~easyplayer.errors.EasyplayerError`, which ends the request.
        :raises CarrierError: no answer came, or the URL or that of the proxy is none.
        """
        own = self._own
        try:
            route = own.route = own.route or self._find_route()
            self._make_ready(route.connection)
            # A hub that refuses what is being sent says so, and hangs up before it has all of it.
            with suppress(BrokenPipeError, ConnectionResetError):
                route.connection.request(
                    method, f"{route.before}{target}", content, {**route.headers, **headers}
                )
            own.response = HttpResponse(route.connection.getresponse())
        except (OSError, HTTPException, ValueError) as error:
            self._hang_up()
            raise _told(error) from error
        except EasyplayerError:  # the content could not be had: half of the request is out
            self._hang_up()
            raise
        return own.response

    def close(self) -> None:
        """End all connections."""
        self._hang_up()
        for connection in self._connections:
            connection.close()

    def _find_route(self) -> Route:
        route = _route(self._url, self._patience_s)
        self._connections.append(route.connection)
        return route

    def _hang_up(self) -> None:
        """End this thread's connection; its next request makes another one."""
        if self._own.response is not None:
            self._own.response.close()
        if self._own.route is not None:
            self._own.route.connection.close()

    def _make_ready(self, connection: HTTPConnection) -> None:
        """Let a connection go on which an answer was not read to its end, or that the hub has closed."""
        half_read = self._own.response is not None and not self._own.response.is_whole
        if half_read or (connection.sock is not None and select([connection.sock], [], [], 0)[0]):
            self._hang_up()


def _route(url: str, patience_s: float) -> Route:
    """Find the way to a hub.

    :raises ValueError: its URL, or that of the proxy, is none.
    """
    scheme, host, port, path, _ = _parts(url)
    proxy = _proxy(scheme, f"{host}:{port}")
    if proxy is None:
        return Route(_connection(scheme, host, port, patience_s), path, {})
    _, by, by_port, _, headers = _parts(proxy if "://" in proxy else f"http://{proxy}", only=("http",))
    connection = _connection(scheme, by, by_port, patience_s)
    if scheme == "http":
        return Route(connection, f"http://{host}:{port}{path}", headers)
    connection.set_tunnel(host, port, headers)
    return Route(connection, path, {})


def _connection(scheme: str, host: str, port: int, patience_s: float) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port, timeout=patience_s)
    from http.client import HTTPSConnection

    return HTTPSConnection(host, port, timeout=patience_s)


def _parts(url: str, only: Iterable[str] = PORTS) -> tuple[str, str, int, str, dict[str, str]]:
    """Take a URL apart: scheme, host, port, path, and a proxy's header for the name and password in it."""
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if not host or parts.scheme not in only:
        message = f"{url} is no address that begins with {' or '.join(f'{one}://' for one in only)}"
        raise ValueError(message)
    headers = {}
    if parts.username is not None:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["proxy-authorization"] = f"Basic {base64.b64encode(known.encode()).decode()}"
    return parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"), headers


def _proxy(scheme: str, place: str) -> str | None:
    """Give the URL of the proxy that the environment names; ``None`` where there is none."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    return None if proxy_bypass(place) else found


def _told(error: Exception) -> CarrierError:
    if isinstance(error, TimeoutError):
        return TooSlowError(str(error) or "timed out")
    return CarrierError(str(error) or type(error).__name__)
