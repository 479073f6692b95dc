"""The displays of an X desktop, by its own power management (DPMS)."""

from collections.abc import Callable

from easyplayer.drivers.system_command import run
from easyplayer.errors import DeviceError

PROGRAM = "xset"
MAY_TAKE_S = 5.0
ABLE = "DPMS is"
Run = Callable[..., str]
UNABLE = "the desktop has no power management of displays (DPMS)"


class XPanel:
    """The contract :class:`~easyplayer.drivers.panel.Panel`, kept by ``xset``.

    :param display: the desktop, as in ``DISPLAY``.
    :param authority: the file with the key to it, as in ``XAUTHORITY``; empty where none is named.
    :param run: runs a command; see :func:`easyplayer.drivers.system_command.run`.
    """

    def __init__(self, display: str, authority: str = "", run: Run = run) -> None:
        self.name = f"desktop {display}"
        given = {"DISPLAY": display, "XAUTHORITY": authority}
        self._run = run
        self._environment = {name: value for name, value in given.items() if value}

    def wake(self) -> None:
        """Have the displays show what comes.

        :raises DeviceError: the desktop does not answer, or cannot do it.
        """
        self._xset("dpms", "force", "on")
        self._xset("s", "reset")

    def rest(self) -> None:
        """Have the displays go dark.

        :raises DeviceError: the desktop does not answer, or cannot do it.
        """
        self._xset("dpms", "force", "off")

    def _xset(self, *words: str) -> None:
        """Have ``xset`` do something; it says nothing, and ends well, where the desktop cannot."""
        if ABLE not in self._say("q"):
            raise DeviceError(UNABLE)
        self._say(*words)

    def _say(self, *words: str) -> str:
        return self._run(PROGRAM, *words, within_s=MAY_TAKE_S, environment=self._environment)
