"""All of some steps in an SQLite database, or none of them; for what holds its connections in autocommit."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def transaction(database: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Do all that is done within, or nothing of it.

    :param kind: ``DEFERRED`` for what only reads.
    :raises sqlite3.Error: it could not be begun, or not be kept; nothing of it is.
    """
    database.execute(f"BEGIN {kind}")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # some errors have ended it already
            database.execute("ROLLBACK")
        raise
