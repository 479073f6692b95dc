"""The tracks of a venue's programs can be told apart by ear, from each other and from a box's own music."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec import structs

from easyplayer.demo import DEMO_TRACKS, VARIATIONS, Track, compose
from easyplayer.synth import RATE as COMPOSED_RATE
from tests.venue.faculties.hearing import CHANNELS, RATE, Samples
from tests.venue.faculties.pitch import NEAR_HZ, pitch_hz, track_of
from tests.venue.faculties.sound import STEADY_S
from tests.venue.faculties.tracks import pitch

pytestmark = pytest.mark.slow

ALL = {f"track-{number}": pitch(number) for number in range(10)}
BARS = 3
PEAK = 0.25 * 32767


def heard(track: Track) -> Samples:
    """Give the first bars of a piece as a venue hears them."""
    piece = compose(structs.replace(track, bars=track.bars[:BARS]))
    at = np.arange(int(len(piece.left) * RATE / COMPOSED_RATE)) * COMPOSED_RATE / RATE
    sides = [np.interp(at, np.arange(len(side)), side) for side in (piece.left, piece.right)]
    both = np.stack(sides, axis=1)
    samples: Samples = (both * (PEAK / abs(both).max())).astype(np.int16)
    return samples


@pytest.mark.parametrize("track", DEMO_TRACKS + VARIATIONS, ids=lambda track: track.name)
def test_no_music_of_the_box_is_told_as_a_test_track(track: Track) -> None:
    """Else a story would take a box that has lost its program for one that plays it."""
    samples, window = heard(track), int(STEADY_S * RATE)
    assert samples.shape[1] == CHANNELS
    begins = range(0, len(samples) - window, window // 2)

    told = [track_of(pitch_hz(samples[begin : begin + window]), ALL) for begin in begins]

    assert len(told) > 10
    assert not any(told), told


def test_no_two_tracks_are_near_each_other() -> None:
    """Nor so near that the edge of one is the other's."""
    pitches = sorted(ALL.values())
    assert min(high - low for low, high in pairwise(pitches)) > 4 * NEAR_HZ
