"""The terminal: one console that the log and the live line share, so that neither tears the other."""

import logging
from functools import cache

from rich.console import Console
from rich.logging import RichHandler


@cache
def console() -> Console:
    """Give the console on standard error."""
    return Console(stderr=True)


def log_handler() -> logging.Handler:
    """Make the log handler of a terminal."""
    return RichHandler(console=console(), show_path=False, rich_tracebacks=True, markup=False)
