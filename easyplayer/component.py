"""The base of every part of the box, and work that may take long.

A part decides and fires; it never waits.  What takes long (disk, analysis) goes to
:class:`Background`, whose outcome comes back as an event.
"""

import logging
import queue
import threading
from collections.abc import Callable

from circuits import BaseComponent
from circuits.core.events import Event

from easyplayer.units import Monotonic

log = logging.getLogger(__name__)

Clock = Callable[[], Monotonic]
"""Tells the instant on the monotonic clock; handed in, so that a test can hold it."""


class BoxComponent(BaseComponent):
    """A part of the box.

    Parts meet in events only.  All of them share one channel, ``"*"``, because an event's name
    alone says what it is (names are unique in :mod:`easyplayer.events`).

    The application calls :meth:`open` on each part after those it stands on, and :meth:`close` the
    other way round; neither may block.
    """

    channel = "*"

    def open(self) -> None:
        """Begin: take hold of drivers, arm deadlines."""

    def close(self) -> None:
        """End: let go of what :meth:`open` took hold of."""


class Background:
    """One thread that does what may take long, in the order it was asked.

    :param fire: fires an event into the box; called from the thread, which circuits allows.
    """

    def __init__(self, fire: Callable[[Event], object], name: str = "background") -> None:
        self._fire = fire
        self._jobs: queue.SimpleQueue[Callable[[], Event | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Callable[[], Event | None]) -> None:
        """Do a job, and fire the event it returns.

        A job handles the errors it knows; one that it does not know is logged, and the thread
        goes on with the next job.
        """
        self._jobs.put(job)

    def close(self, patience_s: float) -> bool:
        """Finish what was asked, for at most some seconds; tell whether all was finished."""
        self._jobs.put(None)
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                outcome = job()
            except Exception:  # one bad job must not end the thread that all depend on
                log.exception("a background job failed: %r", job)
            else:
                if outcome is not None:
                    self._fire(outcome)
