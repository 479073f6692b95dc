"""The appliance in a virtual machine: the built image, on a disk with room for its data."""

import dataclasses
import hashlib
import os
import struct
import subprocess
from pathlib import Path

from tests.venue.faculties.power import copy_sparse
from tests.venue.machine import Disk, Spec, credentials
from tests.venue.machine.keeping import only_one

BUILT = Path(__file__).parents[2] / "build" / "image" / "x86-64"
IMAGE = Path(os.environ.get("EASYPLAYER_VENUE_IMAGE", BUILT))
"""Where the image is that ``make image`` builds; another one is named by ``EASYPLAYER_VENUE_IMAGE``."""

ARM = BUILT.parent / "arm64"
"""Where the image for boards with ARM's processors is, if it was built."""

IMAGE_FILE = "easyplayer.img"
DISK = "box"
"""What the disk is called that is kept."""

TECHNICIANS_FILE = "easyplayer.toml"
BOOT_PARTITION = "easyplayer-boot"
SECTOR = 512
GPT_HEADER_AT = SECTOR
GPT_SIGNATURE = b"EFI PART"
GPT_ENTRIES = struct.Struct("<QII")
GPT_ENTRIES_AT = 72
GPT_NAME = slice(56, 128)
GPT_SPAN = struct.Struct("<QQ")
"""The first and the last sector of a partition."""

GPT_SPAN_AT = 32
GIB = 1 << 30
CONSOLE = "console=ttyS0"
ARM_CONSOLE = "console=ttyAMA0"
ARM_SHELL = "ttyS0"
FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
ARM_FIRMWARE = Path("/usr/share/AAVMF/AAVMF_CODE.fd")
MEMORY_MIB = 1024
CPUS = 2
TOOL_TIMEOUT_S = 60


class NoImageError(FileNotFoundError):
    """There is no image; it says how one is made."""

    def __init__(self, image: Path) -> None:
        super().__init__(f"there is no image in {image}: build it by make image")


def make_disk(to: Path, technicians_file: str = "", size_gib: int = 4, image: Path = IMAGE) -> Path:
    """Make the disk of a box that was never switched on.

    :param technicians_file: what the technician wrote onto it; empty is nothing.
    :raises NoImageError: the image was not built.
    """
    if not (image / IMAGE_FILE).exists():
        raise NoImageError(image)
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


def kept_disk(folder: Path, technicians_file: str, image: Path = IMAGE) -> Path:
    """Give the disk of a box that was never switched on, the same as the last time where nothing has changed.

    So what was saved of machines with that disk holds. It is made by one process, while others wait.

    :param folder: where it is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    disk, made_of = folder / f"{DISK}.img", folder / f"{DISK}.made-of"
    with only_one(folder / f"{DISK}.lock"):
        now = _digest(image, technicians_file)
        if not disk.exists() or not made_of.exists() or made_of.read_text() != now:
            made_of.unlink(missing_ok=True)
            make_disk(disk.with_suffix(".new"), technicians_file, image=image).replace(disk)
            made_of.write_text(now)
    return disk


def _digest(image: Path, technicians_file: str) -> str:
    """Give what tells whether a disk is still that of the image, and of what was written onto it."""
    file = image / IMAGE_FILE
    if not file.exists():
        raise NoImageError(image)
    stat = file.stat()
    made_of = f"{file.absolute()} {stat.st_size} {stat.st_mtime_ns} {technicians_file}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]


def appliance(disk: Path, image: Path = IMAGE, *, log_writes: Path | None = None) -> Spec:
    """Describe the machine of a box: a small PC, without a display, that starts the image's kernel at once.

    A root shell on its second serial line is all that the image itself has not.

    :param disk: as :func:`make_disk` makes it; the machine writes to an overlay, and it stays as it is.
    """
    return Spec(
        name="box",
        memory_mib=MEMORY_MIB,
        cpus=CPUS,
        kernel=image / "vmlinuz",
        initrd=image / "initrd",
        append=f"{(image / 'cmdline').read_text().strip()} {CONSOLE}",
        disks=(Disk(path=disk, log_writes=log_writes),),
        usb=True,
        watchdog=True,
        smbios=credentials.shell(),
    )


def arm_board(disk: Path) -> Spec:
    """Describe a small board with a 64-bit processor of ARM's, which starts by its UEFI.

    :param disk: as :func:`make_disk` makes it of :data:`ARM`.
    """
    board = Spec(
        name="board",
        board="virt",
        binary="qemu-system-aarch64",
        cpu="cortex-a72",
        memory_mib=MEMORY_MIB,
        cpus=CPUS,
        disks=(Disk(path=disk),),
        usb=True,
        smbios=credentials.shell(ARM_SHELL),
    )
    return by_uefi(board, ARM_FIRMWARE, ARM_CONSOLE)


def by_uefi(box: Spec, firmware: Path = FIRMWARE, console: str = CONSOLE) -> Spec:
    """Have a box start as it does in a venue: by its firmware, from the boot partition of its disk.

    :param console: the image stays as it is; its loader adds this to the kernel's command line.
    """
    return dataclasses.replace(
        box,
        kernel=None,
        initrd=None,
        append="",
        firmware=firmware,
        firmware_vars=firmware.with_name(firmware.name.replace("CODE", "VARS")),
        smbios=(*box.smbios, f"type=11,value=io.systemd.boot.kernel-cmdline-extra={console}"),
    )


def partition_at(disk: Path, name: str) -> int:
    """Give the byte at which a partition of this name begins.

    :raises LookupError: there is none.
    """
    return partition(disk, name)[0]


def partition(disk: Path, name: str) -> tuple[int, int]:
    """Give where a partition of this name begins, and how long it is, in bytes (UEFI 2.10, 5.3).

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
                begin, end = GPT_SPAN.unpack_from(entry, GPT_SPAN_AT)
                return begin * SECTOR, (end + 1 - begin) * SECTOR
    raise LookupError(f"{disk} has no partition {name}")
