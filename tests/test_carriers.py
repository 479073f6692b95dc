"""Threads that bring media, and what can be seen of them."""

import pytest

from easyplayer.carriers import Carriers, Flow
from easyplayer.component import Background
from easyplayer.storage_events import storage_changed
from easyplayer.throttle import Throttle
from easyplayer.units import Monotonic
from tests.fakes.clock import HeldClock
from tests.fakes.work import HeldWorker

NOW = Monotonic(5.0)


@pytest.fixture
def workers() -> list[HeldWorker]:
    """Give two threads that a test holds."""
    return [HeldWorker(lambda event: event) for _ in range(2)]


@pytest.fixture
def carriers(workers: list[HeldWorker]) -> Carriers:
    """Give carriers on these threads."""
    return Carriers(workers, Throttle(0, HeldClock()))


def nothing(_flow: Flow) -> storage_changed:
    return storage_changed()


def test_each_brings_one_medium(carriers: Carriers) -> None:
    """Whoever is done may bring the next one."""
    carriers.begin("a", NOW, nothing)
    assert carriers.idle
    carriers.begin("b", NOW, nothing)
    assert not carriers.idle
    assert carriers.under_way == ("a", "b")
    ended = carriers.end("a")
    assert ended is not None
    assert ended.begun == NOW
    assert carriers.idle
    assert carriers.under_way == ("b",)


def test_end_of_what_nobody_brings_is_something_else(carriers: Carriers) -> None:
    """A program, say."""
    assert carriers.end("x") is None


def test_what_has_come_is_counted_on(carriers: Carriers, workers: list[HeldWorker]) -> None:
    """Also of those that are over; what is there is told only of what is under way."""

    def bring(flow: Flow) -> storage_changed:
        flow.size, flow.there = 100, 30
        assert flow.let(20)
        return storage_changed()

    for digest in "ab":
        carriers.begin(digest, NOW, bring)
    for worker in workers:
        worker.pump()
    assert (carriers.come, carriers.there) == (40, 100)
    assert carriers.sizes() == {"a": 100, "b": 100}
    carriers.end("a")
    assert (carriers.come, carriers.there) == (40, 50)


def test_only_what_is_not_wanted_is_broken_off(carriers: Carriers, workers: list[HeldWorker]) -> None:
    """The others go on."""
    passed: dict[str, bool] = {}

    def bring(digest: str, flow: Flow) -> storage_changed:
        passed[digest] = flow.let(1)
        return storage_changed()

    for digest in "ab":
        carriers.begin(digest, NOW, lambda flow, digest=digest: bring(digest, flow))
    carriers.stop_unless("b".__eq__)
    for worker in workers:
        worker.pump()
    assert passed == {"a": False, "b": True}


def test_without_a_throttle_a_flow_passes_until_it_is_stopped() -> None:
    """A command on the command line has none."""
    flow = Flow()
    assert flow.let(10)
    flow.stop()
    assert flow.stopped
    assert not flow.let(5)
    assert flow.come == 15


def test_threads_end_with_them() -> None:
    """As soon as what they do is over."""
    workers = [Background(lambda event: event) for _ in range(2)]
    Carriers(workers, Throttle(0, HeldClock())).close()
    assert all(worker.close(5.0) for worker in workers)
