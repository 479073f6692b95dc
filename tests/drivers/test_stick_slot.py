"""Sticks are mounted one beside the other: what hangs hangs alone, and what is odd is told in words."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers.block_device import BlockDevice, Filesystem
from easyplayer.drivers.device_watch import DeviceReport, StickPlugged, StickPulled, StickRefused
from easyplayer.drivers.mount_table import MountTable
from easyplayer.drivers.mounting import Mounter, place_for_sticks
from easyplayer.drivers.stick_slot import StickSlot
from easyplayer.errors import DeviceError
from tests.drivers.sticks import wait_until
from tests.drivers.sysfs import ON_USB, device, disk

VFAT = {"ID_FS_TYPE": "vfat", "ID_FS_USAGE": "filesystem", "ID_FS_UUID": "1", "ID_FS_LABEL_ENC": "MUSIC"}


class SlowMounter(Mounter):
    """Mounts nothing, and takes as long as a test says.

    :ivar goes_on: whether mounting comes to its end.
    :ivar mounted: what is mounted.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, MountTable(folder, root=folder))
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.mounted: set[Path] = set()
        self.error: Exception | None = None

    def mount(self, node: str, filesystem: Filesystem) -> Path:
        """Wait, and do as if."""
        self.goes_on.wait(5.0)
        if self.error is not None:
            raise self.error
        folder = Path("/sticks") / Path(node).name
        self.mounted.add(folder)
        return folder

    def unmount(self, folder: Path) -> None:
        """Forget it."""
        self.mounted.discard(folder)


class Bench:
    """Slots of a machine on which nothing is mounted."""

    def __init__(self, folder: Path) -> None:
        self.reports: list[DeviceReport] = []
        self.mounter = SlowMounter(folder)
        self.folder = folder
        self.slots: list[StickSlot] = []

    def slot(self, node: str = "/dev/sdb1", mounter: Mounter | None = None) -> StickSlot:
        table = MountTable(self.folder, root=self.folder)
        self.slots.append(StickSlot(node, mounter or self.mounter, table, self.reports.append))
        return self.slots[-1]

    def stick(self, name: str = "sdb", **properties: str) -> BlockDevice:
        folder = disk(self.folder, ON_USB.replace("sdb", name))
        return device(folder / f"{name}1", **(VFAT | properties))

    def told(self, *kinds: type[DeviceReport]) -> None:
        """Wait for exactly these reports."""
        wait_until(lambda: len(self.reports) >= len(kinds), f"{kinds} instead of {self.reports}")
        assert [type(one) for one in self.reports] == [*kinds]


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.mounter.goes_on.set()
    for slot in bench.slots:
        slot.close()
        slot.join(5.0)


def test_stick_that_hangs_holds_up_no_other(bench: Bench) -> None:
    """The second is told while the first is still being mounted."""
    stuck, other = bench.slot(), bench.slot("/dev/sdc1", SlowMounter(bench.folder))
    bench.mounter.goes_on.clear()

    stuck.look(bench.stick())
    other.look(bench.stick("sdc"))
    bench.told(StickPlugged)
    bench.mounter.goes_on.set()
    bench.told(StickPlugged, StickPlugged)

    assert [one.stick.device for one in bench.reports if isinstance(one, StickPlugged)] == [
        "/dev/sdc1",
        "/dev/sdb1",
    ]


def test_stick_that_is_pulled_while_it_is_mounted_is_let_go(bench: Bench) -> None:
    """Nothing stays mounted; who was told that it is there is told that it is gone."""
    bench.mounter.goes_on.clear()
    slot = bench.slot()
    slot.look(bench.stick())
    slot.pull()
    bench.mounter.goes_on.set()

    bench.told(StickPlugged, StickPulled)
    wait_until(lambda: not bench.mounter.mounted)


def test_same_news_are_told_once(bench: Bench) -> None:
    """The kernel often says more than once that something has changed."""
    slot = bench.slot()
    slot.look(bench.stick())
    slot.look(bench.stick())
    slot.look_at_mounts()
    slot.pull()
    slot.pull()

    bench.told(StickPlugged, StickPulled)


def test_card_that_is_changed_in_its_reader_is_another_one(bench: Bench) -> None:
    """The same node, another file system."""
    slot = bench.slot()
    slot.look(bench.stick())
    slot.look(bench.stick(ID_FS_UUID="2"))

    bench.told(StickPlugged, StickPulled, StickPlugged)


def test_stick_that_cannot_be_mounted_is_refused_in_words(bench: Bench) -> None:
    """In those of who could not mount it."""
    bench.mounter.error = DeviceError("it cannot be mounted: take another one")
    bench.slot().look(bench.stick())

    bench.told(StickRefused)
    assert bench.reports == [StickRefused("/dev/sdb1", "it cannot be mounted: take another one")]


def test_odd_stick_does_not_end_what_looks_at_the_next(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody has thought of is logged."""
    bench.mounter.error = RuntimeError("odd")
    slot = bench.slot()
    slot.look(bench.stick())
    wait_until(lambda: "looking at /dev/sdb1 failed" in caplog.messages)
    bench.mounter.error = None
    slot.look(bench.stick(ID_FS_UUID="2"))

    bench.told(StickPlugged)


@pytest.mark.parametrize("usage", ["raid", "other"])
def test_part_of_something_else_is_passed_over(bench: Bench, usage: str) -> None:
    """A member of a RAID, or room to swap to, is not what people plug in to be read."""
    slot = bench.slot()
    slot.look(bench.stick(ID_FS_USAGE=usage))
    slot.look(bench.stick(ID_FS_UUID="2"))

    bench.told(StickPlugged)


def test_closed_slot_lets_go_and_tells_nothing(bench: Bench) -> None:
    """As the box ends."""
    slot = bench.slot()
    slot.look(bench.stick())
    bench.told(StickPlugged)

    slot.close()
    slot.join(5.0)

    assert bench.mounter.mounted == set()
    bench.told(StickPlugged)


@pytest.mark.parametrize(
    ("kind", "usage", "reason"),
    [("crypto_LUKS", "crypto", "encrypted"), ("hfsplus", "filesystem", r"not known here \(hfsplus\)")],
)
def test_file_system_that_is_not_read_is_refused_with_the_way_out(
    tmp_path: Path, kind: str, usage: str, reason: str
) -> None:
    """Nothing is tried with it."""
    mounter = Mounter(tmp_path / "sticks", MountTable(tmp_path / "sticks", root=tmp_path))

    with pytest.raises(DeviceError, match=f"{reason}.*format it as exFAT or FAT32"):
        mounter.mount("/dev/sdb1", Filesystem(kind=kind, usage=usage, label="", uuid=""))

    assert not (tmp_path / "sticks").exists()


def test_place_of_sticks_is_gone_with_the_machines_run(tmp_path: Path) -> None:
    """One for each box; in its state where the machine has no such place."""
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    one, other = (place_for_sticks(tmp_path / name, runtime) for name in ("one", "other"))

    assert one.parent == other.parent == tmp_path / "easyplayer"
    assert one != other
