"""Tracks to be told apart by ear: each is a tone of its own, steady and as long as wished."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 44_100
PEAK = 0.2
EDGE_S = 0.01
A4_HZ = 440.0
LOWEST = -5
"""The lowest track is so many half tones above that, and half of one more."""

STEP = 2
"""Neighbours are so many half tones apart: no spectrum mixes them up."""


@dataclass(frozen=True)
class Track:
    """A track of a test program.

    :ivar name: its name and title, and the name of its file without extension.
    :ivar hz: its pitch.
    """

    name: str
    hz: float
    path: Path


def pitch(number: int) -> float:
    """Give the pitch of one of our tracks, in Hz, counted from 0.

    It lies in the middle between two notes: what a box plays without us has none like it.

    >>> round(pitch(0), 1), round(pitch(9), 1)
    (339.3, 959.4)
    """
    return A4_HZ * 2 ** ((LOWEST + STEP * number + 0.5) / 12)


def make_tracks(folder: Path, count: int, seconds: float) -> list[Track]:
    """Make WAV files in a folder (stereo, 44.1 kHz), each of a pitch of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return [make_track(folder, f"track-{n + 1}", pitch(n), seconds) for n in range(count)]


def make_track(folder: Path, name: str, hz: float, seconds: float) -> Track:
    """Make one WAV file: a tone that comes and goes softly within some milliseconds."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    edge = np.clip(np.minimum(time_s, seconds - time_s) / EDGE_S, 0, 1)
    tone = (PEAK * 32767 * edge * np.sin(2 * np.pi * hz * time_s)).astype("<i2")
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.repeat(tone, 2).tobytes())
    return Track(name, hz, path)
