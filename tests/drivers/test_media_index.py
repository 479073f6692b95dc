"""When each medium was found right is known as long as the database is; all else stands on the disks."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from easyplayer.drivers import losable_database
from easyplayer.drivers.media_library import MediaLibrary, Rebuilt
from easyplayer.units import Instant, Seconds
from tests.drivers.media import DATA, DAWN, DUSK, LENGTH, NIGHT, NOON, bring, put

LATE = Instant(1e9)


class Box:
    """A library with its database.

    :ivar file: the database's.
    """

    def __init__(self, home: Path) -> None:
        self.folder, self.file = home / "media", home / "media.sqlite"
        self.library = MediaLibrary(self.folder)

    def count(self) -> int:
        """Tell how many media are known."""
        return self.library.disks()[0].media

    def restart(self) -> None:
        """Begin anew with what is on the disk."""
        self.library.close()
        self.library = MediaLibrary(self.folder)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Give an empty library."""
    return Box(tmp_path)


def test_nothing_is_on_the_disk_before_it_is_needed(box: Box) -> None:
    """To make a library costs nothing, and what asks the disk alone needs no database."""
    assert [*box.library.digests()] == []
    bring(box.library)
    box.library.remove(DAWN)
    assert not box.file.exists()
    assert box.count() == 0
    assert box.file.exists()


def test_media_are_checked_in_turn(box: Box) -> None:
    """First what was never found right, then what was longest ago."""
    for sha256 in DATA:
        bring(box.library, sha256)
    for number, sha256 in enumerate([NOON, DAWN, NIGHT]):
        box.library.note_right(sha256, Instant(100.0 + number))
    assert box.library.least_checked(LATE) == DUSK
    box.library.note_right(DUSK, Instant(200.0))
    assert box.library.least_checked(LATE) == NOON
    assert box.library.least_checked(Instant(100.0)) is None
    assert box.library.checked_since(Instant(101.0)) == 3


def test_what_was_found_is_known_after_a_restart(box: Box) -> None:
    """Another process sees it at once, too."""
    bring(box.library)
    box.library.note_right(DAWN, Instant(50.0))
    assert MediaLibrary(box.folder).checked_since(Instant(50.0)) == 1
    box.restart()
    assert box.library.checked_since(Instant(50.0)) == 1


def test_medium_that_came_anew_was_never_checked(box: Box) -> None:
    """What is known of the one before is of no worth."""
    bring(box.library)
    box.library.note_right(DAWN, Instant(50.0))
    box.library.remove(DAWN)
    assert box.count() == 0
    bring(box.library)
    assert box.library.least_checked(Instant(1.0)) == DAWN


def test_what_came_and_went_by_other_hands_is_noticed(box: Box) -> None:
    """At the next start; and by who tidies up."""
    put(box.folder, DAWN)
    put(box.folder, NOON)
    assert box.count() == 2
    box.library.path(DAWN).unlink()
    put(box.folder, DUSK)
    put(box.folder, NIGHT)
    box.library.tidy()
    assert box.count() == 3
    box.library.path(DUSK).unlink()
    box.restart()
    assert box.count() == 2


def test_medium_that_is_gone_is_not_given_to_be_checked(box: Box) -> None:
    """It would count as bad."""
    for sha256 in (DAWN, NOON):
        bring(box.library, sha256)
    assert box.count() == 2
    first = box.library.least_checked(LATE)
    assert first is not None
    box.library.path(first).unlink()
    assert box.library.least_checked(LATE) == ({DAWN, NOON} - {first}).pop()
    assert box.count() == 1


def test_files_that_are_no_media_are_passed_over(box: Box) -> None:
    """Whatever somebody has put there."""
    put(box.folder, DAWN)
    (box.folder / DAWN[:2] / "note.txt").write_text("x", encoding="utf-8")
    (box.folder / DAWN[:2] / NOON).write_bytes(DATA[NOON])  # nobody looks for it there
    (box.folder / "lost+found").mkdir()
    bring(box.library, DUSK, upto=10)
    assert box.count() == 1
    assert box.library.rebuild() == Rebuilt(media=1, bytes=LENGTH)


def test_it_is_rebuilt_from_the_disk_alone(box: Box) -> None:
    """All is there again but when it was checked."""
    for sha256 in DATA:
        bring(box.library, sha256)
        box.library.note_right(sha256, Instant(50.0))
    put(box.folder, DAWN)
    assert box.library.rebuild() == Rebuilt(media=4, bytes=4 * LENGTH)
    assert box.count() == 4
    assert box.library.checked_since(Instant(1.0)) == 0


def overwrite(file: Path) -> None:
    """Write other bytes all over it."""
    file.write_bytes(b"no database at all" * 1000)


def tear(file: Path) -> None:
    """Leave the head of it, as a disk may."""
    data = file.read_bytes()
    file.write_bytes(data[:100] + b"\0" * (len(data) - 100))


def replace_by_another(file: Path) -> None:
    """Put a database there that something else has made."""
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE media (name)")
    other.close()


@pytest.mark.parametrize("damage", [overwrite, tear, Path.unlink, replace_by_another])
@pytest.mark.parametrize("running", [False, True], ids=["at the start", "while it is open"])
def test_database_that_is_damaged_or_gone_is_made_anew(
    box: Box, damage: Callable[[Path], None], running: bool
) -> None:
    """By itself; what is on the disk is known again."""
    for sha256 in DATA:
        bring(box.library, sha256)
    box.library.note_right(DAWN, Instant(50.0))
    if not running:
        box.library.close()
    damage(box.file)
    box.library.remove(NOON)
    box.restart()
    assert box.count() == 3
    box.library.note_right(DAWN, Instant(60.0))
    box.restart()
    assert box.library.checked_since(Instant(60.0)) == 1


def test_damaged_database_is_set_aside_and_told(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    """One is kept to be looked at, and not more than one."""
    for _ in range(2):
        box.library.close()
        overwrite(box.file)
        assert box.count() == 0
    assert "is made anew from the disks" in caplog.text
    assert sorted(path.name for path in box.file.parent.glob("*.bad*")) == ["media.sqlite.bad"]


def test_where_there_can_be_no_file_it_is_in_memory(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    """Until there can: it is tried again whenever somebody tidies up."""
    box.file.mkdir()
    bring(box.library)
    assert box.count() == 1
    box.library.note_right(DAWN, Instant(50.0))
    assert box.library.checked_since(Instant(50.0)) == 1
    assert caplog.text.count("is kept in memory") == 1
    box.library.tidy()
    assert box.count() == 1
    box.file.rmdir()
    box.library.tidy()
    assert box.count() == 1
    assert box.file.is_file()


def test_database_that_another_process_holds_is_done_without(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a while only; nobody waits for it for long."""
    monkeypatch.setattr(losable_database, "PATIENCE_S", Seconds(0.0))
    assert box.count() == 0
    box.restart()
    holder = sqlite3.connect(box.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    bring(box.library)
    assert box.count() == 1
    holder.execute("ROLLBACK")
    holder.close()
    box.library.tidy()
    box.restart()
    assert box.count() == 1


def test_two_processes_share_it(box: Box) -> None:
    """A command beside the running box; and one of them may make it anew."""
    other = MediaLibrary(box.folder)
    for library, sha256 in ((box.library, DAWN), (other, NOON)):
        assert library.disks()
        bring(library, sha256)
        library.note_right(sha256, Instant(50.0))
    assert box.library.checked_since(Instant(1.0)) == 2
    other.rebuild()
    assert box.library.least_checked(LATE) is not None
    overwrite(box.file)
    box.restart()
    assert box.count() == 2
    assert other.disks()[0].media == 2


def test_any_thread_may_ask(box: Box) -> None:
    """Downloads, the storage's look and the scrubber do at the same time."""
    failures: list[BaseException] = []

    def work(sha256: str) -> None:
        try:
            for number in range(10):
                bring(box.library, sha256)
                box.library.note_right(sha256, Instant(float(number)))
                box.library.disks()
                box.library.tidy()
                box.library.least_checked(LATE)
                if number < 9:
                    box.library.remove(sha256)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(sha256,)) for sha256 in DATA]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert box.count() == len(DATA)
    assert box.library.checked_since(Instant(9.0)) == len(DATA)
