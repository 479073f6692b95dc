"""The files of a bundle on a stick, whatever else may be there.

Nobody knows who has had the stick in hand.  So no link is followed, nothing but an ordinary file is opened,
and no more is read than was asked for.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from easyplayer.errors import BundleError, DeviceError
from easyplayer.protocol.bundle import (
    BUNDLE_FILE,
    MOST_BUNDLE_BYTES,
    REPORTS,
    medium_path,
    program_path,
)

CHUNK_BYTES = 1024 * 1024
MAKE_ANEW = "make the stick anew"
REPORT_DRAFT = ".report.part"
"""What a report is called as long as it is not whole."""

ROOM_BESIDE_BYTES = 1024 * 1024
"""So much of a stick is left free beside a report."""

_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENAMETOOLONG, errno.EACCES}
"""What the system says of a file that is missing, and of what is no file to be read."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_TO_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TO_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class BundleFolder:
    """The bundle in a folder.

    Every method may wait for the stick, and raises ``DeviceError`` where that gives errors: it may have been
    pulled.

    :param top: the stick's top folder.
    :param chunk_bytes: how much of a medium is read at once.
    """

    def __init__(self, top: Path, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._top = top
        self._chunk_bytes = chunk_bytes

    def bundle(self) -> bytes | None:
        """Read what the bundle says of itself; ``None`` where there is none.

        :raises BundleError: it is too long to be one.
        """
        try:
            with self._opened(BUNDLE_FILE) as (file, size):
                if size > MOST_BUNDLE_BYTES:
                    message = (
                        f"{BUNDLE_FILE} has {size} bytes, and {MOST_BUNDLE_BYTES} are the most: {MAKE_ANEW}"
                    )
                    raise BundleError(message)
                return self.read(file, MOST_BUNDLE_BYTES)
        except FileNotFoundError:
            return None

    def program(self, digest: str, size: int) -> bytes:
        """Read a program's file.

        :raises BundleError: it is not there, or has another length.
        """
        path = program_path(digest)
        try:
            with self._opened(path) as (file, there):
                if there != size:
                    message = f"{path} has {there} bytes, and should have {size}: {MAKE_ANEW}"
                    raise BundleError(message)
                return self.read(file, size)
        except FileNotFoundError as error:
            message = f"{path} is missing: {MAKE_ANEW}"
            raise BundleError(message) from error

    def medium_size(self, sha256: str) -> int | None:
        """Tell how long a medium is; ``None`` where it is not there."""
        path = medium_path(sha256)
        try:
            with _telling(), _folder(self._top, path.parent) as folder:
                return _look(os.stat(path.name, dir_fd=folder, follow_symlinks=False)).st_size
        except FileNotFoundError:
            return None

    def medium(self, sha256: str, offset: int, size: int) -> Iterator[bytes]:
        """Read a medium from an offset on, chunk by chunk, up to the length that it should have.

        What has been read does not stay in the machine's memory, where it would take the place of the music.

        :raises FileNotFoundError: it is not there.
        """
        with self._opened(medium_path(sha256)) as (file, _):
            file.seek(offset)
            while offset < size and (chunk := self.read(file, min(self._chunk_bytes, size - offset))):
                offset += len(chunk)
                os.posix_fadvise(file.fileno(), 0, offset, os.POSIX_FADV_DONTNEED)
                yield chunk

    def read(self, file: BinaryIO, most: int) -> bytes:
        """Read some bytes of a file that is open."""
        with _telling():
            return file.read(most)

    @contextmanager
    def _opened(self, path: PurePosixPath) -> Iterator[tuple[BinaryIO, int]]:
        """Open an ordinary file, and give it with its length; what is none counts as missing."""
        with _telling():
            with _folder(self._top, path.parent) as folder:
                _look(os.stat(path.name, dir_fd=folder, follow_symlinks=False))
                file = os.fdopen(os.open(path.name, _TO_READ, dir_fd=folder), "rb")
            with file:
                yield file, _look(os.fstat(file.fileno())).st_size


def leave_report(top: Path, stem: str, length: int, write: Callable[[BinaryIO], None]) -> str:
    """Write a report to a stick, under its name when all of it is there; tell that name.

    :param top: the stick's top folder.
    :param stem: its name without the ending; where there is one of that name, it is given a number.
    :param length: about how long it will be, in bytes.
    :param write: writes it.
    :raises DeviceError: the stick does not take it, or has no room.
    """
    with _telling_all(), _folder(top, REPORTS, make=True) as folder:
        disk = os.fstatvfs(folder)
        if disk.f_bavail * disk.f_frsize < length + ROOM_BESIDE_BYTES:
            message = f"there is no room on the stick: {length + ROOM_BESIDE_BYTES} bytes are needed"
            raise DeviceError(message)
        _unlink(folder)
        try:
            with os.fdopen(os.open(REPORT_DRAFT, _TO_WRITE, 0o644, dir_fd=folder), "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            name = _free_name(folder, stem)
            os.rename(REPORT_DRAFT, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        except BaseException:
            _unlink(folder)
            raise
    return name


@contextmanager
def _folder(top: Path, path: PurePosixPath, *, make: bool = False) -> Iterator[int]:
    """Open a folder below another one, step by step, so that no link leads out of that."""
    handle = os.open(top, _FOLDER)
    try:
        for name in path.parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=handle)
            below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _look(found: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(errno.ENOENT, "no ordinary file")
    return found


def _free_name(folder: int, stem: str) -> str:
    there = set(os.listdir(folder))
    return next(
        name for number in count(1) if (name := f"{stem}{f'_{number}' * (number > 1)}.age") not in there
    )


def _unlink(folder: int) -> None:
    with suppress(OSError):
        os.unlink(REPORT_DRAFT, dir_fd=folder)


@contextmanager
def _telling() -> Iterator[None]:
    """Tell what is missing from what is broken."""
    try:
        yield
    except OSError as error:
        if error.errno in _NOT_THERE:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
        message = f"the stick gives errors ({error.strerror})"
        raise DeviceError(message) from error


@contextmanager
def _telling_all() -> Iterator[None]:
    """Tell what keeps a stick from taking something."""
    try:
        yield
    except OSError as error:
        message = f"{REPORTS} cannot be written ({error.strerror}): take another stick, or format this one"
        raise DeviceError(message) from error
