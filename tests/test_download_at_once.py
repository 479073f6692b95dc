"""Several media at a time: in order, in their hours, with room for them, and broken off when need be."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from easyplayer.download import LOOK_EVERY_S, Manner
from easyplayer.download_progress import TELL_EVERY_S as ONCE_A_SECOND_S
from easyplayer.errors import LinkError
from easyplayer.events import program_taken
from easyplayer.fetch_queue import BUSY_FOR_S, FULL_FOR_S, Outcome
from easyplayer.hub_events import forget_hub, go_offline, hub_reached
from easyplayer.playout.standing import parse_opening
from easyplayer.protocol.heartbeat import Download
from easyplayer.storage import TELL_EVERY_S
from easyplayer.storage_events import (
    disk_changed,
    fetch_media,
    program_offered,
    roll_back,
    storage_changed,
    storage_scrubbed,
)
from tests.fakes.hub_media import FakeMediaHub, program_of
from tests.fakes.work import HeldWorker
from tests.room import with_room
from tests.test_download import ONE, TWO, A, B, C, D, Yard

MANY = program_of("many", "a", "b", "c", "d")
NIGHT = Manner(hours=parse_opening("01:00-06:00"))


class Port(Yard):
    """A yard with three threads for media, each of which a test can hold.

    :ivar carriers: these threads.
    """

    def __init__(self, state: Path, hub: FakeMediaHub | None = None, **given: Any) -> None:
        self.carriers = [HeldWorker(self._fire) for _ in range(3)]
        super().__init__(state, hub, carriers=self.carriers, **given)
        self.surround(*(one.pump for one in self.carriers))

    def _fire(self, event: Any) -> None:
        self.root.fire(event)

    def hold(self, *, busy: bool = True) -> None:
        """Let the threads do nothing, or what they have to."""
        for one in self.carriers:
            one.busy = busy
        self.settle()

    def begin(self) -> "Port":
        super().begin()
        return self

    @property
    def under_way(self) -> tuple[str, ...]:
        """What is being brought."""
        return self.part._carriers.under_way

    @property
    def outcomes(self) -> list[Outcome]:
        """What has become of all attempts."""
        return [fetched.outcome for (fetched,) in self.told("fetch_ended")]

    @property
    def progress(self) -> list[Download]:
        """What was told of how far it is."""
        return [download for (download,) in self.told("download_progressed")]


@pytest.fixture
def port(tmp_path: Path) -> Port:
    """Give a box that plays by the first program, and has three threads for what comes next."""
    return settled(Port(tmp_path))


def settled(port: Port) -> Port:
    """Let a box take its first program."""
    port.begin()
    port.fire(program_offered(port.hub.publish(ONE, 1)))
    port.run_for(3, step_s=1)
    port.hub.asked.clear()
    port.witness.seen.clear()
    port._stamped = 0
    return port


def test_three_come_at_a_time_and_what_is_needed_soonest_begins_first(tmp_path: Path) -> None:
    """The fourth as soon as one of them is there."""
    port = Port(tmp_path).begin()
    port.hold()
    port.fire(program_offered(port.hub.publish(MANY, 1)))
    assert port.under_way == (A, B, C)
    port.carriers[1].busy = False
    port.settle()
    assert port.asked == ["program", "b", "d"]
    port.hold(busy=False)
    port.run_for(TELL_EVERY_S + 1, step_s=1)
    assert port.taken[-1] == ("many", "abcd")


def test_person_who_asks_does_not_wait_for_what_is_under_way(port: Port) -> None:
    """As long as one thread is free."""
    port.hold()
    port.hub.upload("d")
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.fire(fetch_media(D))
    assert port.under_way == (C, D)


def test_new_program_comes_beside_the_media(port: Port) -> None:
    """A long medium on a slow line does not hold it up."""
    port.hold()
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.fire(program_offered(port.hub.publish(program_of("three", "a", "d"), 3)))
    assert port.told("program_staged")[-1][0].name == "three"
    assert port.under_way == (C, D)


@pytest.mark.parametrize(
    "event",
    [lambda port: program_offered(port.hub.publish(ONE, 3)), lambda _port: forget_hub("a person said so")],
    ids=["another program", "no hub"],
)
def test_what_nobody_wants_any_more_is_broken_off(port: Port, event: Any) -> None:
    """And is not tried again."""
    port.hold()
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.fire(event(port))
    port.hub.asked.clear()
    port.hold(busy=False)
    assert port.outcomes[-1] is Outcome.CANCELLED
    port.run_for(400, step_s=10)
    assert port.asked == []
    assert port.told("media_refused") == []


def test_rehearsal_without_hub_breaks_off_what_is_under_way(port: Port) -> None:
    """It is gone on with afterwards, and no failure is counted."""
    port.hold()
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.fire(go_offline(60.0))
    port.hold(busy=False)
    assert port.outcomes[-1] is Outcome.CANCELLED
    port.run_for(2, step_s=1)
    assert port.progress[-1].held_up == "it is tried how the box does without its hub"
    port.run_for(61, step_s=1)
    assert port.taken[-1] == ("two", "bc")
    assert port.progress[-1] == Download()


def test_box_that_ends_leaves_what_is_under_way(port: Port) -> None:
    """At once: nothing is asked of the hub any more."""
    port.hold()
    port.fire(program_offered(port.hub.publish(MANY, 2)))
    port.hub.asked.clear()
    for one in port.carriers:
        one.busy = False
    port.part.close()
    assert port.asked == []


def test_failures_at_one_time_are_one_failure_of_the_hub(tmp_path: Path) -> None:
    """The box waits as long as if one medium had failed."""
    port = Port(tmp_path).begin()
    port.hold()
    port.fire(program_offered(port.hub.publish(MANY, 1)))
    port.hub.away = True
    began = len(port.outcomes)
    port.hold(busy=False)
    assert port.outcomes[began:] == [Outcome.FAILED] * 3
    port.hub.away = False
    port.run_for(2.5, step_s=0.5)
    assert len(port.told("media_fetched")) == 4


def test_medium_that_somebody_else_brings_is_looked_at_again_soon(port: Port) -> None:
    """The hub has done nothing wrong, and is not waited for."""
    port.hub.publish(TWO, 2)
    with port.store.media.draft(C, 40):
        port.fire(program_offered(port.hub.publish(TWO, 2)))
        port.fire(fetch_media(port.hub.upload("d")))
    assert Outcome.BUSY in port.outcomes
    assert D in [sha256 for sha256, _ in port.told("media_fetched")]
    port.run_for(BUSY_FOR_S + 1, step_s=1)
    assert port.taken[-1] == ("two", "bc")


# -- room ------------------------------------------------------------------------------------------


def test_program_without_room_is_refused_with_the_bytes_it_lacks(
    port: Port, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once; the old one plays on, and when there is room the new one comes by itself."""
    with monkeypatch.context() as patch:
        with_room(patch, 100)
        port.fire(program_offered(port.hub.publish(TWO, 2)))
        port.run_for(2 * LOOK_EVERY_S + 1, step_s=100)
        ((reason,),) = port.told("program_refused")
        assert "two, version 1 needs 20 bytes more" in reason
        assert reason.endswith("the one before it plays on")
        assert reason in caplog.text
        assert port.asked == ["program"]
        assert port.progress[-1].held_up == reason
    port.run_for(LOOK_EVERY_S + 1, step_s=100)
    assert port.taken[-1] == ("two", "bc")


def test_what_the_current_program_misses_comes_all_the_same(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own media are worth more than the next program's."""
    with_room(monkeypatch, 100)
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.store.media.remove(B)
    port.fire(storage_scrubbed(1, (B,)))
    assert port.asked == ["program", "b"]
    assert port.store.media.has(B, 40)


def test_room_that_somebody_makes_is_used_at_once(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk was added, say."""
    with monkeypatch.context() as patch:
        with_room(patch, 100)
        port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.fire(disk_changed(port.store.media.disks()[0]))
    assert port.taken[-1] == ("two", "bc")


def test_first_program_without_room_is_played_as_far_as_it_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is needed soonest comes first; it is told, and nothing is refused."""
    with_room(monkeypatch, 90)
    port = Port(tmp_path).begin()
    port.fire(program_offered(port.hub.publish(MANY, 1)))
    port.run_for(90, step_s=5)
    assert port.taken[-1] == ("many", "ab")
    assert port.told("program_refused") == []
    assert "what fits of it is played" in caplog.text


def test_disk_that_fills_up_is_waited_for(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has written to it between the plan and the medium."""
    port.hold()
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    with monkeypatch.context() as patch:
        with_room(patch, 90)
        port.hold(busy=False)
        port.run_for(2, step_s=1)
        assert port.outcomes[-1] is Outcome.FULL
        assert "30 bytes more are needed" in port.progress[-1].held_up
    port.run_for(FULL_FOR_S + 1, step_s=1)
    assert port.taken[-1] == ("two", "bc")


# -- hours -----------------------------------------------------------------------------------------


def test_what_is_not_needed_soon_waits_for_its_hours(tmp_path: Path) -> None:
    """It is noon; what the evening needs comes in the night, and what is needed soon at once."""
    port = settled(Port(tmp_path, manner=NIGHT))
    late = program_of("late", "a", "b", evening=("d",))
    port.fire(program_offered(port.hub.publish(late, 2)))
    port.run_for(120, step_s=10)
    assert port.asked == ["program"]
    assert port.progress[-1].held_up == "not needed soon, and waits until 01:00 ([downloads] hours)"
    port.wall.set_to(port.wall.now() + 13.5 * 3600, in_sync=True)
    port.run_for(61, step_s=1)
    assert port.asked == ["program", "d"]
    assert port.taken[-1] == ("late", "abd")


def test_hours_are_those_of_the_venue(tmp_path: Path) -> None:
    """Noon in Greenwich is one in the night in Auckland."""
    port = settled(Port(tmp_path, manner=NIGHT))
    port.fire(program_taken(ONE))
    assert port.part._hours.closed
    port.fire(program_taken(structs.replace(ONE, zone="Pacific/Auckland")))
    assert not port.part._hours.closed


def test_box_without_program_and_person_do_not_wait_for_the_hours(tmp_path: Path) -> None:
    """Silence by day would be the price."""
    port = Port(tmp_path, manner=NIGHT).begin()
    port.fire(program_offered(port.hub.publish(MANY, 1)))
    assert port.taken[-1] == ("many", "abcd")
    port.fire(fetch_media(port.hub.upload("x")))
    assert port.asked[-1] == "x"


def test_end_of_the_hours_breaks_off_what_is_not_needed_soon(tmp_path: Path) -> None:
    """It is gone on with in the next night."""
    port = settled(Port(tmp_path, manner=NIGHT))
    port.wall.set_to(port.wall.now() - 7 * 3600, in_sync=True)
    port.hold()
    port.fire(program_offered(port.hub.publish(program_of("late", "a", "b", evening=("d",)), 2)))
    assert port.under_way == (D,)
    port.run_for(3600 + 60, step_s=60)
    port.hold(busy=False)
    assert port.outcomes[-1] is Outcome.CANCELLED
    assert port.asked == ["program"]


# -- what else ----------------------------------------------------------------------------------


def test_program_that_a_person_went_back_from_is_left_alone(
    port: Port, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is offered; one log line says so; published anew it comes."""
    caplog.set_level("INFO")
    head = port.hub.publish(TWO, 2)
    port.fire(program_offered(head))
    port.fire(roll_back())
    for _ in range(3):
        port.fire(program_offered(head))
    port.run_for(120, step_s=10)
    assert port.taken[-1] == ("one", "ab")
    assert caplog.text.count("is not taken: a person has gone back from it") == 1
    port.fire(program_offered(port.hub.publish(TWO, 3)))
    assert port.taken[-1] == ("two", "bc")


def test_box_with_a_file_of_its_own_takes_no_programs(tmp_path: Path) -> None:
    """But what a person wants to have said."""
    port = Port(tmp_path, takes_programs=False).begin()
    port.fire(program_offered(port.hub.publish(ONE, 1)))
    port.fire(fetch_media(port.hub.upload("d")))
    port.run_for(60, step_s=5)
    assert port.asked == ["d"]
    assert [one for one, _ in port.told("media_fetched")] == [D]
    assert port.taken == []


@pytest.mark.parametrize(
    ("event", "asked"),
    [(storage_scrubbed(5, (A,)), ["a"]), (storage_scrubbed(5, ()), []), (storage_changed(), ["a"])],
    ids=["bad", "right", "changed"],
)
def test_what_is_missing_is_looked_for_when_the_disk_changes(
    port: Port, event: Any, asked: list[str]
) -> None:
    """What was found wrong is fetched anew; that all is right is no news."""
    port.store.media.remove(A)
    port.fire(event)
    assert port.asked == asked


def test_what_somebody_throws_away_is_fetched_within_a_minute(port: Port) -> None:
    """The next look at the stock tells that more is missing."""
    port.run_for(TELL_EVERY_S + 3, step_s=1)
    port.store.media.remove(A)
    port.run_for(TELL_EVERY_S + 3, step_s=1)
    assert port.asked == ["a"]
    assert port.store.media.has(A, 40)


def test_progress_is_told_once_a_second_and_at_the_end(port: Port) -> None:
    """The end is zeros."""
    port.hold()
    port.fire(program_offered(port.hub.publish(MANY, 2)))
    for one in port.carriers:
        port.run_for(1.2, step_s=0.1)
        one.busy = False
    port.run_for(5, step_s=0.1)
    moments = [seen.at for seen in port.witness.all("download_progressed")]
    assert port.progress[0] == Download(files_left=2, bytes_left=80)
    assert port.progress[-1] == Download()
    assert all(later - earlier >= ONCE_A_SECOND_S - 1e-6 for earlier, later in pairwise(moments))


def test_progress_says_what_holds_it_up(port: Port) -> None:
    """As long as it does."""
    port.hub.away = True
    port.fire(program_offered(port.hub.publish(TWO, 2)))
    port.hub.away = False
    port.fire(hub_reached("http://hub"))
    port.hub.faults[f"ticket:{C}"] = [LinkError("the hub is busy")]
    port.store.media.remove(C)
    port.fire(storage_changed())
    port.run_for(1, step_s=0.1)
    assert port.progress[-1] == Download(files_left=1, bytes_left=40, held_up="the hub is busy")
    port.run_for(5, step_s=0.1)
    assert port.progress[-1] == Download()
