"""The clock of a box is dead, or jumps: the music does not mind, and the log is right in the end."""

import dataclasses
import datetime as dt
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.clock import DEAD_BATTERY
from tests.venue.faculties.pitch import Heard
from tests.venue.faculties.tracks import Track
from tests.venue.machine import Spec
from tests.venue.stories.evening import TRACK_S, have_evening, until_delivered, until_heard
from tests.venue.stories.test_guardians import BOX, BOX_WORKS_S, CIRCUSD_S, hurt
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

START_WORKS_S = 15.0
STEADY_S = 2.0
TIME_WITHIN_S = 60.0
RIGHT_WITHIN_S = 5.0
"""So far a row of the log may be from what was heard: what the ear's pipe and an emulated player add, and a
song that began a moment before its sound card was found."""

SLIP_S = 0.5
"""A sound that is gone for less goes on: a busy host may take some of it from the ear."""

HEARD_UNTIMED = 4
HOUR_S = 3600.0
JUMPS_S = (HOUR_S, -2 * HOUR_S, 400 * 24 * HOUR_S, -400 * 24 * HOUR_S + HOUR_S)
"""They end where they began."""


def heard_since(venue: Venue, tracks: Sequence[Track], since_s: float) -> list[Heard]:
    """Tell which tracks were heard since an instant of the monotonic clock, one after the other."""
    heard: list[Heard] = []
    for one in venue.sound.tracks({track.name: track.hz for track in tracks}, since_s):
        before = heard[-1] if heard else None
        if before and before.track == one.track and one.begin_s - before.end_s < SLIP_S:
            heard[-1] = dataclasses.replace(before, end_s=one.end_s)
        elif one.track:
            heard.append(one)
    return heard


def beginnings(heard: Sequence[Heard]) -> list[tuple[str, dt.datetime]]:
    """Tell by the wall clock when each track began."""
    wall_s = time.time() - time.monotonic()
    return [(one.track, dt.datetime.fromtimestamp(one.begin_s + wall_s, dt.UTC)) for one in heard]


def off_by_s(row: dict[str, Any], heard: list[tuple[str, dt.datetime]]) -> float:
    """Tell how far a row of the log is from the nearest instant at which its track was heard to begin."""
    started = dt.datetime.fromisoformat(row["started_utc"])
    return min(
        (abs((at - started).total_seconds()) for track, at in heard if track == row["title"]),
        default=float("inf"),
    )


def until_right(venue: Venue) -> None:
    """Wait until the machine's own clock is right."""
    deadline_s = time.monotonic() + TIME_WITHIN_S * venue.machine.accelerator.factor
    while abs(venue.clock.now_s() - time.time()) > RIGHT_WITHIN_S:
        assert time.monotonic() < deadline_s, "nobody has set the clock"
        time.sleep(1.0)


@pytest.mark.parametrize("source", ["time-server", "hub"])
def test_dead_battery_is_no_reason_for_silence(box: Spec, open_venue: OpenVenue, source: str) -> None:
    """The box starts in a past year and plays; once it is told the time, all of its log is right."""
    with open_venue(box, Fittings(hub=True)) as venue:
        tracks = have_evening(venue)
        venue.expect_silence_below(START_WORKS_S, START_WORKS_S)
        venue.hub.kill()
        venue.network.time_server(None)
        venue.cut_power()
        venue.machine.spec = dataclasses.replace(venue.machine.spec, rtc=DEAD_BATTERY)
        began_s, began_utc = time.monotonic(), dt.datetime.now(dt.UTC).isoformat()
        venue.power_on()
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)
        venue.fault(f"plays; its clock is wrong by {(time.time() - venue.clock.now_s()) / 86400:.0f} days")
        venue.listen(HEARD_UNTIMED * TRACK_S)
        if source == "time-server":
            venue.network.time_server(time.time)
            venue.fault("time server answers")
            until_right(venue)
            venue.fault("clock is right")
        venue.hub.start()
        venue.fault("hub answers")
        rows = until_delivered(venue, HEARD_UNTIMED, began_utc)
        heard = beginnings(heard_since(venue, tracks, began_s))
        off_s = [off_by_s(row, heard) for row in rows]
        venue.tell("Rows of the log, off by", ", ".join(f"{off:.2f} s" for off in off_s))
        assert max(off_s) < RIGHT_WITHIN_S
        assert all(row["trust"] != "unknown" for row in rows)


def test_clock_that_jumps_is_not_heard(box: Spec, open_venue: OpenVenue) -> None:
    """An hour on, two back, a year and more on and back; songs end as they would, and are logged once."""
    with open_venue(box, Fittings(hub=True)) as venue:
        tracks = have_evening(venue)
        venue.network.time_server(None)
        venue.expect_silence_below(STEADY_S)
        began_s, began_utc = time.monotonic(), dt.datetime.now(dt.UTC).isoformat()
        for jump_s in JUMPS_S:
            venue.fault(f"clock jumps by {jump_s / HOUR_S:+.0f} h")
            venue.clock.jump(jump_s)
            venue.listen(2 * TRACK_S)
        heard = heard_since(venue, tracks, began_s)
        rows = until_delivered(venue, len(heard) - len(("first", "last")), began_utc)
        venue.tell("Heard", "\n".join(f"{at:%H:%M:%S} {track}" for track, at in beginnings(heard)))
        venue.tell("Logged", "\n".join(f"{row['started_utc']} {row['title']}" for row in rows))
        names = [track.name for track in tracks]
        order = [names.index(one.track) for one in heard]
        assert len(order) > len(JUMPS_S)
        assert max(one.end_s - one.begin_s for one in heard) < TRACK_S + 2 * SLIP_S
        assert all((one + 1) % len(names) == next_one for one, next_one in pairwise(order))
        logged = [row["title"] for row in sorted(rows, key=lambda row: row["number"])]
        assert all(one != next_one for one, next_one in pairwise(logged))


def test_box_that_dies_after_its_clock_was_set_back_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """Two hours back, as by the first answer of a time server; within 7 s another one plays all the same."""
    with open_venue(box, Fittings(hub=True)) as venue:
        have_evening(venue)
        venue.network.time_server(None)
        venue.expect_silence_below(CIRCUSD_S, BOX_WORKS_S)
        venue.fault("clock jumps by -2 h")
        venue.clock.jump(-2 * HOUR_S)
        venue.listen(TRACK_S)
        hurt(venue, BOX, venue.hang.kill, "player killed", CIRCUSD_S + BOX_WORKS_S)
