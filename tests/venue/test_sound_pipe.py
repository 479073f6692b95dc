"""The pipe at which a venue is listened to: whoever writes into it is never held up."""

import select
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.venue.faculties.hearing import RATE
from tests.venue.faculties.sound import Sound
from tests.venue.test_hearing import HEADER, tone

SOON_S = 10.0
TRACKS = {"one": 440.0}


def test_a_writer_is_never_held_up_and_all_of_it_is_heard(tmp_path: Path) -> None:
    """Much more than a pipe holds goes in at once; a machine that had to wait would stand still."""
    sent = tone(12.0)
    with Sound(tmp_path) as sound:
        sound.fifo.write_bytes(HEADER + sent.tobytes())
        began_s = sound.wait_for_music(SOON_S, since_s=sound.begin_s)
        assert began_s - sound.begin_s < 0.1
        assert sound.wait_for_track("one", TRACKS, SOON_S) > began_s
        assert sound.silences(0.1, began_s) == []
        assert np.array_equal(sound.samples(sound.begin_s, sound.begin_s + 12.0), sent)
        assert [heard.track for heard in sound.tracks(TRACKS)] == ["one"]
    assert not sound.fifo.exists()


def test_ear_that_is_late_hears_all_that_has_come_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one piece: else its first part would come too late, and all else would hide a silence after it."""
    now_s, has_time, look = [100.0], threading.Event(), select.select

    def look_late(*given: Any) -> Any:
        has_time.wait(SOON_S)
        return look(*given)

    monkeypatch.setattr(select, "select", look_late)
    with Sound(tmp_path, clock=lambda: now_s[0]) as sound:
        now_s[0] = 104.0
        sound.fifo.write_bytes(HEADER + tone(4.0).tobytes())
        has_time.set()
        deadline_s = time.monotonic() + SOON_S
        while not sound.samples(103.0, 104.0).any() and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert np.array_equal(sound.samples(100.0, 104.0), tone(4.0))


def test_what_was_heard_can_be_kept_with_its_silences(tmp_path: Path) -> None:
    """As a file that anybody can play."""
    now_s = [100.0]
    with Sound(tmp_path, clock=lambda: now_s[0]) as sound:
        now_s[0] = 101.5
        sound.fifo.write_bytes(HEADER + tone(0.5).tobytes())
        deadline_s = time.monotonic() + SOON_S
        while not sound.samples(101.2, 101.5).any() and time.monotonic() < deadline_s:
            time.sleep(0.01)
        sound.save(tmp_path / "heard.wav")
        sound.save(tmp_path / "last.wav", last_s=0.5)
    with wave.open(str(tmp_path / "heard.wav")) as kept:
        frames = np.frombuffer(kept.readframes(kept.getnframes()), "<i2").reshape(-1, 2)
    with wave.open(str(tmp_path / "last.wav")) as last:
        assert np.array_equal(np.frombuffer(last.readframes(RATE), "<i2").reshape(-1, 2), frames[RATE:])
    assert not frames[:47_000].any()
    assert np.array_equal(frames[48_000:72_000], tone(0.5))
