"""Test music: sines and noise in every format a venue's library holds."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.sound.venue_sound import RATE

LEVEL_DBFS = -16.0
"""Peak of all test music: two of them at once stay far from clipping."""

CODECS = {
    "wav": ["-c:a", "pcm_s16le"],
    "flac": ["-c:a", "flac"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "192k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "6"],
    "opus": ["-c:a", "libopus", "-b:a", "160k"],
    "m4a": ["-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart"],
}
"""What ffmpeg is told for each format, by the file's extension."""

FORMATS = tuple(CODECS)
ENCODE_TIMEOUT_S = 60


@dataclass(frozen=True)
class Signals:
    """Makes test music in a directory, each file once.

    Every method returns the path of a stereo file at 44.1 kHz, unless its name says otherwise.
    Noise is the same for the same seed, and unlike that of any other seed.

    >>> Signals(Path("/tmp/music")).sine(440, 12.0, "flac")     # doctest: +SKIP
    """

    directory: Path

    def sine(self, frequency: float, seconds: float, extension: str = "wav") -> Path:
        """Make a sine of one frequency (Hz) and steady level."""
        name = f"sine-{frequency:g}-{seconds:g}s.{extension}"
        return self._file(name, lambda: sine(frequency, seconds), CODECS[extension])

    def noise(self, seed: int, seconds: float, extension: str = "wav") -> Path:
        """Make white noise; :func:`noise` gives the same as samples."""
        return self._file(
            f"noise-{seed}-{seconds:g}s.{extension}", lambda: noise(seed, seconds), CODECS[extension]
        )

    def mp3_vbr_without_xing(self, seconds: float) -> Path:
        """Make an MP3 of varying bit rate that does not tell its length: players guess it far too long."""
        half = seconds / 2
        return self._file(
            f"vbr-{seconds:g}s.mp3",
            lambda: np.concatenate([0.01 * sine(440, half), noise(1, half)]),
            ["-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0", "-id3v2_version", "0"],
        )

    def mono(self, frequency: float, seconds: float, extension: str = "flac") -> Path:
        """Make a sine of one channel."""
        return self._file(
            f"mono-{frequency:g}-{seconds:g}s.{extension}",
            lambda: sine(frequency, seconds),
            [*CODECS[extension], "-ac", "1"],
        )

    def surround(self, frequency: float, seconds: float, extension: str = "flac") -> Path:
        """Make a sine of six channels (5.1)."""
        return self._file(
            f"surround-{frequency:g}-{seconds:g}s.{extension}",
            lambda: sine(frequency, seconds),
            [*CODECS[extension], "-ac", "6"],
        )

    def high_resolution(self, frequency: float, seconds: float) -> Path:
        """Make a sine at 96 kHz and 24 bits (FLAC)."""
        return self._file(
            f"96k24-{frequency:g}-{seconds:g}s.flac",
            lambda: sine(frequency, seconds),
            ["-c:a", "flac", "-ar", "96000", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"],
        )

    def _file(self, name: str, make: Callable[[], NDArray[np.float64]], options: list[str]) -> Path:
        path = self.directory / name
        if not path.exists():
            encode(make(), path, options)
        return path


def sine(frequency: float, seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    """Return a sine at the test level, from phase zero; shape (frames, 2)."""
    time = np.arange(round(seconds * rate)) / rate
    return _stereo(_peak() * np.sin(2 * np.pi * frequency * time))


def noise(seed: int, seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    """Return white noise whose peak is the test level; shape (frames, 2), both channels alike."""
    return _stereo(np.random.default_rng(seed).uniform(-_peak(), _peak(), round(seconds * rate)))


def encode(samples: NDArray[np.float64], path: Path, options: list[str]) -> None:
    """Write samples (frames, 2) at 44.1 kHz to a file, which appears when it is complete."""
    partial = path.with_stem(f"{path.stem}.partial")
    subprocess.run(
        [
            *("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
            *("-f", "f64le", "-ar", str(RATE), "-ac", "2", "-i", "pipe:0"),
            *("-fflags", "+bitexact", *options, str(partial)),
        ],
        input=samples.astype("<f8").tobytes(),
        check=True,
        timeout=ENCODE_TIMEOUT_S,
    )
    partial.replace(path)


def decode(path: Path, rate: int = RATE) -> NDArray[np.float64]:
    """Read any audio file as samples; shape (frames, 2), full scale 1.0."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-i", str(path)]
    raw = subprocess.run(
        [*command, "-f", "f64le", "-ar", str(rate), "-ac", "2", "pipe:1"],
        stdout=subprocess.PIPE,
        check=True,
        timeout=ENCODE_TIMEOUT_S,
    ).stdout
    return np.frombuffer(raw, dtype="<f8").reshape(-1, 2)


def _peak() -> float:
    return float(10 ** (LEVEL_DBFS / 20))


def _stereo(channel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([channel, channel], axis=1)
