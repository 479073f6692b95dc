"""The state directory: made, tried, and held by one box at a time."""

import fcntl
import logging
import os
from pathlib import Path

from easyplayer.errors import BoxBusyError, StateError

log = logging.getLogger(__name__)


class StateDirectory:
    """All that a box keeps.

    :ivar path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Make the directory if it is not there, and hold it until the process ends.

        It is the directory itself that is held, so that a disk that takes nothing does not matter.

        :raises StateError: if it cannot be made, or belongs to somebody else.
        :raises BoxBusyError: if another box holds it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            message = f"another box runs with {self.path}: end it, or name another --state"
            raise BoxBusyError(message) from error
        except OSError as error:
            message = f"{self.path} cannot be used ({error.strerror}): name another --state"
            raise StateError(message) from error
        if not os.access(self.path, os.W_OK):
            self._look_why()

    def _look_why(self) -> None:
        """Go on where the disk has become read-only: what is on it can be played all the same."""
        if not os.statvfs(self.path).f_flag & os.ST_RDONLY:
            self.release()
            message = f"{self.path} cannot be written (Permission denied): give it to who runs the box"
            raise StateError(message)
        log.warning("%s is read-only: the box plays what is there, and keeps nothing", self.path)

    def release(self) -> None:
        """Let another box have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
