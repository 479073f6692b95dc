"""The contract of what sees devices come and go.

The real watch is tried apart, on real block devices: with a udev daemon, and with the kernel alone.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from easyplayer.drivers import udev_watch
from easyplayer.drivers.block_device import BlockDevice, can_be_plugged
from easyplayer.drivers.device_watch import (
    CardChanged,
    DeviceReport,
    DeviceWatch,
    Display,
    DisplayChanged,
    SoundCard,
    Stick,
    StickPlugged,
    StickPulled,
    StickRefused,
)
from easyplayer.drivers.udev_watch import UdevWatch, WatchSpec
from easyplayer.errors import DeviceError
from tests.drivers import sticks
from tests.drivers.apart import APART, real, run_apart
from tests.drivers.sticks import LoopStick, Udev, do, image, is_pretended, wait_until
from tests.fakes.device_watch import FakeDeviceWatch, stick

SONG = b"not really a song"
CARD = SoundCard(id="card1", name="Speaker")
DISPLAY = Display(id="card0-HDMI-A-1")
NOISY = Path("/sys/class/mem/null/uevent")
"""A device that every machine has, whose news stand in for those of sound cards, which this one lacks."""


class Room(Protocol):
    """A machine that devices are plugged into.

    :ivar reports: what the watch has told.
    """

    reports: list[DeviceReport]

    def watch(self) -> DeviceWatch:
        """Begin to watch, and wait until what is there has been told."""

    def plug(self, name: str = "MUSIC", *, protected: bool = False, full: bool = False) -> None:
        """Plug in a stick of that name with ``song`` on it."""

    def plug_unreadable(self) -> None:
        """Plug in a stick with nothing on it that can be read."""

    def pull(self, name: str = "MUSIC") -> None:
        """Pull a stick out."""

    def turn(self, *, present: bool) -> None:
        """Plug in, or pull out, a sound card and a display."""


class FakeRoom:
    """The fake watch, which is the fake machine at once."""

    def __init__(self, folder: Path) -> None:
        self.reports: list[DeviceReport] = []
        self._folder = folder
        self._fake = FakeDeviceWatch()

    def watch(self) -> DeviceWatch:
        return self._fake.watch(self.reports.append)

    def plug(self, name: str = "MUSIC", *, protected: bool = False, full: bool = False) -> None:
        self._fake.protected, self._fake.full = protected, full
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        (folder / "song").write_bytes(SONG)
        self._fake.plug(stick(folder, name, f"/dev/{name}"))

    def plug_unreadable(self) -> None:
        self._fake.plug_broken("/dev/sdc", "there is no file system on it: format it")

    def pull(self, name: str = "MUSIC") -> None:
        self._fake.pull(f"/dev/{name}")

    def turn(self, *, present: bool) -> None:
        self._fake.turn_card(CARD, present=present)
        self._fake.turn_display(DISPLAY, present=present)

    def close(self) -> None:
        pass


class RealRoom:
    """The real watch, on real block devices; sound cards and displays are files as sysfs would show them."""

    def __init__(self, folder: Path, *, has_udev: bool) -> None:
        self.reports: list[DeviceReport] = []
        self._rest = ExitStack()
        self._watches = ExitStack()
        self._folder = folder
        self._sysfs = folder / "sys"
        self._plugged: dict[str, LoopStick] = {}
        self._has_udev = has_udev
        if has_udev:
            self._rest.enter_context(Udev())
        for one in ("class/sound/card1", f"class/drm/{DISPLAY.id}"):
            (self._sysfs / one).mkdir(parents=True)
        self._show(present=False)

    def watch(self) -> DeviceWatch:
        spec = WatchSpec(place=self._folder / "sticks", is_stick=self.is_stick, sysfs=self._sysfs)
        before = len(self._plugged)
        watch = UdevWatch(spec, self.reports.append)
        self._watches.callback(watch.close)
        told = (StickPlugged, StickRefused)
        wait_until(lambda: sum(isinstance(one, told) for one in self.reports) >= before)
        return watch

    def plug(self, name: str = "MUSIC", *, protected: bool = False, full: bool = False) -> None:
        path = self._folder / f"{sticks.MARK}-{name}"
        if not path.exists():
            image(self._folder, name, {"song": SONG})
        if full:
            out_of_sight = path.rename(self._folder / "being-filled")
            fill(out_of_sight, self._folder / "filling")
            out_of_sight.rename(path)
        self._plugged[name] = one = sticks.plug(path, protected=protected)
        self._rest.callback(one.detach)

    def plug_unreadable(self) -> None:
        path = self._folder / f"{sticks.MARK}-blank"
        path.write_bytes(bytes(1 << 20))
        disk = do("losetup", "--find", "--show", str(path))
        self._rest.callback(do, "losetup", "--detach", disk)

    def pull(self, name: str = "MUSIC") -> None:
        self._plugged.pop(name).pull()

    def turn(self, *, present: bool) -> None:
        self._show(present=present)
        NOISY.write_text("change")

    def close(self) -> None:
        self._watches.close()
        self._rest.close()

    def is_stick(self, device: BlockDevice) -> bool:
        return is_pretended(device, self._folder) and (can_be_plugged(device) or not self._has_udev)

    def _show(self, *, present: bool) -> None:
        (self._sysfs / "class/drm" / DISPLAY.id / "status").write_text(
            "connected" if present else "disconnected"
        )
        card = self._sysfs / "class/sound"
        if present:
            (card / "card1").mkdir()
            (card / "card1/id").write_text(CARD.name)
        else:
            (card / "card1/id").unlink(missing_ok=True)
            (card / "card1").rmdir()


def fill(path: Path, folder: Path) -> None:
    """Leave no room in the image of a stick."""
    folder.mkdir()
    do("mount", "-o", f"loop,offset={sticks.BEFORE_BYTES}", str(path), str(folder))
    try:
        with (folder / "filling").open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 10):
                while True:
                    try:
                        file.write(bytes(size))
                    except OSError:
                        break
    finally:
        do("umount", str(folder))


@pytest.fixture(name="room", params=["udev", "kernel"] if APART else ["fake"])
def _room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """Give a machine into which nothing is plugged."""
    monkeypatch.setattr(udev_watch, "SOUND", "mem")
    is_fake, has_udev = request.param == "fake", request.param == "udev"
    room = FakeRoom(tmp_path) if is_fake else RealRoom(tmp_path, has_udev=has_udev)
    yield room
    room.close()


@real
@pytest.mark.slow
@pytest.mark.skipif(APART, reason="is there already")
def test_real_watch_keeps_the_contract() -> None:
    """All that stands below holds for the real watch, on real devices, in a place apart."""
    run_apart(__file__)


def wait_for(room: Room, holds: Callable[[DeviceReport], bool]) -> None:
    wait_until(lambda: any(map(holds, room.reports)), f"among {room.reports} it")


def plugged(room: Room, name: str = "MUSIC") -> Stick:
    """Wait until a stick has been told, and give it."""
    wait_for(room, lambda one: isinstance(one, StickPlugged) and one.stick.name == name)
    found = [one.stick for one in room.reports if isinstance(one, StickPlugged) and one.stick.name == name]
    return found[-1]


def pulled(room: Room, one: Stick) -> None:
    """Wait until the pulling of a stick has been told."""
    wait_until(lambda: StickPulled(one) in room.reports, f"among {room.reports} it")


def test_stick_that_is_there_is_told(room: Room) -> None:
    """A box that starts with a stick in it uses it."""
    room.plug()

    room.watch()

    assert (plugged(room).folder / "song").read_bytes() == SONG


def test_stick_that_is_plugged_is_told_and_can_be_read(room: Room) -> None:
    """By its label, with its files, once."""
    room.watch()

    room.plug("Saturday night")

    one = plugged(room, "Saturday night")
    assert (one.folder / "song").read_bytes() == SONG
    assert [type(report) for report in room.reports] == [StickPlugged]


def test_stick_that_is_pulled_is_told_and_may_come_again(room: Room) -> None:
    """As it was plugged, and each time."""
    room.watch()
    room.plug()
    first = plugged(room)

    room.pull()
    pulled(room, first)
    room.plug()
    wait_until(lambda: len(room.reports) >= 3)

    assert [type(report) for report in room.reports] == [StickPlugged, StickPulled, StickPlugged]
    assert (plugged(room).folder / "song").read_bytes() == SONG


def test_two_sticks_have_nothing_to_do_with_each_other(room: Room) -> None:
    """One is pulled, the other can be read on."""
    room.watch()
    room.plug("ONE")
    room.plug("TWO")
    one, two = plugged(room, "ONE"), plugged(room, "TWO")

    room.pull("ONE")
    pulled(room, one)

    assert one.folder != two.folder
    assert (two.folder / "song").read_bytes() == SONG


def test_stick_that_cannot_be_read_is_refused_in_words(room: Room) -> None:
    """With the way out."""
    room.watch()

    room.plug_unreadable()

    wait_for(room, lambda one: isinstance(one, StickRefused) and "format it" in one.reason)


def test_what_is_written_is_on_the_stick(room: Room) -> None:
    """It is there when the stick comes again, and meanwhile the stick was safe to pull."""
    watch = room.watch()
    room.plug()
    first = plugged(room)

    with watch.writable(first) as folder:
        (folder / "report").write_text("all is well")
    room.pull()
    pulled(room, first)
    room.plug()
    wait_until(lambda: len(room.reports) >= 3)

    assert (plugged(room).folder / "report").read_text() == "all is well"
    assert (plugged(room).folder / "song").read_bytes() == SONG


@pytest.mark.parametrize(("how", "reason"), [("protected", "write-protected"), ("full", "make room")])
def test_stick_that_takes_nothing_says_why(room: Room, how: str, reason: str) -> None:
    """In words, before anything is lost, and it can still be read."""
    watch = room.watch()
    room.plug(**{how: True})
    one = plugged(room)

    with pytest.raises(DeviceError, match=reason), watch.writable(one) as folder:
        (folder / "report").write_text("all is well")

    assert (one.folder / "song").read_bytes() == SONG


def test_stick_that_is_gone_cannot_be_written_to(room: Room) -> None:
    """Who writes too late is told so."""
    watch = room.watch()
    room.plug()
    one = plugged(room)
    room.pull()
    pulled(room, one)

    with pytest.raises(DeviceError, match="MUSIC"), watch.writable(one):
        pass


def test_cards_and_displays_that_come_and_go_are_told(room: Room) -> None:
    """Each once, and those that are there at the start as if they came."""
    room.turn(present=True)
    room.watch()
    wait_until(lambda: len(room.reports) == 2)
    room.turn(present=False)
    wait_until(lambda: len(room.reports) == 4)

    assert room.reports == [
        CardChanged(CARD, True),
        DisplayChanged(DISPLAY, True),
        CardChanged(CARD, False),
        DisplayChanged(DISPLAY, False),
    ]


def test_closed_watch_tells_nothing(room: Room) -> None:
    """Closing is the end of the news, also the second time."""
    watch = room.watch()
    room.plug()
    plugged(room)

    watch.close()
    watch.close()
    room.pull()
    room.plug("OTHER")

    assert [type(report) for report in room.reports] == [StickPlugged]
