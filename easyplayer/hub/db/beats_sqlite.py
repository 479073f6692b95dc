"""Heartbeats in SQLite, on a connection and a thread of their own.

A write in the loop itself would save a hop between threads for each group, and would hold up every request
for as long as another transaction, such as an upload's, has the database.

What was written goes into SQLite's log (WAL) first, and from there into the database's file.  That takes a
tenth of a second where the disk is busy: another thread does it, beside the writing one.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from logging import getLogger

from msgspec.structs import asdict

from easyplayer.errors import BadRequestError, DatabaseError
from easyplayer.hub.db.beats import Beat, Standing

log = getLogger(__name__)

TIDY_EVERY_S = 1.0
MOST_LOG_PAGES = 16_000
"""Of 4 kB each.  Where the log has more, the writing thread itself has to tidy it."""
ROUNDS = 2
"""What is written during the first one is little, and taken along by the second."""

WRITE = """
UPDATE pulses SET
    seen = :seen, address = :address, boot = :boot, sequence = :sequence, now = :now,
    digest = CASE WHEN :status = '' THEN digest ELSE :digest END,
    status = CASE WHEN :status = '' THEN status ELSE :status END,
    screen = CASE WHEN :status = '' THEN screen ELSE :screen END,
    log = CASE WHEN :log = '' THEN log ELSE :log END,
    attention = CASE WHEN run = :run AND revision = :revision THEN attention ELSE max(attention, 1) END,
    run = :run, revision = :revision
WHERE box = :box AND EXISTS (SELECT 1 FROM boxes WHERE id = :box AND epoch = :epoch)
RETURNING attention, digest, (SELECT acknowledged FROM logs WHERE box = :box AND log = :log_id)
"""
"""Another run of the software, or another program than before, is worth a closer look."""


class SqliteBeats:
    """Writes heartbeats into an SQLite database.

    :param path: of the database's file.
    :param patience_s: how long to wait for other transactions.
    """

    def __init__(self, path: str, patience_s: float) -> None:
        self._path = path
        self._patience_s = patience_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="heartbeats")
        self._tidying_thread = ThreadPoolExecutor(1, thread_name_prefix="tidying")
        self._connection: sqlite3.Connection | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._written = False

    async def open(self) -> None:
        """Open the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        self._tidying = asyncio.create_task(self._tidy_for_ever(), name="tidying")

    async def write(self, beats: Sequence[Beat]) -> list[Standing | None]:
        """Write heartbeats in one transaction."""
        self._written = True
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, beats)

    async def close(self) -> None:
        """Close the file, and end the threads."""
        if self._tidying is not None:
            self._tidying.cancel()
        self._tidying_thread.shutdown()
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    async def _tidy_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TIDY_EVERY_S)
            if self._written:
                self._written = False
                await asyncio.get_running_loop().run_in_executor(self._tidying_thread, self._tidy)

    def _tidy(self) -> None:
        """Bring what is in the log into the file; nobody waits for that, neither who writes nor who reads."""
        try:
            with closing(sqlite3.connect(self._path, self._patience_s)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                for _ in range(ROUNDS):
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            log.warning("the database's log cannot be brought into its file: %s", error)

    def _open(self) -> None:
        try:
            connection = sqlite3.connect(self._path, self._patience_s, check_same_thread=False)
            connection.isolation_level = None
            # A heartbeat that a power cut takes away comes again; nothing else is written here.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_LOG_PAGES}")
        except sqlite3.Error as error:
            raise _away(error) from error
        self._connection = connection

    def _write(self, beats: Sequence[Beat]) -> list[Standing | None]:
        connection = self._connection
        if connection is None:
            message = "heartbeats come before the database is open"
            raise DatabaseError(message)
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                found = [connection.execute(WRITE, asdict(beat)).fetchall() for beat in beats]
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except (sqlite3.DataError, sqlite3.IntegrityError, OverflowError, UnicodeError) as error:
            message = f"the database does not take this heartbeat: {error}"
            raise BadRequestError(message) from error
        except sqlite3.Error as error:
            raise _away(error) from error
        return [Standing(*rows[0]) if rows else None for rows in found]


def _away(error: sqlite3.Error) -> DatabaseError:
    return DatabaseError(f"heartbeats cannot be written ({error}): is the disk full, or another one writing?")
