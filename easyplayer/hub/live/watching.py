"""Who watches which boxes: the operators of this worker, and the workers that want reports of a box here.

Nothing here knows a clock or a line: instants come in, and what comes out is to be said by others.
"""

from collections.abc import Collection

from msgspec import Struct

from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.live import REPORT_EVERY_S, Report
from easyplayer.units import Monotonic, Seconds

LEASE_S = Seconds(60.0)
"""For how long a box reports, and a worker gets its reports, without being asked again."""
EARLY = 0.8
"""A report is passed on after this part of the usual time already: lines are uneven."""


class Watching:
    """Which boxes the operators of this worker watch, by the ids of their lines."""

    def __init__(self) -> None:
        self._by_box: dict[str, dict[str, None]] = {}
        self._by_line: dict[str, dict[str, None]] = {}

    @property
    def boxes(self) -> Collection[str]:
        """All boxes that somebody watches."""
        return self._by_box.keys()

    def watchers(self, box: str) -> Collection[str]:
        """Tell who watches a box."""
        return self._by_box.get(box, {}).keys()

    def of(self, line: str) -> Collection[str]:
        """Tell what an operator watches."""
        return self._by_line.get(line, {}).keys()

    def watch(self, line: str, box: str) -> None:
        """Begin; twice is as good as once."""
        self._by_line.setdefault(line, {})[box] = None
        self._by_box.setdefault(box, {})[line] = None

    def unwatch(self, line: str, box: str) -> bool:
        """End; tells whether nobody watches that box any more, where somebody did."""
        mine = self._by_line.get(line, {})
        if box not in mine:
            return False
        del mine[box]
        if not mine:
            del self._by_line[line]
        left = self._by_box[box]
        del left[line]
        if not left:
            del self._by_box[box]
        return not left

    def leave(self, line: str) -> list[str]:
        """Forget an operator who has gone; names the boxes that nobody watches any more."""
        return [box for box in list(self.of(line)) if self.unwatch(line, box)]


class Audience:
    """Which workers want to be told something, and up to when."""

    def __init__(self) -> None:
        self._until: dict[str, Monotonic] = {}

    def __len__(self) -> int:
        """Tell how many there are, those among them that have ended since."""
        return len(self._until)

    def take(self, worker: str, seconds: Seconds, now: Monotonic) -> None:
        """Take what a worker says; those that have ended are forgotten.

        :param seconds: for how long it wants it; 0 is no longer.
        """
        self._until = {name: end for name, end in self._until.items() if end > now and name != worker}
        if seconds > 0:
            self._until[worker] = Monotonic(now + seconds)

    def leave(self) -> None:
        """Forget all of them."""
        self._until.clear()

    def is_there(self, now: Monotonic) -> bool:
        """Tell whether anybody is."""
        return any(until > now for until in self._until.values())


class _Watched(Struct):
    """A box here that somebody watches.

    :ivar audience: who wants reports.
    :ivar untold: a status that has come, and was not passed on.
    :ivar passed: when a report was passed on last.
    """

    audience: Audience
    untold: Status | None = None
    passed: Monotonic = Monotonic(float("-inf"))


class Leases:
    """Which workers want reports of the boxes whose lines are here, and which reports go to them."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}

    def __len__(self) -> int:
        """Tell how many boxes are watched, or were lately."""
        return len(self._watched)

    def take(self, box: str, worker: str, seconds: Seconds, now: Monotonic) -> Seconds | None:
        """Take what a worker wants; gives what to tell the box, ``None`` where that is nothing.

        A box that is told once more tells its whole status anew, for whoever has just begun to watch it.

        :param seconds: for how long the worker wants reports; 0 is no longer.
        """
        watched = self._watched.get(box)
        if watched is None:
            if seconds <= 0:
                return None
            watched = self._watched[box] = _Watched(Audience())
        watched.audience.take(worker, seconds, now)
        if seconds > 0:
            return seconds
        if self.holds(box, now):
            return None
        del self._watched[box]
        return Seconds(0.0)

    def holds(self, box: str, now: Monotonic) -> bool:
        """Tell whether anybody wants reports of a box."""
        watched = self._watched.get(box)
        return watched is not None and watched.audience.is_there(now)

    def reported(self, box: str, report: Report, now: Monotonic) -> Report | None:
        """Take a report of a box that is watched; gives what to pass on, ``None`` where it comes too soon.

        A status that has come with a report that is not passed on goes with the next one.
        """
        watched = self._watched[box]
        status = report.status or watched.untold
        if now - watched.passed < EARLY * REPORT_EVERY_S:
            watched.untold = status
            return None
        watched.untold, watched.passed = None, now
        return Report(now=report.now, status=status)

    def forget(self, box: str) -> None:
        """Forget a box whose line has ended."""
        self._watched.pop(box, None)
