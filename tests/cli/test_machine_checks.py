"""What the doctor looks at where the whole machine is the box."""

import platform
import socket
from pathlib import Path

import msgspec
import pytest

from easyplayer.appliance.setup_report import SetupReport
from easyplayer.cli import machine_checks, machine_notes
from easyplayer.cli.machine_checks import BAD, DOUBTFUL, GOOD, look_at_machine, look_for_hub
from easyplayer.drivers.network_view import AdapterSeen, adapters
from easyplayer.settings import HubSettings, Settings

MOUNT = "31 1 254:2 / /run/easyplayer-root/lower ro,relatime - squashfs /dev/vda2 ro\n"


@pytest.fixture
def appliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the files of an appliance that is well."""
    release = {"IMAGE_ID": "easyplayer-x86-64", "IMAGE_VERSION": "7"}
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    for name in ("MOUNTS", "BLOCK", "DATA"):
        monkeypatch.setattr(machine_checks, name, tmp_path / name)
    monkeypatch.setattr(machine_notes, "REPORT", tmp_path / "report.json")
    monkeypatch.setattr(machine_notes, "DATA_TROUBLE", tmp_path / "trouble")
    monkeypatch.setattr(machine_checks, "adapters", lambda: (AdapterSeen("ens3", True, ("10.0.2.15",)),))
    (tmp_path / "DATA").mkdir()
    (tmp_path / "MOUNTS").write_text(MOUNT)
    (tmp_path / "BLOCK/vda2").mkdir(parents=True)
    (tmp_path / "BLOCK/vda2/uevent").write_text("DEVTYPE=partition\nPARTNAME=easyplayer-root-a\n")
    return tmp_path


def seen() -> dict[tuple[str, str], str]:
    """Give what was found, by place and health."""
    return {(one.place, one.health): one.what for one in look_at_machine()}


@pytest.mark.usefixtures("appliance")
def test_appliance_that_is_well_tells_what_it_runs_from() -> None:
    """Its version, the partition it started from, its room, and its network."""
    found = seen()
    assert found["image", GOOD] == "easyplayer-x86-64, version 7, from easyplayer-root-a"
    assert "MB free" in found["data", GOOD]
    assert found["given", GOOD] == "in force is what came from nobody"
    assert found["cable", GOOD] == "ens3 has 10.0.2.15"


def test_what_is_wrong_is_told(appliance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data partition, the technician's file, and cables."""
    report = SetupReport(source="a stick", problems=("line 3",), notes=("no name servers",))
    (appliance / "report.json").write_bytes(msgspec.json.encode(report))
    (appliance / "trouble").write_text("the disk is broken")
    (appliance / "MOUNTS").unlink()
    cables = (AdapterSeen("a", True, ()), AdapterSeen("b", False, ()))
    monkeypatch.setattr(machine_checks, "adapters", lambda: cables)
    found = seen()
    assert "the disk is broken" in found["data", BAD]
    assert found["given", BAD] == "line 3"
    assert found["given", DOUBTFUL] == "no name servers"
    assert found["given", GOOD] == "in force is what came from a stick"
    assert found["cable", BAD] == "a has a cable and no address"
    assert found["cable", DOUBTFUL] == "b has no cable"
    assert found["image", GOOD] == "easyplayer-x86-64, version 7"
    monkeypatch.setattr(machine_checks, "adapters", tuple)
    assert seen()["cable", BAD] == "there is no network adapter"


def test_disk_that_could_not_be_mounted_is_told(appliance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine had one to mount, and left no other word of it."""
    monkeypatch.setattr(machine_notes, "DATA_NOTES", appliance)
    monkeypatch.setattr(machine_notes, "DATA", appliance / "DATA")
    assert "journalctl -u data.mount tells why" in seen()["data", BAD]
    monkeypatch.setattr(machine_notes, "DATA", Path("/proc"))
    assert ("data", GOOD) in seen()


def test_other_machines_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop has a data partition of its own kind."""
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    assert [*look_at_machine()] == []


def test_hub_is_looked_for_where_one_is_set() -> None:
    """By its proxy, if there is one; a box without a hub looks for none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        (found,) = look_for_hub(Settings(hub=HubSettings(url=here)))
        (by_proxy,) = look_for_hub(Settings(hub=HubSettings(url="https://hub.invalid", proxy=here)))
    assert (found.health, by_proxy.health) == (GOOD, GOOD)
    assert by_proxy.what.startswith("proxy to the hub 127.0.0.1")
    (gone,) = look_for_hub(Settings(hub=HubSettings(url=here)))
    assert gone.health == BAD
    assert [*look_for_hub(Settings())] == []


def test_adapters_are_those_that_are_hardware(tmp_path: Path) -> None:
    """With their carrier, and the addresses that others can use; what cannot be looked at is none."""
    for name, carrier in (("ens3", "1"), ("ens4", None), ("lo", "1")):
        (tmp_path / name).mkdir()
        if name != "lo":
            (tmp_path / name / "device").mkdir()
        if carrier:
            (tmp_path / name / "carrier").write_text(f"{carrier}\n")
    assert adapters(tmp_path) == (AdapterSeen("ens3", True, ()), AdapterSeen("ens4", False, ()))
    assert adapters(tmp_path / "nothing") == ()
    (tmp_path / "lo/device").mkdir()
    assert "127.0.0.1" in next(one for one in adapters(tmp_path) if one.name == "lo").addresses
