"""How far downloads are, told often enough to watch them, and no more often."""

from collections import deque
from collections.abc import Callable

from easyplayer.agenda import Agenda, Moment, refuses
from easyplayer.carriers import Carriers
from easyplayer.fetch_hours import FetchHours
from easyplayer.protocol.heartbeat import Download
from easyplayer.stocktaking import Demand
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

WINDOW_S = Seconds(10.0)
"""Over so long it is measured how fast bytes come; a shorter look would jump, a longer one would lag."""
TELL_EVERY_S = Seconds(1.0)
MOST_LETTERS = 1000


class Speed:
    """Learns how much has come in all, and tells how fast that grows.

    >>> speed = Speed()
    >>> for second in range(4):
    ...     speed.note(1000 * second, Monotonic(float(second)))
    >>> speed.per_second
    1000
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[Monotonic, int]] = deque()

    def note(self, total: int, now: Monotonic) -> None:
        """Learn how much has come in all by now."""
        while len(self._seen) > 1 and self._seen[1][0] <= now - WINDOW_S:
            self._seen.popleft()
        self._seen.append((now, total))

    def forget(self) -> None:
        """Begin anew: nothing comes any more."""
        self._seen.clear()

    @property
    def per_second(self) -> int:
        """How much comes in a second."""
        if not self._seen:
            return 0
        (first_at, first), (last_at, last) = self._seen[0], self._seen[-1]
        return round((last - first) / (last_at - first_at)) if last_at > first_at else 0


class Progress:
    """Looks how far the downloads are.

    :ivar trouble: what has kept everything from coming, in words.
    :ivar lacking: which program there is no room for, in words.
    """

    def __init__(self, agenda: Agenda, carriers: Carriers, hours: FetchHours) -> None:
        self._agenda = agenda
        self._carriers = carriers
        self._hours = hours
        self._speed = Speed()
        self.trouble = self.lacking = ""

    def look(self, moment: Moment) -> Download:
        """Look now; how fast they are is what has come between looks."""
        if moment.under_way:
            self._speed.note(self._carriers.come, moment.now)
        else:
            self._speed.forget()
        left = self._agenda.left
        return Download(
            files_left=left.files,
            bytes_left=max(left.bytes - self._carriers.there, 0),
            bytes_per_s=self._speed.per_second,
            held_up=self._held_up(moment)[:MOST_LETTERS],
        )

    def _held_up(self, moment: Moment) -> str:
        """Say why nothing comes; empty where something does, or nothing is to come."""
        if moment.under_way:
            return ""
        if not self._agenda.left.files:
            return self.lacking or self._agenda.held_up
        if moment.offline:
            return "it is tried how the box does without its hub"
        if self._agenda.waits(moment.now):
            return self.trouble
        nothing_due = self._agenda.wake_at(moment) is None
        return self._hours.caption if moment.soon_only and nothing_due else ""


class Telling:
    """Tells what has changed, once a second at most, for as long as something goes on.

    :param look: tells how far the downloads are, and whether that changes by itself.
    :param tell: takes it.
    """

    def __init__(
        self, look: Callable[[], tuple[Download, bool]], tell: Callable[[Download], object], ticker: Ticker
    ) -> None:
        self._look = look
        self._tell = tell
        self._ticker = ticker
        self._told = Download()
        self._not_before = Monotonic(float("-inf"))
        self._next: Deadline | None = None

    def soon(self) -> None:
        """Learn that something may have changed."""
        if self._next is None or not self._next.pending:
            self._next = self._ticker.at(max(self._not_before, self._ticker.clock()), self._strike)

    def _strike(self) -> None:
        download, goes_on = self._look()
        if download != self._told or goes_on:
            self._not_before = Monotonic(self._ticker.clock() + TELL_EVERY_S)
        if download != self._told:
            self._told = download
            self._tell(download)
        if goes_on:
            self.soon()


def lacking(demand: Demand) -> str:
    """Say how much room a program lacks; empty where it has enough."""
    head = demand.staged or demand.current
    if not demand.lacking_bytes or head is None:
        return ""
    what = "the one before it plays on" if refuses(demand) else "what fits of it is played"
    return (
        f"the disk is full: {head.name}, version {head.version} needs {demand.lacking_bytes:,} bytes more"
        f" than there are; make room, or publish less; {what}"
    )
