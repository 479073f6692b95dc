"""What is heard of a clip."""

import time

import numpy as np
import pytest

from easyplayer.drivers.screen import Output, OutputDriver, OutputUp, Picture
from easyplayer.units import Decibels, Linear
from tests.screen.reel import Reel
from tests.screen.watching import Watching
from tests.sound.recorder import Recorder
from tests.sound.venue_sound import SINK

pytestmark = [pytest.mark.screen, pytest.mark.sound]

LISTENING_S = 0.3
SETTLING_S = 0.8
SILENT = 0.001


def loudness(ear: Recorder) -> float:
    """Give the amplitude of what is heard now."""
    ear.listen(LISTENING_S)
    recording = ear.so_far()
    return float(np.abs(recording.mono[-round(recording.rate * LISTENING_S / 2) :]).max())


@pytest.mark.usefixtures("display")
def test_clip_is_heard_where_it_should_be(reel: Reel, ear: Recorder) -> None:
    """Muted unless it is asked for; then on its sink, by its own gain and the screen's, at once."""
    path = str(reel.clip("green", 8.0, tone=True))
    with Watching(Output(driver=OutputDriver.WINDOW)) as watching:
        watching.wait_for(OutputUp)
        watching.show(Picture(ticket=1, location=path))
        time.sleep(SETTLING_S)
        muted = loudness(ear)
        watching.show(Picture(ticket=2, location=path, mute=False, sink=SINK))
        time.sleep(SETTLING_S)
        heard = loudness(ear)
        watching.screen.set_gain(Linear(0.5))
        time.sleep(SETTLING_S)
        halved = loudness(ear)
        watching.show(Picture(ticket=3, location=path, mute=False, sink=SINK, gain_db=Decibels(-6.02)))
        time.sleep(SETTLING_S)
        quartered = loudness(ear)

    assert muted < SILENT
    assert heard > 10 * SILENT
    assert halved == pytest.approx(heard / 2, rel=0.1)
    assert quartered == pytest.approx(heard / 4, rel=0.1)


@pytest.mark.usefixtures("display")
def test_clip_is_shown_where_there_is_no_sound(reel: Reel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound server that cannot be reached takes the sound, not the picture."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere/at/all")
    with Watching(Output(driver=OutputDriver.WINDOW)) as watching:
        watching.wait_for(OutputUp)

        watching.show(Picture(ticket=1, location=str(reel.clip("green", 8.0, tone=True)), mute=False))
