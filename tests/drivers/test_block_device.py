"""Block devices as the kernel shows them: which may be a stick, what they are called, what is on them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.block_device import (
    Filesystem,
    can_be_plugged,
    filesystem_in,
    name_of,
    numbers_of,
)
from tests.drivers.sysfs import BUILT_IN, IN_READER, ON_USB, device, disk, lay

UNNAMED = Filesystem(kind="vfat", usage="filesystem", label="", uuid="")


@pytest.mark.parametrize(
    ("path", "removable", "kind", "expected"),
    [
        (ON_USB, "0", "", True),
        (BUILT_IN, "0", "", False),
        (BUILT_IN, "1", "", True),
        (IN_READER, "0", "SD", True),
        (IN_READER, "0", "MMC", False),
        ("devices/virtual/block/dm-0", "0", "", False),
        (ON_USB.replace("sdb", "sr0"), "1", "", False),
    ],
)
def test_what_can_be_plugged(tmp_path: Path, path: str, removable: str, kind: str, expected: bool) -> None:
    """What is on USB, or can be taken out, or is a card; a soldered one, and an optical drive, is not."""
    folder = disk(tmp_path, path, removable=removable, **{"device/type": kind})

    assert can_be_plugged(device(folder)) is expected
    assert can_be_plugged(device(folder / f"{folder.name}1")) is expected


def test_udev_may_know_better_what_is_on_usb(tmp_path: Path) -> None:
    """Its word counts where the path tells nothing."""
    assert can_be_plugged(device(disk(tmp_path, BUILT_IN), ID_BUS="usb"))


def test_disk_of_a_partition_is_the_one_around_it(tmp_path: Path) -> None:
    """And a disk's is itself."""
    folder = disk(tmp_path, ON_USB)

    assert device(folder / "sdb1").disk == device(folder).disk == folder


def test_reader_without_a_card_is_empty(tmp_path: Path) -> None:
    """It has no size."""
    assert device(disk(tmp_path, ON_USB, size="0")).is_empty
    assert not device(disk(tmp_path, ON_USB, size="8")).is_empty


def test_stick_is_called_by_its_label_or_else_by_its_model(tmp_path: Path) -> None:
    """Or, where nobody has named it at all, by its node."""
    folder = disk(tmp_path, ON_USB, **{"device/vendor": "Kingston ", "device/model": "DataTraveler"})
    bare = disk(tmp_path / "other", ON_USB)
    labelled = filesystem_in({"ID_FS_TYPE": "vfat", "ID_FS_LABEL_ENC": r"F\xc3\xaate\x20\x1b"})

    assert labelled is not None
    assert name_of(device(folder / "sdb1"), labelled) == "Fête "
    assert name_of(device(folder / "sdb1"), UNNAMED) == "Kingston DataTraveler"
    assert name_of(device(bare / "sdb1"), UNNAMED) == "/dev/sdb1"


def test_nothing_is_made_up_about_what_is_on_a_device() -> None:
    """Where no file system is known there is none."""
    assert filesystem_in({"ID_BUS": "usb", "ID_PART_TABLE_TYPE": "dos"}) is None


@given(st.text(max_size=40))
def test_label_is_never_more_than_can_be_shown(label: str) -> None:
    """Whatever somebody has written there, it brings no control characters to a terminal."""
    escaped = "".join(f"\\x{one:02x}" for one in label.encode())
    found = filesystem_in({"ID_FS_TYPE": "vfat", "ID_FS_LABEL_ENC": escaped})

    assert found is not None
    assert found.label.isprintable()
    assert set(found.label) <= set(label)


def test_disk_is_also_what_is_made_of_it(tmp_path: Path) -> None:
    """Its partitions, and an encrypted volume on one of them."""
    folder = disk(tmp_path, BUILT_IN)
    mapped = lay(tmp_path / "devices/virtual/block/dm-0", {"dev": "254:0"})
    holders = folder / "sda1/holders"
    holders.mkdir()
    (holders / "dm-0").symlink_to(mapped)

    assert set(numbers_of(folder)) == {("sda", "8:0"), ("sda1", "8:1"), ("dm-0", "254:0")}
