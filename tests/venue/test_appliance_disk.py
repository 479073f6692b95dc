"""The disk of a box that was never switched on, as the technician gets it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.venue.appliance import BOOT_PARTITION, NoImageError, kept_disk, make_disk, partition_at

MIB = 1 << 20


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Make a folder with an image that has a boot partition, and nothing else."""
    folder = tmp_path / "image"
    folder.mkdir()
    file = folder / "easyplayer.img"
    with file.open("wb") as disk:
        disk.truncate(40 * MIB)
    table = f"label: gpt\nstart=2048, size=65536, name={BOOT_PARTITION}\n"
    subprocess.run(["/usr/sbin/sfdisk", "-q", str(file)], input=table.encode(), check=True, timeout=60)
    subprocess.run(
        ["mformat", "-i", f"{file}@@{MIB}", "-T", "65536", "-h", "64", "-s", "32", "::"],
        check=True,
        timeout=60,
    )
    return folder


def test_a_disk_has_room_for_data_and_what_the_technician_wrote(tmp_path: Path, image: Path) -> None:
    """The image itself stays as it is, and the disk takes no more of this host's than it."""
    disk = make_disk(tmp_path / "disk.img", "[hub]\n", size_gib=2, image=image)
    assert disk.stat().st_size == 2 << 30
    assert disk.stat().st_blocks * 512 < 8 * MIB
    told = subprocess.run(
        ["mtype", "-i", f"{disk}@@{MIB}", "::/easyplayer.toml"], capture_output=True, check=True, timeout=60
    )
    assert told.stdout == b"[hub]\n"
    assert (image / "easyplayer.img").stat().st_size == 40 * MIB


def test_a_disk_is_kept_for_as_long_as_it_would_be_the_same(tmp_path: Path, image: Path) -> None:
    """Another image, or another word of the technician's, makes it anew; its place stays."""

    def made(technicians_file: str) -> tuple[Path, int]:
        disk = kept_disk(tmp_path / "kept", technicians_file, image)
        return disk, disk.stat().st_ino

    first = made("[hub]\n")
    assert made("[hub]\n") == first
    second = made("[time]\n")
    os.utime(image / "easyplayer.img", (1, 1))
    third = made("[time]\n")
    assert first[0] == second[0] == third[0]
    assert first[1] != second[1] != third[1]


def test_an_image_that_was_not_built_is_told_with_the_way_out(tmp_path: Path) -> None:
    """So that nobody looks for a mistake in the story."""
    with pytest.raises(NoImageError, match=r"build it by make image"):
        make_disk(tmp_path / "disk.img", image=tmp_path)


def test_a_partition_that_is_not_there_is_told(tmp_path: Path, image: Path) -> None:
    """And so is a disk without any."""
    with pytest.raises(LookupError, match="no partition other"):
        partition_at(image / "easyplayer.img", "other")
    (tmp_path / "blank").write_bytes(bytes(4096))
    with pytest.raises(LookupError, match="no GUID partition table"):
        partition_at(tmp_path / "blank", "other")
