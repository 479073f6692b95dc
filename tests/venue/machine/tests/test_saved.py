"""A machine goes on from a saved state, as often as wanted, with all its cards."""

import os
import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from tests.venue.machine import Disk, Machine, Network, RestoreError, Saved, tiny

pytestmark = pytest.mark.slow


def saved_at_one(spec_folder: Path, **cards: object) -> tuple[Machine, Saved]:
    """:return: a machine that has counted to one and was saved, and its state."""
    machine = Machine(tiny.spec(spec_folder, **cards), folder=spec_folder / "first")
    with machine:
        machine.launch()
        machine.console.wait("tiny: up", 5)
        machine.console.send("w")
        machine.console.wait("written 0001", 2)
        return machine, machine.save(spec_folder / "saved")


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Memory and disk are as they were, at once, and again; what one machine writes no other one sees."""
    first, saved = saved_at_one(tmp_path)
    assert not first.is_running

    for number in range(2):
        with Machine(tiny.spec(tmp_path), folder=tmp_path / f"m{number}") as machine:
            began = monotonic()
            machine.restore(saved)
            machine.console.send("w")
            machine.console.wait("written 0002", 2)
            assert monotonic() - began < 2
            assert "tiny: up" not in machine.console.text


def test_every_card_can_be_saved(tmp_path: Path) -> None:
    """Sound by a FIFO, network, USB, screen, watchdog and a disk's write log do not hinder it."""
    fifo = tmp_path / "sound"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    log = tmp_path / "writes.log"
    cards = {
        "sound": fifo,
        "usb": True,
        "network": Network(),
        "screen": True,
        "watchdog": True,
        "disks": (Disk(path=tiny.disk(tmp_path / "other.img"), log_writes=log),),
    }
    _, saved = saved_at_one(tmp_path, **cards)

    with Machine(tiny.spec(tmp_path, **cards), folder=tmp_path / "second") as machine:
        machine.restore(saved)
        machine.console.send("w")
        machine.console.wait("written 0002", 2)
        machine.cut_power()
    os.close(reader)

    assert log.stat().st_size > 0


def test_other_hardware_is_refused(tmp_path: Path) -> None:
    """The message names the fields in which they differ."""
    _, saved = saved_at_one(tmp_path)

    with Machine(tiny.spec(tmp_path, memory_mib=32)) as machine:
        with pytest.raises(RestoreError, match=r"of other hardware: memory_mib \(was 16, is 32\)"):
            machine.restore(saved)
        assert not machine.is_running


def test_no_state_and_a_torn_state_are_told(tmp_path: Path) -> None:
    """Where there is none, and where QEMU cannot read it."""
    with (
        Machine(tiny.spec(tmp_path)) as machine,
        pytest.raises(RestoreError, match="there is no saved state in"),
    ):
        machine.restore(Saved(tmp_path / "nothing"))
    _, saved = saved_at_one(tmp_path)
    memory = saved.folder / "memory"
    memory.write_bytes(memory.read_bytes()[:5000])

    with Machine(tiny.spec(tmp_path)) as machine:
        with pytest.raises(RestoreError, match="cannot be read"):
            machine.restore(saved)
        assert not machine.is_running


def test_a_disk_that_is_written_to_directly_cannot_be_saved(tmp_path: Path) -> None:
    """It would go on changing under the saved state; the machine runs on."""
    spec = tiny.spec(tmp_path)
    direct = replace(spec, disks=(replace(spec.disks[0], overlay=False),))
    with Machine(direct, folder=tmp_path / "m") as machine:
        machine.launch()
        with pytest.raises(RestoreError, match="disk0 is written to directly; give it overlay=True"):
            machine.save(tmp_path / "saved")
        assert machine.is_running


def test_one_that_cannot_be_saved_goes_on(tmp_path: Path) -> None:
    """Where the disk is full, or the folder is none, it is told, and the machine runs as before."""
    with Machine(tiny.spec(tmp_path), folder=tmp_path / "m") as machine:
        machine.launch()
        machine.console.wait("tiny: up", 5)
        (tmp_path / "saved" / "memory").mkdir(parents=True)

        with pytest.raises(RestoreError, match="the state of tiny cannot be saved"):
            machine.save(tmp_path / "saved")

        machine.console.send("w")
        machine.console.wait("written 0001", 2)


def test_several_at_once(tmp_path: Path) -> None:
    """Machines of one state run beside each other, and nothing of one shows in another."""
    _, saved = saved_at_one(tmp_path)
    ends: list[str] = []

    def count(name: str, times: int) -> None:
        with Machine(tiny.spec(tmp_path), folder=tmp_path / name) as machine:
            machine.restore(saved)
            for number in range(times):
                machine.console.send("w")
                machine.console.wait(f"written {number + 2:04}", 5)
            ends.append(f"{name} {machine.console.text.split()[-1]}")

    threads = [threading.Thread(target=count, args=(f"m{times}", times)) for times in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["m1 0002", "m2 0003", "m3 0004"]
