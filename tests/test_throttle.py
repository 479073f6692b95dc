"""No more bytes in a second than somebody allows."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.carriers import Carriers, Flow
from easyplayer.component import Background
from easyplayer.storage_events import storage_changed
from easyplayer.throttle import BURST_LEAST_BYTES, Bucket, Throttle
from easyplayer.ticker import monotonic
from easyplayer.units import Monotonic
from tests.fakes.clock import HeldClock

pieces = st.lists(st.tuples(st.integers(0, 300), st.floats(0.0, 3.0)), max_size=40)


@given(pieces, st.floats(1.0, 1000.0), st.floats(1.0, 500.0))
def test_in_any_span_no_more_passes_than_rate_and_one_burst(
    story: list[tuple[int, float]], rate: float, burst: float
) -> None:
    """Whoever asks, and whenever."""
    bucket, now, passed = Bucket(rate, burst), 0.0, []
    for count, pause_s in story:
        now += pause_s
        passed.append((now + bucket.take(count, Monotonic(now)), count))
    most = max(burst, *(count for count, _ in story), 0.0) if story else burst
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            span_s = passed[last][0] - passed[first][0]
            total = sum(count for _, count in passed[first : last + 1])
            assert total <= rate * span_s + most + 1e-6 * (1 + total)


@given(pieces)
def test_line_that_is_slower_than_allowed_never_waits(story: list[tuple[int, float]]) -> None:
    """A limit that is not reached is not felt."""
    bucket, now = Bucket(rate=300.0, burst=300.0), 0.0
    for count, pause_s in story:
        now += 1.0 + pause_s
        assert bucket.take(count, Monotonic(now)) == 0.0


def test_without_a_limit_all_passes_until_it_is_stopped() -> None:
    """Without looking at the clock."""
    throttle, stop = Throttle(0, HeldClock()), threading.Event()
    assert throttle.let(10**12, stop)
    stop.set()
    assert not throttle.let(1, stop)


def test_threads_share_the_rate() -> None:
    """What one has taken, another has to wait for."""
    throttle, stop = Throttle(1_000_000, HeldClock()), threading.Event()
    assert throttle.let(500_000, stop)
    stop.set()
    assert not throttle.let(1, stop)


def test_bytes_wait_for_their_turn() -> None:
    """By the clock."""
    throttle, stop, began = Throttle(1_000_000, monotonic), threading.Event(), monotonic()
    assert throttle.let(500_000, stop)
    assert throttle.let(100_000, stop)
    assert monotonic() - began >= 0.1


def test_who_waits_is_let_go_at_once_when_it_is_broken_off() -> None:
    """Although its turn would come in a day."""
    begun = threading.Event()
    ended = threading.Event()

    def bring(flow: Flow) -> storage_changed:
        begun.set()
        assert not flow.let(BURST_LEAST_BYTES + 86_400)
        ended.set()
        return storage_changed()

    worker = Background(lambda event: event)
    carriers = Carriers([worker], Throttle(1, monotonic))
    carriers.begin("a", monotonic(), bring)
    assert begun.wait(5)
    assert not carriers.idle
    carriers.close()
    assert ended.wait(5)
    assert worker.close(5.0)
