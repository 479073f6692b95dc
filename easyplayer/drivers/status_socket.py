"""Where a technician asks a running box how it is: a socket in the state directory.

The box puts a fresh status there twice a second; whoever connects is given the last one.  It has a
thread of its own, so that a box that hangs still answers, and the status tells its age.
"""

import contextlib
import errno
import hashlib
import logging
import os
import socket
import threading
from pathlib import Path

from easyplayer.errors import BoxSilentError, StateError

log = logging.getLogger(__name__)

NAME = "status.sock"
ANSWERING_MAY_TAKE_S = 2.0
LONGEST_PATH = 100
MARK_LETTERS = 12
TAKES_NOTHING = {errno.EROFS, errno.ENOSPC, errno.EDQUOT}


class StatusSocket:
    """Gives the last status to everyone who connects.

    :param directory: the state directory.
    """

    def __init__(self, directory: Path) -> None:
        self._path = socket_path(directory)
        self._in_memory = path_in_memory(directory)
        self._status = b"{}"
        self._listener: socket.socket | None = None

    def open(self) -> None:
        """Begin to answer; where the disk takes nothing, by a socket in memory.

        :raises StateError: if the socket cannot be made.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            try:
                self._bind(listener)
            except OSError as error:
                if error.errno not in TAKES_NOTHING:
                    raise
                self._path = self._in_memory
                self._bind(listener)
        except OSError as error:
            listener.close()
            message = f"{self._path} cannot be made ({error.strerror}): choose another --state"
            raise StateError(message) from error
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), name="status", daemon=True).start()

    def _bind(self, listener: socket.socket) -> None:
        self._path.unlink(missing_ok=True)
        listener.bind(str(self._path))

    def publish(self, status: bytes) -> None:
        """Put a status there, as JSON."""
        self._status = status

    def close(self) -> None:
        """Answer no more."""
        if self._listener is not None:
            self._path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # wakes the thread; a listener that is gone is fine
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller, contextlib.suppress(OSError):  # a caller who hangs up is no concern of ours
                caller.settimeout(ANSWERING_MAY_TAKE_S)
                caller.sendall(self._status)


def ask(directory: Path) -> bytes:
    """Ask the box that runs with a state directory for its status, as JSON.

    :raises BoxSilentError: if there is none.
    """
    try:
        try:
            return _asked(socket_path(directory))
        except OSError:
            if not path_in_memory(directory).exists():
                raise
            return _asked(path_in_memory(directory))
    except OSError as error:
        message = (
            f"no box answers in {directory} ({error.strerror or error}): is it running? "
            "Name its directory with --state."
        )
        raise BoxSilentError(message) from error


def socket_path(directory: Path) -> Path:
    """Name the socket of a state directory, by a way that is short enough for the kernel."""
    path = directory / NAME
    if len(os.fsencode(path)) > LONGEST_PATH:
        near = Path(os.path.relpath(path))
        return near if len(os.fsencode(near)) <= LONGEST_PATH else path
    return path


def path_in_memory(directory: Path) -> Path:
    """Name the socket that takes its place where the disk takes nothing; no other directory has that one."""
    mark = hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:MARK_LETTERS]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/run", f"easyplayer-{mark}.sock")


def _asked(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(ANSWERING_MAY_TAKE_S)
        line.connect(str(path))
        with line.makefile("rb") as answer:
            return answer.read()
