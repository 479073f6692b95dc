"""HTTP as the box speaks it: patient for so long, answers of so many bytes, no redirects, and checked TLS."""

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilenceError

from easyplayer.drivers.breakable import OpenSockets, connection_classes
from easyplayer.drivers.hub_tls import certificate_fault, in_words
from easyplayer.errors import CertificateError, LinkError, LinkRefusedError
from easyplayer.protocol.problem import Problem

CONNECT_MAY_TAKE_S = 5.0
SILENCE_MAY_TAKE_S = 30.0
"""For how long nothing at all may come."""
ANSWER_MAY_TAKE_S = 60.0
"""How long an answer may take from its first byte to its last."""
CHUNK_BYTES = 64 * 1024
MOST_PROBLEM_BYTES = 64 * 1024
LONGEST_REST_S = 3600.0
"""For so long a hub may ask to be left alone at the most."""
TRY_AGAIN = {408, 421, 425, 429}
"""Refusals that are none: they may be over the next time."""
REDIRECTS = range(300, 400)
LOG_IN_FIRST = 511
PAGES = {"text/html", "application/xhtml+xml"}
"""What people are sent to read; a hub sends none of that to a box."""
MOST_KEPT = 20
"""So many connections to a host may wait for a next request."""
MOST_LETTERS = 200
"""So much is told of what somebody else has written."""
REFUSALS = range(400, 500)

Content = bytes | IO[bytes]


class Request(Struct, frozen=True, kw_only=True):
    """One request.

    :ivar most_bytes: how long the answer may be.
    :ivar advice: what to do where somebody answers who is not meant.
    """

    method: str
    url: str
    headers: Mapping[str, str] = {}
    content: Content = b""
    most_bytes: int = 0
    advice: str = "and not as a hub does: look at [hub] url, and at the proxy"


class Transport:
    """The way that requests go.

    :param context: how certificates are checked.
    :param proxy: URL of an HTTP proxy; empty goes by the environment.
    :param sockets: where its connections can be broken off.
    """

    def __init__(self, context: ssl.SSLContext, proxy: str, sockets: OpenSockets) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would take the place of the token
        self._proxy = proxy
        adapter = _Adapter(context, sockets)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        """Let go of the connections that wait for a next request."""
        self._session.close()

    def ask(self, request: Request) -> bytes:
        """Send a request and give the whole answer; errors as with :meth:`open`."""
        with self.open(request) as response:
            return read_body(response, request.most_bytes)

    @contextmanager
    def open(self, request: Request) -> Iterator[requests.Response]:
        """Send a request, and give the answer, whose body is yet to be read.

        :raises LinkRefusedError: the hub answers, and does not do it.
        :raises CertificateError: its certificate cannot be trusted.
        :raises LinkError: all else.
        """
        host = host_of(request.url)
        with link_errors(host):
            response = self._session.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.content or None,
                proxies=self._proxies(request.url),
                timeout=(CONNECT_MAY_TAKE_S, SILENCE_MAY_TAKE_S),
                allow_redirects=False,
                stream=True,
            )
        try:
            self._session.cookies.clear()
            _refuse(response, host, request.advice)
            yield response
        finally:
            response.close()

    def _proxies(self, url: str) -> dict[str, str]:
        if self._proxy:
            return {"http": self._proxy, "https": self._proxy}
        return dict(get_environ_proxies(url))


class _Adapter(HTTPAdapter):
    """Checks certificates by a context of ours, on connections that can be broken off."""

    def __init__(self, context: ssl.SSLContext, sockets: OpenSockets) -> None:
        self._context = context
        self._classes = connection_classes(sockets)
        super().__init__(pool_maxsize=MOST_KEPT)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Leave out the certificates that ``requests`` brings along."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context, "cert_reqs": "CERT_REQUIRED"}

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> HTTPConnectionPool:
        """Give the connections to a host."""
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        pool.ConnectionCls = self._classes[pool.scheme]
        return pool  # type: ignore[no-any-return]  # its own class is set just above

    def cert_verify(self, *_given: Any, **_named: Any) -> None:
        """Add no certificates to those of the context."""


def host_of(url: str) -> str:
    """Tell which host a URL names, without what may be secret in it.

    :raises LinkError: it is no URL.
    """
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError as error:
        message = f"{url} is no address ({error}): correct [hub] url"
        raise LinkError(message) from error


def chunks_of(response: requests.Response, chunk_bytes: int) -> Iterator[bytes]:
    """Give the bytes of an answer as they come, unpacked; a chunk is not waited for until it is full.

    :raises LinkError: the line breaks.
    """
    host = host_of(str(response.url))
    while True:
        with link_errors(host, midway=True):
            chunk = response.raw.read1(chunk_bytes, decode_content=True)
        if not chunk:
            return
        yield chunk


def read_body(response: requests.Response, most_bytes: int) -> bytes:
    """Read an answer, unpacked, to its end.

    :raises LinkError: it is too long, or takes longer than a message may.
    """
    parts, length, deadline = [], 0, time.monotonic() + ANSWER_MAY_TAKE_S
    for chunk in chunks_of(response, CHUNK_BYTES):
        length += len(chunk)
        if length > most_bytes:
            message = f"the hub's answer is longer than the {most_bytes} bytes that it may have"
            raise LinkError(message, response.status_code)
        if time.monotonic() > deadline:
            message = f"the hub's answer takes longer than {ANSWER_MAY_TAKE_S:.0f} s: the line is too slow"
            raise LinkError(message)
        parts.append(chunk)
    return b"".join(parts)


def _refuse(response: requests.Response, host: str, advice: str) -> None:
    """Raise what an answer says that brings nothing."""
    status = response.status_code
    if status == LOG_IN_FIRST or (response.ok and _is_page(response)):
        raise portal(host, status)
    if status in REDIRECTS:
        goal = response.headers.get("Location", "elsewhere")[:MOST_LETTERS]
        message = (
            f"{host} sends us on to {goal}: if that is the hub, set [hub] url to it; if it is a page on which"
            " to log in, open a browser on that network"
        )
        raise LinkError(message, status)
    if response.ok:
        return
    problem = _problem(response)
    if problem is None:
        message = f"{host} answers {status}, {advice}"
        raise LinkError(message, status, _rest_s(response))
    words = "\n".join([f"{host}: {problem.detail}", *(f"  - {one}" for one in problem.problems)])
    if status in REFUSALS and status not in TRY_AGAIN:
        raise LinkRefusedError(words, status, problem.code)
    raise LinkError(words, status, _rest_s(response))


def portal(host: str, status: int) -> LinkError:
    """Say that a page for people came in place of an answer."""
    message = f"a portal or proxy answers in the place of {host}: open a browser on that network, and log in"
    return LinkError(message, status)


def _is_page(response: requests.Response) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower() in PAGES


def _problem(response: requests.Response) -> Problem | None:
    """Read why not; ``None`` where it was no hub that answered."""
    try:
        return msgspec.json.decode(read_body(response, MOST_PROBLEM_BYTES), type=Problem)
    except (ValueError, RecursionError):
        return None


def _rest_s(response: requests.Response) -> float | None:
    """Read for how long the hub wants to be left alone: in seconds, or until a time of its own clock."""
    wanted = response.headers.get("Retry-After", "").strip()
    if not wanted:
        return None
    try:
        rest_s = float(wanted) if wanted.isdecimal() else _until(wanted, response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(rest_s, 0.0), LONGEST_REST_S)


def _until(wanted: str, now: str) -> float:
    return (parsedate_to_datetime(wanted) - parsedate_to_datetime(now)).total_seconds()


@contextmanager
def link_errors(host: str, *, midway: bool = False) -> Iterator[None]:
    """Tell whatever goes wrong on the way to a host as a kind of ``LinkError``.

    :param midway: whether the host has begun to answer.
    """
    try:
        yield
    except (requests.Timeout, SilenceError) as error:
        message = f"{host} does not answer in time: look at the network, or at the hub"
        raise LinkError(message) from error
    except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
        fault = certificate_fault(error)
        if fault is not None:
            message = f"the certificate of {host} cannot be trusted: {in_words(fault)}"
            raise CertificateError(message) from error
        if midway:
            message = f"the line to {host} broke off ({_reason(error)}): it is tried again"
        else:
            message = f"{host} cannot be reached ({_reason(error)}): look at network, firewall and [hub] url"
        raise LinkError(message) from error


def _reason(error: BaseException) -> str:
    """Find the words of the operating system, which lie deepest."""
    deepest: BaseException = error
    while (below := deepest.__cause__ or deepest.__context__) is not None:
        deepest = below
    words = getattr(deepest, "strerror", None) or str(deepest) or type(deepest).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in str(words)[:MOST_LETTERS])
