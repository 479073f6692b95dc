"""Devices in memory: sticks are folders, plugged and pulled as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from easyplayer.drivers.device_watch import (
    CardChanged,
    Display,
    DisplayChanged,
    Report,
    SoundCard,
    Stick,
    StickPlugged,
    StickPulled,
    StickRefused,
)
from easyplayer.errors import DeviceError


def stick(folder: Path, name: str = "MUSIC", device: str = "/dev/sdb1") -> Stick:
    """Make a stick whose files are in a folder."""
    return Stick(device=device, name=name, filesystem="vfat", folder=folder)


class FakeDeviceWatch:
    """The contract :class:`~easyplayer.drivers.device_watch.DeviceWatch`, and the devices behind it.

    Give :meth:`watch` to who wants to make a watch; what is plugged in before is told then.

    :ivar protected: whether sticks are write-protected.
    :ivar full: whether they have no room.
    :ivar written: the sticks that were opened for writing, in order.
    :ivar closed: whether the watch was let go.
    """

    def __init__(self) -> None:
        self.protected = False
        self.full = False
        self.written: list[Stick] = []
        self.closed = False
        self._report: Report | None = None
        self._there: dict[str, Stick | None] = {}
        self._outputs: list[CardChanged | DisplayChanged] = []

    # -- the contract --------------------------------------------------------------------------

    def watch(self, report: Report) -> Self:
        """Make the watch."""
        self._report = report
        for one in self._outputs:
            report(one)
        for there in self._there.values():
            if there is not None:
                report(StickPlugged(there))
        return self

    @contextmanager
    def writable(self, stick: Stick) -> Iterator[Path]:
        """Give the stick's folder, unless it cannot be written to."""
        if stick.device not in self._there:
            message = f"stick {stick.name} is gone"
            raise DeviceError(message)
        if self.protected or self.full:
            reason = "write-protected" if self.protected else "full: make room on it"
            message = f"stick {stick.name} cannot be written to: it is {reason}"
            raise DeviceError(message)
        self.written.append(stick)
        yield stick.folder
        if stick.device not in self._there:
            message = f"stick {stick.name} cannot be written to: it was pulled"
            raise DeviceError(message)

    def close(self) -> None:
        """Report nothing any more."""
        self.closed = True

    # -- what a test does to it ----------------------------------------------------------------

    def plug(self, one: Stick) -> Stick:
        """Plug a stick in that can be read."""
        self._there[one.device] = one
        self._tell(StickPlugged(one))
        return one

    def plug_broken(self, device: str, reason: str) -> None:
        """Plug a stick in that cannot be read."""
        self._there[device] = None
        self._tell(StickRefused(device, reason))

    def pull(self, device: str) -> None:
        """Pull a stick out."""
        one = self._there.pop(device, None)
        if one is not None:
            self._tell(StickPulled(one))

    def turn_card(self, card: SoundCard, *, present: bool) -> None:
        """Plug a sound card in, or pull it out."""
        self._change(CardChanged(card, present))

    def turn_display(self, display: Display, *, present: bool) -> None:
        """Plug a display in, or pull it out."""
        self._change(DisplayChanged(display, present))

    def _change(self, report: CardChanged | DisplayChanged) -> None:
        self._outputs.append(report)
        self._tell(report)

    def _tell(self, report: StickPlugged | StickRefused | StickPulled | CardChanged | DisplayChanged) -> None:
        if self._report is not None and not self.closed:
            self._report(report)
