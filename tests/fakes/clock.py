"""A clock that a test holds in its hand."""

from easyplayer.units import Monotonic

TICKS_PER_S = 1_000_000


class HeldClock:
    """The monotonic clock; it stands still until it is told to go on.

    It counts whole microseconds, so that many small steps come to exactly what they add up to.
    """

    def __init__(self, at: float = 1000.0) -> None:
        self._ticks = round(at * TICKS_PER_S)

    def __call__(self) -> Monotonic:
        """Read the clock."""
        return Monotonic(self._ticks / TICKS_PER_S)

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        self._ticks += round(seconds * TICKS_PER_S)
