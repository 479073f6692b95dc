"""The disk is full while the box plays and fetches: what plays goes on, and the hub is told."""

from pathlib import Path
from typing import Any

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.tracks import make_track, pitch
from tests.venue.machine import Spec
from tests.venue.stories.evening import have_evening, publish, until_delivered, until_heard
from tests.venue.venue import Fittings

pytestmark = pytest.mark.venue

STEADY_S = 2.0
NEW_HZ, LONG_S = pitch(9), 120.0
KBIT_S = 8000
"""So slow the line is that the download takes half a minute."""

FILL = (
    "size=$(($(stat -f -c %f /data) * $(stat -f -c %S /data))); number=0; "
    "while [ $size -ge 4096 ]; do "
    "fallocate -l $size /data/full-$number 2>/dev/null && number=$((number + 1)) || size=$((size / 2)); "
    "done"
)
"""As root, who may take the last block; what keeps account of the blocks takes some of them."""

FREE = "rm /data/full-*"
TOLD_WITHIN_S = 30.0
GOES_ON_S = 40.0


def test_disk_fills_while_the_box_fetches(box: Spec, open_venue: OpenVenue, tmp_path: Path) -> None:
    """It plays on, tells the hub why nothing comes, and fetches the rest once there is room."""
    with open_venue(box, Fittings(hub=True)) as venue:
        factor = venue.machine.accelerator.factor
        tracks = have_evening(venue)
        new = make_track(tmp_path, "long", NEW_HZ, LONG_S)
        venue.know([new])
        venue.expect_silence_below(STEADY_S)
        venue.network.slow(KBIT_S)
        publish(venue, "night", [new])
        venue.hub.until_box(is_fetching, TOLD_WITHIN_S * factor)
        with venue.outage("disk full", "room again"):
            venue.machine.shell.run(FILL, check=True)
            told = venue.hub.until_box(is_in_trouble, TOLD_WITHIN_S * factor)
            venue.tell("what the hub is told", storage_of(told)["trouble"])
            venue.listen(GOES_ON_S)
            until_heard(venue, tracks)
            venue.machine.shell.run(FREE, check=True)
        venue.network.slow(0)
        until_heard(venue, [new], GOES_ON_S)
        rows = until_delivered(venue, 2)
        assert {row["title"] for row in rows} & {track.name for track in tracks}


def storage_of(box: dict[str, Any]) -> dict[str, Any]:
    """Give what the hub knows of a box's storage."""
    return dict((box["status"] or {}).get("storage", {}))


def is_fetching(box: dict[str, Any]) -> bool:
    """Tell whether something has come of a program that is on its way."""
    return int(storage_of(box).get("fetched_bytes", 0)) > 0


def is_in_trouble(box: dict[str, Any]) -> bool:
    """Tell whether the box says that its disk is full."""
    return any(disk["health"] == "full" for disk in storage_of(box).get("disks", ()))
