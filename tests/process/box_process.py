"""Starts ``run.py``, asks it how it is, and ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError
from easyplayer.status_view import Status

ROOT = Path(__file__).parents[2]
RUN_PY = (str(ROOT / "run.py"),)
LOOK_EVERY_S = 0.02


class BoxProcess:
    """One run of the box; its output is kept.

    :param program: what the interpreter is to start.
    :ivar output: all it has written, once it has ended.
    """

    def __init__(
        self,
        state: Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        program: Sequence[str] = RUN_PY,
    ) -> None:
        self.state = state
        self.output = ""
        self._command = [sys.executable, *program, "--state", str(state), *arguments]
        self._env = os.environ | {"EASYPLAYER_WATCHDOG__PORT": "0"} | (env or {})
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "BoxProcess":
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.running:
            self.end(signal.SIGKILL)

    @property
    def process(self) -> subprocess.Popen[str]:
        """The process, once it is started."""
        assert self._process is not None
        return self._process

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end; give the exit code and the seconds it took."""
        before = time.monotonic()
        self.process.send_signal(number)
        return self.wait(), time.monotonic() - before

    def wait(self, timeout_s: float = 10.0) -> int:
        """Wait for the end; give the exit code."""
        self.output, _ = self.process.communicate(timeout=timeout_s)
        return self.process.returncode

    def status(self) -> Status:
        """Ask it how it is."""
        return msgspec.json.decode(ask(self.state), type=Status)

    def until(self, what: Callable[[Status], bool], timeout_s: float = 10.0) -> Status:
        """Ask it again and again until something is so."""
        deadline = time.monotonic() + timeout_s
        last: object = "it never answered"
        while time.monotonic() < deadline and self.running:
            try:
                last = self.status()
                if what(last):
                    return last
            except (BoxSilentError, msgspec.MsgspecError):
                pass
            time.sleep(LOOK_EVERY_S)
        self.process.kill()
        self.wait()
        raise AssertionError(f"not within {timeout_s} s: {last}\n{self.output}")


def plays(status: Status) -> bool:
    """Tell whether music sounds."""
    return status.state in {"playing", "mixing"} and status.position_s > 0.3


def easyplayer(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of the technician's commands to its end."""
    command: Sequence[str] = [sys.executable, str(ROOT / "run.py"), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
