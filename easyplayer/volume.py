"""How loud the box is: what a person turns, within the limits, and the program's curve by the time of day.

Without a curve the volume stays where a person turned it.  With one it follows the curve, so slowly
that nobody hears it go, and what a person turns is a trim from it that goes by itself.  A person is
obeyed at once, and so is everything before the first item is heard.

While nobody knows what time it is, there is no curve.
"""

from collections.abc import Callable

from circuits import handler
from msgspec import Struct, structs

from easyplayer.component import BoxComponent
from easyplayer.player_events import turn_volume, volume_changed
from easyplayer.playout import volume as law
from easyplayer.playout.calendar import zone_of
from easyplayer.playout.catalogue import Program, Volume
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import PreparedItem
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Percent, Seconds

LOOK_EVERY_S = Seconds(5.0)
STEP = 0.5
"""The most, in percent, that the volume goes at once while it follows the curve: no ear tells the steps."""


class Limits(Struct, frozen=True, kw_only=True):
    """How far a person may turn the volume; all are 0 to 100.

    :ivar volume: what it starts at.
    :ivar lowest: nobody can turn it below this.
    :ivar highest: nobody can turn it above this.
    """

    volume: Percent = Percent(80)
    lowest: Percent = Percent(0)
    highest: Percent = Percent(100)

    def keep(self, volume: float) -> float:
        """Bring a volume within the limits."""
        return float(min(max(volume, self.lowest), self.highest))


class VolumeControl(BoxComponent):
    """Turns the volume.

    :param wall_clock: tells the instant of world time.
    :ivar volume: how loud it is, 0 to 100.
    """

    def __init__(self, limits: Limits, wall_clock: Callable[[], Instant], ticker: Ticker) -> None:
        super().__init__()
        self._limits = limits
        self._wall_clock = wall_clock
        self._ticker = ticker
        self._law = Volume()
        self._zone = zone_of("UTC")
        self._person = float(limits.volume)
        self._trim: law.Trim | None = None
        self._knows_time = True
        self._heard = False
        self._told: Percent | None = None
        self._next: Deadline | None = None
        self.volume = limits.keep(limits.volume)

    def open(self) -> None:
        """Turn the volume to where it starts."""
        self._turn(self._wanted())

    def close(self) -> None:
        """Turn nothing any more."""
        if self._next is not None:
            self._next.cancel()

    @handler("set_volume")
    def _on_set_volume(self, volume: Percent) -> None:
        self._person = self._limits.keep(volume)
        now = self._wall_clock()
        curve = self._level(now, None)
        if curve is not None:
            self._trim = law.trim_towards(self._law, curve, self._person, now)
        self._turn(self._wanted())
        self._follow()

    @handler("program_taken")
    def _on_program(self, program: Program) -> None:
        self._law, self._zone = program.volume, zone_of(program.zone)
        self._follow()

    @handler("item_started")
    def _on_item(self, _prepared: PreparedItem, _position_s: Seconds) -> None:
        self._heard = True

    @handler("clock_judged")
    def _on_judged(self, trust: ClockTrust) -> None:
        self._knows_time = trust is not ClockTrust.UNKNOWN
        self._follow()

    @handler("clock_stepped")
    def _on_stepped(self, by_s: Seconds) -> None:
        if self._trim is not None:
            self._trim = structs.replace(self._trim, at=Instant(self._trim.at + by_s))
        self._follow()

    # -- how loud it is ------------------------------------------------------------------------

    def _follow(self) -> None:
        """Go one step to what is wanted, and see to it that the next one comes."""
        if self._next is not None:
            self._next.cancel()
        wanted = self._wanted()
        step_s = Seconds(STEP / self._law.slew_per_s)
        self._turn(law.slew(self.volume, wanted, self._law, step_s) if self._heard else wanted)
        if self.volume != wanted:
            self._next = self._ticker.after(step_s, self._follow)
        elif self._law.curve:
            self._next = self._ticker.after(LOOK_EVERY_S, self._follow)

    def _wanted(self) -> float:
        level = self._level(self._wall_clock(), self._trim)
        wanted = self._limits.keep(self._person if level is None else level)
        return min(wanted, float(self._law.ceiling))

    def _level(self, now: Instant, trim: law.Trim | None) -> float | None:
        return law.level(self._law, self._zone, now, trim) if self._knows_time else None

    def _turn(self, volume: float) -> None:
        percent = Percent(round(volume))
        if self._told is None or volume != self.volume:
            self.volume = volume
            self.fire(turn_volume(volume))
        if percent != self._told:
            self._told = percent
            self.fire(volume_changed(percent))
