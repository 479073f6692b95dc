"""A player while it runs: one process and all its children, and what they cost."""

import subprocess
import time
from pathlib import Path
from typing import NamedTuple, Self

import psutil

PERIOD_S = 0.25
STOP_TIMEOUT_S = 5.0
LOG_TAIL = 2_000


class Usage(NamedTuple):
    """What a stack has used up to an instant."""

    monotonic: float
    cpu_s: float
    """Processor time since its start, of all its processes, also those that have ended."""
    pss_bytes: int
    """Proportional set size: its own memory, and its share of what it shares with others."""
    rss_bytes: int
    """Resident set size: its own memory, and all that it shares with others."""


class StackError(Exception):
    """A player ended by itself; carries what it printed."""


class Stack:
    """Runs a player from the entry of the context to its exit, and watches what it uses."""

    def __init__(self, command: list[str], environment: dict[str, str], home: Path) -> None:
        self._command = command
        self._environment = environment
        self._log = home / "player.log"
        self._process: psutil.Popen | None = None
        self.executed_at = 0.0
        """The monotonic instant just before it was executed."""

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.executed_at = time.monotonic()
            self._process = psutil.Popen(
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        """End it politely, then all that is left of it by force."""
        processes = self._tree()
        for process in processes[:1]:
            process.terminate()
        for process in psutil.wait_procs(processes, timeout=STOP_TIMEOUT_S)[1]:
            process.kill()
        psutil.wait_procs(processes, timeout=STOP_TIMEOUT_S)

    def watch(self, seconds: float) -> list[Usage]:
        """Watch it for so long; four times a second tell what it has used."""
        usages = []
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            self.check_alive()
            usages.append(self.usage())
            time.sleep(PERIOD_S - (time.monotonic() - start) % PERIOD_S)
        return usages

    def usage(self) -> Usage:
        """Tell what it has used until now."""
        cpu_s, pss_bytes, rss_bytes = 0.0, 0, 0
        for process in self._tree():
            try:
                times = process.cpu_times()
                memory = process.memory_full_info()
            except psutil.NoSuchProcess:
                continue  # it ended just now; its parent has its processor time
            cpu_s += times.user + times.system + times.children_user + times.children_system
            pss_bytes, rss_bytes = pss_bytes + memory.pss, rss_bytes + memory.rss
        return Usage(time.monotonic(), cpu_s, pss_bytes, rss_bytes)

    def check_alive(self) -> None:
        """Raise what it printed when it has ended."""
        if self._process is None or self._process.poll() is not None:
            msg = f"{' '.join(self._command[:3])} ... ended by itself:\n{self.said()}"
            raise StackError(msg)

    def said(self) -> str:
        """Return the end of what it printed."""
        return self._log.read_text(errors="replace")[-LOG_TAIL:]

    def _tree(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        return [self._process, *self._process.children(recursive=True)]
