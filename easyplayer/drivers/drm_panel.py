"""Displays that show what a graphics card draws without a desktop: the kernel's framebuffers are blanked.

A blanked framebuffer sends no signal, so that the display sleeps by itself.  The kernel does that only while
nobody else has the graphics card: a player must have let go of it first.
"""

from pathlib import Path

from easyplayer.drivers.system_hands import HANDS, ask, has_hands
from easyplayer.errors import DeviceError

UNBLANK, POWER_DOWN = "0", "4"
"""``FB_BLANK_UNBLANK`` and ``FB_BLANK_POWERDOWN`` of the kernel's ``linux/fb.h``."""
MAY_TAKE_S = 10.0


class DrmPanel:
    """The contract :class:`~easyplayer.drivers.panel.Panel`, kept by the kernel's framebuffers.

    :param sysfs: where the kernel shows them.
    :param hands: where a box that is not root asks for it.
    """

    name = "display"

    def __init__(self, sysfs: Path = Path("/sys"), hands: Path = HANDS) -> None:
        self._sysfs = sysfs
        self._hands = hands

    def wake(self) -> None:
        """Have the displays show what comes.

        :raises DeviceError: it may not be done, or there is nothing to do it to.
        """
        self._turn("on", UNBLANK)

    def rest(self) -> None:
        """Have the displays go dark.

        :raises DeviceError: it may not be done, or there is nothing to do it to.
        """
        self._turn("off", POWER_DOWN)

    def _turn(self, word: str, level: str) -> None:
        if has_hands(self._hands):
            ask(f"screen {word}", within_s=MAY_TAKE_S, hands=self._hands)
            return
        found = sorted((self._sysfs / "class/graphics").glob("fb[0-9]*/blank"))
        if not found:
            message = "no graphics card has a framebuffer that could be turned off"
            raise DeviceError(message)
        for one in found:
            try:
                one.write_text(level, encoding="ascii")
            except OSError as error:
                message = f"{one.parent.name} cannot be turned {word} ({error.strerror})"
                raise DeviceError(message) from error
