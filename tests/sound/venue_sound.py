"""A sound server without hardware: a private PulseAudio whose only sink plays into nothing.

What is played to the sink can be recorded at its monitor, sample for sample.  The server can be
killed, frozen, and robbed of its sink, as happens to the real one in a venue.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

RATE = 44_100
SINK = "venue"
READY_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 3.0
POLL_S = 0.02


class SoundServerError(Exception):
    """The private sound server did not do what was asked; carries what it printed."""


class SoundServer:
    """A PulseAudio of one's own, gone without a trace when the context ends.

    Its state lives in a directory of its own below the system's temporary directory (a socket's
    path may only have about a hundred characters).  ``norewinds`` makes a stream's clock run
    within 0.15 s of its start; a plain null sink holds it back by up to two seconds.

    >>> with SoundServer() as server:                           # doctest: +SKIP
    ...     subprocess.run(["paplay", "a.wav"], env=os.environ | server.env)
    """

    def __init__(self, sink: str = SINK) -> None:
        self._sink = sink
        self._home = Path(tempfile.mkdtemp(prefix="venue-sound-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The variables by which a client finds this server and no other."""
        return {
            "XDG_RUNTIME_DIR": str(self._home),
            "PULSE_RUNTIME_PATH": str(self._home / "pulse"),
            "PULSE_STATE_PATH": str(self._home / "state"),
            "PULSE_COOKIE": str(self._home / "cookie"),
            "PULSE_CLIENTCONFIG": str(self._home / "client.conf"),
            "PULSE_SERVER": f"unix:{self._socket}",
        }

    @property
    def log(self) -> str:
        """What the server printed since the first start."""
        path = self._home / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server, or start it again at the same socket, and wait until it answers."""
        if self._process is not None:
            msg = "the sound server already runs"
            raise SoundServerError(msg)
        for name in ("pulse", "state"):
            (self._home / name).mkdir(mode=0o700, exist_ok=True)
        (self._home / "client.conf").write_text("autospawn = no\nenable-shm = no\n")
        with (self._home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), env=os.environ | self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._await_ready()

    def stop(self) -> None:
        """End the server as a service manager would: politely, then by force."""
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._reap()

    def kill(self) -> None:
        """End the server as a crash would, without a word to its clients."""
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        """Hold the server still, as a stalled machine does; clients stay connected."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the server and remove its directory."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def unload_sink(self, name: str = SINK) -> None:
        """Take a sink away, as when a USB sound card is pulled."""
        for line in self.pactl("list", "short", "modules").splitlines():
            if f"sink_name={name} " in f"{line} ":
                self.pactl("unload-module", line.split("\t")[0])

    def load_sink(self, name: str = SINK) -> None:
        """Plug a sink in."""
        self.pactl("load-module", "module-null-sink", *_sink_arguments(name))

    def suspend(self, name: str = SINK, on: bool = True) -> None:
        """Suspend the sink (its clock stops, nobody is told), or resume it."""
        self.pactl("suspend-sink", name, str(int(on)))

    def mute(self, name: str = SINK) -> None:
        """Mute the sink, as a card is at first."""
        self.pactl("set-sink-mute", name, "1")

    def pactl(self, *arguments: str) -> str:
        """Ask the server through ``pactl`` and return what it answers."""
        answer = subprocess.run(
            ["pactl", *arguments],
            env=os.environ | self.env,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        if answer.returncode:
            msg = f"pactl {' '.join(arguments)}: {answer.stderr.strip()}"
            raise SoundServerError(msg)
        return answer.stdout

    @property
    def _socket(self) -> Path:
        return self._home / "pulse" / "native"

    def _command(self) -> list[str]:
        options = "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes --realtime=no"
        return [
            *("pulseaudio", *options.split(), "--high-priority=no"),
            *("-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"),
            *("-L", " ".join(["module-null-sink", *_sink_arguments(self._sink)])),
        ]

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            try:
                self.pactl("info")
            except (SoundServerError, subprocess.TimeoutExpired):
                time.sleep(POLL_S)
            else:
                return
        self.stop()
        msg = f"the sound server did not come up:\n{self.log}"
        raise SoundServerError(msg)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            msg = f"no sound server runs that could be sent {number.name}"
            raise SoundServerError(msg)
        self._process.send_signal(number)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None


def _sink_arguments(name: str) -> list[str]:
    return [f"sink_name={name}", f"rate={RATE}", "channels=2", "format=s16le", "norewinds=1"]
