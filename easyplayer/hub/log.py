"""The hub's log: a line per change of state on standard error, as the journal takes it."""

import logging
from types import TracebackType
from typing import TypeAlias

from easyplayer.protocol.foreign_text import tidied, tidied_lines

_Failure: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

LINE = "%(levelname)s %(name)s: %(message)s"
CHATTER = ("uvicorn", "alembic", "sqlalchemy")
"""Loggers of libraries, which only the most curious want to read."""
ALARMED = ("asyncpg",)
"""Those of libraries that write a traceback for what the hub itself tells in a line: the database is away."""


class _Lines(logging.Formatter):
    """Writes a line for each message; the names and errors in it do nothing to a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the logging module's name
        """Write the line."""
        return tidied(super().formatMessage(record))

    def formatException(self, ei: _Failure) -> str:  # noqa: N802 - the logging module's name
        """Write what has led to it."""
        return tidied_lines(super().formatException(ei))


def set_up(verbosity: int) -> None:
    """Send the log to standard error.

    :param verbosity: 0 for what an operator wants, 1 for details, 2 for the libraries' own words.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(LINE))
    logging.basicConfig(level=logging.DEBUG if verbosity else logging.INFO, handlers=[handler], force=True)
    for names, usual in ((CHATTER, logging.WARNING), (ALARMED, logging.ERROR)):
        for name in names:
            logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else usual)
