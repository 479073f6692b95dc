"""One disk that media are on: where they lie there, what room there is, and how the disk is.

The system says what is wrong with a disk only to who works with it.  So each error is remembered until
something was written to the end again, and whoever looks at the disk learns of it.
"""

import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.disk_errors import disk_error, health_by
from easyplayer.drivers.state_file import sync_directory
from easyplayer.errors import DiskFailingError, DiskFullError, StateError
from easyplayer.protocol.heartbeat import Disk, Health
from easyplayer.units import Instant, Monotonic, Seconds

KEPT_FREE_BYTES = 256 * 1024 * 1024
KEPT_FREE_SHARE = 0.02
"""So much of a disk is left to others; the larger of the two counts."""
PROBE_BYTES = 4096
TOLD_FOR_S = Seconds(60.0)
"""An error is told for so long at least; then the disk is tried."""
PART, ETAG = ".part", ".etag"
LETTERS = [f"{number:02x}" for number in range(256)]
"""The first two of a digest, which name the folder that a medium is in."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOLDER_LETTERS = 2
_PROBE = ".probe"
_MEGABYTE = 1_000_000

_NOT_THERE = {errno.ENOENT, errno.ENOTDIR}


class Space(Struct, frozen=True, kw_only=True):
    """What there is room for on a disk, or on several together.

    :ivar free: bytes that nobody uses.
    :ivar total: all bytes of the disk.
    :ivar kept: how many of the free ones are left to others; ``None`` is as many as the rule says.
    """

    free: int
    total: int
    kept: int | None = None

    @property
    def room(self) -> int:
        """How many bytes media may still take.

        >>> Space(free=300 * 1024 * 1024, total=1024**3).room == 44 * 1024 * 1024
        True
        """
        kept = kept_of(self.total, KEPT_FREE_BYTES) if self.kept is None else self.kept
        return max(self.free - kept, 0)


class MediaDisk:
    """One folder of media, on a disk of its own.

    :param own: whether the folder is made where it is not there.  Another's is never made: it may be the
        empty place where a disk belongs, and what is put there fills the disk below.
    :param keep_free: how many bytes are left to others, at least.
    :param clock: tells the instant on the monotonic clock.
    :ivar name: the folder, as people write it.
    """

    def __init__(
        self, folder: Path, *, own: bool, keep_free: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self.name = str(folder)
        self._own = own
        self._keep_free = keep_free
        self._clock = clock
        self._trouble: StateError | None = None
        self._since = Monotonic(0.0)

    # -- where it lies -------------------------------------------------------------------------

    def path(self, sha256: str) -> Path:
        """Tell where a medium is, or would be."""
        return Path(self._place(sha256))

    def part(self, sha256: str) -> Path:
        """Tell where what has come of a medium is, or would be."""
        return Path(self._place(sha256) + PART)

    def etag(self, sha256: str) -> Path:
        """Tell where stands what the hub calls the content of that part."""
        return Path(self._place(sha256) + ETAG)

    def size_of(self, sha256: str) -> int | None:
        """Tell how long a medium is; ``None`` where it is not there, or cannot be read."""
        return self._size(self._place(sha256))

    def part_bytes(self, sha256: str) -> int:
        """Tell how much has come of a medium that is on its way."""
        return self._size(self._place(sha256) + PART) or 0

    def changed_at(self, sha256: str, ending: str) -> Instant | None:
        """Tell when a file was changed last; ``None`` where it is not there, or cannot be read."""
        try:
            return Instant(os.stat(self._place(sha256) + ending).st_mtime)  # noqa: PTH116 - as below
        except OSError:
            return None

    def names(self, letters: str) -> list[str] | None:
        """Name all that lies under the digests that begin with two letters; ``None`` if it does not tell."""
        folder = f"{self.name}/{letters}"
        try:
            return os.listdir(folder)  # noqa: PTH208 - a hundred thousand paths would take long, and room
        except OSError as error:
            if error.errno in _NOT_THERE:
                return []
            self.note(Path(folder), error)
            return None

    def _place(self, sha256: str) -> str:
        return f"{self.name}/{sha256[:_FOLDER_LETTERS]}/{sha256}"

    def _size(self, place: str) -> int | None:
        try:
            return os.stat(place).st_size  # noqa: PTH116 - asked for each medium of a program
        except OSError as error:
            if error.errno not in _NOT_THERE:
                self.note(Path(place), error)
            return None

    # -- how it is -----------------------------------------------------------------------------

    @property
    def missing(self) -> bool:
        """Whether it is pulled out, or not mounted."""
        if self._own:
            return False
        try:
            return not stat.S_ISDIR(self.folder.stat().st_mode)
        except OSError as error:
            return error.errno in _NOT_THERE

    @property
    def failing(self) -> bool:
        """Whether it gives errors, also to who only reads."""
        return isinstance(self._trouble, DiskFailingError)

    @property
    def troubled(self) -> bool:
        """Whether it has given an error, and nothing has been written since."""
        return self._trouble is not None

    def space(self) -> Space:
        """Look how much room there is; a disk that takes nothing has none.

        :raises StateError: the disk does not tell, or is not there.
        """
        if self.missing:
            raise self._absence()
        with self.telling(self.folder):
            self._make()
            found = os.statvfs(self.folder)
        free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        closed = found.f_flag & os.ST_RDONLY or (found.f_files and not found.f_favail)
        kept = free if closed else min(kept_of(total, self._keep_free), free)
        return Space(free=free, total=total, kept=kept)

    def refusal(self, size: int) -> StateError | None:
        """Say why so many bytes more cannot come here; ``None`` where they can."""
        try:
            space = self.space()
            read_only = os.statvfs(self.folder).f_flag & os.ST_RDONLY
        except StateError as error:
            return error
        except OSError as error:
            return self.note(self.folder, error)
        if read_only:
            return disk_error(self.folder, OSError(errno.EROFS, os.strerror(errno.EROFS)))
        if space.room >= max(size, 1):
            return None
        lacking = -(-(max(size, 1) - space.room) // _MEGABYTE)
        message = f"{self.folder} is full: {lacking} MB more are needed; make room, or add a disk"
        return DiskFullError(message)

    def look(self) -> Disk:
        """Look how it is now; a disk that gave an error a while ago is tried."""
        if self.missing:
            return Disk(name=self.name, health=Health.MISSING, trouble=str(self._absence()))
        try:
            space = self.space()
        except StateError as error:
            return Disk(name=self.name, health=health_by(error), trouble=str(error))
        if self.troubled and self._clock() >= self._since + TOLD_FOR_S:
            self._try_anew()
        trouble = self.refusal(0) or self._trouble
        return Disk(
            name=self.name,
            health=Health.WELL if trouble is None else health_by(trouble),
            free_bytes=space.free,
            total_bytes=space.total,
            trouble="" if trouble is None else str(trouble),
        )

    def note(self, path: Path, error: OSError) -> StateError:
        """Remember that something went wrong; give that in words."""
        self._trouble, self._since = disk_error(path, error), Monotonic(self._clock())
        return self._trouble

    def note_written(self) -> None:
        """Learn that something was written and synced."""
        self._trouble = None

    @contextmanager
    def telling(self, path: Path) -> Iterator[None]:
        """Turn what the system says of a file into what is wrong with the disk.

        :raises StateError: and what is more special.
        """
        try:
            yield
        except OSError as error:
            raise self.note(path, error) from error

    def _absence(self) -> StateError:
        return StateError(f"{self.folder} is not there: plug the disk in and mount it")

    def _make(self) -> None:
        """Make the folder if it is ours and not there."""
        if self._own and not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            sync_directory(self.folder.parent)

    def _try_anew(self) -> None:
        """Write a little, and read it back from the disk itself."""
        probe = self.folder / _PROBE
        try:
            with probe.open("wb+", buffering=0) as file:
                file.write(bytes(PROBE_BYTES))
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                os.pread(file.fileno(), PROBE_BYTES, 0)
            probe.unlink(missing_ok=True)
        except OSError as error:
            self.note(self.folder, error)
        else:
            self.note_written()


def is_digest(text: str) -> bool:
    """Tell whether a text is a SHA-256 digest as it is written here."""
    return _DIGEST.fullmatch(text) is not None


def digests_in(names: Iterable[str], ending: str = "") -> set[str]:
    """Give the digests among names, of those that have an ending behind it.

    >>> digests_in(["a" * 64, "b" * 64 + ".part"], PART) == {"b" * 64}
    True
    """
    return {
        digest for name in names if name.endswith(ending) and is_digest(digest := name.removesuffix(ending))
    }


def prove_room(folder: Path, size: int) -> None:
    """Find out whether a folder takes a file, before it is fetched; the folder is made if it is not there.

    :param size: how long the file will be, in bytes.
    :raises StateError: it does not, and what is more special.
    """
    probe = folder / _PROBE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with probe.open("wb", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, max(size, 1))
                os.fsync(file.fileno())
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(folder, error) from error


def kept_of(total: int, least: int) -> int:
    """Tell how much of a disk is left to others."""
    return max(least, int(total * KEPT_FREE_SHARE))
