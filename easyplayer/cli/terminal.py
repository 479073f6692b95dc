"""The terminal: one console that the log and the live line share, so that neither tears the other."""

import logging
from functools import cache

from rich.console import Console, ConsoleRenderable
from rich.logging import RichHandler
from rich.traceback import Traceback

from easyplayer.protocol.foreign_text import tidied, tidied_lines


class _TerminalLog(RichHandler):
    """Writes the log; the titles and errors in it do nothing to the terminal."""

    def render_message(self, record: logging.LogRecord, message: str) -> ConsoleRenderable:
        """Draw what was logged."""
        return super().render_message(record, tidied(message))

    def render(
        self,
        *,
        record: logging.LogRecord,
        traceback: Traceback | None,
        message_renderable: ConsoleRenderable,
    ) -> ConsoleRenderable:
        """Draw it with what has led to it."""
        for stack in traceback.trace.stacks if traceback else ():
            stack.exc_value = tidied_lines(stack.exc_value)
        return super().render(record=record, traceback=traceback, message_renderable=message_renderable)


@cache
def console() -> Console:
    """Give the console on standard error."""
    return Console(stderr=True)


def log_handler() -> logging.Handler:
    """Make the log handler of a terminal."""
    return _TerminalLog(console=console(), show_path=False, rich_tracebacks=True, markup=False)
