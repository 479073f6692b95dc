"""A deck's own clock, seen from the machine's: where a medium is, and when it will be somewhere.

A player tells its audio position now and then, each time a little late.  The difference between
the machine's clock and that position is constant while it plays; the median of the last few
differences is that constant without the noise.
"""

from collections import deque
from statistics import median

from easyplayer.units import Monotonic, Seconds

SAMPLES = 10
"""How many readings the median is taken over."""


class DeckClock:
    """Readings of one deck while it plays; forget it when the deck pauses or seeks."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=SAMPLES)

    def read(self, position_s: Seconds, at: Monotonic) -> None:
        """Take a reading: the audio position that was heard at an instant."""
        self._offsets.append(at - position_s)

    @property
    def known(self) -> bool:
        """Whether there has been a reading yet."""
        return bool(self._offsets)

    def position_s(self, now: Monotonic) -> Seconds:
        """Tell the audio position at an instant; there must have been a reading."""
        return Seconds(now - median(self._offsets))

    def when(self, position_s: Seconds) -> Monotonic:
        """Tell the instant at which a position will be heard; there must have been a reading."""
        return Monotonic(position_s + median(self._offsets))

    def forget(self) -> None:
        """Drop all readings: the constant has changed."""
        self._offsets.clear()
