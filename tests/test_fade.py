"""A fade begins where it should, ends where it should, and goes only one way between."""

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer import fade as fades
from easyplayer.fade import Curve, Fade, shape
from easyplayer.units import Seconds

LENGTH = Seconds(4.0)
START = Seconds(10.0)

curves = st.sampled_from(Curve)
progresses = st.floats(0.0, 1.0)
positions = st.floats(0.0, 600.0).map(Seconds)


@st.composite
def some_fade(draw: st.DrawFn) -> Fade:
    """Fades of all curves and lengths, cuts among them."""
    length_s = draw(st.just(0.0) | st.floats(1e-3, 30.0))
    return Fade(draw(positions), Seconds(length_s), draw(curves))


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(fades).failed == 0


class TestShape:
    """The course of a gain from silence to full."""

    @given(curves)
    def test_every_curve_goes_from_silence_to_full(self, curve: Curve) -> None:
        """It begins at nothing and ends at everything, to the digit."""
        assert (shape(curve, 0.0), shape(curve, 1.0)) == (0.0, 1.0)

    @given(curves, progresses, progresses)
    def test_every_curve_only_rises(self, curve: Curve, one: float, other: float) -> None:
        """Nobody hears a fade turn back."""
        earlier, later = sorted((one, other))
        assert shape(curve, earlier) <= shape(curve, later)

    @given(curves, st.floats(allow_nan=False))
    def test_progress_beyond_the_ends_changes_nothing(self, curve: Curve, progress: float) -> None:
        """Late or early, a gain is never below silence nor above full."""
        assert 0.0 <= shape(curve, progress) <= 1.0

    @given(progresses)
    def test_equal_power_keeps_the_power(self, progress: float) -> None:
        """Of two unrelated songs that cross, the squares of the gains add up to one."""
        up, down = shape(Curve.EQUAL_POWER, progress), shape(Curve.EQUAL_POWER, 1 - progress)
        assert up**2 + down**2 == pytest.approx(1.0, abs=1e-12)

    @given(progresses)
    def test_a_straight_line_keeps_the_amplitude(self, progress: float) -> None:
        """Of two signals that are alike, the gains themselves add up to one."""
        assert shape(Curve.LINEAR, progress) + shape(Curve.LINEAR, 1 - progress) == pytest.approx(1.0)

    def test_half_way_tells_the_curves_apart(self) -> None:
        """In the middle equal power stands at -3 dB, and the straight line at -6 dB."""
        assert shape(Curve.EQUAL_POWER, 0.5) == pytest.approx(math.sqrt(0.5))
        assert shape(Curve.LINEAR, 0.5) == 0.5


class TestFade:
    """A curve that is laid over part of a medium."""

    def test_it_is_complete_after_its_length(self) -> None:
        """The end is reckoned from start and length, so that the three never disagree."""
        assert Fade(START, LENGTH).end_s == 14.0

    @pytest.mark.parametrize(
        ("position_s", "rising", "falling"),
        [(0.0, 0.0, 1.0), (9.999, 0.0, 1.0), (12.0, 0.5, 0.5), (13.0, 0.75, 0.25), (14.0, 1.0, 0.0)],
    )
    def test_gains_along_the_way(self, position_s: float, rising: float, falling: float) -> None:
        """Before it nothing has changed yet, within it the curve holds, behind it all is done."""
        fade = Fade(START, LENGTH, Curve.LINEAR)
        assert fade.rising(Seconds(position_s)) == pytest.approx(rising)
        assert fade.falling(Seconds(position_s)) == pytest.approx(falling)

    def test_equal_power_is_what_one_gets_unasked(self) -> None:
        """Songs are unrelated, as a rule."""
        assert Fade(START, LENGTH).curve is Curve.EQUAL_POWER

    def test_a_fade_of_no_length_is_a_cut(self) -> None:
        """There is no instant between silent and full."""
        cut = Fade(START, Seconds(0.0))
        just_before = Seconds(math.nextafter(START, 0.0))
        assert (cut.rising(just_before), cut.rising(START)) == (0.0, 1.0)
        assert (cut.falling(just_before), cut.falling(START)) == (1.0, 0.0)

    @given(some_fade(), positions, positions)
    def test_in_only_rises_and_out_only_falls(self, fade: Fade, one: Seconds, other: Seconds) -> None:
        """Wherever two positions lie, the later one is further on the way."""
        earlier, later = sorted((one, other))
        assert fade.rising(Seconds(earlier)) <= fade.rising(Seconds(later))
        assert fade.falling(Seconds(earlier)) >= fade.falling(Seconds(later))

    @given(some_fade(), st.floats(-1.0, 2.0))
    def test_out_is_in_played_backwards(self, fade: Fade, progress: float) -> None:
        """The two are mirror images about the middle of the fade."""
        there = Seconds(fade.start_s + progress * fade.length_s)
        back = Seconds(fade.end_s - progress * fade.length_s)
        if fade.length_s > 0:
            assert fade.falling(there) == pytest.approx(fade.rising(back), abs=1e-9)

    def test_the_curves_have_the_names_of_the_filter_that_draws_them(self) -> None:
        """A deck hands the name on as it is."""
        assert {curve.name: curve.value for curve in Curve} == {"EQUAL_POWER": "qsin", "LINEAR": "tri"}
