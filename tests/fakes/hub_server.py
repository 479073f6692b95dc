"""A real HTTP server for the hub that a test holds in its hand, with a certificate if need be."""

import gzip
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from easyplayer.errors import HubError, SignatureError, TooManyError
from easyplayer.protocol.asrun import Batch
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import Heartbeat
from easyplayer.protocol.pairing import ChallengeAsked, SessionAsked, TimeAsked
from easyplayer.protocol.problem import Problem
from easyplayer.protocol.signed import Signed
from tests.fakes.hub_link import FakeHub

Answer = tuple[int, dict[str, str], bytes]
Served = Callable[[str, str, dict[str, str], bytes], Answer | None]

RANGE = re.compile(r"bytes=(\d+)-")


class HubServer:
    """Serves a hub on a free port of this machine.

    :ivar url: its base URL.
    :ivar headers: those of each request, in order.
    :ivar instead: answers in place of the hub; ``None`` from it leaves the hub to answer.
    """

    def __init__(self, hub: FakeHub, context: ssl.SSLContext | None = None) -> None:
        self.hub = hub
        self.headers: list[dict[str, str]] = []
        self.instead: Served = lambda *_request: None
        handler = type("Handler", (RequestHandler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_request: None  # type: ignore[method-assign]
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        self.url = f"{'https' if context else 'http'}://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "HubServer":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request as a hub does."""
        self.headers.append(headers)
        instead = self.instead(method, path, headers, body)
        if instead is not None:
            return instead
        token = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            return self._answer(method, path, token, headers, body)
        except TooManyError as error:
            return problem(
                error.status, error.code, str(error), {"Retry-After": f"{error.retry_after_s:.0f}"}
            )
        except HubError as error:
            return problem(error.status, error.code, str(error))
        except SignatureError as error:
            return problem(403, "hub.forbidden", str(error))

    def _answer(self, method: str, path: str, token: str, headers: dict[str, str], body: bytes) -> Answer:
        hub, name = self.hub, path.rstrip("/").split("/")[-1]
        told: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/api/v1/hello"): hub.hello,
            ("POST", "/api/v1/time"): lambda: hub.time(decode(body, TimeAsked)),
            ("POST", "/api/v1/pairing"): lambda: hub.pair(decode(body, Signed)),
            ("POST", "/api/v1/session/challenge"): lambda: hub.challenge(decode(body, ChallengeAsked)),
            ("POST", "/api/v1/session"): lambda: hub.session(decode(body, SessionAsked)),
            ("POST", "/api/v1/heartbeat"): lambda: hub.heartbeat(token, decode(body, Heartbeat)),
            ("POST", "/api/v1/as-run"): lambda: hub.deliver(token, decode(body, Batch, 2**20)),
            ("POST", f"/api/v1/box/media/{name}"): lambda: hub.ticket(token, name),
        }
        if (method, path) in told:
            return 200, {"Content-Type": "application/json"}, encode(told[method, path]())
        if path.startswith("/api/v1/box/programs/"):
            return 200, {}, hub.program(token, name)
        if path.startswith("/media/"):
            return _part(hub.medium(name), name, headers)
        hub.attach(token, path.split("/")[-2], headers["content-type"], body)
        return 204, {}, b""


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Answer:
    """Say why not."""
    return status, headers or {}, msgspec.json.encode(Problem(code=code, detail=detail))


def packed(answer: Answer) -> Answer:
    """Pack the body of an answer."""
    status, headers, body = answer
    return status, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body)


def _part(data: bytes, name: str, headers: dict[str, str]) -> Answer:
    etag = f'"{name}"'
    wanted = RANGE.match(headers.get("range", ""))
    if wanted is None or headers.get("if-range", etag) != etag:
        return 200, {"ETag": etag}, data
    begins = int(wanted[1])
    return 206, {"ETag": etag, "Content-Range": f"bytes {begins}-{len(data) - 1}/{len(data)}"}, data[begins:]


class RequestHandler(BaseHTTPRequestHandler):
    """Hands each request to its owner."""

    protocol_version = "HTTP/1.1"
    owner: HubServer

    def asked(self) -> tuple[str, str, dict[str, str], bytes]:
        """Read a request to its end."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        return self.command, self.path, headers, self.rfile.read(int(headers.get("content-length", 0)))

    def serve(self) -> None:
        """Answer a request."""
        status, given, data = self.owner.answer(*self.asked())
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(data)), **given}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """Answer it."""
        self.serve()

    do_POST = do_PUT = do_GET  # noqa: N815 - so the base wants it

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def proxy(seen: list[str]) -> Iterator[str]:
    """Run an HTTP proxy that passes everything on; give its URL.

    :param seen: takes the first line of each request.
    """
    import http.client

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            seen.append(self.requestline)
            host, _, path = self.path.removeprefix("http://").partition("/")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            onward = http.client.HTTPConnection(host)
            onward.request("POST", f"/{path}", body, dict(self.headers.items()))
            answer = onward.getresponse()
            data = answer.read()
            onward.close()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
