"""The contract of what sees devices come and go, and of what makes the files of a USB stick readable."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

from msgspec import Struct


class Stick(Struct, frozen=True, kw_only=True):
    """A USB stick, or one partition of it, whose files can be read.

    :ivar device: its device node, such as ``/dev/sdb1``.
    :ivar name: what people call it: its label, or else its maker and model.
    :ivar filesystem: such as ``vfat``.
    :ivar folder: where its files are; they are only read there.
    """

    device: str
    name: str
    filesystem: str
    folder: Path


class SoundCard(Struct, frozen=True, kw_only=True):
    """A sound card.

    :ivar id: as the kernel names it, such as ``card1``.
    """

    id: str
    name: str


class Display(Struct, frozen=True, kw_only=True):
    """A connector for a display, with something plugged into it.

    :ivar id: as the kernel names it, such as ``card0-HDMI-A-1``.
    :ivar title: what the display calls itself; empty where it does not say.
    :ivar modes: what it can show, such as ``1920x1080``, the one it likes best first.
    """

    id: str
    title: str = ""
    modes: tuple[str, ...] = ()


class StickPlugged(Struct, frozen=True):
    """A stick is there and can be read."""

    stick: Stick


class StickRefused(Struct, frozen=True):
    """A stick is there and cannot be read; says why, with the way out."""

    device: str
    reason: str


class StickPulled(Struct, frozen=True):
    """A stick that was plugged is gone."""

    stick: Stick


class CardChanged(Struct, frozen=True):
    """A sound card has come or gone; at the start, those that are there come."""

    card: SoundCard
    present: bool


class DisplayChanged(Struct, frozen=True):
    """A display has come or gone; at the start, those that are there come.

    One that can show something else than before, as another one was plugged in, has gone and come.
    """

    display: Display
    present: bool


DeviceReport: TypeAlias = StickPlugged | StickRefused | StickPulled | CardChanged | DisplayChanged
Report: TypeAlias = Callable[[DeviceReport], None]


class DeviceWatch(Protocol):
    """Watches devices from its making on, and reports from a thread of its own."""

    def writable(self, stick: Stick) -> AbstractContextManager[Path]:
        """Give a folder of a stick in which can be written, for as long as the block takes; it blocks.

        What was written is on the stick when the block is over.

        :raises DeviceError: it cannot be written to.
        """

    def close(self) -> None:
        """Watch no more, and let go of every stick."""


DeviceWatchMaker: TypeAlias = Callable[[Report], DeviceWatch]
