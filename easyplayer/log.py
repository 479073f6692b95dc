"""The log: one line per change of state, for a person at a terminal and for the journal alike."""

import logging
import sys
import time
from collections import deque
from itertools import islice

from easyplayer.log_lines import LogFormatter

CHATTER = ("easyplayer.mpv", "easyplayer.analysis.ffmpeg")
"""Loggers of the engines' own words, which only the most curious want to read."""

PLAIN = "%(levelname)s %(name)s: %(message)s"
COLOURED = "%(name)s: %(message)s"
"""A terminal is told the level by a colour and a column of its own."""
REMEMBERED = "%(asctime)sZ %(levelname)s %(name)s: %(message)s"

MOST_LINES = 20_000
MOST_CHARACTERS = 2_000_000
"""How much of the log is remembered: some days of an ordinary box."""


class Ring(logging.Handler):
    """Remembers the last lines of the log, with the time in UTC; what is older goes."""

    def __init__(self, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS) -> None:
        super().__init__()
        formatter = LogFormatter(REMEMBERED, datefmt="%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)
        self._most_characters = most_characters
        self._lines: deque[str] = deque(maxlen=most_lines)
        self._characters = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a line; the logging module's own lock is held."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - a line that cannot be written must not break what writes it
            self.handleError(record)
            return
        if len(self._lines) == self._lines.maxlen:
            self._characters -= len(self._lines.popleft())
        self._lines.append(line)
        self._characters += len(line)
        while self._characters > self._most_characters:
            self._characters -= len(self._lines.popleft())

    def last(self, count: int) -> tuple[str, ...]:
        """Give the last lines, the newest at the end."""
        self.acquire()
        try:
            return tuple(islice(self._lines, max(len(self._lines) - count, 0), None))
        finally:
            self.release()


def set_up(verbosity: int) -> Ring:
    """Send the log to the terminal, coloured, or plain to whatever takes standard error.

    :param verbosity: 0 for what a technician wants, 1 for details, 2 for the engines' own words.
    :returns: what remembers its last lines.
    """
    ring = Ring()
    level = logging.DEBUG if verbosity else logging.INFO
    logging.basicConfig(level=level, handlers=[_handler()], force=True)
    logging.getLogger().addHandler(ring)
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else logging.WARNING)
    return ring


def _handler() -> logging.Handler:
    if sys.stderr.isatty():
        from easyplayer.cli.terminal import log_handler

        handler = log_handler()
        handler.setFormatter(logging.Formatter(COLOURED))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(LogFormatter(PLAIN))
    return handler
