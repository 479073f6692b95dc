"""A real SSH server on loopback, as an ordinary process."""

import contextlib
import getpass
import os
import socket
import subprocess
import time
from pathlib import Path

import psutil

from easyplayer.drivers.tunnel import TunnelSpec

SSHD = Path("/usr/sbin/sshd")
STARTING_MAY_TAKE_S = 10.0
ENDING_MAY_TAKE_S = 10.0


class SshServer:
    """An sshd that lets one key in.

    :ivar port: where it listens.
    :ivar known_hosts: a file with its host key.
    """

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.known_hosts = home / "known hosts"
        self.key = home / "client key"
        self._home = home
        self._allowed = home / "authorized_keys"
        self._process: subprocess.Popen[bytes] | None = None
        make_key(home / "host_key")
        make_key(self.key)
        self.know(home / "host_key.pub")
        self.allow(f"{self.key}.pub")

    def __enter__(self) -> "SshServer":
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # it starts as root with nothing less
        config = self._home / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self._home}/host_key\n"
            f'AuthorizedKeysFile "{self._allowed}"\nStrictModes no\nUsePAM no\nPidFile none\n'
            "PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        )
        self._process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: reaches(self.port), "the SSH server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        sessions = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        for session in sessions:
            with contextlib.suppress(psutil.NoSuchProcess):
                session.kill()
        self._process.wait(ENDING_MAY_TAKE_S)

    def know(self, public: Path) -> None:
        """Write a host key down as this server's."""
        kind, key, *_ = public.read_text().split()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n")

    def allow(self, public: Path | str) -> None:
        """Let a key in, and no other."""
        self._allowed.write_text(Path(public).read_text())

    def spec(self, local_port: int, **fields: object) -> TunnelSpec:
        """Give the way here."""
        given = {
            "server": f"{getpass.getuser()}@127.0.0.1", "port": self.port, "local_port": local_port,
            "key": self.key, "makes_key": False, "known_hosts": self.known_hosts, **fields,
        }  # fmt: skip
        return TunnelSpec(**given)  # type: ignore[arg-type]


def make_key(path: Path) -> None:
    """Make a pair of keys."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def free_port() -> int:
    """Find a port where nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def reaches(port: int) -> bool:
    """Tell whether somebody listens at a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def clients(port: int) -> list[psutil.Process]:
    """Give all SSH clients that have been told to go to a server."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        if process.info["name"] == "ssh" and str(port) in words:
            found.append(process)
    return found


def until(what, complaint: str, within_s: float = STARTING_MAY_TAKE_S) -> None:  # type: ignore[no-untyped-def]
    """Look again and again whether something is so."""
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)
