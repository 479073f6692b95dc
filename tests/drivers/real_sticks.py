"""Real sticks that real people plug: pulled while they are read, mounted by others, formatted on the spot.

All of it happens on real block devices, apart (see :mod:`tests.drivers.apart`); ``test_udev_watch`` runs it.
"""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from easyplayer.drivers import stick_slot, udev_watch
from easyplayer.drivers.block_device import BlockDevice, can_be_plugged
from easyplayer.drivers.device_watch import DeviceReport, Stick, StickPlugged, StickPulled, StickRefused
from easyplayer.drivers.udev_watch import UdevWatch, WatchSpec
from easyplayer.errors import DeviceError
from tests.drivers.sticks import (
    LoopStick,
    Udev,
    do,
    image,
    is_mounted,
    is_pretended,
    is_zram,
    mounted,
    plug,
    wait_until,
    zram,
)

LONG = os.urandom(1 << 20) * 5
"""More than what is read ahead of a reader."""


class Machine:
    """A machine with a udev daemon, and one stick with a song that is longer than any cache.

    :ivar reports: what the watch has told.
    """

    def __init__(self, folder: Path) -> None:
        self.reports: list[DeviceReport] = []
        self.folder = folder
        self.place = folder / "sticks"
        self.watches = ExitStack()
        self.sticks = ExitStack()

    def watch(self, **changes: object) -> UdevWatch:
        chosen: dict[str, Any] = {"place": self.place, "is_stick": self.is_stick, **changes}
        watch = UdevWatch(WatchSpec(**chosen), self.reports.append)
        self.watches.callback(watch.close)
        return watch

    def is_stick(self, device: BlockDevice) -> bool:
        return can_be_plugged(device) and is_pretended(device, self.folder)

    def plug(self, name: str = "MUSIC", kind: str = "ext4", *, protected: bool = False) -> LoopStick:
        one = plug(image(self.folder, name, {"song": LONG}, kind), protected=protected)
        self.sticks.callback(one.detach)
        return one

    def plugged(self) -> Stick:
        wait_until(lambda: any(isinstance(one, StickPlugged) for one in self.reports), "the stick")
        return next(one.stick for one in self.reports if isinstance(one, StickPlugged))

    def pulled(self, stick: Stick) -> None:
        wait_until(lambda: StickPulled(stick) in self.reports, "its end")


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    with Udev(), machine.sticks, machine.watches:
        yield machine


def read_all(file: FileIO) -> None:
    """Read a file to its end."""
    while file.read(1 << 16):
        pass


def test_stick_is_mounted_so_that_nothing_of_it_is_obeyed(machine: Machine) -> None:
    """No programs, no devices, no rights; and not even its journal is touched."""
    machine.watch()
    machine.plug()
    folder = str(machine.plugged().folder)

    (line,) = [one for one in Path("/proc/self/mountinfo").read_text().splitlines() if folder in one.split()]

    assert {"ro", "nosuid", "nodev", "noexec"} <= set(line.split()[5].split(","))
    assert "norecovery" in line


def test_stick_that_is_pulled_while_it_is_read_hangs_nobody(machine: Machine) -> None:
    """The reader gets an error, the box is told, and nothing stays mounted."""
    machine.watch()
    one = machine.plug()
    stick = machine.plugged()
    with (stick.folder / "song").open("rb", buffering=0) as song:
        song.read(1 << 10)
        os.truncate(one.image, 0)
        one.tell("remove")
        machine.pulled(stick)
        os.posix_fadvise(song.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            read_all(song)

    wait_until(lambda: not is_mounted(str(stick.folder)))
    wait_until(lambda: not stick.folder.exists())


def test_stick_that_is_pulled_while_it_is_written_is_an_error(machine: Machine) -> None:
    """Who wrote knows that it may not have come to the stick, and nothing stays mounted."""
    watch = machine.watch()
    one = machine.plug()
    stick = machine.plugged()

    def write_and_pull() -> None:
        with watch.writable(stick) as folder:
            (folder / "report").write_bytes(LONG[: 1 << 19])
            os.truncate(one.image, 0)
            one.tell("remove")
            machine.pulled(stick)
            wait_until(lambda: not is_mounted(one.node))

    with pytest.raises(DeviceError, match="MUSIC"):
        write_and_pull()

    assert not is_mounted(one.node)


def test_stick_without_a_journal_is_written_to_while_it_is_read(machine: Machine) -> None:
    """It is opened for writing under its readers, and is read-only again afterwards."""
    watch = machine.watch()
    machine.plug(kind="ext2")
    stick = machine.plugged()

    with (stick.folder / "song").open("rb") as song, watch.writable(stick) as folder:
        (folder / "report").write_text("all is well")
        assert song.read() == LONG

    assert (stick.filesystem, (stick.folder / "report").read_text()) == ("ext2", "all is well")
    with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
        (stick.folder / "report").write_text("again")


def test_stick_with_a_journal_is_not_written_to_while_it_is_read(machine: Machine) -> None:
    """It would have to be mounted anew for that; who writes is told so, and who reads reads on."""
    watch = machine.watch()
    machine.plug()
    stick = machine.plugged()

    with (stick.folder / "song").open("rb") as song:
        with pytest.raises(DeviceError, match="busy"), watch.writable(stick):
            pass
        assert song.read() == LONG

    with watch.writable(stick) as folder:
        assert (folder / "song").exists()


def test_write_protected_stick_without_a_journal_says_so(machine: Machine) -> None:
    """In the words of the system."""
    watch = machine.watch()
    machine.plug(kind="ext2", protected=True)

    with pytest.raises(DeviceError, match="write-protected"), watch.writable(machine.plugged()):
        pass


def test_stick_that_a_desktop_has_mounted_is_used_as_it_is(machine: Machine) -> None:
    """The box neither mounts it again nor lets go of it; ejected there, it is gone."""
    one = machine.plug()
    place = Path("/run/media/guest/MUSIC")
    with mounted(one.node, place):
        watch = machine.watch()
        stick = machine.plugged()
        with watch.writable(stick) as folder:
            (folder / "report").write_text("all is well")
        do("umount", str(place))
        machine.pulled(stick)

    assert stick.folder == place
    assert not machine.place.exists()


def test_stick_that_a_desktop_has_mounted_read_only_is_not_forced(machine: Machine) -> None:
    """Whoever mounted it so, did so on purpose."""
    one = machine.plug()
    with mounted(one.node, Path("/run/media/guest/MUSIC"), "-o", "ro"):
        watch = machine.watch()

        with pytest.raises(DeviceError, match="write-protected"), watch.writable(machine.plugged()):
            pass


@pytest.mark.parametrize("where", ["/run/live/medium", "/media/venue"])
def test_disk_that_the_system_or_the_box_lives_on_is_no_stick(machine: Machine, where: str) -> None:
    """Be it plugged in by USB: a live system, or the venue's own disk of media."""
    one = machine.plug()
    with mounted(one.node, Path(where)):
        machine.watch(kept=(Path("/media/venue/media"),))
        machine.plug("OTHER")
        stick = machine.plugged()

    assert stick.name == "OTHER"
    assert len(machine.reports) == 1


def test_box_that_may_not_mount_waits_for_somebody_who_may(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and takes the stick when a desktop has mounted it after all."""
    monkeypatch.setattr(udev_watch, "mount_tool", lambda _: None)
    monkeypatch.setattr(stick_slot, "OTHERS_MAY_TAKE_S", 0.1)
    machine.watch()
    one = machine.plug()
    wait_until(lambda: machine.reports == [StickRefused(one.node, stick_slot.NOBODY_MOUNTS)])

    with mounted(one.node, Path("/media/guest/MUSIC")):
        stick = machine.plugged()
        machine_sees = (stick.folder / "song").stat().st_size

    assert machine_sees == len(LONG)


def test_what_a_box_that_died_has_left_mounted_is_let_go(machine: Machine) -> None:
    """The next one mounts it itself, as it should be."""
    one = machine.plug()
    with mounted(one.node, machine.place / "left"):
        machine.watch()
        stick = machine.plugged()

        assert stick.folder == machine.place / Path(one.node).name
        assert not (machine.place / "left").exists()


def test_sticks_are_left_alone_where_the_settings_say_so(machine: Machine) -> None:
    """Nothing is mounted, and nothing is told."""
    asked: list[BlockDevice] = []
    machine.watch(sticks=False, is_stick=lambda device: bool(asked.append(device)))
    one = machine.plug()
    do("udevadm", "settle")

    assert (asked, machine.reports, is_mounted(one.node)) == ([], [], False)


def test_udev_rule_keeps_desktops_off(machine: Machine) -> None:
    """What is on USB is marked so that no desktop mounts it under the box's hands."""
    one = machine.plug()
    do("udevadm", "settle")

    assert "UDISKS_IGNORE=1" in do("udevadm", "info", "-q", "property", one.node)


def test_stick_that_is_formatted_while_it_is_in_is_taken_then(machine: Machine) -> None:
    """Refused while it is blank, read when it is not, gone when its disk is."""
    machine.watch(is_stick=is_zram)
    with zram() as name:
        news = Path("/sys/class/block", name, "uevent")
        news.write_text("change")
        wait_until(lambda: any(isinstance(one, StickRefused) for one in machine.reports), "the refusal")
        do("mkfs.ext4", "-q", "-L", "FRESH", f"/dev/{name}")
        news.write_text("change")
        stick = machine.plugged()
        news.write_text("remove")
        machine.pulled(stick)

    assert (stick.name, stick.filesystem, stick.device) == ("FRESH", "ext4", f"/dev/{name}")


def test_watch_ends_quickly_whatever_is_going_on(machine: Machine) -> None:
    """All that it has started ends with it."""
    watch = machine.watch()
    machine.plug()
    stick = machine.plugged()

    watch.close()

    wait_until(lambda: not is_mounted(str(stick.folder)))
    wait_until(lambda: not {"devices", f"stick {stick.device}"} & {one.name for one in threading.enumerate()})
