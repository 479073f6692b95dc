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

from msgspec import Struct, structs

from easyplayer.errors import StateError
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

VERSION = 1
SCHEMA = (
    """
    CREATE TABLE played (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        boot TEXT NOT NULL,
        started REAL NOT NULL,
        over REAL NOT NULL,
        heard_s REAL NOT NULL,
        ended TEXT,
        layer TEXT NOT NULL,
        source TEXT NOT NULL,
        playlist TEXT NOT NULL,
        blind INTEGER NOT NULL,
        item TEXT NOT NULL,
        UNIQUE (boot, started)
    )""",
    "CREATE INDEX played_open ON played (sequence) WHERE ended IS NULL",
    """
    CREATE VIEW heard AS
        SELECT sequence, boot, started, over, heard_s, ended, layer, source, playlist, blind, item
        FROM played WHERE ended IS NULL OR heard_s > 0""",
    """
    CREATE TABLE clock (
        boot TEXT NOT NULL,
        at REAL NOT NULL,
        wall REAL NOT NULL,
        trust TEXT NOT NULL,
        PRIMARY KEY (boot, at)
    )""",
    f"PRAGMA user_version = {VERSION}",
)
BEGIN_ROW = """
    INSERT INTO played (boot, started, over, heard_s, layer, source, playlist, blind, item)
    SELECT :boot, :started, :started, 0.0, :layer, :source, :playlist, :blind, :item
    WHERE NOT EXISTS (SELECT 1 FROM played WHERE boot = :boot AND started = :started)
"""
"""A conflict that is passed over would use up a number of the sequence; what is not selected does not."""
TELL_ROW = """
    UPDATE played SET over = :over, heard_s = :heard_s, ended = :ended
    WHERE boot = :boot AND started = :started AND ended IS NULL
"""
END_ROWS_LEFT = """
    UPDATE played SET ended = :ended WHERE ended IS NULL AND NOT (boot = :boot AND started >= :before)
"""
ADD_READING = "INSERT OR REPLACE INTO clock (boot, at, wall, trust) VALUES (:boot, :at, :wall, :trust)"
ROWS_IN_SPAN = "SELECT * FROM heard WHERE boot = ? AND started >= ? AND started < ?"
LAST_ROWS = "SELECT * FROM heard ORDER BY sequence DESC LIMIT ?"
ALL_READINGS = "SELECT boot, at, wall, trust FROM clock ORDER BY at"
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PRIMARY_CODE = 0xFF
MOST_SET_ASIDE = 9
MOST_READINGS = 100


class RowBegun(Struct, frozen=True, kw_only=True):
    """Something began to sound.

    :ivar started: when; no two rows begin at the same instant.
    :ivar item: its snapshot, as JSON.
    :ivar layer: where it comes from, and so are the fields below; empty where that is nothing.
    """

    started: Monotonic
    item: str
    layer: str = ""
    source: str = ""
    playlist: str = ""
    blind: bool = False


class RowTold(Struct, frozen=True, kw_only=True):
    """What is known of a row by now.

    :ivar over: until when it is known to have sounded.
    :ivar heard_s: how much of it was heard.
    :ivar ended: why it sounds no more; ``None`` while it does.  From then on the row stays as it is.
    """

    started: Monotonic
    over: Monotonic
    heard_s: Seconds
    ended: str | None = None


class RowsLeft(Struct, frozen=True, kw_only=True):
    """Rows that began before this run of the box are over; the power went under those that are open.

    :ivar before: when this run began.
    :ivar ended: why they sound no more.
    """

    before: Monotonic
    ended: str


class ClockRead(Struct, frozen=True, kw_only=True):
    """What both clocks showed at once, and how far the wall clock was trusted."""

    at: Monotonic
    wall: Instant
    trust: str


Fact = RowBegun | RowTold | RowsLeft | ClockRead
STATEMENTS: dict[type[Fact], str] = {
    RowBegun: BEGIN_ROW,
    RowTold: TELL_ROW,
    RowsLeft: END_ROWS_LEFT,
    ClockRead: ADD_READING,
}


class StoredRow(Struct, frozen=True, kw_only=True):
    """One row as it lies there; see :class:`RowBegun` and :class:`RowTold`."""

    sequence: int
    boot: str
    started: Monotonic
    over: Monotonic
    heard_s: Seconds
    ended: str | None
    layer: str
    source: str
    playlist: str
    blind: bool
    item: str


Span = tuple[str, Monotonic, Monotonic]
"""A run of the machine, an instant in it, and the first instant after the span."""


class _UnusableError(sqlite3.DatabaseError):
    """The file is no log that can be gone on with."""

    sqlite_errorcode = sqlite3.SQLITE_NOTADB


class AsRunStore:
    """One database.  It may be read by any thread and process, and is written by one thread alone.

    :param path: the file.
    :param boot: names this run of the machine.
    """

    def __init__(self, path: Path, boot: str) -> None:
        self.path = path
        self._boot = boot
        self._writer: sqlite3.Connection | None = None
        self._readings: deque[ClockRead] = deque(maxlen=MOST_READINGS)

    def write(self, facts: Iterable[Fact]) -> None:
        """Write facts down, all or none, and wait until they are on the disk.

        A fact that is there already changes nothing, so that what was refused may be told again.  A
        damaged database is set aside, and a new one begun, which is told the clocks' readings once more.

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
        """Read the rows that began within one of some spans, and of which something was heard, in order.

        :raises StateError: if the database cannot be read.
        """
        return [_row(values) for values in sorted(self._read(*((ROWS_IN_SPAN, span) for span in spans)))]

    def tail(self, count: int) -> list[StoredRow]:
        """Read the last rows of which something was heard, oldest first.

        :raises StateError: if the database cannot be read.
        """
        return [_row(values) for values in reversed(self._read((LAST_ROWS, (count,))))]

    def readings(self) -> dict[str, list[ClockRead]]:
        """Read the clocks' readings of each run of the machine, the earlier ones first.

        :raises StateError: if the database cannot be read.
        """
        found: dict[str, list[ClockRead]] = {}
        for boot, at, wall, trust in self._read((ALL_READINGS, ())):
            found.setdefault(boot, []).append(ClockRead(at=at, wall=wall, trust=trust))
        return found

    def close(self) -> None:
        """Let the database go; the next fact takes hold of it anew."""
        if self._writer is not None:
            with suppress(sqlite3.Error):  # what is on the disk is whole, whatever this says
                self._writer.close()
            self._writer = None

    # -- writing -------------------------------------------------------------------------------

    def _write(self, facts: Sequence[Fact]) -> None:
        database = self._writer = self._writer or self._open()
        with _transaction(database):
            for fact in facts:
                database.execute(STATEMENTS[type(fact)], {"boot": self._boot, **structs.asdict(fact)})

    def _open(self) -> sqlite3.Connection:
        interrupted = self._beside("-wal").exists()
        database = sqlite3.connect(self.path, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            if interrupted and (found := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise _UnusableError(found)
            _set_up(database)
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
        """Ask by a connection that asks only; where there is no log yet, there is no answer.

        It may write, for what a box that was killed has left half done must be undone to be read.
        """
        if not self.path.exists():
            return []
        place = f"{self.path.absolute().as_uri()}?mode=rw"
        try:
            with closing(sqlite3.connect(place, uri=True)) as database:
                database.execute("PRAGMA query_only = ON")
                if not _version(database):
                    return []
                return [row for question in questions for row in database.execute(*question)]
        except sqlite3.Error as error:
            message = f"{self.path} cannot be read ({error}): look at the disk"
            raise StateError(message) from error


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _set_up(database: sqlite3.Connection) -> None:
    version = _version(database)
    if version > VERSION:
        reason = f"its format is {version}, and this software knows {VERSION}"
        raise _UnusableError(reason)
    if version < VERSION:
        with _transaction(database):
            for statement in SCHEMA:
                database.execute(statement)


def _row(values: Sequence[Any]) -> StoredRow:
    fields = dict(zip(StoredRow.__struct_fields__, values, strict=True))
    return StoredRow(**{**fields, "blind": bool(fields["blind"])})


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # some errors have ended it already
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in DAMAGED
