"""The machine: how it is, and by what it is told from another."""

from pathlib import Path

import pytest

from easyplayer.drivers.host import MOST_ADDRESSES, Host
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import Machine


class Tree:
    """The files of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> "Tree":
        """Lay a file there."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return self

    def adapter(
        self, name: str, address: str, bus: str = "pci0000:00/0000:00:1f.6", kind: str = "0"
    ) -> "Tree":
        """Put a network adapter into it; no bus is one that the system has made up."""
        folder = f"sys/class/net/{name}"
        self.write(f"{folder}/address", f"{address}\n").write(f"{folder}/addr_assign_type", f"{kind}\n")
        if bus:
            device = self.root / "sys/devices" / bus
            device.mkdir(parents=True, exist_ok=True)
            (self.root / folder / "device").symlink_to(device)
        return self

    @property
    def fingerprint(self) -> str:
        """The name of the machine."""
        return Host(self.root).fingerprint()


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Tree:
    """Give a machine as most are."""
    tree = Tree(tmp_path / "one").write("etc/machine-id", "abc\n")
    return tree.adapter("eth0", "00:11:22:33:44:55").adapter("lo", "00:00:00:00:00:00", bus="")


@pytest.fixture(name="other")
def _other(tmp_path: Path) -> Tree:
    """Give another one, with a copy of its disk."""
    return Tree(tmp_path / "other").write("etc/machine-id", "abc\n")


def test_it_says_how_it_is() -> None:
    """Figures that can be, in a message that the hub understands."""
    host = Host()
    facts = host.measure()

    assert decode(encode(facts), Machine) == facts
    assert facts.name
    assert facts.system
    assert 0 < facts.memory_bytes < facts.memory_total_bytes
    assert 0 < facts.memory_free_bytes <= facts.memory_total_bytes
    assert 0 <= facts.cpu_percent <= 100
    assert len(facts.addresses) <= MOST_ADDRESSES
    assert "127.0.0.1" not in facts.addresses


def test_its_name_stays_and_is_none_of_its_numbers(machine: Tree) -> None:
    """A digest, which tells nobody its addresses."""
    assert machine.fingerprint == machine.fingerprint
    assert len(machine.fingerprint) == 64
    assert "44" not in machine.fingerprint or "00:11" not in machine.fingerprint


def test_a_copy_of_its_disk_in_another_machine_has_another_name(machine: Tree, other: Tree) -> None:
    """By its network adapter."""
    other.adapter("eth0", "00:11:22:33:44:66")
    assert machine.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "file",
    [
        "sys/class/dmi/id/product_uuid",
        "sys/class/dmi/id/product_serial",
        "sys/firmware/devicetree/base/serial-number",
    ],
)
def test_or_by_what_its_board_says(file: str, machine: Tree, other: Tree) -> None:
    """Where two adapters say the same, or there is none."""
    other.adapter("eth0", "00:11:22:33:44:55")
    assert machine.fingerprint == other.fingerprint
    machine.write(file, "one\0")
    other.write(file, "another\0")
    assert machine.fingerprint != other.fingerprint


def test_what_can_be_pulled_out_does_not_count(machine: Tree) -> None:
    """A stick that is plugged in makes no other box; nor does what the system makes up, or draws anew."""
    before = machine.fingerprint
    machine.adapter("usb0", "00:aa:bb:cc:dd:ee", bus="pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0")
    machine.adapter("docker0", "02:42:00:00:00:01", bus="")
    machine.adapter("wlan0", "06:12:34:56:78:9a", bus="pci0000:00/0000:00:1c.0", kind="1")

    assert machine.fingerprint == before


def test_the_order_of_its_adapters_does_not_count(machine: Tree, other: Tree) -> None:
    """Their names may change with each start."""
    machine.adapter("eth1", "00:11:22:33:44:77")
    other.adapter("eth0", "00:11:22:33:44:77").adapter("eth1", "00:11:22:33:44:55")
    assert machine.fingerprint == other.fingerprint


def test_where_the_hardware_says_nothing_the_system_does(tmp_path: Path) -> None:
    """Containers, mostly; a copy of one cannot be told from it."""
    one, two = Tree(tmp_path / "1").write("etc/machine-id", "abc"), Tree(tmp_path / "2")
    assert one.fingerprint != two.write("etc/machine-id", "abd").fingerprint
    assert one.fingerprint == two.write("etc/machine-id", "abc").fingerprint


def test_the_real_one_has_a_name() -> None:
    """Whoever asks."""
    assert Host().fingerprint() == Host().fingerprint()
