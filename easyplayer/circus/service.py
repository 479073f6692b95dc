"""systemd, which guards circusd: it is told that all is well only while circusd answers."""

import os
from collections.abc import Mapping

from sdnotify import SystemdNotifier

from easyplayer.units import Seconds

MICROSECOND = 1e-6
SHARE = 4
"""It is told so many times within the time after which it would lose patience."""


class Service:
    """The service that circusd runs as; where systemd has not started it, nobody is told.

    :ivar every_s: how often to tell, at least; ``None`` where nobody waits for it.
    :ivar is_silent: whether it is told nothing, so that it replaces circusd and all that it runs.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._systemd = SystemdNotifier() if environment.get("NOTIFY_SOCKET") else None
        if self._systemd is not None and self._systemd.socket is not None:
            self._systemd.socket.setblocking(False)
        wanted = environment.get("WATCHDOG_USEC", "")
        patience_s = int(wanted) * MICROSECOND if wanted.isdecimal() else 0.0
        self.every_s = Seconds(patience_s / SHARE) if self._systemd is not None and patience_s else None
        # until the box is ready, TimeoutStartSec counts: the rescue of one that is stuck takes longer
        self._well = f"WATCHDOG=1\nEXTEND_TIMEOUT_USEC={wanted}" if patience_s else "WATCHDOG=1"
        self.is_silent = False

    @property
    def is_guarded(self) -> bool:
        """Whether somebody would replace circusd if nothing were told."""
        return self.every_s is not None

    def well(self) -> None:
        """Tell that circusd and the WatchDog work; a start that is not over may take so much longer."""
        if self._systemd is not None and not self.is_silent:
            self._systemd.notify(self._well)

    def close(self) -> None:
        """Tell nothing more."""
        if self._systemd is not None and self._systemd.socket is not None:
            self._systemd.socket.close()
        self._systemd = None
