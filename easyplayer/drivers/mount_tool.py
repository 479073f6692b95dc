"""Who mounts sticks: the box itself, where it is root, or the system for it.

Both mount so that nothing on a stick is obeyed: no programs, no devices, no rights.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.mount_table import MountTable
from easyplayer.drivers.system_command import may_mount, run
from easyplayer.drivers.system_hands import HANDS, ask, has_hands
from easyplayer.errors import DeviceError

KINDS = {
    "vfat": "vfat",
    "exfat": "exfat",
    "ntfs": "ntfs3,ntfs",
    "ext2": "ext2,ext4",
    "ext3": "ext3,ext4",
    "ext4": "ext4",
}
"""File systems that are read, and the kernel's drivers for each."""
JOURNALED = {"ext3", "ext4"}
"""Those that the kernel would write to even where it only reads: it finishes what was begun."""
SAFE = "nosuid,nodev,noexec,noatime"
TO_BE_CALMED = {"ext2", "ext3", "ext4"}
"""Those that may say of themselves that the kernel is to panic over their errors."""
MOUNTING_MAY_TAKE_S = 60.0
"""Nobody waits for it but the stick; the system takes several steps to map its owners."""
LETTING_GO_MAY_TAKE_S = 5.0
SYNCING_MAY_TAKE_S = 120.0


class MountTool(Protocol):
    """Mounts sticks; every method blocks, for a limited time."""

    def mount(self, node: str, folder: Path, kind: str, late: Callable[[], object]) -> None:
        """Mount a stick so that it can be read, and make the folder for it.

        :param late: called where it is mounted after all, and nobody waits any more.
        :raises DeviceError: it cannot be; the folder is gone then.
        """

    def turn(self, stick: Stick, *, writable: bool) -> None:
        """Let a stick be written to, or not any more.

        :raises DeviceError: it cannot be.
        """

    def unmount(self, folder: Path) -> None:
        """Let go of a stick, whoever still reads it, and whether or not it is there; the folder goes, too.

        :raises DeviceError: it cannot be.
        """


class OwnMounts:
    """The contract :class:`MountTool`, kept by a box that is root.

    :param table: tells what is mounted.
    """

    def __init__(self, table: MountTable) -> None:
        self._table = table

    def mount(self, node: str, folder: Path, kind: str, late: Callable[[], object]) -> None:
        """Make the folder, and mount the stick there."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"there is no place to mount it ({error})"
            raise DeviceError(message) from error
        try:
            _mount(node, folder, kind, "ro", late)
        except DeviceError:
            _remove(folder)
            raise

    def turn(self, stick: Stick, *, writable: bool) -> None:
        """Mount it in another way; one with a journal has to be mounted anew for that."""
        folder, mode = str(stick.folder), "rw" if writable else "ro"
        if stick.filesystem not in JOURNALED:
            run("mount", "-o", f"remount,{mode},{SAFE}", folder, within_s=SYNCING_MAY_TAKE_S)
            return
        if self._table.at(stick.folder) is not None:
            run("umount", folder, within_s=SYNCING_MAY_TAKE_S)
        _mount(stick.device, stick.folder, stick.filesystem, mode, lambda: self.unmount(stick.folder))

    def unmount(self, folder: Path) -> None:
        """Let go of it lazily."""
        try:
            run("umount", "--lazy", str(folder), within_s=LETTING_GO_MAY_TAKE_S)
        except DeviceError:
            if self._table.at(folder) is not None:
                raise
        _remove(folder)


class AskedMounts:
    """The contract :class:`MountTool`, kept by the system, for a box that is not root.

    It makes and removes the folders itself, and they are all in one place.
    """

    def __init__(self, hands: Path = HANDS) -> None:
        self._hands = hands

    def mount(self, node: str, folder: Path, kind: str, late: Callable[[], object]) -> None:
        """Ask for it; the folder has the device's name."""
        del folder
        self._ask(f"mount {Path(node).name} {kind}", MOUNTING_MAY_TAKE_S, late)

    def turn(self, stick: Stick, *, writable: bool) -> None:
        """Ask for it."""
        verb = "writable" if writable else "readonly"
        self._ask(f"{verb} {Path(stick.device).name} {stick.filesystem}", SYNCING_MAY_TAKE_S)

    def unmount(self, folder: Path) -> None:
        """Ask for it."""
        self._ask(f"unmount {folder.name}", LETTING_GO_MAY_TAKE_S)

    def _ask(self, request: str, within_s: float, late: Callable[[], object] = lambda: None) -> None:
        ask(request, within_s=within_s, hands=self._hands, late=late)


def mount_tool(table: MountTable) -> MountTool | None:
    """Choose who mounts sticks; ``None`` where the box has to wait until somebody else does."""
    if may_mount():
        return OwnMounts(table)
    return AskedMounts() if has_hands() else None


def _mount(node: str, folder: Path, kind: str, mode: str, late: Callable[[], object]) -> None:
    options = [mode, SAFE]
    if kind in TO_BE_CALMED:
        options.append("errors=remount-ro")
    if kind in JOURNALED and mode == "ro":
        options.append("noload")
    run(
        *("mount", "-t", KINDS[kind], "-o", ",".join(options), node, str(folder)),
        within_s=MOUNTING_MAY_TAKE_S,
        late=late,
    )


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # it is not there, or something still is
        return
