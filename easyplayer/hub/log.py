"""The hub's log: a line per change of state on standard error, as the journal takes it."""

import logging

from easyplayer.log_lines import LogFormatter

LINE = "%(levelname)s %(name)s: %(message)s"
CHATTER = ("uvicorn", "alembic", "sqlalchemy")
"""Loggers of libraries, which only the most curious want to read."""
ALARMED = ("asyncpg",)
"""Those of libraries that write a traceback for what the hub itself tells in a line: the database is away."""


def set_up(verbosity: int) -> None:
    """Send the log to standard error.

    :param verbosity: 0 for what an operator wants, 1 for details, 2 for the libraries' own words.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter(LINE))
    logging.basicConfig(level=logging.DEBUG if verbosity else logging.INFO, handlers=[handler], force=True)
    for names, usual in ((CHATTER, logging.WARNING), (ALARMED, logging.ERROR)):
        for name in names:
            logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else usual)
