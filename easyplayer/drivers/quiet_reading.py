"""Reading a file in pieces, so that nobody else on the machine feels it.

What is read comes from the disk itself, not from the memory where it may still be right; and it does not stay
in that memory, where it would take the place of what others need.
"""

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

CHUNK_BYTES = 256 * 1024
NICE = 10


class QuietReading:
    """A file that is read and hashed, piece by piece; closed at the end of a ``with`` block.

    Every method raises ``OSError`` where the disk does not give what is there.

    :ivar offset: how far it has been read, in bytes.
    """

    def __init__(self, path: Path) -> None:
        self.offset = 0
        self._path = path
        self._hash = hashlib.sha256()
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._forget(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_on(self, most: int = CHUNK_BYTES) -> int:
        """Read one piece; tell how long it was, 0 at the end."""
        chunk = os.read(self._file, min(most, CHUNK_BYTES))
        self._hash.update(chunk)
        self._forget(len(chunk))
        self.offset += len(chunk)
        return len(chunk)

    def digest(self) -> str:
        """Give the SHA-256 digest of what has been read."""
        return self._hash.hexdigest()

    def is_replaced(self) -> bool:
        """Tell whether another file, or none, has that name by now."""
        try:
            return not os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _forget(self, length: int) -> None:
        """Take so many bytes from here on out of the machine's memory; 0 is all of them."""
        os.posix_fadvise(self._file, self.offset, length, os.POSIX_FADV_DONTNEED)


def can_be_read(path: Path) -> bool:
    """Tell whether the disk gives the beginning of a file."""
    try:
        with QuietReading(path) as reading:
            reading.read_on()
    except OSError:
        return False
    return True


def give_way() -> None:
    """Let every other thread of the machine go before this one, to its processors and to its disks.

    The main thread stays as it is: it is the one that others give way to.
    """
    if threading.current_thread() is threading.main_thread():
        return
    import psutil

    with suppress(OSError, psutil.Error):  # a machine that does not allow it reads at its usual pace
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
        psutil.Process(threading.get_native_id()).ionice(psutil.IOPRIO_CLASS_IDLE)
