"""Whatever happens to a log, in whatever order: its chain is whole, and the hub gets each row once."""

import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from easyplayer.drivers.asrun_facts import (
    ClockRead,
    EntryPoisoned,
    LogLeft,
    OldForgotten,
    RowBegun,
    RowsLeft,
    RowTold,
)
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol.asrun import GENESIS, Body, Entry, Played, Receipt, broken_at, set_aside
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.units import Instant, Monotonic, Seconds
from tests.drivers.killing import chain_in, check_whole, played_in

pytestmark = pytest.mark.slow

NOW = 2e9


class Hub:
    """What a hub has: for each log its entries, in order and without a gap."""

    def __init__(self) -> None:
        self.logs: dict[str, list[Entry]] = {}

    def take(self, store: AsRunStore, most: int) -> Receipt | None:
        """Take so many of the entries that come next, and say up to which there are all."""
        assert store.head is not None
        batch = store.next_batch(store.head.acknowledged)
        if batch is None:
            return None
        there = self.logs.setdefault(batch.log, [])
        assert batch.entries[0].number <= len(there) + 1
        for entry in batch.entries[:most]:
            if entry.number <= len(there):
                assert entry.hash == there[entry.number - 1].hash
            else:
                assert broken_at(there[-1].hash if there else GENESIS, (entry,)) is None
                there.append(entry)
        return Receipt(log=batch.log, acknowledged=len(there))

    def rows(self) -> list[Played]:
        """Give all rows, of all logs."""
        bodies = [msgspec.json.decode(one.body, type=Body) for log in self.logs.values() for one in log]
        return [body for body in bodies if isinstance(body, Played)]


class LogInAnyOrder(RuleBasedStateMachine):
    """One box with its log, and its hub."""

    @initialize()
    def begin_box(self) -> None:
        """Start the box."""
        self.home = Path(tempfile.mkdtemp(prefix="asrun-"))
        self.hub = Hub()
        self.run = 0
        self.at = 0.0
        self.open: list[float] = []
        self.aside: set[tuple[str, float]] = set()
        self.poisoned: dict[str, Played] = {}
        self.sent_twice = self.old_gone = False
        self.floor = 0
        self.start()
        self.read_clock(NOW, "trusted")

    def start(self) -> None:
        """Start the software on a machine that may have been started, too."""
        self.store = AsRunStore(self.home / "asrun.db", f"boot-{self.run}")
        self.open = []
        self.at += 1.0
        self.store.write([RowsLeft(before=Monotonic(self.at), ended="stopped")])

    def tick(self) -> Monotonic:
        """Let time pass."""
        self.at += 1.0
        return Monotonic(self.at)

    @property
    def head(self) -> LogHead:
        """How far the chain has come, by the store."""
        assert self.store.head is not None
        return self.store.head

    # -- what happens at the box ---------------------------------------------------------------

    @rule(
        item=st.sampled_from(['{"id":"a","location":""}', "no JSON at all"]),
        shown_s=st.sampled_from([None, Seconds(0.0)]),
    )
    def begin(self, item: str, shown_s: Seconds | None) -> None:
        """Something begins to sound, or is shown."""
        started = self.tick()
        self.store.write([RowBegun(started=started, item=item, shown_s=shown_s)])
        self.open.append(started)

    @rule(count=st.integers(1, 3))
    def play(self, count: int) -> None:
        """Something is played from its start to its end, and something else after it."""
        for _ in range(count):
            started = self.tick()
            over = Monotonic(started + 0.5)
            self.store.write([RowBegun(started=started, item="{}")])
            self.store.write([RowTold(started=started, over=over, heard_s=Seconds(0.5), ended="played")])

    @precondition(lambda self: self.open)
    @rule(data=st.data(), ends=st.booleans(), heard_s=st.sampled_from([0.0, 3.0]))
    def tell(self, data: st.DataObject, ends: bool, heard_s: float) -> None:
        """Any of what sounds goes on, or is over; and it is told twice."""
        started = data.draw(st.sampled_from(self.open))
        over, ended = self.tick(), "played" if ends else None
        told = RowTold(started=Monotonic(started), over=over, heard_s=Seconds(heard_s), ended=ended)
        self.store.write([told, told])
        if ends:
            self.open.remove(started)

    @rule(offset_s=st.sampled_from([NOW, NOW + 0.01, NOW + 9]), trust=st.sampled_from(["unknown", "trusted"]))
    def read_clock(self, offset_s: float, trust: str) -> None:
        """Read the clocks."""
        at = self.tick()
        self.store.write([ClockRead(at=at, wall=Instant(at + offset_s), trust=trust)])

    @rule(other_boot=st.booleans())
    def restart(self, other_boot: bool) -> None:
        """Lose the power, or end the software alone."""
        self.store.close()
        self.run += other_boot
        self.start()

    # -- what happens on the way ---------------------------------------------------------------

    @rule(most=st.integers(1, 9), lost=st.booleans())
    def deliver(self, most: int, lost: bool) -> None:
        """Bring a batch to the hub, at least in part; its receipt may be lost."""
        receipt = self.hub.take(self.store, most)
        if receipt is not None and not lost:
            self.store.write([receipt])
            assert self.head.acknowledged == receipt.acknowledged

    @rule(back=st.integers(1, 5))
    def restore_hub(self, back: int) -> None:
        """Put the hub back to a backup; it says so with the next receipt, and gets it again."""
        there = self.hub.logs.get(self.head.log, [])
        del there[-back:]
        self.store.write([Receipt(log=self.head.log, acknowledged=len(there))])
        self.deliver(9, lost=False)

    @precondition(lambda self: self.head.head > self.head.acknowledged)
    @rule(data=st.data())
    def poison(self, data: st.DataObject) -> None:
        """Find an entry that cannot be delivered."""
        number = data.draw(st.integers(self.head.acknowledged + 1, self.head.head))
        before = chain_in(self.store.path, number - 1)[0]
        self.store.write([EntryPoisoned(number=number, reason="too long", log=self.head.log)])
        after = chain_in(self.store.path, number - 1)[0]
        assert (after.number, after.hash) == (number, before.hash)
        assert after.body in {set_aside(before.body, "too long"), before.body}
        body = msgspec.json.decode(before.body, type=Body)
        if isinstance(body, Played):
            self.aside.add((body.boot, body.started))
            self.poisoned[after.hash] = body

    @rule(how=st.sampled_from(["left", "forked", "ahead"]))
    def begin_log(self, how: str) -> None:
        """Another log is begun: what was acknowledged is not in it, and all else is."""
        before = self.head
        self.floor = row = max(self.floor, self.acknowledged_up_to())
        due = [sequence for sequence in self.chained() if sequence > row]
        ahead = Receipt(log=before.log, acknowledged=before.head + 1)
        facts = {
            "left": LogLeft(reason="forgotten"),
            "forked": Receipt(log=before.log, acknowledged=before.acknowledged, forked=True),
            "ahead": ahead,
        }
        self.store.write([facts[how], ahead])
        assert self.head.log != before.log
        assert (self.head.acknowledged, self.head.set_aside) == (0, 0)
        assert self.chained() == due
        self.sent_twice = True

    @rule(number=st.integers(0, 9))
    def hear_of_another_log(self, number: int) -> None:
        """Get a receipt too late."""
        before = self.head
        self.store.write([Receipt(log="0" * 32, acknowledged=number, forked=True)])
        assert self.head == before

    @rule(age_s=st.sampled_from([0.0, 5.0, 100.0]))
    def forget_old(self, age_s: float) -> None:
        """Keep no more what is old and has been received."""
        before = self.head
        waiting = chain_in_order(self.store, before.acknowledged)
        self.store.write([OldForgotten(before=Instant(NOW + self.at - age_s))])
        assert self.head == before
        assert chain_in_order(self.store, before.acknowledged) == waiting
        self.old_gone = True

    def acknowledged_up_to(self) -> int:
        """Give the last row that the hub is known to have of this log."""
        known = self.hub.logs.get(self.head.log, [])[: self.head.acknowledged]
        bodies = [self.poisoned.get(one.hash) or msgspec.json.decode(one.body, type=Body) for one in known]
        return max((body.sequence for body in bodies if isinstance(body, Played)), default=0)

    def chained(self) -> list[int]:
        """Give the numbers of the rows in the chain, as far as that is kept."""
        entries = chain_in_order(self.store, 0)
        played = played_in(self.store.path, entries[0].number - 1) if entries else []
        return [row.sequence for row in played]

    # -- what always holds ---------------------------------------------------------------------

    @invariant()
    def the_chain_is_whole(self) -> None:
        """Hold that the numbers have no gap, each is linked, and each row that is over is in it once."""
        if hasattr(self, "store"):
            entries = chain_in_order(self.store, 0)
            if not self.old_gone:
                check_whole(self.store.path)
                assert len(entries) == self.head.head
            assert self.head.acknowledged <= self.head.head

    def teardown(self) -> None:
        """Deliver all that there is: then the hub has every row that is over, and each of them once."""
        if hasattr(self, "store"):
            self.restart(other_boot=True)
            while receipt := self.hub.take(self.store, 3):
                self.store.write([receipt])
            rows = [(row.boot, row.started) for row in self.hub.rows()]
            ours = {(row.boot, row.started) for row in self.store.tail(999)}
            assert ours - self.aside <= set(rows)
            assert len(rows) == len(set(rows)) or self.sent_twice
            self.store.close()
            shutil.rmtree(self.home)


def chain_in_order(store: AsRunStore, after: int) -> list[Entry]:
    """Give the entries after a number, where some may be kept no more."""
    batch = store.next_batch(after)
    return [] if batch is None else chain_in(store.path, batch.entries[0].number - 1)


TestLogInAnyOrder = LogInAnyOrder.TestCase
TestLogInAnyOrder.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
