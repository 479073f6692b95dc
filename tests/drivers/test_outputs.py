"""Sound cards and displays as the kernel shows them."""

from pathlib import Path

import pytest

from easyplayer.drivers.device_watch import Display, SoundCard
from easyplayer.drivers.outputs import displays, sound_cards, title_in
from tests.drivers.sysfs import lay


def test_machine_without_any_has_none(tmp_path: Path) -> None:
    """As a server has."""
    assert sound_cards(tmp_path) == {}
    assert displays(tmp_path) == {}


def test_cards_are_called_as_people_call_them(tmp_path: Path) -> None:
    """One on USB by its product, another by the kernel's short name, or by its number."""
    usb = lay(tmp_path / "devices/usb1/1-2", {"product": "USB Audio DAC", "1-2:1.0/x": ""})
    lay(
        tmp_path / "class/sound",
        {"card0/id": "PCH", "card1/id": "DAC", "card2/number": "2", "pcmC0D0p/dev": ""},
    )
    (tmp_path / "class/sound/card1/device").symlink_to(usb / "1-2:1.0")

    assert sound_cards(tmp_path) == {
        "card0": SoundCard(id="card0", name="PCH"),
        "card1": SoundCard(id="card1", name="USB Audio DAC"),
        "card2": SoundCard(id="card2", name="card2"),
    }


def test_only_connectors_with_something_in_them_are_displays(tmp_path: Path) -> None:
    """The graphics card itself is none."""
    lay(
        tmp_path / "class/drm",
        {
            "card0/status": "connected",
            "card0-HDMI-A-1/status": "connected",
            "card0-HDMI-A-2/status": "disconnected",
            "card0-DP-1/status": "unknown",
        },
    )

    assert displays(tmp_path) == {"card0-HDMI-A-1": Display(id="card0-HDMI-A-1")}


def test_display_tells_its_name_and_what_it_can_show(tmp_path: Path) -> None:
    """By its EDID, and by the kernel's list; each mode once, though the kernel has one for each rate."""
    connector = lay(
        tmp_path / "class/drm/card0-HDMI-A-1",
        {"status": "connected", "modes": "1920x1200\n1920x1080\n1920x1080"},
    )
    description = bytes((0, 0, 0, 0xFC, 0)) + b"DELL U2412M\n "
    (connector / "edid").write_bytes(bytes(72) + description + bytes(38))

    assert displays(tmp_path) == {
        "card0-HDMI-A-1": Display(id="card0-HDMI-A-1", title="DELL U2412M", modes=("1920x1200", "1920x1080"))
    }


@pytest.mark.parametrize("edid", [b"", bytes(128), bytes(60), b"\xff" * 256])
def test_display_that_has_no_name_has_none(edid: bytes) -> None:
    """Some are too cheap for one, and some send rubbish."""
    assert title_in(edid) == ""


def test_name_of_rubbish_has_no_rubbish_in_it() -> None:
    """It stands in logs and on screens."""
    description = bytes((0, 0, 0, 0xFC, 0)) + b"\x1b[31m\xffTV\x00\n     "

    assert title_in(bytes(54) + description[:18]).isprintable()
