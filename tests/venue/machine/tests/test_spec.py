"""A spec tells everything that is wrong with it, at once, with the way out."""

import os
from pathlib import Path

import pytest

from tests.venue.machine import Disk, Network, Spec, SpecError


def faults(spec: Spec) -> tuple[str, ...]:
    with pytest.raises(SpecError) as caught:
        spec.check()
    return caught.value.faults


def test_a_plain_spec_is_fine() -> None:
    """Nothing has to be given."""
    Spec().check()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends a spec is not sent from one error to the next."""
    spec = Spec(
        name="My Machine", board="pc", memory_mib=8, cpus=0, rtc="yesterday", sound=tmp_path / "no" / "fifo"
    )

    told = faults(spec)

    assert [fault.split(":")[0] for fault in told] == ["name", "board", "memory_mib", "cpus", "rtc", "sound"]
    assert all(";" in fault for fault in told)


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        (Spec(kernel=Path("/no/vmlinuz")), "kernel: there is no file /no/vmlinuz; build the image first"),
        (Spec(append="quiet"), "append: is for a kernel, and there is none; give kernel as well"),
        (Spec(firmware_vars=Path("/dev/null")), "firmware_vars: there is no file /dev/null"),
        (Spec(disks=(Disk(path=Path("/no/disk")),)), "disks[0].path: there is no file /no/disk"),
        (Spec(network=Network(mac="nonsense")), "network.mac: 'nonsense' is no address"),
        (Spec(network=Network(forwards=("80",))), "network: '80' is no rule"),
    ],
)
def test_a_fault_names_its_field_and_the_way_out(spec: Spec, fault: str) -> None:
    """The message can be acted on without reading the code."""
    assert faults(spec)[0].startswith(fault)


def test_disks_are_looked_at_together(tmp_path: Path) -> None:
    """Two disks of one name, an unknown format, and a bus that is not there are told."""
    image = tmp_path / "disk.img"
    image.write_bytes(b"")
    one = Disk(path=image, name="data")
    odd = Disk(path=image, format="vhd", interface="usb", read_only=True, log_writes=tmp_path / "log")

    told = "\n".join(faults(Spec(disks=(one, one, odd))))

    assert "disks[1].name: 'data' is another disk's too; give each its own" in told
    assert "disks[2].format: 'vhd' is not known; give one of raw, qcow2" in told
    assert "disks[2].interface: there is no USB; give usb=True" in told
    assert "disks[2].log_writes: a disk that is read only has no writes to log" in told


def test_a_fifo_needs_its_reader(tmp_path: Path) -> None:
    """QEMU would wait for one without end; with a reader all is well."""
    fifo = tmp_path / "sound"
    os.mkfifo(fifo)

    assert faults(Spec(sound=fifo))[0].startswith(f"sound: nobody reads {fifo}, and QEMU would wait")
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    Spec(sound=fifo).check()
    os.close(reader)


def test_the_message_lists_them() -> None:
    """The exception's text alone says what is wrong."""
    with pytest.raises(SpecError, match=r"cannot be built:\n  - memory_mib: 1 is too little") as caught:
        Spec(memory_mib=1, cpus=99).check()
    assert "\n  - cpus: 99 cannot be; give 1 to 64" in str(caught.value)
