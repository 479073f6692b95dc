"""The Warden: what the WatchDog has seen, for everybody to know, and the way into safe mode and out of it."""

import logging
from collections.abc import Callable

from circuits import handler
from msgspec import Struct

from easyplayer.component import Background, BoxComponent
from easyplayer.events import guard_read, guard_told, shut_down
from easyplayer.guard import Guard, GuardView, Level, left_s, level_at, sound
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(5.0)
ANEW = 75
"""Exit code of a box that ends to be started anew; it stands whatever has failed before, as 0 does not."""


class Watch(Struct, frozen=True, kw_only=True):
    """What the Warden goes by.

    :ivar read: reads what the WatchDog has written down; may take as long as the disk.
    :ivar boot: names this run of the machine.
    :ivar level: how much of itself the box has started.
    :ivar heeds: whether the box ends where it should have started more or less; nobody starts it again else.
    """

    read: Callable[[], Guard]
    boot: str
    level: Level = Level.FULL
    heeds: bool = False


class Warden(BoxComponent):
    """Looks every few seconds at what the WatchDog has written down.

    :param disk: the thread that reads it.
    """

    def __init__(self, watch: Watch, ticker: Ticker, disk: Background) -> None:
        super().__init__()
        self._watch = watch
        self._ticker = ticker
        self._disk = disk
        self._leaves = False

    def open(self) -> None:
        """Tell how it stands, and begin to look."""
        if self._watch.level is not Level.FULL:
            log.error(
                "safe mode (%s): the box plays what the firmware brings along", self._watch.level.name.lower()
            )
        self._look()
        self._ticker.every(LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        self._disk.do(lambda: guard_read(self._watch.read()))

    @handler("guard_read")
    def _on_read(self, guard: Guard) -> None:
        now, boot = self._ticker.clock(), self._watch.boot
        self.fire(guard_told(self._view(sound(guard, boot, now))))
        level = level_at(guard, boot, now)
        if level is not self._watch.level and self._watch.heeds and not self._leaves:
            self._leaves = True
            log.warning("safe mode is to be %s: the box ends, to be started so", level.name.lower())
            self.fire(shut_down(ANEW))

    def _view(self, guard: Guard) -> GuardView:
        return GuardView(
            safe=self._watch.level,
            safe_left_s=left_s(guard, self._watch.boot, self._ticker.clock()),
            kills=guard.kills,
            crashes=guard.crashes,
            kills_ever=guard.kills_ever,
            crashes_ever=guard.crashes_ever,
            last=guard.last[-1].text if guard.last else "",
            unguarded=guard.unguarded,
        )
