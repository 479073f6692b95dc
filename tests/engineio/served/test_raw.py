"""What the raw driver does for itself: HTTP/1.1, its bounds and its clocks, unix sockets and TLS."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from easyplayer.engineio import Server
from easyplayer.engineio.core.websocket import Closed
from easyplayer.engineio.raw import RawServer
from easyplayer.engineio.wires import CLOSING_MAY_TAKE_S
from tests.engineio.served.conftest import WAYS
from tests.engineio.served.houses import OPENING, PATH, Driver, House, end_of, hear, open_house
from tests.engineio.served.visitors import Line
from tests.engineio.wire import Wire
from tests.fakes.certificates import Authority

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[way for way in WAYS if way[0] is Driver.RAW], ids=["asyncio", "uvloop"])
def way(request: pytest.FixtureRequest) -> tuple[Driver, bool]:
    """Give the driver, and whether its loop is uvloop."""
    driver, uses_uvloop = request.param
    return driver, uses_uvloop


async def test_far_too_many_requests_at_once(driver: Driver) -> None:
    """A connection that asks without end while a poll waits is closed, and the session with it."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        for _ in range(2000):
            line.begin("GET", f"{PATH}&transport=polling&sid={sid}")

        await house.server.disconnect(sid)
        answers = await line.end()

        assert answers.count(b"HTTP/1.1 ") < 200
        assert answers.count(b"HTTP/1.1 400 Bad Request") >= 1


async def test_an_old_client_that_stays(driver: Driver) -> None:
    """It may ask for its connection to be kept."""
    async with open_house(driver) as house:
        line = await house.line()
        for _ in range(2):
            target = f"{PATH}&transport=polling"
            line.writer.write(f"GET {target} HTTP/1.0\r\nconnection: keep-alive\r\n\r\n".encode())
            answer = await line.answer()

            assert (answer.status, answer.headers["connection"]) == (200, "keep-alive")


async def test_a_body_that_is_not_welcome(driver: Driver) -> None:
    """It is refused by its head alone: too long, of nobody, or for nothing that there is."""
    async with open_house(driver, max_http_buffer_size=100) as house:
        sid = await house.polling()
        expect = "HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: "
        target = f"{PATH}&transport=polling&sid="

        answers = [
            await end_of(house, f"POST {asked} {expect}{size}\r\n\r\n".encode())
            for asked, size in [(target + sid, 101), (target + "nobody", 5), ("/nowhere", 5)]
        ]

        assert [answer.split(b" ")[1] for answer in answers] == [b"413", b"400", b"404"]
        assert (await house.post(sid, "4still here")).text == "ok"


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b"\x16\x03\x01\x02\x00\x01\x00"], 400),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 400),
        ([b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n"], 431),
        ([b"GET / HTTP/1.1\r\n", b"x: " + b"a" * 20_000], 431),
        ([b"GET / HTTP/1.1\r\n", *[b"x: " + b"a" * 9_000 + b"\r\n"] * 3], 431),
        ([b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: y\r\n" % number for number in range(5000))], 431),
        ([b"POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n"], 400),
    ],
    ids=["tls", "http2", "long target", "endless header", "many headers", "very many headers", "two lengths"],
)
async def test_bytes_that_are_no_request(driver: Driver, pieces: list[bytes], status: int) -> None:
    """The connection is answered with what is wrong, and closed."""
    async with open_house(driver) as house:
        answer = await end_of(house, *pieces)

        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"connection: close" in answer


async def test_a_client_that_says_nothing(driver: Driver) -> None:
    """A connection without a request is closed in good time."""
    async with open_house(driver, connect_timeout_s=0.05) as house:
        assert await end_of(house) == b""


async def test_a_head_that_trickles_in(driver: Driver) -> None:
    """It does not hold a connection for longer than a head may take, whatever trickles."""
    async with open_house(driver, connect_timeout_s=0.05) as house:
        line = await house.line()

        async def trickle() -> None:
            while True:
                line.writer.write(b"x")
                await line.writer.drain()
                await house.ask(target="/nowhere")

        line.writer.write(b"GET / HTTP/1.1\r\nx: ")
        trickling = asyncio.ensure_future(trickle())
        answer = await line.end()
        trickling.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await trickling

        assert answer.startswith(b"HTTP/1.1 408 Request Timeout")


async def test_a_body_that_trickles_in(driver: Driver) -> None:
    """It may take as long as a session may be silent."""
    async with open_house(driver, ping_interval_s=0.03, ping_timeout_s=0.03) as house:
        sid = await house.polling()

        answer = await end_of(
            house,
            f"POST {PATH}&transport=polling&sid={sid} HTTP/1.1\r\ncontent-length: 9\r\n\r\n4h".encode(),
        )

        assert answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))


async def test_a_connection_between_two_requests(driver: Driver) -> None:
    """It is closed after as long as a session may be silent."""
    async with open_house(driver, ping_interval_s=0.03, ping_timeout_s=0.03) as house:
        line = await house.line()
        await line.ask("GET", "/nowhere")

        assert await line.end() == b""


async def test_another_protocol_than_websocket(driver: Driver) -> None:
    """A client that would rather speak HTTP/2 is answered in HTTP/1.1."""
    async with open_house(driver) as house:
        asks = OPENING.replace(b"host: a", b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c")

        answer = await end_of(house, asks)

        assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("without", "status"), [("sec-websocket-key", 400), ("sec-websocket-version", 426), ("connection", 400)]
)
async def test_an_opening_handshake_that_lacks_something(driver: Driver, without: str, status: int) -> None:
    """It is refused as RFC 6455 has it, or is no opening handshake at all."""
    async with open_house(driver) as house:
        wire = await Wire.to(house.port)

        assert await wire.ask(f"{PATH}&transport=websocket", without=without) == status
        wire.cut()


async def test_messages_right_behind_the_opening_handshake(driver: Driver) -> None:
    """A client that does not wait for the answer is heard nevertheless."""
    async with open_house(driver) as house:

        async def connect(sid: str, _request: object) -> None:
            await asyncio.sleep(0)

        house.server.on("connect", connect)
        wire = await Wire.to(house.port)
        asking = asyncio.ensure_future(wire.ask(f"{PATH}&transport=websocket"))
        await asyncio.sleep(0)
        wire.send("4early")
        await asking

        assert [str(await hear(wire))[0], await hear(wire)] == ["0", "4early"]
        wire.cut()


async def test_a_listener_that_cannot_be_had(driver: Driver) -> None:
    """It says so."""
    async with open_house(driver) as house:
        with pytest.raises(OSError, match="address already in use"):
            await RawServer(Server()).start("127.0.0.1", house.port)


async def test_a_unix_socket(driver: Driver, tmp_path: Path) -> None:
    """Only this user may use it, what it says of its client's address is believed, and the end removes it."""
    addresses: list[str] = []
    server = Server()
    server.on("connect", lambda _sid, request: addresses.append(request.address))
    raw = RawServer(server, "/live/")
    place = tmp_path / "live.sock"
    await raw.start(place)
    reader, writer = await asyncio.open_unix_connection(place)

    line = Line(reader, writer)
    answer = await line.ask("GET", "/live/?EIO=4&transport=polling", x_forwarded_for="192.0.2.7")
    mode = place.stat().st_mode & 0o777
    await server.shut_down()
    await raw.stop()

    assert (answer.status, addresses, mode, raw.port) == (200, ["192.0.2.7"], 0o600, 0)
    assert not place.exists()
    line.cut()


async def test_tls(driver: Driver, tmp_path: Path) -> None:
    """Polls, a WebSocket, and a refusal, through TLS; sessions know that they are secure."""
    now = datetime.now(UTC)
    authority = Authority(tmp_path)
    server = Server()
    raw = RawServer(server)
    await raw.start(ssl=authority.context(now - timedelta(days=1), now + timedelta(days=1)))
    house = House(server, raw.port, ssl.create_default_context(cafile=authority.file))
    schemes: list[str] = []
    server.on("connect", lambda _sid, request: schemes.append(request.scheme))

    sid = await house.polling()
    posted = await house.post(sid, "4hello")
    wire, _ = await house.socket()
    wire.send("4" + "x" * 100_000)
    echoed = await hear(wire)
    refused = await house.wire(origin="http://evil.example")
    await house.server.disconnect()

    assert (posted.text, echoed, refused.status) == ("ok", "4" + "x" * 100_000, 403)
    assert isinstance(await hear(wire), Closed)
    assert schemes == ["https", "https"]
    house.leave()
    await server.shut_down()
    await raw.stop()


async def test_the_end_closes_what_stands_idle(driver: Driver) -> None:
    """Connections without a request are closed, nobody can connect any more, and it may be ended twice."""
    raw = RawServer(Server())
    await raw.start()
    port = raw.port
    line = await Line.to(port)
    await line.ask("GET", "/nowhere")

    await raw.stop()
    await raw.stop()

    assert await line.end() == b""
    with pytest.raises(ConnectionRefusedError):
        await Line.to(port)
    line.cut()


@pytest.mark.slow
async def test_a_client_that_does_not_close_in_its_turn(driver: Driver) -> None:
    """Its connection is cut after a while."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        await house.server.disconnect(sid)

        assert (await asyncio.wait_for(wire.reader.read(100), CLOSING_MAY_TAKE_S))[0] == 0x88
        async with asyncio.timeout(CLOSING_MAY_TAKE_S + 2.0):
            with contextlib.suppress(ConnectionError):
                assert await wire.reader.read() == b""
