"""Where each sample belongs in time, how loud it was, and where nothing was to be heard.

A sound card of QEMU writes what a guest plays, and nothing while it plays nothing: the stream alone has no
time. So each chunk is given the instant of its arrival, and put onto one axis of samples that begins with
the hearing. What nobody wrote is silence there, too.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples per second and channel."""

CHANNELS = 2
FRAME_BYTES = 2 * CHANNELS
"""Bytes of one sample of all channels: 16 bits, little endian, interleaved."""

BLOCK_S = 0.02
"""Levels are told for blocks of this length, in seconds."""

BLOCK = int(RATE * BLOCK_S)
FULL_SCALE = 32768.0
NOTHING_DBFS = -120.0
"""Level of a block without any sound."""

SILENT_DBFS = -60.0
"""A block below this level (RMS) is silent."""

JITTER_S = 0.15
"""Chunks come this irregularly: a shorter break between them is none. Longer ones are silence."""

WAV_HEADER_BYTES = 44
WAV_HEADER = re.compile(rb"RIFF.{4}WAVEfmt .{28}", re.DOTALL)
WAV_HEADER_BEGUN = re.compile(
    rb"R|RI|RIF|RIFF.{0,4}|RIFF.{4}(W|WA|WAV|WAVE|WAVEf|WAVEfm|WAVEfmt|WAVEfmt .*)", re.DOTALL
)

Samples = NDArray[np.int16]
"""Frames by channels."""


@dataclass(frozen=True)
class Silence:
    """A time without sound, in seconds of the monotonic clock."""

    begin_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it was."""
        return self.end_s - self.begin_s


@dataclass(frozen=True)
class Levels:
    """How loud it was, block by block.

    :ivar begin_s: the instant at which the first block begins, in seconds of the monotonic clock.
    :ivar dbfs: the level (RMS) of each block of :data:`BLOCK_S`.
    """

    begin_s: float
    dbfs: NDArray[np.float64]

    @property
    def end_s(self) -> float:
        """The instant at which the last block ends."""
        return self.begin_s + len(self.dbfs) * BLOCK_S

    @property
    def times_s(self) -> NDArray[np.float64]:
        """The instant at which each block begins."""
        return self.begin_s + np.arange(len(self.dbfs)) * BLOCK_S

    def silences(self, longer_than_s: float = 0.0, below_dbfs: float = SILENT_DBFS) -> list[Silence]:
        """Give all times without sound that are longer than some seconds, in order."""
        quiet = np.concatenate(([False], self.dbfs < below_dbfs, [False])).astype(np.int8)
        edges = np.flatnonzero(np.diff(quiet)).tolist()
        spans = (
            Silence(self.begin_s + begin * BLOCK_S, self.begin_s + end * BLOCK_S)
            for begin, end in zip(edges[::2], edges[1::2], strict=True)
        )
        return [span for span in spans if span.length_s > longer_than_s]

    def longest_silence_s(self) -> float:
        """Give the length of the longest time without sound; 0 when there is none."""
        return max((span.length_s for span in self.silences()), default=0.0)

    def sounding_for_s(self) -> float:
        """Give for how long it has sounded without a break up to the end."""
        quiet = np.flatnonzero(self.dbfs < SILENT_DBFS)
        last = int(quiet[-1]) + 1 if len(quiet) else 0
        return float((len(self.dbfs) - last) * BLOCK_S)

    def drawn(self, points: int) -> list[tuple[float, float]]:
        """Give at most so many points of (instant, loudest level there), to draw the level over time."""
        every = max(1, -(-len(self.dbfs) // points))
        return [
            (self.begin_s + first * BLOCK_S, float(self.dbfs[first : first + every].max()))
            for first in range(0, len(self.dbfs), every)
        ]


class Hearing:
    """Puts what arrives onto the axis of time, and knows how loud it was at each instant.

    :param begin_s: the instant at which the axis begins, in seconds of the monotonic clock.
    :ivar playhead: the frame behind the last one that was heard, counted from the beginning.
    """

    def __init__(self, begin_s: float) -> None:
        self.begin_s = begin_s
        self.playhead = 0
        self._power = np.zeros(4096)

    def hear(self, samples: Samples, arrived_s: float) -> int:
        """Take what arrived at an instant, and give the frame at which it begins.

        What was to be heard last arrives last: so a chunk ends when it arrives. One that comes while
        another still sounds comes behind that one, for a machine that stood still for a moment sends in one
        go what it owes.
        """
        begin = round((arrived_s - self.begin_s) * RATE) - len(samples)
        if begin - self.playhead < JITTER_S * RATE:
            begin = self.playhead
        self._add(begin, samples)
        self.playhead = begin + len(samples)
        return begin

    def levels(self, since_s: float, until_s: float) -> Levels:
        """Give the levels from an instant up to another.

        The blocks that lie within both are told; what was not heard up to then is silence.
        """
        first = max(0, int(np.ceil((since_s - self.begin_s) / BLOCK_S - 1e-6)))
        last = max(first, int((until_s - self.begin_s) / BLOCK_S + 1e-6))
        power: NDArray[np.float64] = np.zeros(last - first)
        known = self._power[first:last]
        power[: len(known)] = known
        mean = power / (BLOCK * CHANNELS * FULL_SCALE**2)
        floor = 10 ** (NOTHING_DBFS / 10)
        return Levels(self.begin_s + first * BLOCK_S, 10 * np.log10(np.maximum(mean, floor)))

    def frame_at(self, instant_s: float) -> int:
        """Give the frame that was heard at an instant."""
        return max(0, round((instant_s - self.begin_s) * RATE))

    def _add(self, begin: int, samples: Samples) -> None:
        squares = np.sum(samples.astype(np.float64) ** 2, axis=1)
        block, into = divmod(begin, BLOCK)
        padded = np.zeros(-(-(into + len(squares)) // BLOCK) * BLOCK)
        padded[into : into + len(squares)] = squares
        sums = padded.reshape(-1, BLOCK).sum(axis=1)
        while len(self._power) < block + len(sums):
            self._power = np.concatenate((self._power, np.zeros(len(self._power))))
        self._power[block : block + len(sums)] += sums


class WavStream:
    """Takes the bytes of WAV files that follow each other in one stream, and gives their frames.

    Each start of QEMU, and each guest that opens its card anew, begins with a header. A QEMU that was
    killed may end within a frame: the next header says where frames begin again.
    """

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> Samples:
        """Give the frames that are whole now."""
        *ended, last = WAV_HEADER.split(self._rest + data)
        kept = _header_begun(last)
        kept += (len(last) - kept) % FRAME_BYTES
        self._rest = last[len(last) - kept :]
        return np.concatenate([_frames(piece) for piece in (*ended, last[: len(last) - kept])])


def _header_begun(data: bytes) -> int:
    """Give how many bytes at the end may be the begin of a header whose rest is still to come."""
    longest = min(WAV_HEADER_BYTES - 1, len(data))
    return next((n for n in range(longest, 0, -1) if WAV_HEADER_BEGUN.fullmatch(data[-n:])), 0)


def _frames(data: bytes) -> Samples:
    whole = len(data) - len(data) % FRAME_BYTES
    return np.frombuffer(data[:whole], dtype="<i2").reshape(-1, CHANNELS)
