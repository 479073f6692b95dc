"""``easyplayer display`` on a real terminal, and on a serial line."""

import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fcntl import ioctl
from pathlib import Path
from select import select

import msgspec
import pytest

from easyplayer.cli import display, machine_notes
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.main import main
from easyplayer.status_view import HubView
from tests.cli.test_status import status

ROOT = Path(__file__).parents[2]
WAITS_S = 30.0


def told(**fields: object) -> bytes:
    """Give the status of a box that plays, as it tells it now."""
    return msgspec.json.encode(status(at=time.time(), **fields))


@contextmanager
def answering(folder: Path, answer: bytes) -> Iterator[StatusSocket]:
    """Let a box answer in a state directory."""
    with closing(StatusSocket(folder)) as socket:
        socket.open()
        socket.publish(answer)
        yield socket


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have left nothing, and have settings of its own."""
    monkeypatch.setattr(machine_notes, "REPORT", tmp_path / "report.json")
    monkeypatch.setattr(machine_notes, "DATA_TROUBLE", tmp_path / "trouble")
    (tmp_path / "settings.toml").write_text('[hub]\nurl = "https://hub.example"\n')


def once(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command once."""
    arguments = ["--state", str(folder), "--settings", str(folder / "settings.toml")]
    assert main(["display", "--once", *arguments]) == 0
    return capsys.readouterr().out


def test_claim_code_and_where_to_type_it_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are what a technician has come for."""
    hub = HubView(url="https://hub.example", claim_code="7K2M-Q9XD")
    with answering(tmp_path, told(hub=hub)):
        out = once(tmp_path, capsys)
    assert "CLAIM CODE 7K2M-Q9XD: type it at https://hub.example\n" in out
    assert "plays: Dawn\n" in out


@pytest.mark.parametrize("answer", [b"{}", b"", b"not JSON", b'{"item": 5}'])
def test_box_that_speaks_otherwise_or_is_away_is_shown_as_far_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    """It may have only just started, or be of another version."""
    with answering(tmp_path, answer):
        assert "network: " in once(tmp_path, capsys)
    assert "box: is starting" in once(tmp_path, capsys)


def test_what_the_machine_has_left_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The errors of the technician's file, and a lost data partition; also of settings that are broken."""
    (tmp_path / "report.json").write_text(json.dumps({"problems": ["line 3: [hub] urrl"]}))
    (tmp_path / "trouble").write_text("the disk is broken\nmore\n")
    (tmp_path / "settings.toml").write_text("[hub]\nnaem = 1\n")
    out = once(tmp_path, capsys)
    assert "!! settings: line 3: [hub] urrl\n" in out
    assert "did you mean 'name'?" in out
    assert "!! data: nothing is kept: the disk is broken\n" in out
    troubles = machine_notes.troubles()
    assert troubles == (
        "nothing is kept over a restart: the disk is broken",
        "the technician's file: line 3: [hub] urrl",
    )


@pytest.mark.parametrize("name", ["/dev/tty1", "/dev/console", "/dev/pts/3"])
def test_screens_are_drawn_on(name: str) -> None:
    """A serial line is given lines."""
    assert display.SCREEN.fullmatch(name)
    assert not display.SCREEN.fullmatch("/dev/ttyS0")


class Terminal:
    """The command on a terminal of some size."""

    def __init__(self, folder: Path, columns: int, lines: int, *options: str) -> None:
        self._leader, follower = pty.openpty()
        ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        given = ["--state", str(folder), "--settings", str(folder / "settings.toml"), *options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.display_process", *given],
            cwd=ROOT,
            stdin=follower,
            stdout=follower,
            stderr=subprocess.PIPE,
        )
        os.close(follower)
        self.seen = ""

    def wait(self, pattern: str) -> str:
        """Read until something is there; give all that was read."""
        until = time.monotonic() + WAITS_S
        while not re.search(pattern, self.seen, re.DOTALL):
            assert time.monotonic() < until, self.seen
            if select([self._leader], [], [], 0.5)[0]:
                self.seen += os.read(self._leader, 65536).decode()
        return self.seen

    def end(self) -> int:
        """End it as systemd does; give the exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.wait(r"$")
        _, errors = self.process.communicate(timeout=WAITS_S)
        while select([self._leader], [], [], 0)[0]:
            try:
                self.seen += os.read(self._leader, 65536).decode()
            except OSError:  # the other end is closed, and all is read
                break
        os.close(self._leader)
        assert errors == b""
        return self.process.returncode


@pytest.mark.process
def test_screen_shows_the_code_and_then_what_plays(tmp_path: Path) -> None:
    """It is drawn anew when something has changed, and the terminal is given back as it was."""
    waiting = told(hub=HubView(url="https://hub.example", claim_code="7K2M-Q9XD"))
    with answering(tmp_path, waiting) as socket:
        terminal = Terminal(tmp_path, 80, 25)
        seen = terminal.wait(r"\(7K2M-Q9XD\).*\x1b\[J")
        assert "\u2588\u2588\u2588" in seen
        assert seen.startswith(display.ENTER)
        before = len(seen)
        socket.publish(told(hub=HubView(url="https://hub.example", place="Bar, main")))
        seen = terminal.wait(r"Bar, main.*Dawn")
        assert "7K2M" not in seen[before:]
    terminal.wait("does not answer|is starting")
    assert terminal.end() == 0
    assert display.LEAVE.rstrip("\n") in terminal.seen


@pytest.mark.process
def test_line_is_given_only_what_has_changed_and_nothing_to_obey(tmp_path: Path) -> None:
    """A serial console that logs is readable afterwards."""
    with answering(tmp_path, told()) as socket:
        terminal = Terminal(tmp_path, 80, 25, "--lines")
        terminal.wait("plays: Dawn.*network")
        socket.publish(told(hub=HubView(url="https://hub.example", claim_code="7K2M-Q9XD")))
        terminal.wait("CLAIM CODE 7K2M-Q9XD")
        assert terminal.end() == 0
    assert terminal.seen.count("plays: Dawn") == 1
    assert "\x1b" not in terminal.seen
