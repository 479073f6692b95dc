"""Items that start on an instant of their own, heard at the sound server."""

import numpy as np
import pytest

from easyplayer.desk import GIVE_WAY_S
from easyplayer.playout.asrun import Ended
from tests.sound.ear import amplitudes, decibels, gaps, largest_step, lock_in, onset, sounding
from tests.sound.radio import Radio
from tests.sound.real_booth import RealBooth, radio, song
from tests.sound.recorder import Recorder
from tests.sound.signals import FORMATS, LEVEL_DBFS, Signals, decode

pytestmark = pytest.mark.sound

MUSIC_HZ, SHOW_HZ = 440, 880
ON_THE_SECOND_S = 0.050
BLOCK_S = 0.020


@pytest.mark.parametrize("extension", FORMATS)
def test_item_is_heard_on_its_instant(extension: str, ear: Recorder, signals: Signals) -> None:
    """Within 50 ms in every format, and without a click or a gap."""
    music, path = song(signals.sine(MUSIC_HZ, 30, "flac"), 30), signals.noise(21, 6, extension)
    show = song(path, 6)

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.cue(show, 2.0)
        left = booth.wait_for_item("item_finished", music)
        ear.listen(1.0)
        recording = ear.stop()

    samples = decode(path)
    late_s = recording.monotonic(onset(recording, samples[: recording.rate])) - at
    assert -BLOCK_S <= late_s < ON_THE_SECOND_S
    assert left.args[1] is Ended.CUT
    assert gaps(sounding(recording)) == []
    assert largest_step(recording.samples) <= 1.05 * (
        largest_step(samples) + largest_step(decode(signals.sine(MUSIC_HZ, 30, "flac")))
    )


def test_item_is_at_full_level_at_once_and_the_other_falls(ear: Recorder, signals: Signals) -> None:
    """The show does not fade in; the song falls with equal power and is gone a second later."""
    music, show = (song(signals.sine(hertz, 30, "flac"), 30) for hertz in (MUSIC_HZ, SHOW_HZ))

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.cue(show, 2.0)
        booth.wait_for_item("item_finished", music)
        ear.listen(0.5)
        recording = ear.stop()

    begin_s = recording.second(at)
    window_s = 0.025
    through = recording.between(begin_s + 0.05, begin_s + 1.4)
    levels = decibels(amplitudes(through, (MUSIC_HZ, SHOW_HZ), window_s)) - LEVEL_DBFS
    passed_s = 0.05 + (np.arange(len(levels)) + 0.5) * window_s
    wanted = decibels(np.cos(np.pi / 2 * np.minimum(passed_s, GIVE_WAY_S) / GIVE_WAY_S))
    falls = passed_s < 0.9
    assert np.abs(levels[:, 1]).max() < 0.3
    assert np.abs(levels[falls, 0] - wanted[falls]).max() < 1.5
    assert levels[passed_s > GIVE_WAY_S + 0.1, 0].max() < -60


def test_stream_gives_way_on_the_instant(ear: Recorder, signals: Signals) -> None:
    """What is on air may have no end."""
    path = signals.noise(22, 6, "flac")
    show = song(path, 6)

    with Radio(signals.sine(MUSIC_HZ, 60, "mp3"), 60) as station:
        on_air = radio(station.url)
        with RealBooth(on_air) as booth:
            booth.play_until(on_air, 1)
            at = booth.cue(show, 2.0)
            left = booth.wait_for_item("item_finished", on_air)
            ear.listen(0.5)
            recording = ear.stop()

    late_s = recording.monotonic(onset(recording, decode(path)[: recording.rate])) - at
    assert -BLOCK_S <= late_s < ON_THE_SECOND_S
    assert left.args[1] is Ended.CUT
    assert gaps(sounding(recording)) == []


def test_songs_that_cross_make_room_in_time(ear: Recorder, signals: Signals) -> None:
    """Even where both decks are busy two seconds before, the show comes on its instant."""
    first, second = (song(signals.sine(hertz, 8, "flac"), 8) for hertz in (440, 880))
    path = signals.noise(23, 6, "flac")
    show = song(path, 6)

    with RealBooth(first, second, crossfade_s=4.0) as booth:
        booth.wait_for_item("item_started", second)
        at = booth.cue(show, 2.0)
        booth.wait_for_item("item_started", show)
        ear.listen(1.5)
        recording = ear.stop()

    late_s = recording.monotonic(onset(recording, decode(path)[: recording.rate])) - at
    assert -BLOCK_S <= late_s < ON_THE_SECOND_S
    assert gaps(sounding(recording)) == []


def test_item_that_is_late_crosses_in_at_the_level_of_both(ear: Recorder, signals: Signals) -> None:
    """An instant that has passed: at once, as a crossfade of a second."""
    first, second = (song(signals.sine(hertz, 30, "flac"), 30) for hertz in (440, 880))

    with RealBooth(first) as booth:
        booth.play_until(first, 1)
        booth.cue(second, -5.0)
        at = booth.wait_for_item("item_started", second).at
        ear.listen(2.0)
        recording = ear.stop()

    begin_s = recording.second(at)
    through = recording.between(begin_s - 0.3, begin_s + 1.5)
    power = sum(lock_in(through, hertz) ** 2 for hertz in (440, 880))
    assert np.abs(10 * np.log10(power) - LEVEL_DBFS).max() < 0.7
    assert decibels(lock_in(recording.between(begin_s + 1.3, begin_s + 1.7), 440)).max() < -60
