"""What can be told from a recording: levels, clicks, gaps, and when something began.

Every function takes a :class:`~tests.sound.recording.Recording` and answers in its seconds, in dB,
or in amplitudes where full scale is 1.0.  Nothing here reads a clock or a sound server.

The test music is mostly sines: two of them can be told apart while they sound together, so the
level of each is known at every instant of a crossfade.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.sound.recording import Recording

Floats = NDArray[np.float64]

WINDOW_S = 0.025
SILENT_DBFS = -60.0
FLOOR = 1e-9
"""Amplitude that stands for silence where a logarithm is taken (-180 dBFS)."""
FULL = 0.999
"""Part of its steady amplitude from which on a sine is at full, neither fading in nor out."""
DISTINCT = 8.0
"""A correlation peak counts when it stands this many times above the rest's root mean square."""


class Gap(NamedTuple):
    """A silence."""

    start_s: float
    length_s: float


class NotHeardError(Exception):
    """The sound that was looked for is not in the recording."""


def amplitudes(recording: Recording, frequencies: tuple[float, ...], window_s: float = WINDOW_S) -> Floats:
    """Fit sines of these frequencies (Hz) to each window; shape (windows, frequencies).

    Window ``i`` begins at ``i * window_s`` (to a sample).  The fit allows each sine to grow or
    fade linearly within a window; the amplitude is the one at its centre.
    """
    windows = _windows(recording.mono, recording.rate, window_s)
    fit = windows @ np.linalg.pinv(_basis(windows.shape[1], recording.rate, frequencies)).T
    in_phase, quadrature = fit[:, 0::4], fit[:, 1::4]
    return np.hypot(in_phase, quadrature)


def lock_in(recording: Recording, frequency: float, window_s: float = WINDOW_S) -> Floats:
    """Return the amplitude of one sine in each window; shape (windows,).

    With other sines present, :func:`amplitudes` of all of them is more exact.
    """
    return amplitudes(recording, (frequency,), window_s)[:, 0]


def heard(
    recording: Recording, frequency: float, threshold_dbfs: float = -50.0, window_s: float = WINDOW_S
) -> NDArray[np.bool_]:
    """Tell for each window whether this sine sounds; shape (windows,)."""
    return decibels(lock_in(recording, frequency, window_s)) > threshold_dbfs


def level_through_crossfade(
    recording: Recording,
    f_a: float,
    f_b: float,
    steady: tuple[float, float] | None = None,
    window_s: float = WINDOW_S,
) -> Floats:
    """Return the level in dB relative to steady play, window by window.

    The two sines stand for uncorrelated music, so their powers add up:
    ``sqrt((gA/A0)^2 + (gB/B0)^2)``.  ``steady`` are the amplitudes A0 and B0.  When not given, each
    is taken from the recording: the amplitude at which the sine stays longest.

    The first window is the first in which A is at full, the last is the last in which B is.
    """
    gains = amplitudes(recording, (f_a, f_b), window_s)
    full = np.array(steady) if steady else np.array([_settled(gains[:, 0]), _settled(gains[:, 1])])
    relative = gains / full
    first = int(np.argmax(relative[:, 0] > FULL))
    last = len(relative) - int(np.argmax(relative[::-1, 1] > FULL))
    return decibels(np.hypot(relative[:, 0], relative[:, 1]))[first:last]


def residual_peak_dbfs(
    recording: Recording, frequencies: tuple[float, ...], window_s: float = WINDOW_S
) -> Floats:
    """Return the peak of what is not these sines, in dBFS for each window; shape (windows,).

    A click, a hole or zipper noise shows as a high residual.  Every channel is fitted by itself.
    """
    peaks = []
    for channel in recording.samples.T:
        windows = _windows(channel, recording.rate, window_s)
        basis = _basis(windows.shape[1], recording.rate, frequencies)
        residual = windows - windows @ np.linalg.pinv(basis).T @ basis.T
        peaks.append(np.abs(residual).max(axis=1))
    return decibels(np.max(peaks, axis=0))


def gaps(recording: Recording, threshold_dbfs: float = SILENT_DBFS, min_s: float = 0.005) -> list[Gap]:
    """Return every silence of all channels of at least this length, those at the ends too."""
    silent = np.abs(recording.samples).max(axis=1) < 10 ** (threshold_dbfs / 20)
    edges = np.flatnonzero(np.diff(silent, prepend=False, append=False))
    starts, lengths = edges[0::2] / recording.rate, (edges[1::2] - edges[0::2]) / recording.rate
    return [
        Gap(float(start), float(length))
        for start, length in zip(starts, lengths, strict=True)
        if length >= min_s
    ]


def sounding(recording: Recording, threshold_dbfs: float = SILENT_DBFS) -> Recording:
    """Return the recording without the silence before its first and after its last sound."""
    loud = np.flatnonzero(np.abs(recording.samples).max(axis=1) >= 10 ** (threshold_dbfs / 20))
    if not len(loud):
        msg = f"nothing in {recording.seconds:.2f} s is louder than {threshold_dbfs} dBFS"
        raise NotHeardError(msg)
    return recording.between(loud[0] / recording.rate, (loud[-1] + 1) / recording.rate)


def largest_step(samples: Floats) -> float:
    """Return the largest jump from one sample to the next in any channel.

    A click is a jump that the music does not have itself: compare a recording's step with the
    step of the decoded material (for a mix, with the sum of both).
    """
    return float(np.abs(np.diff(samples, axis=0)).max(initial=0.0))


def onset(recording: Recording, reference: Floats) -> float:
    """Return the second at which a known sound begins, to about a hundredth of a millisecond.

    ``reference`` is the sound as samples (frames,) or (frames, channels) at the recording's rate;
    noise is best, a sine is the same at each of its periods.  Raises :class:`NotHeardError` when
    nothing in the recording resembles it.
    """
    wanted = reference.mean(axis=1) if reference.ndim > 1 else reference
    size = 1 << (len(recording.samples) + len(wanted) - 1).bit_length()
    spectrum = np.fft.rfft(recording.mono, size) * np.conj(np.fft.rfft(wanted, size))
    likeness = np.fft.irfft(spectrum, size)
    best = int(np.argmax(likeness))
    if likeness[best] < DISTINCT * np.sqrt(np.mean(likeness**2)):
        msg = f"the reference is not in these {recording.seconds:.2f} s"
        raise NotHeardError(msg)
    frame = best + _vertex(likeness[best - 1], likeness[best], likeness[(best + 1) % size])
    return (frame if frame < len(recording.samples) else frame - size) / recording.rate


def decibels(amplitude: Floats) -> Floats:
    """Turn amplitudes into dB relative to 1.0, silence into -180."""
    level: Floats = 20 * np.log10(np.maximum(amplitude, FLOOR))
    return level


def _windows(channel: Floats, rate: int, window_s: float) -> Floats:
    """Cut into whole windows, shape (windows, frames), that leave no sample between them out."""
    size = math.ceil(window_s * rate)
    count = max(0, math.floor((len(channel) - size) / (window_s * rate)) + 1)
    starts = np.floor(np.arange(count) * window_s * rate).astype(int)
    windows: Floats = channel[starts[:, None] + np.arange(size)]
    return windows


def _basis(size: int, rate: int, frequencies: tuple[float, ...]) -> Floats:
    """Cosine and sine of each frequency, steady and growing; shape (size, 4 * frequencies)."""
    time = (np.arange(size) - (size - 1) / 2) / rate
    growing = np.linspace(-1, 1, size)
    columns = []
    for frequency in frequencies:
        angle = 2 * np.pi * frequency * time
        columns += [np.cos(angle), np.sin(angle), growing * np.cos(angle), growing * np.sin(angle)]
    return np.stack(columns, axis=1)


def _settled(track: Floats) -> float:
    """Return the amplitude at which a sine stays: the middle of the densest quarter of its loud windows."""
    loud = np.sort(track[track > track.max() / 2])
    quarter = len(loud) // 4
    densest = int(np.argmin(loud[quarter:] - loud[: len(loud) - quarter]))
    return float(loud[densest + quarter // 2])


def _vertex(before: float, peak: float, after: float) -> float:
    """Where between the neighbours (-1..1) the parabola through three points has its top."""
    bend = before - 2 * peak + after
    return float((before - after) / (2 * bend)) if bend else 0.0
