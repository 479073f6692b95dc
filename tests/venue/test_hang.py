"""What hangs, shown by processes of this host: the words for the shell are the same."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import cast

import psutil
import pytest

from tests.venue.faculties.hang import Hang, NoSuchProcessError
from tests.venue.machine import Answer, Machine

SOON_S = 10.0


class HostShell:
    """A shell of this host, in the place of a machine's."""

    def run(self, command: str, timeout_s: float = SOON_S, *, check: bool = False) -> Answer:
        """Run a command as a machine's shell does: its words come from a file."""
        done = subprocess.run(
            ["/bin/sh", "/dev/stdin"],
            input=command.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=check,
        )
        return Answer(done.returncode, done.stdout)


class Host:
    """This host, in the place of a machine."""

    shell = HostShell()


@pytest.fixture
def hang() -> Hang:
    """Give what does harm, here to our own processes only."""
    return Hang(cast("Machine", Host()))


@pytest.fixture
def player() -> Iterator[tuple[str, psutil.Process]]:
    """Start a process that does nothing, with a word in its command line that no other has."""
    word = f"player-{uuid.uuid4()}"
    command = [sys.executable, "-c", "print(flush=True); input()", word]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield word, psutil.Process(process.pid)
        process.kill()


def has_stopped(process: psutil.Process) -> bool:
    """Wait until a process has heeded the signal: on another processor it may run for a moment longer."""
    deadline_s = time.monotonic() + SOON_S
    while process.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return process.status() == psutil.STATUS_STOPPED


def test_a_process_hangs_and_goes_on(hang: Hang, player: tuple[str, psutil.Process]) -> None:
    """It is found by a word of its command line, and it alone."""
    word, process = player
    assert hang.stop(word) == [process.pid]
    assert has_stopped(process)
    assert hang.go_on(word) == [process.pid]
    assert process.status() != psutil.STATUS_STOPPED


def test_a_process_is_killed_without_a_word(hang: Hang, player: tuple[str, psutil.Process]) -> None:
    """As by a kernel that is out of memory."""
    word, process = player
    hang.kill(word)
    assert process.wait(SOON_S) == -signal.SIGKILL


def test_a_process_that_is_not_there_is_told(hang: Hang) -> None:
    """So that a story does not praise the box for surviving nothing."""
    with pytest.raises(NoSuchProcessError, match="no process with 'player-of-nobody'"):
        hang.kill("player-of-nobody")
