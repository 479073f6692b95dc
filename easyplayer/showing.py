"""What the live channel shows of the box: all of it to those who watch, and to the hub what is news."""

from collections.abc import Callable

from msgspec import Struct

from easyplayer.component import Clock
from easyplayer.pacing import LONGEST_S
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import Now, ScreenState, Status
from easyplayer.protocol.live import MOST_REPORT_BYTES, REPORT_EVERY_S, Report
from easyplayer.units import Monotonic, Seconds

NEWS_EVERY_S = Seconds(10.0)
"""However much happens, no more heartbeats go out of turn because of it."""
EARLY_S = Seconds(0.02)
"""A report may be so much early: the clock that strikes twice a second is not sharper."""
STOPPED = frozenset({"stopped", "no-sound"})
"""States of a player from which no sound comes although somebody may expect some."""
NEVER = Monotonic(float("-inf"))

Look = Callable[[], tuple[Now, Status]]
"""Tells how the box is at the moment."""


class Notable(Struct, frozen=True):
    """What an operator must know at once."""

    allowed: bool
    verdict: str
    stopped: bool
    no_sink: bool
    silent_sink: bool
    failures: int
    trouble: tuple[str, ...]
    screen_down: bool


def notable(status: Status) -> Notable:
    """Take from a status what an operator must know at once."""
    return Notable(
        allowed=status.allowed,
        verdict=status.verdict,
        stopped=status.state in STOPPED,
        no_sink=not status.sink,
        silent_sink=status.silent_sink,
        failures=status.failures,
        trouble=(*status.trouble, status.storage.trouble),
        screen_down=status.screen.state is ScreenState.DOWN,
    )


def fits(report: Report) -> bool:
    """Tell whether a report is short enough, together with the one byte that the line puts before it."""
    return len(encode(report)) < MOST_REPORT_BYTES


class Showing:
    """Decides what of the box is told, and when.

    :param look: tells how the box is.
    """

    def __init__(self, look: Look, clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._watched_until = self._reported_at = self._news_at = NEVER
        self._shown: Status | None = None
        self._told: Notable | None = None

    def begin(self) -> None:
        """Begin with a channel that has come up: what is so by then is no news."""
        self._watched_until = NEVER
        self._told = None

    def watch(self, seconds: float) -> None:
        """Report for so long from now on; 0 is no longer.  The first report shows everything."""
        self._watched_until = Monotonic(self._clock() + min(seconds, LONGEST_S)) if seconds else NEVER
        self._shown = None

    def report(self) -> Report | None:
        """Give the report that is to go now; ``None`` where nobody watches, or the last one was just now.

        A status that is too long for it is left to the heartbeat, which has more room.
        """
        now = self._clock()
        if now >= self._watched_until or now < self._reported_at + REPORT_EVERY_S - EARLY_S:
            return None
        self._reported_at = now
        told, status = self._look()
        news = None if status == self._shown else status
        self._shown = status
        report = Report(now=told, status=news)
        return report if news is None or fits(report) else Report(now=told)

    def lost(self) -> None:
        """Know that the last report did not go out: the next one shows everything."""
        self._shown = None

    def has_news(self) -> bool:
        """Tell whether something has changed that an operator must know at once; once for each change."""
        if self._clock() < self._news_at + NEWS_EVERY_S:
            return False
        found = notable(self._look()[1])
        before, self._told = self._told, found
        if before is None or before == found:
            return False
        self._news_at = self._clock()
        return True
