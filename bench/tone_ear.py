"""Listens for hours at a sink for tones: which of them sounded, from when to when."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tests.sound.venue_sound import RATE, SINK

BLOCK_S = 0.02
BLOCK = round(BLOCK_S * RATE)
SOUNDS = 0.01
"""The amplitude from which a tone counts as heard: -40 dBFS."""
BRIDGED_BLOCKS = 3
"""A tone that is away for no longer has not been away."""
FULL_SCALE = 32_768
READ_BYTES = 2 * BLOCK * 10


@dataclass(frozen=True)
class Heard:
    """One tone that sounded.

    :ivar start: first instant of it on the monotonic clock, in seconds; ``end`` is its last.
    """

    tone: int
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it sounded."""
        return self.end - self.start


@dataclass
class ToneEar:
    """Listens between entering and leaving the context; keeps of the sound only what it was.

    :ivar frequencies: of the tones, in Hz; 200 Hz or more apart.
    """

    env: dict[str, str]
    frequencies: tuple[float, ...]
    _blocks: list[NDArray[np.bool_]] = field(default_factory=list)
    _starts: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._parec = subprocess.Popen(
            ["parec", "-d", f"{SINK}.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=20"],
            env=os.environ | self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._parec.terminate()
        self._listener.join()
        if self._parec.stdout is not None:
            self._parec.stdout.close()
        self._parec.wait()

    def heard(self) -> list[Heard]:
        """Give what has sounded, in the order in which it began; ask after the context."""
        sounding = (
            np.concatenate(self._blocks) if self._blocks else np.zeros((0, len(self.frequencies)), bool)
        )
        began = self._began()
        found = [
            Heard(tone, began + first * BLOCK_S, began + last * BLOCK_S)
            for tone in range(len(self.frequencies))
            for first, last in _runs(sounding[:, tone])
        ]
        return sorted(found, key=lambda one: one.start)

    def _began(self) -> float:
        """Tell the instant of the first sample: the arrival that was the least late says it best."""
        return min(self._starts, default=0.0)

    def _listen(self) -> None:
        pipe = self._parec.stdout
        basis = _basis(self.frequencies)
        samples, rest = 0, b""
        while pipe is not None and (chunk := pipe.read(READ_BYTES)):
            samples += len(chunk) // 2
            self._starts.append(time.monotonic() - samples / RATE)
            data = rest + chunk
            whole = len(data) // (2 * BLOCK) * 2 * BLOCK
            block = np.frombuffer(data[:whole], dtype="<i2").reshape(-1, BLOCK) / FULL_SCALE
            self._blocks.append(np.abs(block @ basis) > SOUNDS)
            rest = data[whole:]


def _basis(frequencies: tuple[float, ...]) -> NDArray[np.complex128]:
    """Give what a block is multiplied with to find the amplitude of each tone."""
    seconds = np.arange(BLOCK) / RATE
    window = np.hanning(BLOCK)
    waves = np.exp(-2j * np.pi * np.outer(seconds, frequencies))
    basis: NDArray[np.complex128] = 2 * window[:, None] * waves / window.sum()
    return basis


def _runs(sounding: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give first and last block of each run of one tone; short gaps are bridged."""
    places = np.flatnonzero(sounding)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > BRIDGED_BLOCKS)
    firsts = np.concatenate([[places[0]], places[breaks + 1]])
    lasts = np.concatenate([places[breaks], [places[-1]]])
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
