"""Which tone sounds, and so which of our test tracks: each has a pitch of its own.

A tone is found by the highest peak of a windowed spectrum, made finer by a parabola through the peak and its
neighbours (J. O. Smith, "Spectral Audio Signal Processing", section on peak interpolation). Where two tones
are mixed into each other, the louder one is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tests.venue.faculties.hearing import FULL_SCALE, RATE, SILENT_DBFS, Samples

WINDOW_S = 0.2
"""A tone is looked for in this much sound: 5 Hz apart is told apart."""

LOWEST_HZ = 40.0
NEAR_HZ = 6.0
"""A pitch this near to a track's is the track's."""


@dataclass(frozen=True)
class Heard:
    """What was heard for a while.

    :ivar track: the track's name; empty where none of the known ones was heard.
    """

    begin_s: float
    end_s: float
    track: str


def pitch_hz(samples: Samples) -> float | None:
    """Give the pitch of what sounds the loudest; nothing where it is silent."""
    mono = samples.astype(np.float64).mean(axis=1) / FULL_SCALE
    if len(mono) < RATE * WINDOW_S / 2 or not np.any(mono):
        return None
    if 10 * np.log10(np.mean(mono**2)) < SILENT_DBFS:
        return None
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono))))
    lowest = int(LOWEST_HZ * len(mono) / RATE) + 1
    peak = lowest + int(np.argmax(spectrum[lowest:-1]))
    left, top, right = np.log(spectrum[peak - 1 : peak + 2] + 1e-12)
    finer = 0.5 * (left - right) / (left - 2 * top + right) if left + right != 2 * top else 0.0
    return float((peak + finer) * RATE / len(mono))


def track_of(hz: float | None, tracks: Mapping[str, float]) -> str:
    """Name the track of a pitch; empty where it is none of them."""
    if hz is None:
        return ""
    name, its = min(tracks.items(), key=lambda item: abs(item[1] - hz), default=("", 0.0))
    return name if abs(its - hz) <= NEAR_HZ else ""


def tell_tracks(samples: Samples, begin_s: float, tracks: Mapping[str, float]) -> list[Heard]:
    """Tell which tracks are heard one after the other, and when; gaps and strange sounds have no name."""
    window = int(RATE * WINDOW_S)
    told: list[Heard] = []
    for first in range(0, len(samples) - window + 1, window):
        name = track_of(pitch_hz(samples[first : first + window]), tracks)
        at_s = begin_s + first / RATE
        if told and told[-1].track == name:
            told[-1] = Heard(told[-1].begin_s, at_s + WINDOW_S, name)
        else:
            told.append(Heard(at_s, at_s + WINDOW_S, name))
    return told
