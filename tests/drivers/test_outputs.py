"""Sound cards and displays as the kernel shows them."""

from pathlib import Path

from easyplayer.drivers.device_watch import Display, SoundCard
from easyplayer.drivers.outputs import displays, sound_cards
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
