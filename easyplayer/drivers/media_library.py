"""Media on the disks, each under the digest of its content.

::

    media/ab/abcdef…          a medium: complete, verified, and on the disk for good
    media/ab/abcdef….part     one that is on its way
    media/ab/abcdef….etag     what the hub calls the content of that part
    media.sqlite              beside the first disk's folder: when each medium was last found right

What is under its digest is right, or the disk is broken: a medium gets that name in one step, when all of
it has been read, hashed and synced.  A file's time of change is the instant from which it is kept for a
while although no program names it.

Whether a medium is there is asked of the disk, each time.  The database is for what the disk cannot tell.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import structs

from easyplayer.drivers.media_disk import (
    ETAG,
    KEPT_FREE_BYTES,
    LETTERS,
    PART,
    MediaDisk,
    Space,
    digests_in,
    is_digest,
)
from easyplayer.drivers.media_draft import Arrival, Draft, look_for_holder, throw_part_away
from easyplayer.drivers.media_index import MediaIndex, Rebuilt
from easyplayer.errors import DiskFailingError, DiskFullError, MediumBusyError, StateError
from easyplayer.protocol.heartbeat import Disk, Health
from easyplayer.units import Instant

__all__ = ["KEPT_FREE_BYTES", "Arrival", "Draft", "MediaLibrary", "Rebuilt", "Space", "is_digest"]

READ_BYTES = 1024 * 1024


class MediaLibrary:
    """The media of a box, on one disk or several; for any thread, and beside other processes.

    Every method may wait for a disk, and raises ``StateError`` where none does it.  A disk that is sick or
    missing takes nothing and holds up no other.

    :param folder: the one in the state directory; made when the first medium comes.
    :param others: folders on further disks, which are never made here.
    :param keep_free: how many bytes of each disk are left to others, at least.
    :ivar folder: the first of them.
    """

    def __init__(
        self, folder: Path, others: Sequence[Path] = (), *, keep_free: int = KEPT_FREE_BYTES
    ) -> None:
        self.folder = folder
        self.keep_free = keep_free
        first = MediaDisk(folder, own=True, keep_free=keep_free)
        self._disks = (first, *(MediaDisk(one, own=False, keep_free=keep_free) for one in others))
        self._index = MediaIndex(folder.with_name(f"{folder.name}.sqlite"), self._disks)

    # -- which media there are -----------------------------------------------------------------

    def path(self, sha256: str) -> Path:
        """Tell where a medium is, or would be.

        :raises ValueError: this is no digest.
        """
        _check(sha256)
        return (self._holder_of(sha256) or self._disks[0]).path(sha256)

    def size_of(self, sha256: str) -> int | None:
        """Tell how long a medium is; ``None`` where it is not there."""
        _check(sha256)
        sizes = (disk.size_of(sha256) for disk in self._disks)
        return max((size for size in sizes if size is not None), default=None)

    def has(self, sha256: str, size: int) -> bool:
        """Tell whether a medium is there, in its full length."""
        _check(sha256)
        return any(disk.size_of(sha256) == size for disk in self._disks)

    def part_bytes(self, sha256: str) -> int:
        """Tell how much of a medium has come that is on its way."""
        _check(sha256)
        return max(disk.part_bytes(sha256) for disk in self._disks)

    def digests(self) -> Iterator[str]:
        """Give the digests of all media that are there, and of those on their way."""
        found: set[str] = set()
        for disk in self._disks:
            for letters in LETTERS:
                names = disk.names(letters) or ()
                found |= digests_in(names) | digests_in(names, PART)
        yield from sorted(found)

    def disk_of(self, sha256: str) -> str:
        """Name the disk where a medium is, or else what has come of it; empty where neither is anywhere."""
        _check(sha256)
        beginner = (disk for disk in self._disks if disk.part_bytes(sha256))
        found = self._holder_of(sha256) or next(beginner, None)
        return "" if found is None else found.name

    def _holder_of(self, sha256: str) -> MediaDisk | None:
        """Find the disk that a medium is on; where several have it, the one that has most of it.

        A file that a disk has cut short may lie where nothing can be taken away.
        """
        sizes = [(disk, disk.size_of(sha256)) for disk in self._disks]
        there = [(disk, size) for disk, size in sizes if size is not None]
        return max(there, key=lambda one: one[1])[0] if there else None

    # -- room and health -----------------------------------------------------------------------

    def space(self) -> Space:
        """Look how much room there is on all disks together; two folders on one disk count once."""
        found, refusals = dict[int, Space](), []
        for disk in self._disks:
            try:
                space = disk.space()
                found.setdefault(disk.folder.stat().st_dev, space)
            except StateError as error:
                refusals.append(error)
            except OSError as error:
                refusals.append(disk.note(disk.folder, error))
        if not found:
            raise refusals[0]
        spaces = found.values()
        return Space(
            free=sum(one.free for one in spaces),
            total=sum(one.total for one in spaces),
            kept=sum(one.free - one.room for one in spaces),
        )

    def disks(self) -> tuple[Disk, ...]:
        """Look at each disk now, and count what is on it; the first is the state directory's."""
        looks = self.look()
        for disk, one in zip(self._disks, looks, strict=True):
            self._index.follow(disk, missing=one.health is Health.MISSING)
        counts = self._index.counts()
        return tuple(structs.replace(one, media=counts.get(one.name, 0)) for one in looks)

    def look(self) -> tuple[Disk, ...]:
        """Look at the same without counting, which takes the longer the more there is."""
        return tuple(disk.look() for disk in self._disks)

    # -- taking in, and throwing away ----------------------------------------------------------

    def look_for_others(self, sha256: str, size: int) -> None:
        """Look whether a medium is still to be brought, without beginning with it.

        :raises MediumBusyError: it has come already, or somebody else is bringing it.
        """
        self._look_whether_it_has_come(sha256, size)
        for disk in self._disks:
            look_for_holder(disk.part(sha256))

    def draft(self, sha256: str, size: int) -> Draft:
        """Begin to take a medium in, or go on where that was broken off.

        It goes where a part of it is, else to the first disk that has room for all of it; to one that has
        given errors only where there is no other.

        :raises MediumBusyError: it has come already, or somebody else is bringing it.
        :raises DiskFullError: no disk has the room.
        """
        self._look_whether_it_has_come(sha256, size)
        refusals: list[StateError] = []
        fit: list[MediaDisk] = []
        for disk in self._disks:
            refusal = disk.refusal(size - disk.part_bytes(sha256))
            if refusal is None:
                fit.append(disk)
            else:
                refusals.append(refusal)
        if not fit:
            raise next((one for one in refusals if isinstance(one, DiskFullError)), refusals[0])
        fit.sort(key=lambda disk: (disk.troubled, not disk.part_bytes(sha256)))
        others = [disk for disk in self._disks if disk not in fit]
        return Draft(fit, others, sha256, size, self._note_arrival)

    def _look_whether_it_has_come(self, sha256: str, size: int) -> None:
        if self.has(sha256, size):
            message = f"medium {sha256[:12]}… is there already: look again"
            raise MediumBusyError(message)

    def _note_arrival(self, arrived_on: MediaDisk, sha256: str) -> None:
        """Note that a medium has come whole, and take away what another disk has under its name."""
        self._index.note_arrival(arrived_on, sha256)
        size = arrived_on.size_of(sha256)
        for disk in self._disks:
            if disk.size_of(sha256) not in {None, size}:
                with suppress(StateError):
                    self._unlink(disk, sha256)

    def remove(self, sha256: str) -> None:
        """Throw a medium away, and what has come of it unless somebody is bringing it at this moment."""
        _check(sha256)
        refusals = []
        for disk in self._disks:
            if disk.size_of(sha256) is not None:
                try:
                    self._unlink(disk, sha256)
                except StateError as error:
                    refusals.append(error)
            with suppress(MediumBusyError):
                throw_part_away(disk, sha256)
        if refusals:
            raise refusals[0]

    def _unlink(self, disk: MediaDisk, sha256: str) -> None:
        with disk.telling(disk.path(sha256)):
            disk.path(sha256).unlink(missing_ok=True)
        self._index.note_loss(disk, sha256)

    def tidy(self) -> None:
        """Take away what a power cut has left beside media, and compare the database with the disks."""
        for disk in self._disks:
            for letters in LETTERS:
                self._tidy_beside(disk, disk.names(letters) or ())
        self._index.catch_up()

    def keep_from(self, sha256: str, instant: Instant) -> None:
        """Note from when on a medium is kept for a while although no program names it."""
        _check(sha256)
        for disk in self._disks:
            path = disk.path(sha256)
            with disk.telling(path), suppress(FileNotFoundError, NotADirectoryError):
                os.utime(path, (instant, instant))

    def kept_from(self, sha256: str) -> Instant:
        """Tell since when a medium, or a part of it, is kept."""
        _check(sha256)
        for ending in ("", PART):
            for disk in self._disks:
                since = disk.changed_at(sha256, ending)
                if since is not None:
                    return since
        return Instant(0.0)

    def _tidy_beside(self, disk: MediaDisk, names: Sequence[str]) -> None:
        """Take away parts of media that are there, and what belongs to parts that are not."""
        parts, etags = digests_in(names, PART), digests_in(names, ETAG)
        come = {sha256 for sha256 in parts if self._holder_of(sha256) is not None}
        for sha256 in (etags - parts) | come:
            with suppress(MediumBusyError):
                throw_part_away(disk, sha256)

    # -- looking at what is there --------------------------------------------------------------

    def is_right(self, sha256: str, stopped: Callable[[], bool]) -> bool:
        """Read a medium and tell whether it is what it should be; what is stopped is not found wrong.

        :raises DiskFailingError: the disk does not give it, which says nothing against the medium.
        """
        _check(sha256)
        disk = self._holder_of(sha256)
        if disk is None:
            return False
        digest, buffer = hashlib.sha256(), memoryview(bytearray(READ_BYTES))
        try:
            with disk.path(sha256).open("rb", buffering=0) as file:
                while not stopped():
                    count = os.readv(file.fileno(), [buffer])
                    if not count:
                        return digest.hexdigest() == sha256
                    digest.update(buffer[:count])
        except FileNotFoundError:
            return False
        except OSError as error:
            told = disk.note(disk.path(sha256), error)
            if isinstance(told, DiskFailingError):
                raise told from error
            return False
        return True

    def note_right(self, sha256: str, instant: Instant) -> None:
        """Note that a medium was read and hashed, and is right."""
        _check(sha256)
        for disk in self._disks:
            if disk.size_of(sha256) is not None:
                self._index.note_right(disk, sha256, instant)

    def least_checked(self, before: Instant) -> str | None:
        """Give a medium that was not found right since an instant, the one longest ago first.

        What lies on a disk that gives errors comes after all others; what is on a missing one does not.
        """
        return self._index.least_checked(before)

    def checked_since(self, instant: Instant) -> int:
        """Tell how many media have been found right since an instant."""
        return self._index.checked_since(instant)

    def rebuild(self) -> Rebuilt:
        """Make the database anew from the disks alone."""
        return self._index.rebuild()

    def close(self) -> None:
        """Let the database go; whatever is asked next takes hold of it again."""
        self._index.close()


def _check(sha256: str) -> None:
    if not is_digest(sha256):
        message = f"{sha256[:80]!r} is no SHA-256 digest: write 64 lower-case hexadecimal digits"
        raise ValueError(message)
