"""When the hub is asked again."""

from random import Random
from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.pacing import FIRST_S, LONGEST_S, LONGEST_WAIT_S, SHORTEST_S, SPREAD, WIDE_SPREAD, Pacing

seeds = st.integers(0, 2**32)


def pacing(seed: int = 1) -> Pacing:
    """Make a pacing that does the same in each run."""
    return Pacing(Random(seed))


@given(seed=seeds, wished_s=st.floats(allow_nan=False))
def test_the_hubs_wish_is_followed_within_bounds(seed: int, wished_s: float) -> None:
    """Whatever it may wish for: never more often than each second, nor more seldom than each hour."""
    wait_s = pacing(seed).after_answer(wished_s)
    wish_s = min(max(wished_s, SHORTEST_S), LONGEST_S)

    assert SHORTEST_S <= wait_s <= LONGEST_S * (1 + SPREAD)
    assert abs(wait_s - wish_s) <= wish_s * SPREAD + 1e-6


@given(seed=seeds, failures=st.integers(1, 60), rest_s=st.none() | st.floats(0, 1e9))
def test_a_hub_that_fails_is_given_time(seed: int, failures: int, rest_s: float | None) -> None:
    """As long as it wants, up to an hour; and in any case it is asked again within minutes after that."""
    one = pacing(seed)
    for _ in range(failures):
        wait_s = one.after_failure(rest_s)
    wanted_s = min(rest_s or 0.0, LONGEST_S)

    assert wanted_s + SHORTEST_S <= wait_s <= wanted_s + LONGEST_WAIT_S
    assert one.failures == failures


def test_waits_grow_and_are_spread_over_all_of_their_time() -> None:
    """So a fleet does not come back all at once."""
    waits = [[one.after_failure() for _ in range(12)] for one in map(pacing, range(300))]
    by_failure = list(zip(*waits, strict=True))

    assert mean(by_failure[11]) > 8 * mean(by_failure[1])
    last = sorted(by_failure[11])
    assert last[30] < 0.2 * LONGEST_WAIT_S
    assert last[-30] > 0.8 * LONGEST_WAIT_S


def test_after_a_short_outage_a_fleet_asks_no_more_often_than_ever() -> None:
    """Of a thousand boxes that ask each 30 s, those that failed once come back over half a minute."""
    waits = []
    for seed in range(1000):
        one = pacing(seed)
        one.after_answer(30.0)
        waits.append(one.after_failure())

    busiest = max(sum(at <= wait < at + 1 for wait in waits) for at in range(2, 30))
    assert busiest < 2 * 1000 / 30
    assert max(waits) <= 30 * (1 + SPREAD)


def test_an_answer_makes_all_well_again() -> None:
    """The next failure is a first one."""
    one = pacing()
    for _ in range(9):
        one.after_failure()
    one.after_answer(1.0)
    assert (one.failures, one.after_failure() <= 2.0) == (0, True)


def test_the_first_question_comes_within_seconds() -> None:
    """Not at the same instant on all boxes of a street that has its power back."""
    firsts = {pacing(seed).first_s() for seed in range(100)}
    assert len(firsts) == 100
    assert 0 <= min(firsts) <= max(firsts) <= FIRST_S


@given(seed=seeds, usual_s=st.floats(1, LONGEST_S))
def test_a_wave_does_not_come_again_an_interval_later(seed: int, usual_s: float) -> None:
    """After what may have shaken a whole fleet, the next wait has more chance in it, and no other."""
    one = pacing(seed)
    one.after_change(usual_s)
    shaken_s, next_s = one.after_answer(usual_s), one.after_answer(usual_s)

    assert abs(shaken_s - usual_s) <= usual_s * WIDE_SPREAD + 1e-6
    assert abs(next_s - usual_s) <= usual_s * SPREAD + 1e-6


def test_a_shorter_interval_begins_within_two_of_it() -> None:
    """For a fleet has it all at once, as when its lines break."""
    waits = [pacing(seed).after_change(30.0) for seed in range(1000)]
    busiest = max(sum(at <= wait < at + 1 for wait in waits) for at in range(60))

    assert max(waits) <= 60
    assert busiest < 1.1 * 1000 / 30


def test_a_hub_that_is_asked_seldom_is_not_asked_more_often_because_it_fails() -> None:
    """The window is never shorter than what is usual."""
    waits = []
    for seed in range(300):
        one = pacing(seed)
        one.expect(1800.0)
        waits.append(one.after_failure())

    assert mean(waits) > 800
    assert max(waits) <= 1800


@given(seed=seeds, seconds=st.floats(allow_nan=False))
def test_a_wait_within_a_time_is_within_it(seed: int, seconds: float) -> None:
    """Whatever a hub may say."""
    assert 0 <= pacing(seed).within_s(seconds) <= min(max(seconds, 0.0), LONGEST_S)
