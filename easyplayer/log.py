"""The log: one line per change of state, for a person at a terminal and for the journal alike."""

import logging
import sys

CHATTER = ("easyplayer.mpv", "easyplayer.analysis.ffmpeg")
"""Loggers of the engines' own words, which only the most curious want to read."""

PLAIN = "%(levelname)s %(name)s: %(message)s"
COLOURED = "%(name)s: %(message)s"
"""A terminal is told the level by a colour and a column of its own."""


def set_up(verbosity: int) -> None:
    """Send the log to the terminal, coloured, or plain to whatever takes standard error.

    :param verbosity: 0 for what a technician wants, 1 for details, 2 for the engines' own words.
    """
    logging.basicConfig(level=logging.DEBUG if verbosity else logging.INFO, handlers=[_handler()], force=True)
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else logging.WARNING)


def _handler() -> logging.Handler:
    if sys.stderr.isatty():
        from easyplayer.cli.terminal import log_handler

        handler, line = log_handler(), COLOURED
    else:
        handler, line = logging.StreamHandler(), PLAIN
    handler.setFormatter(logging.Formatter(line))
    return handler
