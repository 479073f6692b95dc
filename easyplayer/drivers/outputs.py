"""The sound cards and displays of the machine, as the kernel shows them in sysfs."""

from pathlib import Path

from easyplayer.drivers.device_watch import Display, SoundCard

EDID_BLOCKS = (54, 72, 90, 108)
"""Where in an EDID the descriptions of a display begin."""
BLOCK_BYTES = 18
NAMES_IT = b"\x00\x00\x00\xfc"


def sound_cards(sysfs: Path = Path("/sys")) -> dict[str, SoundCard]:
    """Give the sound cards that are there, by their ids."""
    found = sorted((sysfs / "class/sound").glob("card[0-9]*"))
    return {one.name: SoundCard(id=one.name, name=_name(one)) for one in found}


def displays(sysfs: Path = Path("/sys")) -> dict[str, Display]:
    """Give the connectors with a display plugged in, by their ids."""
    found = [one.parent for one in sorted((sysfs / "class/drm").glob("card*-*/status"))]
    return {one.name: _display(one) for one in found if _read(one / "status") == "connected"}


def title_in(edid: bytes) -> str:
    r"""Give the name that a display has in its EDID (VESA E-EDID 1.4, 3.10.3.4); empty where it has none.

    >>> title_in(bytes(54) + bytes((0, 0, 0, 0xFC, 0)) + b"DELL U2412M\n ")
    'DELL U2412M'
    """
    blocks = (edid[at : at + BLOCK_BYTES] for at in EDID_BLOCKS)
    named = next((one[5:] for one in blocks if one[:4] == NAMES_IT), b"")
    return "".join(char for char in named.decode("ascii", "replace") if char.isprintable()).strip()


def _display(connector: Path) -> Display:
    try:
        title = title_in((connector / "edid").read_bytes())
    except OSError:
        title = ""
    modes = tuple(dict.fromkeys(_read(connector / "modes").split()))
    return Display(id=connector.name, title=title, modes=modes)


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
