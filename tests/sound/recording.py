"""Sound as numbers, and when it was."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tests.sound.venue_sound import RATE

CLOCK_REACH = 25
"""So many chunks to either side vote on the clock: about half a second."""


@dataclass(frozen=True, eq=False)
class Recording:
    """What was heard.

    ``samples`` has the shape (frames, channels), full scale is 1.0.  ``arrivals`` has a row
    (frames so far, monotonic seconds) for each chunk that came in, in that order; a recording
    that was made up for a test has none.

    >>> Recording(np.zeros((44_100, 2))).seconds
    1.0
    """

    samples: NDArray[np.float64]
    rate: int = RATE
    started_at_monotonic: float = 0.0
    arrivals: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))

    @property
    def seconds(self) -> float:
        """How long the recording is."""
        return len(self.samples) / self.rate

    @property
    def mono(self) -> NDArray[np.float64]:
        """The mean of the channels, shape (frames,)."""
        channels_mean: NDArray[np.float64] = self.samples.mean(axis=1)
        return channels_mean

    def monotonic(self, second: float) -> float:
        """Return the instant on the monotonic clock at which this second of the recording sounded.

        A chunk may come late and never early, so of the chunks around, the least delayed one
        tells the time.  Right within one block of the sink (20 ms), also after a stall.
        """
        if not len(self.arrivals):
            return self.started_at_monotonic + second
        delays = self.arrivals[:, 1] - self.arrivals[:, 0] / self.rate
        here = int(np.searchsorted(self.arrivals[:, 0], second * self.rate))
        first = min(max(0, here - CLOCK_REACH), len(delays) - 1)
        return second + float(delays[first : here + CLOCK_REACH].min())

    def second(self, monotonic: float) -> float:
        """Return the second of the recording that sounded at this instant; undoes :meth:`monotonic`."""
        second = monotonic - self.started_at_monotonic
        for _ in range(2):  # the second round corrects for a stall that the first one jumped over
            second += monotonic - self.monotonic(second)
        return second

    def between(self, start_s: float, end_s: float | None = None) -> "Recording":
        """Return a piece of the recording, its seconds counted from ``start_s``."""
        first = round(start_s * self.rate)
        last = len(self.samples) if end_s is None else round(end_s * self.rate)
        return replace(
            self,
            samples=self.samples[first:last],
            started_at_monotonic=self.monotonic(start_s),
            arrivals=self.arrivals - np.array([first, 0]),
        )
