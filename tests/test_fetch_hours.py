"""The hours in which media may come that are not needed soon."""

import pytest

from easyplayer.fetch_hours import FetchHours
from easyplayer.playout.standing import parse_opening
from tests.playout.programs import utc


@pytest.mark.parametrize(
    ("hours", "zone", "now", "closed"),
    [
        ("01:00-06:00", "UTC", "2027-03-05T00:59", True),
        ("01:00-06:00", "UTC", "2027-03-05T01:00", False),
        ("01:00-06:00", "UTC", "2027-03-05T06:00", True),
        ("22:00-04:00", "UTC", "2027-03-05T23:30", False),
        ("22:00-04:00", "UTC", "2027-03-05T12:00", True),
        ("01:00-06:00", "America/New_York", "2027-03-05T07:30", False),
        ("01:00-06:00", "America/New_York", "2027-03-05T03:00", True),
        ("", "UTC", "2027-03-05T12:00", False),
    ],
)
def test_hours_are_read_off_the_venues_clock(hours: str, zone: str, now: str, closed: bool) -> None:
    """They may go over midnight; without any it is always open."""
    made = FetchHours(parse_opening(hours), lambda: utc(now))
    made.take_zone(zone)
    assert made.closed is closed


def test_people_are_told_until_when_it_waits() -> None:
    """In the words of the clock on the wall."""
    hours = FetchHours(parse_opening("01:00-06:00"), lambda: utc("2027-03-05T12:00"))
    assert hours.caption == "not needed soon, and waits until 01:00 ([downloads] hours)"
    assert FetchHours(None, lambda: utc("2027-03-05T12:00")).caption == ""


def test_without_a_program_the_machines_zone_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that has none yet has no other."""
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    made = FetchHours(parse_opening("17:45-17:46"), lambda: utc("2027-03-05T12:00"))
    assert not made.closed
    monkeypatch.undo()
    time.tzset()
