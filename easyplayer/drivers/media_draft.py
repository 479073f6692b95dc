"""A medium on its way to a disk: what has come of it, and what it becomes.

Whoever brings it holds a lock on its part, which the system lets go of when that process ends, however it
ends.  Nothing of it is kept in memory: what was written before a process is killed is there for the next.
"""

import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from easyplayer.drivers.media_disk import MediaDisk
from easyplayer.drivers.side_hash import SideHash
from easyplayer.drivers.state_file import sync_directory
from easyplayer.errors import MediumBusyError, StateError

READ_BYTES = 256 * 1024


class Arrival(Enum):
    """What has become of a draft."""

    COMPLETE = "complete"
    SHORT = "short"
    """There is more to come."""
    WRONG = "wrong"
    """It is not what it should be, and has been thrown away."""


class Draft:
    """A medium on its way to the disk, held open in a ``with`` block.

    To enter it raises ``MediumBusyError`` where somebody else is bringing that medium, and what is wrong
    with the first disk where none takes it.

    :param disks: those that it may come to, the best first; never none.
    :param others: all further disks: a part that was begun there is worth nothing any more.
    :param arrived: told the disk and the digest when the medium is there.
    :ivar offset: how much of it is there, in bytes.
    :ivar etag: what the hub calls the content that this is a part of.
    """

    def __init__(
        self,
        disks: Sequence[MediaDisk],
        others: Sequence[MediaDisk],
        sha256: str,
        size: int,
        arrived: Callable[[MediaDisk, str], None],
    ) -> None:
        self.offset = 0
        self.etag = ""
        self._disks = disks
        self._others = others
        self._sha256 = sha256
        self._size = size
        self._arrived = arrived
        self._hash = SideHash()
        self._handle = -1

    def __enter__(self) -> Self:
        refusals: list[StateError] = []
        for disk in self._disks:
            try:
                self._open_on(disk)
            except MediumBusyError:
                raise
            except StateError as error:
                refusals.append(error)
            else:
                return self
        raise refusals[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    @property
    def too_long(self) -> bool:
        """Whether more has come than belongs to it."""
        return self.offset > self._size

    def begin(self, offset: int, etag: str) -> bool:
        """Learn from where on the hub sends; ``False`` where that cannot be joined to what is there."""
        if offset not in {0, self.offset}:
            return False
        with self._disk.telling(self._part):
            if offset == 0:
                self._begin_anew()
            if etag != self.etag:
                self._etag_file.write_text(etag, encoding="utf-8")
        self.etag = etag
        return True

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        with self._disk.telling(self._part):
            written = os.write(self._handle, chunk)
            while written < len(chunk):
                written += os.write(self._handle, memoryview(chunk)[written:])
        self._hash.update(chunk)
        self.offset += len(chunk)

    def finish(self) -> Arrival:
        """Give the medium its name if it is complete and right."""
        if self.offset < self._size:
            return Arrival.SHORT
        if self.too_long or self._hash.hexdigest() != self._sha256:
            self.discard()
            return Arrival.WRONG
        with self._disk.telling(self._path):
            self._sync()
            self._part.replace(self._path)
            sync_directory(self._path.parent)
            sync_directory(self._path.parent.parent)
            self._etag_file.unlink(missing_ok=True)
        self._disk.note_written()
        self._arrived(self._disk, self._sha256)
        return Arrival.COMPLETE

    def discard(self) -> None:
        """Throw away what has come."""
        with self._disk.telling(self._part):
            self._begin_anew()
            self._throw_away()

    # -- the part ------------------------------------------------------------------------------

    def _open_on(self, disk: MediaDisk) -> None:
        """Take hold of the part on a disk, and read what came before."""
        self._disk = disk
        self._path, self._part, self._etag_file = (
            disk.path(self._sha256),
            disk.part(self._sha256),
            disk.etag(self._sha256),
        )
        try:
            with disk.telling(self._part):
                self._path.parent.mkdir(exist_ok=True)
                self._handle = hold(self._part)
                self._check_that_it_is_still_to_come()
                self._read_what_is_there()
            for other in (*self._disks, *self._others):
                if other is not disk:
                    throw_part_away(other, self._sha256)
        except BaseException:
            self._let_go()
            raise

    def _check_that_it_is_still_to_come(self) -> None:
        """Somebody else may have given it its name between two steps of ours."""
        mine = os.fstat(self._handle)
        try:
            same = os.path.samestat(mine, self._part.stat())
        except FileNotFoundError:
            same = False
        if same and _is_file_of(self._path, self._size):
            self._throw_away()
            same = False
        if not same:
            message = f"medium {self._sha256[:12]}… has just come, or was begun anew: look again"
            raise MediumBusyError(message)

    def _read_what_is_there(self) -> None:
        """Hash what came before; where nobody knows what it is a part of, begin anew."""
        self.offset, self.etag = 0, ""
        self._hash_anew()
        with suppress(FileNotFoundError, UnicodeDecodeError):
            self.etag = self._etag_file.read_text(encoding="utf-8")
        if not self.etag or os.fstat(self._handle).st_size > self._size:
            self._begin_anew()
        buffer = memoryview(bytearray(min(READ_BYTES, self._size + 1)))
        while count := os.readv(self._handle, [buffer]):
            self._hash.update(buffer[:count])
            self.offset += count

    def _begin_anew(self) -> None:
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.ftruncate(self._handle, 0)
        self._hash_anew()
        self.offset = 0

    def _hash_anew(self) -> None:
        self._hash.close()
        self._hash = SideHash()

    def _sync(self) -> None:
        """Wait until the bytes are on the disk.

        After an error they are not, but a second call would say that they are: the part is of no use.
        """
        try:
            os.fsync(self._handle)
        except OSError:
            with suppress(OSError):
                self._throw_away()
            raise

    def _throw_away(self) -> None:
        for one in (self._part, self._etag_file):
            one.unlink(missing_ok=True)

    def _let_go(self) -> None:
        self._hash.close()
        if self._handle >= 0:
            with suppress(OSError):  # a full disk has told so already
                os.close(self._handle)
            self._handle = -1


def hold(part: Path) -> int:
    """Open a part, made where there is none, so that nobody else may write to it; give its handle.

    :raises MediumBusyError: somebody else holds it.
    :raises OSError: the disk does not do it.
    """
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        message = f"medium {part.stem[:12]}… is being fetched by somebody else: wait, or end that"
        raise MediumBusyError(message) from error
    except OSError:
        os.close(handle)
        raise
    return handle


def look_for_holder(part: Path) -> None:
    """Look whether a part is being brought; nothing is made, and what the disk does not tell is no matter.

    :raises MediumBusyError: somebody else holds it.
    """
    with suppress(OSError):
        if part.exists():
            os.close(hold(part))


def throw_part_away(disk: MediaDisk, sha256: str) -> None:
    """Take a part off a disk, and what belongs to it; nothing happens where the disk does not let it go.

    :raises MediumBusyError: somebody is bringing it there.
    """
    part = disk.part(sha256)
    with suppress(OSError):
        if part.exists():
            handle = hold(part)
            try:
                part.unlink()
            finally:
                os.close(handle)
        disk.etag(sha256).unlink(missing_ok=True)


def _is_file_of(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
