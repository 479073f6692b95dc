"""A television at an HDMI cable: what is said to it, and how its answers are read.

What ``cec-ctl`` says here it has said of the kernel's own test device, ``vivid``; both of them are in
``tests/venue/test_television.py``, in a virtual machine.
"""

import shutil
from pathlib import Path

import pytest

from easyplayer.drivers.cec_panel import CecPanel, cec_devices
from easyplayer.errors import DeviceError

DEVICE = Path("/dev/cec0")
JOINED = """\
Driver Info:
\tDriver Name                : vivid
\tAdapter Name               : vivid-000-vid-out0
\tPhysical Address           : 1.0.0.0
\tLogical Address Mask       : 0x0010
\tOSD Name                   : 'easyplayer'
\tLogical Addresses          : 1
"""
ALONE = JOINED.replace("1.0.0.0", "f.f.f.f")
TAKEN = "Transmit from Playback Device 1 to TV (4 to 0):\nSTANDBY (0x36)\n\tSequence: 3 Tx Timestamp: 9.1s\n"


class Television:
    """Answers as ``cec-ctl`` does.

    :ivar told: the words of each call.
    """

    def __init__(self, joined: str = JOINED, answer: str = TAKEN) -> None:
        self.told: list[list[str]] = []
        self._joined, self._answer = joined, answer
        self.panel = CecPanel(DEVICE, Path("/nowhere"), self.run)

    def run(self, *command: str, within_s: float) -> str:
        """Take a call."""
        assert command[:3] == ("cec-ctl", "--device", "/dev/cec0")
        assert within_s < 60
        self.told.append(list(command[3:]))
        return self._joined if "--playback" in command else self._answer


def test_television_is_turned_on_and_shows_this_box() -> None:
    """Where the box is plugged in, the television learns from it."""
    television = Television()

    television.panel.wake()

    assert television.told == [
        ["--playback", "--osd-name", "easyplayer"],
        ["--to", "0", "--image-view-on"],
        ["--active-source", "phys-addr=1.0.0.0"],
    ]


def test_television_is_turned_off() -> None:
    """That television alone, and not all that hangs on it."""
    television = Television()

    television.panel.rest()

    assert television.told[1:] == [["--to", "0", "--standby"]]


@pytest.mark.parametrize("said", [ALONE, "", "Driver Info:\n"])
def test_plug_with_nothing_in_it_is_told(said: str) -> None:
    """And nothing is said into it."""
    television = Television(joined=said)

    with pytest.raises(DeviceError, match=r"^nothing is connected to cec0$"):
        television.panel.rest()
    assert len(television.told) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"{TAKEN}\tTx, Not Acknowledged (4), Max Retries\n", "Not Acknowledged"),
        (f"{TAKEN}\tTx, Aborted, Max Retries\n", "Aborted"),
        ("Transmit from Unregistered to TV (15 to 0):\nSTANDBY (0x36)\n", "Unregistered"),
    ],
)
def test_television_that_does_not_take_it_is_told(answer: str, reason: str) -> None:
    """The program itself ends well then."""
    television = Television(answer=answer)

    with pytest.raises(DeviceError, match=rf"^the television at cec0 does not take standby \({reason}\)$"):
        television.panel.rest()


def test_only_devices_are_devices(tmp_path: Path) -> None:
    """A file that is called like one is none."""
    (tmp_path / "cec0").touch()
    (tmp_path / "cec1").symlink_to("/dev/null")

    assert cec_devices(tmp_path) == (tmp_path / "cec1",)


@pytest.mark.skipif(shutil.which("cec-ctl") is None, reason="cec-ctl is not installed")
def test_device_that_is_not_there_is_told_by_the_real_program() -> None:
    """In its own words."""
    panel = CecPanel(Path("/dev/cec77"), Path("/nowhere"))

    with pytest.raises(DeviceError, match="Failed to open /dev/cec77: No such file or directory"):
        panel.wake()
