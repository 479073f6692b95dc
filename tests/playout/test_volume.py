"""The volume follows a line through the week, and what staff turn it by goes by itself."""

import doctest
import math
from datetime import datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.playout import volume as law
from easyplayer.playout.calendar import instant_of, local_time, zone_of
from easyplayer.playout.catalogue import Volume, VolumePoint, Weekday
from easyplayer.playout.volume import Trim, level, slew, target, trim_left, trim_towards
from easyplayer.units import Instant, Percent, Seconds

NEARLY = 1e-6
LONDON = zone_of("Europe/London")
WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)

clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
percents = st.integers(0, 100).map(Percent)
locals_ = st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2036-01-01"))
instants = st.floats(1.7e9, 2.1e9).map(Instant)
some_days = st.just(()) | st.lists(st.sampled_from(Weekday), unique=True).map(tuple)
points = st.builds(VolumePoint, at=clocks, volume=percents, days=some_days)
volumes = st.builds(
    Volume,
    curve=st.lists(points, min_size=1, max_size=8).map(tuple),
    ceiling=percents,
    trim_most=percents,
    trim_minutes=st.integers(1, 1440),
    slew_per_s=st.floats(0.01, 100.0),
)
trims = st.builds(Trim, st.floats(-200, 200), instants)


def curve(*days: Weekday, **clock: int) -> tuple[VolumePoint, ...]:
    """Give points by their time, as in ``at_1830=60``."""
    return tuple(
        VolumePoint(at=time(int(name[3:5]), int(name[5:7])), volume=Percent(volume), days=days)
        for name, volume in clock.items()
    )


def loudness(volume: Volume, local: str) -> float | None:
    """Tell what the curve has at a local time."""
    return target(volume, datetime.fromisoformat(local))


BAR = Volume(curve=curve(at_0600=40, at_1800=60, at_2200=80))


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(law).failed == 0


class TestTarget:
    """The curve by the local time."""

    @pytest.mark.parametrize(
        ("clock", "expected"),
        [
            ("06:00", 40),
            ("12:00", 50),
            ("18:00", 60),
            ("20:00", 70),
            ("22:00", 80),
            ("02:00", 60),
            ("00:00", 70),
        ],
    )
    def test_it_goes_evenly_from_one_point_to_the_next(self, clock: str, expected: int) -> None:
        """Over midnight, too."""
        assert loudness(BAR, f"2026-11-18T{clock}") == pytest.approx(expected)

    @given(clocks, percents, locals_)
    def test_one_point_is_one_volume(self, at: time, percent: Percent, local: datetime) -> None:
        """Always."""
        assert target(Volume(curve=(VolumePoint(at=at, volume=percent),)), local) == pytest.approx(percent)

    def test_without_points_there_is_no_curve(self) -> None:
        """The box's settings have the word."""
        assert loudness(Volume(), "2026-11-18T12:00") is None

    @pytest.mark.parametrize(
        ("local", "expected"),
        [
            ("2026-11-20T12:00", 50),
            ("2026-11-21T12:00", 20),
            ("2026-11-22T18:00", 20),
            ("2026-11-23T12:00", 50),
            ("2026-11-21T03:00", 50),
        ],
    )
    def test_points_with_days_replace_those_without(self, local: str, expected: int) -> None:
        """On their days; on the way from one to the other it goes evenly."""
        both = Volume(curve=curve(at_0600=50, at_1800=50) + curve(*WEEKEND, at_1200=20, at_1800=20))
        assert loudness(both, local) == pytest.approx(expected, abs=15 if "T03" in local else NEARLY)

    def test_days_without_points_lie_on_the_way(self) -> None:
        """From the last point before them to the first one after."""
        week = Volume(curve=curve(Weekday.MONDAY, at_0000=0) + curve(Weekday.FRIDAY, at_0000=40))
        assert loudness(week, "2026-11-18T00:00") == pytest.approx(20)

    def test_of_two_points_at_one_time_the_quieter_counts(self) -> None:
        """In whatever order they are listed."""
        both = curve(at_1200=70) + curve(at_1200=30)
        loud = {loudness(Volume(curve=points), "2026-11-18T12:00") for points in (both, both[::-1])}
        assert loud == {30.0}

    def test_the_curve_stays_below_the_ceiling(self) -> None:
        """It is cut off there, and is itself again below."""
        low = structs.replace(BAR, ceiling=Percent(65))
        assert [loudness(low, f"2026-11-18T{clock}") for clock in ("22:00", "18:00")] == [65, 60]

    @given(volumes, locals_)
    def test_it_leaps_nowhere(self, volume: Volume, local: datetime) -> None:
        """Within a second it goes no further than the steepest way between two points has it."""
        before, after = target(volume, local), target(volume, local + timedelta(milliseconds=1))
        assert before is not None
        assert after is not None
        assert abs(after - before) <= 0.1 + NEARLY

    @given(volumes, locals_)
    def test_it_leaps_at_no_midnight(self, volume: Volume, local: datetime) -> None:
        """Whatever the next day has."""
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        before, after = target(volume, midnight - timedelta(milliseconds=1)), target(volume, midnight)
        assert before == pytest.approx(after, abs=0.1 + NEARLY)

    @given(volumes, locals_, st.randoms(use_true_random=False))
    def test_the_order_of_listing_does_not_matter(
        self, volume: Volume, local: datetime, chance: object
    ) -> None:
        """Points are what they are."""
        listed = list(volume.curve)
        chance.shuffle(listed)  # type: ignore[attr-defined]
        assert target(structs.replace(volume, curve=tuple(listed)), local) == target(volume, local)

    @given(volumes, locals_, st.integers(1, 500))
    def test_every_week_is_the_same(self, volume: Volume, local: datetime, weeks: int) -> None:
        """Nothing but the weekday and the time of day counts."""
        assert target(volume, local + timedelta(weeks=weeks)) == target(volume, local)


class TestTrim:
    """What staff turned."""

    def test_half_of_it_is_gone_after_its_time(self) -> None:
        """And half of the rest after as long again."""
        volume = structs.replace(BAR, trim_minutes=30)
        left = [
            trim_left(Trim(8.0, Instant(0.0)), volume, Instant(60.0 * minutes)) for minutes in (0, 30, 60)
        ]
        assert left == pytest.approx([8, 4, 2])

    def test_staff_turn_it_as_far_as_they_may(self) -> None:
        """Up or down."""
        wanted = (70.0, 95.0, 0.0)
        now = Instant(0.0)
        assert [trim_towards(BAR, 60.0, one, now).by for one in wanted] == [10.0, 20.0, -20.0]

    def test_a_clock_that_was_set_back_leaves_it_as_it_is(self) -> None:
        """It was turned just now."""
        assert trim_left(Trim(8.0, Instant(3600.0)), BAR, Instant(0.0)) == 8.0

    def test_a_program_that_allows_less_counts_at_once(self) -> None:
        """Also for what was turned before."""
        assert (
            trim_left(Trim(18.0, Instant(0.0)), structs.replace(BAR, trim_most=Percent(5)), Instant(0.0)) == 5
        )

    @given(volumes, trims, instants)
    def test_it_never_grows_and_never_changes_sides(self, volume: Volume, trim: Trim, now: Instant) -> None:
        """It goes to nothing."""
        left = trim_left(trim, volume, now)
        after = trim_left(trim, volume, Instant(now + 600))
        assert abs(after) <= abs(left) <= min(abs(trim.by), volume.trim_most)
        assert left * trim.by >= 0


class TestLevel:
    """How loud it is to be."""

    def test_it_is_the_curve_and_the_trim_at_the_venue(self) -> None:
        """By the clock on its wall."""
        now = instant_of(datetime.fromisoformat("2026-07-01T18:00"), LONDON)
        assert level(BAR, LONDON, now) == pytest.approx(60)
        assert level(BAR, LONDON, now, Trim(-7.0, now)) == pytest.approx(53)

    @given(volumes, instants, trims)
    def test_nobody_goes_above_the_ceiling(self, volume: Volume, now: Instant, trim: Trim) -> None:
        """No point, and no staff."""
        loud = level(volume, LONDON, now, trim)
        assert loud is not None
        assert 0 <= loud <= volume.ceiling

    @given(volumes, instants, trims)
    def test_nobody_goes_further_from_the_curve_than_is_allowed(
        self, volume: Volume, now: Instant, trim: Trim
    ) -> None:
        """At any instant."""
        loud, line = level(volume, LONDON, now, trim), target(volume, local_time(now, LONDON))
        assert loud is not None
        assert line is not None
        assert abs(loud - line) <= volume.trim_most + NEARLY

    @given(volumes, instants, percents)
    def test_staff_hear_at_once_what_they_want(self, volume: Volume, now: Instant, wanted: Percent) -> None:
        """Where they may go there."""
        line = target(volume, local_time(now, LONDON))
        assert line is not None
        assume(abs(wanted - line) <= volume.trim_most and wanted <= volume.ceiling)
        trim = trim_towards(volume, line, wanted, now)
        assert level(volume, LONDON, now, trim) == pytest.approx(wanted, abs=NEARLY)


class TestSlew:
    """How fast it goes."""

    @given(volumes, st.floats(0, 100), st.floats(0, 100), st.floats(0, 60))
    def test_it_goes_its_speed_and_no_further_than_wanted(
        self, volume: Volume, current: float, wanted: float, passed_s: float
    ) -> None:
        """Neither beyond, nor away from it."""
        now = slew(current, wanted, volume, Seconds(passed_s))
        assert min(current, wanted) <= now <= max(current, wanted)
        assert abs(now - current) <= volume.slew_per_s * passed_s + NEARLY

    @given(volumes, st.floats(0, 100), st.floats(0, 100))
    def test_it_arrives_exactly(self, volume: Volume, current: float, wanted: float) -> None:
        """In the time that the way takes, and a little."""
        way_s = abs(wanted - current) / volume.slew_per_s
        assert slew(current, wanted, volume, Seconds(way_s * 1.001)) == wanted

    @given(volumes, st.floats(0, 100), st.floats(0, 100), st.floats(-60, 0))
    def test_no_time_moves_nothing(
        self, volume: Volume, current: float, wanted: float, passed_s: float
    ) -> None:
        """Nor does time that runs backwards."""
        assert math.isclose(slew(current, wanted, volume, Seconds(passed_s)), current, abs_tol=0)
