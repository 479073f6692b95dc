"""The displays of an X desktop: what is said to them, and that a desktop which cannot do it says so."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from easyplayer.drivers.x_panel import XPanel
from easyplayer.errors import DeviceError

ABLE = "DPMS (Energy Star):\n  Standby: 600    Suspend: 600    Off: 600\n  DPMS is Enabled\n  Monitor is On\n"
UNABLE = "DPMS (Energy Star):\n  Server does not have the DPMS Extension\n"


class Desktop:
    """Answers as ``xset`` does.

    :ivar told: what it was told, but for questions.
    """

    def __init__(self, state: str) -> None:
        self.told: list[str] = []
        self._state = state
        self.panel = XPanel(":7", "/run/key", self.run)

    def run(self, *command: str, within_s: float, environment: dict[str, str]) -> str:
        """Take a call."""
        assert command[0] == "xset"
        assert within_s < 60
        assert environment == {"DISPLAY": ":7", "XAUTHORITY": "/run/key"}
        if command[1] != "q":
            self.told.append(" ".join(command[1:]))
        return self._state


def test_displays_rest_and_wake() -> None:
    """And a screen saver goes, too."""
    desktop = Desktop(ABLE)

    desktop.panel.rest()
    desktop.panel.wake()

    assert desktop.told == ["dpms force off", "dpms force on", "s reset"]


def test_desktop_that_cannot_says_so() -> None:
    """As xset itself ends well and does nothing."""
    desktop = Desktop(UNABLE)

    with pytest.raises(DeviceError, match="no power management of displays"):
        desktop.panel.rest()
    assert desktop.told == []


@pytest.fixture(name="display")
def _display() -> Iterator[str]:
    """Give a real desktop that nobody sees; it has no power management."""
    if shutil.which("Xvfb") is None or shutil.which("xset") is None:
        pytest.skip("Xvfb or xset is not installed")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "320x240x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.mark.process
def test_real_desktop_without_power_management_is_told(display: str) -> None:
    """By the real xset, at a real X server."""
    with pytest.raises(DeviceError, match="no power management of displays"):
        XPanel(display).rest()


@pytest.mark.skipif(shutil.which("xset") is None, reason="xset is not installed")
def test_desktop_that_is_gone_is_told() -> None:
    """In the words of the real xset."""
    with pytest.raises(DeviceError, match='unable to open display ":989"'):
        XPanel(":989").wake()
