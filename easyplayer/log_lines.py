"""How lines of the log are written, the box's and the hub's: strangers' words in them steer no terminal."""

import logging
from types import TracebackType
from typing import TypeAlias

from easyplayer.protocol.foreign_text import tidied, tidied_lines

_Failure: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class LogFormatter(logging.Formatter):
    """Writes a line for each message, and below it what led to it; names and errors in it only stand."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the logging module's name
        """Write the line."""
        return tidied(super().formatMessage(record))

    def formatException(self, ei: _Failure) -> str:  # noqa: N802 - the logging module's name
        """Write what has led to it."""
        return tidied_lines(super().formatException(ei))
