"""A block of samples has a peak and a mean level."""

import array
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.monitor import AUDIBLE_FROM_DB, FULL_SCALE, Level, level
from easyplayer.units import SILENCE, Decibels

STEP_DB = 20 * math.log10(1 / FULL_SCALE)
"""The smallest sample that there is."""

samples = st.lists(st.integers(-FULL_SCALE, FULL_SCALE - 1), min_size=1, max_size=500)


def measure(values: list[int]) -> Level:
    return level(array.array("h", values).tobytes())


@pytest.mark.parametrize("values", [[], [0], [0] * 1200])
def test_nothing_is_silence(values: list[int]) -> None:
    """No samples, and samples of nothing, have the level that stands for silence."""
    assert measure(values) == Level(SILENCE, SILENCE)


@pytest.mark.parametrize("value", [-FULL_SCALE, FULL_SCALE - 1])
def test_full_scale_is_nothing_below_full_scale(value: int) -> None:
    """The largest sample, up or down, is 0 dB."""
    assert measure([value] * 100).peak_db == pytest.approx(0.0, abs=0.001)
    assert measure([value] * 100).mean_db == pytest.approx(0.0, abs=0.001)


def test_sine_has_a_mean_three_decibels_below_its_peak() -> None:
    """As every meter shows it."""
    sine = [round(FULL_SCALE / 2 * math.sin(math.tau * at / 100)) for at in range(1200)]

    assert measure(sine).peak_db == pytest.approx(-6.02, abs=0.01)
    assert measure(sine).mean_db == pytest.approx(-9.03, abs=0.01)


def test_single_click_shows_in_the_peak() -> None:
    """The mean of a click is low, its peak is not."""
    click = [0] * 1199 + [-16384]

    assert measure(click).peak_db == pytest.approx(-6.02, abs=0.01)
    assert measure(click).mean_db < -30


def test_smallest_sample_is_no_silence() -> None:
    """What 16 bits can carry lies above the level that stands for nothing."""
    assert measure([0, 1]).peak_db == pytest.approx(STEP_DB)
    assert measure([0, 1]).peak_db > SILENCE


@given(samples)
def test_mean_never_lies_above_the_peak(values: list[int]) -> None:
    """Both lie between silence and full scale."""
    found = measure(values)

    assert SILENCE <= found.mean_db <= found.peak_db + 1e-9
    assert found.peak_db <= 1e-9


@given(samples)
def test_polarity_makes_no_difference(values: list[int]) -> None:
    """A loudspeaker that is wired the other way round is as loud."""
    values = [max(value, 1 - FULL_SCALE) for value in values]

    turned = measure([-value for value in values])

    assert turned.peak_db == pytest.approx(measure(values).peak_db)
    assert turned.mean_db == pytest.approx(measure(values).mean_db)


@given(samples)
def test_half_as_much_is_six_decibels_less(values: list[int]) -> None:
    """The scale is that of amplitudes."""
    even = [value // 2 * 2 for value in values]
    whole, half = measure(even), measure([value // 2 for value in even])

    if whole.peak_db > SILENCE:
        assert whole.peak_db - half.peak_db == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize(
    ("peak_db", "audible"), [(-120.0, False), (-60.1, False), (-60.0, True), (0.0, True)]
)
def test_level_is_audible_from_a_threshold_on(peak_db: float, audible: bool) -> None:
    """What lies below is not heard in a quiet room."""
    assert AUDIBLE_FROM_DB == -60.0
    assert Level(Decibels(peak_db), SILENCE).audible is audible
