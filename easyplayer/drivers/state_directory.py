"""The state directory: made, tried, and held by one box at a time; and a private one in its place."""

import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from easyplayer.drivers.guard_file import PRIVATE
from easyplayer.drivers.status_socket import NAME as SOCKET
from easyplayer.drivers.status_socket import path_in_memory
from easyplayer.errors import BoxBusyError, StateError

log = logging.getLogger(__name__)

IN_PLACE = "easyplayer-state"
"""What a directory is called that takes the place of the state directory."""
GROUP_OR_OTHERS = 0o077


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
            if not os.access(self.path, os.W_OK):
                self._look_why()
        except BlockingIOError as error:
            self.release()
            message = f"another box runs with {self.path}: end it, or name another --state"
            raise BoxBusyError(message) from error
        except OSError as error:
            self.release()
            message = f"{self.path} cannot be used ({error.strerror}): name another --state"
            raise StateError(message) from error

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

    def can_be_held(self) -> bool:
        """Tell whether a box could have it now; for that, it is held for a moment."""
        try:
            self.hold()
        except (StateError, BoxBusyError):
            return False
        self.release()
        return True


def private_directories(environment: Mapping[str, str] = os.environ) -> Iterator[StateDirectory]:
    """Give directories that may take a state directory's place, none of them held; the best comes first.

    It is one in memory where systemd, or the session, gives the box a place there, and else one among the
    temporary files.  Both have a name that stays, so that a box that is started anew finds what it has kept,
    and leaves nothing behind.  The last one is always a fresh one.

    :raises StateError: there is no more.
    """
    named = [(environment[name].partition(":")[0], "") for name in PRIVATE if environment.get(name)]
    for place, mark in (*named, (tempfile.gettempdir(), f"-{os.geteuid()}")):
        path = Path(place, f"{IN_PLACE}{mark}")
        if _is_ours(path):
            yield StateDirectory(path)
    try:
        yield StateDirectory(Path(tempfile.mkdtemp(prefix=f"{IN_PLACE}-")))
    except OSError as error:
        message = f"there is no place for temporary files ({error.strerror}): make room"
        raise StateError(message) from error


def answer_for(lost: Path, instead: Path) -> None:
    """Have who asks the box at one directory how it is be answered from another one, as far as that goes."""
    link = path_in_memory(lost)
    with suppress(OSError):  # nothing but the question how the box is would find no answer
        link.unlink(missing_ok=True)
        link.symlink_to(instead.absolute() / SOCKET)


def _is_ours(path: Path) -> bool:
    """Make a directory that nobody else may look into; tell whether it is one, and not somebody else's."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return mine and not found.st_mode & GROUP_OR_OTHERS
