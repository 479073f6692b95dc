"""A clip's own sound, heard at the sound server: beside the music, or in its place."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.playout.items import ClipSound, Item, ItemKind
from easyplayer.screen_events import outputs_found
from easyplayer.units import Milliseconds, Percent
from easyplayer.video import VideoPlayer
from tests.cinema import Reel as Handed
from tests.screen.reel import TONE_HZ, Reel
from tests.screen.xvfb import Xvfb, why_not
from tests.sound.ear import (
    Floats,
    amplitudes,
    decibels,
    gaps,
    onset,
    residual_peak_dbfs,
    sounding,
)
from tests.sound.real_booth import RealBooth, song
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import LEVEL_DBFS, Signals, decode

pytestmark = [pytest.mark.sound, pytest.mark.screen]

WINDOW = Output(driver=OutputDriver.WINDOW)
MUSIC_HZ = 880
MUSIC_S = 30.0
BEFORE_S, CLIP_S, AFTER_S = 3.0, 4.0, 12.0
FADE_S = 1.5
AUDIBLE_DBFS = -50.0
FULL_DB, GONE_DB = -0.7, -38.0
"""Relative to the music's own level: what counts as full, and as gone."""
FADING = 0.68
"""The part of a fade with the curve of equal power in which the music is neither full nor gone."""
STILL_FULL = 0.25
"""The part of such a fade that the music is still full."""
WINDOW_S = 0.025
HELD_WITHIN_S = 0.2
"""As after a spot that pauses the music: what lay in the sound server's buffer is played once more."""
SEEN_TO_HEARD_S = 0.5
"""A clip's sound goes through a buffer of mpv's of its own, and its first frame is drawn before."""


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Clips to show."""
    return Reel(tmp_path_factory.mktemp("reel"))


@pytest.fixture(autouse=True)
def _display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start a display of one's own."""
    if missing := why_not():
        pytest.skip(missing)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with Xvfb() as display:
        monkeypatch.setenv("DISPLAY", display.number)
        yield


def programme(reel: Reel, sound: ClipSound, **fields: Any) -> list[Item]:
    """Make what the screen shows: a mute clip, one that sounds, and a mute one again."""
    fades = {
        "fade_in_ms": Milliseconds(round(1000 * FADE_S)),
        "fade_out_ms": Milliseconds(round(1000 * FADE_S)),
    }
    return [
        clip(reel, "green", BEFORE_S),
        clip(reel, "blue", CLIP_S, tone=True, clip_sound=sound, **fades, **fields),
        clip(reel, "red", AFTER_S),
    ]


def clip(reel: Reel, colour: str, seconds: float, *, tone: bool = False, **fields: Any) -> Item:
    """Make an item of a clip."""
    return Item(
        id=colour,
        location=str(reel.clip(colour, seconds, tone=tone)),
        kind=ItemKind.CLIP,
        duration_ms=Milliseconds(round(1000 * seconds)),
        **fields,
    )


class Screening(RealBooth):
    """The audio player and the video player, with real decks and a real screen.

    :param shown: what the screen is handed, one after the other.
    """

    def __init__(self, *items: Any, shown: list[Item]) -> None:
        super().__init__(*items)
        self._video = VideoPlayer(MpvScreen, Percent(100), self._ticker)
        for part in (self._video, Handed(shown)):
            part.register(self._root)

    def __enter__(self) -> "Screening":
        self._video.open()
        self.fire(outputs_found((WINDOW,), ""))
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._video.close()

    def seen(self, name: str) -> float:
        """Wait until a clip is seen; give the instant."""
        return self.wait_for("picture_started", lambda one, _at: one.item.id == name, timeout_s=30).at


def tones(recording: Recording) -> tuple[Floats, Floats]:
    """Give the levels of the music and of the clip's tone, in dBFS, window by window."""
    fitted = decibels(amplitudes(recording, (MUSIC_HZ, TONE_HZ), WINDOW_S))
    return fitted[:, 0], fitted[:, 1]


def first(windows: NDArray[np.bool_]) -> float:
    """Tell when the first window of a kind begins, in seconds."""
    places = np.flatnonzero(windows)
    assert len(places), "there is none"
    return float(places[0]) * WINDOW_S


def last(windows: NDArray[np.bool_]) -> float:
    """Tell when the last window of a kind ends, in seconds."""
    return len(windows) * WINDOW_S - first(windows[::-1])


def silence_within(heard: NDArray[np.bool_]) -> tuple[float, float]:
    """Tell from when to when something was not heard, between its first sound and its last."""
    begins, ends = (round(one / WINDOW_S) for one in (first(heard), last(heard)))
    inner = ~heard[begins:ends]
    return first(inner) + begins * WINDOW_S, last(inner) + begins * WINDOW_S


def test_clip_is_heard_beside_the_music(ear: Recorder, signals: Signals, reel: Reel) -> None:
    """With ``mix`` the clip's tone is heard while it is shown, and the music stays as loud as it is."""
    music = song(signals.sine(MUSIC_HZ, MUSIC_S, "flac"), MUSIC_S)

    with Screening(music, shown=programme(reel, ClipSound.MIX)) as screening:
        seen_at = screening.seen("blue")
        gone_at = screening.seen("red")
        ear.listen(1.0)
        recording = ear.stop()

    music_db, tone_db = tones(recording)
    heard = tone_db > AUDIBLE_DBFS
    began, ended = first(heard), last(heard)
    assert 0 <= recording.monotonic(began) - seen_at + SEEN_TO_HEARD_S <= 2 * SEEN_TO_HEARD_S
    assert abs(recording.monotonic(ended) - gone_at) <= SEEN_TO_HEARD_S
    assert ended - began == pytest.approx(CLIP_S, abs=SEEN_TO_HEARD_S)
    steady = music_db[round(first(music_db > LEVEL_DBFS - 1) / WINDOW_S) + 8 : -1]
    assert np.abs(steady - LEVEL_DBFS).max() < 0.7
    assert gaps(sounding(recording)) == []


def test_clip_is_heard_in_place_of_the_music(ear: Recorder, signals: Signals, reel: Reel) -> None:
    """With ``replace`` the music fades out, is silent, and comes back with the same fade where it was."""
    path = signals.noise(5, MUSIC_S, "flac")
    music = song(path, MUSIC_S)

    with Screening(music, shown=programme(reel, ClipSound.REPLACE)) as screening:
        seen_at = screening.seen("blue")
        screening.wait_for("give_floor", timeout_s=30)
        ear.listen(FADE_S + 3.0)
        recording = ear.stop()

    music_db = residual_peak_dbfs(recording, (TONE_HZ,), WINDOW_S)
    heard = music_db > LEVEL_DBFS + GONE_DB
    full = music_db > LEVEL_DBFS + FULL_DB
    quiet_from, quiet_to = silence_within(heard)
    full_until = last(full[: round(quiet_from / WINDOW_S)])
    full_again = quiet_to + first(full[round(quiet_to / WINDOW_S) :])
    faded_from = full_until - FADE_S * STILL_FULL
    assert abs(recording.monotonic(faded_from) - seen_at) < SEEN_TO_HEARD_S
    assert quiet_from - full_until == pytest.approx(FADE_S * FADING, abs=0.2)
    assert full_again - quiet_to == pytest.approx(FADE_S * FADING, abs=0.2)
    assert quiet_to - quiet_from == pytest.approx(CLIP_S - FADE_S, abs=SEEN_TO_HEARD_S)
    samples = decode(path)
    track_began = onset(recording.between(0.0, quiet_from), samples)
    would_have_begun = quiet_to + onset(recording.between(quiet_to), samples)
    assert would_have_begun - track_began == pytest.approx(quiet_to - quiet_from, abs=HELD_WITHIN_S)
    _, tone_db = tones(recording)
    in_place = tone_db[round(quiet_from / WINDOW_S) + 8 : round(quiet_to / WINDOW_S) - 24]
    assert in_place.min() > AUDIBLE_DBFS
