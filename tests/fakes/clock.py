"""Clocks that a test holds in its hand."""

from easyplayer.units import Instant, Monotonic

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


class HeldWall:
    """The contract :class:`~easyplayer.drivers.wall_clock.WallClock`; it goes with a held clock.

    :param at: what it shows at first, in seconds since 1970.
    :ivar in_sync: whether it is kept right; as with the kernel's, one that is set no longer is, unless
        it was set by who keeps it right.
    """

    def __init__(self, clock: HeldClock, at: float, *, in_sync: bool = False) -> None:
        self._clock = clock
        self._gained_per_s = 0.0
        self.set_to(at, in_sync=in_sync)

    def now(self) -> Instant:
        """Tell what time it shows."""
        passed_s = self._clock() - self._set_at
        return Instant(self._shown + passed_s * (1 + self._gained_per_s))

    def synchronised(self) -> bool:
        """Tell whether it is kept right."""
        return self.in_sync

    def correct(self, by_s: float) -> None:
        """Show a later time, or an earlier one."""
        self.set_to(self.now() + by_s, in_sync=self.in_sync)

    def set_to(self, at: float, *, in_sync: bool = False) -> None:
        """Set it to a time."""
        self._shown, self._set_at = at, self._clock()
        self.in_sync = in_sync

    def step(self, by_s: float, *, in_sync: bool = False) -> None:
        """Set it ahead, or back."""
        self.set_to(self.now() + by_s, in_sync=in_sync)

    def drift(self, per_s: float) -> None:
        """Let it gain so much in each second from now on."""
        self.set_to(self.now(), in_sync=self.in_sync)
        self._gained_per_s = per_s
