"""Media on several disks, of which any may be full, sick, or not there."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from easyplayer.drivers import media_disk
from easyplayer.drivers.media_disk import TOLD_FOR_S, MediaDisk, prove_room
from easyplayer.drivers.media_library import Arrival, MediaLibrary
from easyplayer.errors import DiskFailingError, DiskFullError, DiskReadOnlyError, StateError
from easyplayer.protocol.heartbeat import Health
from easyplayer.units import Instant
from tests.drivers.media import DATA, DAWN, DUSK, LENGTH, NOON, bring, files, put

WELL, FULL, READ_ONLY = Health.WELL, Health.FULL, Health.READ_ONLY
FAILING, MISSING = Health.FAILING, Health.MISSING

STATVFS = """
    f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail f_flag f_namemax
""".split()  # noqa: SIM905
"""In the order in which the system tells them."""

Limit = Callable[..., None]


class Shelves:
    """A library on two disks.

    :ivar library: it is.
    """

    def __init__(self, home: Path) -> None:
        self.inner, self.card = home / "media", home / "card" / "media"
        self.card.mkdir(parents=True)
        self.library = MediaLibrary(self.inner, [self.card], keep_free=0)

    def health(self) -> list[Health]:
        """Tell how the disks are."""
        return [disk.health for disk in self.library.disks()]

    def where(self, sha256: str) -> str:
        """Tell on which disk a medium is."""
        return {str(self.inner): "inner", str(self.card): "card", "": ""}[self.library.disk_of(sha256)]


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Give an empty library on two disks."""
    return Shelves(tmp_path)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Give a way to say what the system tells of each disk, by a part of its folder's name."""
    told: dict[str, dict[str, int]] = {}
    ask = os.statvfs

    def answer(folder: Path) -> os.statvfs_result:
        found = ask(folder)
        told_of_it = next((one for part, one in told.items() if part in str(folder)), {})
        return os.statvfs_result([told_of_it.get(name, getattr(found, name)) for name in STATVFS])

    def say(part: str, **values: int) -> None:
        told[part] = values

    monkeypatch.setattr(media_disk.os, "statvfs", answer)
    return say


def sick(monkeypatch: pytest.MonkeyPatch, call: str, number: int, part: str) -> None:
    """Let one call to the system fail for all that is open below a folder."""
    do = getattr(os, call)

    def fail(handle: int, *rest: object) -> object:
        if part in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(number, os.strerror(number))
        return do(handle, *rest)

    monkeypatch.setattr(os, call, fail)


class TestPlace:
    """Where a medium goes."""

    def test_first_disk_is_filled_first(self, shelves: Shelves) -> None:
        """It is the one that is always there."""
        assert bring(shelves.library) is Arrival.COMPLETE
        assert shelves.where(DAWN) == "inner"
        assert files(shelves.card) == []

    def test_next_one_is_used_when_the_first_has_no_room(self, shelves: Shelves, limit: Limit) -> None:
        """For all of the medium: one that does not fit is not begun."""
        limit(str(shelves.inner), f_bavail=0)
        assert bring(shelves.library) is Arrival.COMPLETE
        assert shelves.where(DAWN) == "card"
        assert shelves.library.path(DAWN).read_bytes() == DATA[DAWN]
        assert shelves.library.has(DAWN, LENGTH)
        assert [*shelves.library.digests()] == [DAWN]

    def test_so_much_is_left_to_others_on_each(self, tmp_path: Path, limit: Limit) -> None:
        """What the settings say, or 2 %."""
        block = os.statvfs(tmp_path).f_frsize
        limit(str(tmp_path), f_bavail=1000, f_blocks=10_000)
        library = MediaLibrary(tmp_path / "media", keep_free=900 * block)
        assert library.space().room == 100 * block
        with pytest.raises(DiskFullError, match="1 MB more are needed; make room"):
            library.draft(DAWN, 101 * block)

    def test_disk_without_room_for_one_more_file_is_full(self, shelves: Shelves, limit: Limit) -> None:
        """Its bytes are of no use then."""
        limit(str(shelves.inner), f_files=10, f_favail=0)
        assert shelves.health() == [FULL, WELL]
        bring(shelves.library)
        assert shelves.where(DAWN) == "card"

    def test_part_is_continued_where_it_is(self, shelves: Shelves, limit: Limit) -> None:
        """Although the disk before has room by now."""
        limit(str(shelves.inner), f_bavail=0)
        bring(shelves.library, upto=300)
        limit(str(shelves.inner))
        assert shelves.library.part_bytes(DAWN) == 300
        assert shelves.where(DAWN) == "card"
        bring(shelves.library)
        assert shelves.where(DAWN) == "card"

    def test_part_on_a_full_disk_is_given_up(self, shelves: Shelves, limit: Limit) -> None:
        """And leaves nothing behind."""
        bring(shelves.library, upto=300)
        limit(str(shelves.inner), f_bavail=0)
        assert bring(shelves.library) is Arrival.COMPLETE
        assert shelves.where(DAWN) == "card"
        assert files(shelves.inner) == []

    def test_two_folders_on_one_disk_are_not_counted_twice(self, shelves: Shelves) -> None:
        """What is free is free once."""
        one = MediaLibrary(shelves.inner, keep_free=0).space()
        both = shelves.library.space()
        assert both.total == one.total
        assert abs(both.room - one.room) < 2**30

    def test_medium_that_is_on_both_goes_from_both(self, shelves: Shelves) -> None:
        """It came anew while one of them was pulled out."""
        put(shelves.inner, DAWN)
        put(shelves.card, DAWN)
        shelves.library.keep_from(DAWN, Instant(7.0))
        assert shelves.library.kept_from(DAWN) == 7.0
        shelves.library.remove(DAWN)
        assert not shelves.library.has(DAWN, LENGTH)
        assert files(shelves.card) == []


class TestWrongLength:
    """A file on one disk that is not as long as the medium."""

    def test_it_goes_when_the_medium_has_come_to_another(self, shelves: Shelves, limit: Limit) -> None:
        """Else the medium would be taken for missing, and be fetched for ever."""
        put(shelves.inner, DAWN)
        shelves.library.path(DAWN).write_bytes(DATA[DAWN][:100])
        limit(str(shelves.inner), f_bavail=0)
        assert bring(shelves.library) is Arrival.COMPLETE
        assert shelves.library.has(DAWN, LENGTH)
        assert shelves.where(DAWN) == "card"
        assert files(shelves.inner) == []

    def test_it_does_no_harm_where_it_cannot_go(self, shelves: Shelves) -> None:
        """A card may be read-only by now."""
        put(shelves.inner, DAWN)
        shelves.library.path(DAWN).write_bytes(DATA[DAWN][:100])
        put(shelves.card, DAWN)
        assert shelves.library.has(DAWN, LENGTH)
        assert shelves.library.size_of(DAWN) == LENGTH
        assert shelves.library.path(DAWN).read_bytes() == DATA[DAWN]


class TestProof:
    """Whether a folder takes a file, before it is fetched."""

    def test_nothing_is_left_of_it(self, tmp_path: Path) -> None:
        """Nor is anything but the folder made."""
        prove_room(tmp_path / "programs", 10_000)
        assert files(tmp_path) == []
        assert (tmp_path / "programs").is_dir()

    def test_disk_without_room_is_told_as_such(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """For all of the file, and not for its first byte alone."""
        asked: list[int] = []

        def refuse(_handle: int, _offset: int, length: int) -> None:
            asked.append(length)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "posix_fallocate", refuse)
        with pytest.raises(DiskFullError):
            prove_room(tmp_path, 10_000)
        assert asked == [10_000]
        assert files(tmp_path) == []


class TestMissing:
    """A disk that is pulled out."""

    def test_nothing_is_put_where_it_belongs(self, shelves: Shelves, limit: Limit) -> None:
        """The empty place is on the disk below, and would fill it."""
        shelves.card.rmdir()
        limit(str(shelves.inner), f_bavail=0)
        assert shelves.health() == [FULL, MISSING]
        with pytest.raises(DiskFullError):
            shelves.library.draft(DAWN, LENGTH)
        assert not shelves.card.exists()

    def test_its_media_are_there_again_when_it_is(self, shelves: Shelves) -> None:
        """Nothing fails meanwhile."""
        put(shelves.card, NOON)
        put(shelves.card, DUSK)
        assert [disk.media for disk in shelves.library.disks()] == [0, 2]
        away = shelves.card.rename(shelves.card.with_name("away"))
        assert not shelves.library.has(NOON, LENGTH)
        assert [disk.media for disk in shelves.library.disks()] == [0, 2]
        assert [*shelves.library.digests()] == []
        assert shelves.library.least_checked(Instant(1.0)) is None
        shelves.library.tidy()
        (away / DUSK[:2] / DUSK).unlink()
        away.rename(shelves.card)
        assert shelves.health() == [WELL, WELL]
        assert [disk.media for disk in shelves.library.disks()] == [0, 1]
        assert shelves.library.has(NOON, LENGTH)
        assert shelves.library.least_checked(Instant(1.0)) == NOON

    def test_it_is_told_in_words(self, shelves: Shelves) -> None:
        """With the way out."""
        shelves.card.rmdir()
        _, card = shelves.library.disks()
        assert card.name == str(shelves.card)
        assert "plug the disk in" in card.trouble

    def test_only_what_is_there_takes_part_in_the_room(self, shelves: Shelves) -> None:
        """A missing disk has none."""
        room = shelves.library.space().total
        shelves.card.rmdir()
        assert shelves.library.space().total == room


class TestSick:
    """A disk that gives errors."""

    @pytest.mark.parametrize(
        ("fault", "told"),
        [
            (("write", errno.ENOSPC), (DiskFullError, FULL)),
            (("write", errno.EIO), (DiskFailingError, FAILING)),
            (("fsync", errno.EIO), (DiskFailingError, FAILING)),
            (("write", errno.EROFS), (DiskReadOnlyError, READ_ONLY)),
            (("write", errno.EINVAL), (StateError, FAILING)),
        ],
        ids=["full", "failing", "failing at the end", "read-only", "whatever else"],
    )
    def test_it_is_told_and_the_next_one_is_used(
        self,
        shelves: Shelves,
        monkeypatch: pytest.MonkeyPatch,
        fault: tuple[str, int],
        told: tuple[type[StateError], Health],
    ) -> None:
        """From the next medium on; and as soon as it takes something, it is well."""
        shelves.library.space()
        with monkeypatch.context() as patch:
            sick(patch, *fault, str(shelves.inner))
            with pytest.raises(told[0], match=r"disk|space"):
                bring(shelves.library)
            inner, card = shelves.library.disks()
            assert (inner.health, card.health) == (told[1], WELL)
            assert os.strerror(fault[1]) in inner.trouble
            assert bring(shelves.library) is Arrival.COMPLETE
            assert shelves.where(DAWN) == "card"
        shelves.card.rename(shelves.card.with_name("away"))
        assert bring(shelves.library, NOON) is Arrival.COMPLETE
        assert shelves.health() == [WELL, MISSING]

    def test_one_that_cannot_be_begun_on_is_passed_over_at_once(self, shelves: Shelves) -> None:
        """Here by a file that is in the way."""
        shelves.library.space()
        (shelves.inner / DAWN[:2]).write_text("in the way", encoding="utf-8")
        assert bring(shelves.library) is Arrival.COMPLETE
        assert shelves.where(DAWN) == "card"
        assert shelves.health() == [FAILING, WELL]

    def test_one_that_is_read_only_takes_nothing(self, shelves: Shelves, limit: Limit) -> None:
        """What is on it can be played, and goes not."""
        limit(str(shelves.inner), f_flag=os.ST_RDONLY)
        assert shelves.health() == [READ_ONLY, WELL]
        bring(shelves.library)
        assert shelves.where(DAWN) == "card"
        limit(str(shelves.card), f_flag=os.ST_RDONLY)
        assert shelves.library.space().room == 0
        with pytest.raises(DiskReadOnlyError, match="make the disk writable"):
            shelves.library.draft(NOON, LENGTH)

    def test_bytes_that_were_not_synced_count_for_nothing(
        self, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The system would say the next time that they are on the disk; they are not."""
        shelves.library.space()
        sick(monkeypatch, "fsync", errno.EIO, str(shelves.inner))
        with pytest.raises(DiskFailingError):
            bring(shelves.library)
        assert files(shelves.inner) == []

    def test_medium_that_cannot_be_read_is_told_apart_from_a_wrong_one(
        self, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A cable that is loose must not cost a medium."""
        path = put(shelves.inner, DAWN, b"other")
        assert not shelves.library.is_right(DAWN, lambda: False)
        assert shelves.health() == [WELL, WELL]
        path.write_bytes(DATA[DAWN])
        sick(monkeypatch, "readv", errno.EIO, str(shelves.inner))
        with pytest.raises(DiskFailingError, match="check the disk"):
            shelves.library.is_right(DAWN, lambda: False)
        assert shelves.health() == [FAILING, WELL]
        path.unlink()
        path.mkdir()
        assert not shelves.library.is_right(DAWN, lambda: False)

    def test_disk_is_tried_after_a_while(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is well when it takes a little and gives it back; until then its trouble is told."""
        now = 100.0
        disk = MediaDisk(tmp_path, own=True, keep_free=0, clock=lambda: now)
        disk.note(tmp_path, OSError(errno.EIO, "worn"))
        assert disk.look().health is FAILING
        now += TOLD_FOR_S
        with monkeypatch.context() as patch:
            sick(patch, "fsync", errno.EIO, str(tmp_path))
            assert disk.look().health is FAILING
        assert disk.look().health is FAILING
        now += TOLD_FOR_S
        assert disk.look().health is WELL
        assert files(tmp_path) == []

    def test_media_on_a_failing_disk_are_read_after_all_others(
        self, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They are still there to be tried; those on the others are not kept waiting."""
        put(shelves.inner, DAWN)
        put(shelves.card, NOON)
        assert shelves.library.least_checked(Instant(1.0)) == DAWN
        sick(monkeypatch, "readv", errno.EIO, str(shelves.inner))
        with pytest.raises(DiskFailingError):
            shelves.library.is_right(DAWN, lambda: False)
        assert shelves.library.least_checked(Instant(1.0)) == NOON
        shelves.library.note_right(NOON, Instant(5.0))
        assert shelves.library.least_checked(Instant(1.0)) == DAWN

    def test_disk_that_does_not_tell_is_not_forgotten(
        self, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it has told before is still known of it when it does again."""
        put(shelves.card, NOON)
        shelves.library.note_right(NOON, Instant(5.0))
        ask, folders = os.stat, str(shelves.card)

        def fail(place: Path | str, *, follow_symlinks: bool = True) -> os.stat_result:
            if str(place).startswith(folders):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return ask(place, follow_symlinks=follow_symlinks)

        with monkeypatch.context() as patch:
            patch.setattr(media_disk.os, "stat", fail)
            assert not shelves.library.has(NOON, LENGTH)
            assert shelves.library.least_checked(Instant(9.0)) is None
            shelves.library.tidy()
        assert shelves.health() == [WELL, FAILING]
        assert shelves.library.checked_since(Instant(5.0)) == 1
        assert shelves.library.least_checked(Instant(9.0)) == NOON
