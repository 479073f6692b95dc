"""What time it is, and how far that can be trusted."""

import logging
from datetime import date
from functools import partial

from circuits import handler
from msgspec import Struct

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.wall_clock import Reading, WallClock, read_both
from easyplayer.events import clock_judged, clock_stepped
from easyplayer.playout.clock import STEP_S, ClockTrust, ClockWatch, judge_clock
from easyplayer.playout.standing import MADE_ON
from easyplayer.state_keeping import keep
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.5)
KEEP_EVERY_S = Seconds(300.0)
OFF_S = Seconds(2.0)
"""A clock that is further off than this from the hub's is corrected."""
WORD_HOLDS_S = Seconds(24 * 3600.0)
"""For how long a clock counts as kept right by the hub, which compares it every hour."""
NEVER = Monotonic(float("-inf"))


class KeptTime(Struct, frozen=True, kw_only=True):
    """The latest time that this box could believe.

    :ivar wall: what the wall clock showed.
    """

    wall: Instant


class Timekeeper(BoxComponent):
    """Reads both clocks twice a second, and tells when the wall clock is set or its trust changes.

    At its start the wall clock is measured by what was kept, for that tells a battery that died.
    Whoever sets the clock while the box runs knows better than what was kept, and so does NTP.  Where a
    firewall keeps NTP out, the hub keeps the clock right: the box adds to the machine's clock what it lacks.

    :param file: where the time is kept, or ``None``.
    :param disk: writes it.
    :param made_on: the day on which this firmware was made.
    """

    def __init__(
        self,
        wall: WallClock,
        file: StateFile[KeptTime] | None,
        ticker: Ticker,
        disk: Background,
        made_on: date = MADE_ON,
    ) -> None:
        super().__init__()
        self._wall = wall
        self._file = file
        self._ticker = ticker
        self._disk = disk
        self._made_on = made_on
        self._clocks = ClockWatch()
        self._trust: ClockTrust | None = None
        self._least: Reading | None = None
        self._kept_at = NEVER
        self._told_at = NEVER
        self._correction_s = 0.0
        self._looks: Repeating | None = None

    def open(self) -> None:
        """Judge the clock at once, before any other part needs to know the time."""
        kept = self._file.load() if self._file is not None else None
        if kept is not None:
            self._least = Reading(self._ticker.clock(), kept.wall)
        self._look()
        self._looks = self._ticker.every(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """Look no more."""
        if self._looks is not None:
            self._looks.cancel()

    @handler("time_told")
    def _on_told(self, told: Reading) -> None:
        """Go by the hub's word, where nobody else keeps the clock right."""
        if self._wall.synchronised():
            return
        now = read_both(self._ticker.clock, self._wall)
        off_s = told.wall + (now.at - told.at) - now.wall
        self._told_at = now.at
        if abs(off_s) > OFF_S:
            self._wall.correct(off_s)
            self._correction_s += off_s
            self._heed(self._clocks.read(now.at, Instant(now.wall + off_s)))
        self._look()

    def _look(self) -> None:
        if self._correction_s and self._wall.synchronised():
            self._take_back()
        reading = read_both(self._ticker.clock, self._wall)
        by_s = self._clocks.read(reading.at, reading.wall)
        if by_s:
            self._told_at = NEVER
            if self._correction_s:
                self._take_back()
                reading = read_both(self._ticker.clock, self._wall)
                by_s = Seconds(by_s + self._clocks.read(reading.at, reading.wall))
        self._heed(by_s)
        self._judge(reading)
        self._keep(reading)

    def _heed(self, by_s: Seconds) -> None:
        if abs(by_s) >= STEP_S:
            self._least = None
            log.warning("the clock was set: %+.1f s", by_s)
            self.fire(clock_stepped(by_s))

    def _take_back(self) -> None:
        """Show the machine's own clock again: somebody has set it."""
        self._wall.correct(-self._correction_s)
        self._correction_s = 0.0

    def _judge(self, reading: Reading) -> None:
        trust = judge_clock(
            reading.wall,
            made_on=self._made_on,
            kept=self._least_at(reading.at),
            synchronised=self._wall.synchronised() or reading.at - self._told_at < WORD_HOLDS_S,
        )
        if trust is ClockTrust.TRUSTED:
            self._least = None
        if trust is not self._trust:
            self._trust = trust
            self._kept_at = NEVER
            _tell(trust)
            self.fire(clock_judged(trust))

    def _least_at(self, at: Monotonic) -> Instant | None:
        """Tell what the clock must show at least, as time has gone on since it was kept."""
        return None if self._least is None else Instant(self._least.wall + at - self._least.at)

    def _keep(self, reading: Reading) -> None:
        if self._file is None or self._trust is ClockTrust.UNKNOWN:
            return
        if reading.at - self._kept_at >= KEEP_EVERY_S:
            self._kept_at = reading.at
            latest = max(reading.wall, self._least_at(reading.at) or reading.wall)
            self._disk.do(partial(keep, self._file, KeptTime(wall=latest)))


def _tell(trust: ClockTrust) -> None:
    if trust is ClockTrust.UNKNOWN:
        log.warning("the clock cannot be right: set it, or connect the box to a network with NTP")
    elif trust is ClockTrust.ESTIMATED:
        log.info("the clock may be right; nobody keeps it so")
    else:
        log.info("the clock is kept right")
