"""A folder that anybody may have filled: nothing but ordinary files in their places is read."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from easyplayer.drivers.bundle_folder import REPORT_DRAFT, BundleFolder, leave_report
from easyplayer.errors import BundleError, DeviceError
from easyplayer.protocol.bundle import BUNDLE_FILE, MOST_BUNDLE_BYTES, medium_path, program_path

DIGEST = "ab" * 32
SECRET = b"what nobody is to read"


@pytest.fixture(name="top")
def _top(tmp_path: Path) -> Path:
    """Give a stick with nothing on it."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def put(top: Path, path: object, data: bytes) -> Path:
    """Lay a file down."""
    file = top / str(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def linked(file: Path) -> None:
    """Put a link in place of a file."""
    secret = file.parent.parent / "secret"
    secret.write_bytes(SECRET)
    file.symlink_to(secret)


def folder_linked(file: Path) -> None:
    """Put a link in place of the file's folder."""
    file.parent.rename(file.parent.with_name("elsewhere"))
    file.parent.symlink_to(file.parent.with_name("elsewhere"))
    (file.parent / file.name).write_bytes(SECRET)


def piped(file: Path) -> None:
    """Put a pipe there, which would be waited at for ever."""
    os.mkfifo(file)


def plugged(file: Path) -> None:
    """Put a socket there."""
    with socket.socket(socket.AF_UNIX) as end:
        here = os.open(".", os.O_RDONLY)
        os.chdir(file.parent)
        try:
            end.bind(file.name)
        finally:
            os.fchdir(here)
            os.close(here)


class TestReading:
    """What a bundle consists of."""

    def test_what_is_there_is_read(self, top: Path) -> None:
        """The bundle, a program, and a medium from where it was left."""
        put(top, BUNDLE_FILE, b"bundle")
        put(top, program_path(DIGEST), b"program")
        put(top, medium_path(DIGEST), b"0123456789")
        folder = BundleFolder(top, 4)
        assert folder.bundle() == b"bundle"
        assert folder.program(DIGEST, 7) == b"program"
        assert folder.medium_size(DIGEST) == 10
        assert [*folder.medium(DIGEST, 3, 10)] == [b"3456", b"789"]

    def test_no_more_is_read_than_there_should_be(self, top: Path) -> None:
        """A file that is too long says so by its length alone."""
        put(top, medium_path(DIGEST), b"0123456789")
        assert b"".join(BundleFolder(top, 4).medium(DIGEST, 0, 6)) == b"012345"

    def test_what_is_missing_is_missing(self, top: Path) -> None:
        """On an empty stick, and where there is none at all."""
        for folder in (BundleFolder(top), BundleFolder(top / "nowhere")):
            assert folder.bundle() is None
            assert folder.medium_size(DIGEST) is None
            with pytest.raises(BundleError, match="is missing"):
                folder.program(DIGEST, 7)
            with pytest.raises(FileNotFoundError):
                next(folder.medium(DIGEST, 0, 1))

    @pytest.mark.parametrize(
        "spoil", [Path.mkdir, linked, folder_linked, piped, plugged], ids=lambda one: one.__name__
    )
    def test_what_is_no_ordinary_file_counts_as_missing(
        self, top: Path, spoil: Callable[[Path], None]
    ) -> None:
        """Nobody waits for it, and no link leads out of the folder."""
        for path in (BUNDLE_FILE, program_path(DIGEST), medium_path(DIGEST)):
            put(top, path, SECRET).unlink()
            spoil(top / path)
        folder = BundleFolder(top)
        assert folder.bundle() is None
        assert folder.medium_size(DIGEST) is None
        with pytest.raises(BundleError):
            folder.program(DIGEST, len(SECRET))
        with pytest.raises(FileNotFoundError):
            next(folder.medium(DIGEST, 0, 1))

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root makes device nodes")
    def test_device_node_is_not_opened(self, top: Path) -> None:
        """That alone may do something."""
        file = put(top, BUNDLE_FILE, b"")
        file.unlink()
        os.mknod(file, 0o600 | 0o020000, os.makedev(1, 5))
        assert BundleFolder(top).bundle() is None

    def test_bundle_that_is_too_long_is_refused_unread(self, top: Path) -> None:
        """It takes no room on the disk, and would take it in the memory."""
        os.truncate(put(top, BUNDLE_FILE, b""), MOST_BUNDLE_BYTES + 1)
        with pytest.raises(BundleError, match="are the most"):
            BundleFolder(top).bundle()

    def test_program_of_another_length_is_refused_unread(self, top: Path) -> None:
        """Its head says how long it is."""
        os.truncate(put(top, program_path(DIGEST), b""), 1 << 40)
        with pytest.raises(BundleError, match="should have 7"):
            BundleFolder(top).program(DIGEST, 7)

    def test_stick_that_gives_errors_is_told_apart(self) -> None:
        """A process's memory cannot be read at 0, which is as good as a broken stick."""
        folder = BundleFolder(Path("/nowhere"))
        with Path("/proc/self/mem").open("rb") as broken, pytest.raises(DeviceError, match="gives errors"):
            folder.read(broken, 1)


class TestReports:
    """What is left on a stick."""

    def test_report_gets_its_name_when_it_is_whole(self, top: Path) -> None:
        """A second one of that name is given a number, and stands behind it in the list."""
        reports = top / "easyplayer/reports"

        def write(file: BinaryIO) -> None:
            assert REPORT_DRAFT in {path.name for path in reports.iterdir()}
            file.write(b"report")

        assert [leave_report(top, "box-1", 6, write) for _ in range(3)] == [
            "box-1.age",
            "box-1_2.age",
            "box-1_3.age",
        ]
        assert {path.read_bytes() for path in reports.iterdir()} == {b"report"}

    def test_what_fails_leaves_nothing(self, top: Path) -> None:
        """Neither half a report nor its draft; what a pulled stick has left goes the next time."""
        left = put(top, f"easyplayer/reports/{REPORT_DRAFT}", b"of the last time")

        def fail(_file: BinaryIO) -> None:
            assert left.read_bytes() == b""
            raise OSError(5, "Input/output error")

        with pytest.raises(DeviceError, match="Input/output error"):
            leave_report(top, "box-1", 6, fail)
        assert [*left.parent.iterdir()] == []

    def test_report_is_not_begun_without_room(self, top: Path) -> None:
        """It says how much it wants."""
        with pytest.raises(DeviceError, match="no room on the stick"):
            leave_report(top, "box-1", 1 << 60, lambda _file: None)

    def test_report_does_not_follow_a_link(self, top: Path, tmp_path: Path) -> None:
        """Who prepares a stick does not choose where on the box is written."""
        (tmp_path / "elsewhere").mkdir()
        (top / "easyplayer").mkdir()
        (top / "easyplayer/reports").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(DeviceError, match="cannot be written"):
            leave_report(top, "box-1", 6, lambda file: file.write(b"report") and None)
        assert [*(tmp_path / "elsewhere").iterdir()] == []

    def test_stick_that_is_gone_takes_nothing(self, top: Path) -> None:
        """Nor is its folder made anew, on the box's own disk."""
        top.rmdir()
        with pytest.raises(DeviceError, match="cannot be written"):
            leave_report(top, "box-1", 6, lambda _file: None)
        assert not top.exists()
