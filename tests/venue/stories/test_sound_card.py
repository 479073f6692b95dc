"""A sound card is pulled out and put back; heard at each card."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.sound import Sound
from tests.venue.faculties.usb import card_arguments
from tests.venue.machine import Spec
from tests.venue.venue import Fittings

pytestmark = pytest.mark.venue

STEADY_S = 2.0
MOVES_WORKS_S = 2.0
"""So long a fast machine takes to notice a card, and to play on it."""

AWAY_S = 15.0
AFTERWARDS_S = 15.0


@pytest.fixture
def usb_ear(tmp_path: Path) -> Iterator[Sound]:
    """Listen at the sockets of a USB sound card, beside the ear of the venue at the card that is built in."""
    with Sound(tmp_path, name="usb") as ear:
        yield ear


def test_only_sound_card_is_pulled_and_put_back(box: Spec, open_venue: OpenVenue) -> None:
    """While it is away nobody hears anything; 2 s after it is back the music goes on."""
    with open_venue(box, Fittings(usb_card=True)) as venue:
        venue.power_on()  # the state of a machine with such a card cannot be kept
        venue.wait_for_music()
        venue.expect_nothing()
        with venue.outage("USB sound card pulled", "USB sound card put back"):
            venue.usb.unplug_sound_card()
            venue.listen(AWAY_S)
            venue.usb.plug_sound_card()
        back_s = venue.wait_for_music()
        assert back_s < MOVES_WORKS_S * venue.machine.accelerator.factor
        venue.expect_silence_below(STEADY_S)
        venue.listen(AFTERWARDS_S)


def test_box_moves_to_the_card_that_is_there_and_back(
    box: Spec, open_venue: OpenVenue, usb_ear: Sound
) -> None:
    """A USB card is put in and pulled beside the one that is built in: the music is always at one of them.

    From the moment on that a card is gone, it takes 2 s until the other one plays.
    """
    both = replace(box, usb=True, extra=(*box.extra, *card_arguments(usb_ear.fifo)))
    with open_venue(both) as venue:
        venue.resume()
        limit_s = MOVES_WORKS_S * venue.machine.accelerator.factor
        venue.expect_nothing()
        with venue.outage("USB sound card put in: heard there", "USB sound card pulled"):
            venue.usb.plug_sound_card()
            there_s = usb_ear.wait_for_music(limit_s)
            venue.listen(AWAY_S)
            assert usb_ear.longest_silence_s(there_s) < STEADY_S
            pulled_s = time.monotonic()
            venue.usb.unplug_sound_card()
        venue.wait_for_music()
        heard_s = venue.sound.wait_for_music(limit_s, pulled_s)
        assert heard_s - pulled_s < limit_s
        venue.expect_silence_below(STEADY_S)
        venue.listen(AFTERWARDS_S)
