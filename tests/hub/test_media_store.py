"""The media store: the same promises, whether it is a folder or speaks S3."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.errors import NotFoundError, SettingsError, UnavailableError
from easyplayer.hub.media_store import PIECE_BYTES, MediaStore
from tests.hub import s3

KEY = "media/0f"
CONTENT = bytes(range(256)) * 12_000


@pytest.fixture(name="s3", scope="module")
def _s3() -> Iterator[str]:
    """Run an S3 server on this machine; gives its URL."""
    with s3.server() as url:
        yield url


@pytest.fixture(name="store", params=["folder", pytest.param("s3", marks=pytest.mark.process)])
def _store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaStore:
    """Open a store that is empty."""
    if request.param == "folder":
        return MediaStore(str(tmp_path / "media"))
    s3.name_in_environment(monkeypatch, request.getfixturevalue("s3"))
    return MediaStore(f"s3://{s3.BUCKET}/{request.node.name}")


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "dawn.flac"
    path.write_bytes(CONTENT)
    return path


def test_what_is_put_can_be_read(store: MediaStore, file: Path) -> None:
    """Whole, in pieces that fit in memory."""
    store.put(KEY, file)

    pieces = [*store.read(KEY, 0, len(CONTENT))]

    assert b"".join(pieces) == CONTENT
    assert store.size(KEY) == len(CONTENT)
    assert len(pieces) > 1


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1000, 2000), (len(CONTENT) - 1, len(CONTENT)), (5, 5)])
def test_a_part_can_be_read(store: MediaStore, file: Path, start: int, end: int) -> None:
    """The end is the first byte that does not come."""
    store.put(KEY, file)

    assert b"".join(store.read(KEY, start, end)) == CONTENT[start:end]


def test_putting_again_replaces(store: MediaStore, file: Path) -> None:
    """An upload may be repeated."""
    store.put(KEY, file)
    file.write_bytes(b"new")
    store.put(KEY, file)

    assert b"".join(store.read(KEY, 0, 3)) == b"new"
    assert store.size(KEY) == 3


def test_what_is_not_there_is_told(store: MediaStore) -> None:
    """Reading fails, its size is nothing, and deleting does not mind."""
    assert store.size(KEY) is None
    store.delete(KEY)
    with pytest.raises(NotFoundError, match=KEY):
        b"".join(store.read(KEY, 0, 1))


def test_what_is_deleted_is_gone(store: MediaStore, file: Path) -> None:
    """And nothing else is."""
    store.put(KEY, file)
    store.put("media/1e", file)

    store.delete(KEY)

    assert (store.size(KEY), store.size("media/1e")) == (None, len(CONTENT))


def test_a_folder_has_files(tmp_path: Path, file: Path) -> None:
    """So that they are analysed where they lie."""
    store = MediaStore(str(tmp_path / "media"))
    store.put(KEY, file)
    path = store.path(KEY)

    assert path is not None
    assert path.read_bytes() == CONTENT


def test_nothing_half_is_left(tmp_path: Path) -> None:
    """Where the source fails, there is no content of that name, and no rest of it."""
    store = MediaStore(str(tmp_path / "media"))

    with pytest.raises((UnavailableError, NotFoundError)):
        store.put(KEY, tmp_path / "missing")

    assert store.size(KEY) is None
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


def test_a_store_that_does_not_answer_is_told_without_its_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Who asks is told to try again; the log says what was wrong."""
    place = tmp_path / "media"
    store = MediaStore(str(place))
    (place / "media").write_text("in the way")

    with pytest.raises(UnavailableError) as told:
        b"".join(store.read(KEY, 0, 1))

    assert str(place) not in str(told.value)
    assert str(place) in caplog.text


@pytest.mark.parametrize("place", ["s3://", "/proc/nowhere"])
def test_a_place_that_is_none_is_told(place: str) -> None:
    """When the hub starts, and not at the first upload."""
    with pytest.raises(SettingsError, match="media"):
        MediaStore(place)


def test_pieces_are_bounded(tmp_path: Path) -> None:
    """However long the content is."""
    store, file = MediaStore(str(tmp_path / "media")), tmp_path / "long"
    file.write_bytes(os.urandom(3 * PIECE_BYTES + 1))
    store.put(KEY, file)

    assert [len(piece) for piece in store.read(KEY, 0, 3 * PIECE_BYTES + 1)] == [*[PIECE_BYTES] * 3, 1]
