"""All of some steps in a database, or none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from easyplayer.drivers.database_transaction import transaction

NOTE = "INSERT INTO note VALUES (1)"
DEFERRED = "REFERENCES note DEFERRABLE INITIALLY DEFERRED"


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """Give a database with a table, and one whose rows have to be in that when a transaction ends."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("PRAGMA foreign_keys = ON")
        made.execute("CREATE TABLE note (number INTEGER PRIMARY KEY)")
        made.execute(f"CREATE TABLE mark (number INTEGER {DEFERRED})")
        yield made


def notes(database: sqlite3.Connection) -> int:
    """Count the rows."""
    (found,) = database.execute("SELECT count(*) FROM note").fetchone()
    return int(found)


def do(database: sqlite3.Connection, *steps: str, kind: str = "IMMEDIATE") -> None:
    """Take some steps in one transaction."""
    with transaction(database, kind):
        for step in steps:
            database.execute(step)


def test_what_is_done_within_is_kept(database: sqlite3.Connection) -> None:
    """And the transaction is over."""
    do(database, NOTE)
    assert (notes(database), database.in_transaction) == (1, False)


def test_nothing_is_kept_where_a_step_fails(database: sqlite3.Connection) -> None:
    """Whatever it was, it is told."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        do(database, NOTE, "SELECT * FROM nowhere")
    assert (notes(database), database.in_transaction) == (0, False)


def test_nothing_is_kept_where_its_end_fails(database: sqlite3.Connection) -> None:
    """Else it would stay open, and the next one could not begin."""
    with pytest.raises(sqlite3.IntegrityError):
        do(database, NOTE, "INSERT INTO mark VALUES (2)")
    assert (notes(database), database.in_transaction) == (0, False)


def test_an_error_that_has_ended_it_already_is_told_as_it_was(database: sqlite3.Connection) -> None:
    """Not that there is nothing to take back."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        do(database, "ROLLBACK", "SELECT * FROM nowhere", kind="DEFERRED")
    assert not database.in_transaction
