"""A television at an HDMI cable, turned on and off over that cable: Consumer Electronics Control (CEC).

The kernel gives each HDMI plug that can do it a device, ``/dev/cec0``; ``cec-ctl`` of ``v4l-utils`` speaks
through it.  It says in words what came of a message, and ends well all the same.
"""

import re
from collections.abc import Callable
from pathlib import Path

from easyplayer.drivers.system_command import run
from easyplayer.drivers.system_hands import HANDS, ask, has_hands
from easyplayer.errors import DeviceError

DEVICES = Path("/dev")
PROGRAM = "cec-ctl"
OSD_NAME = "easyplayer"
"""What the television calls the box: at most 14 letters, after HDMI 1.4, CEC 13.12."""
TELEVISION = "0"
"""The television's logical address; HDMI 1.4, CEC table 5."""
NOWHERE = "f.f.f.f"
"""The physical address of a plug with nothing in it."""
MAY_TAKE_S = 10.0
ADDRESS = re.compile(r"^\s*Physical Address\s*:\s*(\S+)", re.MULTILINE)
REFUSED = re.compile(r"^\s*Tx, (.+?)(?: \(|,|$)|from (Unregistered)", re.MULTILINE)
"""What ``cec-ctl`` says of a message that nobody took, or that came from nobody in particular."""

Run = Callable[..., str]


class CecPanel:
    """The contract :class:`~easyplayer.drivers.panel.Panel`, kept by a television.

    :param device: such as ``/dev/cec0``.
    :param hands: where a box that is not root asks for it.
    :param run: runs a command; see :func:`easyplayer.drivers.system_command.run`.
    """

    def __init__(self, device: Path, hands: Path = HANDS, run: Run = run) -> None:
        self.name = f"television at {device.name}"
        self._device = device
        self._hands = hands
        self._run = run

    def wake(self) -> None:
        """Turn the television on, and have it show what this box sends.

        :raises DeviceError: there is none, or it does not answer.
        """
        if has_hands(self._hands):
            self._ask("on")
            return
        address = self._begin()
        self._send("--image-view-on")
        self._say("--active-source", f"phys-addr={address}")

    def rest(self) -> None:
        """Turn the television off.

        :raises DeviceError: there is none, or it does not answer.
        """
        if has_hands(self._hands):
            self._ask("off")
            return
        self._begin()
        self._send("--standby")

    def _ask(self, word: str) -> None:
        ask(f"television {self._device.name} {word}", within_s=MAY_TAKE_S, hands=self._hands)

    def _begin(self) -> str:
        """Take a place among the devices of the television, and give where this box is plugged in."""
        found = ADDRESS.search(self._say("--playback", "--osd-name", OSD_NAME))
        if found is None or found[1] == NOWHERE:
            message = f"nothing is connected to {self._device.name}"
            raise DeviceError(message)
        return found[1]

    def _send(self, message: str) -> None:
        self._say("--to", TELEVISION, message)

    def _say(self, *words: str) -> str:
        said = self._run(PROGRAM, "--device", str(self._device), *words, within_s=MAY_TAKE_S)
        if refused := REFUSED.search(said):
            message = f"the {self.name} does not take {words[-1].lstrip('-')} ({refused[1] or refused[2]})"
            raise DeviceError(message)
        return said


def cec_devices(devices: Path = DEVICES) -> tuple[Path, ...]:
    """Give the devices over which a television can be told something."""
    return tuple(one for one in sorted(devices.glob("cec[0-9]*")) if one.is_char_device())
