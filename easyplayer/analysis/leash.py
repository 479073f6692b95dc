"""How long one may work on a file, and whether one should go on."""

import math
import time
from pathlib import Path
from threading import Event

from easyplayer.analysis.naming import shown
from easyplayer.errors import AnalysisError
from easyplayer.units import Seconds

PATIENCE = Seconds(60.0)
LONGEST = Seconds(4 * 3600.0)
SLOWEST_BYTES_PER_S = 20_000
"""A small machine that plays meanwhile decodes at least this much of the most frugal codec."""

UNLIMITED = Seconds(math.inf)


def time_limit(size_bytes: int) -> Seconds:
    """Say how long the decoding of a file may take: generous, but not for ever.

    >>> time_limit(8_000_000)
    460.0
    """
    return Seconds(min(PATIENCE + size_bytes / SLOWEST_BYTES_PER_S, LONGEST))


class Leash:
    """Held by whoever works on a file, and asked again and again.

    :ivar path: the file, for messages.
    :param stop: may be set from any thread.
    :param limit_s: counted from now.
    """

    def __init__(self, path: Path, stop: Event, limit_s: Seconds = UNLIMITED) -> None:
        self.path = path
        self._stop = stop
        self._limit_s = limit_s
        self._deadline = time.monotonic() + limit_s

    def check(self) -> None:
        """Return if the work may go on.

        :raises AnalysisError: time is up, or it was stopped.
        """
        if self._stop.is_set():
            raise AnalysisError(f"the analysis of {shown(self.path)} was stopped; start it again")
        if time.monotonic() > self._deadline:
            raise AnalysisError(
                f"{shown(self.path)} was not analysed within {self._limit_s:.0f} s; "
                "try again when the machine has less to do"
            )
