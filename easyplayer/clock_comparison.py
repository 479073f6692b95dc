"""Has the hub tell the time, where nobody else keeps the box's clock right."""

import logging
from collections.abc import Callable

from easyplayer.asking import Asking
from easyplayer.component import Clock
from easyplayer.drivers.wall_clock import Reading, WallClock
from easyplayer.errands import Errands
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

COMPARE_EVERY_S = Seconds(3600.0)
NEVER = Monotonic(float("-inf"))


class ClockComparison:
    """Asks the hub what time it is, once an hour.

    :param tell: is told what the hub has told.
    """

    def __init__(
        self,
        asking: Asking,
        errands: Errands,
        wall: WallClock,
        clock: Clock,
        tell: Callable[[Reading], object],
    ) -> None:
        self._asking = asking
        self._errands = errands
        self._wall = wall
        self._clock = clock
        self._tell = tell
        self._compared_at = NEVER

    def go(self) -> None:
        """Ask, if it is time to, and if nobody else keeps the clock right."""
        due = self._clock() - self._compared_at >= COMPARE_EVERY_S
        if due and not self._wall.synchronised():
            self._compared_at = self._clock()
            self._errands.run_one(
                self._asking.time,
                self._tell,
                lambda error: log.warning("the hub does not tell the time: %s", error),
            )

    def begin_anew(self) -> None:
        """Ask as soon as may be: the clock was set."""
        self._compared_at = NEVER
