"""What an entry of the as-run log says, and which readings of the clocks become one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers.asrun_facts import ClockRead, Fact, LogLeft, RowBegun, RowTold
from easyplayer.drivers.asrun_seal import LONGEST_TEXT, MOST_READINGS, SELDOM_S, UNREADABLE, snapshot
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol import asrun
from easyplayer.protocol.asrun import LONGEST_BODY, Played, Snapshot
from easyplayer.units import Decibels, Instant, Milliseconds, Monotonic, Seconds
from tests.drivers.killing import bodies_in, chain_in, played_in

FULL = """{"id":"a","location":"/a.flac","kind":"local","title":"Dawn","artist":"Harbour","album":"Quay",
    "composer":"N. N.","label":"Pier","isrc":"FRXXX2700001","duration_ms":30000,
    "media":{"sha256":"%s","size":7},"gain_db":-3.0}""" % ("ab" * 32)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[AsRunStore]:
    """Give a log that is not there yet."""
    store = AsRunStore(tmp_path / "asrun.db", "boot-1")
    yield store
    store.close()


def song(at: float, heard_s: float = 3.0, ended: str | None = "played", **fields: object) -> list[Fact]:
    """Tell of a song from its start to its end."""
    over = Monotonic(at + heard_s)
    return [
        RowBegun(started=Monotonic(at), item="{}", **fields),  # type: ignore[arg-type]  # by name
        RowTold(started=Monotonic(at), over=over, heard_s=Seconds(heard_s), ended=ended),
    ]


def read(at: float, offset_s: float, trust: str = "estimated") -> ClockRead:
    """Read both clocks."""
    return ClockRead(at=Monotonic(at), wall=Instant(at + offset_s), trust=trust)


def readings(store: AsRunStore) -> list[tuple[float, float, str]]:
    """Give the readings in the chain: when, how far the wall clock was ahead, and how far trusted."""
    found = [body for body in bodies_in(store.path) if isinstance(body, asrun.ClockRead)]
    return [(body.at, body.wall - body.at, body.trust) for body in found]


class TestRows:
    """One entry for each row, when it is over."""

    def test_an_entry_says_all_that_is_known_of_a_row(self, store: AsRunStore) -> None:
        """With the time as it was known, and with what was learnt while it sounded."""
        at, over = Monotonic(10.0), Monotonic(40.0)
        store.write([read(5.0, 1e9, "trusted")])
        store.write(
            [
                RowBegun(
                    started=at,
                    item="{}",
                    layer="daypart",
                    source="tea",
                    playlist="calm",
                    blind=True,
                    zone="bar",
                )
            ]
        )
        store.write(
            [RowTold(started=at, over=over, heard_s=Seconds(29.5), level_db=Decibels(-20.5), item=FULL)]
        )
        store.write([RowTold(started=at, over=over, heard_s=Seconds(30.0), ended="played")])

        assert played_in(store.path) == [
            Played(
                sequence=1,
                boot="boot-1",
                started=at,
                over=over,
                wall=Instant(1e9 + 10.0),
                trust="trusted",
                heard_s=Seconds(30.0),
                level_db=Decibels(-20.5),
                zone="bar",
                layer="daypart",
                source="tea",
                playlist="calm",
                blind=True,
                ended="played",
                item=Snapshot(
                    id="a",
                    kind="local",
                    title="Dawn",
                    artist="Harbour",
                    album="Quay",
                    composer="N. N.",
                    label="Pier",
                    isrc="FRXXX2700001",
                    duration_ms=Milliseconds(30_000),
                    location="/a.flac",
                    sha256="ab" * 32,
                ),
            )
        ]

    def test_a_row_is_an_entry_when_it_and_all_before_it_are_over(self, store: AsRunStore) -> None:
        """In the order in which they began, so that a number that is missing is missed."""
        store.write([*song(1, ended=None), *song(2), *song(3)])
        waiting = played_in(store.path)
        store.write([RowTold(started=Monotonic(1), over=Monotonic(9), heard_s=Seconds(8.0), ended="cut")])

        assert waiting == []
        assert [(row.sequence, row.started) for row in played_in(store.path)] == [
            (1, 1.0),
            (2, 2.0),
            (3, 3.0),
        ]

    def test_a_row_of_which_nothing_was_heard_keeps_its_place(self, store: AsRunStore) -> None:
        """Whoever shows the log leaves it out."""
        store.write([*song(1), *song(2, heard_s=0.0, ended="failed"), *song(3)])

        assert [row.heard_s for row in played_in(store.path)] == [3.0, 0.0, 3.0]

    def test_a_row_from_before_anything_was_known_of_the_time_says_so(self, store: AsRunStore) -> None:
        """It is 1970; the hub learns better by a later reading."""
        store.write(song(7))
        store.write([read(20, 1e9, "trusted"), *song(30)])

        assert [(row.wall, row.trust) for row in played_in(store.path)] == [
            (7, "unknown"),
            (1e9 + 30, "trusted"),
        ]

    def test_the_reading_that_is_trusted_most_goes_before_the_latest(self, store: AsRunStore) -> None:
        """A clock that somebody has set afterwards knows no better."""
        store.write([read(1, 5e8), read(2, 1e9, "trusted"), read(3, 2e9), *song(10)])

        assert played_in(store.path)[0].wall == 1e9 + 10


class TestSnapshots:
    """What was played, for a report."""

    @pytest.mark.parametrize(
        "item", ["no JSON", "[]", '{"title":"no id"}', '{"id":"a","duration_ms":"long"}', "\ud800"]
    )
    def test_what_cannot_be_read_is_still_a_row(self, item: str) -> None:
        """Its place in the chain is not lost, and nothing after it waits for it."""
        assert snapshot(item) == Snapshot(id=UNREADABLE)

    def test_texts_that_are_too_long_are_cut(self, store: AsRunStore) -> None:
        """Whatever a file's tags hold, the entry can be delivered."""
        names = ("id", "location", "kind", "title", "artist", "album", "composer", "label", "isrc")
        item = "{" + ",".join(f'"{name}":"{"ü" * 100_000}"' for name in names) + "}"
        store.write([*song(1, layer="x" * 100_000), *song(2)])
        store.write([RowBegun(started=Monotonic(5), item=item)])
        store.write([RowTold(started=Monotonic(5), over=Monotonic(6), heard_s=Seconds(1.0), ended="played")])

        assert len(snapshot(item).title) == LONGEST_TEXT
        assert max(len(entry.body.encode()) for entry in chain_in(store.path)) < LONGEST_BODY


class TestReadings:
    """The clocks' readings are entries: by them the hub works out what time it was."""

    def test_a_reading_that_says_something_new_is_an_entry(self, store: AsRunStore) -> None:
        """Another time, or another trust in it."""
        store.write(
            [read(1, 0.0, "unknown"), read(2, 1e9), read(3, 1e9, "trusted"), read(4, 1e9 + 3600, "trusted")]
        )

        assert readings(store) == [
            (1, 0.0, "unknown"),
            (2, 1e9, "estimated"),
            (3, 1e9, "trusted"),
            (4, 1e9 + 3600, "trusted"),
        ]

    def test_a_reading_that_says_the_same_is_none(self, store: AsRunStore) -> None:
        """A box that is started again on the same machine reads its clock anew."""
        store.write([read(at, 1e9 + 0.001 * at, "trusted") for at in range(10)])

        assert readings(store) == [(0, 1e9, "trusted")]

    def test_a_slow_drift_is_followed(self, store: AsRunStore) -> None:
        """Many small differences come to one that counts."""
        for at in range(11):
            store.write([read(at, 1e9 + 0.02 * at, "trusted")])

        assert [at for at, _, _ in readings(store)] == [0, 3, 6, 9]

    def test_each_run_of_the_machine_has_its_own(self, store: AsRunStore) -> None:
        """The clocks begin anew with it."""
        store.write([read(1, 1e9)])
        store.close()
        other = AsRunStore(store.path, "boot-2")
        other.write([read(1, 1e9)])
        other.close()

        assert len(readings(store)) == 2

    def test_a_clock_that_is_set_all_the_time_does_not_flood_the_log(self, store: AsRunStore) -> None:
        """After very many readings one in ten minutes has to do; the last one is told in the end."""
        step_s = SELDOM_S / 10
        store.write(read(at * step_s, 1e9 + at) for at in range(MOST_READINGS))
        for at in range(MOST_READINGS, MOST_READINGS + 40):
            store.write([read(at * step_s, 1e9 + at)])
        told = readings(store)
        last = (MOST_READINGS + 50) * step_s
        store.write([read(last, 5e8)])

        assert MOST_READINGS < len(told) <= MOST_READINGS + 4
        assert readings(store)[-1] == (last, 5e8, "estimated")

    def test_another_log_is_told_what_its_rows_need(self, store: AsRunStore) -> None:
        """The readings of their runs of the machine come along, before them."""
        store.write([read(1, 1e9), *song(5)])
        store.write([LogLeft(reason="forgotten")])

        assert [type(body) for body in bodies_in(store.path)] == [asrun.ClockRead, Played]

    def test_a_reading_of_a_known_instant_may_be_corrected(self, store: AsRunStore) -> None:
        """It is another entry then; told twice, it is one."""
        store.write([read(1, 1e9), read(1, 1e9)])
        store.write([read(1, 2e9)])

        assert readings(store) == [(1, 1e9, "estimated"), (1, 2e9, "estimated")]
