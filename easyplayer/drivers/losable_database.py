"""An SQLite database that may be lost at any time, since all that it holds can be found out again.

One that is damaged is set aside and made anew; where the disk allows none, it is in memory.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from easyplayer.drivers.database_room import look_for_room
from easyplayer.drivers.database_transaction import transaction
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

PATIENCE_S = Seconds(5.0)
"""How long another process may hold the database."""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF
_TAILS = ("-wal", "-shm")

Answer = TypeVar("Answer")


class LosableDatabase:
    """One database, for any thread, and beside other processes.  It is opened when something is asked of it.

    :param schema: makes the tables, in place of those of another version.
    :param version: the schema's; another than 0.
    :param fill: called whenever it has been opened, to bring it up to date.
    """

    def __init__(self, path: Path, schema: str, version: int, fill: Callable[[], None]) -> None:
        self.path = path
        self._schema = schema
        self._version = version
        self._fill = fill
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self._file: os.stat_result | None = None
        self._in_memory = False

    @property
    def is_open(self) -> bool:
        """Whether it has to be told what happens; it learns what happened before when it is opened."""
        return self._database is not None

    def do(self, work: Callable[[sqlite3.Connection], Answer], *, filled: bool = True) -> Answer:
        """Work with the database; where it cannot be used, with one made anew, or with one in memory.

        :param filled: whether it is brought up to date first, where it was not open.
        """
        with self._lock:
            for remedy in (self._set_aside, self._go_without):
                try:
                    return work(self._open(filled=filled))
                except sqlite3.Error as error:
                    remedy(error)
            return work(self._open(filled=filled))

    def try_file_again(self) -> None:
        """Have the file opened again, where there could be none before."""
        with self._lock:
            if self._in_memory:
                self.close()
                self._in_memory = False

    def close(self) -> None:
        """Let the database go; it is opened again when something is asked of it."""
        with self._lock:
            if self._database is not None:
                with suppress(sqlite3.Error):  # nothing in it is of worth
                    self._database.close()
                self._database = None

    # -- the file ------------------------------------------------------------------------------

    def _open(self, *, filled: bool) -> sqlite3.Connection:
        if self._database is not None and not self._is_another_file():
            return self._database
        self.close()
        self._prepare_place()
        place = ":memory:" if self._in_memory else self.path
        self._database = sqlite3.connect(
            place, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        self._set_up(self._database)
        self._file = None if self._in_memory else self._status()
        if filled:
            self._fill()
        return self._database

    def _prepare_place(self) -> None:
        """Make the folder; what is left of a file that somebody took away belongs to no other."""
        if self._in_memory:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            look_for_room(self.path.parent)
            if not self.path.exists():
                self._throw_tails_away()
        except OSError as error:
            raise sqlite3.OperationalError(error.strerror) from error

    def _set_up(self, database: sqlite3.Connection) -> None:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if self._is_right_version(database):
            return
        with transaction(database):
            if not self._is_right_version(database):  # another process may have been quicker
                for statement in filter(str.strip, self._schema.split(";")):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {self._version}")

    def _is_right_version(self, database: sqlite3.Connection) -> bool:
        return bool(database.execute("PRAGMA user_version").fetchone()[0] == self._version)

    def _is_another_file(self) -> bool:
        """Tell whether somebody has taken the file away, or put another in its place."""
        if self._file is None:
            return False
        there = self._status()
        return there is None or not os.path.samestat(there, self._file)

    def _status(self) -> os.stat_result | None:
        with suppress(OSError):
            return self.path.stat()
        return None

    # -- what can be done about it -------------------------------------------------------------

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Put a damaged file out of the way, in place of one that was put there before."""
        if self._in_memory or getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE not in _DAMAGED:
            self._go_without(error)
            return
        self.close()
        log.warning("%s cannot be used and is made anew from the disks: %s", self.path, error)
        try:
            self.path.replace(self.path.with_name(f"{self.path.name}.bad"))
            self._throw_tails_away()
        except OSError:
            self._go_without(error)

    def _go_without(self, error: sqlite3.Error) -> None:
        if self._in_memory:
            raise error
        self.close()
        self._in_memory = True
        log.warning("%s cannot be used; what it would hold is kept in memory: %s", self.path, error)

    def _throw_tails_away(self) -> None:
        for tail in _TAILS:
            self.path.with_name(self.path.name + tail).unlink(missing_ok=True)
