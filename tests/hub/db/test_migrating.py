"""A database is brought to the tables that the software knows, once, and never back."""

import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from easyplayer.errors import DatabaseError
from easyplayer.hub.db import migrating
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.migrating import HEAD, migrate, revision
from easyplayer.hub.db.schema import metadata, users
from easyplayer.hub.services import tracks
from easyplayer.playout.items import ItemKind
from tests.hub.contents import digest_of, facts, track_id

pytestmark = pytest.mark.slow


@pytest.fixture(name="empty")
def _empty(empty_database_url: str) -> Iterator[Database]:
    """Open a database that has nothing in it."""
    database = Database(empty_database_url)
    yield database
    database.close()


def told(database: Database, statement: str) -> Any:
    """Run a statement, and give the one value that it tells."""
    with database.write() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


def defaults_differ(
    _context: object, _there: object, _known: object, there: str | None, _default: object, known: str | None
) -> bool:
    """Compare what a column is by default; alembic itself takes an empty text for another than SQLite's."""
    plain = [None if one is None else one.removesuffix("::text").strip("()'") for one in (there, known)]
    return plain[0] != plain[1]


def test_an_empty_database_gets_every_table(empty: Database) -> None:
    """A hub that is started for the first time needs nobody to prepare it."""
    migrate(empty)
    with empty.read() as connection:
        assert revision(connection) == HEAD
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())


def test_the_migrations_lead_to_the_very_tables_that_the_code_knows(empty: Database) -> None:
    """Who changes the schema and forgets the migration is told here."""
    migrate(empty)
    with empty.read() as connection:
        options = {"compare_type": True, "compare_server_default": defaults_differ}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_comparison_sees_a_difference(empty: Database) -> None:
    """If it went blind, the test before would hold for nothing."""
    migrate(empty)
    told(empty, "ALTER TABLE users ADD COLUMN shoe_size INTEGER")
    with empty.read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        assert [one[0] for one in found] == ["remove_column"]


def test_what_is_there_stays_there(database: Database) -> None:
    """A restart changes nothing."""
    with database.write() as connection:
        connection.execute(users.insert().values(name="anna", password="", created=1.0))
    migrate(database)
    assert told(database, "SELECT name FROM users") == "anna"


def test_what_a_hub_of_before_there_were_screens_has_is_music(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows stay, and its boxes have told of no screen."""
    monkeypatch.setattr(migrating, "HEAD", "0001")
    migrate(empty)
    told(
        empty,
        "INSERT INTO played (box, log, number, sequence, venue, boot, started, over, at, trust, heard_s,"
        " ended, item, hash, received)"
        " VALUES ('b', 'l', 1, 1, 'v', 'r', 1, 2, 3, 'trusted', 1, 'played', '{}', 'h', 4)",
    )
    monkeypatch.undo()
    migrate(empty)
    assert told(empty, "SELECT count(*) FROM played WHERE shown_s IS NULL AND outputs = '[]'") == 1


def test_what_a_hub_of_before_there_were_pictures_has_is_music(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a film, for nobody has looked at its pictures: it goes on to be heard as before."""
    film = facts(digest_of("film"), title="Film")
    monkeypatch.setattr(migrating, "HEAD", "0002")
    migrate(empty)
    insert = text(
        "INSERT INTO tracks (id, sha256, size, file_name, state, facts, created)"
        " VALUES (:id, :sha256, 1000, 'film.mp4', 'ready', :facts, 1)"
    )
    row = {"id": track_id("film"), "sha256": film.sha256, "facts": msgspec.json.encode(film).decode()}
    with empty.write() as connection:
        connection.execute(insert, row)
    monkeypatch.undo()
    migrate(empty)
    with empty.read() as connection:
        track = tracks.track_of(tracks.find(connection, track_id("film")))
        assert [one.id for one in tracks.listed(connection, kind=ItemKind.FILE, limit=9)] == [track.id]
    assert (track.kind, track.duration_ms, track.title) == (ItemKind.FILE, 180_000, "Film")
    assert (track.picture, track.copy, track.thumbnail) == (None, None, False)


@pytest.mark.parametrize("before", ["0001", "0002", "0003", "0004"])
def test_what_was_published_for_what_is_gone_is_over(
    empty: Database, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """A group that gets the name of one that was deleted does not get its program, too."""
    monkeypatch.setattr(migrating, "HEAD", before)
    migrate(empty)
    told(empty, "INSERT INTO groups (id, name) VALUES ('bars', 'Bars')")
    told(empty, "INSERT INTO venues (id, name, time_zone, created) VALUES ('bar', 'Bar', 'UTC', 1)")
    told(empty, "INSERT INTO zones (venue, id, name) VALUES ('bar', 'main', 'Main')")
    told(empty, "INSERT INTO boxes (id, key, name, venue, created) VALUES ('b1', 'k', 'Box', 'bar', 1)")
    there = [("group", "bars"), ("venue", "bar"), ("zone", "bar/main"), ("box", "b1")]
    gone = [("group", "cafes"), ("venue", "cafe"), ("zone", "bar/terrace"), ("box", "b2")]
    insert = text(
        "INSERT INTO publications (program, version, target, target_id, created, by)"
        " VALUES ('p', 1, :target, :name, 1, 'anna')"
    )
    with empty.write() as connection:
        connection.execute(insert, [{"target": target, "name": name} for target, name in [*there, *gone]])
    monkeypatch.undo()
    migrate(empty)
    with empty.read() as connection:
        rows = connection.execute(text("SELECT target, target_id, over FROM publications ORDER BY id")).all()
    assert [(target, name) for target, name, over in rows if not over] == there
    assert [(target, name) for target, name, over in rows if over] == gone


def test_several_workers_that_start_at_once_migrate_once(empty: Database) -> None:
    """One does it, the others wait and find it done."""
    faults: list[Exception] = []

    def start() -> None:
        database = Database(empty.url.render_as_string(hide_password=False))
        try:
            migrate(database)
        except Exception as error:  # noqa: BLE001 - told to the test
            faults.append(error)
        finally:
            database.close()

    workers = [threading.Thread(target=start) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert told(empty, "SELECT count(*) FROM alembic_version") == 1


def test_a_migration_that_fails_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the tables would be worse than none: it is one transaction, on both databases."""
    told(empty, "CREATE TABLE zones (useless INTEGER)")  # in the way of the last tables
    with pytest.raises(Exception, match="zones"):
        migrate(empty)
    with empty.read() as connection:
        assert inspect(connection).get_table_names() == ["zones"]


def test_a_database_that_is_newer_than_the_software_is_refused_in_words(database: Database) -> None:
    """Both versions are named, and the way out; nothing is touched."""
    told(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match=rf"9999.*{HEAD}.*newer easyplayer.*backup"):
        migrate(database)
    assert told(database, "SELECT version_num FROM alembic_version") == "9999"
