"""SQLite's log is brought into its file beside the writing, and does not grow for ever."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.errors import DatabaseError
from easyplayer.hub.db import beats_sqlite
from easyplayer.hub.db.beats_sqlite import SqliteBeats
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.schema import boxes, metadata, pulses, venues
from tests.hub.db.test_beats import beat

PATIENCE_S = 5.0
PAGE_BYTES = 4096
STATUS = "x" * 3000


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Iterator[Path]:
    """Give a database that knows a box, and that is open: who closes it last would tidy it."""
    path = tmp_path / "hub.sqlite"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.execute(venues.insert().values(id="bar", name="Bar", time_zone="UTC", created=0))
        connection.execute(boxes.insert().values(id="a", key="0", name="a", venue="bar", created=0))
        connection.execute(pulses.insert().values(box="a", seen=0, attention=0, run="r"))
    yield path
    database.close()


async def opened(path: Path) -> SqliteBeats:
    """Give a store that is open."""
    store = SqliteBeats(str(path), PATIENCE_S)
    await store.open()
    return store


async def write(store: SqliteBeats, count: int) -> None:
    """Write heartbeats one after the other."""
    for number in range(count):
        await store.write([beat(sequence=number, status=STATUS)])


def is_in(path: Path) -> bool:
    """Tell whether a heartbeat is in the file itself."""
    return STATUS.encode() in path.read_bytes()


def test_what_was_written_is_brought_into_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, without anybody asking for it."""
    monkeypatch.setattr(beats_sqlite, "TIDY_EVERY_S", 0.0)

    async def run() -> None:
        store = await opened(path)
        async with asyncio.timeout(PATIENCE_S):
            while not is_in(path):
                await write(store, 1)
        await store.close()

    asyncio.run(run())


def test_who_writes_does_not_wait_for_that(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite by itself would have the writing thread do it after a thousand pages."""
    monkeypatch.setattr(beats_sqlite, "TIDY_EVERY_S", 3600.0)

    async def run() -> tuple[bool, int]:
        store = await opened(path)
        await write(store, 1200)
        found = is_in(path), log_of(path).stat().st_size
        await store.close()
        return found

    is_there, log_bytes = asyncio.run(run())
    assert log_bytes > 1000 * PAGE_BYTES
    assert not is_there


def test_the_log_begins_anew_once_all_of_it_is_in_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it stays as long as what comes between two rounds, however much is written."""
    monkeypatch.setattr(beats_sqlite, "TIDY_EVERY_S", 3600.0)

    async def run() -> list[int]:
        store = await opened(path)
        sizes = []
        for _ in range(10):
            await write(store, 20)
            sizes.append(log_of(path).stat().st_size)
            store._tidy()
        await store.close()
        return sizes

    sizes = asyncio.run(run())
    assert max(sizes) < 2 * sizes[0]


def test_a_log_that_cannot_be_tidied_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """And tried again: heartbeats are written all the same."""
    SqliteBeats("/nowhere/at/all", PATIENCE_S)._tidy()
    assert "cannot be brought into its file" in caplog.text


def test_a_file_that_is_damaged_is_not_the_heartbeat_s_fault(path: Path) -> None:
    """The box sends another one, and the hub is heard of by whoever runs it."""

    async def run() -> None:
        store = await opened(path)
        assert store._connection is not None
        store._connection.close()
        store._connection = _Damaged()  # type: ignore[assignment]
        with pytest.raises(DatabaseError, match="malformed"):
            await write(store, 1)
        await store.close()

    asyncio.run(run())


class _Damaged:
    """A connection to a file that is damaged."""

    def execute(self, _words: str, *_values: object) -> None:
        """Find it damaged."""
        raise sqlite3.DatabaseError("database disk image is malformed")

    def close(self) -> None:
        """Close the file."""


def log_of(path: Path) -> Path:
    """Name the log of a database."""
    return path.with_name(f"{path.name}-wal")
