"""How the as-run log is kept: on whose disk, by which clock, and how far the hub has it.

What stands in it is told by :mod:`easyplayer.ledger`.
"""

import logging
from abc import abstractmethod
from collections.abc import Iterable
from functools import partial

from circuits import handler

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.asrun_facts import ClockRead, EntryPoisoned, Fact, LogLeft, OldForgotten, RowsLeft
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.wall_clock import WallClock, read_both
from easyplayer.events import BoxEvent, state_kept, state_refused
from easyplayer.hub_events import log_ready
from easyplayer.log_rows import told
from easyplayer.playout.asrun import Ended
from easyplayer.playout.clock import STEP_S, Anchor, ClockTrust
from easyplayer.playout.hearing import Hearing
from easyplayer.protocol.asrun import Receipt
from easyplayer.scribe import Scribe
from easyplayer.ticker import Deadline, Repeating, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(30.0)
"""How often what is known of an open row is written down: so much a power cut may take."""
DRIFT_S = Seconds(0.05)
"""A wall clock that has gone so far astray is noted anew."""
DAY_S = Seconds(86_400.0)
KEPT_S = Seconds(400 * DAY_S)
"""So long a log is kept that the hub has received: a year, and time to ask for it."""
MOST_KEPT = 500_000
"""So many entries are kept that the hub has received: music fills that in years, pictures in a season."""
TOGETHER_S = Seconds(2.0)
"""What is known of pictures is written so much later: a screen that changes often is kind to its disk."""


class LogKeeper(BoxComponent):
    """Writes facts down, and looks after what is written.

    :param disk: the thread that writes.
    """

    def __init__(self, store: AsRunStore, wall: WallClock, ticker: Ticker, disk: Background) -> None:
        super().__init__()
        self._scribe = Scribe(store)
        self._path = store.path
        self._wall = wall
        self._ticker = ticker
        self._disk = disk
        self._trust = ClockTrust.UNKNOWN
        self._noted: Anchor | None = None
        self._jotted: list[Fact] = []
        self._writing: Deadline | None = None
        self._asked = self._asked_before = 0
        self._disk_hangs = False
        self._repeating: list[Repeating] = []

    def open(self) -> None:
        """End what a power cut left open, and begin."""
        self._write(RowsLeft(before=self._ticker.clock(), ended=Ended.STOPPED))
        self._repeating = [
            self._ticker.every(LOOK_EVERY_S, self._look),
            self._ticker.every(DAY_S, self._forget_old),
        ]

    def close(self) -> None:
        """End what goes on, and let the database go."""
        for repeating in self._repeating:
            repeating.cancel()
        self._end_all()
        self._write_jotted()
        self._disk.do(self._scribe.close)

    @abstractmethod
    def _going_on(self) -> Iterable[Hearing]:
        """Give the open rows of which more is known all the time."""

    @abstractmethod
    def _end_all(self) -> None:
        """End all open rows."""

    # -- the clock -----------------------------------------------------------------------------

    @handler("clock_judged")
    def _on_judged(self, trust: ClockTrust) -> None:
        self._trust = trust
        self._note_clock()
        self._forget_old()

    @handler("clock_stepped")
    def _on_stepped(self, _by_s: Seconds) -> None:
        """Note the clock as soon as it is known whether it is still trusted."""
        self._ticker.after(0.0, self._note_clock)

    def _note_clock(self) -> None:
        now = self._noted = self._read_clock()
        self._write(ClockRead(at=now.at, wall=now.wall, trust=now.trust))

    def _follow_clock(self) -> None:
        """Note a clock that goes astray; one that somebody has set must be judged first."""
        if self._noted is not None:
            astray_s = abs(self._read_clock().offset_s - self._noted.offset_s)
            if DRIFT_S < astray_s < STEP_S:
                self._note_clock()

    def _read_clock(self) -> Anchor:
        reading = read_both(self._ticker.clock, self._wall)
        return Anchor(at=reading.at, wall=reading.wall, trust=self._trust)

    # -- the hub -------------------------------------------------------------------------------

    @handler("log_received")
    def _on_received(self, receipt: Receipt) -> None:
        self._write(receipt)

    @handler("entry_poisoned")
    def _on_poisoned(self, number: int, reason: str, log_id: str) -> None:
        self._write(EntryPoisoned(number=number, reason=reason, log=log_id))

    @handler("forget_hub")
    def _on_forgotten(self, reason: str) -> None:
        """Begin another log: what the next hub hears is not what this one has heard already."""
        self._write(LogLeft(reason=reason))

    def _forget_old(self) -> None:
        """Keep no more what is old; only who certainly knows the time can tell what that is."""
        if self._trust is ClockTrust.TRUSTED:
            self._write(OldForgotten(before=Instant(self._wall.now() - KEPT_S), most=MOST_KEPT))

    # -- the disk ------------------------------------------------------------------------------

    def _jot(self, fact: Fact) -> None:
        """Write a fact down with those that follow in a moment."""
        self._jotted.append(fact)
        if self._writing is None:
            self._writing = self._ticker.after(TOGETHER_S, self._write_jotted)

    def _write_jotted(self) -> None:
        """Write what is jotted down, and what is known of all rows by now."""
        if self._jotted:
            self._write(*self._known())

    def _write(self, *facts: Fact) -> None:
        """Have facts written, behind those that are jotted down: rows are counted as they begin."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        jotted, self._jotted = self._jotted, []
        self._asked += 1
        self._disk.do(partial(self._write_now, (*jotted, *facts)))

    def _write_now(self, facts: tuple[Fact, ...]) -> BoxEvent | None:
        """Have facts written, and tell what came of it; runs on the disk's thread."""
        written = self._scribe.write(facts)
        if written.head is not None:
            self.fire(log_ready(written.head))
        if written.refused:
            return state_refused(written.refused)
        return state_kept(self._path) if written.kept else None

    def _look(self) -> None:
        """Write down what is known of the open rows, and try again what was refused."""
        hangs = self._scribe.done < self._asked_before
        self._asked_before = self._asked
        if hangs and not self._disk_hangs:
            reason = "the disk does not answer; what is played is remembered until it does"
            log.warning("%s", reason)
            self.fire(state_refused(reason))
        self._disk_hangs = hangs
        if not hangs:
            self._follow_clock()
            self._write(*self._known())

    def _known(self) -> Iterable[Fact]:
        now: Monotonic = self._ticker.clock()
        return [told(hearing, now) for hearing in self._going_on()]
