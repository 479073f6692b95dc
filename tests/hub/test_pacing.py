"""Boxes come spread over the interval, and less often where too many come."""

from heapq import heapreplace

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.hub.pacing import LONGEST_S, Pace
from easyplayer.units import Monotonic

INTERVAL_S = 30.0


def busiest(times: list[float], window_s: float = 1.0) -> float:
    """Tell how many a second came at the busiest."""
    counts: dict[int, int] = {}
    for at in times:
        counts[int(at / window_s)] = counts.get(int(at / window_s), 0) + 1
    return max(counts.values()) / window_s


@given(st.text(max_size=20), st.integers(1, 10**6), st.floats(1, 7200))
def test_a_box_is_told_a_time_near_the_interval(box: str, sequence: int, interval_s: float) -> None:
    """A fifth earlier or later; for its first one half, and never beyond an hour."""
    pace = Pace(interval_s)
    first = pace.next_s(box, sequence, Monotonic(0.0))
    second = pace.next_s(box, sequence, Monotonic(1.0))
    assert min(0.5 * interval_s, LONGEST_S) <= first <= min(1.5 * interval_s, LONGEST_S)
    assert min(0.8 * interval_s, LONGEST_S) <= second <= min(1.2 * interval_s, LONGEST_S)


def test_what_a_box_is_told_is_the_same_each_time() -> None:
    """Whichever worker it meets."""
    one, other = Pace(INTERVAL_S), Pace(INTERVAL_S)
    assert one.next_s("a", 7, Monotonic(0.0)) == other.next_s("a", 7, Monotonic(5.0))


def test_boxes_that_all_come_at_once_come_spread_from_then_on() -> None:
    """After a restart of the hub: behind the first wave the rate stays below twice the steady one."""
    pace, count = Pace(INTERVAL_S), 6000
    due = [(0.0, box, 1) for box in range(count)]
    came: list[float] = []
    while due[0][0] < 240:
        at, box, sequence = due[0]
        came.append(at)
        heapreplace(due, (at + pace.next_s(str(box), sequence, Monotonic(at)), box, sequence + 1))
    later = [at for at in came if at > 0]
    assert busiest(later) < 2 * count / INTERVAL_S
    assert busiest(later, 10.0) < 1.3 * count / INTERVAL_S


def test_a_process_that_is_asked_too_much_is_asked_less_often() -> None:
    """As often as it can answer, and at the old pace again once fewer come."""
    pace = Pace(INTERVAL_S, most_per_s=10.0)
    next_at = {str(box): 0.1 * box for box in range(600)}
    came: list[float] = []
    while (now := min(next_at.values())) < 900:
        box = min(next_at, key=lambda one: next_at[one])
        came.append(now)
        next_at[box] = now + pace.next_s(box, len(came), Monotonic(now))
    late = [at for at in came if at > 600]
    assert 8 < len(late) / 300 < 12
    assert 50 < pace.interval_s < 75
    for number in range(100):
        pace.next_s("a", number, Monotonic(900.0 + 30 * number))
    assert abs(pace.interval_s - INTERVAL_S) < 0.01
