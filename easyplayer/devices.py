"""What is plugged into the box: USB sticks, sound cards, displays."""

import logging
from contextlib import AbstractContextManager
from pathlib import Path

from circuits.core.events import Event

from easyplayer.component import BoxComponent
from easyplayer.device_events import (
    display_changed,
    sound_card_changed,
    stick_plugged,
    stick_pulled,
    stick_refused,
)
from easyplayer.drivers.device_watch import (
    CardChanged,
    DeviceReport,
    DeviceWatch,
    DeviceWatchMaker,
    DisplayChanged,
    Stick,
    StickPlugged,
    StickPulled,
    StickRefused,
)
from easyplayer.errors import DeviceError

log = logging.getLogger(__name__)


class Devices(BoxComponent):
    """Tells the box of what comes and goes.

    Which outputs there are, the sound server says by itself, also of a card that was just plugged in; a
    card is told so that a person can see that the machine has noticed it.

    :param make_watch: makes what watches, given a taker of its reports.
    """

    def __init__(self, make_watch: DeviceWatchMaker) -> None:
        super().__init__()
        self._make_watch = make_watch
        self._watch: DeviceWatch | None = None

    def open(self) -> None:
        """Begin to watch; what is there already is told first."""
        self._watch = self._make_watch(self._take)

    def close(self) -> None:
        """Watch no more, and let go of every stick."""
        if self._watch is not None:
            self._watch.close()

    def writable(self, stick: Stick) -> AbstractContextManager[Path]:
        """Give a folder of a stick in which can be written, for as long as the block takes; it blocks.

        May be called on any thread.

        :raises DeviceError: it cannot be written to, or what was written may not be on it.
        """
        if self._watch is None:
            message = "no devices are watched"
            raise DeviceError(message)
        return self._watch.writable(stick)

    def _take(self, report: DeviceReport) -> None:
        """Say what has happened; called on a thread of the watch."""
        self.fire(told(report))


def told(report: DeviceReport) -> Event:
    """Put a report into the log, and into the words of the box."""
    match report:
        case StickPlugged(stick):
            log.info("stick %s is plugged in: %s on %s", stick.name, stick.filesystem, stick.device)
            return stick_plugged(stick)
        case StickRefused(device, reason):
            log.warning("the stick at %s cannot be read: %s", device, reason)
            return stick_refused(device, reason)
        case StickPulled(stick):
            log.info("stick %s is gone", stick.name)
            return stick_pulled(stick)
        case CardChanged(card, present):
            log.info("sound card %s is there" if present else "sound card %s is gone", card.name)
            return sound_card_changed(card, present=present)
        case DisplayChanged(display, present):
            log.info("display %s is there" if present else "display %s is gone", display.id)
            return display_changed(display, present=present)
