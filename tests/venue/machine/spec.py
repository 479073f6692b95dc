"""The hardware of a machine, as one value: what there is, and whether it can be built.

>>> Spec(memory_mib=8, kernel=Path("/no/such/vmlinuz")).check()
Traceback (most recent call last):
tests.venue.machine.errors.SpecError: this machine cannot be built:
  - memory_mib: 8 is too little for a PC; give 16 or more
  - kernel: there is no file /no/such/vmlinuz; build the image first, or correct the path
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import SpecError

LEAST_MEMORY_MIB = 16
MOST_CPUS = 64
FORMATS = ("raw", "qcow2")
INTERFACES = ("virtio", "nvme", "ide", "usb")
BOARDS = ("q35", "virt")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_RTC = re.compile(r"utc|localtime|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A disk.

    :ivar path: the image's file.
    :ivar name: what QEMU calls it (node ``NAME``, device ``NAME-drive``); empty is ``disk0``, ``disk1``, ...
    :ivar interface: ``virtio``, ``nvme``, ``ide`` (SATA on q35) or ``usb`` (needs the spec's ``usb``).
    :ivar overlay: the machine writes into a file of its own, and the image stays as it is.  Without it the
        machine
        writes into the image, and its state cannot be saved.
    :ivar size_mib: how large the overlay is, in MiB; 0 is as large as the image.
    :ivar read_only: the machine sees a disk that it cannot write to.
    :ivar log_writes: where to log all writes (in the format of dm-log-writes, sectors of 512 bytes); the
        file is made anew at
        each launch.
    :ivar serial: the disk's serial number.
    """

    path: Path
    format: str = "raw"
    name: str = ""
    interface: str = "virtio"
    overlay: bool = True
    size_mib: int = 0
    read_only: bool = False
    log_writes: Path | None = None
    serial: str = ""

    def faults(self, where: str) -> Iterator[str]:
        """:return: what is wrong with it, each as ``field: what; the way out``."""
        if not self.path.is_file():
            yield f"{where}.path: there is no file {self.path}; build the image first, or correct the path"
        if self.format not in FORMATS:
            yield f"{where}.format: {self.format!r} is not known; give one of {', '.join(FORMATS)}"
        if self.interface not in INTERFACES:
            yield f"{where}.interface: {self.interface!r} is not known; give one of {', '.join(INTERFACES)}"
        if self.name and not _NAME.fullmatch(self.name):
            yield f"{where}.name: {self.name!r} is no name; give small letters, digits and hyphens"
        if self.size_mib and (self.read_only or not self.overlay):
            yield f"{where}.size_mib: only an overlay can be larger than its image; leave it out"
        if self.log_writes and self.read_only:
            yield f"{where}.log_writes: a disk that is read only has no writes to log; leave one of them out"


@dataclass(frozen=True, kw_only=True)
class Network:
    """An ethernet card (``nic0``) on a network of its own, made by QEMU in user mode (``net0``).

    The guest gets 10.0.2.15 by DHCP; 10.0.2.2 is this host, 10.0.2.3 answers DNS.

    :ivar restrict: nothing gets out but what ``forwards`` names.
    :ivar forwards: QEMU's ``guestfwd`` rules, from the guest to this host: ``tcp:10.0.2.100:80-cmd:nc
        127.0.0.1 8080``.
    :ivar host_ports: QEMU's ``hostfwd`` rules, from this host to the guest: ``tcp:127.0.0.1:2222-:22``.
    :ivar options: more of QEMU's own for ``-netdev user``, as ``name=value``.
    :ivar netdev: a whole ``-netdev`` in place of the user mode one, without its ``id``; all else is then
        left out.
    """

    mac: str = "52:54:00:12:34:56"
    restrict: bool = True
    forwards: tuple[str, ...] = ()
    host_ports: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    netdev: str = ""

    def faults(self) -> Iterator[str]:
        """:return: what is wrong with it, each as ``field: what; the way out``."""
        if not _MAC.fullmatch(self.mac):
            yield f"network.mac: {self.mac!r} is no address; give six bytes like 52:54:00:12:34:56"
        for rule in (*self.forwards, *self.host_ports):
            if "-" not in rule:
                yield f"network: {rule!r} is no rule; give one like tcp:127.0.0.1:2222-:22"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """All the hardware of a machine.  Nothing is looked at until :meth:`check`, or the launch.

    :ivar name: what the machine is called in logs and messages.
    :ivar memory_mib: memory, in MiB.
    :ivar board: ``q35``, a PC, or ``virt``, a board as QEMU has it for other processors, such as ARM's; with
        the ``binary`` of that processor.
    :ivar cpu: QEMU's model; empty is all that the accelerator can do.
    :ivar kernel: a kernel to boot without any firmware, with ``initrd`` and the command line ``append``.
    :ivar firmware: UEFI code (``OVMF_CODE_4M.fd``) in place of a BIOS; ``firmware_vars`` is what its
        variables are copied from.
    :ivar sound: the file or FIFO into which the sound card (Intel HDA) plays, as WAV; ``None`` is no card.
        A FIFO needs its reader before the launch.
    :ivar usb: a USB 3 controller, ``xhci``.
    :ivar screen: a graphics card, ``screen`` (virtio-vga; virtio-gpu on a ``virt``).
    :ivar watchdog: a hardware watchdog (i6300esb) that resets the machine.
    :ivar rtc: what the battery-backed clock starts at: ``utc``, ``2000-01-01`` or ``2000-01-01T00:00:00``.
    :ivar smbios: values of ``-smbios``, such as :mod:`~tests.venue.machine.credentials` makes.
    :ivar shell: a second serial line for :class:`~tests.venue.machine.shell.Shell`; on a ``virt``, which has
        one line of its own, that is a card.
    :ivar reboots: ``False`` ends the machine where the guest would reboot it.
    :ivar extra: more arguments for QEMU, as they are.
    :ivar binary: QEMU, by name or path.
    """

    name: str = "machine"
    board: str = "q35"
    memory_mib: int = 1024
    cpus: int = 2
    cpu: str = ""
    kernel: Path | None = None
    initrd: Path | None = None
    append: str = ""
    firmware: Path | None = None
    firmware_vars: Path | None = None
    disks: tuple[Disk, ...] = ()
    sound: Path | None = None
    usb: bool = False
    network: Network | None = None
    screen: bool = False
    watchdog: bool = False
    rtc: str = ""
    smbios: tuple[str, ...] = ()
    shell: bool = True
    reboots: bool = True
    extra: tuple[str, ...] = ()
    binary: str = "qemu-system-x86_64"

    def check(self) -> None:
        """Look whether this machine can be built.

        :raises SpecError: it cannot; with everything that is wrong, at once.
        """
        faults = [*self._own_faults(), *self._boot_faults(), *self._disk_faults()]
        if self.network:
            faults.extend(self.network.faults())
        if faults:
            raise SpecError(faults)

    def disk_name(self, index: int) -> str:
        """:return: what QEMU calls one of the disks."""
        return self.disks[index].name or f"disk{index}"

    def _own_faults(self) -> Iterator[str]:
        if not _NAME.fullmatch(self.name):
            yield f"name: {self.name!r} is no name; give small letters, digits and hyphens, 31 at most"
        if self.board not in BOARDS:
            yield f"board: {self.board!r} is not known; give one of {', '.join(BOARDS)}"
        if self.memory_mib < LEAST_MEMORY_MIB:
            yield f"memory_mib: {self.memory_mib} is too little for a PC; give {LEAST_MEMORY_MIB} or more"
        if not 1 <= self.cpus <= MOST_CPUS:
            yield f"cpus: {self.cpus} cannot be; give 1 to {MOST_CPUS}"
        if self.rtc and not _RTC.fullmatch(self.rtc):
            yield f"rtc: {self.rtc!r} is no time; give utc, localtime, or a date like 2000-01-01T00:00:00"
        if self.sound and not self.sound.parent.is_dir():
            yield f"sound: there is no folder {self.sound.parent}; make it before the launch"
        elif self.sound and self.sound.is_fifo() and not _is_read(self.sound):
            yield f"sound: nobody reads {self.sound}, and QEMU would wait; open it before the launch"

    def _boot_faults(self) -> Iterator[str]:
        files = {
            "kernel": self.kernel,
            "initrd": self.initrd,
            "firmware": self.firmware,
            "firmware_vars": self.firmware_vars,
        }
        for field, path in files.items():
            if path and not path.is_file():
                yield f"{field}: there is no file {path}; build the image first, or correct the path"
        for field in ("initrd", "append"):
            if getattr(self, field) and not self.kernel:
                yield f"{field}: is for a kernel, and there is none; give kernel as well, or leave it out"
        if self.firmware_vars and not self.firmware:
            yield "firmware_vars: are for a firmware, and there is none; give firmware as well, or leave them"

    def _disk_faults(self) -> Iterator[str]:
        names: set[str] = set()
        for index, disk in enumerate(self.disks):
            yield from disk.faults(f"disks[{index}]")
            name = self.disk_name(index)
            if name in names:
                yield f"disks[{index}].name: {name!r} is another disk's too; give each its own"
            names.add(name)
            if disk.interface == "usb" and not self.usb:
                yield f"disks[{index}].interface: there is no USB; give usb=True, or another interface"


def _is_read(fifo: Path) -> bool:
    """:return: whether somebody has a FIFO open for reading."""
    try:
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
