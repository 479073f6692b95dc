"""Polls come to any worker, and are answered by the one that has the session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from easyplayer.engineio import Options, Server
from easyplayer.engineio.proxies import Proxies
from easyplayer.engineio.raw import RawServer
from easyplayer.hub.live.relay import Relay, socket_of

pytestmark = pytest.mark.anyio
PATH = "/live/"
POLL = {"EIO": "4", "transport": "polling"}
STRANGER, PROXY = "192.0.2.7", "10.0.0.7"
MOST_S = 10.0
LONG = "x" * 200_000


class Pair:
    """Two workers: one whose sessions are meant, and the one that the requests come to."""

    def __init__(self, sockets: Path) -> None:
        self.sockets = sockets
        self.server = Server(Options(worker="w1", cors_allowed_origins="*"))
        self.other = Server(Options(worker="w0"))
        self.relay = Relay(self.other.handle_request, "w0", sockets, Proxies([PROXY]))
        self.raw = RawServer(self.server, path=PATH)
        self.server.on("message", self.server.send)

    def client(self, app: Any = None) -> httpx.AsyncClient:
        """Give a client of the relay, or of one of the workers."""
        transport = httpx.ASGITransport(app or self.relay, client=(STRANGER, 1))
        return httpx.AsyncClient(transport=transport, base_url=f"http://hub.test{PATH}", timeout=MOST_S)

    async def session(self) -> str:
        """Open a session at the first worker."""
        async with self.client(self.server.handle_request) as client:
            answer = await client.get("", params=POLL)
        return str(answer.text.partition('"sid":"')[2].partition('"')[0])


@pytest.fixture(name="pair")
async def _pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """Run two workers."""
    pair = Pair(tmp_path)
    await pair.raw.start(socket_of(tmp_path, "w1"))
    yield pair
    for server in (pair.server, pair.other):
        await server.shut_down()
    await pair.raw.stop()


async def test_a_session_lives_at_its_worker_wherever_its_polls_come_to(pair: Pair) -> None:
    """Both ways, from a character to as much as a worker takes in pieces; with the worker's own headers."""
    sid = await pair.session()
    assert sid.startswith("w1-")
    async with pair.client() as client:
        for text in ("hello", LONG):
            sent = await client.post("", params={**POLL, "sid": sid}, content=f"4{text}")
            assert (sent.status_code, sent.text) == (200, "ok")
            heard = await client.get("", params={**POLL, "sid": sid}, headers={"Origin": "http://other.test"})
            assert (heard.status_code, heard.text) == (200, f"4{text}")
            assert heard.headers["access-control-allow-origin"]
            assert "connection" not in heard.headers


async def test_what_is_its_own_or_nobodys_a_worker_answers_itself(pair: Pair) -> None:
    """Also what is of a worker that has ended: its sessions have ended with it."""
    async with pair.client() as client:
        opened = await client.get("", params=POLL)
        assert '"sid":"w0-' in opened.text
        for sid in ("w0-nobody", "w7-nobody", "w1", "-", "../w1-x"):
            answer = await client.get("", params={**POLL, "sid": sid})
            assert (answer.status_code, answer.json()["code"]) == (400, 1)


async def test_a_poll_that_is_cut_is_cut_at_its_worker_too(tmp_path: Path) -> None:
    """It ends the session; nothing that is sent afterwards is lost without a word."""
    polling, cut = asyncio.Event(), asyncio.Event()
    requests = [{"type": "http.request"}]

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        polling.set()
        assert await reader.read() == b""
        cut.set()
        writer.close()

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await polling.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    relay = Relay(_nowhere, "w0", tmp_path, Proxies())
    async with await asyncio.start_unix_server(hang, socket_of(tmp_path, "w1")), asyncio.timeout(MOST_S):
        await relay(scope("w1-a"), receive, send)
        await cut.wait()


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
async def test_a_websocket_for_a_session_of_another_worker_is_refused(
    pair: Pair, extensions: dict[str, Any]
) -> None:
    """The client stays with its polls."""
    sid = await pair.session()
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        told.append(message)

    await pair.relay({**scope(sid), "type": "websocket", "extensions": extensions}, receive, send)
    if extensions:
        assert (told[0]["status"], told[1]["body"]) == (400, b'{"code":1,"message":"Session ID unknown"}')
    else:
        assert told == [{"type": "websocket.close"}]
    async with pair.client() as client:
        await client.post("", params={**POLL, "sid": sid}, content="4still here")
        assert (await client.get("", params={**POLL, "sid": sid})).text == "4still here"


@pytest.mark.parametrize(
    ("peer", "claimed", "told"),
    [(STRANGER, "198.51.100.1", STRANGER), (PROXY, "198.51.100.1", "198.51.100.1"), (PROXY, "", PROXY)],
)
async def test_a_stranger_cannot_claim_to_be_somebody_else(
    tmp_path: Path, peer: str, claimed: str, told: str
) -> None:
    """A worker believes what another one passes on, and that only what trusted proxies have said."""
    heads: list[bytes] = []
    async with _worker(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", heads):
        relay = Relay(_nowhere, "w0", tmp_path, Proxies([PROXY]))
        headers = {"X-Forwarded-For": claimed, "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(relay, client=(peer, 1))) as client:
            await client.get(f"http://hub.test{PATH}", params={"sid": "w1-a"}, headers=headers)
    (head,) = heads
    assert head.lower().count(b"forwarded") == 2
    assert f"x-forwarded-for: {told}\r\n".encode() in head
    assert f"x-forwarded-proto: {'https' if peer == PROXY else 'http'}\r\n".encode() in head
    assert b"host: hub.test\r\n" in head


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_worker_that_dies_over_a_poll_is_told_to_the_client(tmp_path: Path, answer: bytes) -> None:
    """It opens another session."""
    async with _worker(tmp_path, answer, []), _client(tmp_path) as client:
        assert (await client.get(PATH, params={"sid": "w1-a"})).status_code == 502


async def test_half_an_answer_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    """The line is cut."""
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    async with _worker(tmp_path, half, []), _client(tmp_path) as client:
        with pytest.raises(Exception, match="without sending complete message body"):
            await client.get(PATH, params={"sid": "w1-a"})


async def test_an_answer_that_comes_before_all_is_sent_is_passed_on(tmp_path: Path) -> None:
    """A worker does not hear to the end what is too long anyway."""
    early = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    async with _worker(tmp_path, early, []), _client(tmp_path) as client:
        answer = await client.post(PATH, params={"sid": "w1-a"}, content=bytes(10_000_000))
        assert answer.status_code == 413


def scope(sid: str) -> dict[str, Any]:
    """Give the scope of a request for a session."""
    query = f"EIO=4&transport=polling&sid={sid}".encode()
    line = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "client": (STRANGER, 1)}
    return {**line, "path": PATH, "raw_path": PATH.encode(), "query_string": query, "headers": []}


@asynccontextmanager
async def _worker(folder: Path, answer: bytes, heads: list[bytes]) -> AsyncIterator[None]:
    """Run a worker that gives one answer to everything, and keeps what it was asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, socket_of(folder, "w1")):
        yield


def _client(folder: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Relay(_nowhere, "w0", folder, Proxies()))
    return httpx.AsyncClient(transport=transport, base_url="http://hub.test", timeout=MOST_S)


async def _nowhere(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError
