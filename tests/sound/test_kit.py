"""Proof that the kit hears rightly: two bare players, whose crossfade is known to be good."""

from pathlib import Path

import numpy as np
import pytest

from tests.sound.bare_decks import BareDecks
from tests.sound.ear import gaps, largest_step, level_through_crossfade, onset, residual_peak_dbfs, sounding
from tests.sound.recorder import Recorder, RecorderError
from tests.sound.recording import Recording
from tests.sound.signals import Signals, decode
from tests.sound.venue_sound import SINK, SoundServer, SoundServerError

pytestmark = pytest.mark.sound

TRACK_S = 8.0
CROSSFADE_S = 3.0
MIX_POINT_S = TRACK_S - CROSSFADE_S
BOTH_S = TRACK_S + MIX_POINT_S
BLOCK_S = 0.020
"""A sink takes sound in blocks of this length, and a stream begins with one."""


def crossfade(ear: Recorder, track_a: Path, track_b: Path) -> tuple[Recording, float]:
    """Record a crossfade, and tell at which second of the recording B was meant to begin."""
    with BareDecks(SINK, TRACK_S, CROSSFADE_S) as decks:
        decks.play(track_a)
        decks.prepare(track_b)
        meant = decks.segue()
        ear.listen(TRACK_S + 0.5)
    recording = ear.stop()
    return recording, recording.second(meant)


def test_two_sines_crossfade_at_a_steady_level(ear: Recorder, signals: Signals) -> None:
    """The level stays within 0.2 dB, with neither a click nor a gap."""
    recording, _ = crossfade(ear, signals.sine(440, TRACK_S, "flac"), signals.sine(880, TRACK_S, "flac"))
    music = sounding(recording)

    assert music.seconds == pytest.approx(BOTH_S, abs=0.05)
    assert gaps(music) == []
    assert np.abs(level_through_crossfade(recording, 440, 880)).max() < 0.2
    assert residual_peak_dbfs(music.between(0.1, BOTH_S - 0.1), (440, 880)).max() < -65


def test_incoming_noise_starts_when_it_was_meant_to(ear: Recorder, signals: Signals) -> None:
    """B is heard within 20 ms of the plan, by the wall and by A, and neither track has a click."""
    track_a, track_b = signals.noise(1, TRACK_S, "flac"), signals.noise(2, TRACK_S, "flac")
    recording, meant = crossfade(ear, track_a, track_b)
    samples_a, samples_b = decode(track_a), decode(track_b)
    start_a, start_b = onset(recording, samples_a), onset(recording, samples_b)

    assert start_b == pytest.approx(meant, abs=0.02)
    assert start_b - start_a == pytest.approx(MIX_POINT_S + BLOCK_S, abs=0.02)
    assert gaps(sounding(recording)) == []
    assert largest_step(recording.samples) <= largest_step(samples_a) + largest_step(samples_b)


def test_recorder_tells_when_sound_begins(ear: Recorder, signals: Signals) -> None:
    """The instant of the first sample is told at once, and is the recording's own."""
    with BareDecks(SINK, TRACK_S, CROSSFADE_S) as decks:
        decks.play(signals.sine(440, TRACK_S))
        began = ear.wait_for_sound(5)
        ear.listen(1)
    assert sounding(ear.stop()).started_at_monotonic == pytest.approx(began, abs=BLOCK_S)


def test_silence_is_not_taken_for_sound(ear: Recorder) -> None:
    """Waiting for sound where nobody plays ends in time, and says so."""
    with pytest.raises(RecorderError, match="in time"):
        ear.wait_for_sound(0.2)


def test_server_killed_ends_the_recording_and_comes_back(sound_server: SoundServer, ear: Recorder) -> None:
    """A crash is noticed; the next server at the same socket can be recorded again."""
    sound_server.kill()
    with pytest.raises(RecorderError, match="before the recording ended"):
        ear.listen(10)
    assert not ear.listening

    sound_server.start()
    ear.start()
    ear.listen(0.1)
    assert ear.stop().seconds >= 0.1


def test_frozen_server_sends_nothing_until_it_thaws(sound_server: SoundServer, ear: Recorder) -> None:
    """While the server is held still no sound comes in; afterwards it goes on."""
    sound_server.freeze()
    with pytest.raises(RecorderError, match="in time"):
        ear.wait_for_sound(0.3)
    frozen = ear.so_far().seconds
    sound_server.thaw()
    ear.listen(0.2)
    assert ear.stop().seconds >= frozen + 0.2


def test_sink_can_be_taken_away_and_given_back(sound_server: SoundServer) -> None:
    """The sink is there, gone, and there again."""
    assert SINK in sound_server.pactl("list", "short", "sinks")
    sound_server.unload_sink()
    assert SINK not in sound_server.pactl("list", "short", "sinks")
    sound_server.load_sink()
    assert SINK in sound_server.pactl("list", "short", "sinks")


def test_sink_can_be_suspended(sound_server: SoundServer) -> None:
    """A suspended sink says so, and resumes."""
    sound_server.suspend(SINK, True)
    assert "SUSPENDED" in sound_server.pactl("list", "short", "sinks")
    sound_server.suspend(SINK, False)
    assert "SUSPENDED" not in sound_server.pactl("list", "short", "sinks")


def test_refusal_of_the_server_is_told(sound_server: SoundServer) -> None:
    """A sink that does not exist cannot be suspended, and the error names the command."""
    with pytest.raises(SoundServerError, match="suspend-sink elsewhere"):
        sound_server.suspend("elsewhere", True)


def test_nothing_is_left_behind() -> None:
    """After the context neither the process nor its directory is there."""
    with SoundServer() as server:
        home = Path(server.env["XDG_RUNTIME_DIR"])
        assert home.is_dir()
    assert not home.exists()
    with pytest.raises(SoundServerError):
        server.kill()
