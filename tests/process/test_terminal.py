"""The box at a terminal: a live line, and keys."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from easyplayer.status_view import Status
from tests.process.box_process import ROOT, BoxProcess, plays
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]


class Terminal:
    """A terminal with a box in its foreground."""

    def __init__(self, state: Path, *songs: Path) -> None:
        self.box = BoxProcess(state)
        self.screen = ""
        self._master, line = pty.openpty()
        self.box._process = subprocess.Popen(
            [
                *("setsid", "--ctty", "--wait", sys.executable, str(ROOT / "run.py")),
                *("--state", str(state), "--music", *map(str, songs)),
            ],
            cwd=ROOT,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "150", "EASYPLAYER_WATCHDOG__PORT": "0"},
            stdin=line,
            stdout=line,
            stderr=line,
            text=True,
        )
        os.close(line)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def until(self, what: Callable[[Status], bool]) -> Status:
        """Wait until the box is in some state; what it writes is read meanwhile."""
        return self.box.until(lambda status: self._read() and what(status))

    def end(self) -> int:
        """Read to the end; give the exit code."""
        deadline = time.monotonic() + 5
        while self.box.running and time.monotonic() < deadline:
            self._read()
        os.close(self._master)
        return self.box.process.wait(1)

    def _read(self) -> bool:
        while select.select([self._master], [], [], 0.02)[0]:
            try:
                self.screen += os.read(self._master, 65536).decode(errors="replace")
            except OSError:
                break
        return True


def test_keys_skip_pause_turn_and_end(sound_server: SoundServer, signals: Signals, tmp_path: Path) -> None:
    """At a terminal the box draws a live line, and does what its keys stand for."""
    songs = [signals.sine(hz, 60, "flac") for hz in (440, 880)]
    terminal = Terminal(tmp_path, *songs)
    first = terminal.until(lambda status: plays(status) and status.next is not None)

    terminal.type("+")
    louder = terminal.until(lambda status: status.volume > first.volume)
    terminal.type("n")
    second = terminal.until(lambda status: plays(status) and status.item != first.item)
    terminal.type(" ")
    terminal.until(lambda status: status.state == "paused")
    terminal.type(" ")
    terminal.until(plays)
    terminal.type("q")

    assert terminal.end() == 0
    assert louder.volume == first.volume + 5
    assert second.item is not None
    assert second.item.location == str(songs[1])
    assert re.search(r"sine-440-60s.flac.*0:0\d / 1:00", terminal.screen)
