"""The way in for support leads here, to nobody else, and not for longer than it should."""

import queue
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from easyplayer.drivers.tunnel import (
    SshTunnel,
    TunnelClosed,
    TunnelOpened,
    TunnelReport,
    command_line,
    make_key,
)
from easyplayer.errors import StateError
from easyplayer.units import Seconds
from tests.drivers import ssh_server
from tests.drivers.ssh_server import SSHD, SshServer, clients, free_port, reaches, until

ANSWER_MAY_TAKE_S = 20.0
HOUR_S = Seconds(3600.0)
TICKET = 7

real = pytest.mark.skipif(not SSHD.exists() or not shutil.which("ssh"), reason="needs OpenSSH")


class Greeter(socketserver.ThreadingTCPServer):
    """A server of this machine, which support wants to reach."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Greeting)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Greeting(socketserver.BaseRequestHandler):
    """Says where its caller has come to."""

    def handle(self) -> None:
        self.request.sendall(b"this is the box")


class Open:
    """A tunnel, and what it has reported."""

    def __init__(self, spec: ssh_server.TunnelSpec, seconds: Seconds = HOUR_S) -> None:
        self._reports: queue.SimpleQueue[TunnelReport] = queue.SimpleQueue()
        self.tunnel = SshTunnel(spec, self._reports.put)
        self.tunnel.open(seconds, TICKET)

    def next(self) -> TunnelReport:
        """Wait for the next report."""
        return self._reports.get(timeout=ANSWER_MAY_TAKE_S)

    @property
    def told(self) -> bool:
        """Whether there is a report that nobody has taken."""
        return not self._reports.empty()


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[SshServer]:
    with SshServer(tmp_path) as server:
        yield server
        left = clients(server.port)
        for client in left:
            client.kill()
        assert left == []


@pytest.fixture(name="greeter")
def _greeter() -> Iterator[Greeter]:
    with Greeter() as greeter:
        yield greeter
        greeter.shutdown()


def gone(processes: list[psutil.Process]) -> bool:
    """Wait for the end of processes."""
    return not psutil.wait_procs(processes, timeout=ANSWER_MAY_TAKE_S)[1]


@real
@pytest.mark.process
class TestReal:
    """With a real server."""

    def test_support_reaches_this_machine(self, server: SshServer, greeter: Greeter) -> None:
        """At the port that the server has told."""
        way = Open(server.spec(greeter.port))
        report = way.next()
        assert isinstance(report, TunnelOpened), report
        with socket.create_connection(("127.0.0.1", report.port), timeout=5) as line:
            assert line.recv(100) == b"this is the box"
        way.tunnel.close()

        until(lambda: not reaches(report.port), "the server still listens")
        assert (report.ticket, way.told) == (TICKET, False)

    def test_the_port_may_be_set(self, server: SshServer, greeter: Greeter) -> None:
        """Where the server's people want it."""
        port = free_port()
        way = Open(server.spec(greeter.port, remote_port=port))
        assert way.next() == TunnelOpened(TICKET, port)
        assert reaches(port)
        way.tunnel.close()

    def test_a_port_that_is_taken_is_told(self, server: SshServer, greeter: Greeter) -> None:
        """A tunnel that leads nowhere is none."""
        report = Open(server.spec(greeter.port, remote_port=greeter.port)).next()

        assert isinstance(report, TunnelClosed)
        assert "remote port forwarding failed" in report.reason

    def test_it_ends_when_its_time_is_over(self, server: SshServer, greeter: Greeter) -> None:
        """By itself, whoever has forgotten it."""
        way = Open(server.spec(greeter.port), Seconds(2.0))
        assert isinstance(way.next(), TunnelOpened)
        running = clients(server.port)

        assert way.next() == TunnelClosed(TICKET, "its time is over")
        assert len(running) == 1
        assert gone(running)

    def test_another_server_is_not_trusted(self, server: SshServer, greeter: Greeter, tmp_path: Path) -> None:
        """Whoever sits on the line."""
        ssh_server.make_key(tmp_path / "other")
        server.know(tmp_path / "other.pub")
        report = Open(server.spec(greeter.port)).next()

        assert isinstance(report, TunnelClosed)
        assert "Host key verification failed" in report.reason

    def test_a_server_that_nobody_has_named_is_not_trusted(self, server: SshServer, greeter: Greeter) -> None:
        """Nobody is there to be asked."""
        server.known_hosts.write_text("")
        report = Open(server.spec(greeter.port)).next()

        assert isinstance(report, TunnelClosed)
        assert "Host key verification failed" in report.reason

    def test_a_key_that_the_server_does_not_know_is_told(
        self, server: SshServer, greeter: Greeter, tmp_path: Path
    ) -> None:
        """With the one it should allow; when it does, the way is open."""
        own = tmp_path / "support key"
        report = Open(server.spec(greeter.port, key=own, makes_key=True)).next()
        assert isinstance(report, TunnelClosed)
        assert "Permission denied" in report.reason
        assert Path(f"{own}.pub").read_text().strip() in report.reason

        server.allow(f"{own}.pub")
        way = Open(server.spec(greeter.port, key=own, makes_key=True))
        assert isinstance(way.next(), TunnelOpened)
        way.tunnel.close()

    def test_a_server_that_is_not_there_is_told(self, server: SshServer, greeter: Greeter) -> None:
        """In the words of the client."""
        report = Open(server.spec(greeter.port, port=free_port())).next()

        assert isinstance(report, TunnelClosed)
        assert "Connection refused" in report.reason

    def test_it_is_told_when_the_server_ends(self, tmp_path: Path, greeter: Greeter) -> None:
        """There is no way in any more."""
        with SshServer(tmp_path) as server:
            way = Open(server.spec(greeter.port))
            assert isinstance(way.next(), TunnelOpened)

        report = way.next()
        assert isinstance(report, TunnelClosed)
        assert report.reason

    def test_opened_anew_the_first_one_is_closed(self, server: SshServer, greeter: Greeter) -> None:
        """There is one way in, not two."""
        way = Open(server.spec(greeter.port))
        assert isinstance(way.next(), TunnelOpened)
        first = clients(server.port)
        way.tunnel.open(HOUR_S, TICKET + 1)

        assert way.next().ticket == TICKET + 1
        assert gone(first)
        assert len(clients(server.port)) == 1
        way.tunnel.close()

    def test_a_box_that_is_killed_leaves_nothing_open(self, server: SshServer, greeter: Greeter) -> None:
        """Not even for the rest of its time."""
        command = [
            sys.executable, "-m", "tests.drivers.tunnel_holder",
            str(server.port), str(greeter.port), str(server.key), str(server.known_hosts),
        ]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline().startswith("TunnelOpened")
            (client,) = clients(server.port)
            holder.kill()

        assert gone([client])


class TestAlone:
    """What needs no server."""

    @pytest.mark.parametrize(
        ("fields", "missing"),
        [({"server": ""}, "support.server"), ({"known_hosts": None}, "support.known_hosts")],
    )
    def test_without_settings_there_is_none(
        self, tmp_path: Path, fields: dict[str, object], missing: str
    ) -> None:
        """What to set is told."""
        assert missing in SshTunnel(spec(tmp_path, **fields), print).why_not()

    def test_where_it_would_lead_nowhere_there_is_none(self, tmp_path: Path, greeter: Greeter) -> None:
        """No SSH server runs on this machine, as on the appliance: support would be let into nothing."""
        port = free_port()

        assert f"no SSH server answers at port {port} of this machine" in led_to(tmp_path, port)
        assert led_to(tmp_path, greeter.port) == ""

    def test_without_a_client_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greeter: Greeter
    ) -> None:
        """Nor without what ends it in time."""
        monkeypatch.setenv("PATH", str(tmp_path))
        missing = []
        for name in ("ssh", "timeout", "setpriv"):
            missing.append(SshTunnel(spec(tmp_path), print).why_not().partition(" ")[0])
            (tmp_path / name).touch(mode=0o755)

        assert missing == ["ssh", "timeout", "setpriv"]
        assert led_to(tmp_path, greeter.port) == ""

    def test_nothing_of_the_machines_own_is_trusted(self, tmp_path: Path) -> None:
        """No other host key, no agent, no password, no settings file."""
        line = " ".join(command_line(spec(tmp_path), Seconds(90.0)))

        for word in (
            "-F none", "BatchMode=yes", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=none",
            "IdentitiesOnly=yes", "IdentityAgent=none", "ExitOnForwardFailure=yes",
            "timeout --foreground --kill-after=5 90",
        ):  # fmt: skip
            assert word in line
        assert line.endswith("-- support@server")

    def test_a_key_is_made_once(self, tmp_path: Path) -> None:
        """Only its owner may read it."""
        first = make_key(tmp_path / "key")

        assert first.startswith("ssh-ed25519 ")
        assert make_key(tmp_path / "key") == first
        assert (tmp_path / "key").stat().st_mode & 0o077 == 0

    def test_half_a_pair_is_made_anew(self, tmp_path: Path) -> None:
        """The power went between the two."""
        first = make_key(tmp_path / "key")
        (tmp_path / "key.pub").unlink()

        assert make_key(tmp_path / "key") != first

    def test_a_key_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        """With the way out."""
        with pytest.raises(StateError, match=r"support\.key"):
            make_key(tmp_path / "missing" / "key")

    def test_a_tunnel_that_is_not_open_can_be_closed(self, tmp_path: Path) -> None:
        """Nothing is reported."""
        reports: list[TunnelReport] = []
        SshTunnel(spec(tmp_path), reports.append).close()

        assert reports == []


def spec(home: Path, **fields: object) -> ssh_server.TunnelSpec:
    """Give the way to a server that nobody reaches."""
    given = {
        "server": "support@server", "key": home / "key", "makes_key": True,
        "known_hosts": home / "known", **fields,
    }  # fmt: skip
    return ssh_server.TunnelSpec(**given)  # type: ignore[arg-type]


def led_to(home: Path, port: int) -> str:
    """Tell why there can be no way to a port of this machine."""
    return SshTunnel(spec(home, local_port=port), print).why_not()
