"""Reads the log of all writes to a disk, and tells what a disk may hold after its power went.

QEMU's ``blklogwrites`` driver writes the format of Linux' dm-log-writes target (Documentation/admin-guide/
device-mapper/log-writes.rst): a superblock in the first sector of the log, and for each request a sector
with what it was, followed by its data. All numbers are little endian. Requests are logged in the order in
which they began.

QEMU counts the requests in the superblock only now and then. So what lies behind the counted ones is read
as well, as long as it is whole: a request without sectors and flags is none.
"""

import os
import random
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path

MAGIC = 0x6A736677736872
VERSION = 1
SUPERBLOCK = struct.Struct("<QQQI")
"""Magic number, version, number of requests, bytes of a sector."""

ENTRY = struct.Struct("<QQQQ")
"""First sector, number of sectors, flags, bytes of a mark's text."""

DISK_SECTOR = 512
"""A disk writes so many bytes at once or not at all."""


class WriteLogError(Exception):
    """A log of writes that cannot be read: it says where, and what is there."""


class Kind(IntFlag):
    """What a request was, as the log says."""

    WRITE = 0
    FLUSH = 1
    FUA = 2
    DISCARD = 4
    MARK = 8
    METADATA = 16


@dataclass(frozen=True)
class Request:
    """One request to a disk.

    :ivar offset: its first byte on the disk.
    :ivar length: how many bytes of the disk it is about.
    :ivar data_at: where its data begins in the log, or would.
    :ivar begins_at: where it begins in the log itself.
    """

    kind: Kind
    offset: int
    length: int
    data_at: int
    begins_at: int = 0

    @property
    def is_barrier(self) -> bool:
        """Whether all requests before it are on the disk for good once it is done."""
        return Kind.FLUSH in self.kind

    @property
    def has_data(self) -> bool:
        """Whether it writes something."""
        return self.length > 0 and not self.kind & (Kind.DISCARD | Kind.MARK)


@dataclass(frozen=True)
class WriteLog:
    """All requests to a disk, in order.

    :ivar path: the log's file, where the data is.
    """

    path: Path
    requests: tuple[Request, ...]

    @property
    def flushes(self) -> tuple[int, ...]:
        """The cuts at which nothing is lost: so many requests were done when a flush was."""
        return tuple(n + 1 for n, request in enumerate(self.requests) if request.is_barrier)

    def survivors(self, cut: int, chance: random.Random | None = None) -> Iterator[tuple[Request, slice]]:
        """Tell what is on the disk when its power goes after so many requests, in the order of writing.

        All that was flushed is there. Of what came behind the last flush a disk may have written any part,
        sector by sector: by chance each request is there, or not, or torn.

        :param chance: the chance by which that is decided; None loses nothing.
        :returns: requests, and which of their bytes are there.
        """
        safe = max((flush for flush in self.flushes if flush <= cut), default=0)
        for request in self.requests[:safe]:
            yield request, slice(0, request.length)
        for request in self.requests[safe:cut]:
            yield request, _kept(request, chance)

    def replay(self, disk: Path, cut: int, chance: random.Random | None = None, begins_at: int = 0) -> None:
        """Write what survives a cut onto an image of the disk as it was before the log began.

        :param begins_at: the byte of the disk at which the image begins, where it is one of a part.
        """
        with self.path.open("rb") as log, disk.open("r+b") as image:
            size = os.fstat(image.fileno()).st_size
            for request, kept in self.survivors(cut, chance):
                first = max(kept.start, begins_at - request.offset)
                last = min(kept.stop, begins_at + size - request.offset)
                if request.has_data and last > first:
                    data = os.pread(log.fileno(), last - first, request.data_at + first)
                    os.pwrite(image.fileno(), data, request.offset + first - begins_at)


def _kept(request: Request, chance: random.Random | None) -> slice:
    if chance is None:
        return slice(0, request.length)
    fate = chance.choice(("there", "lost", "torn at its end", "torn at its begin"))
    tear = chance.randrange(request.length // DISK_SECTOR + 1) * DISK_SECTOR
    return {
        "there": slice(0, request.length),
        "lost": slice(0, 0),
        "torn at its end": slice(0, tear),
        "torn at its begin": slice(tear, request.length),
    }[fate]


def read_log(path: Path) -> WriteLog:
    """Read a log; its end may be cut off, as when QEMU was killed.

    :raises WriteLogError: what it says is not of this format.
    """
    with path.open("rb") as file:
        sector = _sector_bytes(path, file.read(SUPERBLOCK.size))
        size = os.fstat(file.fileno()).st_size
        return WriteLog(path, tuple(_requests(file.fileno(), size, sector)))


def _sector_bytes(path: Path, data: bytes) -> int:
    if not any(data):
        return DISK_SECTOR  # QEMU writes the superblock with the first flush only
    if len(data) < SUPERBLOCK.size:
        raise WriteLogError(f"{path}: {len(data)} bytes are too short for a log of writes")
    magic, version, _, sector = SUPERBLOCK.unpack(data)
    if magic != MAGIC:
        raise WriteLogError(f"{path}: no log of writes: it begins with {magic:#x}, and not with {MAGIC:#x}")
    if version != VERSION or sector < DISK_SECTOR or sector & (sector - 1):
        raise WriteLogError(f"{path}: version {version} with sectors of {sector} bytes is not known here")
    return int(sector)


def _requests(log: int, size: int, sector: int) -> Iterator[Request]:
    at = sector
    while at + sector <= size:
        first, count, flags, text = ENTRY.unpack(os.pread(log, ENTRY.size, at))
        kind, length = Kind(flags & 31), count * sector
        if (not count and not flags) or flags > 31:
            return
        found = Request(kind, first * sector, length, at + sector, at)
        data = length if found.has_data else -(-text // sector) * sector
        if at + sector + data > size:
            return
        yield found
        at += sector + data


def write_log(path: Path, requests: Iterable[tuple[Kind, int, bytes]], sector: int = DISK_SECTOR) -> None:
    """Write a log as QEMU does, of kind, offset and data of each request: for tests."""
    entries: Sequence[tuple[Kind, int, bytes]] = tuple(requests)
    with path.open("wb") as file:
        file.write(SUPERBLOCK.pack(MAGIC, VERSION, len(entries), sector).ljust(sector, b"\0"))
        for kind, offset, data in entries:
            head = ENTRY.pack(offset // sector, len(data) // sector, kind, 0)
            file.write(head.ljust(sector, b"\0") + (b"" if kind & Kind.DISCARD else data))
