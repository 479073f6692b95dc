"""An ear in memory: it hears what a test, or a deck, plays."""

from collections.abc import Callable
from typing import Self

from easyplayer.drivers.monitor import Level, Report
from easyplayer.units import SILENCE, Linear, Monotonic, Seconds, to_decibels

BLOCK_S = Seconds(1 / 3)
"""How much of the sound each level is of."""


class FakeMonitor:
    """The contract :class:`~easyplayer.drivers.monitor.Monitor`, driven by a held clock.

    Give :meth:`connect` to who wants to make a monitor.

    :param sound: tells what a sink carries, as an amplitude; ``None`` where nothing can be heard of it
        (it is not there, or hangs).
    :ivar deaf: whether it hears silence, as at an output that is muted.
    :ivar sink: the one listened to, or the empty string.
    """

    def __init__(self, clock: Callable[[], Monotonic], sound: Callable[[str], Linear | None]) -> None:
        self.sink = ""
        self.deaf = False
        self._clock = clock
        self._sound = sound
        self._report: Report | None = None
        self._next_at = clock()

    def connect(self, report: Report) -> Self:
        """Make the monitor."""
        self._report = report
        return self

    def listen(self, sink: str) -> None:
        """Listen to a sink, and to no other."""
        self.sink = sink
        self._next_at = Monotonic(self._clock() + BLOCK_S)

    def close(self) -> None:
        """Listen to nothing any more."""
        self.sink = ""

    def pump(self) -> bool:
        """Tell a level three times a second; tell whether there was one."""
        if not self.sink or self._report is None or self._clock() < self._next_at:
            return False
        self._next_at = Monotonic(self._next_at + BLOCK_S)
        amplitude = self._sound(self.sink)
        if amplitude is None:
            return False
        level = SILENCE if self.deaf else to_decibels(amplitude)
        self._report(Level(level, level))
        return True
