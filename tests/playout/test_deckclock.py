"""A deck's clock is read from late and noisy reports, and is right all the same."""

import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.deckclock import SAMPLES, DeckClock
from easyplayer.units import Monotonic, Seconds

OFFSET_S = 900.0
"""What the machine's clock shows when the medium is at its start."""
EXACT = 1e-6

offsets = st.floats(-1e6, 1e6)
positions = st.floats(0.0, 7200.0)
noises = st.floats(-0.5, 0.5)


def clock_after(*readings: tuple[float, float]) -> DeckClock:
    """Give a clock that has taken readings: a position, and the instant at which it was heard."""
    clock = DeckClock()
    for position_s, at in readings:
        clock.read(Seconds(position_s), Monotonic(at))
    return clock


def steady(offset_s: float, count: int, noise_s: float = 0.0) -> list[tuple[float, float]]:
    """Make readings of a deck that plays, one each tenth of a second."""
    return [(number / 10, offset_s + number / 10 + noise_s) for number in range(count)]


def test_one_reading_is_enough_to_go_by() -> None:
    """From then on it tells both ways: where the deck is, and when it will be somewhere."""
    clock = clock_after((10.0, 910.0))
    assert clock.position_s(Monotonic(912.5)) == 12.5
    assert clock.when(Seconds(60.0)) == 960.0


def test_before_the_first_reading_nothing_is_known() -> None:
    """Whoever does not ask first is told that there is no answer."""
    clock = DeckClock()
    assert not clock.known
    with pytest.raises(statistics.StatisticsError):
        clock.position_s(Monotonic(0.0))
    with pytest.raises(statistics.StatisticsError):
        clock.when(Seconds(0.0))


def test_what_is_forgotten_is_not_known() -> None:
    """After a pause the constant is another one, and the old readings would mislead."""
    clock = clock_after(*steady(OFFSET_S, SAMPLES))
    clock.forget()
    assert not clock.known
    clock.read(Seconds(1.0), Monotonic(951.0))
    assert clock.position_s(Monotonic(952.0)) == 2.0


@given(offsets, st.integers(1, 3 * SAMPLES), positions)
def test_a_constant_offset_is_recovered(offset_s: float, count: int, position_s: float) -> None:
    """Readings without noise give the constant itself, however many there were."""
    clock = clock_after(*steady(offset_s, count))
    assert clock.known
    assert clock.when(Seconds(position_s)) == pytest.approx(offset_s + position_s, abs=EXACT)
    assert clock.position_s(Monotonic(offset_s + position_s)) == pytest.approx(position_s, abs=EXACT)


@given(st.lists(st.tuples(positions, noises), min_size=1, max_size=30), positions)
def test_both_ways_agree(readings: list[tuple[float, float]], position_s: float) -> None:
    """The instant at which a position is heard is the instant at which the deck is there."""
    clock = clock_after(*((at_s, OFFSET_S + at_s + noise_s) for at_s, noise_s in readings))
    assert clock.position_s(clock.when(Seconds(position_s))) == pytest.approx(position_s, abs=EXACT)


@given(
    st.lists(st.floats(-60.0, 60.0), max_size=(SAMPLES - 1) // 2),
    st.randoms(use_true_random=False),
)
def test_a_few_bad_readings_do_no_harm(outliers: list[float], chance: Random) -> None:
    """As long as the greater half is right, the rest may be wrong by a minute."""
    readings = steady(OFFSET_S, SAMPLES)
    for place, wrong_s in zip(chance.sample(range(SAMPLES), len(outliers)), outliers, strict=True):
        position_s, at = readings[place]
        readings[place] = position_s, at + wrong_s
    assert clock_after(*readings).when(Seconds(100.0)) == pytest.approx(OFFSET_S + 100.0, abs=EXACT)


@given(st.lists(noises, min_size=1, max_size=SAMPLES))
def test_noise_is_never_made_worse(noise: list[float]) -> None:
    """The answer lies between the best and the worst reading."""
    clock = clock_after(*((1.0, OFFSET_S + 1.0 + one_s) for one_s in noise))
    wrong_s = clock.when(Seconds(0.0)) - OFFSET_S
    assert min(noise) - EXACT <= wrong_s <= max(noise) + EXACT


@given(st.lists(noises, min_size=SAMPLES, max_size=SAMPLES), offsets)
def test_only_the_newest_readings_count(old: list[float], offset_s: float) -> None:
    """A deck that has drifted is followed after one round of readings."""
    before = [(0.0, OFFSET_S + noise_s) for noise_s in old]
    clock = clock_after(*before, *steady(offset_s, SAMPLES))
    assert clock.when(Seconds(0.0)) == pytest.approx(offset_s, abs=EXACT)


def test_late_reports_shift_it_by_no_more_than_their_lateness() -> None:
    """A report that is always 20 ms late makes a clock that is 20 ms late, and no more."""
    clock = clock_after(*steady(OFFSET_S, SAMPLES, noise_s=0.02))
    assert clock.when(Seconds(0.0)) - OFFSET_S == pytest.approx(0.02)


def test_a_day_of_readings_leaves_no_trace() -> None:
    """What is kept does not grow, and what is told does not wander."""
    clock = DeckClock()
    for second in range(24 * 3600):
        clock.read(Seconds(second), Monotonic(OFFSET_S + second))
    assert clock.when(Seconds(0.0)) == OFFSET_S
    assert len(clock._offsets) == SAMPLES
