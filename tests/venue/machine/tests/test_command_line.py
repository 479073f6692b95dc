"""The command line is a pure function of the spec and the wiring."""

import dataclasses
import json
from itertools import pairwise
from pathlib import Path

from tests.venue.machine import Disk, Network, Spec
from tests.venue.machine.command_line import Wiring, arguments

PLAIN = Wiring(accelerator="tcg", control=3, console=4)


def after(command: list[str], option: str) -> list[str]:
    """:return: the values of an option."""
    return [value for name, value in pairwise(command) if name == option]


def test_nothing_is_there_that_was_not_asked_for() -> None:
    """A bare spec has no disk, no card, no display, no configuration of this host, and stands still."""
    command = arguments(Spec(), PLAIN)

    assert {"-nodefaults", "-no-user-config", "-S"} <= set(command)
    assert after(command, "-display") == ["none"]
    assert after(command, "-device") == []


def test_every_card_has_its_name() -> None:
    """Sound, network, USB, screen and watchdog are there by the names that are documented."""
    spec = Spec(sound=Path("/x/sound,1"), network=Network(), usb=True, screen=True, watchdog=True)

    command = arguments(spec, PLAIN)

    devices = " ".join(after(command, "-device"))
    assert all(f"id={name}" in devices for name in ("xhci", "nic0", "hda", "card", "screen", "watchdog"))
    assert after(command, "-audiodev") == ["wav,id=sound,path=/x/sound,,1,out.frequency=48000"]
    assert after(command, "-netdev") == ["user,id=net0,restrict=on"]


def test_the_network_is_as_wished() -> None:
    """Rules to and fro are QEMU's own; a whole netdev takes the place of all."""
    rules = Network(restrict=False, forwards=("tcp:10.0.2.100:80-cmd:x",), host_ports=("tcp::2222-:22",))

    plain = arguments(Spec(network=rules), PLAIN)
    own = arguments(Spec(network=Network(netdev="stream,server=off")), PLAIN)

    assert after(plain, "-netdev") == [
        "user,id=net0,restrict=off,guestfwd=tcp:10.0.2.100:80-cmd:x,hostfwd=tcp::2222-:22"
    ]
    assert after(own, "-netdev") == ["stream,server=off,id=net0"]


def test_a_disk_with_a_write_log_is_three_nodes() -> None:
    """The device writes to the log's node, and that to the image and to the log."""
    disk = Disk(path=Path("/x/a,b.img"), log_writes=Path("/x/log"))
    wiring = Wiring(accelerator="kvm", control=3, console=4, images=((Path("/x/over"), "qcow2"),))

    command = arguments(Spec(disks=(disk,)), wiring)

    image, log, node = (json.loads(value) for value in after(command, "-blockdev"))
    assert image["node-name"] == "disk0-image"
    assert image["file"] == {"driver": "file", "filename": "/x/over"}
    assert log["filename"] == "/x/log"
    assert (node["driver"], node["file"], node["log"]) == ("blklogwrites", "disk0-image", "disk0-log")
    device = json.loads(after(command, "-device")[0])
    assert (device["drive"], device["bootindex"]) == ("disk0", 1)
    assert after(command, "-cpu") == ["host"]


def test_a_firmware_and_a_kernel_are_both_possible() -> None:
    """UEFI comes with its variables; a kernel with its initrd and command line."""
    spec = Spec(
        kernel=Path("/x/k"),
        initrd=Path("/x/i"),
        append="quiet",
        firmware=Path("/x/f"),
        firmware_vars=Path("/x/v"),
    )
    wiring = Wiring(accelerator="tcg", control=3, console=4, firmware_vars=Path("/m/v"), incoming=True)

    command = arguments(spec, wiring)

    assert after(command, "-append") == ["quiet"]
    assert after(command, "-machine") == ["q35", "pflash0=firmware", "pflash1=variables"]
    assert json.loads(after(command, "-blockdev")[1])["file"]["filename"] == "/m/v"
    assert after(command, "-incoming") == ["defer"]


def test_a_kernel_is_booted_before_any_disk() -> None:
    """QEMU gives it the turn 0 itself, and refuses a disk that wants that too."""
    spec = Spec(kernel=Path("/x/k"), disks=(Disk(path=Path("/x/disk")),))
    wiring = Wiring(accelerator="tcg", control=3, console=4, images=((Path("/x/disk"), "raw"),))

    assert json.loads(after(arguments(spec, wiring), "-device")[0])["bootindex"] == 1


def test_a_board_for_another_processor_has_the_same_by_its_own_names() -> None:
    """The shell's line is a card there, and nothing is left of a PC."""
    wiring = dataclasses.replace(PLAIN, shell=PLAIN.console + 1)

    command = arguments(Spec(board="virt", screen=True), wiring)

    assert after(command, "-machine") == ["virt"]
    assert after(command, "-serial") == ["chardev:console"]
    assert after(command, "-device") == ["pci-serial,chardev=shell", "virtio-gpu-pci,id=screen"]
    assert after(arguments(Spec(), wiring), "-serial") == ["chardev:console", "chardev:shell"]
