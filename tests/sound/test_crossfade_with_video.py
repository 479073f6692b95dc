"""The planned crossfade while the screen shows clips of 1080p: it is heard as without them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from easyplayer.drivers.screen import Output, OutputDriver
from tests.screen.projector import Projector
from tests.screen.reel import Reel
from tests.screen.xvfb import Xvfb, why_not
from tests.sound.ear import gaps, largest_step, level_through_crossfade, onset, residual_peak_dbfs, sounding
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals, decode
from tests.sound.test_crossfade import BLOCK_S, CROSSFADE_S, TRACK_S, play_through

pytestmark = [pytest.mark.sound, pytest.mark.screen]

WIDTH, HEIGHT = 1920, 1080
CLIP_S = 3.0
"""So short that a picture changes while one track goes into the other."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two clips of 1080p in which everything moves."""
    reel = Reel(tmp_path_factory.mktemp("reel"))
    return [reel.lively(number, CLIP_S) for number in (1, 2)]


@pytest.fixture(name="screen")
def _screen(clips: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Projector]:
    """Show them all the while on a screen of 1080p."""
    if missing := why_not():
        pytest.skip(missing)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with Xvfb(WIDTH, HEIGHT) as display:
        monkeypatch.setenv("DISPLAY", display.number)
        with Projector(Output(driver=OutputDriver.WINDOW), clips, CLIP_S) as projector:
            yield projector


@pytest.mark.parametrize("time", range(3))
def test_level_stays_through_the_crossfade_while_clips_are_shown(
    time: int, ear: Recorder, signals: Signals, tmp_path: Path, screen: Projector
) -> None:
    """Within 0.7 dB, without a gap and without a click, each time; and the clips went on meanwhile."""
    extension = ("wav", "flac", "mp3")[time]
    first, second = (signals.sine(hz, TRACK_S, extension) for hz in (440, 880))
    before = screen.shown

    recording = play_through(ear, tmp_path / "state", first, second)

    music = sounding(recording)
    assert gaps(music) == []
    through = music.between(0.3, TRACK_S + 2.0)
    assert np.abs(level_through_crossfade(through, 440, 880)).max() < 0.7
    assert residual_peak_dbfs(through, (440, 880)).max() < -50
    assert screen.shown >= before + 2


@pytest.mark.usefixtures("screen")
def test_incoming_track_starts_when_it_was_planned_while_clips_are_shown(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """Within 20 ms of its mix point, and without a click."""
    first, second = (signals.noise(seed, TRACK_S, "flac") for seed in (1, 2))

    recording = play_through(ear, tmp_path / "state", first, second)

    heard = [decode(path) for path in (first, second)]
    starts = [onset(recording, samples) for samples in heard]
    lasted_s = len(heard[0]) / recording.rate
    assert starts[1] - starts[0] == pytest.approx(lasted_s - CROSSFADE_S + BLOCK_S, abs=0.020)
    assert largest_step(recording.samples) <= sum(largest_step(samples) for samples in heard)
