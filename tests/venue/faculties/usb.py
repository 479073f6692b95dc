"""The USB sockets of a venue: sticks and sound cards are put in, and pulled without a word."""

from pathlib import Path

from tests.venue.faculties.stick_image import StickImage
from tests.venue.machine import CommandError, Machine

BUS = "xhci.0"
CARD_AUDIO = "usb-card"
REMOVED_WITHIN_S = 10.0
IN_USE_TRIES = 20


class Usb:
    """What is in the sockets of a machine (which has ``usb=True``).

    A stick that is pulled is gone at once, whatever the machine was about to do with it: what it had in
    memory is lost, and what it had sent is on the stick.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._count = 0

    def insert(self, stick: StickImage, *, read_only: bool = False) -> str:
        """Put a stick in, perhaps one whose switch forbids writing; give the name by which it is pulled."""
        self._count += 1
        name = f"stick{self._count}"
        file = {"driver": "file", "filename": str(stick.path)}
        self._machine.command(
            "blockdev-add", {"driver": "raw", "node-name": name, "read-only": read_only, "file": file}
        )
        self._machine.command(
            "device_add", driver="usb-storage", id=name, bus=BUS, drive=name, removable=True
        )
        return name

    def read_bytes(self, name: str) -> int:
        """Tell how many bytes the machine has read of a stick so far, as its device counts them."""
        for device in self._machine.command("query-blockstats"):
            if name in device.get("qdev", ""):
                return int(device["stats"]["rd_bytes"])
        return 0

    def pull(self, name: str) -> None:
        """Pull a stick, as it is."""
        self._remove(name)
        # QEMU may still hold the image for a moment after the device is gone.
        for _ in range(IN_USE_TRIES - 1):
            try:
                self._machine.command("blockdev-del", node_name=name)
                return
            except CommandError:
                continue
        self._machine.command("blockdev-del", node_name=name)

    def plug_sound_card(self) -> str:
        """Plug a sound card in; the machine has the arguments of :func:`card_arguments`."""
        self._machine.command("device_add", driver="usb-audio", id=CARD_AUDIO, bus=BUS, audiodev=CARD_AUDIO)
        return CARD_AUDIO

    def unplug_sound_card(self) -> None:
        """Pull the sound card's plug."""
        self._remove(CARD_AUDIO)

    def _remove(self, name: str) -> None:
        self._machine.command("device_del", id=name)
        self._machine.wait_event("DEVICE_DELETED", {"device": name}, timeout_s=REMOVED_WITHIN_S)


def card_arguments(fifo: Path, *, plugged: bool = False) -> tuple[str, ...]:
    """Give QEMU's arguments for a USB sound card that plays into a FIFO.

    :param plugged: whether it is there from the start.
    """
    audio = ("-audiodev", f"wav,id={CARD_AUDIO},path={fifo},out.frequency=48000")
    card = ("-device", f"usb-audio,id={CARD_AUDIO},bus={BUS},audiodev={CARD_AUDIO}")
    return (*audio, *card) if plugged else audio
