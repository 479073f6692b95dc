"""Spots over the music, heard at the sound server: their second, the music below them, and its return."""

import numpy as np
import pytest

from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.units import Decibels, Milliseconds
from tests.sound.ear import (
    Floats,
    amplitudes,
    decibels,
    gaps,
    largest_step,
    lock_in,
    onset,
    residual_peak_dbfs,
    sounding,
)
from tests.sound.real_booth import RealBooth, song
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import FORMATS, LEVEL_DBFS, Signals, decode, sine

pytestmark = pytest.mark.sound

MUSIC_HZ, SPOT_HZ, NEXT_HZ = 440, 880, 1320
SPOT_S = 3.0
ON_THE_SECOND_S = 0.050
BLOCK_S = 0.020
WINDOW_S = 0.025
EDGE_S = 0.060
"""What lies so near to an instant may be before or after it: a block of the sink, and a window."""
DUCKING = Ducking(
    depth_db=Decibels(-15.0),
    attack_ms=Milliseconds(400),
    hold_ms=Milliseconds(300),
    release_ms=Milliseconds(1500),
)
SILENT_DB = -60.0


def level(recording: Recording, start_s: float, end_s: float, hertz: int = MUSIC_HZ) -> Floats:
    """Give the level of one of the three sines, relative to what it is made at, window by window."""
    fitted = amplitudes(recording.between(start_s, end_s), (MUSIC_HZ, SPOT_HZ, NEXT_HZ), WINDOW_S)
    return decibels(fitted[:, (MUSIC_HZ, SPOT_HZ, NEXT_HZ).index(hertz)]) - LEVEL_DBFS


def heard_late_s(recording: Recording, at: float, samples: Floats) -> float:
    """Tell how long after its instant a known sound was heard."""
    return recording.monotonic(onset(recording, samples)) - at


@pytest.mark.parametrize("extension", FORMATS)
def test_spot_is_heard_on_its_second(extension: str, ear: Recorder, signals: Signals) -> None:
    """Within 50 ms, in every format."""
    music = song(signals.sine(MUSIC_HZ, 30, "flac"), 30)
    path = signals.noise(11, SPOT_S, extension)
    spot = song(path, SPOT_S)

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.call(spot, 1.5)
        booth.wait_for_item("spot_finished", spot)
        recording = ear.stop()

    late_s = heard_late_s(recording, at, decode(path)[: round(1.0 * 44_100)])
    assert -BLOCK_S <= late_s < ON_THE_SECOND_S


def test_music_goes_down_below_a_spot_and_comes_back(ear: Recorder, signals: Signals) -> None:
    """Depth within 1 dB, down when the spot begins, and afterwards as loud as before within 0.2 dB."""
    music, path = song(signals.sine(MUSIC_HZ, 30, "flac"), 30), signals.sine(SPOT_HZ, SPOT_S, "flac")
    spot = song(path, SPOT_S)

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.call(spot, 2.0, Over.DUCK, DUCKING)
        ended = booth.wait_for_item("spot_finished", spot)
        ear.listen(0.3 + 1.5 + 1.0)
        recording = ear.stop()

    begin_s = recording.second(at)
    end_s = begin_s + SPOT_S
    up_s = end_s + 0.3 + 1.5
    before = level(recording, begin_s - 1.5, begin_s - 0.4 - EDGE_S)
    falling = level(recording, begin_s - 0.4 + EDGE_S, begin_s - EDGE_S)
    below = level(recording, begin_s + EDGE_S, end_s + 0.3 - EDGE_S)
    rising = level(recording, end_s + 0.3 + 0.1 + EDGE_S, up_s - EDGE_S)
    after = level(recording, up_s + 0.1 + EDGE_S, up_s + 0.9)
    assert ended.args[1] is Ended.PLAYED
    assert np.abs(before).max() < 0.1
    assert np.abs(below + 15.0).max() < 1.0
    assert np.abs(after - before.mean()).max() < 0.2
    assert (np.diff(falling) < 0.1).all()
    assert (np.diff(rising) > -0.1).all()
    assert falling[len(falling) // 2] == pytest.approx(-4.6, abs=1.0)
    assert rising[len(rising) // 2] == pytest.approx(-4.6, abs=1.0)
    assert np.abs(level(recording, begin_s + EDGE_S, end_s - EDGE_S, SPOT_HZ)).max() < 0.2
    whole = sounding(recording)
    assert gaps(whole) == []
    assert largest_step(whole.samples) <= 1.05 * sum(
        largest_step(sine(hertz, 1.0)) for hertz in (MUSIC_HZ, SPOT_HZ)
    )


def test_ducking_moves_without_a_click(ear: Recorder, signals: Signals) -> None:
    """What is not the music itself stays 24 dB below it, down and up."""
    music = song(signals.sine(MUSIC_HZ, 30, "flac"), 30)
    spot = song(signals.sine(SPOT_HZ, 1.0, "flac"), 1.0)

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.call(spot, 1.5)
        booth.wait_for_item("spot_finished", spot)
        ear.listen(2.2)
        recording = ear.stop()

    begin_s = recording.second(at)
    for start_s, end_s in ((begin_s - 0.6, begin_s - EDGE_S), (begin_s + 1.0 + EDGE_S, begin_s + 3.0)):
        moving = recording.between(start_s, end_s)
        assert residual_peak_dbfs(moving, (MUSIC_HZ, SPOT_HZ)).max() < LEVEL_DBFS - 24


def test_songs_that_cross_below_a_spot_stay_below_it(ear: Recorder, signals: Signals) -> None:
    """The song that comes in is as low as the one that goes, and is at full level after the spot."""
    first, second = (song(signals.sine(hertz, 8, "flac"), 8) for hertz in (MUSIC_HZ, NEXT_HZ))
    spot = song(signals.sine(SPOT_HZ, 5.0, "flac"), 5.0)

    with RealBooth(first, second, crossfade_s=2.0) as booth:
        booth.play_until(first, 3.5)
        booth.call(spot, 1.0)
        booth.wait_for_item("spot_started", spot)
        at = booth.wait_for_item("item_started", second).at
        booth.wait_for_item("spot_finished", spot)
        ear.listen(2.5)
        recording = ear.stop()

    mix_s = recording.second(at)
    powers = [10 ** (level(recording, mix_s - 0.3, mix_s + 2.3, hertz) / 10) for hertz in (MUSIC_HZ, NEXT_HZ)]
    assert np.abs(10 * np.log10(sum(powers)) + 15.0).max() < 1.0
    last_s = recording.seconds - 0.6
    assert np.abs(level(recording, last_s, last_s + 0.3, NEXT_HZ)).max() < 0.2


def test_music_that_pauses_goes_on_where_it_was(ear: Recorder, signals: Signals) -> None:
    """Silent below the spot, it goes on after it with the very sound that it was held at."""
    path = signals.noise(12, 30, "flac")
    music, spot = song(path, 30), song(signals.sine(SPOT_HZ, SPOT_S, "flac"), SPOT_S)

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.call(spot, 2.0, Over.PAUSE, DUCKING)
        booth.wait_for_item("spot_finished", spot)
        ear.listen(5.0)
        recording = ear.stop()

    samples = decode(path)
    begin_s = recording.second(at)
    held_s = begin_s - onset(recording.between(0, begin_s - 0.5), samples[: recording.rate])
    below = recording.between(begin_s + EDGE_S, begin_s + SPOT_S - EDGE_S)
    goes_on_s = begin_s + SPOT_S + 0.3
    after = recording.between(goes_on_s + 1.0)
    later_s = held_s + 2.0
    piece = samples[round(later_s * recording.rate) : round((later_s + 1.0) * recording.rate)]
    assert residual_peak_dbfs(below, (SPOT_HZ,)).max() < SILENT_DB
    assert onset(after, piece) - 1.0 == pytest.approx(0.0, abs=0.2)
    assert [seen.args[0] for seen in booth.witness.all("item_started")] == [music]


def test_music_that_is_cut_gives_way_to_the_next_song(ear: Recorder, signals: Signals) -> None:
    """Silent from the spot's first sound on; the next song is heard within a second after its last."""
    first, second = (song(signals.sine(hertz, 30, "flac"), 30) for hertz in (MUSIC_HZ, NEXT_HZ))
    spot = song(signals.sine(SPOT_HZ, SPOT_S, "flac"), SPOT_S)

    with RealBooth(first, second) as booth:
        booth.play_until(first, 1)
        at = booth.call(spot, 2.0, Over.CUT, DUCKING)
        left = booth.wait_for_item("item_finished", first)
        booth.wait_for_item("item_started", second)
        ear.listen(1.0)
        recording = ear.stop()

    begin_s = recording.second(at)
    below = level(recording, begin_s + EDGE_S, begin_s + SPOT_S - EDGE_S)
    coming = lock_in(recording.between(begin_s + SPOT_S - EDGE_S), NEXT_HZ)
    silent = gaps(recording.between(begin_s, begin_s + SPOT_S + 0.9), min_s=0.02)
    assert left.args[1] is Ended.CUT
    assert below.max() < SILENT_DB
    assert sum(gap.length_s for gap in silent) < 0.3
    assert decibels(coming[-8:]) == pytest.approx(np.full(8, LEVEL_DBFS), abs=0.2)


def test_spots_of_one_second_follow_one_another(ear: Recorder, signals: Signals) -> None:
    """What is due while another sounds comes right after it, and the music stays down between."""
    music = song(signals.sine(MUSIC_HZ, 30, "flac"), 30)
    spots = [song(signals.sine(hertz, 2.0, "flac"), 2.0) for hertz in (SPOT_HZ, NEXT_HZ)]

    with RealBooth(music) as booth:
        booth.play_until(music, 1)
        at = booth.call(spots[0], 1.5)
        booth.call(spots[1], 2.0)
        booth.wait_for_item("spot_finished", spots[1])
        ear.listen(2.5)
        recording = ear.stop()

    begin_s = recording.second(at)
    below = level(recording, begin_s + EDGE_S, begin_s + 4.0)
    second = level(recording, begin_s, begin_s + 4.5, NEXT_HZ)
    assert np.abs(below + 15.0).max() < 2.0
    assert 2.0 <= float(np.argmax(second > -3)) * WINDOW_S < 2.5
    assert np.abs(level(recording, recording.seconds - 0.6, recording.seconds - 0.2)).max() < 0.2
