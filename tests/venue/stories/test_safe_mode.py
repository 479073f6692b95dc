"""A box that ends badly again and again becomes careful, and then whole again; heard from outside."""

from typing import Any

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.machine import Spec
from tests.venue.stories.evening import have_evening, until_heard
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

BOX = "run.py"
CIRCUSD_S = 2.0
BOX_WORKS_S = 5.0
STEADY_S = 2.0
SAFE_MINUTES = 2
SHORTENED = (
    f"sed -i 's/^safe_minutes = .*/safe_minutes = {SAFE_MINUTES}/' /opt/easyplayer/circus.ini"
    " && systemctl restart easyplayer.service"
)
"""Safe mode lasts ten minutes at first; nobody learns more by listening for so long."""

CRASHES = 3
HEARD_OF_WITHIN_S = 60.0
AFTERWARDS_S = 15.0


def bad_ends(box: dict[str, Any]) -> dict[str, Any]:
    """Tell what the last heartbeat has said of them."""
    return dict((box["status"] or {}).get("supervision") or {})


def crash(venue: Venue, number: int) -> None:
    """Kill the box, and wait until it plays again."""
    venue.fault(f"player killed, {number} of {CRASHES}")
    venue.hang.kill(BOX)
    venue.listen(CIRCUSD_S)
    venue.wait_for_music()


def test_three_crashes_bring_safe_mode_and_then_all_of_it_again(box: Spec, open_venue: OpenVenue) -> None:
    """Each crash is a silence below 7 s; after the third the firmware's own music plays.

    When safe mode is over, the program goes on.
    """
    with open_venue(box, Fittings(hub=True)) as venue:
        tracks = have_evening(venue)
        factor = venue.machine.accelerator.factor
        venue.machine.shell.run(SHORTENED, check=True)
        venue.listen(CIRCUSD_S)
        until_heard(venue, tracks)

        venue.expect_silence_below(CIRCUSD_S, BOX_WORKS_S)
        for number in range(1, CRASHES + 1):
            crash(venue, number)
        careful = venue.hub.until_box(
            lambda known: bool(bad_ends(known).get("safe")), HEARD_OF_WITHIN_S * factor
        )
        venue.fault("safe mode, says the hub")
        assert bad_ends(careful)["crashes"] == CRASHES
        venue.listen(AFTERWARDS_S)
        assert not venue.sound.track_now({track.name: track.hz for track in tracks})

        whole = venue.hub.until_box(
            lambda known: bad_ends(known).get("safe") == 0, SAFE_MINUTES * 60 + HEARD_OF_WITHIN_S * factor
        )
        venue.fault("all of it again, says the hub")
        assert bad_ends(whole)["crashes"] == CRASHES
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)
        venue.listen(AFTERWARDS_S)
