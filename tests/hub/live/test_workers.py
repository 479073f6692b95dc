"""A hub of several workers, for real: polls through the port that they share, and an end all are told."""

import asyncio
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import msgspec
import pytest

from easyplayer.hub.live.presence import LOOK_EVERY_S
from easyplayer.hub.workers import SOCKETS
from tests.hub import postgres
from tests.hub.boxes import API, paired
from tests.hub.conftest import PUBLIC_URL
from tests.hub.hub_process import HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
POLL = "/live/?EIO=4&transport=polling"
ALONE = ("--port", "0", "--public-url", PUBLIC_URL)
MANY = {"EASYPLAYER_HUB_LIVE_MOST_PER_USER": "0"}
WORKERS = 3
ROUNDS = 10
LINES = 500
ENDS_WITHIN_S = 5.0
MOST_S = 20.0
PING, PONG, NEXT = "2", "3", "\x1e"
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(name="hub")
def _hub(tmp_path: Path, postgres_cluster: Path) -> Iterator[HubProcess]:
    """Run a hub of three workers."""
    postgres.run(postgres_cluster, "DROP DATABASE IF EXISTS live WITH (FORCE)", "CREATE DATABASE live")
    url = postgres.url(postgres_cluster, "live")
    with HubProcess(tmp_path / "hub", *ALONE, "--workers", str(WORKERS), "--database", url, env=MANY) as hub:
        try:
            yield hub
        finally:  # nor is a worker left behind where the test has failed
            if hub.process.poll() is None:
                hub.end()


@pytest.fixture(name="any_hub", params=[1, WORKERS])
def _any_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[HubProcess, int]]:
    """Run a hub of one process, or of three; tells how many."""
    if request.param > 1:
        yield request.getfixturevalue("hub"), request.param
        return
    with HubProcess(tmp_path / "hub", *ALONE, env=MANY) as hub:
        yield hub, request.param


class Caller:
    """Asks as the admin; each time over a connection of its own, which any of the workers takes."""

    def __init__(self, hub: HubProcess) -> None:
        self._hub = hub
        token = (hub.state / "admin.token").read_text().strip()
        self.headers = {"Authorization": f"Bearer {token}"}

    def open(self) -> str:
        """Open a session; gives its name."""
        answer = self.ask("GET", POLL)
        assert answer.status_code == 200, answer.text
        return str(msgspec.json.decode(answer.text[1:])["sid"])

    def open_at_each(self, workers: int) -> dict[str, str]:
        """Open sessions, many at once, until each worker has one; gives their names by worker."""
        sids: dict[str, str] = {}
        with ThreadPoolExecutor(ROUNDS) as together:
            while len(sids) < workers:
                for sid in together.map(lambda _: self.open(), range(ROUNDS)):
                    sids[sid.partition("-")[0]] = sid
        return sids

    def ask(self, method: str, path: str, content: str = "", **headers: str) -> httpx2.Response:
        """Ask once."""
        return httpx2.request(
            method,
            f"{self._hub.url}{path}",
            headers={**self.headers, **headers},
            content=content.encode() or None,
            timeout=MOST_S,
        )


def test_nobody_else_reaches_a_workers_socket(tmp_path: Path, postgres_cluster: Path) -> None:
    """What comes over it is believed; so its folder is the hub's alone."""
    postgres.run(postgres_cluster, "DROP DATABASE IF EXISTS live WITH (FORCE)", "CREATE DATABASE live")
    database = ("--database", postgres.url(postgres_cluster, "live"))
    with HubProcess(
        tmp_path / "hub", *ALONE, "--workers", "2", *database, env={"TMPDIR": str(tmp_path)}
    ) as hub:
        (folder,) = tmp_path.glob(f"{SOCKETS}*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sorted(one.name for one in folder.iterdir()) == ["w0.sock", "w1.sock"]
        hub.end()
    assert not folder.exists()


def test_a_session_by_polls_only_works_through_the_port_that_all_share(hub: HubProcess) -> None:
    """Whichever worker takes a request; and all of them have sessions of their own."""
    caller = Caller(hub)
    sids = caller.open_at_each(WORKERS)
    assert sorted(sids) == [f"w{number}" for number in range(WORKERS)]
    for _ in range(ROUNDS):
        for sid in sids.values():
            sent = caller.ask("POST", f"{POLL}&sid={sid}", '4{"kind":"watch","box":"nobody"}')
            assert (sent.status_code, sent.text) == (200, "ok")
            heard = caller.ask("GET", f"{POLL}&sid={sid}")
            assert heard.status_code == 200
            assert "refused" in heard.text
    statuses = {
        caller.ask(
            "GET",
            f"/live/?EIO=4&transport=websocket&sid={sid}",
            **dict(line.split(": ") for line in UPGRADE.strip().split("\r\n")),
        ).status_code
        for sid in sids.values()
    }
    assert statuses <= {101, 400}
    assert 400 in statuses, "one worker alone has not the sessions of all"
    assert hub.end()[0] == 0
    assert "Traceback" not in hub.log


def test_a_command_that_any_worker_takes_is_with_its_box_at_once(hub: HubProcess) -> None:
    """Although the box's line is at another one, and is of polls."""
    token = (hub.state / "admin.token").read_text().strip()
    alone = httpx2.Limits(max_keepalive_connections=0)  # each request comes to any of the workers
    with (
        httpx2.Client(base_url=hub.url, limits=alone, timeout=MOST_S) as client,
        httpx2.Client(
            base_url=hub.url, limits=alone, timeout=MOST_S, headers={"Authorization": f"Bearer {token}"}
        ) as admin,
    ):
        box = paired(client, admin).settled()
        client.headers["Authorization"] = f"Bearer {box.token}"
        opened, _, _ = client.get(POLL).text.partition(NEXT)
        line = f"{POLL}&sid={msgspec.json.decode(opened[1:])['sid']}"
        for volume in range(ROUNDS):
            wanted = {"name": "set_volume", "args": {"volume": volume}}
            given = time.monotonic()
            assert admin.post(f"{API}/boxes/{box.id}/commands", json=wanted).is_success
            heard = ""
            while '"orders"' not in heard:
                heard = client.get(line).text
                if heard == PING:
                    client.post(line, content=PONG)
            took_s = time.monotonic() - given
            assert took_s < LOOK_EVERY_S / 2, "woken, and not found by the look that comes by itself"
        assert box.reply().commands, "what was brought by the line is there until it is confirmed"
    assert hub.end()[0] == 0
    assert "Traceback" not in hub.log


async def test_all_who_hold_a_line_are_told_that_the_hub_ends(any_hub: tuple[HubProcess, int]) -> None:
    """Polls are answered and WebSockets closed, many of each, and it takes no longer than it may."""
    hub, workers = any_hub
    lines = await asyncio.gather(*(_line(hub, polls=number % 2 == 0) for number in range(LINES)))
    # Afterwards each worker has read what was sent before.
    await asyncio.to_thread(Caller(hub).open_at_each, workers)
    code, took_s = await asyncio.to_thread(hub.end, signal.SIGTERM)
    said = await asyncio.gather(*(reader.read() for reader, _ in lines))
    for _, writer in lines:
        writer.close()
    assert code == 0
    assert took_s < ENDS_WITHIN_S
    assert "Traceback" not in hub.log
    assert "Cancel" not in hub.log
    for answer in said[0::2]:
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith((b"\r\n\r\n1", b"\r\n\r\n6"))
    for frames in said[1::2]:
        assert frames[:1] in {b"\x88", b"\x81"}, "closed, or told by Engine.IO's own close before"
        assert b"\x88" in frames


async def _line(hub: HubProcess, *, polls: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a session and wait on it: by a poll that is not answered, or by a WebSocket."""
    if not polls:
        reader, writer = await _ask(hub, "/live/?EIO=4&transport=websocket", UPGRADE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        length = (await reader.readexactly(2))[1]
        await reader.readexactly(length if length < 126 else int.from_bytes(await reader.readexactly(2)))
        return reader, writer
    reader, writer = await _ask(hub, POLL, "Connection: close\r\n")
    _, _, opened = (await reader.read()).partition(b"\r\n\r\n0")
    writer.close()
    return await _ask(hub, f"{POLL}&sid={msgspec.json.decode(opened)['sid']}", "")


async def _ask(hub: HubProcess, path: str, headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = hub.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    (authorization,) = Caller(hub).headers.items()
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{': '.join(authorization)}\r\n{headers}\r\n"
    writer.write(head.encode())
    return reader, writer
