"""Reads and writes what is known of bad ends, without ever keeping the WatchDog waiting for a disk.

It is in memory first, where the box finds it; then on the disk; and then in memory no more.
"""

import logging
import threading
from typing import Protocol

from easyplayer.drivers.guard_file import Spare
from easyplayer.errors import StateError
from easyplayer.guard import Guard

log = logging.getLogger(__name__)


class Disk(Protocol):
    """Where they are kept.

    :ivar spare: the place in memory.
    """

    spare: Spare

    def load(self) -> Guard:
        """Read it; blocks for as long as the disk takes, and never raises."""

    def save(self, guard: Guard) -> None:
        """Write it to the disk; blocks for as long as that takes.

        :raises StateError: the disk does not take it.
        """


class Records:
    """A thread that reads once, and then writes; of several that wait, only the newest is written.

    :param file: where they are kept.
    """

    def __init__(self, file: Disk) -> None:
        self._file = file
        self._known: Guard | None = None
        self._newest: Guard | None = None
        self._closing = self._failing = self._writing = self._in_memory = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="records", daemon=True)
        self._thread.start()

    def known(self, patience_s: float = 3.0) -> Guard:
        """Give what was known at first; nothing where the disk has not told it in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._known is not None, patience_s):
                log.error("the disk does not answer; of bad ends before this nothing is known")
            return self._known or Guard()

    def keep(self, guard: Guard) -> None:
        """Have it written; in memory it is at once."""
        with self._changed:
            self._newest = guard
            self._in_memory = self._file.spare.keep(guard)
            self._changed.notify_all()

    def settle(self, patience_s: float) -> None:
        """Wait until all is written that was to be, for at most some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is None and not self._writing, patience_s)

    def close(self, patience_s: float = 1.0) -> None:
        """Wait until all is written, for at most some seconds, and write no more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(patience_s)

    def _work(self) -> None:
        known = self._file.load()
        with self._changed:
            self._known = known
            self._changed.notify_all()
        while (guard := self._next()) is not None:
            self._write(guard)

    def _next(self) -> Guard | None:
        """Wait for what is to be written; ``None`` where there will be no more."""
        with self._changed:
            self._writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._newest is not None or self._closing)
            guard, self._newest = self._newest, None
            self._writing = guard is not None
            return guard

    def _write(self, guard: Guard) -> None:
        try:
            self._file.save(guard)
        except StateError as error:
            is_lost = not self._in_memory
            if is_lost and not self._failing:
                log.error("%s; bad ends are known until the WatchDog ends", error)
            self._failing = is_lost
            return
        self._failing = False
        with self._changed:
            if self._newest is None:  # what waits is newer, and in memory alone so far
                self._file.spare.drop()
