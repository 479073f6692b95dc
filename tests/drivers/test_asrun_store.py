"""The as-run log's database: nothing that was written is lost, and nothing is written twice."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.drivers import database_room
from easyplayer.drivers.asrun_facts import ClockRead, Fact, RowBegun, RowsLeft, RowTold, StoredRow
from easyplayer.drivers.asrun_schema import VERSION
from easyplayer.drivers.asrun_store import MOST_SET_ASIDE, AsRunStore
from easyplayer.errors import StateError
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.units import Instant, Monotonic, Seconds
from tests.drivers.killing import Killed, chain_in, check_whole

KILLS = int(os.environ.get("KILLS", "20"))
"""How often the writer is killed; a long run may ask for thousands."""
KILLS_EACH = 4
LIVES_S = 0.2
NONSENSE = b"no database at all" * 100
ALWAYS = Monotonic(float("-inf")), Monotonic(float("inf"))


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[AsRunStore]:
    """Give a log that is not there yet."""
    store = AsRunStore(tmp_path / "asrun.db", "boot-1")
    yield store
    store.close()


def begun(started: float, item: str = "song", **origin: object) -> RowBegun:
    """Begin a row."""
    return RowBegun(started=Monotonic(started), item=item, **origin)  # type: ignore[arg-type]


def told(started: float, heard_s: float, ended: str | None = None) -> RowTold:
    """Tell of a row what was heard of it."""
    over = Monotonic(started + heard_s)
    return RowTold(started=Monotonic(started), over=over, heard_s=Seconds(heard_s), ended=ended)


def read(at: float, wall: float, trust: str = "estimated") -> ClockRead:
    """Read both clocks."""
    return ClockRead(at=Monotonic(at), wall=Instant(wall), trust=trust)


def items(rows: list[StoredRow]) -> list[str]:
    """Give what the rows are of."""
    return [row.item for row in rows]


class TestRows:
    """What is written, and how it is read."""

    def test_where_nothing_was_written_nothing_is_read(self, store: AsRunStore) -> None:
        """And nothing is made by reading."""
        assert (store.tail(5), store.rows(("boot-1", *ALWAYS)), store.readings()) == ([], [], {})
        assert not store.path.exists()

    def test_a_row_is_read_as_it_was_told(self, store: AsRunStore) -> None:
        """While it sounds, and when it is over."""
        store.write([begun(10, "a", layer="daypart", source="breakfast", playlist="calm", blind=True)])
        (sounds,) = store.tail(1)
        store.write([told(10, 30.0)])
        store.write([told(10, 42.0, "played")])
        (over,) = store.tail(1)

        assert sounds == StoredRow(
            sequence=1,
            boot="boot-1",
            started=Monotonic(10),
            over=Monotonic(10),
            heard_s=Seconds(0.0),
            ended=None,
            layer="daypart",
            source="breakfast",
            playlist="calm",
            blind=True,
            item="a",
        )
        assert (over.over, over.heard_s, over.ended) == (52.0, 42.0, "played")

    def test_a_row_that_is_over_stays_as_it_is(self, store: AsRunStore) -> None:
        """Whatever is told of it afterwards."""
        store.write([begun(10), told(10, 42.0, "played")])
        before = store.tail(1)
        store.write([told(10, 50.0, "failed"), RowsLeft(before=Monotonic(99), ended="stopped")])

        assert store.tail(1) == before

    def test_a_row_of_which_nothing_was_heard_keeps_its_number_and_is_not_read(
        self, store: AsRunStore
    ) -> None:
        """So that a number that is missing means a row that is missing."""
        store.write([begun(10, "a"), told(10, 5.0, "played")])
        store.write([begun(20, "b"), told(20, 0.0, "failed")])
        store.write([begun(30, "c")])

        assert [(row.sequence, row.item) for row in store.tail(9)] == [(1, "a"), (3, "c")]

    def test_what_is_told_twice_counts_once(self, store: AsRunStore) -> None:
        """A write that was refused, or seemed to be, is made again; and no number is left out by it."""
        facts: list[Fact] = [begun(10, "a"), read(10, 1e9), told(10, 5.0, "played"), begun(20, "b")]
        for _ in range(3):
            store.write(facts)
        store.write([begun(30, "c")])

        assert [(row.sequence, row.item) for row in store.tail(9)] == [(1, "a"), (2, "b"), (3, "c")]
        assert len(store.readings()["boot-1"]) == 1

    def test_all_facts_are_written_or_none(self, store: AsRunStore) -> None:
        """A write that fails half way leaves nothing."""
        store.write([begun(10, "a")])
        wrong = RowBegun(started=Monotonic(30), item=None)  # type: ignore[arg-type]
        with pytest.raises(StateError, match="NOT NULL"):
            store.write([begun(20, "b"), wrong])
        store.write([begun(40, "c")])

        assert [(row.sequence, row.item) for row in store.tail(9)] == [(1, "a"), (2, "c")]

    def test_rows_that_a_power_cut_left_open_are_ended(self, store: AsRunStore) -> None:
        """Those of this run of the machine and of the one before, but not what has begun since."""
        before = AsRunStore(store.path, "boot-0")
        before.write([begun(500, "a"), told(500, 30.0)])
        before.close()
        store.write([begun(10, "b"), told(10, 7.0)])
        store.write([RowsLeft(before=Monotonic(20), ended="stopped"), begun(20, "c")])

        assert [(row.item, row.ended, row.heard_s) for row in store.tail(9)] == [
            ("a", "stopped", 30.0),
            ("b", "stopped", 7.0),
            ("c", None, 0.0),
        ]

    def test_the_last_rows_are_read_oldest_first(self, store: AsRunStore) -> None:
        """As many as are asked for."""
        store.write(begun(number, str(number)) for number in range(10))

        assert items(store.tail(3)) == ["7", "8", "9"]
        assert len(store.tail(99)) == 10

    def test_rows_of_a_span_are_those_that_began_in_it(self, store: AsRunStore) -> None:
        """From its first instant to the last before its end, in the run of the machine that was meant."""
        other = AsRunStore(store.path, "boot-0")
        other.write([begun(15, "elsewhere")])
        other.close()
        store.write(begun(number, str(number)) for number in (10, 20, 30, 40))
        span = "boot-1", Monotonic(20), Monotonic(40)

        assert items(store.rows(span)) == ["20", "30"]
        assert items(store.rows(("boot-0", *ALWAYS), span)) == ["elsewhere", "20", "30"]
        assert store.rows() == []

    def test_readings_are_kept_by_run_of_the_machine(self, store: AsRunStore) -> None:
        """Two of one instant are one: the later knows more."""
        other = AsRunStore(store.path, "boot-0")
        other.write([read(7, 70.0)])
        other.close()
        store.write([read(2, 20.0), read(1, 10.0, "unknown")])
        store.write([read(2, 21.0, "trusted")])

        assert store.readings() == {
            "boot-0": [read(7, 70.0)],
            "boot-1": [read(1, 10.0, "unknown"), read(2, 21.0, "trusted")],
        }

    def test_another_thread_reads_while_it_is_written(self, store: AsRunStore) -> None:
        """Neither waits for the other."""
        store.write([begun(10, "a")])
        store._writer.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]
        found: list[StoredRow] = []
        reader = threading.Thread(target=lambda: found.extend(store.tail(9)))
        reader.start()
        reader.join(2.0)
        store._writer.execute("ROLLBACK")  # type: ignore[union-attr]

        assert items(found) == ["a"]

    def test_a_write_is_on_the_disk_when_it_returns(self, store: AsRunStore) -> None:
        """Each one is synced, and the journal is written ahead."""
        store.write([begun(10)])
        assert store._writer is not None
        pragmas = [store._writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous",)]
        assert (pragmas, store._writer.execute("PRAGMA journal_mode").fetchone()[0]) == ([2], "wal")


@settings(max_examples=25)
@given(
    story=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["begin", "tell", "end", "again", "close"])), max_size=12
    )
)
def test_numbers_have_no_gap(story: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is told, in whatever order, and however often."""
    store = AsRunStore(tmp_path_factory.mktemp("log") / "asrun.db", "boot-1")
    for started, what in story:
        match what:
            case "begin":
                store.write([begun(started)])
            case "tell":
                store.write([told(started, 1.0)])
            case "end":
                store.write([told(started, 2.0, "played")])
            case "again":
                store.write([begun(started), told(started, 2.0, "played"), begun(started)])
            case "close":
                store.close()
    rows = store.tail(99)
    store.close()
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.started for row in rows}) == len(rows)


class TestTrouble:
    """A disk that is full, gone, or has damaged the file."""

    def test_a_full_disk_refuses_and_leaves_what_is_there(
        self, store: AsRunStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The way out is told, and once there is room everything goes on."""
        store.write([begun(10, "a")])
        store.close()
        connect = sqlite3.connect

        def connect_to_full(*arguments: object, **options: object) -> sqlite3.Connection:
            database = connect(*arguments, **options)  # type: ignore[call-overload]
            database.execute("PRAGMA max_page_count = 1")
            return database  # type: ignore[no-any-return]

        monkeypatch.setattr(sqlite3, "connect", connect_to_full)
        with pytest.raises(StateError, match=r"asrun\.db cannot be written \(.*full\): free space"):
            store.write([begun(20, "x" * 100_000)])
        monkeypatch.undo()
        store.write([begun(30, "b")])

        assert items(store.tail(9)) == ["a", "b"]

    def test_a_directory_that_is_gone_is_told(self, tmp_path: Path) -> None:
        """Whoever takes the disk away gets an error that names the place."""
        store = AsRunStore(tmp_path / "gone" / "asrun.db", "boot-1")
        with pytest.raises(StateError, match=r"gone/asrun\.db cannot be written"):
            store.write([begun(10)])
        assert store.tail(1) == []

    @pytest.mark.parametrize("content", [NONSENSE, b"SQLite format 3\x00" + b"\xff" * 5000])
    def test_a_damaged_file_is_set_aside(
        self, content: bytes, store: AsRunStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A new one is begun in its place, nothing of the old one is thrown away, and it is logged."""
        store.path.write_bytes(content)
        store.write([begun(10, "a")])
        store.write([begun(20, "b")])

        assert items(store.tail(9)) == ["a", "b"]
        assert store.path.with_name("asrun.db.bad-1").read_bytes() == content
        assert caplog.text.count("asrun.db.bad-1") == 1

    def test_damage_that_a_power_cut_left_is_found_at_the_next_start(self, store: AsRunStore) -> None:
        """Where the box was not closed, the whole file is looked at before it is gone on with."""
        store.write(begun(number, "x" * 1000) for number in range(100))
        store.close()
        damaged = bytearray(store.path.read_bytes())
        damaged[3 * 4096 : 9 * 4096] = os.urandom(6 * 4096)
        store.path.write_bytes(damaged)
        store.path.with_name("asrun.db-wal").write_bytes(b"")

        store.write([begun(1000, "a")])

        assert items(store.tail(9)) == ["a"]

    def test_a_new_log_is_told_the_time_once_more(self, store: AsRunStore) -> None:
        """What was known of the clock in this run of the machine was not only in the old one."""
        store.write([read(1, 1e9, "trusted")])
        store.write([read(2, 2e9), begun(10, "a")])
        store.close()
        store.path.write_bytes(NONSENSE)
        store.write([begun(20, "b")])

        assert items(store.tail(9)) == ["b"]
        assert store.readings() == {"boot-1": [read(1, 1e9, "trusted"), read(2, 2e9)]}

    def test_a_log_of_a_newer_software_is_set_aside_whole(self, store: AsRunStore) -> None:
        """Its rows are not lost, and a box that went back to an older software keeps a log."""
        store.write([begun(10, "a")])
        store._writer.execute(f"PRAGMA user_version = {VERSION + 1}")  # type: ignore[union-attr]
        store.close()
        store.write([begun(20, "b")])
        aside = AsRunStore(store.path.with_name("asrun.db.bad-1"), "boot-1")

        assert (items(store.tail(9)), items(aside.tail(9))) == (["b"], ["a"])

    def test_a_disk_that_damages_again_and_again_is_not_filled(self, store: AsRunStore) -> None:
        """The oldest files stay, and the last place is used over and over."""
        for number in range(MOST_SET_ASIDE + 3):
            store.close()
            store.path.write_bytes(NONSENSE)
            store.write([begun(number)])

        assert len([*store.path.parent.glob("*.bad-?")]) == MOST_SET_ASIDE

    def test_it_is_not_opened_on_a_disk_that_is_full(
        self, store: AsRunStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What SQLite maps there would have no room, and the whole box would be ended by the kernel."""
        with monkeypatch.context() as full:
            full.setattr(database_room, "MAPPED_BYTES", 2**62)
            with pytest.raises(StateError, match="the disk is full"):
                store.write([begun(1.0)])
        store.write([begun(1.0)])
        assert chain_in(store.path) == []

    def test_a_damaged_file_cannot_be_read(self, store: AsRunStore) -> None:
        """Who only reads is told, and changes nothing."""
        store.path.write_bytes(NONSENSE)
        with pytest.raises(StateError, match=r"asrun\.db cannot be read"):
            store.tail(1)
        assert store.path.exists()

    def test_a_file_that_is_still_empty_has_no_rows(self, store: AsRunStore) -> None:
        """Whoever reads at the very instant of the first write finds nothing yet."""
        store.path.write_bytes(b"")
        assert store.tail(1) == []


def check(path: Path, boot: str, there: dict[int, int]) -> None:
    """Hold that all that was said to be on the disk is there, and nothing but that and its next piece."""
    store = AsRunStore(path, "looks")
    rows = {round(row.started): row for row in store.rows((boot, *ALWAYS))}
    readings = {round(one.at) for one in store.readings().get(boot, [])}
    assert set(there) - set(rows) <= {number for number, facts in there.items() if facts < 3}
    assert set(rows) <= {*there, max(there, default=-1) + 1}
    assert {number for number, facts in there.items() if facts > 1} <= readings
    for number in set(there) & set(rows):
        row, facts = rows[number], there[number]
        assert f'"song {number}"' in row.item
        assert row.heard_s >= {1: 0.0, 2: 0.0, 3: 0.5, 4: 0.9}[facts]
        assert row.ended == "played" or facts < 4


@pytest.mark.process
def test_a_writer_that_is_killed_at_any_instant_loses_nothing_it_was_told(tmp_path: Path) -> None:
    """Killed again and again, while it opens and while it writes; each time the next one goes on."""
    chance = Random(KILLS)
    songs = entries = 0
    for first in range(0, KILLS, KILLS_EACH):
        path = tmp_path / f"{first}.db"
        for seed in range(KILLS_EACH):
            one = Killed(path, f"boot-{seed}", first + seed, LIVES_S * chance.random() * chance.random())
            check_whole(path)
            check(path, f"boot-{seed}", one.told)
            head = head_of(path)
            assert head.acknowledged >= one.acknowledged.get(head.log, 0)
            songs += len(one.told)
        entries += len(chain_in(path))
    assert songs > 0
    assert entries > 0
    assert [*tmp_path.glob("*.bad-*")] == []


def head_of(path: Path) -> LogHead:
    """Start a box again on a log that was left, and ask how far it has come."""
    store = AsRunStore(path, "boot-after")
    store.write([])
    store.close()
    assert store.head is not None
    return store.head
