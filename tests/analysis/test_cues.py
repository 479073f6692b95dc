"""Cue points come from silences by pure reckoning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.analysis.cues import Cues, Silence, find_cues
from easyplayer.units import Seconds

LENGTH = Seconds(180.0)


def cues(*silences: Silence, begin_s: float = 0.0, end_s: float = LENGTH) -> Cues:
    return find_cues(silences, begin_s=Seconds(begin_s), end_s=Seconds(end_s))


def silence(start_s: float, end_s: float | None = None) -> Silence:
    return Silence(Seconds(start_s), None if end_s is None else Seconds(end_s))


def test_a_medium_without_silence_plays_from_end_to_end():
    """No silence, nothing to leave out."""
    assert cues() == Cues(Seconds(0.0), LENGTH)


def test_leading_and_trailing_silence_are_left_out():
    """What is silent before the first and after the last sound is not played."""
    assert cues(silence(0, 1.5), silence(178)) == Cues(Seconds(1.5), Seconds(178.0))


def test_a_pause_inside_belongs_to_the_music():
    """A hidden track after two minutes of silence keeps its two minutes."""
    assert cues(silence(30, 150)) == Cues(Seconds(0.0), LENGTH)


def test_a_trailing_silence_may_be_reported_with_its_end():
    """The last silence is closed when the file ends; that is the same as leaving it open."""
    assert cues(silence(178, 180.0)) == cues(silence(178))


@pytest.mark.parametrize("all_of_it", [silence(0), silence(0, 180), silence(0, 179.995)])
def test_a_silent_medium_keeps_its_ends(all_of_it):
    """There is no sound to cut to, so nothing is cut."""
    assert cues(all_of_it) == Cues(Seconds(0.0), LENGTH)


def test_the_end_of_a_very_long_medium_is_known_only_roughly():
    """Six digits are printed: after three hours the last silence seems to end 40 ms early."""
    assert cues(silence(10_790.1, 10_800.0), end_s=10_800.04).out_s == 10_790.1


def test_a_sound_track_that_begins_late_is_played_from_there():
    """A film whose sound starts after its picture has no silence there, and no sound either."""
    assert cues(begin_s=0.7).in_s == 0.7


def test_a_silence_at_the_start_of_a_late_sound_track_is_left_out_as_well():
    """The gap and the silence after it are one."""
    assert cues(silence(0.7, 1.7), begin_s=0.7).in_s == 1.7


moments = st.floats(min_value=0, max_value=7200, allow_nan=False)


@st.composite
def silences(draw):
    """Silences as ffmpeg reports them: in order, apart, the last perhaps open."""
    edges = sorted(draw(st.lists(moments, unique=True, max_size=12)))
    pairs = [silence(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    return [*pairs, silence(edges[-1])] if len(edges) % 2 else pairs


@given(silences(), moments, moments)
def test_cues_always_leave_something_to_play(found, begin_s, end_s):
    """Whatever is reported, the cues lie in the medium and in the right order."""
    result = cues(*found, begin_s=begin_s, end_s=end_s)
    assert 0 <= result.in_s <= result.out_s <= end_s
    assert result.in_s < result.out_s or end_s == 0


@given(st.floats(0, 60), st.floats(0.1, 3600), st.floats(0.5, 60))
def test_cues_enclose_the_sound_to_the_digit(lead_s, sound_s, tail_s):
    """Silence, sound, silence: the cues are where the sound is."""
    end_s = lead_s + sound_s + tail_s
    result = cues(silence(0, lead_s), silence(lead_s + sound_s), end_s=end_s)
    assert (result.in_s, result.out_s) == (lead_s, lead_s + sound_s)


@given(silences(), st.floats(0, 1e-3))
def test_silences_inside_change_nothing(found, shift):
    """Only the first and the last silence matter."""
    end_s = 7300.0
    outer = [silence(0, 1), silence(7250)]
    inner = [silence(2 + one.start_s * 0.9 + shift, 2 + (one.end_s or 7200) * 0.9) for one in found]
    assert cues(outer[0], *inner, outer[1], end_s=end_s) == cues(*outer, end_s=end_s)
