"""What is mounted where, and which disks belong to the system."""

from pathlib import Path

import pytest

from easyplayer.drivers.mount_table import MountTable
from tests.drivers.sysfs import ON_USB, device, disk, lay

OWN = Path("/run/easyplayer/sticks")
ROOT = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw"


def line(number: str, point: str, options: str = "rw", source: str = "/dev/sdb1") -> str:
    """Write a line as the kernel does."""
    return f"36 22 {number} / {point} {options},nosuid shared:1 master:2 - vfat {source} {options},utf8"


def table(
    root: Path, *mounts: str, kept: tuple[Path, ...] = (), fstab: str = "", swaps: str = ""
) -> MountTable:
    """Lay down the files of a machine."""
    files = {
        "proc/self/mountinfo": "\n".join([ROOT, *mounts]),
        "etc/fstab": fstab,
        "proc/swaps": f"Filename Type Size Used Priority\n{swaps}",
    }
    return MountTable(OWN, kept, lay(root, files))


def test_mounts_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    """With spaces in their names, and the latest on top of others at the same place."""
    there = table(tmp_path, line("8:1", r"/media/My\040music", "ro"), line("8:17", r"/media/My\040music"))

    one = there.at(Path("/media/My music"))

    assert one is not None
    assert (one.number, one.writable) == ("8:17", True)
    assert [mount.writable for mount in there.mounts()] == [True, False, True]
    assert there.at(Path("/media")) is None


def test_machine_that_shows_nothing_has_nothing_mounted(tmp_path: Path) -> None:
    """As in a container that hides it."""
    hidden = MountTable(OWN, root=tmp_path)

    assert hidden.mounts() == ()
    assert not hidden.holders_of(device(disk(tmp_path, ON_USB))).system


def test_own_mounts_are_told_from_others(tmp_path: Path) -> None:
    """What the box has mounted is nobody else's."""
    there = table(tmp_path, line("8:1", f"{OWN}/sdb1"), line("8:1", "/media/guest/MUSIC"))
    stick = device(disk(tmp_path, ON_USB) / "sdb1")

    assert [one.point for one in there.own_mounts()] == [OWN / "sdb1"]
    elsewhere = there.holders_of(stick).mount
    assert elsewhere is not None
    assert elsewhere.point == Path("/media/guest/MUSIC")
    assert table(tmp_path, line("8:2", "/media/guest/OTHER", source="x")).holders_of(stick).mount is None


@pytest.mark.parametrize(
    ("point", "number", "expected"),
    [
        ("/media/guest/MUSIC", "8:1", False),
        ("/run/media/guest/MUSIC", "8:2", False),
        ("/mnt", "8:1", False),
        (f"{OWN}/sdb1", "8:1", False),
        ("/", "8:2", True),
        ("/run/live/medium", "8:1", True),
        ("/srv", "0:42", True),
        ("/media/venue", "8:1", True),
        ("/srv", "8:33", False),
    ],
)
def test_disk_with_a_part_that_the_system_has_mounted_is_no_stick(
    tmp_path: Path, point: str, number: str, expected: bool
) -> None:
    """Whichever part; where sticks are mounted by people and desktops, only the box's own disk is none."""
    source = "/dev/sdc1" if number == "8:33" else "/dev/sdb2"
    there = table(tmp_path, line(number, point, source=source), kept=(Path("/media/venue/media"),))
    stick = device(disk(tmp_path, ON_USB, partitions=2) / "sdb1")

    assert there.holders_of(stick).system is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("UUID=1a2b-3c4d", True),
        ('UUID="1A2B-3C4D"', True),
        ("LABEL=MUSIC", True),
        ("PARTUUID=77", True),
        ("/dev/sdb1", True),
        ("/dev/sdb", True),
        ("#UUID=1A2B-3C4D", False),
        ("UUID=5e6f", False),
        ("PARTLABEL=", False),
        ("NEW=1A2B-3C4D", False),
        ("/dev/sdc1", False),
        ("tmpfs", False),
    ],
)
def test_what_fstab_names_is_no_stick(tmp_path: Path, word: str, expected: bool) -> None:
    """By whatever name, mounted at the moment or not."""
    stick = device(
        disk(tmp_path, ON_USB) / "sdb1", ID_FS_UUID="1A2B-3C4D", ID_FS_LABEL="MUSIC", ID_PART_ENTRY_UUID="77"
    )

    assert table(tmp_path, fstab=f"{word} /srv vfat nofail 0 0").holders_of(stick).system is expected


@pytest.mark.parametrize(("name", "expected"), [("easyplayer-boot", True), ("Microsoft basic data", False)])
def test_partition_of_an_appliance_is_no_stick(tmp_path: Path, name: str, expected: bool) -> None:
    """Be it on USB, and mounted nowhere: that of this one, or of another that is plugged in."""
    stick = device(disk(tmp_path, ON_USB) / "sdb1", ID_PART_ENTRY_NAME=name)

    assert table(tmp_path).holders_of(stick).system is expected


def test_disk_that_the_machine_swaps_to_is_no_stick(tmp_path: Path) -> None:
    """It would not survive being treated as one."""
    stick = device(disk(tmp_path, ON_USB, partitions=2) / "sdb1")

    assert table(tmp_path, swaps="/dev/sdb2 partition 100 0 -2").holders_of(stick).system
    assert not table(tmp_path, swaps="/dev/sdc2 partition 100 0 -2").holders_of(stick).system
