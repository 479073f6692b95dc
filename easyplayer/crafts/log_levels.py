"""How much the log tells: turned for a while, and back by itself."""

import logging

from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Seconds

ALL_OF_US = "easyplayer"
"""The logger above all of the box's own; those of libraries would tell what is secret, such as URLs."""


class LogLevels:
    """Turns loggers up and down, and knows where they were."""

    def __init__(self, ticker: Ticker) -> None:
        self._ticker = ticker
        self._before: dict[str, int] = {}
        self._ends: dict[str, Deadline] = {}

    def knows(self, logger: str) -> bool:
        """Tell whether there is such a logger of the box; the empty string is all of them."""
        ours = logger == ALL_OF_US or logger.startswith(f"{ALL_OF_US}.")
        return not logger or (ours and logger in logging.root.manager.loggerDict)

    def turn(self, logger: str, level: str, seconds: Seconds) -> None:
        """Turn a logger for some time; the last wish counts."""
        name = logger or ALL_OF_US
        self._before.setdefault(name, logging.getLogger(name).level)
        if name in self._ends:
            self._ends[name].cancel()
        logging.getLogger(name).setLevel(level.upper())
        self._ends[name] = self._ticker.after(seconds, lambda: self._turn_back(name))

    def close(self) -> None:
        """Turn all loggers back to where they were."""
        for name in tuple(self._before):
            self._turn_back(name)

    def _turn_back(self, name: str) -> None:
        logging.getLogger(name).setLevel(self._before.pop(name))
        self._ends.pop(name).cancel()
