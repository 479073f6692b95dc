"""The as-run log on its way to the hub."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from circuits import handler
from msgspec.structs import replace

from easyplayer.component import BoxComponent
from easyplayer.delivering import MOST_FALLS, SHORT_FOR_S, Courier
from easyplayer.errands import Errands
from easyplayer.errors import HubError, LinkError, LinkRefusedError, StateError
from easyplayer.pacing import LONGEST_WAIT_S, Pacing
from easyplayer.protocol.asrun import MOST_ENTRIES, Batch, Receipt, Refusal, SetAside, link
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import LogHead
from tests.fakes.hub_link import FakeHub, FakeHubLink, HeldKeychain, HeldLog
from tests.fakes.work import HeldWorker
from tests.house import Stage


class Proceeding(BoxComponent):
    """Takes the outcomes of errands, as the web client does."""

    @handler("hub_asked")
    def _on_asked(self, proceed: Any) -> None:
        proceed()


class Road(Stage):
    """A courier between a log and a hub."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = FakeHub()
        self.hub.claimed = True
        self.link = FakeHubLink(self.hub, HeldKeychain(), self.clock)
        self.link.pair("m", "till", "1")
        self.log = HeldLog()
        self.may_go = True
        worker = HeldWorker(self.root.fire)
        self.surround(worker.pump)
        self.open(Proceeding())
        self.courier = Courier(
            self.log,
            lambda: self.link,
            Errands(worker),
            may_go=lambda: self.may_go,
            fire=self.root.fire,
            ticker=self.ticker,
            pacing=Pacing(Random(1)),
        )

    def write(self, count: int) -> LogHead:
        """Write entries, and have the courier hear of it."""
        head = self.log.write(count)
        self.courier.hear(head)
        self.settle()
        return head

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run_for(seconds, step_s=0.5)

    def spoil(self, monkeypatch: pytest.MonkeyPatch, judge: Callable[[Batch], object]) -> None:
        """Let every batch be judged before the hub takes it."""
        take = self.hub.deliver

        def deliver(token: str, batch: Batch) -> Receipt:
            self.hub.note("deliver")
            judge(batch)
            return take(token, batch)

        monkeypatch.setattr(self.hub, "deliver", deliver)

    @property
    def acknowledged(self) -> list[int]:
        """How far the hub has said to have it, each time."""
        return [receipt.acknowledged for (receipt,) in self.told("log_received")]


@pytest.fixture(name="road")
def _road() -> Road:
    """Give a courier."""
    return Road()


def test_a_long_log_goes_in_batches(road: Road) -> None:
    """One after the other, without waiting, until the hub has all of it."""
    road.write(3 * MOST_ENTRIES + 7)
    assert road.acknowledged == [MOST_ENTRIES * count for count in (1, 2, 3)] + [3 * MOST_ENTRIES + 7]


def test_a_log_that_the_hub_has_in_part_goes_on_from_there(road: Road) -> None:
    """The box has kept how far it was."""
    head = road.write(4)
    another = Road()
    another.hub, another.link = road.hub, road.link
    another.log.write(7)
    another.courier.hear(LogHead(log=head.log, head=7, acknowledged=4))
    another.settle()

    assert another.acknowledged == [7]


def test_nothing_goes_as_long_as_the_hub_does_not_know_the_box(road: Road) -> None:
    """It would only be refused."""
    road.may_go = False
    road.write(4)
    assert "deliver" not in road.hub.asked
    road.may_go = True
    road.courier.go()
    road.settle()
    assert road.acknowledged == [4]


def test_a_hub_that_is_away_is_tried_again_and_nothing_is_lost(road: Road) -> None:
    """Ever more seldom."""
    road.hub.fault = LinkError("away")
    road.write(4)
    road.wait(3600)
    asked = len(road.hub.asked)
    road.hub.fault = None
    road.wait(LONGEST_WAIT_S)

    assert 12 < asked < 80
    assert road.acknowledged == [4]


def test_somebody_who_wants_it_now_has_it_now(road: Road) -> None:
    """Whatever failed before."""
    road.hub.fault = LinkError("away", 503, 600.0)
    road.write(4)
    road.hub.fault = None
    road.wait(60)
    assert road.acknowledged == []
    road.courier.go(now=True)
    road.settle()

    assert road.acknowledged == [4]


def test_a_log_that_cannot_be_read_is_tried_again(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk may be back."""
    with monkeypatch.context() as broken:
        broken.setattr(road.log, "next_batch", _unreadable)
        road.write(4)
    road.wait(60)
    assert road.acknowledged == [4]


def over_61(batch: Batch) -> bool:
    """Tell whether entry 61 is in a batch as it was written."""
    return any(entry.number == 61 and "set-aside" not in entry.body for entry in batch.entries)


def fall(falls: object) -> None:
    """Fail as a hub does that has a fault."""
    if falls:
        raise HubError("the hub fell over it")


def _unreadable(_after: int) -> None:
    raise StateError("the log cannot be read")


class TestPoison:
    """Entries that the hub cannot take."""

    def put_aside(self, road: Road, number: int) -> None:
        """Do what the ledger does."""
        for position in range(number - 1, len(road.log.entries)):
            entry = road.log.entries[position]
            body = (
                entry.body
                if entry.number != number
                else encode(SetAside(digest="0" * 64, reason="x")).decode()
            )
            digest = link(road.log._hash(entry.number - 1), entry.number, body)
            road.log.entries[position] = type(entry)(number=entry.number, hash=digest, body=body)

    def test_one_is_found_told_and_passed(self, road: Road) -> None:
        """All before it and all after it arrive."""
        road.hub.poison = {61}
        road.write(100)
        ((number, reason, log_id),) = road.told("entry_poisoned")
        assert (number, log_id) == (61, road.log.log)
        assert "cannot be read" in reason
        road.hub.poison = set()
        self.put_aside(road, 61)
        road.wait(10)

        assert sorted(road.hub.entries) == [*range(1, 101)]
        assert "set-aside" in road.hub.entries[61]

    def test_one_that_makes_the_hub_fall_is_found_as_well(
        self, road: Road, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After so many falls; a placeholder shows that it is this one, and all the others arrive."""
        road.spoil(monkeypatch, lambda batch: fall(over_61(batch)))
        road.write(100)
        road.wait(60)
        assert road.told("entry_poisoned") == []
        road.wait(7200)

        ((number, reason, log_id),) = road.told("entry_poisoned")
        assert (number, log_id) == (61, road.log.log)
        assert "fell over" in reason
        assert sorted(road.hub.entries) == [*range(1, 101)]
        assert [number for number, body in road.hub.entries.items() if "set-aside" in body] == [61]

    def test_it_is_told_before_it_counts_as_received(
        self, road: Road, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What has been received is not set aside any more."""
        told: list[str] = []
        road.spoil(monkeypatch, lambda batch: fall(over_61(batch)))
        monkeypatch.setattr(road.courier, "_fire", lambda event: told.append(event.name))
        road.write(61)
        road.wait(7200)
        assert told[-2:] == ["entry_poisoned", "log_received"]

    def test_a_hub_that_falls_over_everything_costs_no_entry(
        self, road: Road, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It falls over the placeholder as well, and gets all of it when it is mended; nor is it pressed."""
        with monkeypatch.context() as broken:
            road.spoil(broken, lambda _batch: fall(True))
            road.write(100)
            road.wait(3 * 3600)
        asked = road.hub.asked.count("deliver")
        road.wait(LONGEST_WAIT_S)

        assert road.told("entry_poisoned") == []
        assert "set aside" not in caplog.text
        assert asked < 150
        assert list(road.hub.entries.values()) == [entry.body for entry in road.log.entries]

    def test_a_hub_that_is_restored_before_the_trial_hears_what_it_has_not(
        self, road: Road, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The placeholder was for another place in the log."""
        falls = 0

        def judge(batch: Batch) -> None:
            nonlocal falls
            if over_61(batch):
                falls += len(batch.entries) == 1
                road.may_go = falls != MOST_FALLS
                fall(True)

        road.spoil(monkeypatch, judge)
        road.write(61)
        road.run_until(lambda: not road.may_go, within_s=3600)
        road.hub.entries = {number: road.hub.entries[number] for number in range(1, 31)}
        road.may_go = True
        road.courier.go_on_from(30)
        road.settle()
        assert road.told("entry_poisoned") == []
        road.wait(7200)

        assert [number for number, _, _ in road.told("entry_poisoned")] == [61]
        assert sorted(road.hub.entries) == [*range(1, 62)]

    @pytest.mark.parametrize(
        "error",
        [
            LinkError("away"),
            LinkError("busy", 503, 5.0),
            LinkRefusedError("who are you", 401, "hub.unauthenticated"),
            LinkRefusedError("you may not", 403, "hub.forbidden"),
            LinkError("a proxy answers 413", 413),
        ],
    )
    def test_no_entry_is_blamed_for_what_is_not_its_fault(self, error: LinkError, road: Road) -> None:
        """However often it happens."""
        road.hub.faults["deliver"] = error
        road.write(3)
        road.wait(1800)
        assert road.told("entry_poisoned") == []


class TestTooLong:
    """Somebody on the way lets no long batch through, and answers in words of its own."""

    MOST = 70

    def through_a_gate(self, road: Road, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Let no batch through that is longer; give the lengths of all that are tried."""
        tried: list[int] = []

        def judge(batch: Batch) -> None:
            tried.append(len(batch.entries))
            if len(batch.entries) > self.MOST:
                raise LinkError("a proxy answers 413", 413)

        road.spoil(monkeypatch, judge)
        return tried

    def test_the_batches_become_short_enough(self, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
        """All of the log arrives, without a rest and without a fault."""
        self.through_a_gate(road, monkeypatch)
        road.write(3 * MOST_ENTRIES)
        assert road.acknowledged[-1] == 3 * MOST_ENTRIES
        assert road.told("entry_poisoned") == []

    def test_they_stay_so_for_a_while(self, road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
        """What has not come through once is not tried each time; later the gate may be wider."""
        tried = self.through_a_gate(road, monkeypatch)
        road.write(3 * MOST_ENTRIES)
        assert sum(length > self.MOST for length in tried) == 3
        road.wait(SHORT_FOR_S)
        road.write(3 * MOST_ENTRIES)
        assert 3 < sum(length > self.MOST for length in tried) <= 6


class TestReceipts:
    """What the hub says it has."""

    def test_a_hub_that_takes_nothing_is_not_asked_without_rest(self, road: Road) -> None:
        """Though it refuses nothing."""
        road.hub.log, road.hub.entries = road.log.log, {}
        road.log.write(3)
        road.courier.hear(LogHead(log=road.log.log, head=3, acknowledged=2))
        road.settle()
        asked = road.hub.asked.count("deliver")
        road.wait(30)

        assert asked <= 2
        assert sorted(road.hub.entries) == [1, 2, 3]

    def test_a_new_log_begins_at_its_own_beginning(self, road: Road) -> None:
        """The old one was damaged, or belonged to another hub."""
        road.write(5)
        road.log.log, road.log.entries = "b" * 32, []
        road.write(2)

        assert (road.hub.log, sorted(road.hub.entries)) == ("b" * 32, [1, 2])

    def test_one_that_another_box_writes_too_is_left(
        self, road: Road, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Until there is one of another name."""
        take = road.hub.deliver
        monkeypatch.setattr(road.hub, "deliver", lambda *given: _forked(take(*given)))
        road.write(3)
        road.write(3)
        road.wait(600)

        assert [receipt.forked for (receipt,) in road.told("log_received")] == [True]
        assert "another box writes" in caplog.text

    def test_what_the_hub_has_set_aside_is_logged(
        self, road: Road, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It has it, and cannot read it."""
        take = road.hub.deliver
        refusal = Refusal(number=2, reason="no such kind")
        monkeypatch.setattr(road.hub, "deliver", lambda *given: replace(take(*given), refused=(refusal,)))
        road.write(3)

        assert "entry 2 of the log aside: no such kind" in caplog.text
        assert road.acknowledged == [3]


def _forked(receipt: Receipt) -> Receipt:
    return replace(receipt, forked=True)


def test_a_closed_courier_delivers_no_more(road: Road) -> None:
    """Whatever is written."""
    road.hub.fault = LinkError("away")
    road.write(3)
    road.courier.close()
    road.hub.fault = None
    road.wait(600)
    assert road.acknowledged == []
