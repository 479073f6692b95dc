"""What the parts of a box with a hub, or with a screen, stand on, and how they are asked for.

A box without a hub, or without a screen, loads nothing more of them than this.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias

from circuits.core.events import Event
from msgspec import Struct

from easyplayer.analysis import FactsCache
from easyplayer.component import Background, BoxComponent, Clock
from easyplayer.devices import Devices
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.guard import Level
from easyplayer.keeping import Keeping
from easyplayer.settings import Settings
from easyplayer.ticker import Ticker

MakeWorker = Callable[[Callable[[Event], object], str], Background]


class Ground(Struct, frozen=True, kw_only=True):
    """What these parts stand on.

    :ivar plays: whether the box plays by the hub's programs; if not, it has one of its own.
    :ivar devices: what is plugged in; ``None`` where nobody watches.
    :ivar disk: the thread that writes what the box keeps.
    :ivar level: how much of the box there is.
    """

    kept: Keeping
    plays: bool
    devices: Devices | None
    wall: WallClock
    clock: Clock
    ticker: Ticker
    fire: Callable[[Event], object]
    make_worker: MakeWorker
    disk: Background
    level: Level = Level.FULL

    def worker(self, name: str) -> Background:
        """Make a thread for what may take long."""
        return self.make_worker(self.fire, name)


class Stage(Struct, frozen=True, kw_only=True):
    """What the parts of a box with a screen stand on.

    :ivar facts: what is known of media.
    :ivar local_time: tells the local time of the machine.
    """

    facts: FactsCache
    wall: WallClock
    ticker: Ticker
    local_time: Callable[[], datetime]
    fire: Callable[[Event], object]
    make_worker: MakeWorker


HubParts: TypeAlias = Callable[[Settings, Ground], Iterable[BoxComponent]]
"""Builds the parts, in the order in which they stand on each other."""

ScreenParts: TypeAlias = Callable[[Settings, Stage], Iterable[BoxComponent]]
"""Builds those of a screen, in the same way."""
