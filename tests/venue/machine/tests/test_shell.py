"""The shell's protocol, with a real shell at the other end of a real terminal."""

import os
import pty
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.venue.machine import Console, Shell, ShellError
from tests.venue.machine.background import Background


@dataclass
class Guest:
    """A shell that reads a terminal, as in a machine; and what else may write on it."""

    shell: Shell
    terminal: int

    def disturb(self, data: bytes) -> None:
        """Something else writes to the line."""
        os.write(self.terminal, data)


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Guest]:
    ours, theirs = socket.socketpair()
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        # Who runs in the background ignores an interrupt, and hands that on.
        [
            "setsid",
            "-c",
            "env",
            "--default-signal=INT",
            "sh",
            "-c",
            "trap : INT; while :; do sh /dev/stdin; done",
        ],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    ferry = [
        threading.Thread(target=_carry, args=(lambda: os.read(master, 4096), theirs.sendall)),
        threading.Thread(
            target=_carry, args=(lambda: theirs.recv(4096), lambda data: os.write(master, data))
        ),
    ]
    for thread in ferry:
        thread.start()
    background = Background("a test's lines")
    console = Console("second serial line", tmp_path / "shell.log", lambda: ("it ended", 0))
    console.attach(background, ours)
    yield Guest(Shell(console, str(tmp_path)), terminal)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    os.close(terminal)
    theirs.shutdown(socket.SHUT_RDWR)
    for thread in ferry:
        thread.join()
    theirs.close()
    os.close(master)
    console.detach()
    background.stop()


def _carry(read, write) -> None:  # type: ignore[no-untyped-def]
    try:
        while data := read():
            write(data)
    except OSError:
        return


def test_a_command_has_its_output_and_its_code(guest: Guest) -> None:
    """Both outputs come, in their order, and the exit code."""
    answer = guest.shell.run("echo out; echo err >&2; exit 3")

    assert answer.output == "out\nerr\n"
    assert answer.code == 3


def test_nothing_is_lost_between_bytes_and_text(guest: Guest) -> None:
    """Every byte comes as it was, also those that a terminal would take for something."""
    answer = guest.shell.run(r"for i in 0 1 2 3; do printf '\000\001\003\004\021\023\033\177\377\r\n'; done")

    assert answer.data == b"\x00\x01\x03\x04\x11\x13\x1b\x7f\xff\r\n" * 4


def test_commands_do_not_meet(guest: Guest) -> None:
    """Each runs in a shell of its own, with nothing to read; quotes and lines are as they are written."""
    guest.shell.run("cd /; x=1")

    answer = guest.shell.run("""pwd; echo "x is '$x'"\ncat\necho 'two  spaces'""")

    assert answer.output == f"{os.getcwd()}\nx is ''\ntwo  spaces\n"  # noqa: PTH109


def test_a_long_command_and_a_long_answer(guest: Guest) -> None:
    """A terminal's line has 4,096 characters; neither way does that show."""
    text = "abcdefghij" * 3000

    assert guest.shell.run(f"printf %s {text}").output == text


def test_noise_is_not_taken_for_the_answer(guest: Guest) -> None:
    """What others write on the line is no part of any output."""
    guest.shell.run("true")
    guest.disturb(b"[   12.3] kernel: something happened\nabcdef12 ends 0 0\n")

    assert guest.shell.run("seq 100").output == "".join(f"{number}\n" for number in range(1, 101))


def test_files_go_there_and_back(guest: Guest, tmp_path: Path) -> None:
    """A small file is put, and got, whatever its name."""
    path = str(tmp_path / "it's a file")

    guest.shell.put(path, bytes(range(256)))

    assert guest.shell.get(path) == bytes(range(256))


def test_a_failure_can_be_an_error(guest: Guest) -> None:
    """With check, an exit code that is not 0 raises; with the command and what it said."""
    with pytest.raises(ShellError, match="'echo no >&2; false' in the machine failed with exit code 1: no"):
        guest.shell.run("echo no >&2; false", check=True)


def test_who_takes_too_long_is_interrupted(guest: Guest) -> None:
    """The command is told, the limit too; and the next one finds a shell again."""
    with pytest.raises(ShellError, match="'sleep 60' in the machine did not come to its end"):
        guest.shell.run("sleep 60", 0.2)

    assert guest.shell.run("echo back").output == "back\n"


def test_what_runs_on_is_not_waited_for(guest: Guest) -> None:
    """A command may leave something behind that runs on."""
    pid = guest.shell.run("sleep 1000 & echo $!").output.strip()

    assert guest.shell.run(f"kill {pid}").code == 0


def test_nobody_there_is_told(tmp_path: Path) -> None:
    """Where no shell answers, the message says so, and what was seen."""
    background = Background("a test's lines")
    console = Console("second serial line", tmp_path / "shell.log", lambda: ("it ended", 0), factor=0.05)
    ours, theirs = socket.socketpair()
    console.attach(background, ours)
    theirs.sendall(b"Welcome to GRUB\n")
    with pytest.raises(
        ShellError, match="no shell answers on the second serial line; last seen there: Welcome"
    ):
        Shell(console).wait_ready(4)
    theirs.close()
    console.detach()
    background.stop()


def test_an_answer_that_comes_in_pieces(tmp_path: Path) -> None:
    """Where a number is cut in two, its second half is waited for."""
    background = Background("a test's lines")
    console = Console("second serial line", tmp_path / "shell.log", lambda: ("it ended", 0))
    ours, theirs = socket.socketpair()
    console.attach(background, ours)
    slow = threading.Thread(target=_answer_in_pieces, args=(theirs,))
    slow.start()

    answer = Shell(console).run("seq 10")

    theirs.shutdown(socket.SHUT_RDWR)
    slow.join()
    theirs.close()
    console.detach()
    background.stop()
    assert (answer.code, answer.data) == (113, b"0123456789ab")


def _answer_in_pieces(line: socket.socket) -> None:
    """Stand in for a shell that takes its time between any two bytes that matter."""
    typed = ""
    while data := line.recv(4096):
        typed += data.decode()
        if found := re.search(r"echo here-(\w+)''(\w+)\n", typed):
            line.sendall(f"here-{found[1]}{found[2]}\r\n".encode())
            typed = typed[found.end() :]
        if found := re.search(r"echo (\w+)''(\w+)-0 done\n", typed):
            token = found[1] + found[2]
            for piece in (
                f"{token} ends 11",
                "3 1",
                "2\r",
                f"\n{token}-0:MDEyMz",
                f"Q1Njc4OWFi\r\n{token}-0 do",
                "ne\r\n",
            ):
                line.sendall(piece.encode())
                threading.Event().wait(0.02)
            typed = ""
