"""What a box leaves on a stick for its hub: its as-run log and how it is, in one archive, sealed for the hub.

The archive is a tar.  Its first member is a signed :class:`~easyplayer.protocol.bundle.StickReport`, which
names the digests of all others: the as-run log's batches just as the network carries them, the box's status,
and the last lines of its log.
"""

import io
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from easyplayer.drivers.bundle_folder import leave_report
from easyplayer.drivers.sealed import seal
from easyplayer.errors import StateError
from easyplayer.playout.items import masked
from easyplayer.protocol.asrun import Batch
from easyplayer.protocol.bundle import StickReport
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.signed import PublicKey
from easyplayer.protocol.signing import Purpose, sign
from easyplayer.units import Instant

MOST_LOG_BYTES = 64 * 1024 * 1024
"""So much of the as-run log goes into one report; the rest goes into the next."""
MOST_BATCHES = 1000
MOST_LINES = 20_000
MOST_LINES_BYTES = 4 * 1024 * 1024
REPORT_FILE, STATUS_FILE, LINES_FILE = "report.json", "status.json", "log.txt"
SEALING_COSTS = 1000
"""What is sealed is longer by less than one part of so many, beside its head."""


class AsRun(Protocol):
    """The as-run log, asked from any thread."""

    @property
    def head(self) -> LogHead | None:
        """How far it has come; ``None`` where it has not been written since the start."""

    def next_batch(self, after: int) -> Batch | None:
        """Give the entries after a number, as many as go at once; ``None`` where there are none."""


class Sender(Struct, frozen=True, kw_only=True):
    """Who reports, and to whom.

    :ivar seed: the box's private key.
    :ivar hub: the hub's public key.
    """

    box: BoxId
    seed: bytes
    hub: PublicKey


class StickReporter:
    """Makes reports, and leaves them on sticks.

    :param lines: gives the last lines of the log.
    :param scratch: directory for what is being made; nothing stays there.
    """

    def __init__(
        self,
        as_run: AsRun,
        lines: Callable[[int], tuple[str, ...]],
        scratch: Path,
        wall: Callable[[], Instant],
    ) -> None:
        self.as_run = as_run
        self._lines = lines
        self._scratch = scratch
        self._wall = wall

    def leave(self, top: Path, sender: Sender, after: int, status: Struct | None) -> str:
        """Leave a report on a stick; tell what it is called there.

        :param top: the stick's top folder; it can be written to.
        :param after: up to this number the hub has the as-run log.
        :param status: how the box is; ``None`` where nobody knows.
        :raises DeviceError: the stick does not take it.
        :raises StateError: the disk has no room for it, or the as-run log cannot be read.
        """
        made = self._wall()
        stem = f"{sender.box}-{datetime.fromtimestamp(made, UTC):%Y%m%dT%H%M%SZ}"
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._scratch) as rest:
                digests = _write(rest, made, self._members(after, status))
                report = StickReport(box=sender.box, hub=sender.hub, made=made, files=digests)
                first = _member(REPORT_FILE, encode(sign(sender.seed, Purpose.REPORT, report)), made)
                length = len(first) + rest.tell()
                rest.seek(0)
                archive = _InTurn(io.BytesIO(first), rest)
                return leave_report(
                    top, stem, length + length // SEALING_COSTS, lambda file: seal(archive, file, sender.hub)
                )
        except OSError as error:
            message = f"{self._scratch} cannot be used ({error.strerror}): free space, or check the disk"
            raise StateError(message) from error

    def _members(self, after: int, status: Struct | None) -> Iterator[tuple[str, bytes]]:
        """Give all members but the first, by name."""
        room = MOST_LOG_BYTES
        for number in range(1, MOST_BATCHES + 1):
            batch = self.as_run.next_batch(after) if room > 0 else None
            if batch is None:
                break
            data = encode(batch)
            room -= len(data)
            after = batch.entries[-1].number
            yield f"as-run/{number:05}.json", data
        if status is not None:
            yield STATUS_FILE, encode(status)
        lines = masked("".join(f"{line}\n" for line in self._lines(MOST_LINES))).encode()
        yield LINES_FILE, lines[-MOST_LINES_BYTES:]


class _InTurn:
    """Reads one file after the other."""

    def __init__(self, *files: BinaryIO) -> None:
        self._files = deque(files)

    def read(self, most: int = -1) -> bytes:
        """Read some bytes; none at the end of the last file."""
        while self._files:
            if data := self._files[0].read(most):
                return data
            self._files.popleft()
        return b""


def _write(file: BinaryIO, made: Instant, members: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Write members of an archive up to its end; give their digests."""
    digests = {}
    for name, data in members:
        digests[name] = sha256(data).hexdigest()
        file.write(_member(name, data, made))
    file.write(bytes(2 * tarfile.BLOCKSIZE))
    return digests


def _member(name: str, data: bytes, made: Instant) -> bytes:
    """Write one member of an archive."""
    about = tarfile.TarInfo(name)
    about.size, about.mtime = len(data), int(made)
    return about.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)
