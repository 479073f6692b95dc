"""Deadlines on the monotonic clock.

One heap for the whole box.  The loop sleeps in its poller until the next deadline or the next
event, whichever comes first; circuits' own ``Timer`` reads the wall clock and drifts.
"""

import heapq
import itertools
import time
from collections.abc import Callable

from circuits import handler
from circuits.core.events import generate_events

from easyplayer.component import BoxComponent, Clock
from easyplayer.units import Monotonic, Seconds

Action = Callable[[], object]


def monotonic() -> Monotonic:
    """Read the machine's monotonic clock."""
    return Monotonic(time.monotonic())


class Deadline:
    """A promise to do something at an instant; it can be cancelled until then."""

    __slots__ = ("_action", "at")

    def __init__(self, at: Monotonic, action: Action) -> None:
        self.at = at
        self._action: Action | None = action

    @property
    def pending(self) -> bool:
        """Whether it is still to come."""
        return self._action is not None

    def cancel(self) -> None:
        """Do nothing at the instant, after all."""
        self._action = None

    def strike(self) -> None:
        """Do what was promised, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Ticker(BoxComponent):
    """Keeps all deadlines of the box, and strikes them on the loop's thread.

    :ivar clock: the clock that the whole box reads.
    """

    def __init__(self, clock: Clock = monotonic) -> None:
        super().__init__()
        self.clock = clock
        self._heap: list[tuple[Monotonic, int, Deadline]] = []
        self._numbers = itertools.count()

    def at(self, instant: Monotonic, action: Action) -> Deadline:
        """Do something at an instant."""
        deadline = Deadline(instant, action)
        heapq.heappush(self._heap, (instant, next(self._numbers), deadline))
        return deadline

    def after(self, seconds: Seconds | float, action: Action) -> Deadline:
        """Do something after some seconds."""
        return self.at(Monotonic(self.clock() + seconds), action)

    def every(self, seconds: Seconds | float, action: Action) -> "Repeating":
        """Do something again and again, first after one period."""
        return Repeating(self, Seconds(seconds), action)

    @handler("generate_events", priority=10)
    def _on_generate_events(self, event: generate_events) -> None:
        while self._heap and (not self._heap[0][2].pending or self._heap[0][0] <= self.clock()):
            deadline = heapq.heappop(self._heap)[2]
            if deadline.pending:
                event.reduce_time_left(0)
                deadline.strike()
        if self._heap:
            event.reduce_time_left(max(self._heap[0][0] - self.clock(), 0.0))


class Repeating:
    """A deadline that sets itself anew; periods that were missed are left out, not made up for."""

    def __init__(self, ticker: Ticker, period_s: Seconds, action: Action) -> None:
        self._ticker = ticker
        self._period_s = period_s
        self._action = action
        self._next = ticker.after(period_s, self._strike)

    def cancel(self) -> None:
        """End the repetition."""
        self._next.cancel()

    def _strike(self) -> None:
        due = Monotonic(self._next.at + self._period_s)
        now = self._ticker.clock()
        self._next = self._ticker.at(due if due > now else Monotonic(now + self._period_s), self._strike)
        self._action()
