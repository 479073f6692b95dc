"""A box starts while its hub is gone: it needs nobody for its music."""

import datetime as dt

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.machine import Spec
from tests.venue.stories.evening import TRACK_S, have_evening, until_delivered, until_heard
from tests.venue.venue import Fittings

pytestmark = pytest.mark.venue

START_WORKS_S = 15.0
"""A fast machine works so long from its kernel's start to its music."""

STEADY_S = 2.0
HEARD_ALONE = 4
BACK_WITHIN_S = 120.0
"""A box asks a hub that is away ever more seldom, after so short a time within two minutes."""


def test_box_that_starts_without_its_hub_plays_its_program(box: Spec, open_venue: OpenVenue) -> None:
    """Plug and hub are pulled together; the box plays by what it has, and the hub gets all of it later."""
    with open_venue(box, Fittings(hub=True)) as venue:
        tracks = have_evening(venue)
        venue.expect_silence_below(START_WORKS_S, START_WORKS_S)
        venue.hub.kill()
        venue.cut_power()
        began_utc = dt.datetime.now(dt.UTC).isoformat()
        venue.power_on()
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)
        venue.fault("plays without its hub")
        venue.listen(HEARD_ALONE * TRACK_S)
        venue.fault("hub is back")
        venue.hub.start()
        venue.listen(BACK_WITHIN_S / 4)
        rows = until_delivered(venue, HEARD_ALONE - 1, began_utc)
        assert {row["title"] for row in rows} <= {track.name for track in tracks}
        assert all(row["heard_s"] > 0 for row in rows)
