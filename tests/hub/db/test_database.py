"""Both databases behave alike, and whatever they refuse is told in words."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text

from easyplayer.errors import BadRequestError, ConflictError, DatabaseError
from easyplayer.hub.db import database as module
from easyplayer.hub.db.database import Database, insert_for, note
from easyplayer.hub.db.schema import grants, users

ANNA = {"name": "anna", "password": "", "created": 1.0}


def names(database: Database) -> list[str]:
    """Give the names of all users."""
    with database.read() as connection:
        return list(connection.execute(select(users.c.name)).scalars())


def test_a_transaction_is_done_whole(database: Database) -> None:
    """What was written is there for the next one."""
    with database.write() as connection:
        connection.execute(users.insert().values(**ANNA))
    assert names(database) == ["anna"]


def test_a_transaction_that_fails_is_not_done_at_all(database: Database) -> None:
    """Not even the part that went well."""

    def fail() -> None:
        with database.write() as connection:
            connection.execute(users.insert().values(**ANNA))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(database) == []


def test_a_reader_sees_one_state_of_everything_while_another_writes(database: Database) -> None:
    """Also with SQLite, where only one may write."""
    with database.read() as reader:
        before = reader.execute(select(users.c.name)).all()
        writer = threading.Thread(target=add_anna, args=(database,))
        writer.start()
        writer.join()
        assert before == []
        assert reader.execute(select(users.c.name)).all() == []
    assert names(database) == ["anna"]


def add_anna(database: Database, *facts: str) -> None:
    """Add a user in a transaction of its own, which notes facts."""
    with database.write() as connection:
        for fact in facts:
            note(connection, fact)
        connection.execute(users.insert().values(**ANNA))


def test_what_is_there_already_is_a_conflict(database: Database) -> None:
    """Where a service has not looked, or someone was faster."""
    add_anna(database)
    with pytest.raises(ConflictError, match="there already"):
        add_anna(database)


def test_what_refers_to_nothing_is_a_conflict(database: Database) -> None:
    """Foreign keys hold with SQLite as well."""
    with pytest.raises(ConflictError), database.write() as connection:
        connection.execute(grants.insert().values(user="nobody", group="*", role="admin"))


def test_a_number_that_is_too_great_makes_no_sense(database: Database) -> None:
    """It is the fault of who asks, not of the database."""
    with pytest.raises(BadRequestError, match="too great"), database.write() as connection:
        connection.execute(text("SELECT CAST(:number AS BIGINT)"), {"number": 2**70})


def test_an_insert_can_say_what_happens_if_the_row_is_there(database: Database) -> None:
    """In the words of each database."""
    add_anna(database)
    with database.write() as connection:
        again = insert_for(connection, users).values(**ANNA).on_conflict_do_nothing()
        assert connection.execute(again.returning(users.c.name)).first() is None


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/hub", "sqlite"])
def test_a_url_that_names_no_database_of_ours_is_refused_in_words(url: str) -> None:
    """With an example of what to write."""
    with pytest.raises(DatabaseError, match=r"sqlite:.*postgresql:"):
        Database(url)


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    """The message goes into the log."""
    database = Database("postgresql://hub:secret@127.0.0.1:1/hub")
    with pytest.raises(DatabaseError, match="is it running") as caught, database.read():
        pass
    assert "secret" not in str(caught.value)


def test_a_table_that_is_missing_is_the_database_s_fault(database: Database) -> None:
    """Whoever has sent something keeps it, and tries again."""
    with pytest.raises(DatabaseError, match="no_such_table"), database.write() as connection:
        connection.execute(text("SELECT 1 FROM no_such_table"))


def test_a_database_that_has_become_read_only_is_at_fault(database: Database) -> None:
    """As after a switch to another server, or where the disk takes nothing."""
    read_only = "PRAGMA query_only = ON" if database.is_sqlite else "SET TRANSACTION READ ONLY"

    def write() -> None:
        with database.write() as connection:
            connection.execute(text(read_only))
            connection.execute(users.insert().values(**ANNA))

    with pytest.raises(DatabaseError, match=r"[Rr]ead.?[Oo]nly"):
        write()


def test_a_file_that_is_damaged_is_at_fault(tmp_path: Path) -> None:
    """What SQLite says of it is told."""
    file = tmp_path / "hub.sqlite"
    file.write_bytes(b"SQLite format 3\0" + bytes(8000))
    damaged = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseError, match="file is not a database"), damaged.read():
        pass
    damaged.close()


def test_facts_are_told_once_the_transaction_is_committed(database: Database) -> None:
    """All of them at once, when others see already what they are about."""
    told: list[object] = []

    def hear(facts: list[object]) -> None:
        told.extend([*facts, names(database)])

    database.heard = hear
    with database.write() as connection:
        note(connection, "first")
        connection.execute(users.insert().values(**ANNA))
        note(connection, "second")
        assert told == []
    assert told == ["first", "second", ["anna"]]
    with database.write():
        pass
    assert len(told) == 3


def test_facts_of_a_transaction_that_fails_are_told_to_nobody(database: Database) -> None:
    """They are none; not even if the failure comes with the commit."""
    told: list[object] = []
    database.heard = told.extend
    add_anna(database)
    with pytest.raises(ConflictError):
        add_anna(database, "anna is here")
    assert told == []


def test_who_cannot_bear_a_fact_does_not_undo_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has written it does not hear of that."""

    def fail(_facts: list[object]) -> None:
        raise ZeroDivisionError

    database.heard = fail
    add_anna(database, "anna is here")
    assert names(database) == ["anna"]
    assert "'anna is here'" in caplog.text


class _Contended:
    """A database whose mode two others are changing, one after the other: SQLite waits for nobody there."""

    def __init__(self) -> None:
        self.left = 2

    def execute(self, _words: str) -> None:
        """Refuse what is asked twice, and then do it."""
        if self.left:
            self.left -= 1
            raise sqlite3.OperationalError("database is locked")


def test_workers_that_start_at_once_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a new database write ahead, and only one can at a time."""
    waits: list[float] = []
    monkeypatch.setattr(module, "sleep", waits.append)
    contended = _Contended()
    module._write_ahead(contended)  # type: ignore[arg-type]
    assert (contended.left, len(waits)) == (0, 2)


def test_a_database_that_stays_locked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """After as long as any transaction waits for another."""
    monkeypatch.setattr(module, "sleep", lambda _seconds: None)
    monkeypatch.setattr(module, "monotonic", iter([0.0, 19.0, 21.0]).__next__)
    contended = _Contended()
    contended.left = 3
    with pytest.raises(sqlite3.OperationalError):
        module._write_ahead(contended)  # type: ignore[arg-type]
    assert contended.left == 1
