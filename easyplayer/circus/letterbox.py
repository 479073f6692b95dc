"""Where guarded processes say that they are well: a UDP socket that believes nobody but this machine."""

import logging
import re
import socket

log = logging.getLogger(__name__)

LONGEST = 64
"""No datagram of a process that is well is longer, in bytes."""
MOST_AT_ONCE = 500
"""So many are read before something else has its turn; a flood does not hold up the rounds."""
HIGHEST_PID = 2**22
"""What the kernel gives at most."""


class Letterbox:
    """Hears which processes are well.

    :param msg_regex: what a datagram looks like; the group ``pid`` is the process.
    :ivar ill_formed: how many datagrams could not be used.
    :ivar trouble: why it does not listen, though it is to; empty where it does.
    """

    def __init__(self, ip: str, port: int, msg_regex: str) -> None:
        self._address = ip, port
        self._pattern = re.compile(msg_regex, re.ASCII)
        self._line: socket.socket | None = None
        self._odd_told = False
        self.ill_formed = 0
        self.trouble = ""

    def expect(self, msg_regex: str) -> None:
        """Take datagrams that look otherwise from now on."""
        self._pattern = re.compile(msg_regex, re.ASCII)

    def open(self) -> int | None:
        """Listen, if that is not so yet; give the file descriptor where it is news that it listens."""
        if self._line is not None:
            return None
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            line.bind(self._address)
        except OSError as error:
            line.close()
            ip, port = self._address
            why = error.strerror
            if not self.trouble:
                log.error("cannot listen at %s:%d (%s): nobody is guarded until that is free", ip, port, why)
            self.trouble = f"the WatchDog cannot listen at {ip}:{port} ({why})"
            return None
        self._line, self.trouble = line, ""
        return line.fileno()

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._line is not None

    def close(self) -> None:
        """Listen no more."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def drain(self) -> set[int]:
        """Give the processes that have said since that they are well."""
        heard: set[int] = set()
        for _ in range(MOST_AT_ONCE if self._line is not None else 0):
            try:
                data, (sender, _port) = self._line.recvfrom(LONGEST + 1)  # type: ignore[union-attr]
            except OSError:
                break
            pid = self._pid_in(data) if self._is_near(sender) else None
            if pid is None:
                self._mind(data, sender)
            else:
                heard.add(pid)
        return heard

    def _is_near(self, sender: str) -> bool:
        return sender.startswith("127.") or sender == self._address[0]

    def _pid_in(self, data: bytes) -> int | None:
        """Find the process that a datagram is of; ``None`` where it cannot be understood."""
        if len(data) > LONGEST:
            return None
        try:
            found = self._pattern.match(data.decode("ascii"))
        except UnicodeDecodeError:
            return None
        text = found["pid"] if found is not None else None
        if not text or not text.isdecimal() or len(text) > len(str(HIGHEST_PID)):
            return None
        return int(text)

    def _mind(self, data: bytes, sender: str) -> None:
        self.ill_formed += 1
        if not self._odd_told:
            self._odd_told = True
            log.warning("a datagram from %s cannot be used: %r; others like it are not told", sender, data)
