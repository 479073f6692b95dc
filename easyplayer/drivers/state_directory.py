"""The state directory: made, tried, and held by one box at a time."""

import fcntl
import os
from pathlib import Path

from easyplayer.errors import BoxBusyError, StateError


class StateDirectory:
    """All that a box keeps.

    :ivar path: the directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Make the directory if it is not there, and hold it until the process ends.

        :raises StateError: if it cannot be made or written.
        :raises BoxBusyError: if another box holds it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            message = f"another box runs with {self.path}: end it, or name another --state"
            raise BoxBusyError(message) from error
        except OSError as error:
            message = f"{self.path} cannot be used ({error.strerror}): name another --state"
            raise StateError(message) from error

    def release(self) -> None:
        """Let another box have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
