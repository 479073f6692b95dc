"""What is plugged into the box, as its parts hear it."""

import logging
from pathlib import Path

import pytest

from easyplayer.devices import Devices
from easyplayer.drivers.device_watch import Display, SoundCard
from easyplayer.errors import DeviceError
from tests.fakes.device_watch import FakeDeviceWatch, stick
from tests.house import Stage

CARD = SoundCard(id="card1", name="USB Audio DAC")
DISPLAY = Display(id="card0-HDMI-A-1")


class Place(Stage):
    """The part that is tried, and what is plugged into its machine."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = FakeDeviceWatch()
        self.part = Devices(self.machine.watch)

    def begin(self) -> "Place":
        """Open it."""
        self.open(self.part)
        self.settle()
        return self


def test_stick_that_is_there_at_the_start_is_told(tmp_path: Path) -> None:
    """As if it were plugged in just now."""
    place = Place()
    one = place.machine.plug(stick(tmp_path))

    place.begin()

    assert place.told("stick_plugged") == [[one]]


def test_stick_that_comes_and_goes_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In events, and in the log, by its name."""
    place = Place().begin()
    with caplog.at_level(logging.INFO):
        one = place.machine.plug(stick(tmp_path))
        place.machine.pull(one.device)
        place.settle()

    assert place.told("stick_plugged") == place.told("stick_pulled") == [[one]]
    assert caplog.messages == ["stick MUSIC is plugged in: vfat on /dev/sdb1", "stick MUSIC is gone"]


def test_stick_that_cannot_be_read_is_told_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever has plugged it in waits for something to happen."""
    place = Place().begin()
    place.machine.plug_broken("/dev/sdc", "it is encrypted: take another one")
    place.settle()

    assert place.told("stick_refused") == [["/dev/sdc", "it is encrypted: take another one"]]
    assert caplog.messages == ["the stick at /dev/sdc cannot be read: it is encrypted: take another one"]


def test_cards_and_displays_that_come_and_go_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Each with whether it is there."""
    place = Place().begin()
    with caplog.at_level(logging.INFO):
        for present in (True, False):
            place.machine.turn_card(CARD, present=present)
            place.machine.turn_display(DISPLAY, present=present)
        place.settle()

    assert place.told("sound_card_changed") == [[CARD, True], [CARD, False]]
    assert place.told("display_changed") == [[DISPLAY, True], [DISPLAY, False]]
    assert caplog.messages == [
        "sound card USB Audio DAC is there",
        "display card0-HDMI-A-1 is there",
        "sound card USB Audio DAC is gone",
        "display card0-HDMI-A-1 is gone",
    ]


def test_stick_can_be_written_to_while_the_box_watches(tmp_path: Path) -> None:
    """And by nobody before."""
    place = Place()
    one = place.machine.plug(stick(tmp_path))
    with pytest.raises(DeviceError, match="no devices are watched"), place.part.writable(one):
        pass

    place.begin()
    with place.part.writable(one) as folder:
        assert folder == tmp_path


def test_closed_part_lets_go(tmp_path: Path) -> None:
    """What is plugged in afterwards is nobody's business; a part never opened has nothing to let go."""
    place = Place().begin()

    place.part.close()
    place.machine.plug(stick(tmp_path))
    place.settle()
    Devices(place.machine.watch).close()

    assert place.machine.closed
    assert place.told("stick_plugged") == []
