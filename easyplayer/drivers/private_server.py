"""A sound server of the box's own, with one silent sink, for machines that have none.

It makes everything run everywhere: on a build machine, in a container, on a laptop without sound.
Music plays in real time, can be measured at the monitor, and is heard by nobody.
"""

import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from easyplayer.errors import NoSoundServerError

log = logging.getLogger(__name__)

SINK = "easyplayer-null"
STARTING_MAY_TAKE_S = 5.0
STOPPING_MAY_TAKE_S = 0.5
LOOK_EVERY_S = 0.01
KNOCKING_MAY_TAKE_S = 0.2


class PrivateServer:
    """A PulseAudio daemon that lives and dies with this process."""

    def __init__(self) -> None:
        self._home: Path | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._before = os.environ.get("PULSE_SERVER", "")

    @property
    def address(self) -> str:
        """What ``PULSE_SERVER`` has to say to reach it."""
        return f"unix:{self._socket}"

    @property
    def alive(self) -> bool:
        """Whether the daemon runs."""
        return self._daemon is not None and self._daemon.poll() is None

    def start(self) -> None:
        """Start the daemon, wait until its socket is there (about 0.1 s), and point this process to it.

        :raises NoSoundServerError: if PulseAudio is missing, or does not start.
        """
        if not shutil.which("pulseaudio"):
            message = "there is no sound server, and none to start: install the package pulseaudio"
            raise NoSoundServerError(message)
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="easyplayer-sound-"))
        self._socket.unlink(missing_ok=True)
        self._daemon = subprocess.Popen(
            self._command_line(),
            env={"HOME": str(self._home), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(self._home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the box, which fades out before it ends this
        )
        self._await_socket()
        os.environ["PULSE_SERVER"] = self.address

    def rival(self) -> bool:
        """Tell whether the machine's own sound server can be reached by now.

        The sockets are those where libpulse looks: what ``PULSE_SERVER`` named before we did, the
        user's, and the system's.
        """
        named = [self._before.removeprefix("unix:")] if self._before.startswith(("unix:", "/")) else []
        runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
        return any(map(_answers, [*named, f"{runtime}/pulse/native", "/run/pulse/native"]))

    def step_aside(self) -> None:
        """Leave this process to the machine's own sound server."""
        if self._before:
            os.environ["PULSE_SERVER"] = self._before
        else:
            os.environ.pop("PULSE_SERVER", None)
        self._end(soft=False)

    def stop(self) -> None:
        """End the daemon, softly and then hard, and take its files away."""
        self._end(soft=True)
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def restart(self) -> None:
        """End a daemon that hangs or is gone, and start it anew at the same address.

        :raises NoSoundServerError: if it does not start.
        """
        self._end(soft=False)
        self.start()

    @property
    def _socket(self) -> Path:
        return (self._home or Path()) / "native"

    def _command_line(self) -> list[str]:
        """Write the daemon's command line; ``setpriv`` lets it die with us even on ``kill -9``."""
        return [
            *("setpriv", "--pdeathsig", "KILL"),
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            *("--disable-shm=yes", "--realtime=no", "--high-priority=no", "--log-target=null"),
            *("-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"),
            *("-L", f"module-null-sink sink_name={SINK} rate=44100 channels=2 format=s16le norewinds=1"),
        ]

    def _await_socket(self) -> None:
        deadline = time.monotonic() + STARTING_MAY_TAKE_S
        while not self._socket.exists():
            if not self.alive or time.monotonic() > deadline:
                message = "the private sound server did not start: try the command 'pulseaudio -n -v'"
                raise NoSoundServerError(message)
            time.sleep(LOOK_EVERY_S)
        log.info("started a private sound server at %s", self.address)

    def _end(self, *, soft: bool) -> None:
        if self._daemon is None:
            return
        if soft:
            self._daemon.terminate()
            try:
                self._daemon.wait(STOPPING_MAY_TAKE_S)
            except subprocess.TimeoutExpired:
                log.warning("the private sound server did not end by itself")
        self._daemon.kill()
        self._daemon.wait()
        self._daemon = None


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(KNOCKING_MAY_TAKE_S)
        try:
            line.connect(path)
        except OSError:
            return False
    return True
