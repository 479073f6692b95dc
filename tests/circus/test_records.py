"""What is known of bad ends is in memory at once, and on the disk as soon as that takes it."""

import threading
from pathlib import Path

import pytest

from easyplayer.circus.records import Records
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.errors import StateError
from easyplayer.guard import Guard

WITHIN_S = 10.0


class SlowDisk(GuardFile):
    """A disk that takes something when the test lets it.

    :ivar reached: is set when something is to be written.
    :ivar go_on: lets that be done.
    """

    def __init__(self, place: Path) -> None:
        super().__init__(place / "state", {"RUNTIME_DIRECTORY": str(place)})
        self.reached = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def save(self, guard: Guard) -> None:
        """Write it, in the end."""
        self.reached.release()
        assert self.go_on.acquire(timeout=WITHIN_S)
        super().save(guard)


def test_a_disk_that_hangs_keeps_no_verdict_from_the_box(tmp_path: Path) -> None:
    """It is found in memory, and so is each one that comes while the first is still being written."""
    disk = SlowDisk(tmp_path)
    records = Records(disk)
    records.keep(Guard(kills=1))
    assert disk.reached.acquire(timeout=WITHIN_S)
    assert disk.load() == Guard(kills=1)

    records.keep(Guard(kills=2))

    assert disk.load() == Guard(kills=2)
    disk.go_on.release()
    assert disk.reached.acquire(timeout=WITHIN_S)
    assert disk.load() == Guard(kills=2)
    disk.go_on.release()
    records.close(WITHIN_S)


def test_what_is_on_the_disk_is_in_memory_no_more(tmp_path: Path) -> None:
    """There is one of it, and whoever deletes that ends safe mode."""
    disk = SlowDisk(tmp_path)
    disk.go_on.release()
    records = Records(disk)

    records.keep(Guard(kills=1))

    records.settle(WITHIN_S)
    assert disk.spare.path is not None
    assert not disk.spare.path.exists()
    assert disk.load() == Guard(kills=1)
    records.close()


def test_a_disk_that_takes_nothing_is_no_news_where_memory_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is known until the machine ends, and then it counts no more."""
    (tmp_path / "state").write_text("no directory")
    file = GuardFile(tmp_path / "state", {"RUNTIME_DIRECTORY": str(tmp_path)})
    records = Records(file)

    records.keep(Guard(kills=1))
    records.close(WITHIN_S)

    assert file.load() == Guard(kills=1)
    assert "bad ends are known until" not in caplog.text


def test_a_spare_one_that_is_lost_later_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Memory may be full in the end, as the disk was before."""

    def refuse(_file: GuardFile, _guard: Guard) -> None:
        message = "full"
        raise StateError(message)

    monkeypatch.setattr(GuardFile, "save", refuse)
    file = GuardFile(tmp_path / "state", {"RUNTIME_DIRECTORY": str(tmp_path / "memory")})
    (tmp_path / "memory").mkdir()
    records = Records(file)
    records.keep(Guard(kills=1))
    records.settle(WITHIN_S)
    assert caplog.text == ""
    (tmp_path / "memory").rename(tmp_path / "gone")

    records.keep(Guard(kills=2))
    records.close(WITHIN_S)

    assert "full; bad ends are known until the WatchDog ends" in caplog.text
