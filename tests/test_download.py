"""DownloadManager and Storage together: from a program at the hub to one that plays, whatever happens."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from circuits.core.events import Event
from msgspec import structs

from easyplayer.component import Background
from easyplayer.download import SWITCH_AGAIN_S, DownloadManager
from easyplayer.drivers.hub_link import HubLink
from easyplayer.errors import CertificateError, LinkError, LinkRefusedError
from easyplayer.hub_events import forget_hub, go_offline, hub_reached
from easyplayer.program_store import store_in
from easyplayer.storage import TELL_EVERY_S, Storage
from easyplayer.storage_events import (
    fetch_media,
    program_offered,
    roll_back,
    switch_refused,
    switch_storage,
    verify_storage,
)
from tests.fakes.clock import HeldWall
from tests.fakes.hub_media import FakeMediaHub, content, digest_of, program_of, renamed
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage

ONE, TWO = program_of("one", "a", "b"), program_of("two", "b", "c")
A, B, C, D = (digest_of(content(name)) for name in "abcd")


class Yard(Stage):
    """Both parts on a real disk, with threads that a test holds, and a hub in memory."""

    url = "http://hub"

    def __init__(self, state: Path, hub: FakeMediaHub | None = None, **given: Any) -> None:
        super().__init__()
        self.hub = hub or FakeMediaHub()
        self.store = store_in(state)
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.fetching, self.storing = (HeldWorker(self.root.fire) for _ in range(2))
        self.surround(self.fetching.pump, self.storing.pump)
        self.storage = Storage(
            self.store, self.wall.now, self.ticker, self.storing, inspector=self.storing, hub=self.url
        )
        given = {"worker": self.fetching, "draw": lambda: 1.0, **given}
        self.part = DownloadManager(
            self.make_link, self.url, self.store, wall=self.wall.now, ticker=self.ticker, **given
        )

    def make_link(self) -> HubLink:
        """Give the way to the hub."""
        return self.hub

    def begin(self) -> "Yard":
        self.open(self.storage, self.part)
        return self

    @property
    def taken(self) -> list[tuple[str, str]]:
        """The programs that are played, and their items."""
        told = self.told("take_program")
        return [(program.name, "".join(one.id for one in program.items)) for program, _ in told]

    @property
    def asked(self) -> list[str]:
        """The media that the hub was asked for, by their letters, and the program's by its name."""
        names = {digest_of(content(name)): name for name in "abcdx"}
        return [names.get(one.partition("+")[0], "program") for one in self.hub.asked]


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """Give a box that plays by the first program."""
    made = Yard(tmp_path).begin()
    made.fire(program_offered(made.hub.publish(ONE, 1)))
    made.hub.asked.clear()
    return made


def test_program_that_is_offered_is_fetched_with_its_media_and_played(yard: Yard) -> None:
    """Only what is missing comes, and the switch waits for all of it."""
    head = yard.hub.publish(TWO, 2)
    yard.fire(program_offered(head))
    assert yard.asked == ["program", "c"]
    assert yard.taken[-1] == ("two", "bc")
    assert yard.last("storage_switched").args == [head]
    fetched = [sha256 for sha256, _ in yard.told("media_fetched")]
    assert fetched == [A, B, C]


def test_program_that_is_here_is_not_fetched_again(yard: Yard) -> None:
    """It is offered with each heartbeat until the hub knows."""
    taken = len(yard.taken)
    for _ in range(3):
        yard.fire(program_offered(yard.hub.publish(ONE, 1)))
    assert yard.asked == []
    assert len(yard.taken) == taken


def test_same_program_with_a_newer_revision_is_taken_as_it_is(yard: Yard) -> None:
    """The hub must know, and nothing else happens."""
    taken = len(yard.taken)
    head = yard.hub.publish(ONE, 9)
    yard.fire(program_offered(head))
    assert yard.last("storage_switched").args == [head]
    assert yard.asked == []
    assert len(yard.taken) == taken


def test_fresh_box_plays_as_soon_as_it_can_and_fetches_the_rest(tmp_path: Path) -> None:
    """Silence would be worse than one song twice."""
    yard = Yard(tmp_path).begin()
    head = yard.hub.publish(program_of("one", "a", "b", "c", "d", evening=("x",)), 1)
    del yard.hub.files[B]
    yard.hub.faults[A] = [LinkError("broken")]
    yard.fire(program_offered(head))
    yard.run_for(10, step_s=0.5)
    first, items = yard.taken[0]
    assert first == "one"
    assert "c" in items
    assert "a" not in items
    yard.run_for(TELL_EVERY_S + 1, step_s=1)
    assert yard.taken[-1] == ("one", "acdx")
    assert yard.told("storage_switched") == [[head]]


def test_bad_program_is_refused_and_the_old_one_plays_on(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, however often it is offered."""
    bad = structs.replace(TWO, zone="Nowhere/Here")
    for _ in range(3):
        yard.fire(program_offered(yard.hub.publish(bad, 2)))
    ((reason,),) = yard.told("program_refused")
    assert "Nowhere/Here" in reason
    assert reason.endswith("the one before it plays on")
    assert reason in caplog.text
    assert yard.asked == ["program"]
    yard.fire(program_offered(yard.hub.publish(TWO, 3)))
    assert yard.taken[-1] == ("two", "bc")


def test_program_that_the_hub_does_not_have_is_refused(yard: Yard) -> None:
    """It is asked for again after an hour."""
    head = yard.hub.publish(TWO, 2)
    yard.hub.faults[head.digest] = [LinkRefusedError("there is no such program", 404, "")]
    yard.fire(program_offered(head))
    assert len(yard.told("program_refused")) == 1
    yard.run_for(3700, step_s=10)
    assert yard.taken[-1] == ("two", "bc")


def test_wrong_medium_is_tried_three_times_and_then_done_without(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest is played, and it is told what is wrong; after an hour it is tried again."""
    yard.hub.sends[C] = b"x" * 40
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.run_for(30, step_s=0.5)
    assert yard.asked == ["program", "c", "c", "c"]
    assert yard.taken[-1] == ("two", "b")
    ((sha256, reason),) = yard.told("media_refused")
    assert sha256 == C
    assert reason in caplog.text
    assert reason in yard.last("storage_told").args[0].trouble

    del yard.hub.sends[C]
    yard.run_for(3700, step_s=10)
    assert yard.taken[-1] == ("two", "bc")


def test_program_of_which_nothing_can_be_had_is_not_switched_to(yard: Yard) -> None:
    """The old one is better than silence."""
    yard.fire(program_offered(yard.hub.publish(program_of("three", "c", "d"), 2, with_media=False)))
    yard.run_for(60, step_s=1)
    assert yard.taken[-1][0] == "one"
    assert len(yard.told("media_refused")) == 2


def test_whole_program_is_not_left_for_one_that_has_lost_most_of_its_media(yard: Yard) -> None:
    """The hub's store is not mounted; when it is back, the new one comes by itself."""
    names = "acdefghijklmnopqrstuvwxyz"
    head = yard.hub.publish(program_of("two", *names), 2)
    store = {digest_of(content(name)): content(name) for name in names}
    for sha256 in store:
        yard.hub.files.pop(sha256)
    yard.fire(program_offered(head))
    yard.run_for(3700, step_s=10)
    assert yard.taken[-1] == ("one", "ab")
    assert yard.store.programs.staged is not None

    yard.hub.files.update(store)
    yard.run_for(3700, step_s=10)
    assert yard.taken[-1] == ("two", names)


def test_person_may_switch_to_what_there_is_of_it_all_the_same(yard: Yard) -> None:
    """The old program is the wrong one by now."""
    head = yard.hub.publish(program_of("two", "a", *"cdefg"), 2)
    for name in "cdefg":
        yard.hub.files.pop(digest_of(content(name)))
    yard.fire(program_offered(head))
    assert yard.taken[-1][0] == "one"
    yard.fire(switch_storage(at_once=True))
    assert yard.taken[-1] == ("two", "a")


def test_program_that_the_disk_does_not_take_is_not_fetched(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is offered; it comes within a minute when the disk is well again."""

    def fail(_handle: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    head = yard.hub.publish(TWO, 2)
    with monkeypatch.context() as worn:
        worn.setattr(os, "fsync", fail)
        for _ in range(20):
            yard.fire(program_offered(head))
            yard.run_for(30, step_s=1)
    assert yard.asked == []
    yard.run_for(61, step_s=1)
    assert yard.taken[-1] == ("two", "bc")


def test_hub_that_goes_away_is_waited_for(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so once; when it is reached again, all goes on at once."""
    head = yard.hub.publish(TWO, 2)
    yard.hub.away = True
    yard.fire(program_offered(head))
    yard.run_for(3600, step_s=5)
    assert caplog.text.count("downloads wait: the hub cannot be reached") == 1
    assert yard.taken[-1][0] == "one"
    yard.hub.away = False
    yard.fire(hub_reached("http://hub"))
    assert yard.taken[-1] == ("two", "bc")


def test_restart_goes_on_where_it_was(yard: Yard, tmp_path: Path) -> None:
    """The staged program, and the part of a medium, are on the disk; no offer is needed."""
    yard.hub.cuts[C] = [10]
    yard.hub.faults[f"ticket:{C}"] = []
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.hub.asked.clear()

    again = Yard(tmp_path, yard.hub).begin()

    assert yard.hub.asked == [f"{C}+10"]
    assert again.taken == [("one", "ab"), ("two", "bc")]


def test_newer_program_takes_the_place_of_one_that_is_still_coming(yard: Yard) -> None:
    """What has come of that stays for it."""
    yard.hub.faults[C] = [LinkError("broken")] * 50
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.run_for(60, step_s=1)
    yard.fire(program_offered(yard.hub.publish(program_of("three", "a", "d"), 3)))
    assert yard.taken[-1] == ("three", "ad")
    assert "two" not in [name for name, _ in yard.taken]


def test_hub_that_goes_back_to_what_plays_stops_the_next_one(yard: Yard) -> None:
    """Nothing more of that is fetched."""
    yard.hub.faults[C] = [LinkError("broken")] * 50
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    head = yard.hub.publish(ONE, 3)
    yard.fire(program_offered(head))
    yard.hub.asked.clear()
    yard.run_for(600, step_s=5)
    assert yard.asked == []
    assert yard.store.programs.staged is None
    assert yard.last("storage_switched").args == [head]


def test_person_is_served_before_all_others(yard: Yard) -> None:
    """Also with what no program names."""
    yard.hub.upload("d")
    yard.fetching.busy = True
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.fire(fetch_media(D))
    yard.fetching.busy = False
    yard.settle()
    assert yard.asked == ["program", "d", "c"]
    assert [D, yard.store.media.path(D)] in yard.told("media_fetched")


@pytest.mark.parametrize("sha256", [C, "../../etc/passwd", ""])
def test_person_is_told_what_cannot_be_had(yard: Yard, sha256: str) -> None:
    """At once."""
    yard.fire(fetch_media(sha256))
    assert [one for one, _ in yard.told("media_refused")] == [sha256]


def test_medium_that_is_there_is_told_at_once(yard: Yard) -> None:
    """Nothing is asked of the hub."""
    yard.fire(fetch_media(A))
    assert yard.last("media_fetched").args == [A, yard.store.media.path(A)]
    assert yard.asked == []


def test_what_was_found_wrong_is_fetched_once_more(yard: Yard) -> None:
    """The box plays on meanwhile."""
    yard.store.media.path(A).write_bytes(b"x" * 40)
    yard.fire(verify_storage(thoroughly=True))
    assert yard.asked == ["a"]
    assert yard.store.media.path(A).read_bytes() == content("a")


def test_person_may_switch_to_what_is_there(yard: Yard) -> None:
    """The rest comes afterwards."""
    yard.hub.faults[f"ticket:{C}"] = [LinkError("broken")] * 3
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.fire(switch_storage(at_once=True))
    assert yard.taken[-1] == ("two", "b")
    yard.run_for(130, step_s=1)
    assert yard.taken[-1] == ("two", "bc")


def test_switch_that_the_disk_refuses_is_tried_again(yard: Yard, tmp_path: Path) -> None:
    """After a minute."""
    hindrance = tmp_path / "programs" / "current.json.new"
    hindrance.mkdir()
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    assert len(yard.told("switch_refused")) == 1
    hindrance.rmdir()
    yard.run_for(SWITCH_AGAIN_S + 1, step_s=1)
    assert yard.taken[-1] == ("two", "bc")


def test_refusal_of_a_persons_switch_changes_nothing(yard: Yard) -> None:
    """There is nothing to be tried again."""
    taken = len(yard.taken)
    yard.fire(switch_refused("nothing is staged"))
    yard.run_for(SWITCH_AGAIN_S + 1, step_s=1)
    assert len(yard.taken) == taken


def test_rehearsal_without_hub_asks_it_nothing(yard: Yard) -> None:
    """Until it is over."""
    yard.fire(go_offline(60.0))
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.run_for(59, step_s=1)
    assert yard.asked == []
    yard.run_for(2, step_s=1)
    assert yard.taken[-1] == ("two", "bc")


def test_box_that_forgets_its_hub_plays_on(yard: Yard) -> None:
    """Without what was to come."""
    yard.hub.faults[C] = [LinkError("broken")] * 50
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    closed = yard.hub.closed
    yard.fire(forget_hub("a person said so"))
    yard.hub.asked.clear()
    yard.run_for(600, step_s=5)
    assert yard.hub.closed > closed
    assert yard.asked == []
    assert yard.store.programs.staged is None
    assert yard.taken[-1][0] == "one"
    assert yard.store.media.has(A, 40)


def test_failure_that_nobody_foresaw_is_logged_and_tried_again(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad download does not end all others."""
    yard.hub.faults[C] = [ZeroDivisionError("what now")]
    yard.fire(program_offered(yard.hub.publish(TWO, 2)))
    yard.run_for(10, step_s=0.5)
    assert "a download failed" in caplog.text
    assert yard.taken[-1] == ("two", "bc")


class HangingHub(FakeMediaHub):
    """Answers nothing until the link is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self._over = threading.Event(), threading.Event()

    def program(self, digest: str) -> bytes:
        """Hang."""
        self.reached.set()
        self._over.wait()
        message = "the link is closed"
        raise LinkError(message)

    def close(self) -> None:
        """Break it off."""
        self._over.set()


class Threaded(Yard):
    """The same with a real thread for what waits for the hub."""

    def __init__(
        self, state: Path, hub: FakeMediaHub, make: Callable[[Callable[[Event], object]], Background]
    ):
        super().__init__(state, hub)
        self.part._worker = make(self.root.fire)


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Threaded]:
    """Give a box with a hub that hangs."""
    made = Threaded(tmp_path, HangingHub(), Background)
    yield made
    made.hub.close()


def test_hub_that_hangs_is_left_when_the_box_ends(hanging: Threaded) -> None:
    """The thread ends by itself then."""
    hanging.begin()
    worker = hanging.part._worker
    hanging.fire(program_offered(hanging.hub.publish(renamed(ONE, "hung"), 1)))
    assert isinstance(hanging.hub, HangingHub)
    for _ in range(500):
        hanging.settle()
        if hanging.hub.reached.wait(0.01):
            break
    assert hanging.hub.reached.is_set()

    hanging.part.close()

    assert worker.close(5.0)


class ShutOff(Yard):
    """Has no way to the hub so many times."""

    shut = 0

    def make_link(self) -> HubLink:
        if self.shut:
            self.shut -= 1
            message = "the certificates cannot be read: correct [hub] ca"
            raise CertificateError(message)
        return super().make_link()


def test_way_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    """As where the file of certificates is gone for a moment: neither program nor media wait for ever."""
    yard = ShutOff(tmp_path)
    yard.begin()
    yard.shut = 2
    yard.fire(program_offered(yard.hub.publish(ONE, 1)))
    yard.run_for(30, step_s=1)
    assert yard.taken == [("one", "ab")]
    yard.fire(go_offline(5.0))
    yard.shut = 2
    yard.hub.files[D] = content("d")
    yard.fire(fetch_media(D))
    yard.run_for(30, step_s=1)
    assert D in [sha256 for sha256, _ in yard.told("media_fetched")]


class Moved(Yard):
    """The box at another address."""

    url = "https://elsewhere"


def test_another_hub_counts_its_programs_anew(yard: Yard, tmp_path: Path) -> None:
    """A box that is moved keeps its key; what the old one has sent plays until something else comes."""
    yard.fire(program_offered(yard.hub.publish(ONE, 7)))
    moved = Moved(tmp_path).begin()
    assert moved.taken == [("one", "ab")]
    first = moved.hub.publish(TWO, 1)
    moved.fire(program_offered(first))
    assert moved.taken[-1] == ("two", "bc")
    assert moved.last("storage_switched").args == [first]
    back = moved.hub.publish(ONE, 2)
    moved.fire(roll_back())
    moved.fire(program_offered(back))
    assert moved.last("storage_switched").args == [back]


def test_same_hub_at_another_address_sends_nothing_again(yard: Yard, tmp_path: Path) -> None:
    """It is the same program, and known as the hub's again."""
    head = yard.hub.publish(ONE, 1)
    moved = Moved(tmp_path, yard.hub).begin()
    moved.fire(program_offered(head))
    assert moved.last("storage_switched").args == [head]
    assert moved.asked == []
    assert moved.store.programs.wants(structs.replace(head, revision=1))
