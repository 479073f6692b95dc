"""Nothing of a machine is left behind: no process, no thread, no descriptor, no file."""

import gc
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.venue.machine import LaunchError, Machine, tiny

pytestmark = pytest.mark.slow

ABANDON = """
import os, sys
from pathlib import Path
from tests.venue.machine import Machine, tiny
machine = Machine(tiny.spec(Path(sys.argv[1])), folder=Path(sys.argv[1]) / "m")
machine.launch()
sys.stdout.write(str(machine.pid))
sys.stdout.flush()
os.kill(os.getpid(), 9)
"""


def left() -> tuple[set[str], set[str], set[str]]:
    """:return: the descriptors, threads and children of this process."""
    gc.collect()
    descriptors = {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}
    tasks = Path("/proc/self/task").glob("*/children")
    children = {child for task in tasks for child in task.read_text().split()}
    return (
        {one for one in descriptors if not one.startswith("/proc/")},
        {thread.name for thread in threading.enumerate()},
        children,
    )


def test_a_life_leaves_nothing(tmp_path: Path) -> None:
    """Launched, cut, launched, saved, restored, shut down: all is as before."""
    tiny.spec(tmp_path)
    before = left()

    with Machine(tiny.spec(tmp_path), folder=tmp_path / "m") as machine:
        machine.launch()
        machine.cut_power()
        machine.launch()
        machine.console.wait("tiny: up", 5)
        saved = machine.save(tmp_path / "saved")
        machine.restore(saved)
        machine.shutdown()

    assert left() == before


def test_a_failed_launch_leaves_nothing(tmp_path: Path) -> None:
    """Whether QEMU does not start, or is not there."""
    before = left()

    for wrong in ({"extra": ("-device", "no-such-thing")}, {"binary": "qemu-system-none"}):
        with Machine(tiny.spec(tmp_path, **wrong)) as machine, pytest.raises(LaunchError):
            machine.launch()

    assert left() == before


def test_an_error_in_the_block_leaves_no_process(tmp_path: Path) -> None:
    """Whatever happens within the with block, QEMU is ended."""
    with pytest.raises(ZeroDivisionError), Machine(tiny.spec(tmp_path), folder=tmp_path / "m") as machine:
        fail(machine)

    assert not Path(f"/proc/{machine.pid}").exists()


def fail(machine: Machine) -> None:
    """Launch it, and come to nothing."""
    machine.launch()
    raise ZeroDivisionError


def test_a_test_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    """Not even where nobody is left who could clean up."""
    done = subprocess.run(
        [sys.executable, "-c", ABANDON, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.isdigit(), done.stderr
    gone = Path(f"/proc/{done.stdout}")
    waiting = threading.Event()
    for _ in range(100):
        if not gone.exists():
            break
        waiting.wait(0.05)
    assert not gone.exists()


def test_no_folder_is_left() -> None:
    """A temporary folder is gone with its machine."""
    before = set(Path(tempfile.gettempdir()).glob("machine-*"))
    with Machine(tiny.spec(Path(tempfile.mkdtemp(prefix="tiny-")))) as machine:
        image = machine.spec.disks[0].path
        machine.launch()
    image.unlink()
    image.parent.rmdir()

    assert machine.folder not in before
    assert not machine.folder.exists()
