"""The box's pulse: tells its guardians that it makes progress, and nothing while it does not.

Two guardians listen: circus' WatchDog plugin, to a datagram ``pid;timestamp``, and systemd, to
``WATCHDOG=1``; but under circus it is circusd that systemd waits for, and the WatchDog tells of it.  Alive is
not enough.  While music is to sound, its position must have gone on
since the last beat, or that of the spot or the clip that sounds in its place; while the box is silent on
purpose, a loop that turns is all there can be.
"""

import logging
import os
import socket
import time
from collections.abc import Callable

from circuits import handler
from sdnotify import SystemdNotifier

from easyplayer.component import BoxComponent
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import ClipSound, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

MAY_BE_SILENT = {PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.FADING}
MAY_WAIT_S = Seconds(120.0)
"""How long the box may wait for an item or an output before a new start is worth a try."""


class Course:
    """How far one kind of what is heard has come."""

    def __init__(self) -> None:
        self._before: tuple[str, Seconds] | None = None

    def went_on(self, prepared: PreparedItem, position_s: Seconds) -> bool:
        """Tell whether an item was told of before, and is somewhere else now."""
        before, self._before = self._before, (prepared.item.id, position_s)
        return before is not None and before[0] == prepared.item.id and before[1] != position_s


class Pulse(BoxComponent):
    """Beats as long as there is real progress.

    :param address: host and port of the WatchDog plugin, or ``None``.
    :param every_s: how often to beat.
    :param wall_clock: tells seconds since 1970, for the datagram.
    """

    def __init__(
        self,
        address: tuple[str, int] | None,
        every_s: Seconds,
        ticker: Ticker,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._address = address
        self._every_s = every_s
        self._ticker = ticker
        self._wall_clock = wall_clock
        self._state = PlayerState.STOPPED
        self._well_at: Monotonic = ticker.clock()
        self._progress = False
        self._clip_speaks = False
        self._music, self._spot, self._clip = Course(), Course(), Course()
        self._missed = False
        self._beats: Repeating | None = None
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.setblocking(False)
        self._systemd = notifier()

    def open(self) -> None:
        """Tell systemd that the box is ready, and begin to beat."""
        self._tell_systemd("READY=1")
        self._send()
        self._beats = self._ticker.every(self._every_s, self._beat)

    def close(self) -> None:
        """Tell systemd that the box is about to end."""
        if self._beats is not None:
            self._beats.cancel()
        if is_meant("SYSTEMD_EXEC_PID"):
            self._tell_systemd("STOPPING=1")
        if self._systemd is not None:
            self._systemd.socket.close()
            self._systemd = None
        self._line.close()

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        self._state = state
        self._tell_systemd(f"STATUS={state}")

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, _position_s: Seconds) -> None:
        self._tell_systemd(f"STATUS=plays {prepared.item.caption}")

    @handler("item_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._progress |= self._music.went_on(prepared, position_s)

    @handler("spot_advanced")
    def _on_spot_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._progress |= self._spot.went_on(prepared, position_s)

    @handler("take_floor")
    def _on_take_floor(self, _seconds: Seconds) -> None:
        self._clip_speaks = True

    @handler("give_floor")
    def _on_give_floor(self, _seconds: Seconds) -> None:
        self._clip_speaks = False

    @handler("picture_advanced")
    def _on_picture(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Count a clip that sounds in place of the music, which is held meanwhile."""
        if self._clip_speaks and prepared.item.clip_sound is ClipSound.REPLACE:
            self._progress |= self._clip.went_on(prepared, position_s)

    @handler("spot_started", "spot_finished")
    def _on_spot(self, _prepared: PreparedItem, _why: Ended | None = None) -> None:
        """Count a spot that holds the music as progress, at its start and at its end."""
        self._progress = True

    def _beat(self) -> None:
        now = self._ticker.clock()
        if self._progress or self._state in MAY_BE_SILENT:
            self._well_at = now
        waits = self._state in {PlayerState.WAITING, PlayerState.NO_SOUND}
        if now - self._well_at < (MAY_WAIT_S if waits else self._every_s):
            self._missed = False
            self._send()
        elif not self._missed:
            self._missed = True
            log.error("no progress while %s: the guardians are told nothing", self._state)
        self._progress = False

    def _tell_systemd(self, news: str) -> None:
        if self._systemd is not None:
            self._systemd.notify(news)

    def _send(self) -> None:
        if is_meant("WATCHDOG_PID"):
            self._tell_systemd("WATCHDOG=1")
        if self._address is None:
            return
        try:
            self._line.sendto(f"{os.getpid()};{self._wall_clock()}".encode(), self._address)
        except OSError as error:
            log.debug("nobody listens at %s:%d: %s", *self._address, error)


def is_meant(variable: str) -> bool:
    """Tell whether a variable that systemd sets means this process: it names it, or nobody.

    Whoever else spoke of its end, or its progress, would speak for the whole service.
    """
    return os.environ.get(variable, "") in {"", str(os.getpid())}


def notifier() -> SystemdNotifier | None:
    """Give the line to systemd, where it has started the box; nothing waits on it."""
    line = SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None
    if line is None or line.socket is None:
        return None
    line.socket.setblocking(False)
    return line
