"""Disks as files: as the image's builder leaves them, and what is on them then."""

import json
import os
import subprocess
from pathlib import Path

from tests.systemd.system import SOURCE

MIB = 1 << 20
GIB = 1 << 30
LAYOUT = """label: gpt
size=64MiB, type=uefi, name=easyplayer-boot
size=200MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=easyplayer-root-a
"""
"""What the image brings, on an ordinary PC."""


def image(path: Path, size: int) -> Path:
    """Make a disk of a size in bytes with what the image brings, and nothing on it."""
    path.touch()
    os.truncate(path, size)
    subprocess.run(["sfdisk", "--quiet", path], input=LAYOUT, text=True, check=True)
    return path


def divide(path: Path) -> None:
    """Divide a disk, as the box does at its first start."""
    command = [
        "systemd-repart",
        "--dry-run=no",
        "--seed=random",
        "--json=short",
        f"--definitions={SOURCE / 'repart.d'}",
        path,
    ]
    subprocess.run(command, capture_output=True, check=True)


def partitions(path: Path) -> list[tuple[str, int]]:
    """Give names and sizes in bytes of a disk's partitions, in their order."""
    told = subprocess.run(["sfdisk", "--json", path], capture_output=True, text=True, check=True).stdout
    table = json.loads(told)["partitiontable"]
    return [(one.get("name", ""), one["size"] * 512) for one in table["partitions"]]
