"""The box's own key: made once, read by nobody else, and never half of one."""

import errno
import os
import stat
from pathlib import Path

import pytest

from easyplayer.drivers.box_key import BoxKey
from easyplayer.errors import StateError
from easyplayer.protocol.signing import SEED_BYTES, public_key


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """Give the file, which is not there yet."""
    return tmp_path / "box.key"


def test_it_is_made_at_the_first_start_and_stays(path: Path) -> None:
    """All that are asked later have the same one."""
    seed = BoxKey(path).load_or_make()
    assert len(seed) == SEED_BYTES
    assert len(public_key(seed)) == 64
    assert BoxKey(path).load_or_make() == seed


def test_each_box_has_another(tmp_path: Path) -> None:
    """Nobody could tell them apart else."""
    assert BoxKey(tmp_path / "one").load_or_make() != BoxKey(tmp_path / "other").load_or_make()


def test_only_its_owner_may_read_it(path: Path) -> None:
    """Whatever the process leaves open to others; nothing else stays beside it."""
    before = os.umask(0)
    try:
        BoxKey(path).load_or_make()
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_it_can_be_renewed(path: Path) -> None:
    """The old one is gone."""
    key = BoxKey(path)
    old, new = key.load_or_make(), key.renew()
    assert old != new == BoxKey(path).load_or_make()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"abc", b"00" * 31, b"zz" * 32, b"\xff" * 64])
def test_what_is_no_key_makes_place_for_one(
    content: bytes, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, for the box has to be claimed anew."""
    path.write_bytes(content)
    assert len(BoxKey(path).load_or_make()) == SEED_BYTES
    assert "claimed anew" in caplog.text


def test_what_a_power_cut_left_behind_is_no_hindrance(path: Path) -> None:
    """A draft that was never finished is thrown away."""
    path.with_name("box.key.new").write_text("00")
    assert len(BoxKey(path).load_or_make()) == SEED_BYTES


def test_a_disk_that_is_full_leaves_the_old_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to do."""
    old = BoxKey(path).load_or_make()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(StateError, match=r"No space left on device.*free space"):
            BoxKey(path).renew()

    assert BoxKey(path).load_or_make() == old


def test_one_that_cannot_be_read_is_not_replaced(path: Path) -> None:
    """It may be the right one."""
    path.mkdir()
    with pytest.raises(StateError, match="cannot be read"):
        BoxKey(path).load_or_make()
