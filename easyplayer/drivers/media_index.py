"""What is known of the media on the disks and does not stand there: when each was last found right.

Whenever it is opened it is compared with the disks, by the names alone.  All that its loss costs is that
media are read again sooner.
"""

import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.database_transaction import transaction
from easyplayer.drivers.losable_database import LosableDatabase
from easyplayer.drivers.media_disk import LETTERS, MediaDisk, is_digest
from easyplayer.units import Instant

VERSION = 1
NEVER = Instant(0.0)

SCHEMA = """
    DROP TABLE IF EXISTS media;
    DROP TABLE IF EXISTS disks;
    CREATE TABLE disks (number INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE);
    CREATE TABLE media (
        disk INTEGER NOT NULL REFERENCES disks,
        digest BLOB NOT NULL,
        checked_at REAL NOT NULL,
        PRIMARY KEY (disk, digest)
    ) WITHOUT ROWID;
    CREATE INDEX by_check ON media (checked_at);
"""
ADD_DISK = "INSERT OR IGNORE INTO disks (folder) VALUES (?)"
ADD = "INSERT OR REPLACE INTO media SELECT number, ?, ? FROM disks WHERE folder = ?"
DROP = "DELETE FROM media WHERE digest = ? AND disk = (SELECT number FROM disks WHERE folder = ?)"
KNOWN = """
    SELECT digest FROM media WHERE disk = (SELECT number FROM disks WHERE folder = ?)
        AND digest BETWEEN ? AND ?
"""
COUNTS = "SELECT folder, count(*) FROM media JOIN disks ON disk = number GROUP BY number"
CHECKED_SINCE = "SELECT count(*) FROM media WHERE checked_at >= ?"
LEAST_CHECKED = """
    SELECT folder, digest FROM media JOIN disks ON disk = number
        WHERE checked_at < ? AND folder IN ({}) ORDER BY checked_at, disk, digest LIMIT 1
"""
_LAST_BYTES = b"\xff" * 31


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What was found on the disks.

    :ivar media: how many media; ``bytes`` in all.
    """

    media: int
    bytes: int


class MediaIndex:
    """For any thread, and beside other processes; what the disk says of its file is handled here.

    :param path: the file.
    :param disks: those that are compared with it.
    """

    def __init__(self, path: Path, disks: Sequence[MediaDisk]) -> None:
        self._disks = disks
        self._behind: set[str] = set()
        self._database = LosableDatabase(path, SCHEMA, VERSION, self._settle_all)

    # -- what happens --------------------------------------------------------------------------

    def note_arrival(self, disk: MediaDisk, sha256: str) -> None:
        """Learn that a medium is on a disk; what is not open yet learns it when it is opened."""
        if self._database.is_open:
            self.note_right(disk, sha256, NEVER)

    def note_loss(self, disk: MediaDisk, sha256: str) -> None:
        """Learn that a medium is on a disk no longer."""
        if self._database.is_open:
            self._drop(disk, sha256)

    def note_right(self, disk: MediaDisk, sha256: str, instant: Instant) -> None:
        """Learn when a medium was found right."""
        self._database.do(lambda database: _add(database, disk, [bytes.fromhex(sha256)], instant))

    def _drop(self, disk: MediaDisk, sha256: str) -> None:
        self._database.do(lambda database: database.execute(DROP, (bytes.fromhex(sha256), disk.name)))

    # -- what is known -------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Tell how many media are on each disk, by its name."""
        return self._database.do(lambda database: dict(database.execute(COUNTS).fetchall()))

    def checked_since(self, instant: Instant) -> int:
        """Tell how many media have been found right since an instant."""
        return self._database.do(
            lambda database: int(database.execute(CHECKED_SINCE, (instant,)).fetchone()[0])
        )

    def least_checked(self, before: Instant) -> str | None:
        """Give the medium that was found right longest ago, and not since an instant.

        What lies on a disk that gives errors comes after all others; what is on a missing one does not.
        """
        there = [disk for disk in self._disks if not disk.missing]
        well = [disk for disk in there if not disk.failing]
        failing = [disk for disk in there if disk.failing]
        return self._least_checked_on(well, before) or self._least_checked_on(failing, before)

    def _least_checked_on(self, disks: Sequence[MediaDisk], before: Instant) -> str | None:
        """Give that medium of some disks; what somebody has taken away is forgotten."""
        known = {disk.name: disk for disk in disks}
        while known and (found := self._least_checked(before, [*known])) is not None:
            name, sha256 = found
            if known[name].size_of(sha256) is not None:
                return sha256
            if known[name].failing:  # it may be there all the same
                del known[name]
            else:
                self._drop(known[name], sha256)
        return None

    def _least_checked(self, before: Instant, disks: list[str]) -> tuple[str, str] | None:
        question = LEAST_CHECKED.format(", ".join("?" * len(disks)))
        row = self._database.do(lambda database: database.execute(question, (before, *disks)).fetchone())
        return None if row is None else (row[0], row[1].hex())

    # -- the comparison with the disks ---------------------------------------------------------

    def catch_up(self) -> None:
        """Compare it with the disks; one that is not open is compared when it is opened.

        One that had to be in memory goes to its file if that is possible by now.
        """
        was_open = self._database.is_open
        self._database.try_file_again()
        if was_open:
            self._settle_all()

    def follow(self, disk: MediaDisk, *, missing: bool) -> None:
        """Learn whether a disk is there: one that is back is compared."""
        if missing:
            self._behind.add(disk.name)
        elif disk.name in self._behind and self._database.is_open:
            self._settle(disk)

    def rebuild(self) -> Rebuilt:
        """Make it anew from the disks alone."""
        self._database.try_file_again()
        self._database.do(lambda database: database.execute("DELETE FROM media"), filled=False)
        sizes: dict[str, int] = {}
        for disk in self._disks:
            for sha256 in self._settle(disk):
                sizes[sha256] = disk.size_of(sha256) or 0
        return Rebuilt(media=len(sizes), bytes=sum(sizes.values()))

    def close(self) -> None:
        """Let the file go; whatever is asked next takes hold of it again."""
        self._database.close()

    def _settle_all(self) -> None:
        for disk in self._disks:
            self._settle(disk)

    def _settle(self, disk: MediaDisk) -> list[str]:
        """Compare it with a disk, one folder after the other; give the digests of the media there."""
        if disk.missing:
            self._behind.add(disk.name)
            return []
        self._behind.discard(disk.name)
        there: list[str] = []
        for letters in LETTERS:
            names = disk.names(letters)
            if names is not None:
                found = [name for name in names if is_digest(name) and name.startswith(letters)]
                self._settle_folder(disk, letters, found)
                there += found
        return there

    def _settle_folder(self, disk: MediaDisk, letters: str, there: Collection[str]) -> None:
        first, found = bytes.fromhex(letters), set(map(bytes.fromhex, there))

        def work(database: sqlite3.Connection) -> None:
            known = {row[0] for row in database.execute(KNOWN, (disk.name, first, first + _LAST_BYTES))}
            gone = [digest for digest in known - found if disk.size_of(digest.hex()) is None]
            if found - known or gone:
                with transaction(database):
                    _add(database, disk, found - known, NEVER)
                    database.executemany(DROP, [(digest, disk.name) for digest in gone])

        self._database.do(work)


def _add(
    database: sqlite3.Connection, disk: MediaDisk, digests: Collection[bytes], checked_at: Instant
) -> None:
    database.execute(ADD_DISK, (disk.name,))
    database.executemany(ADD, [(digest, checked_at, disk.name) for digest in digests])
