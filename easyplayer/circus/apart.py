"""``guard.json`` by way of a child process: whoever waits for a disk in the kernel cannot even be killed.

Were it the WatchDog itself, it would be there after SIGKILL, and its port with it: the next one could hear
nobody.  So a child waits, which has none of its sockets.
"""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import msgspec

from easyplayer.drivers.guard_file import GuardFile, Spare
from easyplayer.errors import StateError
from easyplayer.guard import Guard

READ, DONE = b"read", b"done"
MOST_BYTES = 128 * 1024


class GuardApart:
    """What :class:`~easyplayer.drivers.guard_file.GuardFile` does, done by a child.

    It is to be made before there are threads, and before there is anything that the child should not have.

    :param find_state: finds the box's state directory, anew each time; it may wait for the disk.
    """

    def __init__(self, find_state: Callable[[], Path], spare: Spare | None = None) -> None:
        self.spare = spare or Spare()
        self._find_state = find_state
        self._line, childs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            self._be_the_child(childs)
        childs.close()

    def load(self) -> Guard:
        """Read what is known; blocks for as long as the disk takes.  Never raises."""
        answer = self._asked(READ)
        return (
            GuardFile(self._find_state()).load()
            if answer is None
            else msgspec.json.decode(answer, type=Guard)
        )

    def save(self, guard: Guard) -> None:
        """Write it and wait until it is on the disk; blocks for as long as the disk takes.

        :raises StateError: the disk does not take it.
        """
        answer = self._asked(msgspec.json.encode(guard))
        if answer is None:
            GuardFile(self._find_state()).save(guard)
        elif answer != DONE:
            raise StateError(answer.decode(errors="replace"))

    def close(self) -> None:
        """Let the child go; one that waits for the disk goes when that answers."""
        self._line.close()

    def _asked(self, request: bytes) -> bytes | None:
        """Ask the child; ``None`` where there is none any more."""
        try:
            self._line.send(request)
            return self._line.recv(MOST_BYTES) or None
        except OSError:
            return None

    def _be_the_child(self, line: socket.socket) -> None:
        """Do what is asked for until nobody is there to ask; then end, without what a parent tidies up."""
        try:
            self._line.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            while request := line.recv(MOST_BYTES):
                line.send(self._done(request))
        finally:
            os._exit(0)

    def _done(self, request: bytes) -> bytes:
        file = GuardFile(self._find_state())
        if request == READ:
            return msgspec.json.encode(file.load())
        try:
            file.save(msgspec.json.decode(request, type=Guard))
        except StateError as error:
            return str(error).encode(errors="replace")
        return DONE
