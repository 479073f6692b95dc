"""Every instant of a week has its place on the grid, also where the clocks are set."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.week_grid import DAY_S, Hole, Lane, WeekGrid
from easyplayer.units import Instant
from tests.playout.programs import YEARS, at, changes_in, zones

HOUR_S = 3600


def grid(zone: str, first: str) -> WeekGrid:
    return WeekGrid(date.fromisoformat(first), zone_of(zone))


def hours(week: WeekGrid) -> list[float]:
    return [week.hours(column) for column in range(7)]


def meet(one: Lane, other: Lane) -> bool:
    """Tell whether two lanes lie over each other."""
    return (
        one.column == other.column
        and one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top_s < other.top_s + other.end - other.start
        and other.top_s < one.top_s + one.end - one.start
    )


@st.composite
def weeks(draw: st.DrawFn) -> tuple[str, WeekGrid]:
    """Draw a week in which clocks are set, where there is one in the zone."""
    zone, year = draw(zones), draw(st.sampled_from(YEARS))
    changes = changes_in(zone, year) or (at(zone, f"{year}-02-27"),)
    day = local_time(draw(st.sampled_from(changes)), zone_of(zone)).date()
    return zone, WeekGrid(day - timedelta(draw(st.integers(0, 6))), zone_of(zone))


class TestNamedWeeks:
    """Weeks that are known."""

    def test_an_ordinary_week_is_seven_whole_lanes(self) -> None:
        """Nothing is parted where nothing has to be."""
        week = grid("Europe/Paris", "2026-06-01")
        assert hours(week) == [24] * 7
        assert [(lane.column, lane.top_s, lane.width) for lane in week.lanes] == [
            (column, 0, 1) for column in range(7)
        ]
        assert week.holes == ()

    def test_a_missing_hour_is_a_hole(self) -> None:
        """In the spring the clock goes from two to three."""
        week = grid("Europe/Paris", "2026-03-23")
        assert hours(week) == [24] * 6 + [23]
        assert week.holes == (Hole(6, 2 * HOUR_S, 3 * HOUR_S),)

    def test_an_hour_that_comes_twice_has_two_lanes(self) -> None:
        """In the autumn the first time is left and the second time right, side by side."""
        week = grid("Europe/Paris", "2026-10-19")
        assert hours(week) == [24] * 6 + [25]
        assert [(lane.top_s / HOUR_S, lane.left, lane.width) for lane in week.lanes if lane.column == 6] == [
            (0, 0, 1),
            (2, 0, 0.5),
            (2, 0.5, 0.5),
            (3, 0, 1),
        ]

    @pytest.mark.parametrize(
        ("zone", "first", "odd"),
        [
            ("Australia/Lord_Howe", "2026-03-30", 24.5),
            ("Australia/Lord_Howe", "2026-09-28", 23.5),
            ("America/Havana", "2026-03-02", 23),
            ("America/Havana", "2027-11-01", 25),
            ("Africa/Cairo", "2026-04-20", 23),
            ("Antarctica/Troll", "2026-03-23", 22),
        ],
    )
    def test_each_zone_has_its_own_night(self, zone: str, first: str, odd: float) -> None:
        """Half hours, two hours, and changes at midnight itself."""
        assert {*hours(grid(zone, first))} == {24, odd}

    def test_a_date_that_never_was_is_all_hole(self) -> None:
        """Samoa went from Thursday to Saturday."""
        week = grid("Pacific/Apia", "2011-12-26")
        assert hours(week) == [24, 24, 24, 24, 0, 24, 24]
        assert week.holes == (Hole(4, 0, DAY_S),)

    def test_a_clock_that_goes_back_over_midnight_shows_both_dates_twice(self) -> None:
        """Newfoundland did so at one minute past midnight."""
        week = grid("America/St_Johns", "2008-10-27")
        parted = [(lane.column, lane.left) for lane in week.lanes if lane.width < 1]
        assert parted == [(5, 0), (6, 0), (5, 0.5), (6, 0.5)]


class TestAllWeeks:
    """Weeks in every zone."""

    @given(weeks())
    def test_each_instant_has_one_place(self, zoned: tuple[str, WeekGrid]) -> None:
        """The lanes follow each other without gap or overlap in time, and none lies over another."""
        _, week = zoned
        edges = [week.start, *(lane.end for lane in week.lanes)]
        assert [lane.start for lane in week.lanes] == edges[:-1]
        assert edges[-1] == week.end
        assert not any(meet(one, other) for one, other in combinations(week.lanes, 2))

    @given(weeks())
    def test_lanes_and_holes_fill_the_sheet(self, zoned: tuple[str, WeekGrid]) -> None:
        """Seven days of 24 hours, with nothing left between."""
        _, week = zoned
        filled = sum((lane.end - lane.start) * lane.width for lane in week.lanes)
        assert filled + sum(hole.bottom_s - hole.top_s for hole in week.holes) == 7 * DAY_S

    @given(weeks(), st.floats(0, 0.999999))
    def test_a_place_is_what_the_clock_shows(self, zoned: tuple[str, WeekGrid], share: float) -> None:
        """Column and height are date and time of the venue's own clock."""
        zone, week = zoned
        instant = Instant(float(int(week.start + share * (week.end - week.start))))
        lane, local = week.at(instant), local_time(instant, zone_of(zone))
        assert lane is not None
        assert week.dates[lane.column] == local.date()
        assert (
            lane.top_s
            == timedelta(hours=local.hour, minutes=local.minute, seconds=local.second).total_seconds()
        )

    @given(weeks())
    def test_other_weeks_are_not_on_it(self, zoned: tuple[str, WeekGrid]) -> None:
        """The last instant is not, and neither is the one before the first."""
        _, week = zoned
        assert week.at(week.end) is None
        assert week.at(Instant(week.start - 1)) is None
        assert [*week.within(Instant(week.start - DAY_S), week.start)] == []
