"""One block device that sticks may be on: it is looked at, mounted, and let go of, on a thread of its own.

So a stick that is broken, and hangs, holds up no other.
"""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from easyplayer.drivers.block_device import BlockDevice, Filesystem, filesystem_in, name_of
from easyplayer.drivers.device_watch import Report, Stick, StickPlugged, StickPulled, StickRefused
from easyplayer.drivers.mount_table import Mount, MountTable
from easyplayer.drivers.mounting import WAY_OUT, Mounter
from easyplayer.drivers.system_command import run
from easyplayer.errors import DeviceError

log = logging.getLogger(__name__)

HAS_PARTITIONS = "ID_PART_TABLE_TYPE"
"""What udev knows of a disk whose files are on its partitions; it says so of these too."""
LOOKING_MAY_TAKE_S = 15.0
OTHERS_MAY_TAKE_S = 5.0
"""How long a box that may not mount waits for somebody who may."""
NOBODY_MOUNTS = "this box may not mount it: run it as root, or let the desktop mount it"


class _Word:
    """What a slot is told, besides a device to look at."""


MOUNTS_CHANGED: Final = _Word()
PULLED: Final = _Word()
CLOSED: Final = _Word()


class StickSlot:
    """What is on the block device of one name, be it one stick after the other.

    :param mounter: mounts it; ``None`` where the box may not, and has to wait until somebody does.
    """

    def __init__(self, node: str, mounter: Mounter | None, table: MountTable, report: Report) -> None:
        self._node = node
        self._mounter = mounter
        self._table = table
        self._report = report
        self._told: queue.SimpleQueue[BlockDevice | _Word] = queue.SimpleQueue()
        self._device: BlockDevice | None = None
        self._found: Filesystem | None = None
        self._mark = ("", "")
        self._stick: Stick | None = None
        self._is_ours = False
        self._patient_until: float | None = None
        self._thread = threading.Thread(target=self._serve, name=f"stick {node}", daemon=True)
        self._thread.start()

    def look(self, device: BlockDevice) -> None:
        """Look at what is there now."""
        self._told.put(device)

    def look_at_mounts(self) -> None:
        """See whether somebody else has mounted it, or has let go of it."""
        self._told.put(MOUNTS_CHANGED)

    def pull(self) -> None:
        """Let go of it: it is gone."""
        self._told.put(PULLED)

    def close(self) -> None:
        """Let go of it, and tell nothing any more."""
        self._told.put(CLOSED)

    def join(self, patience_s: float) -> None:
        """Wait until it is let go of."""
        self._thread.join(patience_s)

    def _serve(self) -> None:
        while (told := self._next()) is not CLOSED:
            try:
                self._heed(told)
            except DeviceError as error:
                self._refuse(str(error))
            except Exception:  # one odd device must not end what looks at those after it
                log.exception("looking at %s failed", self._node)
        self._let_go(tells=False)

    def _heed(self, told: BlockDevice | _Word | None) -> None:
        if isinstance(told, BlockDevice):
            self._look(told)
        elif told is MOUNTS_CHANGED:
            self._look_at_mounts()
        elif told is PULLED:
            self._device = None
            self._let_go(tells=True)
        else:
            self._refuse(NOBODY_MOUNTS)

    def _next(self) -> BlockDevice | _Word | None:
        """Wait for the next word; ``None`` is that nobody has mounted it in time."""
        patience_s = None if self._patient_until is None else max(0.0, self._patient_until - time.monotonic())
        try:
            return self._told.get(timeout=patience_s)
        except queue.Empty:
            self._patient_until = None
            return None

    def _look(self, device: BlockDevice) -> None:
        known = known_of(device)
        found = filesystem_in(known)
        mark = (found.uuid if found else "", device.properties.get("DISKSEQ", ""))
        if self._device is not None and mark == self._mark:
            return
        self._let_go(tells=True)
        self._device, self._found, self._mark = device, found, mark
        is_disk = device.disk == device.path
        holders = self._table.holders_of(device)
        if (is_disk and HAS_PARTITIONS in known) or holders.system:
            log.debug("%s is no stick itself", device.node)
        elif found is not None and found.usage in {"filesystem", "crypto"}:
            self._take(device, found, holders.mount)
        elif found is None and is_disk and not device.is_empty:
            message = f"there is no file system on it: {WAY_OUT}"
            raise DeviceError(message)

    def _take(self, device: BlockDevice, found: Filesystem, mount: Mount | None) -> None:
        if mount is not None:
            self._plug(device, found, mount.point)
        elif self._mounter is None:
            self._patient_until = time.monotonic() + OTHERS_MAY_TAKE_S
        else:
            folder = self._mounter.mount(device.node, found)
            self._is_ours = True
            self._plug(device, found, folder)

    def _look_at_mounts(self) -> None:
        """Follow what somebody else does with it; what the box itself has mounted nobody else touches."""
        if self._device is None or self._found is None or self._is_ours:
            return
        holders = self._table.holders_of(self._device)
        mount = None if holders.system else holders.mount
        if self._stick is not None and (mount is None or mount.point != self._stick.folder):
            self._let_go(tells=True)
        if self._stick is None and mount is not None:
            self._plug(self._device, self._found, mount.point)

    def _plug(self, device: BlockDevice, found: Filesystem, folder: Path) -> None:
        self._patient_until = None
        self._stick = Stick(
            device=device.node, name=name_of(device, found), filesystem=found.kind, folder=folder
        )
        self._report(StickPlugged(self._stick))

    def _refuse(self, reason: str) -> None:
        self._patient_until = None
        self._report(StickRefused(self._node, reason))

    def _let_go(self, *, tells: bool) -> None:
        stick, ours = self._stick, self._is_ours
        self._stick, self._is_ours, self._patient_until = None, False, None
        if stick is None:
            return
        if tells:
            self._report(StickPulled(stick))
        if ours and self._mounter is not None:
            self._mounter.unmount(stick.folder)


def known_of(device: BlockDevice) -> Mapping[str, str]:
    """Tell what is on a device, in udev's terms: what udev knows, or else what is found there; blocks."""
    if "ID_FS_TYPE" in device.properties or HAS_PARTITIONS in device.properties or device.is_empty:
        return device.properties
    try:
        said = run("blkid", "-p", "-o", "udev", device.node, within_s=LOOKING_MAY_TAKE_S)
    except DeviceError as error:
        log.debug("%s: %s", device.node, error)
        return {}
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
