"""The chain of the as-run log on its way to the hub: acknowledged, set aside, begun anew, and forgotten."""

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from easyplayer.drivers.asrun_chain import MOST_BYTES
from easyplayer.drivers.asrun_facts import (
    ClockRead,
    EntryPoisoned,
    Fact,
    LogLeft,
    OldForgotten,
    RowBegun,
    RowTold,
)
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol.asrun import (
    GENESIS,
    MOST_BATCH_BYTES,
    MOST_ENTRIES,
    Body,
    Receipt,
    Refusal,
    SetAside,
    broken_at,
    digest_of,
)
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.units import Instant, Monotonic, Seconds
from tests.drivers.killing import agrees, bodies_in, chain_in, played_in

NOW = 2e9


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[AsRunStore]:
    """Give a log that is not there yet."""
    store = AsRunStore(tmp_path / "asrun.db", "boot-1")
    yield store
    store.close()


def play(store: AsRunStore, count: int, first: int = 1, item: str = "{}") -> None:
    """Play some songs, each for half a second."""
    facts: list[Fact] = []
    for at in range(first, first + count):
        over = Monotonic(at + 0.5)
        facts.append(RowBegun(started=Monotonic(at), item=item))
        facts.append(RowTold(started=Monotonic(at), over=over, heard_s=Seconds(0.5), ended="played"))
    store.write(facts)


def head(store: AsRunStore) -> LogHead:
    """Tell how far the chain has come."""
    assert store.head is not None
    return store.head


def acknowledge(store: AsRunStore, number: int, **fields: object) -> None:
    """Let the hub have all entries up to a number."""
    store.write([Receipt(log=head(store).log, acknowledged=number, **fields)])  # type: ignore[arg-type]


class TestBatches:
    """What goes at once."""

    def test_a_batch_goes_on_where_the_one_before_it_ended(self, store: AsRunStore) -> None:
        """With the hash that leads to it."""
        play(store, 3)
        first, rest = store.next_batch(0), store.next_batch(1)

        assert first is not None
        assert rest is not None
        assert (first.log, first.previous, len(first.entries)) == (head(store).log, GENESIS, 3)
        assert (rest.previous, rest.entries) == (first.entries[0].hash, first.entries[1:])

    def test_where_there_is_nothing_to_go_there_is_no_batch(self, store: AsRunStore) -> None:
        """Before the first row, and after the last."""
        assert store.next_batch(0) is None
        play(store, 1)
        assert store.next_batch(1) is None

    def test_a_batch_has_no_more_than_the_hub_takes(self, store: AsRunStore) -> None:
        """By number."""
        play(store, MOST_ENTRIES + 1)
        first, rest = store.next_batch(0), store.next_batch(MOST_ENTRIES)

        assert [len(one.entries) for one in (first, rest) if one] == [MOST_ENTRIES, 1]

    def test_a_batch_is_no_longer_than_the_hub_takes(self, store: AsRunStore) -> None:
        """By size, as it goes over the wire."""
        long = ",".join(f'"{name}":"{"ü" * 500}"' for name in ("id", "title", "artist", "album", "label"))
        play(store, 200, item="{" + long + "}")
        batch = store.next_batch(0)

        assert batch is not None
        assert 0.9 * MOST_BYTES < len(msgspec.json.encode(batch)) < MOST_BATCH_BYTES

    def test_another_process_may_ask(self, store: AsRunStore) -> None:
        """It sees the same chain."""
        play(store, 3)

        assert AsRunStore(store.path, "looks").next_batch(1) == store.next_batch(1)


class TestReceipts:
    """What the hub says that it has."""

    def test_what_is_acknowledged_is_remembered(self, store: AsRunStore) -> None:
        """After a restart, too."""
        play(store, 3)
        acknowledge(store, 2)
        store.close()
        store.write([])

        assert (head(store).head, head(store).acknowledged) == (3, 2)

    def test_a_hub_that_has_less_than_before_gets_it_again(self, store: AsRunStore) -> None:
        """It was put back to a backup; nothing that it once had is thrown away here."""
        play(store, 3)
        acknowledge(store, 3)
        acknowledge(store, 1)
        batch = store.next_batch(head(store).acknowledged)

        assert batch is not None
        assert [entry.number for entry in batch.entries] == [2, 3]

    def test_a_hub_that_has_more_than_there_is_knows_another_box(self, store: AsRunStore) -> None:
        """This disk was copied, or put back: it goes on under another name, with all that may be missing."""
        play(store, 3)
        acknowledge(store, 1)
        before = head(store)
        acknowledge(store, 9)

        assert head(store).log != before.log
        assert [row.sequence for row in played_in(store.path)] == [2, 3]

    def test_a_log_that_another_box_writes_too_is_left(
        self, store: AsRunStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What this box knows to be at the hub is not told twice."""
        play(store, 3)
        acknowledge(store, 2)
        before = head(store)
        acknowledge(store, 3, forked=True)

        assert head(store) == LogHead(log=head(store).log, head=1, acknowledged=0)
        assert head(store).log != before.log
        assert [entry.number for entry in chain_in(store.path)] == [1]
        assert f"the as-run log goes on under another name, {head(store).log}" in caplog.text

    def test_a_receipt_for_another_log_changes_nothing(self, store: AsRunStore) -> None:
        """It has come too late."""
        play(store, 3)
        before = head(store)
        store.write([Receipt(log="0" * 32, acknowledged=2, forked=True)])

        assert head(store) == before

    def test_what_the_hub_cannot_read_is_counted(
        self, store: AsRunStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It keeps it aside itself; the entry stays as it is, and is told once."""
        play(store, 3)
        for _ in range(2):
            acknowledge(store, 3, refused=(Refusal(number=2, reason="from the future"),))

        assert head(store).set_aside == 1
        assert caplog.text.count("entry 2 of the as-run log is set aside: from the future") == 1
        assert len(played_in(store.path)) == 3


class TestPoison:
    """An entry that cannot be delivered stands in nobody's way."""

    def test_a_placeholder_goes_in_its_stead(self, store: AsRunStore) -> None:
        """The chain is whole with it, and the body is kept here."""
        play(store, 3)
        (before,) = chain_in(store.path, 1)[:1]
        store.write([EntryPoisoned(number=2, reason="the hub fails on it", log=head(store).log)])
        _, after, _ = chain_in(store.path)
        body = msgspec.json.decode(after.body, type=Body)

        assert (after.number, after.hash) == (2, before.hash)
        assert body == SetAside(digest=digest_of(before.body), reason="the hub fails on it")
        assert head(store).set_aside == 1
        assert [row.sequence for row in played_in(store.path)] == [1, 2, 3]
        agrees(store.path, [row for row in played_in(store.path) if row.sequence != 2])

    def test_a_placeholder_is_not_replaced(self, store: AsRunStore) -> None:
        """The first reason stays."""
        play(store, 1)
        for reason in ("one", "two"):
            store.write([EntryPoisoned(number=1, reason=reason)])

        assert [getattr(body, "reason", None) for body in bodies_in(store.path)] == ["one"]

    @pytest.mark.parametrize(("number", "log"), [(1, ""), (9, ""), (2, "0" * 32)])
    def test_what_is_not_on_its_way_cannot_be_poisoned(
        self, store: AsRunStore, number: int, log: str
    ) -> None:
        """It has arrived, is not there yet, or is of another log."""
        play(store, 3)
        acknowledge(store, 1)
        before = chain_in(store.path)
        store.write([EntryPoisoned(number=number, reason="late", log=log)])

        assert chain_in(store.path) == before

    def test_an_entry_that_rotted_on_the_disk_is_made_anew(self, store: AsRunStore) -> None:
        """No hub would ever take it; the rows are still there, and go under another name."""
        play(store, 3)
        before = head(store)
        store._writer.execute("UPDATE chain SET body = '{}' WHERE number = 2")  # type: ignore[union-attr]
        store.write([EntryPoisoned(number=2, reason="its hash is wrong")])

        assert head(store).log != before.log
        assert [row.sequence for row in played_in(store.path)] == [1, 2, 3]


class TestAnotherLog:
    """A box that leaves its hub."""

    def test_what_was_acknowledged_is_not_told_to_the_next_hub(self, store: AsRunStore) -> None:
        """Nor to the one after that."""
        play(store, 3)
        acknowledge(store, 2)
        store.write([LogLeft(reason="forgotten")])
        play(store, 1, first=9)
        acknowledge(store, 1)
        store.write([LogLeft(reason="forgotten")])

        assert [row.sequence for row in played_in(store.path)] == [4]

    def test_a_row_that_sounds_meanwhile_goes_into_the_other_log(self, store: AsRunStore) -> None:
        """Once, when it is over."""
        store.write([RowBegun(started=Monotonic(1), item="{}")])
        store.write([LogLeft(reason="forgotten")])
        store.write([RowTold(started=Monotonic(1), over=Monotonic(2), heard_s=Seconds(1.0), ended="played")])

        assert [row.sequence for row in played_in(store.path)] == [1]

    def test_a_damaged_log_is_gone_on_with_under_another_name(self, store: AsRunStore) -> None:
        """The hub must not take its numbers for those of the old one."""
        play(store, 3)
        before = head(store)
        store.close()
        store.path.write_bytes(b"no database at all" * 100)
        play(store, 1, first=9)

        assert head(store).log != before.log
        assert head(store).head == 1


class TestForgetting:
    """A log that has been received need not be kept for ever."""

    @pytest.fixture(autouse=True)
    def _old(self, store: AsRunStore) -> None:
        """Play for ten seconds, by a clock that is right."""
        store.write([ClockRead(at=Monotonic(0.0), wall=Instant(NOW), trust="trusted")])
        play(store, 10)

    def test_what_is_old_and_received_is_kept_no_more(self, store: AsRunStore) -> None:
        """The chain goes on from there, and nobody else notices."""
        acknowledge(store, 11)
        before = head(store)
        store.write([OldForgotten(before=Instant(NOW + 5.5))])
        play(store, 1, first=20)
        batch = store.next_batch(6)

        assert (before.head, head(store).head, head(store).acknowledged) == (11, 12, 11)
        assert [row.sequence for row in store.tail(99)] == [6, 7, 8, 9, 10, 11]
        assert batch is not None
        assert (batch.entries[0].number, broken_at(batch.previous, batch.entries)) == (7, None)

    def test_what_nobody_has_received_is_kept_whatever_its_age(self, store: AsRunStore) -> None:
        """A box may be away from its hub for years."""
        acknowledge(store, 3)
        store.write([OldForgotten(before=Instant(NOW + 100))])

        assert [entry.number for entry in chain_in(store.path, 3)] == list(range(4, 12))
        assert [row.sequence for row in store.tail(99)] == list(range(3, 11))

    def test_what_is_too_much_is_kept_no_longer(self, store: AsRunStore) -> None:
        """However young it is; pictures come by the thousand a day."""
        acknowledge(store, 11)
        store.write([OldForgotten(before=Instant(0.0), most=4)])

        assert [entry.number for entry in chain_in(store.path, 7)] == [8, 9, 10, 11]
        assert head(store).acknowledged == 11

    def test_what_nobody_has_received_is_never_too_much(self, store: AsRunStore) -> None:
        """The hub may be away for long."""
        acknowledge(store, 3)
        store.write([OldForgotten(before=Instant(0.0), most=4)])

        assert [entry.number for entry in chain_in(store.path, 3)] == list(range(4, 12))

    def test_all_of_it_may_be_old(self, store: AsRunStore) -> None:
        """The next entry still follows the last one."""
        acknowledge(store, 11)
        last = chain_in(store.path)[-1]
        store.write([OldForgotten(before=Instant(NOW + 100))])
        play(store, 1, first=20)
        batch = store.next_batch(11)

        assert batch is not None
        assert (batch.previous, batch.entries[0].number) == (last.hash, 12)
        assert store.tail(1)[0].sequence == 11

    def test_a_hub_that_lost_what_is_kept_no_more_gets_the_rest_as_another_log(
        self, store: AsRunStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Else it would wait for ever for numbers that nobody has."""
        acknowledge(store, 11)
        store.write([OldForgotten(before=Instant(NOW + 5.5))])
        with caplog.at_level(logging.WARNING):
            acknowledge(store, 0)

        assert head(store).acknowledged == 0
        assert [row.sequence for row in played_in(store.path)] == [6, 7, 8, 9, 10]
        assert "has less of this one than is kept here" in caplog.text

    def test_what_was_kept_no_more_is_not_told_again(self, store: AsRunStore) -> None:
        """When another log is begun."""
        acknowledge(store, 11)
        store.write([OldForgotten(before=Instant(NOW + 100))])
        store.write([LogLeft(reason="forgotten")])

        assert played_in(store.path) == []

    def test_who_only_guesses_the_time_forgets_nothing(self, tmp_path: Path) -> None:
        """A row of which nobody knows when it was is not old."""
        store = AsRunStore(tmp_path / "other.db", "boot-1")
        play(store, 3)
        acknowledge(store, 3)
        store.write([OldForgotten(before=Instant(NOW))])
        store.close()

        assert len(played_in(store.path)) == 3
