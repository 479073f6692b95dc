"""Writes down what is known of bad ends, without ever keeping the WatchDog waiting."""

import logging
import threading

from easyplayer.drivers.guard_file import GuardFile
from easyplayer.errors import StateError
from easyplayer.guard import Guard

log = logging.getLogger(__name__)


class Records:
    """A thread that writes; of several that wait, only the newest is written.

    :param file: where they are kept.
    """

    def __init__(self, file: GuardFile) -> None:
        self._file = file
        self._newest: Guard | None = None
        self._closing = self._failing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="records", daemon=True)
        self._thread.start()

    def keep(self, guard: Guard) -> None:
        """Have it written."""
        with self._changed:
            self._newest = guard
            self._changed.notify()

    def close(self, patience_s: float = 1.0) -> None:
        """Wait until all is written, for at most some seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(patience_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None or self._closing)
                guard, self._newest = self._newest, None
            if guard is None:
                return
            self._write(guard)

    def _write(self, guard: Guard) -> None:
        try:
            self._file.save(guard)
            self._failing = False
        except StateError as error:
            if not self._failing:
                log.error("%s; bad ends are known until the WatchDog ends", error)
            self._failing = True
