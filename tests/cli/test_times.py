"""Times of the venue, as a technician writes and reads them."""

import argparse
from datetime import date

import pytest

from easyplayer.cli.times import instant, iso, lasting, moment, monday_of, wall, written
from easyplayer.playout.calendar import zone_of
from easyplayer.units import Instant
from tests.cli.venues import NOW, at

PARIS = zone_of("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("2026-12-24", "2026-12-24T00:00"),
        ("2026-12-24T18:07", "2026-12-24T18:07"),
        ("2026-12-24 18:07:30", "2026-12-24T18:07:30"),
        ("2026-12-24T17:07+00:00", "2026-12-24T18:07"),
        ("18:07", "2027-03-05T18:07"),
        ("12:00", "2027-03-06T12:00"),
        ("9:05", "2027-03-06T09:05"),
        ("18:07:30", "2027-03-05T18:07:30"),
        ("2027-03-28T02:30", "2027-03-28T03:00"),
    ],
)
def test_time_is_that_of_the_venue(text: str, meant: str) -> None:
    """Whatever the zone of the machine."""
    assert moment(text) == text
    assert instant(text, PARIS, at(NOW)) == at(meant)


@pytest.mark.parametrize("text", ["", "noon", "25:00", "18", "2026-13-01", "24.12.2026", "18:7"])
def test_what_is_no_time_is_told_with_what_is(text: str) -> None:
    """The message has an example of each."""
    with pytest.raises(argparse.ArgumentTypeError, match="2026-12-24T18:07, 2026-12-24, 18:07 or now"):
        moment(text)


def test_time_is_written_for_a_person_and_for_a_script() -> None:
    """In summer as in winter."""
    summer = Instant(at("2027-07-01T12:00:00") + 0.25)
    assert written(summer, PARIS) == "Thu 2027-07-01 12:00:00"
    assert iso(summer, PARIS) == "2027-07-01T12:00:00.250+02:00"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min"), (3600, "1 h"), (3725, "1 h 2 min"), (86_400 * 365, "365 d")],
)
def test_span_is_written_in_its_two_largest_units(seconds: float, words: str) -> None:
    """Nobody wants the seconds of a year."""
    assert lasting(seconds) == words


def test_week_begins_on_monday() -> None:
    """That of the venue's date, not of another zone's."""
    assert monday_of(at("2027-03-08T00:30"), PARIS) == date(2027, 3, 8)
    assert monday_of(at("2027-03-07T23:30"), PARIS) == date(2027, 3, 1)


def test_wall_clock_is_read() -> None:
    """It goes on."""
    assert wall() <= wall()
