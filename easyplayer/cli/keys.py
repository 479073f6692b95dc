"""The keys of a terminal: skip, pause, volume and the end, for whoever sits at the box.

Only a box that runs in the foreground of its terminal listens to keys; one that is sent to the
background goes on playing, and is deaf.
"""

import contextlib
import os
import signal
import sys
import termios
import threading
import tty

from circuits import handler

from easyplayer.component import BoxComponent
from easyplayer.events import shut_down
from easyplayer.player_events import pause_playing, resume_playing, set_volume, skip_item
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Percent

HELP = "n skip   space pause   + - volume   q end"
VOLUME_STEP = 5


def has_keys() -> bool:
    """Tell whether this process has a terminal's keys to itself."""
    if not sys.stdin.isatty():
        return False
    return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


class Keys(BoxComponent):
    """Turns keys into the same events that anybody else's wishes become."""

    def __init__(self) -> None:
        super().__init__()
        self._terminal = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._terminal)
        self._volume = Percent(0)
        self._paused = False

    def open(self) -> None:
        """Begin to listen."""
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        tty.setcbreak(self._terminal)
        threading.Thread(target=self._listen, name="keys", daemon=True).start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        with contextlib.suppress(termios.error):  # a terminal that is gone needs no care
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    @handler("volume_changed")
    def _on_volume(self, volume: Percent) -> None:
        self._volume = volume

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        self._paused = state is PlayerState.PAUSED

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone, or another program's by now
            while key := os.read(self._terminal, 1):
                self.press(key.decode("ascii", errors="replace"))

    def press(self, key: str) -> None:
        """Do what a key stands for; any other key does nothing."""
        match key:
            case "n":
                self.fire(skip_item())
            case " ":
                self.fire(resume_playing() if self._paused else pause_playing())
            case "+" | "-":
                self.fire(set_volume(Percent(self._volume + (VOLUME_STEP if key == "+" else -VOLUME_STEP))))
            case "q":
                self.fire(shut_down(0))
