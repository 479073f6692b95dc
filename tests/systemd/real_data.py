"""The partition for what the box keeps, on a real disk; ``test_data`` runs it, apart."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.sticks import do, wait_until
from tests.systemd.disks import GIB, MIB, image, partitions
from tests.systemd.system import SOURCE

FILES = {"box", "journal", "settings", "time"}


class Disk:
    """The disk of a machine that has never been started, and the script that divides it.

    :ivar node: of the whole disk.
    :ivar said: what the script said last.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self.image = image(folder / "disk", size)
        self.node = do("losetup", "--find", "--show", str(self.image))
        do("partx", "--add", self.node)
        for name in ("run", "data"):
            (folder / name).mkdir()
        self.said = ""

    def start(self) -> None:
        """Start the machine: what was in memory is gone."""
        for file in (self._folder / "run").iterdir():
            file.unlink()
        environment = {
            "PATH": os.environ["PATH"],
            "EASYPLAYER_DISK": Path(self.node).name,
            "EASYPLAYER_PARTITIONS": str(SOURCE / "repart.d"),
            "EASYPLAYER_RUN": str(self._folder / "run"),
            "EASYPLAYER_DATA": str(self._folder / "data"),
            "EASYPLAYER_OWNER": "820:820",
        }
        script = SOURCE / "lib/data"
        done = subprocess.run([script], env=environment, capture_output=True, text=True, check=True)
        self.said = done.stdout + done.stderr

    @property
    def data(self) -> str:
        """The partition that is to be mounted; empty where there is none."""
        link = self._folder / "run/disk"
        return str(link.readlink()) if link.is_symlink() else ""

    @property
    def trouble(self) -> str:
        """What is said to be wrong."""
        file = self._folder / "run/trouble"
        return file.read_text().strip() if file.exists() else ""

    def grow(self, size: int) -> None:
        """Replace it by a larger one with the same on it."""
        os.truncate(self.image, size)
        do("losetup", "--set-capacity", self.node)

    def files(self) -> set[str]:
        """Name what is on the data partition; it is looked at without mounting it."""
        listed = do("debugfs", "-R", "ls -p", self.data)
        return {line.split("/")[5] for line in listed.splitlines() if "/" in line} - {".", "..", "lost+found"}

    def size(self) -> int:
        """Give the size of the file system, in bytes."""
        facts = dict(
            line.split(":", 1) for line in do("dumpe2fs", "-h", self.data).splitlines() if ":" in line
        )
        return int(facts["Block count"]) * int(facts["Block size"])

    def spoil(self, at: int, data: bytes) -> None:
        """Write something to the data partition."""
        with Path(self.data).open("r+b") as file:
            file.seek(at)
            file.write(data)
            os.fsync(file.fileno())

    def detach(self) -> None:
        """Take it off the machine."""
        do("partx", "--delete", self.node)
        do("losetup", "--detach", self.node)
        wait_until(lambda: self.node not in do("losetup", "--all"), "the end of the disk")


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path, 2 * GIB)
    yield disk
    disk.detach()


def test_first_start_makes_what_is_missing(disk: Disk) -> None:
    """Room for an update, and all the rest for what the box keeps, with folders in it."""
    disk.start()

    assert disk.trouble == ""
    assert disk.data == f"{disk.node}p4"
    assert disk.size() > 1.2 * GIB
    assert disk.files() == FILES
    assert "820" in do("debugfs", "-R", "stat box", disk.data)


def test_second_start_changes_nothing(disk: Disk) -> None:
    """It does not even look for something to divide."""
    disk.start()
    before = partitions(disk.image)

    disk.start()

    assert "dividing" not in disk.said
    assert disk.data == f"{disk.node}p4"
    assert partitions(disk.image) == before


def test_larger_disk_is_used_whole(disk: Disk) -> None:
    """What is on it stays."""
    disk.start()
    before = disk.size()

    disk.grow(3 * GIB)
    disk.start()

    assert disk.size() - before > 0.99 * GIB
    assert disk.files() == FILES
    disk.start()
    assert "dividing" not in disk.said


def test_lost_head_of_the_file_system_is_taken_from_a_copy(disk: Disk) -> None:
    """What the box has kept is still there: it is not made anew."""
    disk.start()

    disk.spoil(0, bytes(8192))
    disk.start()

    assert "making" not in disk.said
    assert disk.files() >= FILES


def test_power_cut_in_the_first_start_is_made_good(disk: Disk) -> None:
    """Divided, but without a file system: the next start makes it."""
    disk.start()
    do("blkdiscard", "--zeroout", disk.data)

    disk.start()

    assert "making a file system" in disk.said
    assert disk.files() == FILES


def test_damaged_file_system_is_mended(disk: Disk) -> None:
    """As far as it goes, without asking anybody."""
    disk.start()

    disk.spoil(33 * 4096, os.urandom(64 * 4096))
    disk.start()

    assert disk.trouble == ""
    assert disk.data == f"{disk.node}p4"
    disk.start()
    assert "mending" not in disk.said


def test_disk_without_room_is_said_to_have_none(tmp_path: Path) -> None:
    """The box plays from memory then, and tells why."""
    disk = Disk(tmp_path, 280 * MIB)
    disk.start()
    disk.detach()

    assert disk.data == ""
    assert disk.trouble == f"{disk.node} has no room for what the box keeps"
