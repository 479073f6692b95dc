"""The planned crossfade, heard at the sound server: its level, its instant, and its cleanness."""

from pathlib import Path

import numpy as np
import pytest

from tests.sound.ear import gaps, largest_step, level_through_crossfade, onset, residual_peak_dbfs, sounding
from tests.sound.real_box import RealBox
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import FORMATS, Signals, decode

pytestmark = pytest.mark.sound

TRACK_S = 6.0
CROSSFADE_S = 2.0
BLOCK_S = 0.020
"""The sink takes sound in blocks of this length: what is started waits for the next, at the most."""


def play_through(ear: Recorder, state: Path, first: Path, second: Path) -> Recording:
    """Record a box that plays one track, and crosses into a second to its end."""
    with RealBox(state, [first, second], crossfade_ms=round(CROSSFADE_S * 1000)) as box:
        box.started(second, timeout_s=15)
        ear.listen(TRACK_S - CROSSFADE_S + 0.3)
    return ear.stop()


@pytest.mark.parametrize("time", range(10))
def test_level_stays_through_the_crossfade_of_two_tracks(
    time: int, ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """Two tracks that have nothing in common keep their summed level within 0.7 dB, each time."""
    extension = FORMATS[time % len(FORMATS)]
    first, second = (signals.sine(hz, TRACK_S, extension) for hz in (440, 880))

    recording = play_through(ear, tmp_path / "state", first, second)

    music = sounding(recording)
    assert gaps(music) == []
    through = music.between(0.3, TRACK_S + 2.0)
    assert np.abs(level_through_crossfade(through, 440, 880)).max() < 0.7
    assert residual_peak_dbfs(through, (440, 880)).max() < -50


@pytest.mark.parametrize("extension", FORMATS)
def test_incoming_track_starts_when_it_was_planned(
    extension: str, ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """In every format the incoming track is heard within 20 ms of its mix point, and without a click."""
    first, second = (signals.noise(seed, TRACK_S, extension) for seed in (1, 2))

    recording = play_through(ear, tmp_path / "state", first, second)

    heard = [decode(path) for path in (first, second)]
    starts = [onset(recording, samples) for samples in heard]
    lasted_s = len(heard[0]) / recording.rate
    assert starts[1] - starts[0] == pytest.approx(lasted_s - CROSSFADE_S + BLOCK_S, abs=0.020)
    assert largest_step(recording.samples) <= sum(largest_step(samples) for samples in heard)
