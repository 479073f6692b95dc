"""The hub as a process of its own: it starts from nothing, says where it is, and ends well."""

import os
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from easyplayer import __version__
from easyplayer.errors import ConflictError, DatabaseError, SettingsError, UnavailableError
from tests.hub import postgres
from tests.hub.hub_process import HubProcess

pytestmark = pytest.mark.process

ENDS_WITHIN_S = 3.0


@pytest.fixture(name="state")
def _state(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture(name="postgres_url")
def _postgres_url(postgres_cluster: Path) -> str:
    """Name a database that has nothing in it."""
    postgres.run(postgres_cluster, "DROP DATABASE IF EXISTS served WITH (FORCE)", "CREATE DATABASE served")
    return postgres.url(postgres_cluster, "served")


def test_it_starts_from_nothing_and_its_admin_can_ask_it(state: Path) -> None:
    """A free port, a database, a token: nothing has to be prepared."""
    with HubProcess(state, "--port", "0") as hub:
        assert hub.url.startswith("http://127.0.0.1:")
        assert httpx2.get(f"{hub.url}/api/v1/hello").json()["version"] == __version__
        assert hub.get("/api/v1/me").json() == {"name": "admin", "grants": {"*": "admin"}}
        assert (state / "hub.json").read_text() == f'{{"url":"{hub.url}"}}\n'
        assert {file.name for file in state.iterdir() if file.stat().st_mode & 0o077} == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_and_well_when_it_is_told_to(state: Path, number: signal.Signals) -> None:
    """Also while someone keeps a connection open, and says nothing."""
    with HubProcess(state, "--port", "0") as hub:
        host, port = hub.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            code, took_s = hub.end(number)
        assert code == 0
        assert took_s < ENDS_WITHIN_S
        assert "Traceback" not in hub.log


def test_it_comes_back_as_it_was(state: Path) -> None:
    """With the same keys, users and tokens."""
    with HubProcess(state, "--port", "0") as hub:
        keys = httpx2.get(f"{hub.url}/api/v1/hello").json()["keys"]
        hub.end(signal.SIGKILL)
    with HubProcess(state, "--port", "0") as hub:
        assert httpx2.get(f"{hub.url}/api/v1/hello").json()["keys"] == keys
        assert hub.get("/api/v1/me").status_code == 200


def test_it_tells_what_changed_and_not_who_asked(state: Path) -> None:
    """A line per change of state; requests are counted, not listed."""
    with HubProcess(state, "--port", "0") as hub:
        for _ in range(3):
            hub.get("/api/v1/me")
        hub.end()
        assert [line.partition(": ")[0] for line in hub.log.splitlines()] == [
            "INFO easyplayer.hub.db.migrating",
            "INFO easyplayer.hub.first_start",
        ]


def test_a_port_that_is_taken_is_told_in_words(state: Path) -> None:
    """With the way out, and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with HubProcess(state, "--port", port) as hub:
            assert hub.wait() == UnavailableError.exit_code
    assert f"port {port}" in hub.log
    assert "--port" in hub.log
    assert "Traceback" not in hub.log


def test_a_database_that_does_not_answer_is_told_in_words(state: Path) -> None:
    """Without its password."""
    with HubProcess(state, "--port", "0", "--database", "postgresql://hub:secret@127.0.0.1:1/hub") as hub:
        assert hub.wait() == DatabaseError.exit_code
    assert "is it running" in hub.log
    assert "secret" not in hub.log
    assert "Traceback" not in hub.log


def test_a_second_hub_of_one_state_is_refused(state: Path) -> None:
    """The first goes on."""
    with HubProcess(state, "--port", "0") as first:
        with HubProcess(state, "--port", "0") as second:
            assert second.wait() == ConflictError.exit_code
        assert str(state) in second.log
        assert first.get("/healthz").status_code == 200


def test_settings_that_make_no_sense_are_told_before_anything_starts(state: Path) -> None:
    """All at once."""
    env = {"EASYPLAYER_HUB_HEARTBEAT_S": "0"}
    with HubProcess(state, "--port", "0", "--workers", "2", env=env) as hub:
        assert hub.wait() == SettingsError.exit_code
    assert "EASYPLAYER_HUB_HEARTBEAT_S" in hub.log
    assert "workers" in hub.log
    assert not state.exists()


def test_systemd_is_told_once_it_answers(state: Path, tmp_path: Path) -> None:
    """As a unit of the type notify wants it."""
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(place))
        with HubProcess(state, "--port", "0", env={"NOTIFY_SOCKET": str(place)}) as hub:
            assert hub.url
            listener.settimeout(10)
            assert listener.recv(100) == b"READY=1"


class TestWorkers:
    """Several processes at one port, with PostgreSQL between them."""

    def test_they_answer_with_one_voice_and_end_together(self, state: Path, postgres_url: str) -> None:
        """They start at once on an empty database, and migrate it once."""
        with HubProcess(state, "--port", "0", "--workers", "3", "--database", postgres_url) as hub:
            told = [httpx2.get(f"{hub.url}/api/v1/hello").json()["keys"] for _ in range(20)]
            assert all(keys == told[0] for keys in told)
            assert hub.get("/api/v1/me").status_code == 200
            workers = workers_of(hub.process.pid)
            assert len(workers) == 3
            assert hub.end()[0] == 0
            assert not [one for one in workers if Path(f"/proc/{one}").exists()]
            assert "Traceback" not in hub.log
            assert len(hub.log.splitlines()) == 2

    def test_where_one_ends_by_itself_all_do(self, state: Path, postgres_url: str) -> None:
        """Whoever watches the hub starts it anew; half a hub would go unnoticed."""
        with HubProcess(state, "--port", "0", "--workers", "2", "--database", postgres_url) as hub:
            workers = workers_of(hub.process.pid)
            os.kill(int(workers[0]), signal.SIGKILL)
            assert hub.wait() == UnavailableError.exit_code
            assert "a worker has ended by itself" in hub.log
            assert not [one for one in workers if Path(f"/proc/{one}").exists()]


def workers_of(process: int) -> list[str]:
    """Name the workers of a hub, which has a helper of Python's beside them."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [one for one in children if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]
