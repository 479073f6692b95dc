"""Real sticks that the system mounts for a box without rights; ``test_hands`` runs it, apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers import udev_watch
from easyplayer.drivers.device_watch import StickPulled
from easyplayer.drivers.mount_tool import AskedMounts
from easyplayer.errors import DeviceError
from tests.drivers.real_sticks import LONG, Machine
from tests.drivers.sticks import LoopStick, Udev, is_mounted, wait_until
from tests.systemd.hands import Hands, Sysfs


@pytest.fixture(name="machine")
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    machine.place.mkdir()
    environment = {
        "EASYPLAYER_SYSFS": str(tmp_path / "sys"),
        "EASYPLAYER_STICKS": str(machine.place),
        "EASYPLAYER_BY": "env",
        "EASYPLAYER_OWNER": "0",
    }
    with Hands(tmp_path, environment) as hands:
        monkeypatch.setattr(udev_watch, "mount_tool", lambda _: AskedMounts(hands.path))
        with Udev(), machine.sticks, machine.watches:
            yield machine


def plug(machine: Machine, kind: str) -> LoopStick:
    """Plug a stick in, and show it as one that is on USB."""
    one = machine.plug(kind=kind)
    Sysfs(machine.folder / "sys").add(Path(one.disk).name, Path(one.node).name)
    machine.watch()
    return one


@pytest.mark.parametrize("kind", ["ext2", "ext4"])
def test_stick_is_read_written_to_and_let_go(machine: Machine, kind: str) -> None:
    """As by a box that mounts it itself."""
    watch = machine.watch(sticks=False)
    one = plug(machine, kind)
    stick = machine.plugged()

    assert stick.folder == machine.place / Path(one.node).name
    assert (stick.folder / "song").read_bytes() == LONG
    with watch.writable(stick) as folder:
        (folder / "report").write_text("all is well")
    with pytest.raises(OSError, match="Read-only"):
        (stick.folder / "report").write_text("again")

    one.pull()
    machine.pulled(stick)
    assert StickPulled(stick) in machine.reports
    wait_until(lambda: not is_mounted(str(stick.folder)))
    wait_until(lambda: not stick.folder.exists())


def test_stick_that_cannot_be_mounted_is_refused_in_the_system_s_words(machine: Machine) -> None:
    """They come from whoever has mounted it."""
    one = machine.plug()
    Sysfs(machine.folder / "sys").add(Path(one.disk).name, Path(one.node).name)
    mounts = udev_watch.mount_tool(udev_watch.MountTable(machine.place))
    assert mounts is not None

    with pytest.raises(DeviceError, match=r"file ?system|fs type"):
        mounts.mount(one.node, machine.place / Path(one.node).name, "vfat", lambda: None)

    assert not list(machine.place.iterdir())
