"""Reads and writes what is known of bad ends, without ever keeping the WatchDog waiting for a disk."""

import logging
import threading

from easyplayer.drivers.guard_file import GuardFile
from easyplayer.errors import StateError
from easyplayer.guard import Guard

log = logging.getLogger(__name__)


class Records:
    """A thread that reads once, and then writes; of several that wait, only the newest is written.

    :param file: where they are kept.
    """

    def __init__(self, file: GuardFile) -> None:
        self._file = file
        self._known: Guard | None = None
        self._newest: Guard | None = None
        self._closing = self._failing = self._writing = False
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
        """Have it written."""
        with self._changed:
            self._newest = guard
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
            self._failing = False
        except StateError as error:
            if not self._failing:
                log.error("%s; bad ends are known until the WatchDog ends", error)
            self._failing = True
