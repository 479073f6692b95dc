"""A medium on its way: one at a time brings it, and nothing of it is lost with who did."""

import os
from pathlib import Path

import pytest

from easyplayer.drivers.media_library import Arrival, MediaLibrary
from easyplayer.errors import MediumBusyError
from tests.drivers.media import DATA, DAWN, ETAG, LENGTH, NOON, bring, files


@pytest.fixture
def library(tmp_path: Path) -> MediaLibrary:
    """Give an empty library."""
    return MediaLibrary(tmp_path / "media")


def test_one_at_a_time_brings_a_medium(library: MediaLibrary) -> None:
    """Another thread, or process, is told to come back; other media are free."""
    other = MediaLibrary(library.folder)
    with library.draft(DAWN, LENGTH) as draft:
        draft.begin(0, ETAG)
        draft.write(DATA[DAWN][:500])
        with pytest.raises(MediumBusyError, match="somebody else"), other.draft(DAWN, LENGTH):
            pass
        assert bring(other, NOON) is Arrival.COMPLETE
    with other.draft(DAWN, LENGTH) as draft:
        assert draft.offset == 500


def test_medium_that_is_there_is_not_brought_again(library: MediaLibrary) -> None:
    """Somebody else was quicker; one of another length is replaced."""
    bring(library)
    with pytest.raises(MediumBusyError, match="there already"):
        library.draft(DAWN, LENGTH)
    library.path(DAWN).write_bytes(b"torn")
    assert bring(library) is Arrival.COMPLETE
    assert library.path(DAWN).read_bytes() == DATA[DAWN]


@pytest.mark.parametrize("ending", ["", ".part"], ids=["has come", "was begun anew"])
def test_part_that_changes_hands_between_two_steps_is_left_alone(
    library: MediaLibrary, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Between opening a part and holding it, who held it before may have ended with it."""
    bring(library, upto=300)
    late = library.draft(DAWN, LENGTH)
    take = os.open

    def overtaken(path: Path, *rest: int) -> int:
        handle = take(path, *rest)
        monkeypatch.undo()
        if ending:
            Path(path).unlink()
        else:
            assert bring(MediaLibrary(library.folder)) is Arrival.COMPLETE
        return handle

    monkeypatch.setattr(os, "open", overtaken)
    with pytest.raises(MediumBusyError, match="look again"), late:
        pass
    assert library.has(DAWN, LENGTH) is not bool(ending)
    assert f"{DAWN}.part" not in files(library.folder)


def test_medium_that_came_before_its_part_was_opened_is_not_begun_again(library: MediaLibrary) -> None:
    """Nothing is fetched twice."""
    late = library.draft(DAWN, LENGTH)
    bring(library)
    with pytest.raises(MediumBusyError, match="has just come"), late:
        pass
    assert files(library.folder) == [DAWN]


def test_part_that_somebody_brings_is_not_taken_away(library: MediaLibrary) -> None:
    """Only who brings it may throw it away."""
    with library.draft(DAWN, LENGTH) as draft:
        draft.begin(0, ETAG)
        draft.write(DATA[DAWN])
        library.remove(DAWN)
        library.tidy()
        assert draft.finish() is Arrival.COMPLETE
    assert library.is_right(DAWN, lambda: False)


def test_part_is_held_on_another_disk_too(tmp_path: Path) -> None:
    """Two disks, and two that bring it: it comes once."""
    (tmp_path / "card").mkdir()
    library = MediaLibrary(tmp_path / "media", [tmp_path / "card"])
    single = MediaLibrary(tmp_path / "card")
    begun = library.draft(DAWN, LENGTH)
    with single.draft(DAWN, LENGTH) as draft:
        draft.begin(0, ETAG)
        draft.write(DATA[DAWN][:10])
        with pytest.raises(MediumBusyError), begun:
            pass
    assert bring(library) is Arrival.COMPLETE
    assert library.disk_of(DAWN) == str(tmp_path / "card")


def test_parts_of_media_that_are_there_are_tidied_away(library: MediaLibrary) -> None:
    """A disk that was pulled out brings them back."""
    bring(library, upto=10)
    library.path(DAWN).write_bytes(DATA[DAWN])
    library.tidy()
    assert files(library.folder) == [DAWN]


def test_short_writes_are_gone_on_with(library: MediaLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may take less at a time than it is given."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, bytes(data)[:7]))
    assert bring(library) is Arrival.COMPLETE
    assert library.path(DAWN).read_bytes() == DATA[DAWN]


def test_what_was_written_is_there_at_once(library: MediaLibrary) -> None:
    """Nothing of it waits in a process that may be killed."""
    with library.draft(DAWN, LENGTH) as draft:
        draft.begin(0, ETAG)
        draft.write(DATA[DAWN][:10])
        assert library.part_bytes(DAWN) == 10


def test_medium_of_no_bytes_is_one(library: MediaLibrary) -> None:
    """It is complete before anything has come."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with library.draft(empty, 0) as draft:
        assert draft.finish() is Arrival.COMPLETE
    assert library.has(empty, 0)
