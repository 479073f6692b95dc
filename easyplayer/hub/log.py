"""The hub's log: a line per change of state on standard error, as the journal takes it."""

import logging

LINE = "%(levelname)s %(name)s: %(message)s"
CHATTER = ("uvicorn", "alembic", "sqlalchemy")
"""Loggers of libraries, which only the most curious want to read."""


def set_up(verbosity: int) -> None:
    """Send the log to standard error.

    :param verbosity: 0 for what an operator wants, 1 for details, 2 for the libraries' own words.
    """
    logging.basicConfig(level=logging.DEBUG if verbosity else logging.INFO, format=LINE, force=True)
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else logging.WARNING)
