"""A box that has no network gets its program by a stick, and loses nothing of it when its plug is pulled.

It is the short choice of what can befall a box, told at one go: cable, stick and plug.
"""

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.hub import VENUE
from tests.venue.faculties.stick_image import make_stick
from tests.venue.faculties.tracks import make_tracks
from tests.venue.machine import Spec
from tests.venue.stories.evening import TRACK_S, publish, until_heard
from tests.venue.venue import Fittings

pytestmark = [pytest.mark.venue, pytest.mark.venue_short]

STEADY_S = 2.0
OFF_S = 1.0
STARTS_WORKS_S = 20.0
"""Within this a box that gets its power back is heard: a kernel that starts, a disk that is mended, a box."""

KNOWS_ITS_HUB_S = 30.0
"""Within this a box that was claimed has heard so; before that it cannot tell whose stick it is given."""

SEED = 11


def test_program_comes_by_stick_and_outlasts_a_pulled_plug(box: Spec, open_venue: OpenVenue) -> None:
    """Its cable is pulled, a stick brings a program, and so does the box's disk after its plug was pulled."""
    with open_venue(box, Fittings(hub=True)) as venue:
        venue.resume()
        venue.claim()
        venue.hub.until_box(
            lambda known: bool(known["status"]), KNOWS_ITS_HUB_S * venue.machine.accelerator.factor
        )
        venue.expect_silence_below(STEADY_S)
        venue.network.cut(venue.machine)
        venue.fault("cable pulled")
        tracks = make_tracks(venue.folder / "tracks", count=2, seconds=TRACK_S)
        venue.know(tracks)
        publish(venue, "evening", tracks)
        bundle = venue.folder / "bundle"
        bundle.mkdir()
        venue.hub.process.tell("program", "bundle", "--to", bundle, "--venue", VENUE)
        stick = make_stick(venue.folder / "stick.img", {".": bundle})
        with venue.outage("stick put in", "stick pulled"):
            name = venue.usb.insert(stick)
            until_heard(venue, tracks)
            venue.usb.pull(name)
        venue.listen(TRACK_S)
        venue.expect_silence_below(OFF_S, STARTS_WORKS_S)
        venue.cut_power(within_s=3.0, seed=SEED)
        venue.power_on()
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)
        venue.listen(TRACK_S)
