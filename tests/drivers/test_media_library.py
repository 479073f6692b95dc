"""Media on a real disk: whole and right under their digest, or not there."""

import os
from pathlib import Path

import pytest

from easyplayer.drivers.media_library import Arrival, MediaLibrary, Space
from easyplayer.errors import StateError
from easyplayer.units import Instant
from tests.fakes.hub_media import content, digest_of

DATA = content("dawn", 1000)
SHA256 = digest_of(DATA)
ETAG = '"one"'
MIB = 1024 * 1024


@pytest.fixture
def library(tmp_path: Path) -> MediaLibrary:
    """Give an empty library."""
    return MediaLibrary(tmp_path / "media")


def bring(
    library: MediaLibrary, data: bytes = DATA, sha256: str = SHA256, upto: int | None = None
) -> Arrival:
    """Take in a medium, or its first bytes."""
    with library.draft(sha256, len(DATA)) as draft:
        assert draft.begin(draft.offset, ETAG)
        draft.write(data[draft.offset : upto])
        return draft.finish()


def files(library: MediaLibrary) -> list[str]:
    """Name all files of a library."""
    return sorted(path.name for path in library.folder.rglob("*") if path.is_file())


def test_medium_that_has_come_lies_under_its_digest(library: MediaLibrary) -> None:
    """And nothing of how it came is left."""
    assert bring(library) is Arrival.COMPLETE
    assert library.path(SHA256).read_bytes() == DATA
    assert library.path(SHA256).relative_to(library.folder).parts == (SHA256[:2], SHA256)
    assert files(library) == [SHA256]
    assert library.has(SHA256, len(DATA))
    assert not library.has(SHA256, len(DATA) + 1)
    assert [*library.digests()] == [SHA256]


def test_medium_is_not_there_before_all_of_it_is(library: MediaLibrary) -> None:
    """A part is another thing."""
    assert bring(library, upto=300) is Arrival.SHORT
    assert library.size_of(SHA256) is None
    assert library.part_bytes(SHA256) == 300


def test_part_is_gone_on_with_where_it_ended(library: MediaLibrary) -> None:
    """By another process, too: what the hub calls the content is kept beside it."""
    bring(library, upto=300)
    again = MediaLibrary(library.folder)
    with again.draft(SHA256, len(DATA)) as draft:
        assert (draft.offset, draft.etag) == (300, ETAG)
        assert draft.begin(300, ETAG)
        draft.write(DATA[300:])
        assert draft.finish() is Arrival.COMPLETE
    assert again.path(SHA256).read_bytes() == DATA


def test_hub_may_begin_from_the_start_after_all(library: MediaLibrary) -> None:
    """Where its content is another one by now."""
    bring(library, upto=300)
    with library.draft(SHA256, len(DATA)) as draft:
        assert draft.begin(0, '"two"')
        assert draft.offset == 0
        draft.write(DATA)
        assert draft.finish() is Arrival.COMPLETE


def test_part_that_nothing_can_be_joined_to_is_said_so(library: MediaLibrary) -> None:
    """The hub sends from where nobody asked."""
    bring(library, upto=300)
    with library.draft(SHA256, len(DATA)) as draft:
        assert not draft.begin(200, ETAG)


@pytest.mark.parametrize(
    "data", [b"x" * len(DATA), DATA + b"!", DATA[:-1] + b"!"], ids=["other", "longer", "last byte"]
)
def test_wrong_content_is_thrown_away(library: MediaLibrary, data: bytes) -> None:
    """To the byte."""
    assert bring(library, data) is Arrival.WRONG
    assert files(library) == []


def test_part_of_which_nobody_knows_what_it_is_is_begun_anew(library: MediaLibrary) -> None:
    """A power cut may take the small file beside it; and one that is too long is none."""
    bring(library, upto=300)
    (library.path(SHA256).with_name(f"{SHA256}.etag")).unlink()
    with library.draft(SHA256, len(DATA)) as draft:
        assert draft.offset == 0


def test_torn_part_is_found_out_by_its_digest(library: MediaLibrary) -> None:
    """A power cut may leave zeros where bytes had been written."""
    bring(library, upto=300)
    part = library.path(SHA256).with_name(f"{SHA256}.part")
    part.write_bytes(DATA[:200] + bytes(100))
    assert bring(library) is Arrival.WRONG
    assert bring(library) is Arrival.COMPLETE


def test_medium_is_synced_before_it_gets_its_name(
    library: MediaLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its name is, before anybody relies on it."""
    library.space()  # makes the folder
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(handle: int) -> None:
        steps.append("sync " + ("folder" if Path(f"/proc/self/fd/{handle}").is_dir() else "file"))
        sync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    bring(library)
    assert steps == ["sync file", "rename", "sync folder", "sync folder"]


def test_thorough_look_finds_one_wrong_byte(library: MediaLibrary) -> None:
    """Of a disk that rots; one that is stopped says nothing against a medium."""
    bring(library)
    assert library.is_right(SHA256, lambda: False)
    library.path(SHA256).write_bytes(DATA[:-1] + b"!")
    assert not library.is_right(SHA256, lambda: False)
    assert library.is_right(SHA256, lambda: True)
    library.remove(SHA256)
    assert not library.is_right(SHA256, lambda: False)
    assert files(library) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_name_that_is_no_digest_leads_nowhere(library: MediaLibrary, name: str) -> None:
    """Whatever a hub sends."""
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        library.path(name)


def test_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """With the way out."""
    (tmp_path / "media").write_text("a file in the way", encoding="utf-8")
    library = MediaLibrary(tmp_path / "media")
    with pytest.raises(StateError, match="free space, or check the disk"):
        bring(library)
    with pytest.raises(StateError):
        library.space()


@pytest.mark.parametrize(
    ("free", "total", "room"),
    [(300, 1000, 44), (256, 1000, 0), (10, 1000, 0), (3000, 100_000, 1000)],
    ids=["small disk", "nothing left", "less than nothing", "large disk"],
)
def test_some_room_is_left_to_others(free: int, total: int, room: int) -> None:
    """256 MiB, or 2 % of a large disk."""
    assert Space(free=free * MIB, total=total * MIB).room == room * MIB


def test_library_knows_since_when_a_medium_is_kept(library: MediaLibrary) -> None:
    """For what no program names any more."""
    bring(library)
    library.keep_from(SHA256, Instant(1_000_000.0))
    assert library.kept_from(SHA256) == 1_000_000.0
    library.keep_from("0" * 64, Instant(5.0))
    assert library.kept_from("0" * 64) == 0.0


def test_leftovers_are_taken_away_and_parts_are_not(library: MediaLibrary) -> None:
    """The power went between a medium's name and the end of its small file."""
    bring(library)
    library.path(SHA256).with_name(f"{SHA256}.etag").write_text(ETAG, encoding="utf-8")
    other = digest_of(b"other")
    with library.draft(other, 100) as draft:
        draft.begin(0, ETAG)
        draft.write(b"ot")
    library.tidy()
    assert files(library) == sorted([SHA256, f"{other}.part", f"{other}.etag"])
