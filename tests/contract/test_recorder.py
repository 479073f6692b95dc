"""The contract of a recorder: it writes what a sink plays, for as long as it is told."""

import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from easyplayer.drivers.deck import DeckLoad, DeckReady
from easyplayer.drivers.mpv_deck import MpvDeck
from easyplayer.drivers.recording import RATE_HZ, PulseRecorder, Recorder
from easyplayer.errors import SoundError
from easyplayer.units import Seconds
from tests.fakes.workshop_tools import FakeRecorder
from tests.sound.signals import LEVEL_DBFS, Signals
from tests.sound.venue_sound import SINK, SoundServer

SECONDS = Seconds(1.0)


@pytest.fixture(name="recorder", params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def _recorder(request: pytest.FixtureRequest) -> Recorder:
    """Give a recorder, and a sink to listen to."""
    if request.param == "fake":
        return FakeRecorder()
    request.getfixturevalue("sound_server")
    return PulseRecorder()


def test_a_file_is_written(recorder: Recorder, tmp_path: Path) -> None:
    """A WAV file, whatever is heard."""
    recorder.record(SINK, SECONDS, tmp_path / "heard.wav", threading.Event())

    assert (tmp_path / "heard.wav").read_bytes().startswith(b"RIFF")


@pytest.mark.sound
@pytest.mark.usefixtures("sound_server")
class TestReal:
    """What only the real one hears."""

    def test_it_hears_what_the_sink_plays(self, signals: Signals, tmp_path: Path) -> None:
        """As loud and as high as it is, in both channels."""
        ready = threading.Event()
        deck = MpvDeck("A", lambda report: ready.set() if isinstance(report, DeckReady) else None)
        deck.load(DeckLoad(ticket=1, location=str(signals.sine(440, 10, "flac")), sink=SINK))
        assert ready.wait(2)
        deck.play()
        PulseRecorder().record(SINK, SECONDS, tmp_path / "lead-in.wav", threading.Event())
        PulseRecorder().record(SINK, SECONDS, tmp_path / "heard.wav", threading.Event())
        deck.close()

        with wave.open(str(tmp_path / "heard.wav")) as file:
            assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (RATE_HZ, 2, RATE_HZ)
            samples = np.frombuffer(file.readframes(RATE_HZ), "<i2").reshape(-1, 2) / 32768
        pitch = np.argmax(np.abs(np.fft.rfft(samples[:, 0])))
        level_db = 20 * np.log10(np.abs(samples).max(axis=0))
        assert pitch == pytest.approx(440, abs=2)
        assert level_db == pytest.approx([LEVEL_DBFS] * 2, abs=1)

    def test_it_stops_when_it_is_told(self, tmp_path: Path) -> None:
        """What it has heard by then is a file all the same."""
        stop = threading.Event()
        stop.set()
        PulseRecorder().record(SINK, Seconds(60.0), tmp_path / "heard.wav", stop)

        with wave.open(str(tmp_path / "heard.wav")) as file:
            assert file.getnframes() == 0

    def test_a_sink_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        """With the way out."""
        with pytest.raises(SoundError, match="nonsense cannot be listened to"):
            PulseRecorder().record("nonsense", SECONDS, tmp_path / "heard.wav", threading.Event())


@pytest.mark.sound
def test_a_server_that_is_not_there_is_told(
    sound_server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as an exception that nobody knows."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")

    with pytest.raises(SoundError):
        PulseRecorder().record(SINK, SECONDS, tmp_path / "heard.wav", threading.Event())
