"""Media on the disk, each under the digest of its content.

::

    media/ab/abcdef…          a medium: complete, verified, and on the disk for good
    media/ab/abcdef….part     one that is on its way
    media/ab/abcdef….etag     what the hub calls the content of that part

What is under its digest is right, or the disk is broken: a medium gets that name in one step, when all of
it has been read, hashed and synced.  A file's time of change is the instant from which it is kept for a
while although no program names it.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from easyplayer.drivers.state_file import sync_directory
from easyplayer.errors import StateError
from easyplayer.units import Instant

KEPT_FREE_BYTES = 256 * 1024 * 1024
KEPT_FREE_SHARE = 0.02
"""So much of a disk is left to others; the larger of the two counts."""
READ_BYTES = 1024 * 1024

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDER_LETTERS = 2
_PART, _ETAG = ".part", ".etag"


class Space(Struct, frozen=True, kw_only=True):
    """What there is room for on a disk.

    :ivar free: bytes that nobody uses.
    :ivar total: all bytes of the disk.
    """

    free: int
    total: int

    @property
    def room(self) -> int:
        """How many bytes media may still take.

        >>> Space(free=300 * 1024 * 1024, total=1024**3).room == 44 * 1024 * 1024
        True
        """
        return max(self.free - max(KEPT_FREE_BYTES, int(self.total * KEPT_FREE_SHARE)), 0)


class Arrival(Enum):
    """What has become of a draft."""

    COMPLETE = "complete"
    SHORT = "short"
    """There is more to come."""
    WRONG = "wrong"
    """It is not what it should be, and has been thrown away."""


class MediaLibrary:
    """The media of a box.

    Every method may wait for the disk, and raises ``StateError`` where the disk does not do it.

    :param folder: where they are; made when the first one comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Tell where a medium is, or would be.

        :raises ValueError: this is no digest.
        """
        if not is_digest(sha256):
            message = f"{sha256[:80]!r} is no SHA-256 digest: write 64 lower-case hexadecimal digits"
            raise ValueError(message)
        return self.folder / sha256[:_FOLDER_LETTERS] / sha256

    def size_of(self, sha256: str) -> int | None:
        """Tell how long a medium is; ``None`` where it is not there."""
        return _size(self.path(sha256))

    def has(self, sha256: str, size: int) -> bool:
        """Tell whether a medium is there, in its full length."""
        return self.size_of(sha256) == size

    def part_bytes(self, sha256: str) -> int:
        """Tell how much of a medium has come that is on its way."""
        return _size(_beside(self.path(sha256), _PART)) or 0

    def digests(self) -> Iterator[str]:
        """Give the digests of all media that are there, and of those on their way."""
        names = {path.name.removesuffix(_PART) for path in self.folder.glob("??/*")}
        yield from sorted(name for name in names if is_digest(name))

    def space(self) -> Space:
        """Look how much room there is."""
        with _telling(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            usage = shutil.disk_usage(self.folder)
        return Space(free=usage.free, total=usage.total)

    def draft(self, sha256: str, size: int) -> "Draft":
        """Begin to take a medium in, or go on where that was broken off."""
        return Draft(self.path(sha256), sha256, size)

    def is_right(self, sha256: str, stopped: Callable[[], bool]) -> bool:
        """Read a medium and tell whether it is what it should be; what is stopped is not found wrong."""
        digest = hashlib.sha256()
        try:
            with self.path(sha256).open("rb") as file:
                while not stopped() and (chunk := file.read(READ_BYTES)):
                    digest.update(chunk)
        except OSError:
            return False
        return stopped() or digest.hexdigest() == sha256

    def remove(self, sha256: str) -> None:
        """Throw a medium away, and what is on its way of it."""
        path = self.path(sha256)
        with _telling(path):
            for one in (path, _beside(path, _PART), _beside(path, _ETAG)):
                one.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Take away what a power cut has left beside a medium that had just been completed."""
        with _telling(self.folder):
            for path in self.folder.glob(f"??/*{_ETAG}"):
                if not path.with_suffix(_PART).exists():
                    path.unlink(missing_ok=True)

    def keep_from(self, sha256: str, instant: Instant) -> None:
        """Note from when on a medium is kept for a while although no program names it."""
        with _telling(self.folder), suppress(FileNotFoundError):
            os.utime(self.path(sha256), (instant, instant))

    def kept_from(self, sha256: str) -> Instant:
        """Tell since when a medium, or a part of it, is kept."""
        path = self.path(sha256)
        for one in (path, _beside(path, _PART)):
            with suppress(OSError):
                return Instant(one.stat().st_mtime)
        return Instant(0.0)


class Draft:
    """A medium on its way to the disk, held open in a ``with`` block.

    :ivar offset: how much of it is there, in bytes.
    :ivar etag: what the hub calls the content that this is a part of.
    """

    def __init__(self, path: Path, sha256: str, size: int) -> None:
        self.offset = 0
        self.etag = ""
        self._path = path
        self._part, self._etag_file = _beside(path, _PART), _beside(path, _ETAG)
        self._sha256 = sha256
        self._size = size
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        with _telling(self._part):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b")
            self._read_what_is_there()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk has told so already
            self._file.close()

    @property
    def too_long(self) -> bool:
        """Whether more has come than belongs to it."""
        return self.offset > self._size

    def begin(self, offset: int, etag: str) -> bool:
        """Learn from where on the hub sends; ``False`` where that cannot be joined to what is there."""
        if offset not in {0, self.offset}:
            return False
        with _telling(self._part):
            if offset == 0:
                self._begin_anew()
            if etag != self.etag:
                self._etag_file.write_text(etag, encoding="utf-8")
        self.etag = etag
        return True

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        with _telling(self._part):
            self._file.write(chunk)
        self._hash.update(chunk)
        self.offset += len(chunk)

    def finish(self) -> Arrival:
        """Give the medium its name if it is complete and right."""
        if self.offset < self._size:
            return Arrival.SHORT
        if self.too_long or self._hash.hexdigest() != self._sha256:
            self.discard()
            return Arrival.WRONG
        with _telling(self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._part.replace(self._path)
            sync_directory(self._path.parent)
            sync_directory(self._path.parent.parent)
            self._etag_file.unlink(missing_ok=True)
        return Arrival.COMPLETE

    def discard(self) -> None:
        """Throw away what has come."""
        with _telling(self._part):
            self._begin_anew()
            for one in (self._part, self._etag_file):
                one.unlink(missing_ok=True)

    def _read_what_is_there(self) -> None:
        """Hash what came before; where nobody knows what it is a part of, begin anew."""
        with suppress(OSError, UnicodeDecodeError):
            self.etag = self._etag_file.read_text(encoding="utf-8")
        if not self.etag or os.fstat(self._file.fileno()).st_size > self._size:
            self._begin_anew()
        while chunk := self._file.read(READ_BYTES):
            self._hash.update(chunk)
            self.offset += len(chunk)

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.offset = 0


def is_digest(text: str) -> bool:
    """Tell whether a text is a SHA-256 digest as it is written here."""
    return _DIGEST.fullmatch(text) is not None


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): free space, or check the disk"
        raise StateError(message) from error
