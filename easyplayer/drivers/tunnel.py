"""The way in for support: a reverse tunnel by the OpenSSH client, to one server and for a limited time.

The process ends when its time is over and when the box dies, however that dies: both are in its command
line, so that nobody has to be alive to close it.
"""

import logging
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from easyplayer.errors import StateError
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

OPEN = "all expected forwarding replies received"
"""What the client says when the server listens for us."""
ALLOCATED = re.compile(r"^Allocated port (?P<port>\d+) for remote forward")
CHATTER = ("debug1: ", "Transferred: ", "Bytes per second: ", "OpenSSH_", "Authenticated to ")
NOT_KNOWN_THERE = "Permission denied"
TIME_OVER = 124
"""How ``timeout`` ends where the time was over."""
KEPT_WORDS = 5
CONNECTING_MAY_TAKE_S = 15
ALIVE_EVERY_S, ALIVE_MISSES = 15, 3
KEY_MAY_TAKE_S = 10.0
ENDING_MAY_TAKE_S = 5
CLOSING_MAY_TAKE_S = 0.3
KNOCKING_MAY_TAKE_S = 0.2
HERE = "127.0.0.1"
NO_SERVER = (
    "no SSH server answers at port {port} of this machine, so the way would lead nowhere: "
    "start one, or set support.local_port (the appliance has none)"
)


class TunnelOpened(Struct, frozen=True):
    """The server listens at a port, and leads to this machine.

    :ivar ticket: which opening it belongs to.
    """

    ticket: int
    port: int


class TunnelClosed(Struct, frozen=True):
    """There is no tunnel, or none any more.

    :ivar reason: in words; where the server was to blame, in those of the client.
    """

    ticket: int
    reason: str


TunnelReport = TunnelOpened | TunnelClosed
Report = Callable[[TunnelReport], object]
"""Takes reports; called from the tunnel's thread."""


class Tunnel(Protocol):
    """One tunnel, open or closed.  No method blocks or raises."""

    def why_not(self) -> str:
        """Tell why there can be no tunnel at all; empty where there can."""

    def open(self, seconds: Seconds, ticket: int) -> None:
        """Open it for some time; what comes of it is reported."""

    def close(self) -> None:
        """Close it; nothing more is reported of that opening."""


TunnelMaker = Callable[[Report], Tunnel]


class TunnelSpec(Struct, frozen=True, kw_only=True):
    """Where a tunnel leads.

    :ivar server: ``user@host`` of the support server; empty is none.
    :ivar port: its SSH port.
    :ivar remote_port: port to open there; 0 leaves it to the server.
    :ivar local_port: port of this machine that it leads to.
    :ivar key: private key to log in with.
    :ivar makes_key: whether that is made where it is missing.
    :ivar known_hosts: file with the server's host key; ``None`` where nobody has named one.
    """

    server: str
    port: int = 22
    remote_port: int = 0
    local_port: int = 22
    key: Path
    makes_key: bool
    known_hosts: Path | None


class SshTunnel:
    """The contract :class:`Tunnel`, kept by the OpenSSH client."""

    def __init__(self, spec: TunnelSpec, report: Report) -> None:
        self._spec = spec
        self._report = report
        self._current: _Run | None = None

    def why_not(self) -> str:
        """Tell why there can be no tunnel at all; empty where there can."""
        spec = self._spec
        if not spec.server:
            return "no support server is set: set support.server"
        if spec.known_hosts is None:
            return "the host key of the support server is not set: set support.known_hosts"
        missing = [name for name in ("ssh", "timeout", "setpriv") if not shutil.which(name)]
        if missing:
            return f"{missing[0]} is missing: install it"
        return "" if _answers(spec.local_port) else NO_SERVER.format(port=spec.local_port)

    def open(self, seconds: Seconds, ticket: int) -> None:
        """Open it for some time; one that is open is closed before."""
        self.close()
        self._current = _Run(self._spec, seconds, ticket, self._report)

    def close(self) -> None:
        """Close it; nothing more is reported of that opening."""
        if self._current is not None:
            self._current.close()
            self._current = None


def _answers(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine, which says so at once."""
    try:
        with socket.create_connection((HERE, port), KNOCKING_MAY_TAKE_S):
            return True
    except OSError:
        return False


class _Run:
    """One opening: a thread that starts the client, and listens to it until it ends.

    The client dies with the thread that has started it, so that thread stays.
    """

    def __init__(self, spec: TunnelSpec, seconds: Seconds, ticket: int, report: Report) -> None:
        self._spec = spec
        self._seconds = seconds
        self._ticket = ticket
        self._report = report
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._client: subprocess.Popen[str] | None = None
        self._words: list[str] = []
        self._port = spec.remote_port
        self._thread = threading.Thread(target=self._serve, name="tunnel", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the client."""
        with self._lock:
            self._closing.set()
            if self._client is not None:
                self._client.kill()
        self._thread.join(CLOSING_MAY_TAKE_S)

    def _serve(self) -> None:
        try:
            reason = self._run()
        except (OSError, StateError, subprocess.SubprocessError) as error:
            reason = str(error)
        if not self._closing.is_set():
            self._report(TunnelClosed(self._ticket, reason))

    def _run(self) -> str:
        """Run the client to its end; tell why it ended."""
        spec = self._spec
        known_there = make_key(spec.key) if spec.makes_key else ""
        with self._lock:
            if self._closing.is_set():
                return ""
            client = self._client = start(spec, self._seconds)
        with client:
            for line in client.stderr or ():
                self._hear(line.strip())
        if client.returncode == TIME_OVER:
            return "its time is over"
        reason = "; ".join(self._words) or f"ssh ended with {client.returncode}"
        if known_there and NOT_KNOWN_THERE in reason:
            reason += f"; the server must allow this key: {known_there}"
        return reason

    def _hear(self, line: str) -> None:
        allocated = ALLOCATED.match(line)
        if allocated:
            self._port = int(allocated["port"])
        elif OPEN in line and not self._closing.is_set():
            self._report(TunnelOpened(self._ticket, self._port))
        elif line and not line.startswith(CHATTER):
            log.debug("%s", line)
            self._words = [*self._words, line][-KEPT_WORDS:]


def start(spec: TunnelSpec, seconds: Seconds) -> subprocess.Popen[str]:
    """Start the client."""
    return subprocess.Popen(
        command_line(spec, seconds),
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def command_line(spec: TunnelSpec, seconds: Seconds) -> list[str]:
    """Write the client's command line: it trusts no file and no agent but those that are named."""
    mortal = ("setpriv", "--pdeathsig", "KILL")
    return [
        *mortal, "timeout", "--foreground", f"--kill-after={ENDING_MAY_TAKE_S}", f"{seconds:g}",
        *mortal, "ssh", "-F", "none", "-v", "-N", "-T", "-a", "-x",
        *_options(spec),
        "-i", str(spec.key), "-p", str(spec.port),
        "-R", f"127.0.0.1:{spec.remote_port}:{HERE}:{spec.local_port}",
        "--", spec.server,
    ]  # fmt: skip


def _options(spec: TunnelSpec) -> Iterator[str]:
    known = str(spec.known_hosts).replace("%", "%%")
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": f'"{known}"',
        "GlobalKnownHostsFile": "none",
        "UpdateHostKeys": "no",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "ExitOnForwardFailure": "yes",
        "ConnectTimeout": CONNECTING_MAY_TAKE_S,
        "ServerAliveInterval": ALIVE_EVERY_S,
        "ServerAliveCountMax": ALIVE_MISSES,
        "TCPKeepAlive": "yes",
    }
    for name, value in options.items():
        yield from ("-o", f"{name}={value}")


def make_key(path: Path) -> str:
    """Give the public key that belongs to a private one; where there is none, make both.

    :raises StateError: it cannot be made.
    """
    public = Path(f"{path}.pub")
    try:
        if not path.exists() or not public.exists():
            path.unlink(missing_ok=True)
            command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "easyplayer", "-f", str(path))
            subprocess.run(command, check=True, capture_output=True, timeout=KEY_MAY_TAKE_S)
        return public.read_text(encoding="ascii").strip()
    except (OSError, subprocess.SubprocessError) as error:
        message = f"the key {path} cannot be made ({error}): name one by support.key"
        raise StateError(message) from error
