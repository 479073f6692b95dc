"""What is left to try where a process cannot be killed: the machine, and circusd with all that it runs.

A process that waits in the kernel, mostly for a disk, heeds no signal, and circusd starts another one only
when it is gone.  So the machine is started anew; or, where nobody does that for us, systemd is told nothing
any more, and replaces circusd, which then starts a box.  How often, :mod:`easyplayer.guard` says.
"""

import logging
import threading
from collections.abc import Callable, Collection
from enum import Enum, auto

from easyplayer.circus.records import Records
from easyplayer.circus.service import Service
from easyplayer.drivers.system_hands import ask, has_hands
from easyplayer.errors import DeviceError
from easyplayer.guard import Guard, Remedy, may_try, tried
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

REBOOTS = "cannot be killed: the machine is started anew"
REPLACES = "cannot be killed: systemd is to replace circusd"
WRITING_MAY_TAKE_S = 5.0
"""It is to be remembered over the new start; but the disk may be just what hangs."""
ANSWER_MAY_TAKE_S = 30.0
GOING_DOWN_MAY_TAKE_S = Seconds(180.0)
"""A machine that has agreed to start anew, and still runs, does not do it."""


class _Stage(Enum):
    """How far it has come."""

    WATCHING = auto()
    ASKING = auto()
    AGREED = auto()
    REFUSED = auto()


class Hands:
    """The system's hands, as far as the machine is concerned."""

    def are_there(self) -> bool:
        """Tell whether there is somebody to ask."""
        return has_hands()

    def reboot(self) -> None:
        """Have the machine started anew; blocks until it has agreed.

        :raises DeviceError: it does not.
        """
        ask("reboot", within_s=ANSWER_MAY_TAKE_S)


class Rescuer:
    """Tries what is left, one thing at a time.

    :param service: systemd's end.
    :param clock: the monotonic clock.
    :param wall: tells seconds since 1970.
    :param hands: who starts the machine anew.
    """

    def __init__(
        self,
        service: Service,
        clock: Callable[[], Monotonic],
        wall: Callable[[], float],
        hands: Hands | None = None,
    ) -> None:
        self._service = service
        self._clock = clock
        self._wall = wall
        self._hands = hands or Hands()
        self._stage = _Stage.WATCHING
        self._agreed_at = Monotonic(0.0)

    def look(self, stuck: Collection[str], guard: Guard, records: Records) -> Guard:
        """End a round, and give what is known now.

        :param stuck: the processes that could not be killed for minutes, each in words; none is all well.
        """
        if not stuck:
            self._service.is_silent = False
            return guard
        if self._is_under_way():
            return guard
        what, refused = ", ".join(stuck), self._stage is _Stage.REFUSED
        self._stage = _Stage.WATCHING
        if not refused and self._hands.are_there() and may_try(guard, Remedy.REBOOT, self._clock()):
            self._stage = _Stage.ASKING
            after = self._tried(guard, Remedy.REBOOT, f"{what} {REBOOTS}", records)
            self._ask_aside(records)
            return after
        may_replace = self._service.is_guarded and not self._service.is_silent
        if may_replace and may_try(guard, Remedy.REPLACE, self._clock()):
            self._service.is_silent = True
            return self._tried(guard, Remedy.REPLACE, f"{what} {REPLACES}", records)
        return guard

    def _is_under_way(self) -> bool:
        going_down = self._clock() - self._agreed_at < GOING_DOWN_MAY_TAKE_S
        return self._stage is _Stage.ASKING or (self._stage is _Stage.AGREED and going_down)

    def _tried(self, guard: Guard, remedy: Remedy, text: str, records: Records) -> Guard:
        log.error("%s", text)
        after = tried(guard, remedy, self._clock(), Instant(self._wall()), text)
        records.keep(after)
        return after

    def _ask_aside(self, records: Records) -> None:
        try:
            threading.Thread(target=self._reboot, args=(records,), name="rescue", daemon=True).start()
        except RuntimeError as error:  # the machine gives no thread any more
            log.error("the machine is not started anew: %s", error)
            self._stage = _Stage.REFUSED

    def _reboot(self, records: Records) -> None:
        """Ask for it; whatever comes of that, something else may be tried afterwards."""
        stage = _Stage.REFUSED
        try:
            records.settle(WRITING_MAY_TAKE_S)
            self._hands.reboot()
            self._agreed_at, stage = self._clock(), _Stage.AGREED
        except (DeviceError, OSError, RuntimeError) as error:
            log.error("the machine is not started anew: %s", error)
        finally:
            self._stage = stage
