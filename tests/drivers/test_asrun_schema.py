"""A database of an older software becomes one of this software, whole, and nothing in it is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from easyplayer.drivers import asrun_schema
from easyplayer.drivers.asrun_facts import RowBegun, RowsLeft, RowTold
from easyplayer.drivers.asrun_schema import (
    CHAIN,
    ROWS_AND_CLOCKS,
    VERSION,
    UnusableError,
    set_up,
    version_of,
)
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol.asrun import GENESIS, ClockRead, Played
from easyplayer.units import Monotonic, Seconds
from tests.drivers.killing import bodies_in, chain_in, played_in

OLD_ROWS = """
    INSERT INTO played (boot, started, over, heard_s, ended, layer, source, playlist, blind, item) VALUES
    ('boot-0', 10.0, 40.0, 30.0, 'played', 'daypart', 'tea', 'calm', 0, '{"id": "a", "location": "/a.flac"}'),
    ('boot-0', 40.0, 40.0, 0.0, 'failed', '', '', '', 0, '{"id": "b", "location": "/b.flac"}'),
    ('boot-0', 41.0, 50.0, 9.0, NULL, '', '', '', 1,
        '{"id": "http://dj:secret@radio/live", "location": "http://dj:secret@radio/live", "kind": "stream"}')
"""


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """Give the database of a box that knew no hub."""
    path = tmp_path / "asrun.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in (*ROWS_AND_CLOCKS, OLD_ROWS):
            database.execute(statement)
        database.execute("INSERT INTO clock VALUES ('boot-0', 5.0, 1000005.0, 'trusted')")
        database.execute("PRAGMA user_version = 1")
    return path


def test_an_old_log_is_read_before_anything_writes_to_it(path: Path) -> None:
    """A command looks at it while the box is off; it has no chain yet."""
    store = AsRunStore(path, "reads")

    assert [(row.sequence, row.zone, row.level_db) for row in store.tail(9)] == [(1, "", None), (3, "", None)]
    assert store.next_batch(0) is None


def test_an_old_log_goes_into_the_chain_whole(path: Path) -> None:
    """At the next start: its readings of the clocks, and its rows with all that is known of them."""
    store = AsRunStore(path, "boot-1")
    store.write([RowsLeft(before=Monotonic(1.0), ended="stopped")])
    store.close()
    clock, *rows = bodies_in(path)

    assert isinstance(clock, ClockRead)
    assert [(row.sequence, row.heard_s, row.ended) for row in rows if isinstance(row, Played)] == [
        (1, 30.0, "played"),
        (2, 0.0, "failed"),
        (3, 9.0, "stopped"),
    ]
    first = played_in(path)[0]
    assert (first.wall, first.trust, first.item.location) == (1000010.0, "trusted", "/a.flac")
    assert (first.layer, first.source, first.playlist) == ("daypart", "tea", "calm")


def test_a_password_in_an_old_row_does_not_leave_the_box(path: Path) -> None:
    """Nobody had masked it when it was written."""
    store = AsRunStore(path, "boot-1")
    store.write([RowsLeft(before=Monotonic(1.0), ended="stopped")])
    store.close()

    assert all("secret" not in entry.body for entry in chain_in(path))
    assert b"secret" not in AsRunStore(path, "reads").tail(1)[0].item.encode()


def test_a_migration_that_fails_half_way_leaves_the_old_log(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, or nothing."""
    steps = (ROWS_AND_CLOCKS, (*asrun_schema.CHAIN[:5], "SELECT * FROM nowhere"))
    monkeypatch.setattr(asrun_schema, "STEPS", steps)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            set_up(database)
        assert version_of(database) == 1
        assert len(database.execute("SELECT * FROM heard").fetchall()[0]) == 11


def test_a_log_from_before_there_were_screens_goes_on(tmp_path: Path) -> None:
    """Under its name and with its chain; what it has is music, and pictures come behind it."""
    path = tmp_path / "asrun.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in (*ROWS_AND_CLOCKS, *CHAIN, OLD_ROWS):
            database.execute(statement)
        database.execute("INSERT INTO log (id, gone_hash) VALUES (?, ?)", ("ab" * 16, GENESIS))
        database.execute("PRAGMA user_version = 2")
    before = AsRunStore(path, "reads").tail(9)
    store = AsRunStore(path, "boot-1")
    store.write(
        [
            RowsLeft(before=Monotonic(1.0), ended="stopped"),
            RowBegun(started=Monotonic(5.0), item='{"id": "ad", "kind": "still"}', shown_s=Seconds(0.0)),
            RowTold(
                started=Monotonic(5.0),
                over=Monotonic(15.0),
                heard_s=Seconds(0.0),
                ended="played",
                shown_s=Seconds(10.0),
                outputs="tv,bar",
            ),
        ]
    )
    store.close()

    assert [(row.sequence, row.shown_s, row.screens) for row in before] == [(1, None, ()), (3, None, ())]
    assert store.head is not None
    assert store.head.log == "ab" * 16
    rows = [(row.sequence, row.shown_s, row.outputs) for row in played_in(path)]
    assert rows == [(1, None, ()), (2, None, ()), (3, None, ()), (4, 10.0, ("tv", "bar"))]
    assert [row.sequence for row in AsRunStore(path, "reads").tail(9)] == [1, 3, 4]


def test_a_newer_log_is_refused_in_words(path: Path) -> None:
    """The store sets it aside."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
        with pytest.raises(
            UnusableError, match=f"its format is {VERSION + 1}, and this software knows {VERSION}"
        ):
            set_up(database)


def test_each_log_has_a_name_of_its_own(tmp_path: Path) -> None:
    """By it the hub tells them apart, also where one was damaged and begun anew."""
    heads = []
    for number in range(3):
        store = AsRunStore(tmp_path / f"{number}.db", "boot-1")
        store.write([RowBegun(started=Monotonic(1.0), item="{}")])
        heads.append(store.head)
        store.close()

    assert len({head.log for head in heads if head}) == 3
