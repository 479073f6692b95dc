"""Devices that come and go, as udev tells it, or the kernel itself where there is no udev."""

import logging
import os
import select
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyudev
from msgspec import Struct

from easyplayer.drivers.block_device import BlockDevice, can_be_plugged
from easyplayer.drivers.device_watch import (
    CardChanged,
    DeviceReport,
    Display,
    DisplayChanged,
    Report,
    SoundCard,
    Stick,
)
from easyplayer.drivers.mount_table import MountTable
from easyplayer.drivers.mount_tool import mount_tool
from easyplayer.drivers.mounting import Mounter
from easyplayer.drivers.outputs import displays, sound_cards
from easyplayer.drivers.stick_slot import StickSlot

log = logging.getLogger(__name__)

UDEV_RUNS = Path("/run/udev/control")
"""Where this is, udev tells of devices after it has looked at them."""
BLOCK, SOUND, DISPLAYS = "block", "sound", "drm"
CLOSING_MAY_TAKE_S = 0.3


class WatchSpec(Struct, frozen=True, kw_only=True):
    """What is watched.

    :ivar place: the folder below which sticks are mounted.
    :ivar kept: folders of the box; the disks that they are on are no sticks.
    :ivar sticks: whether sticks are looked for at all.
    :ivar is_stick: tells whether a block device may be one.
    :ivar sysfs: where the kernel shows sound cards and displays.
    """

    place: Path
    kept: tuple[Path, ...] = ()
    sticks: bool = True
    is_stick: Callable[[BlockDevice], bool] = can_be_plugged
    sysfs: Path = Path("/sys")


class UdevWatch:
    """The contract :class:`~easyplayer.drivers.device_watch.DeviceWatch`, kept by libudev."""

    def __init__(self, spec: WatchSpec, report: Report) -> None:
        self._spec = spec
        self._report = report
        self._table = MountTable(spec.place, spec.kept)
        tool = mount_tool(self._table)
        self._may_mount = tool is not None
        self._mounter = Mounter(spec.place, self._table, tool)
        self._slots: dict[str, StickSlot] = {}
        self._cards: dict[str, SoundCard] = {}
        self._displays: dict[str, Display] = {}
        self._closed = threading.Event()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._watch, name="devices", daemon=True)
        self._thread.start()

    def writable(self, stick: Stick) -> AbstractContextManager[Path]:
        """Give a folder of a stick in which can be written, for as long as the block takes; it blocks.

        :raises DeviceError: it cannot be written to, or what was written may not be on it.
        """
        return self._mounter.writable(stick)

    def close(self) -> None:
        """Watch no more, and let go of every stick."""
        if not self._closed.is_set():
            os.eventfd_write(self._bell, 1)
            self._closed.set()
            self._thread.join(CLOSING_MAY_TAKE_S)

    def _tell(self, report: DeviceReport) -> None:
        if not self._closed.is_set():
            self._report(report)

    # -- on the thread of the watch ------------------------------------------------------------

    def _watch(self) -> None:
        try:
            self._look_and_listen()
        except (ImportError, OSError) as error:
            log.warning("devices that come and go are not noticed: %s", error)
        except Exception:  # nobody else would tell that this thread is gone
            log.exception("watching devices failed")
        for slot in self._slots.values():
            slot.close()
        for slot in self._slots.values():
            slot.join(CLOSING_MAY_TAKE_S)
        self._closed.wait()
        os.close(self._bell)

    def _look_and_listen(self) -> None:
        """Begin to listen first, and then look at what is there, so that nothing is missed in between."""
        context = pyudev.Context()
        monitor = pyudev.Monitor.from_netlink(context, "udev" if UDEV_RUNS.exists() else "kernel")
        for subsystem in (BLOCK, SOUND, DISPLAYS):
            monitor.filter_by(subsystem)
        monitor.start()
        self._mounter.clear()
        self._take_stock(context)
        with self._table.file.open("rb") as mounts:
            ears = select.poll()
            ears.register(monitor.fileno(), select.POLLIN)
            ears.register(self._bell, select.POLLIN)
            ears.register(mounts, select.POLLPRI)
            while not self._closed.is_set():
                heard = {descriptor for descriptor, _ in ears.poll()}
                if mounts.fileno() in heard:
                    for slot in self._slots.values():
                        slot.look_at_mounts()
                if monitor.fileno() in heard:
                    self._hear(context, monitor)

    def _hear(self, context: Any, monitor: Any) -> None:
        try:
            device = monitor.poll(0)
        except OSError as error:
            log.warning("news of devices were lost: %s", error)
            self._take_stock(context)
            return
        if device is None:
            return
        if device.subsystem != BLOCK:
            self._look_at_outputs()
        elif device.action == "remove":
            self._pulled(device.device_node)
        else:
            self._look_at(device)

    def _take_stock(self, context: Any) -> None:
        """Look at everything that is there."""
        self._look_at_outputs()
        there = [one for one in block_devices(context) if one.device_node]
        for node in self._slots.keys() - {one.device_node for one in there}:
            self._pulled(node)
        for one in there:
            self._look_at(one)

    def _look_at(self, found: Any) -> None:
        device = BlockDevice(
            node=found.device_node, path=Path(found.sys_path), properties=dict(found.properties)
        )
        if not self._spec.sticks or not self._spec.is_stick(device):
            return
        if device.node not in self._slots:
            mounter = self._mounter if self._may_mount else None
            self._slots[device.node] = StickSlot(device.node, mounter, self._table, self._tell)
        self._slots[device.node].look(device)

    def _pulled(self, node: str) -> None:
        if node in self._slots:
            self._slots[node].pull()

    def _look_at_outputs(self) -> None:
        """Tell which sound cards and displays have come or gone since the last look."""
        cards, connected = sound_cards(self._spec.sysfs), displays(self._spec.sysfs)
        for card_id in sorted(self._cards.keys() ^ cards.keys()):
            is_there = card_id in cards
            self._tell(CardChanged((cards if is_there else self._cards)[card_id], is_there))
        for gone in sorted(self._displays.items() - connected.items()):
            self._tell(DisplayChanged(gone[1], present=False))
        for come in sorted(connected.items() - self._displays.items()):
            self._tell(DisplayChanged(come[1], present=True))
        self._cards, self._displays = cards, connected


def block_devices(context: Any) -> list[Any]:
    """Give the block devices that are there; where one goes in the middle of it, look once more."""
    while True:
        try:
            return list(context.list_devices(subsystem=BLOCK))
        except pyudev.DeviceNotFoundError as error:
            log.debug("a device went while they were listed: %s", error)
