"""A stick that is written to for a moment, and may be gone the next."""

import errno
import os
from pathlib import Path

import pytest

from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.mount_table import MountTable
from easyplayer.drivers.mounting import Mounter
from easyplayer.errors import DeviceError


@pytest.fixture(name="stick")
def _stick(tmp_path: Path) -> Stick:
    """Give a stick that somebody else has mounted."""
    folder = tmp_path / "media" / "VENUE"
    folder.mkdir(parents=True)
    return Stick(device="/dev/sdb1", name="VENUE", filesystem="vfat", folder=folder)


@pytest.fixture(name="mounter")
def _mounter(tmp_path: Path) -> Mounter:
    own = tmp_path / "sticks"
    return Mounter(own, MountTable(own, root=tmp_path))


def test_stick_that_was_pulled_before_it_is_written_to_is_told_in_words(
    mounter: Mounter, stick: Stick
) -> None:
    """Its folder is gone with it."""
    stick.folder.rmdir()
    with pytest.raises(DeviceError, match="VENUE cannot be written to: it was pulled, or it is broken"):
        mounter.writable(stick).__enter__()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "pulled"),
        (errno.EIO, "pulled"),
        (errno.ENOTCONN, "pulled"),
        (errno.ENOSPC, "make room on it"),
        (errno.EROFS, "write-protected"),
    ],
)
def test_whatever_the_system_says_of_a_stick_is_told_in_words(
    mounter: Mounter, stick: Stick, number: int, words: str
) -> None:
    """Whoever writes to it has one kind of error to think of."""
    with pytest.raises(DeviceError, match=words), mounter.writable(stick):
        raise OSError(number, os.strerror(number))


def test_stick_of_our_own_that_gives_errors_is_told_in_words(
    tmp_path: Path, mounter: Mounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it can be made writable, too."""
    stick = Stick(device="/dev/sdb1", name="VENUE", filesystem="vfat", folder=tmp_path / "sticks" / "sdb1")

    def fail(_path: Path) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "exists", fail)
    with pytest.raises(DeviceError, match="stick VENUE is gone"):
        mounter.writable(stick).__enter__()
