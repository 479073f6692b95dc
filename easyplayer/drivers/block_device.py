"""A block device as the kernel shows it: what it is called, whether it can be plugged, what is on it.

The kernel shows each as a folder below ``/sys/devices``; a partition's is within its disk's.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

USB = re.compile(r"usb\d+")
"""A bus in the path of a device that hangs on it."""
NO_STICKS = re.compile(r"(sr|fd|dm-|md)\d+")
"""Optical and floppy drives, and disks that are made of other ones."""
ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
SD_CARD = "SD"


class BlockDevice(Struct, frozen=True, kw_only=True):
    """A disk, or a partition of one.

    :ivar node: such as ``/dev/sdb1``.
    :ivar path: its folder in sysfs.
    :ivar properties: what udev knows of it, by udev's names; ``{}`` where there is no udev.
    """

    node: str
    path: Path
    properties: Mapping[str, str] = {}

    @property
    def disk(self) -> Path:
        """The folder of the disk that it is, or that it is a part of."""
        return self.path.parent if (self.path / "partition").exists() else self.path

    @property
    def is_empty(self) -> bool:
        """Whether no medium is in it, as in a card reader without a card."""
        return _read(self.path / "size") == "0"


class Filesystem(Struct, frozen=True, kw_only=True):
    """What is on a block device.

    :ivar kind: such as ``vfat``.
    :ivar usage: ``filesystem`` where files are on it, else such as ``crypto`` or ``raid``.
    :ivar label: what people have called it; may be empty.
    :ivar uuid: tells it from others.
    """

    kind: str
    usage: str
    label: str
    uuid: str


def can_be_plugged(device: BlockDevice) -> bool:
    """Tell whether it is a stick, a disk on USB, or a card in a reader."""
    disk = device.disk
    if NO_STICKS.fullmatch(disk.name):
        return False
    return (
        device.properties.get("ID_BUS") == "usb"
        or any(USB.fullmatch(part) for part in disk.parts)
        or _read(disk / "removable") == "1"
        or _read(disk / "device/type") == SD_CARD
    )


def filesystem_in(properties: Mapping[str, str]) -> Filesystem | None:
    """Read what is on it from what udev, or blkid in udev's manner, says; ``None`` is nothing known."""
    kind = properties.get("ID_FS_TYPE")
    if not kind:
        return None
    return Filesystem(
        kind=kind,
        usage=properties.get("ID_FS_USAGE", ""),
        label=_unescaped(properties.get("ID_FS_LABEL_ENC", "")),
        uuid=properties.get("ID_FS_UUID", ""),
    )


def name_of(device: BlockDevice, filesystem: Filesystem) -> str:
    """Tell what people call it: its label, or else its maker and model, or else its node."""
    model = " ".join(filter(None, (_read(device.disk / "device" / one) for one in ("vendor", "model"))))
    return filesystem.label or model or device.node


def numbers_of(disk: Path) -> Iterator[tuple[str, str]]:
    """Give name and number, such as ``8:17``, of a disk, its partitions, and all that is made of them."""
    for one in (disk, *(partition.parent for partition in disk.glob("*/partition"))):
        yield one.name, _read(one / "dev")
        for holder in one.glob("holders/*"):
            yield from numbers_of(holder.resolve())


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _unescaped(text: str) -> str:
    """Read what udev writes so that it is safe in a path."""
    plain = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return "".join(one for one in plain.decode(errors="replace").strip() if one.isprintable())
