"""Starts ``easyplayer-hub serve`` as a process of its own, and ends it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import httpx2

LISTENS = "hub listens on "
MOST_S = 20.0


class HubProcess:
    """One run of the hub.

    :ivar url: where it listens.
    :ivar log: what it has written to standard error, once it has ended.
    """

    def __init__(self, state: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.state = state
        self.url = ""
        self.log = ""
        code = "from easyplayer.hub.main import console; console()"
        self._command = [sys.executable, "-c", code, "serve", "--state", str(state), *arguments]
        self._env = os.environ | (env or {})
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "HubProcess":
        self._process = subprocess.Popen(
            self._command,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        overdue = threading.Timer(MOST_S, self._process.kill)
        overdue.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        overdue.cancel()
        if line.startswith(LISTENS):
            self.url = line.removeprefix(LISTENS).strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    @property
    def process(self) -> subprocess.Popen[str]:
        """The process, once it is started."""
        assert self._process is not None
        return self._process

    def get(self, path: str) -> httpx2.Response:
        """Ask it as its admin."""
        token = (self.state / "admin.token").read_text().strip()
        return httpx2.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=MOST_S)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and wait for the end; give the exit code and the seconds it took."""
        before = time.monotonic()
        self.process.send_signal(number)
        return self.wait(), time.monotonic() - before

    def wait(self) -> int:
        """Wait for the end; give the exit code."""
        _, self.log = self.process.communicate(timeout=MOST_S)
        return self.process.returncode
