"""What time it is, and how far that can be trusted."""

import logging
from datetime import date
from functools import partial

from msgspec import Struct

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.wall_clock import Reading, WallClock, read_both
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent, clock_judged, clock_stepped, state_kept, state_refused
from easyplayer.playout.clock import ClockTrust, ClockWatch, judge_clock
from easyplayer.playout.standing import MADE_ON
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.5)
KEEP_EVERY_S = Seconds(300.0)
NEVER = Monotonic(float("-inf"))


class KeptTime(Struct, frozen=True, kw_only=True):
    """The latest time that this box could believe.

    :ivar wall: what the wall clock showed.
    """

    wall: Instant


class Timekeeper(BoxComponent):
    """Reads both clocks twice a second, and tells when the wall clock is set or its trust changes.

    At its start the wall clock is measured by what was kept, for that tells a battery that died.
    Whoever sets the clock while the box runs knows better than what was kept, and so does NTP.

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

    def _look(self) -> None:
        reading = read_both(self._ticker.clock, self._wall)
        by_s = self._clocks.read(reading.at, reading.wall)
        if by_s:
            self._least = None
            log.warning("the clock was set: %+.1f s", by_s)
            self.fire(clock_stepped(by_s))
        self._judge(reading)
        self._keep(reading)

    def _judge(self, reading: Reading) -> None:
        trust = judge_clock(
            reading.wall,
            made_on=self._made_on,
            kept=self._least_at(reading.at),
            synchronised=self._wall.synchronised(),
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


def keep(file: StateFile[KeptTime], time: KeptTime) -> BoxEvent:
    """Put the time on the disk; runs on the disk's thread."""
    try:
        file.save(time)
    except StateError as error:
        log.warning("%s", error)
        return state_refused(str(error))
    return state_kept(file.path)


def _tell(trust: ClockTrust) -> None:
    if trust is ClockTrust.UNKNOWN:
        log.warning("the clock cannot be right: set it, or connect the box to a network with NTP")
    elif trust is ClockTrust.ESTIMATED:
        log.info("the clock may be right; nobody keeps it so")
    else:
        log.info("the clock is kept right")
