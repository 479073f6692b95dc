"""The tables of the as-run log's database, and how one of an older software comes to have them.

``played`` and ``clock`` say what happened; ``chain`` is what of it goes to the hub, in one order and
linked; ``log`` has one row, which says whose chain it is and how far that has come.
"""

import sqlite3
from secrets import token_hex

from easyplayer.drivers.database_transaction import transaction
from easyplayer.protocol.asrun import GENESIS

VERSION = 3
CHAINED_SINCE = 2
"""The first version in which there is a chain."""
LOG_ID_BYTES = 16

ROWS_AND_CLOCKS = (
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
)
CHAIN = (
    "ALTER TABLE played ADD COLUMN zone TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE played ADD COLUMN level_db REAL",
    # A stream's password must not leave the box, and nobody has masked it before.
    """
    UPDATE played SET item = json_set(item, '$.location', '', '$.id', 'a stream')
    WHERE CASE WHEN json_valid(item) THEN json_extract(item, '$.location') ELSE '' END LIKE '%://%:%@%'""",
    "DROP VIEW heard",
    """
    CREATE VIEW heard AS
        SELECT sequence, boot, started, over, heard_s, ended,
            layer, source, playlist, blind, item, zone, level_db
        FROM played WHERE ended IS NULL OR heard_s > 0""",
    # The entry that a reading is; NULL where that is still to be seen, 0 where it needs none.
    "ALTER TABLE clock ADD COLUMN number INTEGER",
    "CREATE INDEX clock_waiting ON clock (boot) WHERE number IS NULL",
    """
    CREATE TABLE chain (
        number INTEGER PRIMARY KEY,
        hash TEXT NOT NULL,
        body TEXT NOT NULL,
        sequence INTEGER,
        wall REAL
    )""",
    "CREATE INDEX chain_wall ON chain (wall) WHERE wall IS NOT NULL",
    # sealed: up to which row the chain has them; delivered: up to which row it need not have them.
    # gone, gone_hash: the last entry that is kept no more.
    """
    CREATE TABLE log (
        id TEXT NOT NULL,
        acknowledged INTEGER NOT NULL DEFAULT 0,
        sealed INTEGER NOT NULL DEFAULT 0,
        delivered INTEGER NOT NULL DEFAULT 0,
        gone INTEGER NOT NULL DEFAULT 0,
        gone_hash TEXT NOT NULL
    )""",
    """
    CREATE TABLE set_aside (
        log TEXT NOT NULL,
        number INTEGER NOT NULL,
        body TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (log, number)
    )""",
)
SCREENS = (
    # NULL is no picture; the names of the screens have commas between them.
    "ALTER TABLE played ADD COLUMN shown_s REAL",
    "ALTER TABLE played ADD COLUMN outputs TEXT NOT NULL DEFAULT ''",
    "DROP VIEW heard",
    """
    CREATE VIEW heard AS
        SELECT sequence, boot, started, over, heard_s, ended,
            layer, source, playlist, blind, item, zone, level_db, shown_s, outputs
        FROM played WHERE ended IS NULL OR heard_s > 0 OR shown_s > 0""",
)
STEPS = (ROWS_AND_CLOCKS, CHAIN, SCREENS)
"""What leads from each version to the next one, from an empty file on."""


class UnusableError(sqlite3.DatabaseError):
    """The file is no log that can be gone on with."""

    sqlite_errorcode = sqlite3.SQLITE_NOTADB


def set_up(database: sqlite3.Connection) -> None:
    """Bring a database to this software's version, all at once.

    :raises UnusableError: a newer software has written it.
    """
    version = version_of(database)
    if version > VERSION:
        reason = f"its format is {version}, and this software knows {VERSION}"
        raise UnusableError(reason)
    if version < VERSION:
        with transaction(database):
            for statement in (one for step in STEPS[version:] for one in step):
                database.execute(statement)
            if version < CHAINED_SINCE:
                database.execute("INSERT INTO log (id, gone_hash) VALUES (?, ?)", (new_log_id(), GENESIS))
            database.execute(f"PRAGMA user_version = {VERSION}")


def version_of(database: sqlite3.Connection) -> int:
    """Tell which software has written a database; 0 is one that is still empty."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def new_log_id() -> str:
    """Draw a name for a log, which no other log has."""
    return token_hex(LOG_ID_BYTES)
