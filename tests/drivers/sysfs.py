"""Disks as the kernel shows them, in files that a test lays down."""

from collections.abc import Mapping
from pathlib import Path

from easyplayer.drivers.block_device import BlockDevice

ON_USB = "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host2/target2:0:0/2:0:0:0/block/sdb"
BUILT_IN = "devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda"
IN_READER = "devices/platform/mmc0/mmc0:0001/block/mmcblk0"


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    """Lay files down, and give their folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content + "\n")
    return folder


def disk(sysfs: Path, path: str, partitions: int = 1, **files: str) -> Path:
    """Lay a disk down, numbered from 8:0 on, with partitions; give its folder."""
    folder = lay(sysfs / path, {"dev": "8:0", "size": "2048", "removable": "0", **files})
    for number in range(1, partitions + 1):
        lay(
            folder / f"{folder.name}{number}",
            {"partition": str(number), "dev": f"8:{number}", "size": "2000"},
        )
    return folder


def device(folder: Path, **properties: str) -> BlockDevice:
    """Make the device that a folder shows."""
    return BlockDevice(node=f"/dev/{folder.name}", path=folder, properties=properties)
