"""Commands to the box and its machine as such: start anew, power off, and how much the log tells."""

from typing import ClassVar

from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import Ending, done, refused, unavailable
from easyplayer.drivers.power import Deed
from easyplayer.events import shut_down
from easyplayer.protocol.arguments import Arguments, SetLogLevel
from easyplayer.protocol.commands import Reason
from easyplayer.units import Seconds

ANEW = 75
"""Exit code of a box that wants to be started anew, after ``sysexits.h``: try again."""


class Restart(Craft[Arguments]):
    """``restart_player``: end, and be started anew; the next run tells that it is done."""

    def at_once(self) -> Ending | None:
        """Somebody must be there to start it."""
        if self.bench.tools.guardian():
            return None
        return unavailable("nobody would start it again: run it under circus or systemd")

    def begin(self) -> None:
        """End."""
        self.bench.fire(shut_down(ANEW))


class Reboot(Craft[Arguments]):
    """``reboot``: start the machine anew; the next run tells that it is done."""

    kind: ClassVar[str] = "power"
    limit_s: ClassVar[Seconds] = Seconds(120.0)
    deed: ClassVar[Deed] = Deed.REBOOT

    def at_once(self) -> Ending | None:
        """Ask that it is a machine that can be told."""
        why_not = self.bench.tools.power.why_not()
        return unavailable(why_not) if why_not else None

    def begin(self) -> None:
        """Tell the machine."""
        self.aside(self._tell)

    def _tell(self) -> None:
        self.bench.tools.power.do(self.deed)


class PowerOff(Reboot):
    """``power_off``: switch the machine off; it tells that it is done when somebody switches it on."""

    deed: ClassVar[Deed] = Deed.POWER_OFF


class TurnLog(Craft[SetLogLevel]):
    """``set_log_level``: tell more, or less, for a while."""

    def at_once(self) -> Ending | None:
        """There must be such a logger."""
        if self.bench.levels.knows(self.args.logger):
            return None
        return refused(Reason.BAD_ARGUMENTS, f"the box has no logger {self.args.logger!r}")

    def begin(self) -> None:
        """Turn it."""
        self.bench.levels.turn(self.args.logger, self.args.level, Seconds(60.0 * self.args.minutes))
        whose = self.args.logger or "the box"
        self.finish(done(f"{whose} logs {self.args.level} for {self.args.minutes} minutes"))
