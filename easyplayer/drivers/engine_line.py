"""The contract :class:`~easyplayer.drivers.live_line.LiveLine`, over Engine.IO.

Each opening has a thread with an event loop of its own, so that nothing of it can hold up the music.  What it
needs is imported in that thread: a box without a live channel does not pay for it, nor does the box's start.
"""

import logging
import threading
from typing import Protocol

from easyplayer.drivers.hub_route import Clocks, HubTime
from easyplayer.drivers.live_line import LineEnded, LineOpened, LineReport, LineSpec, Report

log = logging.getLogger(__name__)

MOST_UNSENT_LETTERS = 1024 * 1024
"""So much may wait to be sent; what is more is not taken."""


class EngineLine:
    """The line to the hub.

    :param report: takes what happens, in the line's thread.
    :param clocks: by which certificates are checked.
    """

    def __init__(self, spec: LineSpec, report: Report, clocks: Clocks | None = None) -> None:
        self._spec = spec
        self._report = report
        self._hub_time = HubTime(clocks or Clocks())
        self._opening: Opening | None = None

    def open(self) -> None:
        """Open it; one that is open, or is being opened, stays as it is."""
        if self._opening is None or self._opening.is_over:
            self._opening = Opening(self._spec, self._hub_time, self._report)

    def send(self, content: str) -> bool:
        """Send a message; tell whether it was taken, which it is not where the line is closed or clogged."""
        return self._opening is not None and self._opening.send(content)

    def close(self) -> None:
        """Close it: the line's thread tells the hub, and nothing more is reported."""
        if self._opening is not None:
            self._opening.close()
            self._opening = None


class Call(Protocol):
    """What goes on in the thread, as far as it can be told something from another one."""

    def say(self, content: str) -> None:
        """Send a message."""

    def leave(self) -> None:
        """Close the line, or give up opening it."""


class Opening:
    """One opening of the line, between the thread that wants it and its own.

    After :meth:`close` nothing is reported: that is held by a lock, for as long as a report takes.

    :ivar is_over: whether it has ended by itself.
    """

    def __init__(self, spec: LineSpec, hub_time: HubTime, report: Report) -> None:
        self._spec = spec
        self._hub_time = hub_time
        self._report = report
        self._lock = threading.RLock()
        self._call: Call | None = None
        self._is_open = self._is_closed = False
        self._unsent_letters = 0
        self.is_over = False
        threading.Thread(target=self._serve, name="live", daemon=True).start()

    # -- from the thread that wants it -----------------------------------------------------------

    def send(self, content: str) -> bool:
        """Send a message, where it can be taken."""
        with self._lock:
            fits = self._unsent_letters + len(content) <= MOST_UNSENT_LETTERS
            if self._call is None or not self._is_open or not fits:
                return False
            self._unsent_letters += len(content)
            self._call.say(content)
            return True

    def close(self) -> None:
        """Report nothing any more, and have the line closed."""
        with self._lock:
            self._is_closed, self._is_open = True, False
            if self._call is not None:
                self._call.leave()

    # -- from its own ----------------------------------------------------------------------------

    def begin(self, call: Call) -> bool:
        """Know what can be told something; tell whether the line is wanted still."""
        with self._lock:
            self._call = call
            return not self._is_closed

    def sent(self, letters: int) -> None:
        """Know that so much does not wait any more."""
        with self._lock:
            self._unsent_letters -= letters

    def report(self, report: LineReport) -> None:
        """Report what has happened, if anybody wants to know."""
        with self._lock:
            if self._is_closed:
                return
            self._is_open = self._is_open or isinstance(report, LineOpened)
            if isinstance(report, LineEnded):
                self._is_open, self.is_over, self._call = False, True, None
            self._report(report)

    def _serve(self) -> None:
        end = LineEnded(reason="the live channel does not work in this box: its log says why")
        try:
            from easyplayer.drivers.engine_call import hold

            end = hold(self._spec, self._hub_time, self)
        except Exception:  # a thread that dies without a word would leave the box waiting
            log.exception("the live channel failed")
        self.report(end)
        with self._lock:
            self._call = None
