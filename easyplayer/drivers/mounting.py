"""Making the files of a stick readable, and for a moment writable.

A stick is mounted read-only, and without anything of it being obeyed: no programs, no devices, no rights.
So it can be pulled at any time.
"""

import errno
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from easyplayer.drivers.block_device import Filesystem
from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.mount_table import MountTable
from easyplayer.drivers.mount_tool import KINDS, SYNCING_MAY_TAKE_S, MountTool, OwnMounts
from easyplayer.drivers.system_command import may_mount, run
from easyplayer.drivers.system_hands import has_hands
from easyplayer.errors import DeviceError

log = logging.getLogger(__name__)

WAY_OUT = "format it as exFAT or FAT32, or take another one"
STICKS = Path("/run/easyplayer-sticks")
"""Where the system mounts them for a box that is not root."""
TROUBLE = {
    errno.ENOSPC: "it is full: make room on it",
    errno.EDQUOT: "it is full: make room on it",
    errno.EROFS: "it is write-protected, or damaged: look at it on a computer",
}
"""What a stick may answer to who writes to it."""
GONE = "it was pulled, or it is broken"
"""All else that it may."""


class Mounter:
    """Mounts sticks, each below one folder; every method blocks, for a limited time.

    :param folder: where they are mounted, which is the table's own.
    :param tool: does it; the box itself where none is given.
    """

    def __init__(self, folder: Path, table: MountTable, tool: MountTool | None = None) -> None:
        self._folder = folder.resolve()
        self._table = table
        self._tool = tool or OwnMounts(table)
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Let go of what a box that died has left mounted."""
        for one in self._table.own_mounts():
            self.unmount(one.point)

    def mount(self, node: str, filesystem: Filesystem) -> Path:
        """Mount a stick, and give its folder.

        :raises DeviceError: it cannot be.
        """
        if filesystem.usage == "crypto":
            message = f"it is encrypted: {WAY_OUT}"
            raise DeviceError(message)
        if filesystem.kind not in KINDS:
            message = f"its file system is not known here ({filesystem.kind}): {WAY_OUT}"
            raise DeviceError(message)
        folder = self._folder / Path(node).name
        try:
            self._tool.mount(node, folder, filesystem.kind, lambda: self.unmount(folder))
        except DeviceError as error:
            message = f"it cannot be mounted ({error}): {WAY_OUT}"
            raise DeviceError(message) from error
        return folder

    def unmount(self, folder: Path) -> None:
        """Let go of a stick, whoever still reads it, and whether or not it is still there."""
        try:
            self._tool.unmount(folder)
        except DeviceError as error:
            log.warning("the stick at %s is not let go: %s", folder, error)

    @contextmanager
    def writable(self, stick: Stick) -> Iterator[Path]:
        """Give a folder of a stick in which can be written, for as long as the block takes.

        :raises DeviceError: it cannot be written to, or what was written may not be on it.
        """
        with self._lock:
            opened = stick.folder.parent == self._folder
            try:
                with _in_words(stick):
                    if opened:
                        self._reopen(stick, "rw")
                    self._check(stick)
                    yield stick.folder
                    self._sync(stick)
            finally:
                if opened:
                    self._protect(stick)

    def _check(self, stick: Stick) -> None:
        mount = self._table.at(stick.folder)
        if mount is not None and not mount.writable:
            raise OSError(errno.EROFS, "it is mounted read-only")
        if os.statvfs(stick.folder).f_bavail == 0:
            raise OSError(errno.ENOSPC, "no room")

    def _sync(self, stick: Stick) -> None:
        """Wait until what was written is on the stick; a stick that was pulled is not there afterwards."""
        try:
            run("sync", "--file-system", str(stick.folder), within_s=SYNCING_MAY_TAKE_S)
        except DeviceError as error:
            raise OSError(errno.EIO, str(error)) from error
        if self._table.at(stick.folder) is None:
            raise OSError(errno.ENODEV, "it is not mounted")

    def _protect(self, stick: Stick) -> None:
        """Make a stick safe to be pulled again."""
        try:
            self._reopen(stick, "ro")
        except DeviceError as error:
            mount = self._table.at(stick.folder)
            if mount is not None and mount.writable:
                log.warning("stick %s is not read-only again: %s", stick.name, error)

    def _reopen(self, stick: Stick, mode: str) -> None:
        if not _is_there(stick.folder):
            message = f"stick {stick.name} is gone"
            raise DeviceError(message)
        try:
            self._tool.turn(stick, writable=mode == "rw")
        except DeviceError as error:
            message = f"stick {stick.name} cannot be made {mode}: {error}"
            raise DeviceError(message) from error


def place_for_sticks(state: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Choose where a box mounts sticks: where what does not outlive the machine is kept, or in its state.

    Two boxes of one machine have a folder each; where the system mounts them, there is one box.
    """
    if not may_mount() and has_hands():
        return STICKS
    for place in (environment.get("XDG_RUNTIME_DIR", ""), "/run"):
        if place and os.access(place, os.W_OK):
            mark = sha256(os.fsencode(state.absolute())).hexdigest()[:8]
            return Path(place, "easyplayer", f"sticks-{mark}")
    return state.absolute() / "sticks"


def _is_there(folder: Path) -> bool:
    try:
        return folder.exists()
    except OSError:  # a stick that was pulled gives errors for a while
        return False


@contextmanager
def _in_words(stick: Stick) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = TROUBLE.get(error.errno or 0, f"{GONE} ({error.strerror or error})")
        message = f"stick {stick.name} cannot be written to: {reason}"
        raise DeviceError(message) from error
