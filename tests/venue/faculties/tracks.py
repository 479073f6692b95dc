"""Tracks to be told apart by ear: each is a tone of its own, steady and as long as wished."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE = 44_100
PEAK = 0.2
EDGE_S = 0.01
LOWEST_HZ = 330.0
STEP_HZ = 55.0
"""Neighbours are this far apart: no spectrum mixes them up."""


@dataclass(frozen=True)
class Track:
    """A track of a test program.

    :ivar name: its name and title, and the name of its file without extension.
    :ivar hz: its pitch.
    """

    name: str
    hz: float
    path: Path


def make_tracks(folder: Path, count: int, seconds: float) -> list[Track]:
    """Make WAV files in a folder (stereo, 44.1 kHz), each of a pitch of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return [make_track(folder, f"track-{n + 1}", LOWEST_HZ + n * STEP_HZ, seconds) for n in range(count)]


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
