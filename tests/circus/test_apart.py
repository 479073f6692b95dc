"""A child process waits for the disk; the WatchDog can be killed all the while."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from easyplayer.drivers.guard_file import GuardFile
from easyplayer.guard import Guard

WITHIN_S = 20.0
PRELUDE = """
import os, pathlib, signal, sys, time
from easyplayer.circus.apart import GuardApart
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.errors import StateError
from easyplayer.guard import Guard
state = pathlib.Path(sys.argv[1])
"""


def told_by(script: str, state: Path) -> str:
    """Run a program of its own, for it is not to be forked while there are threads; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script, str(state)],
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
    )
    return done.stdout.strip()


def test_a_child_reads_and_writes(tmp_path: Path) -> None:
    """What it writes is there for everybody."""
    script = """
disk = GuardApart(lambda: state)
disk.save(Guard(kills=3))
print(disk.load().kills, disk.pid != os.getpid())
disk.close()
print(os.waitstatus_to_exitcode(os.waitpid(disk.pid, 0)[1]))
"""

    assert told_by(script, tmp_path / "state").split() == ["3", "True", "0"]
    assert GuardFile(tmp_path / "state", {}).load() == Guard(kills=3)


def test_what_the_disk_does_not_take_is_an_error_as_ever(tmp_path: Path) -> None:
    """In the words of whoever has tried it."""
    (tmp_path / "state").write_text("no directory")
    script = """
disk = GuardApart(lambda: state)
try:
    disk.save(Guard())
except StateError as error:
    print(error)
"""

    assert "name another state directory" in told_by(script, tmp_path / "state")


def test_the_directory_is_looked_for_anew_each_time(tmp_path: Path) -> None:
    """A settings file may become unreadable while the WatchDog runs."""
    script = """
disk = GuardApart(lambda: state / (state / "name").read_text())
for name in ("one", "two"):
    (state / "name").write_text(name)
    disk.save(Guard())
"""

    told_by(script, tmp_path)

    assert (tmp_path / "one/guard.json").exists()
    assert (tmp_path / "two/guard.json").exists()


def test_where_the_child_was_killed_the_work_is_done_without_it(tmp_path: Path) -> None:
    """Such as where memory was short."""
    script = """
disk = GuardApart(lambda: state)
os.kill(disk.pid, signal.SIGKILL)
disk.save(Guard(kills=5))
print(disk.load().kills)
"""

    assert told_by(script, tmp_path / "state") == "5"


def test_a_watchdog_that_is_killed_leaves_nobody_behind_but_whom_the_disk_holds(tmp_path: Path) -> None:
    """The child hangs, and the one that has asked it goes at once by SIGKILL."""
    script = """
disk = GuardApart(lambda: time.sleep(600) or state)
print(disk.pid, flush=True)
disk.save(Guard())
"""
    with subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        assert parent.wait(WITHIN_S) == -signal.SIGKILL

        os.kill(child, 0)
        os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("signum", [signal.SIGINT])
def test_a_key_at_the_terminal_is_the_parents_matter(signum: signal.Signals, tmp_path: Path) -> None:
    """The child writes what is to be written, and ends when nobody asks it any more."""
    script = f"""
disk = GuardApart(lambda: state)
disk.load()
os.kill(disk.pid, {int(signum)})
disk.save(Guard(kills=7))
disk.close()
print(os.waitstatus_to_exitcode(os.waitpid(disk.pid, 0)[1]))
"""

    assert told_by(script, tmp_path / "state") == "0"
