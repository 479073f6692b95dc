"""An HTTP request and its answer, as values."""

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

Headers = tuple[tuple[str, str], ...]
"""Names in lower case, and their values."""


class Request(Struct, frozen=True, kw_only=True):
    """A whole request, or the one that opens a WebSocket.

    :ivar method: in capitals.
    :ivar path: as it was asked for, without the query.
    :ivar query: what was asked for; of a name that stands there twice, the first counts.
    :ivar headers: names in lower case.
    :ivar body: all of it.
    :ivar address: who asks, as the driver believes.
    :ivar scheme: ``http`` or ``https``, likewise.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Headers = ()
    body: bytes = b""
    address: str = ""
    scheme: str = "http"

    def header(self, name: str) -> str:
        """Tell a header.

        :param name: in lower case.
        :returns: the first value, or nothing where there is none.
        """
        for known, value in self.headers:
            if known == name:
                return value
        return ""

    def cookie(self, name: str) -> str:
        """Tell a cookie.

        :returns: its value as it was sent, without quotes, or nothing where there is none.
        """
        for header, value in self.headers:
            if header != "cookie":
                continue
            for crumb in value.split(";"):
                known, equals, content = crumb.strip().partition("=")
                if equals and known == name:
                    return content.strip('"')
        return ""


class Response(Struct, frozen=True):
    """A whole answer.

    :ivar status: of HTTP.
    :ivar headers: names in lower case; with the length of the body.
    """

    status: int
    headers: Headers
    body: bytes


def request_of(  # noqa: PLR0917 — what a parser gives, in its order
    method: str,
    target: str | bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes = b"",
    address: str = "",
    scheme: str = "http",
) -> Request:
    """Make a request of what a parser of HTTP gives.

    Nothing is refused here: what cannot be read is left out, and the engine finds it missing.

    :param target: as in the first line: a path with its query, or a whole address, as proxies are asked.
    :param headers: names in any case.

    >>> request_of("GET", "/engine.io/?EIO=4&sid=a&sid=b", [(b"Host", b"hub")]).query
    {'EIO': '4', 'sid': 'a'}
    """
    text = target.decode("latin-1") if isinstance(target, bytes) else target
    where, _, query = text.partition("#")[0].partition("?")
    named: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        named.setdefault(name, value)
    return Request(
        method=method.upper(),
        path=path_of(where),
        query=named,
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1").strip()) for name, value in headers
        ),
        body=body,
        address=address,
        scheme=scheme,
    )


def path_of(where: str) -> str:
    """Tell the path of a target without its query.

    >>> path_of("http://hub.example:80/live/"), path_of("/live/"), path_of("http://hub.example")
    ('/live/', '/live/', '/')
    """
    if where.startswith("/"):
        return where
    _, scheme_ends, rest = where.partition("://")
    if not scheme_ends:
        return where
    _, slash, path = rest.partition("/")
    return slash + path or "/"
