"""Images of USB sticks, made and read by the real tools."""

from pathlib import Path

import pytest

from tests.venue.faculties.stick_image import FileSystem, make_stick

FILES = {"easyplayer.toml": b"[hub]\n", "music/song one.mp3": b"\xff" * 3000}


@pytest.mark.parametrize("file_system", list(FileSystem))
def test_what_is_put_onto_a_stick_is_on_it(tmp_path: Path, file_system: FileSystem) -> None:
    """In a partition, as on sticks that are bought."""
    stick = make_stick(tmp_path / "stick.img", FILES, file_system, size_mib=40)
    assert stick.names() == sorted(FILES)
    for name, data in FILES.items():
        assert stick.read(name) == data
    assert stick.path.read_bytes()[510:512] == b"\x55\xaa"


@pytest.mark.parametrize("file_system", list(FileSystem))
def test_a_file_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, file_system: FileSystem
) -> None:
    """So that a failed story says what the box has written."""
    stick = make_stick(tmp_path / "stick.img", {"report.txt": b"all is well"}, file_system, size_mib=40)
    with pytest.raises(FileNotFoundError, match=r"no file other\.txt; it has report\.txt"):
        stick.read("other.txt")


def test_a_folder_and_a_file_of_this_host_may_be_put_onto_a_stick(tmp_path: Path) -> None:
    """Such as a bundle of the hub's."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "one").write_bytes(b"1")
    (tmp_path / "two").write_bytes(b"2")
    given = {"easyplayer": tmp_path / "bundle", "2.bin": tmp_path / "two"}
    stick = make_stick(tmp_path / "stick.img", given, size_mib=40)
    assert stick.names() == ["2.bin", "easyplayer/one"]


def test_an_empty_stick_is_empty(tmp_path: Path) -> None:
    """And is formatted all the same."""
    assert make_stick(tmp_path / "stick.img", {}, size_mib=40).names() == []
