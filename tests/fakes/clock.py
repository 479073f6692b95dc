"""A clock that a test holds in its hand."""

from easyplayer.units import Monotonic


class HeldClock:
    """The monotonic clock; it stands still until it is told to go on."""

    def __init__(self, at: float = 1000.0) -> None:
        self._at = at

    def __call__(self) -> Monotonic:
        """Read the clock."""
        return Monotonic(self._at)

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        self._at += seconds
