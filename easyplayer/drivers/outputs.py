"""The sound cards and displays of the machine, as the kernel shows them in sysfs."""

from pathlib import Path

from easyplayer.drivers.device_watch import Display, SoundCard


def sound_cards(sysfs: Path = Path("/sys")) -> dict[str, SoundCard]:
    """Give the sound cards that are there, by their ids."""
    found = sorted((sysfs / "class/sound").glob("card[0-9]*"))
    return {one.name: SoundCard(id=one.name, name=_name(one)) for one in found}


def displays(sysfs: Path = Path("/sys")) -> dict[str, Display]:
    """Give the connectors with a display plugged in, by their ids."""
    found = sorted((sysfs / "class/drm").glob("card*-*/status"))
    return {one.parent.name: Display(id=one.parent.name) for one in found if _read(one) == "connected"}


def _name(card: Path) -> str:
    """Tell what people call a card: a USB card's product, or else the kernel's short name."""
    device = card / "device"
    product = _read(device.resolve().parent / "product") if device.exists() else ""
    return product or _read(card / "id") or card.name


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
