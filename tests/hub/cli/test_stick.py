"""The folder of a stick: what is found in it, and what is left alone."""

import errno
import os
from pathlib import Path

import pytest

from easyplayer.errors import DeviceError
from easyplayer.hub.cli import stick as stick_module
from easyplayer.hub.cli.stick import Stick, StickFile, file_system, reports_in, sync
from easyplayer.protocol.bundle import BUNDLE_FILE, REPORTS, medium_path

WANTED = StickFile(path=medium_path("ab" * 32), sha256="ab" * 32, size=3, source="/x")


def lay(path: Path) -> Path:
    """Lay down a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"any")
    return path


def test_strangers_are_what_lies_among_the_media_and_is_wanted_by_nobody(tmp_path: Path) -> None:
    """Other rests of other downloads too; what lies elsewhere, and folders, are none."""
    stick = Stick(tmp_path)
    for ours in (stick.path(WANTED), stick.part(WANTED), tmp_path / "photo.jpg", tmp_path / BUNDLE_FILE):
        lay(ours)
    media = tmp_path / "easyplayer/media"
    others = [media / "cd" / "cdcd", media / "cd" / "cdcd.part", tmp_path / "easyplayer/programs/old.json"]
    for other in others:
        lay(other)

    assert sorted(stick.strangers([WANTED])) == sorted(others)

    stick.take_away(others)
    assert not (tmp_path / BUNDLE_FILE).exists()
    assert stick.path(WANTED).exists()
    assert stick.strangers([WANTED]) == []


def test_reports_are_found_on_a_stick_and_in_any_folder(tmp_path: Path) -> None:
    """Where they were copied to from a stick, or saved from an e-mail."""
    on_stick, copied = lay(tmp_path / "stick" / REPORTS / "a.age"), lay(tmp_path / "mail" / "b.age")
    lay(tmp_path / "mail" / "letter.txt")
    assert reports_in(tmp_path / "stick") == [on_stick]
    assert reports_in(tmp_path / "mail") == [copied]


def test_a_folder_that_knows_no_sync_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have nothing to do there; what really fails is told."""

    def fails(number: int) -> None:
        monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError(number, "no")))

    fails(errno.EINVAL)
    sync(tmp_path)
    fails(errno.EIO)
    with pytest.raises(DeviceError), Stick(tmp_path).told():
        sync(tmp_path)


def test_a_stick_that_is_write_protected_says_what_to_do(tmp_path: Path) -> None:
    """To go on there would not help."""
    with pytest.raises(DeviceError, match="write protection"), Stick(tmp_path).told():
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_what_is_begun_is_not_counted_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick with as much room as is left to write is large enough."""
    stick = Stick(tmp_path)
    lay(stick.part(WANTED))
    usage = type("Usage", (), {"free": stick_module.CLUSTER_BYTES})
    monkeypatch.setattr(stick_module.shutil, "disk_usage", lambda _folder: usage)
    stick.require_room([WANTED], 0)
    stick.part(WANTED).unlink()
    with pytest.raises(DeviceError, match="free 3 bytes"):
        stick.require_room([WANTED], 0)


def test_how_a_disk_is_formatted_is_read_off_the_mounts(tmp_path: Path) -> None:
    """By the device that the folder is on; where nobody knows, nothing is forbidden."""
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
        f"36 35 {os.major(device)}:{os.minor(device)} / /mnt rw master:1 shared:2 - vfat /dev/sdb1 rw\n"
    )
    assert file_system(tmp_path, mounts) == "vfat"
    mounts.write_text("22 1 0:99999 / /proc rw - proc proc rw\n")
    assert file_system(tmp_path, mounts) == file_system(tmp_path, tmp_path / "nothing") == ""
