"""The partition for what the box keeps, on a real disk; ``test_data`` runs it, apart."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.sticks import do, wait_until
from tests.systemd.disks import GIB, LAYOUT, MIB, image, partitions
from tests.systemd.system import SOURCE

FILES = {"box", "journal", "settings", "time"}
TOLD = '#!/bin/sh\necho "${0##*/} $*" >>"FOLDER/told"\n'
SLOW = '#!/bin/sh\nuntil [ -e "FOLDER/go" ]; do sleep 0.05; done\nexec /sbin/e2fsck "$@"\n'
KEEPING = '#!/bin/sh\nexec /usr/bin/systemd-repart --discard=no "$@"\n'
NO_PATIENCE_S, PATIENCE_S = 0.05, 45


class Disk:
    """The disk of a machine that has never been started, and the script that divides it.

    It keeps what is discarded, as many do.

    :ivar node: of the whole disk.
    :ivar said: what the script said last.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self.image = image(folder / "disk", size)
        self.node = do("losetup", "--find", "--show", str(self.image))
        do("partx", "--add", self.node)
        for name in ("run", "data", "bin"):
            (folder / name).mkdir()
        for name in ("systemctl", "networkctl", "journalctl"):
            self._tool(name, TOLD)
        self._tool("systemd-repart", KEEPING)
        self.said = ""

    def _tool(self, name: str, text: str) -> None:
        path = self._folder / "bin" / name
        path.write_text(text.replace("FOLDER", str(self._folder)))
        path.chmod(0o755)

    def start(self, patience_s: float = PATIENCE_S) -> None:
        """Start the machine: what was in memory is gone."""
        for file in (self._folder / "run").iterdir():
            file.unlink()
        environment = {
            "PATH": f"{self._folder}/bin:{os.environ['PATH']}",
            "EASYPLAYER_PATIENCE": str(patience_s),
            "EASYPLAYER_DISK": Path(self.node).name,
            "EASYPLAYER_PARTITIONS": str(SOURCE / "repart.d"),
            "EASYPLAYER_RUN": str(self._folder / "run"),
            "EASYPLAYER_DATA": str(self._folder / "data"),
            "EASYPLAYER_OWNER": "820:820",
        }
        words = self._folder / "words"
        with words.open("w") as file:
            subprocess.run([SOURCE / "lib/data"], env=environment, stdout=file, stderr=file, check=True)
        self.said = words.read_text()

    def start_with_a_long_check(self) -> None:
        """Start it with a check that takes longer than the box waits."""
        self._tool("e2fsck", SLOW)
        self.start(NO_PATIENCE_S)

    def let_it_look(self) -> None:
        """Let the check go on to its end."""
        (self._folder / "go").touch()
        do("flock", str(self._folder / "run/lock"), "true")
        (self._folder / "bin/e2fsck").unlink()
        self.said = (self._folder / "words").read_text()

    def told(self) -> list[str]:
        """Tell what the machine's services were told."""
        file = self._folder / "told"
        return file.read_text().splitlines() if file.exists() else []

    def flash(self) -> None:
        """Write the image to it once more: its table of partitions knows no data."""
        do("partx", "--delete", self.node)
        written = ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", self.node]
        subprocess.run(written, input=LAYOUT, text=True, check=True)
        do("partx", "--add", self.node)

    def write(self, name: str, text: str) -> None:
        """Have the box keep a file."""
        draft = self._folder / "draft"
        draft.write_text(text)
        do("debugfs", "-w", "-R", f"write {draft} box/{name}", self.data)

    def read(self, name: str) -> str:
        """Read what the box has kept; empty where it is not there."""
        return do("debugfs", "-R", f"cat box/{name}", self.data)

    def ids(self) -> tuple[str, str]:
        """Give the ids of the file system, and of its partition."""
        told = do("blkid", "-p", "-s", "UUID", "-s", "PART_ENTRY_UUID", "-o", "value", self.data)
        own, partition = told.splitlines()
        return own, partition

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
        wait_until(lambda: str(self.image) not in do("losetup", "--all"), "the end of the disk")


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
    assert disk.size() > 0.9 * GIB
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
    own, partition = disk.ids()
    assert own == partition
    disk.start()
    assert "dividing" not in disk.said


def test_lost_head_of_the_file_system_is_taken_from_a_copy(disk: Disk) -> None:
    """What the box has kept is still there: it is not made anew."""
    disk.start()

    disk.spoil(0, bytes(8192))
    disk.start()

    assert "making" not in disk.said
    assert disk.files() >= FILES


def test_image_that_is_written_again_brings_nothing_back(disk: Disk) -> None:
    """The old file system lies where the new one is to be, and only its mark is gone."""
    disk.start()
    disk.write("identity", "of the venue before")
    before = disk.ids()

    disk.flash()
    disk.start()

    assert "making a file system" in disk.said
    assert disk.read("identity") == ""
    assert disk.files() == FILES
    own, partition = disk.ids()
    assert own == partition
    assert own not in before


def test_whole_file_system_of_another_id_is_used(disk: Disk) -> None:
    """Nothing is lost that is there."""
    disk.start()
    disk.write("identity", "of this venue")
    do("e2fsck", "-f", "-p", disk.data)
    do("tune2fs", "-U", "random", disk.data)

    disk.start()

    assert "making" not in disk.said
    assert disk.read("identity") == "of this venue"


def test_box_does_not_wait_for_a_long_check_and_gets_its_disk_when_that_is_done(disk: Disk) -> None:
    """It begins in memory and says why; then all that keeps something on the disk starts anew."""
    disk.start()

    disk.start_with_a_long_check()
    assert disk.data == ""
    assert disk.trouble == "the disk is still being looked at"
    assert disk.told() == []

    disk.let_it_look()
    assert disk.data == f"{disk.node}p4"
    assert disk.trouble == ""
    assert disk.told() == [
        "journalctl --relinquish-var",
        "systemctl start data.mount var-log-journal.mount",
        "journalctl --flush",
        "systemctl restart easyplayer-setup.service",
        "networkctl reload",
        "systemctl --no-block try-restart easyplayer.service chrony.service",
    ]
    disk.start()
    assert disk.data == f"{disk.node}p4"


def test_long_check_that_finds_a_lost_disk_leaves_the_box_alone(disk: Disk) -> None:
    """It plays on from memory; why, is told."""
    disk.start()
    node = disk.data
    do("blkdiscard", "--zeroout", node)
    do("mkfs.vfat", node)

    disk.start_with_a_long_check()
    disk.let_it_look()

    assert disk.data == ""
    assert disk.trouble == f"the file system on {node} cannot be mended"
    assert disk.told() == []


def test_file_system_that_a_power_cut_has_kept_small_grows_after_all(disk: Disk) -> None:
    """The partition had grown already: nothing is divided any more."""
    disk.start()
    whole = disk.size()
    do("e2fsck", "-f", "-p", disk.data)
    do("resize2fs", disk.data, "700M")

    disk.start()

    assert "dividing" not in disk.said
    assert disk.size() == whole
    assert disk.files() == FILES
    disk.start()
    assert "resiz" not in disk.said.lower()


def test_system_grows_below_the_running_machine(disk: Disk, tmp_path: Path) -> None:
    """It is mounted while its partition is made larger, and nothing in it changes."""
    system = f"{disk.node}p2"
    root = tmp_path / "root"
    root.mkdir()
    do("mkfs.ext4", "-q", system)
    do("mount", "-o", "ro", system, str(root))
    try:
        disk.start()
        assert do("blockdev", "--getsize64", system) == str(512 * MIB)
    finally:
        do("umount", str(root))
    do("e2fsck", "-f", "-n", system)
    assert disk.trouble == ""


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
