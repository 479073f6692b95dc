"""The appliance in a virtual machine: the built image, on a disk with room for its data."""

import os
import struct
import subprocess
from pathlib import Path

from tests.venue.faculties.power import copy_sparse
from tests.venue.machine import Disk, Spec, credentials

BUILT = Path(__file__).parents[2] / "build" / "image" / "x86-64"
IMAGE = Path(os.environ.get("EASYPLAYER_VENUE_IMAGE", BUILT))
"""Where the image is that ``make image`` builds; another one is named by ``EASYPLAYER_VENUE_IMAGE``."""

IMAGE_FILE = "easyplayer.img"
TECHNICIANS_FILE = "easyplayer.toml"
BOOT_PARTITION = "easyplayer-boot"
SECTOR = 512
GPT_HEADER_AT = SECTOR
GPT_SIGNATURE = b"EFI PART"
GPT_ENTRIES = struct.Struct("<QII")
GPT_ENTRIES_AT = 72
GPT_NAME = slice(56, 128)
GIB = 1 << 30
CONSOLE = "console=ttyS0"
TOOL_TIMEOUT_S = 60


class NoImageError(FileNotFoundError):
    """There is no image; it says how one is made."""


def make_disk(to: Path, technicians_file: str = "", size_gib: int = 4, image: Path = IMAGE) -> Path:
    """Make the disk of a box that was never switched on.

    :param technicians_file: what the technician wrote onto it; empty is nothing.
    :raises NoImageError: the image was not built.
    """
    if not (image / IMAGE_FILE).exists():
        raise NoImageError(f"there is no image in {image}: build it by make image")
    copy_sparse(image / IMAGE_FILE, to)
    with to.open("r+b") as disk:
        disk.truncate(size_gib * GIB)
    if technicians_file:
        command = [
            "mcopy",
            "-o",
            "-i",
            f"{to}@@{partition_at(to, BOOT_PARTITION)}",
            "-",
            f"::/{TECHNICIANS_FILE}",
        ]
        subprocess.run(
            command, input=technicians_file.encode(), check=True, capture_output=True, timeout=TOOL_TIMEOUT_S
        )
    return to


def appliance(disk: Path, image: Path = IMAGE, *, log_writes: Path | None = None) -> Spec:
    """Describe the machine of a box: a small PC that starts the image's kernel at once.

    A root shell on its second serial line is all that the image itself has not.

    :param disk: as :func:`make_disk` makes it; the machine writes to an overlay, and it stays as it is.
    """
    return Spec(
        name="box",
        memory_mib=1024,
        cpus=2,
        kernel=image / "vmlinuz",
        initrd=image / "initrd",
        append=f"{(image / 'cmdline').read_text().strip()} {CONSOLE}",
        disks=(Disk(path=disk, log_writes=log_writes),),
        usb=True,
        screen=True,
        watchdog=True,
        smbios=credentials.shell(),
    )


def partition_at(disk: Path, name: str) -> int:
    """Give the byte at which a partition of this name begins (GUID partition table, UEFI 2.10, 5.3).

    :raises LookupError: there is none.
    """
    with disk.open("rb") as file:
        file.seek(GPT_HEADER_AT)
        header = file.read(SECTOR)
        if not header.startswith(GPT_SIGNATURE):
            raise LookupError(f"{disk} has no GUID partition table")
        first, count, size = GPT_ENTRIES.unpack_from(header, GPT_ENTRIES_AT)
        file.seek(first * SECTOR)
        for _ in range(count):
            entry = file.read(size)
            if entry[GPT_NAME].decode("utf-16-le").rstrip("\0") == name:
                return int.from_bytes(entry[32:40], "little") * SECTOR
    raise LookupError(f"{disk} has no partition {name}")
