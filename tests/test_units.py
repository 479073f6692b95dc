"""Quantities turn into one another without loss, and silence is nothing at all."""

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer import units
from easyplayer.units import (
    SILENCE,
    Decibels,
    Linear,
    Milliseconds,
    Percent,
    to_decibels,
    to_linear,
    to_seconds,
    volume_to_linear,
)

LOUDEST_DB = 60.0
"""Far above any gain that a box could be asked for."""

gains_db = st.floats(SILENCE, LOUDEST_DB, exclude_min=True).map(Decibels)
volumes = st.integers(0, 100).map(Percent)


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(units).failed == 0


@given(st.integers(0, 7 * 24 * 3_600_000))
def test_milliseconds_survive_the_way_to_seconds(milliseconds: int) -> None:
    """A position that a person wrote down is the same after a week's worth of music."""
    assert round(to_seconds(Milliseconds(milliseconds)) * 1000) == milliseconds


class TestGain:
    """Decibels and amplitude factors."""

    @pytest.mark.parametrize(
        ("decibels", "factor"), [(0.0, 1.0), (20.0, 10.0), (-20.0, 0.1), (6.0206, 2.0), (-6.0206, 0.5)]
    )
    def test_known_gains(self, decibels: float, factor: float) -> None:
        """Twenty dB are ten times the amplitude, and six dB very nearly twice."""
        assert to_linear(Decibels(decibels)) == pytest.approx(factor, rel=1e-5)
        assert to_decibels(Linear(factor)) == pytest.approx(decibels, abs=1e-4)

    @given(gains_db)
    def test_the_way_there_and_back_changes_nothing(self, gain: Decibels) -> None:
        """A gain in dB that becomes a factor becomes the same gain again."""
        assert to_decibels(to_linear(gain)) == pytest.approx(gain, abs=1e-9)

    @given(gains_db, gains_db)
    def test_louder_stays_louder(self, one: Decibels, other: Decibels) -> None:
        """Neither direction ever swaps two gains."""
        quieter, louder = sorted((one, other))
        assert to_linear(Decibels(quieter)) <= to_linear(Decibels(louder))

    @given(st.floats(max_value=SILENCE))
    def test_silence_is_no_amplitude_at_all(self, gain: float) -> None:
        """What is as quiet as silence, or quieter, is multiplied away."""
        assert to_linear(Decibels(gain)) == 0.0

    @given(st.floats(max_value=0.0))
    def test_no_amplitude_is_silence(self, gain: float) -> None:
        """Nothing has a level that could still be reckoned with, not minus infinity."""
        assert to_decibels(Linear(gain)) == SILENCE

    @given(st.floats(0.0, 1e6))
    def test_a_level_is_always_a_number_from_silence_up(self, gain: float) -> None:
        """The smallest amplitude that a float can hold is no quieter than silence."""
        level = to_decibels(Linear(gain))
        assert math.isfinite(level)
        assert level >= SILENCE


class TestVolume:
    """Volumes as people turn them."""

    @pytest.mark.parametrize(
        ("volume", "decibels"), [(100, 0.0), (75, -7.496), (50, -18.062), (25, -36.124), (1, -120.0)]
    )
    def test_volumes_are_those_that_sound_servers_show(self, volume: int, decibels: float) -> None:
        """The figures beside the percentages are those of PulseAudio's own mixer."""
        assert to_decibels(volume_to_linear(Percent(volume))) == pytest.approx(decibels, abs=1e-3)

    def test_the_ends_are_silence_and_full(self) -> None:
        """Zero is really nothing, and a hundred leaves the music alone."""
        assert (volume_to_linear(Percent(0)), volume_to_linear(Percent(100))) == (0.0, 1.0)

    @given(volumes, volumes)
    def test_each_step_is_heard(self, one: Percent, other: Percent) -> None:
        """A higher volume is a higher gain, step by step."""
        assert (one < other) == (volume_to_linear(one) < volume_to_linear(other))
