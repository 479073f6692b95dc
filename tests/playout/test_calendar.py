"""The time law holds in every zone and every year, and in the nights that people remember."""

import doctest
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout import calendar
from easyplayer.playout.calendar import (
    EPOCH,
    Stretch,
    covering_day,
    instant_of,
    local_time,
    span_of,
    starts_on,
    stretches,
    transitions,
    unbroken,
    vagueness,
    zone_of,
)
from easyplayer.playout.catalogue import ALWAYS, Slot, Weekday
from easyplayer.units import Instant
from tests.playout.programs import (
    DAY,
    DAY_S,
    HOUR_S,
    YEARS,
    ZONES,
    around,
    at,
    changes_in,
    clocks,
    slots,
    utc,
)

ANY_ZONE = st.sampled_from(ZONES)
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


@st.composite
def local_times(draw: st.DrawFn) -> tuple[str, list[datetime]]:
    """Draw a zone and some local times, in order, mostly around a change of its clocks."""
    zone, year = draw(ANY_ZONE), draw(st.sampled_from(YEARS))
    middle = draw(st.sampled_from(changes_in(zone, year) or (utc(f"{year}-06-30"),)))
    day = local_time(middle, zone_of(zone)).date()
    near = st.builds(datetime.combine, around(day), clocks)
    far = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - the zone is drawn
    return zone, sorted(draw(st.lists(near | far, min_size=2, max_size=10)))


@st.composite
def instants(draw: st.DrawFn) -> tuple[str, Instant]:
    """Draw a zone and an instant, mostly around a change of its clocks."""
    zone, year = draw(ANY_ZONE), draw(st.sampled_from(YEARS))
    middle = draw(st.sampled_from(changes_in(zone, year) or (utc(f"{year}-06-30"),)))
    return zone, Instant(middle + draw(st.integers(-DAY_S, DAY_S) | st.integers(-2, 2)))


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(calendar).failed == 0


class TestZones:
    """Where the zones come from."""

    def test_all_zones_of_the_database_are_known(self) -> None:
        """They come with the software, in the version it tells."""
        assert len(ZONES) > 590
        assert {zone_of(name).key for name in ZONES} == set(ZONES)
        assert calendar.TZDATA == tzdata.IANA_VERSION

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "Nowhere/City",
            "Europe",
            "europe/paris",
            "../zones",
            "/etc/localtime",
            "a\0b",
            "zone.tab",
            "x" * 999,
        ],
    )
    def test_what_is_no_zone_is_told_in_one_way(self, name: str) -> None:
        """Whether it is misspelt, a folder, or was meant to lead elsewhere."""
        with pytest.raises(KeyError):
            zone_of(name)


class TestLaw:
    """What a local time means."""

    @given(instants())
    def test_an_instant_is_found_again_by_its_local_time(self, drawn: tuple[str, Instant]) -> None:
        """But where the local time comes twice: then it is the first one."""
        zone, instant = zone_of(drawn[0]), drawn[1]
        again = instant_of(local_time(instant, zone), zone)
        assert again <= instant
        assert local_time(again, zone) == local_time(instant, zone)

    @given(local_times())
    def test_events_come_in_the_order_of_their_local_times(self, drawn: tuple[str, list[datetime]]) -> None:
        """No night turns two of them round."""
        zone, locals_ = zone_of(drawn[0]), drawn[1]
        found = [instant_of(local, zone) for local in locals_]
        assert found == sorted(found)

    @given(local_times())
    def test_an_event_is_at_its_local_time_or_at_the_first_instant_after_the_gap(
        self, drawn: tuple[str, list[datetime]]
    ) -> None:
        """A microsecond before, the wall showed an earlier time than the event's."""
        zone = zone_of(drawn[0])
        for local in drawn[1]:
            instant = instant_of(local, zone)
            shown = local_time(instant, zone)
            assert shown >= local
            if shown > local:
                assert local_time(Instant(instant - 1e-6), zone) < local
                assert instant in changes_in(drawn[0], datetime.fromtimestamp(instant, UTC).year)

    @pytest.mark.parametrize(
        ("zone", "local", "expected"),
        [
            ("Europe/London", "2026-03-29 00:59:59", "2026-03-29 00:59:59"),
            ("Europe/London", "2026-03-29 01:00", "2026-03-29 01:00"),
            ("Europe/London", "2026-03-29 01:59:59.999999", "2026-03-29 01:00"),
            ("Europe/London", "2026-03-29 02:00", "2026-03-29 01:00"),
            ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30"),
            ("Europe/London", "2026-10-25 02:00", "2026-10-25 02:00"),
            ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
            ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
            ("America/New_York", "2026-11-01 02:00", "2026-11-01 07:00"),
            ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
            ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30"),
            ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
            ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30"),
            ("Africa/Casablanca", "2024-03-10 02:30", "2024-03-10 01:30"),
            ("Africa/Casablanca", "2024-04-14 02:30", "2024-04-14 02:00"),
            ("Asia/Kathmandu", "2026-03-29 01:30", "2026-03-28 19:45"),
            ("America/Nuuk", "2026-03-28 23:30", "2026-03-29 01:00"),
            ("Asia/Beirut", "2026-03-29 00:00", "2026-03-28 22:00"),
            ("Antarctica/Troll", "2026-03-29 01:30", "2026-03-29 01:00"),
            ("Antarctica/Troll", "2026-03-29 02:30", "2026-03-29 01:00"),
            ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
            ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30 10:00"),
            ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
            ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
            ("Europe/Paris", "2028-02-29 12:00", "2028-02-29 11:00"),
        ],
    )
    def test_named_nights(self, zone: str, local: str, expected: str) -> None:
        """Left out, repeated, by half an hour, by two hours, by a whole day, or not at all."""
        assert at(zone, local) == utc(expected)

    def test_a_date_for_ever_is_an_instant_in_every_zone(self) -> None:
        """People write the last date there is where they mean that something does not end."""
        last = datetime.combine(date.max, time(23, 59, 59))
        first = datetime.combine(date.min, time())
        for name in ZONES:
            assert instant_of(first, zone_of(name)) < 0 < instant_of(last, zone_of(name))


class TestTransitions:
    """When the clocks are set."""

    @pytest.mark.parametrize(
        ("zone", "year", "expected"),
        [
            ("Europe/London", 2026, ["2026-03-29 01:00", "2026-10-25 01:00"]),
            ("America/New_York", 2026, ["2026-03-08 07:00", "2026-11-01 06:00"]),
            ("Australia/Lord_Howe", 2026, ["2026-04-04 15:00", "2026-10-03 15:30"]),
            ("Africa/Casablanca", 2024, ["2024-03-10 02:00", "2024-04-14 02:00"]),
            ("America/Recife", 2000, ["2000-02-27 02:00", "2000-10-08 03:00", "2000-10-15 02:00"]),
            ("Pacific/Apia", 2011, ["2011-04-02 14:00", "2011-09-24 14:00", "2011-12-30 10:00"]),
            ("Asia/Kathmandu", 2026, []),
        ],
    )
    def test_named_years(self, zone: str, year: int, expected: Sequence[str]) -> None:
        """Twice, or for Ramadan, or for a week, or never."""
        found = [f"{EPOCH + timedelta(seconds=instant):%Y-%m-%d %H:%M}" for instant in changes_in(zone, year)]
        assert found == expected

    def test_a_window_has_its_start_and_not_its_end(self) -> None:
        """So that windows that follow each other tell each change once."""
        change = utc("2026-03-29 01:00")
        zone = zone_of("Europe/London")
        assert [*transitions(zone, change, Instant(change + 1))] == [change]
        assert [*transitions(zone, Instant(change - 1), change)] == []

    @given(instants(), st.integers(1, 400 * DAY_S))
    def test_eras_part_a_window(self, drawn: tuple[str, Instant], length_s: int) -> None:
        """Each begins where the one before is over, and in it the wall is ahead by one and the same."""
        zone, start = zone_of(drawn[0]), drawn[1]
        end = Instant(start + length_s)
        found = stretches(zone, start, end)
        assert [stretch.since for stretch in found] + [end] == [start] + [stretch.until for stretch in found]
        for stretch in found:
            for instant in (
                stretch.since,
                Instant((stretch.since + stretch.until) / 2),
                Instant(stretch.until - 1),
            ):
                shown = local_time(instant, zone).replace(tzinfo=UTC) - EPOCH
                assert shown.total_seconds() - instant == pytest.approx(stretch.ahead_s, abs=1e-5)
        assert all(one.ahead_s != other.ahead_s for one, other in pairwise(found))


class TestSlots:
    """On which dates a slot starts, and what it covers."""

    @pytest.mark.parametrize(
        ("slot", "day", "expected"),
        [
            (ALWAYS, SATURDAY, True),
            (Slot(days=(Weekday.SATURDAY,)), SATURDAY, True),
            (Slot(days=(Weekday.SATURDAY,)), SUNDAY, False),
            (Slot(first=SATURDAY), SATURDAY - DAY, False),
            (Slot(first=SATURDAY), SATURDAY, True),
            (Slot(last=SATURDAY), SATURDAY, True),
            (Slot(last=SATURDAY), SUNDAY, False),
            (Slot(dates=(SUNDAY,)), SATURDAY, False),
            (Slot(dates=(SATURDAY, SUNDAY)), SUNDAY, True),
            (Slot(days=(Weekday.SUNDAY,), dates=(SATURDAY, SUNDAY)), SATURDAY, False),
            (Slot(exceptions=(SATURDAY,)), SATURDAY, False),
            (Slot(dates=(SATURDAY,), exceptions=(SATURDAY,)), SATURDAY, False),
            (Slot(first=date(2028, 2, 29), last=date(2028, 2, 29)), date(2028, 2, 29), True),
        ],
    )
    def test_the_dates_on_which_a_slot_starts(self, slot: Slot, day: date, expected: bool) -> None:
        """Days, season, single dates and exceptions all have to agree."""
        assert starts_on(slot, day) is expected

    @pytest.mark.parametrize(
        ("starts", "ends", "local", "day"),
        [
            ("08:00", "10:00", "2026-11-21 07:59:59", None),
            ("08:00", "10:00", "2026-11-21 08:00", SATURDAY),
            ("08:00", "10:00", "2026-11-21 10:00", None),
            ("22:00", "04:00", "2026-11-21 22:00", SATURDAY),
            ("22:00", "04:00", "2026-11-22 03:59:59", SATURDAY),
            ("22:00", "04:00", "2026-11-22 04:00", None),
            ("22:00", "04:00", "2026-11-21 03:00", None),
            ("08:00", "08:00", "2026-11-22 07:59", SATURDAY),
            ("00:00", "00:00", "2026-11-21 23:59", SATURDAY),
            ("00:00", "00:00", "2026-11-22 00:00", None),
        ],
    )
    def test_what_a_saturday_slot_covers(self, starts: str, ends: str, local: str, day: date | None) -> None:
        """Also over midnight, and it belongs to the Saturday still."""
        slot = Slot(
            days=(Weekday.SATURDAY,), starts=time.fromisoformat(starts), ends=time.fromisoformat(ends)
        )
        assert covering_day(slot, datetime.fromisoformat(local)) == day

    @given(slots(SATURDAY), around(SATURDAY), clocks)
    def test_covered_is_what_lies_in_the_span_of_its_day(self, slot: Slot, day: date, clock: time) -> None:
        """The two ways to ask agree."""
        local = datetime.combine(day, clock)
        covering = [
            start
            for start in (day - DAY, day)
            if starts_on(slot, start) and span_of(slot, start)[0] <= local < span_of(slot, start)[1]
        ]
        assert covering == [found for found in [covering_day(slot, local)] if found]


class TestUnbroken:
    """Spans of local time, as spans of instants."""

    NEAR = (Stretch(Instant(0.0), Instant(7200.0), 3600.0), Stretch(Instant(7200.0), Instant(14_400.0), 0.0))
    """Two hours, of which the second is repeated on the wall: 01 to 03, then 02 to 04."""

    @pytest.mark.parametrize(
        ("begins", "over", "expected"),
        [
            ("01:00", "01:30", [(0, 1800)]),
            ("01:30", "02:30", [(1800, 5400), (7200, 9000)]),
            ("02:00", "03:00", [(3600, 10_800)]),
            ("02:15", "02:30", [(4500, 5400), (8100, 9000)]),
            ("01:00", "04:00", [(0, 14_400)]),
            ("03:00", "04:00", [(10_800, 14_400)]),
            ("05:00", "06:00", []),
        ],
    )
    def test_a_repeated_hour(self, begins: str, over: str, expected: list[tuple[float, ...]]) -> None:
        """What it repeats is there twice, in one piece where nothing comes between."""
        first, last = (datetime.fromisoformat(f"1970-01-01 {clock}") for clock in (begins, over))
        assert [*map(tuple, unbroken(first, last, self.NEAR))] == expected

    @given(instants(), slots(SATURDAY), st.integers(-1, 1))
    def test_the_wall_shows_the_span_within_and_never_outside(
        self, drawn: tuple[str, Instant], slot: Slot, shift: int
    ) -> None:
        """Whatever the night does to it."""
        zone, instant = zone_of(drawn[0]), drawn[1]
        begins, over = span_of(slot, local_time(instant, zone).date() + DAY * shift)
        spans = unbroken(
            begins, over, stretches(zone, Instant(instant - 4 * DAY_S), Instant(instant + 4 * DAY_S))
        )
        for look in range(-30 * HOUR_S, 30 * HOUR_S, 1800):
            shown = local_time(Instant(instant + look), zone)
            within = any(since <= instant + look < until for since, until in spans)
            assert within == (begins <= shown < over)
        assert all(one[1] < other[0] for one, other in pairwise(spans))


class TestVagueness:
    """Which of two slots is the more specific one."""

    @pytest.mark.parametrize(
        ("specific", "vague"),
        [
            (Slot(dates=(SATURDAY,)), Slot(first=SATURDAY, last=SATURDAY)),
            (Slot(dates=(SATURDAY,)), Slot(dates=(SATURDAY, SUNDAY), starts=time(8), ends=time(9))),
            (Slot(first=SATURDAY, last=SUNDAY), Slot(first=SATURDAY, last=SUNDAY + DAY)),
            (Slot(first=SATURDAY, last=SUNDAY), Slot(days=(Weekday.SATURDAY,), starts=time(8), ends=time(9))),
            (Slot(first=SATURDAY, last=SUNDAY), Slot(first=SATURDAY)),
            (Slot(first=SATURDAY), ALWAYS),
            (Slot(last=SATURDAY), ALWAYS),
            (Slot(days=(Weekday.SATURDAY,)), Slot(starts=time(8), ends=time(9))),
            (Slot(days=(Weekday.SATURDAY,)), Slot(days=(Weekday.FRIDAY, Weekday.SATURDAY))),
            (Slot(starts=time(8), ends=time(9)), Slot(starts=time(8), ends=time(10))),
            (Slot(starts=time(22), ends=time(4)), Slot(starts=time(8), ends=time(16))),
            (Slot(starts=time(1), ends=time(0)), ALWAYS),
        ],
    )
    def test_the_rules_in_their_order(self, specific: Slot, vague: Slot) -> None:
        """Single dates, then season, then weekdays, then length."""
        assert vagueness(specific) < vagueness(vague)

    def test_every_day_is_seven_days(self) -> None:
        """However it is written down."""
        assert vagueness(Slot(days=tuple(Weekday))) == vagueness(ALWAYS)
        assert vagueness(Slot(days=(Weekday.SATURDAY,) * 2)) == vagueness(Slot(days=(Weekday.SATURDAY,)))
        assert vagueness(Slot(dates=(SATURDAY,) * 2)) == vagueness(Slot(dates=(SATURDAY,)))
