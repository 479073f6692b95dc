"""An operator's command is heard in the venue at once; where the live channel is shut, within a heartbeat."""

import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from tests.process.narrow_way import NarrowWay
from tests.process.paired import Paired
from tests.sound.ear import lock_in
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.sound, pytest.mark.process]

PITCH = 700.0
LOUD, SOFT = 90, 40
COMMANDS = 11
AT_ONCE_S = 0.3
HEARTBEAT_S = 4.0
SPREAD = 1.25
"""How much later than its interval a heartbeat may come: the hub's spread, and the box's own."""
WINDOW_S = 0.01
STEADY_S = 0.4


@pytest.fixture
def home(signals: Signals, sound_server: SoundServer, tmp_path: Path) -> Paired:
    """Give a hub and a box to be, whose music is one steady tone."""
    music = signals.sine(PITCH, 600.0, "flac")
    env = {**sound_server.env, "EASYPLAYER_MUSIC__PLACES": str(music)}
    return Paired(tmp_path, "", env, heartbeat_s=HEARTBEAT_S)


def changes(paired: Paired, ear: Recorder) -> list[float]:
    """Turn the volume up and down by the command line; tell after how many seconds each was heard.

    They are counted from the start of the operator's command line, its own start included.
    """
    delays = []
    for number in range(COMMANDS):
        ear.listen(STEADY_S)
        given = time.monotonic()
        volume = SOFT if number % 2 == 0 else LOUD
        paired.hub.tell("command", "give", paired.box_id, "set_volume", f"volume={volume}")
        ear.listen(STEADY_S)
        while (heard := changed(ear.so_far(), given)) is None:
            ear.listen(STEADY_S)
        delays.append(heard)
    return delays


def changed(recording: Recording, since: float) -> float | None:
    """Tell how long after an instant the tone's level changed; ``None`` if it has not."""
    began = recording.second(since)
    piece = recording.between(began - STEADY_S)
    levels = lock_in(piece, PITCH, WINDOW_S)
    before = float(np.median(levels[: int(STEADY_S / WINDOW_S)]))
    other = np.flatnonzero(np.abs(levels / before - 1.0) > 0.1)
    later = other[other * WINDOW_S >= STEADY_S]
    return float(later[0]) * WINDOW_S - STEADY_S if len(later) else None


def test_command_is_heard_at_once_over_a_websocket(home: Paired, ear: Recorder) -> None:
    """Half of them within 0.3 s of the moment in which the operator has pressed the key."""
    with home as paired:
        paired.box.until(lambda status: status.hub.live == "websocket", 30.0)
        delays = changes(paired, ear)

    assert statistics.median(delays) < AT_ONCE_S, delays


def test_command_is_heard_at_once_where_a_proxy_lets_no_websocket_through(
    home: Paired, ear: Recorder
) -> None:
    """The box polls instead, and hears it as soon."""
    with ExitStack() as stack:
        narrow = stack.enter_context(NarrowWay(home.hub.port))
        home.reach = narrow.url
        paired = stack.enter_context(home)
        paired.box.until(lambda status: status.hub.live == "polling", 30.0)
        delays = changes(paired, ear)

    assert narrow.refused > 0
    assert statistics.median(delays) < AT_ONCE_S, delays


def test_command_is_heard_within_a_heartbeat_where_there_is_no_live_channel(
    home: Paired, ear: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what the live channel only makes faster."""
    monkeypatch.setenv("EASYPLAYER_HUB__LIVE", "off")
    with home as paired:
        delays = changes(paired, ear)

    assert max(delays) < HEARTBEAT_S * SPREAD + AT_ONCE_S, delays
    assert statistics.median(delays) > AT_ONCE_S, delays
