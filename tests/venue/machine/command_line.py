"""From a spec to QEMU's command line: a pure function, read from top to bottom."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .spec import Disk, Network, Spec


@dataclass(frozen=True)
class _Board:
    """What one kind of board calls what each of them has.

    :ivar translated: the processor with all that QEMU can translate, but what takes it long.
    :ivar screen: the driver of the graphics card.
    :ivar second_line: the arguments for a serial line beside the console.
    """

    translated: str
    screen: str
    second_line: tuple[str, str]


_BOARDS = {
    "q35": _Board(
        translated="max,-erms",  # "rep movsb is fast" goes byte by byte, 4096 rounds for each page
        screen="virtio-vga",
        second_line=("-serial", "chardev:shell"),
    ),
    "virt": _Board(
        translated="max,pauth-impdef=on",  # pointers are signed in the way that is worked out the quickest
        screen="virtio-gpu-pci",
        second_line=("-device", "pci-serial,chardev=shell"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """How this very QEMU is connected: the descriptors that it inherits, and the files that are its own.

    :ivar control: descriptor of the control channel.
    :ivar console: descriptor of the first serial line.
    :ivar shell: descriptor of the second one.
    :ivar images: for each disk, the file it is on and that file's format.
    :ivar firmware_vars: this machine's copy.
    :ivar incoming: whether it waits for a saved state.
    """

    accelerator: str
    control: int
    console: int
    shell: int | None = None
    images: tuple[tuple[Path, str], ...] = ()
    firmware_vars: Path | None = None
    incoming: bool = False


def arguments(spec: Spec, wiring: Wiring) -> list[str]:
    """:return: QEMU's arguments, its own name not among them.  The machine stands still until told to run."""
    return [
        *_board(spec, wiring),
        *_lines(spec, wiring),
        *_boot(spec, wiring),
        *_disks(spec, wiring),
        *_cards(spec),
        *spec.extra,
    ]


def _board(spec: Spec, wiring: Wiring) -> Iterator[str]:
    accelerator = wiring.accelerator
    yield from ("-name", f"{spec.name},process={spec.name[:15]}")
    yield from ("-nodefaults", "-no-user-config", "-display", "none", "-S")
    yield from ("-machine", spec.board)
    yield from ("-accel", f"{accelerator},thread=multi,tb-size=512" if accelerator == "tcg" else accelerator)
    yield from ("-cpu", spec.cpu or ("host" if accelerator != "tcg" else _BOARDS[spec.board].translated))
    yield from ("-smp", str(spec.cpus), "-m", str(spec.memory_mib))
    if spec.rtc:
        yield from ("-rtc", f"base={spec.rtc}")
    if not spec.reboots:
        yield "-no-reboot"
    if wiring.incoming:
        yield from ("-incoming", "defer")
    for value in spec.smbios:
        yield from ("-smbios", value)


def _lines(spec: Spec, wiring: Wiring) -> Iterator[str]:
    yield from ("-chardev", f"socket,id=control,fd={wiring.control}", "-mon", "chardev=control,mode=control")
    yield from ("-chardev", f"socket,id=console,fd={wiring.console}", "-serial", "chardev:console")
    if wiring.shell is not None:
        yield from ("-chardev", f"socket,id=shell,fd={wiring.shell}")
        yield from _BOARDS[spec.board].second_line


def _boot(spec: Spec, wiring: Wiring) -> Iterator[str]:
    if spec.kernel:
        yield from ("-kernel", str(spec.kernel), "-append", spec.append)
    if spec.initrd:
        yield from ("-initrd", str(spec.initrd))
    if spec.firmware:
        yield from (
            "-blockdev",
            _json(driver="raw", node_name="firmware", read_only=True, file=_file(spec.firmware)),
        )
        yield from ("-machine", "pflash0=firmware")
    if wiring.firmware_vars:
        yield from ("-blockdev", _json(driver="raw", node_name="variables", file=_file(wiring.firmware_vars)))
        yield from ("-machine", "pflash1=variables")


def _disks(spec: Spec, wiring: Wiring) -> Iterator[str]:
    if spec.usb:
        yield from ("-device", "qemu-xhci,id=xhci")
    for index, (disk, (path, image_format)) in enumerate(zip(spec.disks, wiring.images, strict=True)):
        turn = index + 1  # 0 is the turn of a kernel
        yield from _disk(disk, spec.disk_name(index), path, image_format, turn)


def _disk(disk: Disk, name: str, path: Path, image_format: str, turn: int) -> Iterator[str]:
    image = {"driver": image_format, "read_only": disk.read_only, "discard": "unmap", "file": _file(path)}
    if disk.log_writes:
        yield from ("-blockdev", _json(**image, node_name=f"{name}-image"))
        yield from ("-blockdev", _json(driver="file", node_name=f"{name}-log", filename=str(disk.log_writes)))
        log = {"driver": "blklogwrites", "log_sector_size": 512, "log_append": False}
        yield from ("-blockdev", _json(**log, node_name=name, file=f"{name}-image", log=f"{name}-log"))
    else:
        yield from ("-blockdev", _json(**image, node_name=name))
    device: dict[str, object] = {"id": f"{name}-drive", "drive": name, "bootindex": turn}
    if disk.serial or disk.interface == "nvme":
        device["serial"] = disk.serial or name
    yield from ("-device", _json(driver=_DRIVERS[disk.interface], **device))


_DRIVERS = {"virtio": "virtio-blk-pci", "nvme": "nvme", "ide": "ide-hd", "usb": "usb-storage"}


def _cards(spec: Spec) -> Iterator[str]:
    if spec.network:
        yield from ("-netdev", _netdev(spec.network))
        yield from ("-device", f"virtio-net-pci,id=nic0,netdev=net0,mac={spec.network.mac},romfile=")
    if spec.sound:
        path = str(spec.sound).replace(",", ",,")
        yield from ("-audiodev", f"wav,id=sound,path={path},out.frequency=48000")
        yield from ("-device", "intel-hda,id=hda", "-device", "hda-output,id=card,audiodev=sound")
    if spec.screen:
        yield from ("-device", f"{_BOARDS[spec.board].screen},id=screen")
    if spec.watchdog:
        yield from ("-device", "i6300esb,id=watchdog", "-action", "watchdog=reset")


def _netdev(network: Network) -> str:
    if network.netdev:
        return f"{network.netdev},id=net0"
    parts = ["user", "id=net0", f"restrict={'on' if network.restrict else 'off'}", *network.options]
    parts += [f"guestfwd={rule}" for rule in network.forwards]
    parts += [f"hostfwd={rule}" for rule in network.host_ports]
    return ",".join(parts)


def _file(path: Path) -> dict[str, str]:
    return {"driver": "file", "filename": str(path)}


def _json(**options: object) -> str:
    """:return: options as QEMU reads them, whatever commas a path may have."""
    return json.dumps({name.replace("_", "-"): value for name, value in options.items()})
