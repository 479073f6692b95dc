"""What the ear of a venue makes of the bytes and of their instants: pure, and held by synthetic sound."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.faculties.hearing import BLOCK_S, RATE, Hearing, Samples, WavStream
from tests.venue.faculties.pitch import pitch_hz, tell_tracks, track_of

HEADER = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 0, b"WAVEfmt ", 16, 1, 2, RATE, RATE * 4, 4, 16, b"data", 0)
TRACKS = {"one": 440.0, "two": 660.0}
BEGIN_S = 100.0


def tone(seconds: float, hz: float = 440.0, peak: float = 0.25) -> Samples:
    """Make a tone of both channels."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    one = (peak * 32767 * np.sin(2 * np.pi * hz * time_s)).astype("<i2")
    return np.stack([one, one], axis=1)


def hearing(*heard: tuple[float, float]) -> Hearing:
    """Hear tones of some seconds that have arrived at some instants."""
    ear = Hearing(BEGIN_S)
    for seconds, arrived_s in heard:
        ear.hear(tone(seconds), arrived_s)
    return ear


def test_the_level_of_a_tone_is_that_of_its_samples() -> None:
    """A sine of a quarter of full scale has 12 + 3 dB below it."""
    levels = hearing((2.0, BEGIN_S + 2.0)).levels(BEGIN_S, BEGIN_S + 2.0)
    assert len(levels.dbfs) == 100
    assert levels.dbfs == pytest.approx(-15.05, abs=0.1)
    assert levels.silences() == []


def test_what_nobody_wrote_is_silence() -> None:
    """The card of a guest that plays nothing writes nothing."""
    ear = hearing((1.0, BEGIN_S + 1.0), (1.0, BEGIN_S + 4.0))
    (silence,) = ear.levels(BEGIN_S, BEGIN_S + 4.0).silences(0.1)
    assert silence.begin_s == pytest.approx(BEGIN_S + 1.0, abs=BLOCK_S)
    assert silence.length_s == pytest.approx(2.0, abs=2 * BLOCK_S)


def test_silence_goes_on_until_now() -> None:
    """A story that ends in silence does not end well."""
    levels = hearing((1.0, BEGIN_S + 1.0)).levels(BEGIN_S, BEGIN_S + 6.0)
    assert levels.longest_silence_s() == pytest.approx(5.0, abs=BLOCK_S)
    assert levels.sounding_for_s() == 0.0


def test_chunks_that_come_irregularly_are_one_sound() -> None:
    """Some tens of milliseconds of jitter are the machine's and not the music's."""
    late_s = (0.0, 0.07, 0.02, 0.09, 0.0, 0.05)
    ear = hearing(*((0.1, BEGIN_S + 0.1 * n + late) for n, late in enumerate(late_s, start=1)))
    assert ear.levels(BEGIN_S, BEGIN_S + 0.6).silences() == []


def test_a_machine_that_stood_still_sends_in_one_go_what_it_owes() -> None:
    """The guest's own clock stood still as well: its music has no gap."""
    ear = hearing((1.0, BEGIN_S + 1.0), (0.8, BEGIN_S + 1.8), (0.2, BEGIN_S + 2.0))
    assert ear.levels(BEGIN_S, BEGIN_S + 2.0).silences() == []


def test_played_silence_is_silence() -> None:
    """Zeros are as quiet as nothing."""
    ear = hearing((1.0, BEGIN_S + 1.0))
    ear.hear(np.zeros((RATE, 2), np.int16), BEGIN_S + 2.0)
    ear.hear(tone(1.0), BEGIN_S + 3.0)
    assert ear.levels(BEGIN_S, BEGIN_S + 3.0).longest_silence_s() == pytest.approx(1.0, abs=BLOCK_S)


def test_silences_are_told_since_an_instant() -> None:
    """What was before the fault is another story's."""
    ear = hearing((1.0, BEGIN_S + 3.0), (2.0, BEGIN_S + 5.0))
    assert ear.levels(BEGIN_S + 2.5, BEGIN_S + 5.0).silences() == []


def test_a_level_is_drawn_by_its_loudest_blocks() -> None:
    """A picture of an hour has a point for each pixel, and no peak is lost."""
    points = hearing((10.0, BEGIN_S + 10.0)).levels(BEGIN_S, BEGIN_S + 20.0).drawn(40)
    assert len(points) == 40
    assert points[0] == (BEGIN_S, pytest.approx(-15.05, abs=0.1))
    assert points[-1][1] == -120.0


@given(st.lists(st.integers(1, 200), max_size=40), st.integers(1, 3))
def test_headers_and_cuts_change_no_sample(cuts: list[int], files: int) -> None:
    """However the bytes are cut into chunks, the frames are those that were written."""
    sound = tone(0.005)
    data = b"".join(HEADER + sound.tobytes() for _ in range(files))
    stream, frames, at = WavStream(), [], 0
    for cut in [*cuts, len(data)]:
        frames.append(stream.take(data[at : at + cut]))
        at += cut
    assert np.array_equal(np.concatenate(frames), np.tile(sound, (files, 1)))


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_frames_begin_anew_behind_a_header(lost: int) -> None:
    """A QEMU that was killed within a frame does not turn the next one's music into noise."""
    sound = tone(0.1)
    stream = WavStream()
    stream.take(HEADER + sound.tobytes()[:-lost])
    assert np.array_equal(stream.take(HEADER + sound.tobytes()), sound)


@pytest.mark.parametrize("hz", [55.0, 440.0, 447.3, 12_000.0])
def test_a_pitch_is_told_to_a_hertz(hz: float) -> None:
    """Tracks may lie near each other."""
    assert pitch_hz(tone(0.2, hz)) == pytest.approx(hz, abs=1.0)


def test_silence_and_noise_are_no_track() -> None:
    """Only what is known has a name."""
    noise = np.random.default_rng(1).integers(-3000, 3000, (RATE // 5, 2)).astype(np.int16)
    assert track_of(pitch_hz(np.zeros((RATE, 2), np.int16)), TRACKS) == ""
    assert track_of(pitch_hz(noise), TRACKS) == ""
    assert track_of(440.0, {}) == ""


def test_tracks_are_told_one_after_the_other() -> None:
    """With the silence between them."""
    sound = np.concatenate([tone(1.0), np.zeros((RATE, 2), np.int16), tone(1.0, 660.0)])
    told = tell_tracks(sound, BEGIN_S, TRACKS)
    assert [heard.track for heard in told] == ["one", "", "two"]
    assert told[2].begin_s == pytest.approx(BEGIN_S + 2.0, abs=0.01)
