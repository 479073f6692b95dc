"""Requests reach the hub by whatever way there is, and what goes wrong on it is told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from easyplayer.errors import MediaError
from easyplayer.hub.cli.carrier import PATIENCE_S, CarrierError, HttpCarrier, TooSlowError
from tests.drivers.http_proxy import HttpProxy
from tests.fakes.certificates import Authority

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
At = Callable[..., HttpCarrier]
NO_HEADERS: dict[str, str] = {}
THREADS, TURNS = 8, 20


class Hub(ThreadingHTTPServer):
    """Tells what it was asked; some paths it treats badly.

    :ivar callers: the port of each connection on which a request came.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://localhost:{self.server_port}"
        self.callers: list[int] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "Hub":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers who hang up."""


class Desk(BaseHTTPRequestHandler):
    """Answers."""

    protocol_version = "HTTP/1.1"
    server: Hub

    def do_GET(self) -> None:
        self.server.callers.append(self.client_address[1])
        if self.path == "/cut":
            self.answer(200, b"half", length=100)
            self.close_connection = True
        elif self.path == "/silent":
            self.server.thread.join()
        else:
            self.answer(200, f"{self.path} {self.headers.get('X-Who', '')}".encode())
        if self.path == "/closes":
            self.close_connection = True

    def do_POST(self) -> None:
        self.server.callers.append(self.client_address[1])
        if self.path == "/too-much":
            self.answer(413, b"no")
            self.close_connection = True
            return
        self.answer(200, self.body())

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        pieces = b""
        while size := int(self.rfile.readline(), 16):
            pieces += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return pieces

    def answer(self, status: int, content: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(name="hub")
def _hub() -> Iterator[Hub]:
    with Hub() as hub:
        yield hub


@pytest.fixture(name="at")
def _at() -> Iterator[At]:
    """Give carriers to hubs, which are closed in the end."""
    with ExitStack() as stack:

        def made(url: str, patience_s: float = PATIENCE_S) -> HttpCarrier:
            return stack.enter_context(closing(HttpCarrier(url, patience_s)))

        yield made


def got(carrier: HttpCarrier, target: str = "/a?b=c", headers: dict[str, str] = NO_HEADERS) -> str:
    return carrier.send("GET", target, headers, None).read().decode()


def test_an_answer_comes_with_all_that_it_says(hub: Hub, at: At) -> None:
    """Status, headers whatever their letters, and the content as often as it is asked for."""
    response = at(f"{hub.url}/").send("GET", "/a?b=c", {"X-Who": "anna"}, None)
    assert (response.status, response.reason, response.header("retry-after")) == (200, "OK", "7")
    assert response.read() == response.read() == b"/a?b=c anna"
    assert response.header("X-None") == ""


def test_a_hub_may_be_below_a_path(hub: Hub, at: At) -> None:
    """Behind a proxy that has other things beside it."""
    assert got(at(f"{hub.url}/hub/")) == "/hub/a?b=c "


def test_one_connection_serves_for_all(hub: Hub, at: At) -> None:
    """Also after answers without content."""
    carrier = at(hub.url)
    got(carrier)
    assert carrier.send("DELETE", "/a", {}, None).read() == b""
    carrier.send("POST", "/a", {}, b"x").read()
    assert len(hub.callers) == 2
    assert len(set(hub.callers)) == 1


def test_threads_that_ask_at_the_same_time_get_their_own_answers(hub: Hub, at: At) -> None:
    """Each by a connection of its own, be others in the middle of an answer."""
    carrier = at(hub.url)
    together = threading.Barrier(THREADS)

    def ask(number: int) -> list[str]:
        together.wait()
        return [got(carrier, f"/{number}-{turn}") for turn in range(TURNS)]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(THREADS)))
    assert answers == [[f"/{number}-{turn} " for turn in range(TURNS)] for number in range(THREADS)]
    assert len(set(hub.callers)) == THREADS


@pytest.mark.parametrize("before", ["/closes", "/half-read"])
def test_a_connection_that_cannot_go_on_is_replaced(hub: Hub, before: str, at: At) -> None:
    """Because the hub has ended it, or an answer on it was not read to its end."""
    carrier = at(hub.url)
    response = carrier.send("GET", before, {}, None)
    if before == "/closes":
        response.read()
        assert carrier._own.route is not None
        carrier._own.route.connection.sock.recv(1, socket.MSG_PEEK)  # the hub has hung up by then
    assert got(carrier) == "/a?b=c "
    assert len(set(hub.callers)) == 2


@pytest.mark.parametrize("content", [b"abc", [b"a", b"bc"], iter([b"a", b"", b"bc"])])
def test_content_goes_as_it_is_given(hub: Hub, content: bytes, at: At) -> None:
    """In one piece, or in several of which nobody knows the sum."""
    assert at(hub.url).send("POST", "/a", {}, content).read() == b"abc"


def test_of_a_file_its_length_is_told(hub: Hub, at: At) -> None:
    """Where it is known."""
    carrier = at(hub.url)
    assert carrier.send("POST", "/a", {"Content-Length": "3"}, iter([b"a", b"bc"])).read() == b"abc"


def test_a_hub_that_wants_no_more_of_a_file_is_heard(hub: Hub, at: At) -> None:
    """It has said why before it hung up."""
    pieces = (bytes(1 << 20) for _ in range(64))
    with suppress(CarrierError):  # where the hub's end was faster than its words
        assert at(hub.url).send("POST", "/too-much", {}, pieces).status == 413


def test_content_that_cannot_be_had_is_not_the_hubs_fault(hub: Hub, at: At) -> None:
    """It is told as it is, and the next request is not spoilt by it."""

    def pieces() -> Iterator[bytes]:
        yield b"a"
        message = "song.flac: cannot be read"
        raise MediaError(message)

    carrier = at(hub.url)
    with pytest.raises(MediaError, match=r"song\.flac: cannot be read"):
        carrier.send("POST", "/a", {"Content-Length": "3"}, pieces())
    assert got(carrier) == "/a?b=c "


def test_an_answer_that_is_cut_off_is_no_answer(hub: Hub, at: At) -> None:
    """However it is read."""
    response = at(hub.url).send("GET", "/cut", {}, None)
    came: list[bytes] = []
    with pytest.raises(CarrierError, match="cut off"):
        came.extend(response.pieces())
    assert b"".join(came) == b"half"


def test_a_hub_that_says_nothing_is_not_waited_for_without_end(hub: Hub, at: At) -> None:
    """A command that hangs is worse than one that fails."""
    with pytest.raises(TooSlowError, match="timed out"):
        at(hub.url, patience_s=0.05).send("GET", "/silent", {}, None)


def test_a_hub_that_is_not_there_is_told(at: At) -> None:
    """As the system says it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(CarrierError, match="refused"):
            got(at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))


@pytest.mark.parametrize("url", ["hub.example", "ftp://hub.example", "http://", "http://a:b", "http://a:0/"])
def test_what_is_no_address_is_told(url: str, at: At) -> None:
    """Before anything is asked."""
    with pytest.raises(CarrierError):
        got(at(url))


class TestProxies:
    """Those of the environment."""

    @pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
    def test_it_is_handed_requests(
        self, hub: Hub, monkeypatch: pytest.MonkeyPatch, name: str, at: At
    ) -> None:
        """With its name and password, if it wants one."""
        with HttpProxy(tunnels=False, wants="Basic YW5uYTpwQHNz") as proxy:
            monkeypatch.setenv(name, f"http://anna:p%40ss@{proxy.address}")
            assert got(at(hub.url), headers={"connection": "close"}) == "/a?b=c "
        assert proxy.seen == [f"GET {hub.url}/a?b=c HTTP/1.1"]

    def test_it_is_passed_by_for_some_hubs(self, hub: Hub, monkeypatch: pytest.MonkeyPatch, at: At) -> None:
        """As ``no_proxy`` says."""
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "localhost")
        assert got(at(hub.url)) == "/a?b=c "

    def test_encryption_goes_through_it(
        self, authority: Callable[[], Hub], monkeypatch: pytest.MonkeyPatch, at: At
    ) -> None:
        """By a tunnel."""
        with authority() as hub, HttpProxy(wants="Basic YW5uYTpw") as proxy:
            monkeypatch.setenv("https_proxy", f"anna:p@{proxy.address}")
            assert got(at(hub.url)) == "/a?b=c "
            monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
            with pytest.raises(CarrierError, match="407"):
                got(at(hub.url))
        assert proxy.seen[0].startswith(f"CONNECT localhost:{hub.server_port} ")

    @pytest.mark.parametrize("url", ["socks5://localhost:9", "http://:9"])
    def test_one_that_cannot_be_used_is_told(self, url: str, monkeypatch: pytest.MonkeyPatch, at: At) -> None:
        """And not gone past."""
        monkeypatch.setenv("http_proxy", url)
        with pytest.raises(CarrierError, match="no address that begins with http://"):
            got(at("http://hub.example"))


@pytest.fixture(name="authority")
def _authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Hub]:
    """Give a maker of hubs with a certificate that this machine trusts."""
    now = datetime.now(UTC)
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return lambda: Hub(authority.context(now - DAY, now + DAY))


def test_certificates_are_checked(
    authority: Callable[[], Hub], monkeypatch: pytest.MonkeyPatch, at: At
) -> None:
    """By those that the machine trusts."""
    with authority() as hub:
        assert got(at(hub.url)) == "/a?b=c "
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(CarrierError, match="CERTIFICATE_VERIFY_FAILED"):
            got(at(hub.url))
