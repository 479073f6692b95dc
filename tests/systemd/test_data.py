"""The partition for what the box keeps: how a disk is divided, and, apart, all that is done with it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.drivers.apart import real, run_apart
from tests.systemd import real_data
from tests.systemd.disks import GIB, MIB, divide, image, partitions


def ends(path: Path) -> tuple[bytes, bytes]:
    """Give what is at both ends of a disk, where its tables are."""
    with path.open("rb") as file:
        first = file.read(MIB)
        file.seek(-MIB, os.SEEK_END)
        return first, file.read()


def test_first_start_divides_the_disk(tmp_path: Path) -> None:
    """Both systems get the room that an update may take; the last partition takes all that is left."""
    disk = image(tmp_path / "disk", 4 * GIB)
    before = partitions(disk)

    divide(disk)

    made = partitions(disk)
    assert made[0] == before[0]
    assert made[1] == ("easyplayer-root-a", 512 * MIB)
    assert made[2] == ("easyplayer-root-b", 512 * MIB)
    assert made[3][0] == "easyplayer-data"
    assert 4 * GIB - sum(size for _, size in made) < 4 * MIB


@pytest.mark.parametrize("size", [600 * MIB, 900 * MIB, GIB])
def test_small_disk_is_divided_as_far_as_it_goes(tmp_path: Path, size: int) -> None:
    """There is always room for what the box keeps: the system grows less, or has no second one."""
    disk = image(tmp_path / "disk", size)

    divide(disk)

    made = dict(partitions(disk))
    assert made["easyplayer-data"] >= 64 * MIB
    assert 200 * MIB <= made["easyplayer-root-a"] <= 512 * MIB


def test_second_start_writes_nothing(tmp_path: Path) -> None:
    """Not a byte of the tables changes, at either end of the disk."""
    disk = image(tmp_path / "disk", GIB)
    divide(disk)
    before = ends(disk)

    divide(disk)

    assert ends(disk) == before


def test_larger_disk_gives_the_data_more_room(tmp_path: Path) -> None:
    """And nothing else: the rest stays as large as it was."""
    disk = image(tmp_path / "disk", GIB)
    divide(disk)
    before = partitions(disk)

    os.truncate(disk, 3 * GIB)
    divide(disk)

    after = partitions(disk)
    assert after[:3] == before[:3]
    assert after[3][1] - before[3][1] == pytest.approx(2 * GIB, abs=2 * MIB)


def test_two_boxes_of_one_image_have_partitions_of_their_own(tmp_path: Path) -> None:
    """Their ids differ, so that both disks can be in one machine."""
    one, other = (image(tmp_path / name, GIB) for name in ("one", "other"))
    for disk in (one, other):
        divide(disk)

    ids = [
        subprocess.run(
            ["sfdisk", "--part-uuid", disk, "4"], capture_output=True, text=True, check=True
        ).stdout
        for disk in (one, other)
    ]

    assert ids[0] != ids[1]


@real
@pytest.mark.slow
def test_real_disks() -> None:
    """Divided at the first start, left alone at the second, mended and made larger."""
    run_apart(real_data.__file__)
