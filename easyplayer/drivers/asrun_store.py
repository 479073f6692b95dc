"""Where the as-run log lies: a database that a power cut leaves whole, and to which rows are only added.

A row is named by its run of the machine and the instant at which it began.  Instants are those of the
monotonic clock; what time of day that was follows from the readings of the wall clock beside them.
"""

import logging
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import structs

from easyplayer.drivers import asrun_chain
from easyplayer.drivers.asrun_facts import (
    ClockRead,
    EntryPoisoned,
    Fact,
    LogLeft,
    OldForgotten,
    RowBegun,
    RowsLeft,
    RowTold,
    StoredRow,
    stored_row,
)
from easyplayer.drivers.asrun_schema import CHAINED_SINCE, UnusableError, set_up, version_of
from easyplayer.drivers.database_room import look_for_room
from easyplayer.drivers.database_transaction import transaction
from easyplayer.errors import StateError
from easyplayer.protocol.asrun import Batch, Receipt
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.units import Monotonic

log = logging.getLogger(__name__)

BEGIN_ROW = """
    INSERT INTO played (boot, started, over, heard_s, layer, source, playlist, blind, zone, item, shown_s)
    SELECT :boot, :started, :started, 0.0, :layer, :source, :playlist, :blind, :zone, :item, :shown_s
    WHERE NOT EXISTS (SELECT 1 FROM played WHERE boot = :boot AND started = :started)
"""
"""A conflict that is passed over would use up a number of the sequence; what is not selected does not."""
TELL_ROW = """
    UPDATE played SET over = :over, heard_s = :heard_s, ended = :ended,
        level_db = coalesce(:level_db, level_db), item = CASE :item WHEN '' THEN item ELSE :item END,
        shown_s = coalesce(:shown_s, shown_s), outputs = CASE :outputs WHEN '' THEN outputs ELSE :outputs END
    WHERE boot = :boot AND started = :started AND ended IS NULL
"""
END_ROWS_LEFT = """
    UPDATE played SET ended = :ended WHERE ended IS NULL AND NOT (boot = :boot AND started >= :before)
"""
ADD_READING = """
    INSERT INTO clock (boot, at, wall, trust) VALUES (:boot, :at, :wall, :trust)
    ON CONFLICT (boot, at) DO UPDATE SET wall = :wall, trust = :trust, number = NULL
        WHERE wall <> :wall OR trust <> :trust
"""
STATEMENTS: dict[type[Fact], str] = {
    RowBegun: BEGIN_ROW,
    RowTold: TELL_ROW,
    RowsLeft: END_ROWS_LEFT,
    ClockRead: ADD_READING,
}
ROWS_IN_SPAN = "SELECT * FROM heard WHERE boot = ? AND started >= ? AND started < ?"
LAST_ROWS = "SELECT * FROM heard ORDER BY sequence DESC LIMIT ?"
ALL_READINGS = "SELECT boot, at, wall, trust FROM clock ORDER BY at"
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PRIMARY_CODE = 0xFF
MOST_SET_ASIDE = 9
MOST_READINGS = 100

Span = tuple[str, Monotonic, Monotonic]
"""A run of the machine, an instant in it, and the first instant after the span."""


class AsRunStore:
    """One database.  It may be read by any thread and process, and is written by one thread alone.

    :param path: the file.
    :param boot: names this run of the machine.
    :ivar head: how far the chain had come when something was last written; ``None`` before that.
    """

    def __init__(self, path: Path, boot: str) -> None:
        self.path = path
        self.head: LogHead | None = None
        self._boot = boot
        self._writer: sqlite3.Connection | None = None
        self._readings: deque[ClockRead] = deque(maxlen=MOST_READINGS)

    def write(self, facts: Iterable[Fact]) -> None:
        """Write facts down, all or none, and wait until they are on the disk.

        What becomes final by them is appended to the chain.  A fact that is there already changes nothing,
        so that what was refused may be told again.  A damaged database is set aside, and a new one begun,
        which is told the clocks' readings once more.

        :raises StateError: if the disk does not take them.
        """
        told = tuple(facts)
        try:
            try:
                self._write(told)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._set_aside(str(error))
                self._write((*self._readings, *told))
        except (sqlite3.Error, OSError) as error:
            self.close()
            message = f"{self.path} cannot be written ({error}): free space, or check the disk"
            raise StateError(message) from error
        self._readings.extend(fact for fact in told if isinstance(fact, ClockRead))

    def rows(self, *spans: Span) -> list[StoredRow]:
        """Read the rows that began within some spans, and of which something was heard or seen, in order.

        :raises StateError: if the database cannot be read.
        """
        return [
            stored_row(values) for values in sorted(self._read(*((ROWS_IN_SPAN, span) for span in spans)))
        ]

    def tail(self, count: int) -> list[StoredRow]:
        """Read the last rows of which something was heard or seen, oldest first.

        :raises StateError: if the database cannot be read.
        """
        return [stored_row(values) for values in reversed(self._read((LAST_ROWS, (count,))))]

    def readings(self) -> dict[str, list[ClockRead]]:
        """Read the clocks' readings of each run of the machine, the earlier ones first.

        :raises StateError: if the database cannot be read.
        """
        found: dict[str, list[ClockRead]] = {}
        for boot, at, wall, trust in self._read((ALL_READINGS, ())):
            found.setdefault(boot, []).append(ClockRead(at=at, wall=wall, trust=trust))
        return found

    def next_batch(self, after: int) -> Batch | None:
        """Read the entries of the chain after a number, as many as go to the hub at once.

        Which log they are of is said in the batch: another one may have been begun meanwhile.

        :returns: ``None`` where there is none.
        :raises StateError: if the database cannot be read.
        """
        with self._reader() as database:
            if database is None or version_of(database) < CHAINED_SINCE:
                return None
            return asrun_chain.batch(database, after)

    def close(self) -> None:
        """Let the database go; the next fact takes hold of it anew."""
        if self._writer is not None:
            with suppress(sqlite3.Error):  # what is on the disk is whole, whatever this says
                self._writer.close()
            self._writer = None

    # -- writing -------------------------------------------------------------------------------

    def _write(self, facts: Sequence[Fact]) -> None:
        database = self._writer = self._writer or self._open()
        with transaction(database):
            for fact in facts:
                self._take(database, fact)
            asrun_chain.seal(database)
            head = asrun_chain.head(database)
        self.head = head

    def _take(self, database: sqlite3.Connection, fact: Fact) -> None:
        match fact:
            case Receipt():
                asrun_chain.acknowledge(database, fact, self._boot)
            case EntryPoisoned():
                asrun_chain.set_entry_aside(database, fact, self._boot)
            case LogLeft():
                asrun_chain.begin_log(database, self._boot, fact.reason)
            case OldForgotten():
                asrun_chain.forget_old(database, fact, self._boot)
            case _:
                database.execute(STATEMENTS[type(fact)], {"boot": self._boot, **structs.asdict(fact)})

    def _open(self) -> sqlite3.Connection:
        look_for_room(self.path.parent)
        interrupted = self._beside("-wal").exists()
        database = sqlite3.connect(self.path, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            if interrupted and (found := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise UnusableError(found)
            set_up(database)
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, reason: str) -> None:
        """Put the file where it is out of the way, with what belongs to it; never more than a few."""
        self.close()
        numbers = range(1, MOST_SET_ASIDE)
        free = next((one for one in numbers if not self._beside(f".bad-{one}").exists()), MOST_SET_ASIDE)
        aside = self._beside(f".bad-{free}")
        log.warning("%s cannot be used and is set aside as %s: %s", self.path, aside.name, reason)
        self.path.replace(aside)
        for tail in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._beside(tail).replace(aside.with_name(aside.name + tail))

    def _beside(self, tail: str) -> Path:
        return self.path.with_name(self.path.name + tail)

    # -- reading -------------------------------------------------------------------------------

    def _read(self, *questions: tuple[str, Sequence[float | str]]) -> list[tuple[Any, ...]]:
        """Ask by a connection that asks only; where there is no log yet, there is no answer."""
        with self._reader() as database:
            if database is None or not version_of(database):
                return []
            return [row for question in questions for row in database.execute(*question)]

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection that asks only, and sees one state of the log; ``None`` where there is no log.

        It may write, for what a box that was killed has left half done must be undone to be read.
        """
        if not self.path.exists():
            yield None
            return
        place = f"{self.path.absolute().as_uri()}?mode=rw"
        try:
            if not self._beside("-shm").exists():
                look_for_room(self.path.parent)
            with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as database:
                database.execute("PRAGMA query_only = ON")
                with transaction(database, "DEFERRED"):
                    yield database
        except sqlite3.Error as error:
            message = f"{self.path} cannot be read ({error}): look at the disk"
            raise StateError(message) from error


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in DAMAGED
