"""The ear hears what was put into an array, and measures it rightly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.sound.ear import (
    NotHeardError,
    amplitudes,
    gaps,
    heard,
    largest_step,
    level_through_crossfade,
    lock_in,
    onset,
    residual_peak_dbfs,
    sounding,
)
from tests.sound.recording import Recording
from tests.sound.signals import noise, sine
from tests.sound.venue_sound import RATE

LOUD = 10 ** (-16 / 20)


def equal_power(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(progress * np.pi / 2)


def linear(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    return progress


CURVES = {"equal power": equal_power, "linear": linear}


def mixed(curve: str, fade_s: float = 2.0, steady_s: float = 2.0) -> Recording:
    """440 Hz that goes over into 880 Hz, steady before and after."""
    seconds = fade_s + 2 * steady_s
    time = np.arange(round(seconds * RATE)) / RATE
    progress = np.clip((time - steady_s) / fade_s, 0, 1)
    rising, falling = CURVES[curve](progress), CURVES[curve](1 - progress)
    return Recording(sine(440, seconds) * falling[:, None] + sine(880, seconds) * rising[:, None])


def silence(seconds: float) -> NDArray[np.float64]:
    return np.zeros((round(seconds * RATE), 2))


def test_equal_power_crossfade_is_level() -> None:
    """A crossfade that keeps the power measures 0 dB everywhere."""
    level = level_through_crossfade(mixed("equal power"), 440, 880)
    assert np.abs(level).max() < 0.05
    assert len(level) * 0.025 == pytest.approx(6, abs=0.2)


def test_linear_crossfade_dips_by_three_decibels() -> None:
    """Uncorrelated music loses half its power in the middle of a linear crossfade."""
    assert level_through_crossfade(mixed("linear"), 440, 880).min() == pytest.approx(-3.01, abs=0.05)


def test_level_can_be_told_against_a_given_steady_level() -> None:
    """A crossfade at half the amplitude that was wanted reads 6 dB low."""
    halved = Recording(mixed("equal power").samples / 2)
    level = level_through_crossfade(halved, 440, 880, steady=(LOUD / 2.0005, LOUD / 2.0005))
    assert np.abs(level).max() < 0.05


def test_crossfade_leaves_no_residual() -> None:
    """A clean crossfade consists of its two sines, down to the noise of the fit."""
    assert residual_peak_dbfs(mixed("equal power"), (440, 880)).max() < -75


@given(frequency=st.floats(200, 8000), level=st.floats(-50, 0))
def test_lock_in_reads_the_amplitude(frequency: float, level: float) -> None:
    """Whatever its pitch and level, the amplitude of a sine is told to a thousandth."""
    amplitude = 10 ** (level / 20)
    track = lock_in(Recording(sine(frequency, 0.2) / LOUD * amplitude), frequency)
    assert track == pytest.approx(np.full(7, amplitude), rel=1e-3)


def test_two_sines_are_told_apart() -> None:
    """Neither of two sines at once adds to the other's amplitude."""
    both = amplitudes(Recording(sine(440, 0.5) + 0.1 * sine(880, 0.5)), (440, 880))
    assert both == pytest.approx(np.tile([LOUD, 0.1 * LOUD], (len(both), 1)), rel=1e-6)


def test_heard_tells_when_a_sine_sounds() -> None:
    """It is heard in the second in which it sounds, and in no other."""
    recording = Recording(np.concatenate([silence(1), sine(1000, 1), silence(1)]))
    when = np.flatnonzero(heard(recording, 1000)) * 0.025
    assert when[0] == pytest.approx(1, abs=0.03)
    assert when[-1] == pytest.approx(2, abs=0.03)


def test_hole_is_found() -> None:
    """A hole of 7 ms in the music is one gap, told with its place and length."""
    samples = noise(1, 2)
    samples[RATE : RATE + round(0.007 * RATE)] = 0
    (gap,) = gaps(Recording(samples))
    assert gap.start_s == pytest.approx(1.0, abs=0.0005)
    assert gap.length_s == pytest.approx(0.007, abs=0.0005)


def test_short_hole_is_no_gap() -> None:
    """3 ms are shorter than what counts, unless asked for."""
    samples = noise(1, 1)
    samples[1000 : 1000 + round(0.003 * RATE)] = 0
    assert gaps(Recording(samples)) == []
    assert len(gaps(Recording(samples), min_s=0.002)) == 1


def test_one_channel_keeps_the_other_from_being_a_gap() -> None:
    """There is silence only when no channel sounds."""
    samples = noise(1, 1)
    samples[1000:9000, 0] = 0
    assert gaps(Recording(samples)) == []


def test_silence_at_the_ends_is_told() -> None:
    """Music that never came back shows as a gap up to the end."""
    found = gaps(Recording(np.concatenate([silence(0.5), noise(1, 1), silence(2)])))
    assert [gap.length_s for gap in found] == pytest.approx([0.5, 2.0], abs=0.001)


def test_sine_has_no_gaps() -> None:
    """A sine passes through zero all the time without being silent."""
    assert gaps(Recording(sine(100, 1)), min_s=0.001) == []


def test_sounding_cuts_the_silence_off() -> None:
    """What remains begins and ends with sound, and knows when that was."""
    music = sounding(
        Recording(np.concatenate([silence(0.5), noise(1, 1), silence(1)]), started_at_monotonic=100.0)
    )
    assert music.seconds == pytest.approx(1, abs=0.001)
    assert music.started_at_monotonic == pytest.approx(100.5, abs=0.001)


def test_silence_has_nothing_sounding() -> None:
    """Pure silence is refused, not returned as an empty recording."""
    with pytest.raises(NotHeardError, match="-60"):
        sounding(Recording(silence(1)))


@settings(max_examples=30)
@given(frame=st.integers(RATE, 4 * RATE), channel=st.integers(0, 1))
def test_click_is_found_at_any_sample(frame: int, channel: int) -> None:
    """One wrong sample at -36 dBFS in one channel stands out of a crossfade, in its window."""
    recording = mixed("equal power")
    recording.samples[frame, channel] += 10 ** (-36 / 20)
    residual = residual_peak_dbfs(recording, (440, 880))
    assert residual.max() == pytest.approx(-36, abs=0.5)
    assert int(residual.argmax()) == pytest.approx(frame / RATE / 0.025, abs=1)


def test_click_is_a_step_the_music_does_not_have() -> None:
    """The largest step of a sine is known; a jump in it is larger."""
    samples = sine(440, 1)
    own = largest_step(samples)
    assert own == pytest.approx(LOUD * 2 * np.pi * 440 / RATE, rel=0.001)
    samples[20_000:] *= -1
    assert largest_step(samples) > 2 * own


def test_nothing_has_no_step() -> None:
    """An empty recording has no largest step to trip over."""
    assert largest_step(silence(0)) == 0


@given(start=st.integers(0, 3 * RATE), level=st.floats(-20, 0))
def test_onset_is_exact(start: int, level: float) -> None:
    """Known noise is found to a tenth of a millisecond, even soft and under other noise."""
    samples = noise(2, 4)
    samples[start : start + RATE] += 10 ** (level / 20) * noise(3, 1)[: 4 * RATE - start]
    assert onset(Recording(samples), noise(3, 1)) == pytest.approx(start / RATE, abs=1e-4)


def test_onset_between_samples_is_told() -> None:
    """A start that falls between two samples is told as such."""
    reference = noise(4, 1)[:, 0]
    spectrum = np.fft.rfft(reference) * np.exp(-2j * np.pi * np.fft.rfftfreq(len(reference)) * 10.4)
    delayed = np.fft.irfft(spectrum, len(reference))
    assert onset(Recording(np.stack([delayed, delayed], axis=1)), reference) * RATE == pytest.approx(
        10.4, abs=0.15
    )


def test_onset_of_what_began_before_the_recording_is_negative() -> None:
    """A recording that missed the first half second tells so."""
    assert onset(Recording(noise(5, 3)[RATE // 2 :]), noise(5, 3)) == pytest.approx(-0.5, abs=1e-4)


def test_onset_of_other_noise_is_refused() -> None:
    """What was not played is not found."""
    with pytest.raises(NotHeardError, match="not in these"):
        onset(Recording(noise(1, 2)), noise(2, 1))
