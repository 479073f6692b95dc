"""Threads that bring media, each one medium at a time; what is under way can be watched and broken off."""

import threading
from collections.abc import Callable, Sequence

from easyplayer.component import Background
from easyplayer.events import BoxEvent
from easyplayer.throttle import Throttle
from easyplayer.units import Monotonic

LONG_AGO = Monotonic(float("-inf"))


class Flow:
    """One medium on its way, as both ends see it: the thread that brings it, and the loop.

    :ivar come: so many bytes have come since it began; only the thread writes it.
    :ivar there: so much of the medium is on the disk by now, in bytes; the same holds.
    :ivar size: how long the medium is, in bytes; 0 as long as that is not known.
    :ivar begun: when it began.
    """

    def __init__(self, throttle: Throttle | None = None, begun: Monotonic = LONG_AGO) -> None:
        self.come = 0
        self.there = 0
        self.size = 0
        self.begun = begun
        self._throttle = throttle
        self._stop = threading.Event()

    def let(self, count: int) -> bool:
        """Count bytes that have come; ``False`` where no more are wanted."""
        self.come += count
        self.there += count
        return not self._stop.is_set() if self._throttle is None else self._throttle.let(count, self._stop)

    def stop(self) -> None:
        """Want no more of it."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether no more of it is wanted."""
        return self._stop.is_set()


class Carriers:
    """What is under way, and on which thread.

    :param workers: the threads.
    """

    def __init__(self, workers: Sequence[Background], throttle: Throttle) -> None:
        self._workers = workers
        self._idle = [*workers]
        self._throttle = throttle
        self._flows: dict[str, tuple[Flow, Background]] = {}
        self._brought = 0

    @property
    def idle(self) -> bool:
        """Whether one of them has nothing to do."""
        return bool(self._idle)

    @property
    def under_way(self) -> tuple[str, ...]:
        """The digests of what is under way."""
        return tuple(self._flows)

    def sizes(self) -> dict[str, int]:
        """Tell how long everything is that is under way, in bytes, by digest; asked from any thread."""
        return {digest: flow.size for digest, (flow, _) in self._flows.copy().items()}

    @property
    def come(self) -> int:
        """How many bytes have come in all since the start."""
        return self._brought + sum(flow.come for flow, _ in self._flows.values())

    @property
    def there(self) -> int:
        """How much is on the disk of what is under way, in bytes."""
        return sum(flow.there for flow, _ in self._flows.values())

    def begin(self, digest: str, now: Monotonic, job: Callable[[Flow], BoxEvent]) -> None:
        """Have an idle one do a job; :meth:`end` must be told when it is over."""
        worker, flow = self._idle.pop(0), Flow(self._throttle, now)
        self._flows[digest] = flow, worker
        worker.do(lambda: job(flow))

    def end(self, digest: str) -> Flow | None:
        """Learn that what one brought is over; ``None`` where nobody was bringing that."""
        flow, worker = self._flows.pop(digest, (None, None))
        if flow is not None and worker is not None:
            self._idle.append(worker)
            self._brought += flow.come
        return flow

    def stop_unless(self, wanted: Callable[[str], bool]) -> None:
        """Break off what is not wanted any more."""
        for digest, (flow, _) in self._flows.items():
            if not wanted(digest):
                flow.stop()

    def stop(self) -> None:
        """Break off all that is under way."""
        self.stop_unless(lambda _digest: False)

    def close(self) -> None:
        """Break everything off, and let the threads end by themselves."""
        self.stop()
        for worker in self._workers:
            worker.close(0.0)
