"""Tests that plug real devices run apart: in a child that has mounts, a network and processes of its own.

There a udev daemon runs that the machine does not see; only the devices themselves, loop devices and zram,
are the machine's.  ``run_apart`` starts pytest in there, and ``APART`` tells a test that it is there.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APART = "TESTS_ARE_APART" in os.environ
UDEVD = Path("/lib/systemd/systemd-udevd")
LINKS = Path("/dev/disk")
"""The only place in ``/dev``, which all share, where the daemon would leave something."""
TOOLS = ("unshare", "losetup", "partx", "mkfs.ext4", "blkid", "mount", "udevadm", "ip")
PLACE = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
MAY_TAKE_S = 120.0


def why_not() -> str:
    """Tell why this machine cannot plug devices for a test; empty where it can."""
    if os.geteuid() != 0:
        return "plugging devices needs root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if not UDEVD.exists() or not Path("/dev/loop-control").exists():
        missing.append("udev and loop devices")
    if not missing:
        attempts = {"namespaces of its own": (*PLACE, "true"), "a free loop device": ("losetup", "--find")}
        missing = [what for what, command in attempts.items() if not succeeds(*command)]
    return f"plugging devices needs {', '.join(missing)}" if missing else ""


def succeeds(*command: str) -> bool:
    """Run a command that may fail."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


real = pytest.mark.skipif(bool(why_not()), reason=why_not())


def run_apart(*arguments: str, may_take_s: float = MAY_TAKE_S) -> None:
    """Run tests apart, and fail as they do."""
    with place_for_links():
        done = subprocess.run(
            [
                *PLACE,
                *(sys.executable, "-m", "tests.drivers.apart", "-q", *arguments),
            ],
            cwd=ROOT,
            env=os.environ | {"TESTS_ARE_APART": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=may_take_s,
        )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def place_for_links() -> Iterator[None]:
    """Lend the daemon its place, to one at a time: two would see each other's sticks."""
    with Path(tempfile.gettempdir(), "easyplayer-tests-apart.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        made = not LINKS.exists()
        LINKS.mkdir(exist_ok=True)
        try:
            yield
        finally:
            if made:
                LINKS.rmdir()


def settle_in() -> None:
    """Hide from the machine what is done here, and hold on to nothing that others have mounted meanwhile."""
    for command in (
        ("mount", "--make-rprivate", "/"),
        ("mount", "-t", "tmpfs", "tmpfs", "/run"),
        ("mount", "-t", "tmpfs", "tmpfs", str(LINKS)),
        ("ip", "link", "set", "lo", "up"),
    ):
        subprocess.run(command, check=True)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        front, _, back = line.partition(" - ")
        if back.split()[1].startswith("/dev/loop"):
            subprocess.run(("umount", "--lazy", front.split()[4]), check=False)


if __name__ == "__main__":
    settle_in()
    sys.exit(pytest.main(sys.argv[1:]))
