"""The screen is pulled, or was never there: the music does not need it."""

import dataclasses

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.machine import Spec
from tests.venue.venue import MUSIC_WITHIN_S

pytestmark = pytest.mark.venue

STEADY_S = 2.0
UNPLUGGED_FOR_S = 15.0
CABLE = "echo {} | tee /sys/class/drm/card*-*/status"
"""What the kernel sees of a cable that is pulled, and put in again."""

CARD = "echo 1 > /sys/class/drm/card0/device/{}remove; sleep 1; ls /dev/dri"
"""And of a graphics card that dies."""

PAINTED_WITHIN_S = 30.0


def test_screen_that_is_pulled_is_not_heard(box: Spec, open_venue: OpenVenue) -> None:
    """Its cable is pulled and put in again, then the graphics card dies; there is no silence at all."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(STEADY_S)
        venue.photograph("before")
        assert not venue.screen.look().is_black
        with venue.outage("screen unplugged", "screen plugged in"):
            venue.machine.shell.run(CABLE.format("off"), check=True)
            venue.listen(UNPLUGGED_FOR_S)
            venue.machine.shell.run(CABLE.format("detect"), check=True)
        venue.listen(UNPLUGGED_FOR_S)
        venue.photograph("after")
        assert not venue.screen.look().is_black
        venue.fault("graphics card gone")
        venue.machine.shell.run(CARD.format(""))
        venue.listen(UNPLUGGED_FOR_S)


def test_box_without_a_screen_plays(box: Spec, open_venue: OpenVenue) -> None:
    """A box that has no graphics card at all starts, and plays."""
    with open_venue(dataclasses.replace(box, screen=False)) as venue:
        venue.power_on()
        venue.wait_for_music(MUSIC_WITHIN_S)
        venue.expect_silence_below(STEADY_S)
        venue.listen(UNPLUGGED_FOR_S)
