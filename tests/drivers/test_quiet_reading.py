"""Reading in pieces, so that nobody else on the machine feels it."""

import hashlib
import os
import threading
from pathlib import Path

import psutil
import pytest

from easyplayer.drivers.quiet_reading import CHUNK_BYTES, NICE, QuietReading, can_be_read, give_way

DATA = bytes(range(256)) * 4096
"""A mebibyte."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that is on the disk for good."""
    path = tmp_path / "medium"
    path.write_bytes(DATA)
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
    return path


def test_pieces_make_up_the_whole(file: Path) -> None:
    """The digest is that of the file, and no piece is longer than was asked for."""
    with QuietReading(file) as reading:
        assert reading.read_on(100) == 100
        lengths = []
        while length := reading.read_on():
            lengths.append(length)
        assert max(lengths) == CHUNK_BYTES
        assert reading.offset == len(DATA)
        assert reading.digest() == hashlib.sha256(DATA).hexdigest()


def test_what_was_read_does_not_stay_in_memory(file: Path) -> None:
    """Nor is it taken from there: what was changed on the disk behind the system's back would be found."""
    file.read_bytes()
    with file.open("rb") as opened:
        if not in_memory(opened.fileno()):
            pytest.skip("this file system does not tell what is in memory")
        with QuietReading(file) as reading:
            assert not in_memory(opened.fileno())
            while reading.read_on():
                pass
            assert not in_memory(opened.fileno())


def in_memory(handle: int) -> bool:
    """Tell whether the beginning of a file can be read without the disk."""
    try:
        return os.preadv(handle, [bytearray(1)], 0, os.RWF_NOWAIT) == 1
    except OSError:
        return False


def test_replaced_file_is_noticed(file: Path) -> None:
    """Also one that is gone."""
    with QuietReading(file) as reading:
        assert not reading.is_replaced()
        (file.parent / "new").write_bytes(DATA)
        (file.parent / "new").replace(file)
        assert reading.is_replaced()
        file.unlink()
        assert reading.is_replaced()


def test_file_that_is_not_there_cannot_be_read(file: Path, tmp_path: Path) -> None:
    """One that is there can; so does an empty one."""
    assert can_be_read(file)
    assert not can_be_read(tmp_path / "no")
    assert not can_be_read(tmp_path)


def test_thread_that_gives_way_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """All others stay as they are; the main thread never gives way."""
    found: list[tuple[int, object]] = []

    def work() -> None:
        give_way()
        mine = psutil.Process(threading.get_native_id())
        found.append((os.getpriority(os.PRIO_PROCESS, 0), mine.ionice().ioclass))

    give_way()
    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(max(before, NICE), psutil.IOPRIO_CLASS_IDLE)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before

    def refuse(*_about: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    other = threading.Thread(target=give_way)
    other.start()
    other.join()
