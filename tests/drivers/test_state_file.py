"""Small facts that survive a power cut: the old file or the new one, never half of either."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import StateError


class Note(Struct, frozen=True):
    """Something to keep."""

    text: str
    number: int = 0


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> StateFile[Note]:
    """Give a file that is not there yet."""
    return StateFile(tmp_path / "note.json", Note)


def test_nothing_is_read_where_nothing_was_kept(file: StateFile[Note]) -> None:
    """A fresh box has no memory."""
    assert file.load() is None


def test_what_was_kept_is_read(file: StateFile[Note]) -> None:
    """The last one counts."""
    file.save(Note("old"))
    file.save(Note("new", 7))

    assert file.load() == Note("new", 7)


@given(text=st.text(st.characters(exclude_categories=["Cs"])), number=st.integers(-(2**53), 2**53))
def test_whatever_was_kept_is_read_as_it_was(
    text: str, number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No text and no number is changed on its way."""
    file = StateFile(tmp_path_factory.getbasetemp() / "any.json", Note)

    file.save(Note(text, number))

    assert file.load() == Note(text, number)


ROTTEN = (b'{"text": "\xff"}', b'{"other": ' + b"[" * 10_000)
"""What has gone bad in the middle: no text, and brackets without end."""


@pytest.mark.parametrize("content", [b"", b'{"text": "ne', b"\x00" * 40, b'{"other": 1}', b"[]", *ROTTEN])
def test_file_that_cannot_be_read_is_left_aside(
    content: bytes, file: StateFile[Note], caplog: pytest.LogCaptureFixture
) -> None:
    """A torn file is as good as none, is logged, and may be written over."""
    file.path.write_bytes(content)

    found = file.load()
    file.save(Note("again"))

    assert found is None
    assert "note.json" in caplog.text
    assert file.load() == Note("again")


@pytest.mark.parametrize(("owner", "call"), [(Path, "open"), (os, "fsync"), (Path, "replace")])
def test_disk_that_refuses_leaves_the_old_file(
    owner: object, call: str, file: StateFile[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told with the way out, and what was there before is there still."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file.save(Note("old"))
    monkeypatch.setattr(owner, call, refuse)

    with pytest.raises(StateError, match=r"note\.json cannot be written \(No space left on device\)"):
        file.save(Note("new"))

    monkeypatch.undo()
    assert file.load() == Note("old")


def test_power_cut_while_writing_leaves_the_old_file(file: StateFile[Note]) -> None:
    """A draft that was never finished does not count."""
    file.save(Note("old"))
    file.path.with_name("note.json.new").write_bytes(b'{"text": "ne')

    assert file.load() == Note("old")
    file.save(Note("new"))
    assert file.load() == Note("new")


def test_content_is_on_the_disk_before_it_takes_its_place(
    file: StateFile[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is synced, then renamed, then its directory is synced."""
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(handle: int) -> None:
        steps.append("sync directory" if Path(f"/proc/self/fd/{handle}").resolve().is_dir() else "sync file")
        sync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append("replace")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)

    file.save(Note("new"))

    assert steps == ["sync file", "replace", "sync directory"]


def test_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    """Whoever takes the disk away gets an error that names the place."""
    file = StateFile(tmp_path / "gone" / "note.json", Note)

    with pytest.raises(StateError, match=r"gone/note\.json cannot be written"):
        file.save(Note("new"))
    assert file.load() is None
