"""The live line over real sockets: through proxies, with certificates and a wrong clock, and at its end."""

import base64
import logging
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time

import pytest

from easyplayer.drivers import engine_call, hub_dial
from easyplayer.drivers.engine_line import MOST_UNSENT_LETTERS, EngineLine
from easyplayer.drivers.hub_dial import proxy_for
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.hub_route import TOLD_HOLDS_S, Clocks
from easyplayer.drivers.live_line import (
    POLLING,
    WEBSOCKET,
    LineEnded,
    LineHeard,
    LineOpened,
    LineReport,
    LineSpec,
)
from easyplayer.engineio import Options
from easyplayer.errors import LinkError
from tests.drivers.http_proxy import HttpProxy
from tests.drivers.live_server import HELD_S, LiveServer, Reports, until
from tests.fakes.certificates import Authority
from tests.fakes.clock import HeldClock
from tests.fakes.hub_link import FakeHub, FakeHubLink, HeldKeychain

BOTH = (WEBSOCKET, POLLING)
DAY = timedelta(days=1)
NOW = datetime.now(UTC)
TODAY = NOW - DAY, NOW + DAY
FUTURE = NOW + 40 * DAY, NOW + 400 * DAY
AT_ONCE_S = 2.0
"""Of the fifteen that a hub may take."""


class Box:
    """A box that its hub knows, and its line.

    :ivar clock: the box's monotonic clock.
    """

    def __init__(self) -> None:
        self.hub = FakeHub()
        self.hub.claimed = True
        self.clock = HeldClock()
        self.known = HeldKeychain()
        self.known.hub_keys = self.link().pair("m", "till", "1").hub_keys
        self.hub.asked.clear()
        self.reports = Reports()
        self.lines: list[EngineLine] = []

    def link(self) -> FakeHubLink:
        """Make a way to the hub."""
        return FakeHubLink(self.hub, self.known, self.clock)

    def line(
        self, url: str, *, transports: tuple[str, ...] = BOTH, proxy: str = "", ca: str = ""
    ) -> EngineLine:
        """Make a line, for a box whose clock nobody keeps right."""
        way = Way(url=url, proxy=proxy, ca=ca)
        clocks = Clocks(monotonic=self.clock, machine=time, kept_right=lambda: False)
        spec = LineSpec(way=way, transports=transports, make_link=self.link)
        self.lines.append(EngineLine(spec, self.reports, clocks))
        return self.lines[-1]

    def opened(self, url: str, **how: str) -> LineReport:
        """Open a line, and give what comes of it."""
        self.line(url, **how).open()  # type: ignore[arg-type]  # no transports are among them
        return self.reports.next()


@pytest.fixture(name="box")
def _box() -> Iterator[Box]:
    """Give a box, whose lines are closed at the end."""
    box = Box()
    yield box
    for line in box.lines:
        line.close()
    until(lambda: not any(thread.name == "live" for thread in threading.enumerate()))


def ended(report: LineReport) -> LineEnded:
    """Tell that a line has ended, and how."""
    assert isinstance(report, LineEnded), report
    return report


class TestRequests:
    """What the hub is asked with."""

    def test_they_say_who_asks_and_what_it_speaks(self, box: Box) -> None:
        """As the box's other requests do."""
        with LiveServer(box.hub) as server:
            assert box.opened(server.url + "/") == LineOpened(WEBSOCKET)
            request = server.requests[0]
            box.lines[0].close()

        assert request.path == "/live/"
        assert request.header("authorization") == f"Bearer {box.known.token}"
        assert request.header("easyplayer-protocol") == "1"
        assert request.header("user-agent").startswith("python-requests/")


class TestProxies:
    """Through an HTTP proxy."""

    def test_a_tunnel_through_it(self, box: Box) -> None:
        """By which a WebSocket gets through; its name and password are shown."""
        wants = f"Basic {base64.b64encode('bar:så'.encode()).decode()}"
        with LiveServer(box.hub) as server, HttpProxy(wants=wants) as proxy:
            assert box.opened(server.url, proxy=f"http://bar:s%C3%A5@{proxy.address}") == LineOpened(
                WEBSOCKET
            )
            assert box.lines[0].send("through")
            assert server.heard.get(timeout=HELD_S) == "through"
            assert proxy.seen == [f"CONNECT localhost:{server.port} HTTP/1.1"]
            box.lines[0].close()

    def test_one_that_makes_no_tunnels_is_handed_polls(self, box: Box) -> None:
        """As ordinary ones want it, for all but port 443."""
        with LiveServer(box.hub) as server, HttpProxy(tunnels=False) as proxy:
            assert box.opened(server.url, proxy=proxy.address) == LineOpened(POLLING)
            assert box.lines[0].send("through")
            assert server.heard.get(timeout=HELD_S) == "through"
            server.tell("back")
            assert box.reports.next() == LineHeard("back")
            assert proxy.seen[1].startswith(f"GET {server.url}/live/?EIO=4&transport=polling HTTP/1.1")
            box.lines[0].close()

    @pytest.mark.parametrize("transports", [BOTH, (POLLING,)])
    def test_encrypted_all_goes_through_tunnels(
        self, transports: tuple[str, ...], box: Box, tmp_path: Path
    ) -> None:
        """Polls, too: nobody reads along."""
        authority = Authority(tmp_path)
        with LiveServer(box.hub, context=authority.context(*TODAY)) as server, HttpProxy() as proxy:
            line = box.line(
                server.url, transports=transports, proxy=f"http://{proxy.address}", ca=str(authority.file)
            )
            line.open()
            assert box.reports.next() == LineOpened(transports[0])
            assert line.send("through")
            assert server.heard.get(timeout=HELD_S) == "through"
            assert {one.split()[0] for one in proxy.seen} == {"CONNECT"}
            line.close()

    def test_the_one_of_the_environment_is_used(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        """Unless it is not meant for the hub."""
        with LiveServer(box.hub) as server, HttpProxy() as proxy:
            monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
            for excepted, seen in (("", 1), ("localhost", 1)):
                monkeypatch.setenv("no_proxy", excepted)
                assert box.opened(server.url) == LineOpened(WEBSOCKET)
                assert len(proxy.seen) == seen
                box.lines[-1].close()

    def test_one_that_wants_to_know_who_asks_is_told_of(self, box: Box) -> None:
        """With its answer; the password is not."""
        with LiveServer(box.hub) as server, HttpProxy(wants="Basic x") as proxy:
            end = ended(box.opened(server.url, proxy=f"http://a:secret@{proxy.address}"))

        assert (end.status, end.refused) == (407, False)
        assert "407" in end.reason
        assert "secret" not in end.reason

    def test_one_that_is_not_there(self, box: Box) -> None:
        """Is told as such."""
        end = ended(box.opened("http://hub.example", proxy="http://127.0.0.1:1"))

        assert "the proxy 127.0.0.1 cannot be reached" in end.reason

    def test_one_that_never_makes_the_tunnel(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is not waited for long."""
        monkeypatch.setattr(hub_dial, "PROXY_MAY_TAKE_S", 0.1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
            end = ended(box.opened("https://hub.example", proxy=proxy))

        assert "leads to no way to hub.example:443: it does not answer in time" in end.reason

    @pytest.mark.parametrize("url", ["socks5://127.0.0.1:1", "http://", "http://[::1", "http://a:b:c"])
    def test_what_is_no_http_proxy_is_told(self, url: str, box: Box) -> None:
        """With the setting."""
        assert "correct [hub] proxy" in ended(box.opened("http://hub.example", proxy=url)).reason
        with pytest.raises(LinkError):
            proxy_for(Way(url="http://hub.example", proxy=url))

    def test_one_that_is_spoken_to_with_encryption(self, box: Box, tmp_path: Path) -> None:
        """Within which the hub is, once more; its certificate is checked as the hub's is."""
        authority, other = Authority(tmp_path), Authority(tmp_path, "other")
        context, its_own = authority.context(*TODAY), authority.context(*TODAY)
        with LiveServer(box.hub, context=context) as server, HttpProxy(context=its_own) as proxy:
            way = f"https://localhost:{proxy.port}"
            assert box.opened(server.url, proxy=way, ca=str(authority.file)) == LineOpened(WEBSOCKET)
            assert box.lines[0].send("through")
            assert server.heard.get(timeout=HELD_S) == "through"
            box.lines[0].close()
            seen = len(proxy.seen)
            end = ended(box.opened(server.url, proxy=way, ca=str(other.file)))
            assert "the certificate of the proxy localhost cannot be trusted" in end.reason
            assert len(proxy.seen) == seen

    def test_a_port_that_a_proxy_does_not_name(self) -> None:
        """Is that of its scheme."""
        assert proxy_for(Way(url="https://hub.example", proxy="https://p.example")) == hub_dial.Proxy(
            "p.example", 443, tls=True
        )


TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 50
{connect_ports}
"""


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("tinyproxy"), reason="tinyproxy is not installed")
@pytest.mark.parametrize(
    ("connect_ports", "transport"), [("", WEBSOCKET), ("ConnectPort 443\nConnectPort 563", POLLING)]
)
def test_a_proxy_as_venues_have_it(connect_ports: str, transport: str, box: Box, tmp_path: Path) -> None:
    """By a tunnel, or, with the settings that it is packaged with, by whole requests."""
    port = free_port()
    (tmp_path / "proxy.conf").write_text(TINYPROXY.format(port=port, connect_ports=connect_ports))
    command = ["tinyproxy", "-d", "-c", str(tmp_path / "proxy.conf")]
    with LiveServer(box.hub) as server, running(command):
        until(lambda: answers(port))
        assert box.opened(server.url, proxy=f"http://127.0.0.1:{port}") == LineOpened(transport)
        for number in range(20):
            assert box.lines[0].send(f"{number}")
            assert server.heard.get(timeout=HELD_S) == f"{number}"
            server.tell(f"{number}")
            assert box.reports.next() == LineHeard(f"{number}")
        box.lines[0].close()
        assert server.gone.get(timeout=HELD_S)


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    """Run a program meanwhile."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Find a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


class TestCertificates:
    """With encryption, also for a box whose clock is wrong."""

    def dialled(self, box: Box, server: LiveServer, ca: Path) -> LineReport:
        return box.opened(server.url, ca=str(ca))

    def test_one_of_an_authority_that_is_trusted(self, box: Box, tmp_path: Path) -> None:
        """The hub is asked for nothing but the session."""
        authority = Authority(tmp_path)
        with LiveServer(box.hub, context=authority.context(*TODAY)) as server:
            assert self.dialled(box, server, authority.file) == LineOpened(WEBSOCKET)
            assert "time" not in box.hub.asked
            box.lines[0].close()

    def test_nobody_else(self, box: Box, tmp_path: Path) -> None:
        """Nothing is sent to them."""
        authority, other = Authority(tmp_path), Authority(tmp_path, "other")
        for life, host in ((TODAY, "localhost"), (FUTURE, "localhost"), (TODAY, "other.example")):
            with LiveServer(box.hub, context=authority.context(*life, host)) as server:
                trusted = other.file if host == "localhost" else authority.file
                end = ended(self.dialled(box, server, trusted))
                assert "cannot be trusted" in end.reason
                assert (server.requests, end.refused) == ([], False)

    def test_with_a_wrong_clock_the_hub_says_by_what_time_it_is_judged(
        self, box: Box, tmp_path: Path
    ) -> None:
        """By its own word; for the next line as well, for a day."""
        authority = Authority(tmp_path)
        box.hub.wall = (FUTURE[0] + DAY).timestamp
        with LiveServer(box.hub, context=authority.context(*FUTURE)) as server:
            assert self.dialled(box, server, authority.file) == LineOpened(WEBSOCKET)
            for _ in range(2):
                server.hang_up()
                ended(box.reports.next())
                box.lines[0].open()
                assert box.reports.next() == LineOpened(WEBSOCKET)
            assert box.hub.asked.count("time") == 1
            box.clock.advance(TOLD_HOLDS_S + 1)
            server.hang_up()
            ended(box.reports.next())
            box.lines[0].open()
            assert box.reports.next() == LineOpened(WEBSOCKET)
            assert box.hub.asked.count("time") == 2
            box.lines[0].close()

    def test_one_that_does_not_hold_by_that_either_is_refused(self, box: Box, tmp_path: Path) -> None:
        """Before anything is sent."""
        authority = Authority(tmp_path)
        box.hub.wall = (FUTURE[0] - DAY).timestamp
        with LiveServer(box.hub, context=authority.context(*FUTURE)) as server:
            end = ended(self.dialled(box, server, authority.file))
            assert "by the hub's own word" in end.reason
            assert server.requests == []

    def test_a_time_that_is_not_the_hubs_opens_nothing(self, box: Box, tmp_path: Path) -> None:
        """Somebody else has signed it."""
        authority = Authority(tmp_path)
        box.known.token = "known"
        box.hub.tokens["known"] = box.hub.box
        box.hub.seeds = [b"o" * 32]
        with LiveServer(box.hub, context=authority.context(*FUTURE)) as server:
            end = ended(self.dialled(box, server, authority.file))
            assert "a key that is not trusted here" in end.reason
            assert server.requests == []

    def test_files_that_hold_none_are_told(self, box: Box, tmp_path: Path) -> None:
        """With the setting."""
        (tmp_path / "ca.pem").write_text("nothing")
        with LiveServer(box.hub, context=Authority(tmp_path).context(*TODAY)) as server:
            assert "[hub] ca" in ended(self.dialled(box, server, tmp_path / "ca.pem")).reason


class TestNobody:
    """Where there is no hub, or none with a live channel."""

    @pytest.mark.parametrize(
        ("url", "words"),
        [("http://127.0.0.1:1", "Connection refused"), ("http://hub..example", "cannot be reached")],
    )
    def test_it_is_told_where_to_look(self, url: str, words: str, box: Box) -> None:
        """In the words of the heartbeat."""
        end = ended(box.opened(url))

        assert words in end.reason
        assert "look at network, firewall and [hub] url" in end.reason
        assert (end.status, end.refused) == (0, False)

    @pytest.mark.parametrize(
        ("said", "status", "words"),
        [
            (b"404 Not Found", 404, "status 404"),
            (b"302 Found", 302, r"set [hub] url"),
            (b"511 Log In", 511, "a portal or proxy answers"),
            (b"200 OK", 0, "a portal or proxy answers"),
        ],
    )
    def test_somebody_else_is_there(self, said: bytes, status: int, words: str, box: Box) -> None:
        """A page to log in on, say."""
        page = b"<html>log in here"
        answer = b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (said, len(page), page)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = threading.Thread(target=answer_all, args=(listener, answer), daemon=True)
            serving.start()
            end = ended(box.opened(f"http://127.0.0.1:{listener.getsockname()[1]}"))

            assert (end.status, end.refused) == (status, False)
            assert words in end.reason
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(HELD_S)

    def test_a_fault_of_ours_ends_the_line_and_is_logged(
        self, box: Box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A box that waits for ever for its line would be the worse for it."""
        monkeypatch.setattr(engine_call, "default_user_agent", lambda: 1 / 0)
        with caplog.at_level(logging.ERROR), LiveServer(box.hub) as server:
            assert "its log says why" in ended(box.opened(server.url)).reason
        assert "the live channel failed" in caplog.text

    def test_each_address_of_a_host_is_tried(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        """And the first that answers is taken."""
        found = [(*[0] * 4, ("127.0.0.2", 1)), (*[0] * 4, ("127.0.0.1", 1))]
        with LiveServer(box.hub) as server:
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_where, **_how: found)
            assert box.opened(server.url) == LineOpened(WEBSOCKET)
            box.lines[0].close()


def answer_all(listener: socket.socket, answer: bytes) -> None:
    """Give everybody the same answer."""
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line:
            line.recv(65536)
            line.sendall(answer)


class TestAtTheEnd:
    """Nothing of it holds up the box."""

    def test_no_call_waits(self, box: Box) -> None:
        """Not for a hub that says nothing, and not for a token that does not come."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            line = box.line(f"http://127.0.0.1:{silent.getsockname()[1]}")
            for _ in range(3):
                begun = monotonic()
                line.open()
                assert not line.send("a")
                line.close()
                assert monotonic() - begun < AT_ONCE_S

    def test_asking_for_a_token_is_broken_off(self, box: Box) -> None:
        """The way on which it is asked is closed."""
        asked, broken = threading.Event(), threading.Event()

        class Stuck(FakeHubLink):
            def token(self, refused: str = "") -> str:
                asked.set()
                broken.wait(HELD_S)
                raise LinkError("it was broken off")

            def close(self) -> None:
                broken.set()

        box.link = lambda: Stuck(box.hub, box.known, box.clock)  # type: ignore[method-assign]
        line = box.line("http://127.0.0.1:1")
        line.open()
        assert asked.wait(HELD_S)
        line.close()
        assert broken.wait(HELD_S)
        assert box.reports.is_empty

    def test_the_hub_is_told_at_once(self, box: Box) -> None:
        """It need not wait for its next ping."""
        for transports in (BOTH, (POLLING,)):
            with LiveServer(box.hub) as server:
                line = box.line(server.url, transports=transports)
                line.open()
                box.reports.next()
                line.close()
                assert server.gone.get(timeout=2)

    def test_a_report_that_closes_the_line_is_the_last(self, box: Box) -> None:
        """From the line's own thread."""
        with LiveServer(box.hub) as server:
            told: list[LineReport] = []
            line = box.line(server.url)

            def close(report: LineReport) -> None:
                told.append(report)
                line.close()

            line._report = close
            line.open()
            until(lambda: told)
            assert server.gone.get(timeout=HELD_S)
            assert told == [LineOpened(WEBSOCKET)]

    def test_a_hub_that_takes_nothing_fills_no_memory(self, box: Box) -> None:
        """What would wait too long is not taken."""
        with LiveServer(box.hub) as server:
            line = box.line(server.url)
            line.open()
            box.reports.next()
            stalled = threading.Event()
            server._loop.call_soon_threadsafe(stalled.wait, HELD_S)
            content, taken = "x" * 100_000, 0
            while line.send(content):
                taken += len(content)
                assert taken < 40 * MOST_UNSENT_LETTERS
            stalled.set()
            line.close()
        assert taken > 5 * len(content)

    def test_a_message_that_is_too_long_for_the_hub_is_left_out(
        self, box: Box, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The line lasts."""
        options = Options(max_http_buffer_size=1000)
        with caplog.at_level(logging.WARNING), LiveServer(box.hub, options) as server:
            line = box.line(server.url)
            line.open()
            box.reports.next()
            assert line.send("x" * 1000)
            assert line.send("short")
            assert server.heard.get(timeout=HELD_S) == "short"
            line.close()
        assert "a message is not sent to the hub" in caplog.text


def test_the_thread_that_opens_it_imports_none_of_it() -> None:
    """A box starts without what its live channel needs."""
    code = (
        "import sys; import easyplayer.drivers.engine_line;"
        "print(sorted({'asyncio', 'h11', 'easyplayer.engineio.client'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
