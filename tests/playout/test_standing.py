"""Whether a box may play follows from the clock, the opening hours and the licence alone."""

import doctest
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout import standing as standings
from easyplayer.playout.standing import (
    MADE_ON,
    OpeningHours,
    Standing,
    Verdict,
    judge,
    parse_opening,
)

DAY = date(2027, 3, 1)
BAR = OpeningHours(time(18), time(2))
SHOP = OpeningHours(time(8), time(20))

times = st.times()
instants = st.datetimes(datetime.combine(MADE_ON, time.min), datetime.combine(date(2100, 1, 1), time.min))


def at(clock: str, day: date = DAY) -> datetime:
    """Give an instant of a day."""
    return datetime.combine(day, time.fromisoformat(clock))


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(standings).failed == 0


class TestOpeningHours:
    """A daily span in local time."""

    @pytest.mark.parametrize(
        ("clock", "is_open"),
        [("07:59:59", False), ("08:00", True), ("13:00", True), ("19:59:59.999999", True), ("20:00", False)],
    )
    def test_a_shop_closes_on_the_day_it_opens(self, clock: str, is_open: bool) -> None:
        """It is open from the first instant, and closed from the last on."""
        assert SHOP.contain(at(clock)) is is_open

    @pytest.mark.parametrize(
        ("clock", "is_open"),
        [
            ("17:59", False),
            ("18:00", True),
            ("23:59:59", True),
            ("00:00", True),
            ("01:59", True),
            ("02:00", False),
        ],
    )
    def test_a_bar_closes_on_the_day_after(self, clock: str, is_open: bool) -> None:
        """Midnight is the middle of its evening."""
        assert BAR.contain(at(clock)) is is_open

    def test_a_venue_that_opens_when_it_closes_never_closes(self) -> None:
        """A span of a whole day is a day."""
        always = OpeningHours(time(6), time(6))
        assert all(always.contain(at(clock)) for clock in ("00:00", "05:59:59", "06:00", "23:59"))

    @given(times, times, instants)
    def test_what_one_closes_the_other_opens(self, one: time, other: time, now: datetime) -> None:
        """From one hour to another and back again is the whole day, and no instant is in both."""
        there, back = OpeningHours(one, other), OpeningHours(other, one)
        assert one == other or there.contain(now) is not back.contain(now)

    @given(times, times, instants, st.integers(1, 400))
    def test_every_day_is_the_same(self, opens: time, closes: time, now: datetime, days: int) -> None:
        """Only the time of day counts."""
        hours = OpeningHours(opens, closes)
        assert hours.contain(now) is hours.contain(now + timedelta(days=days))


class TestParse:
    """Opening hours as they are written."""

    @pytest.mark.parametrize(
        ("text", "opens", "closes"),
        [
            ("08:00-20:00", time(8), time(20)),
            ("18:00-02:00", time(18), time(2)),
            ("00:00-06:30", time(0), time(6, 30)),
            ("16:00-24:00", time(16), time(0)),
        ],
    )
    def test_hours_are_read(self, text: str, opens: time, closes: time) -> None:
        """From, to, and 24:00 is the midnight that ends the day."""
        assert parse_opening(text) == OpeningHours(opens, closes)

    def test_nothing_is_always(self) -> None:
        """No opening hours are not the same as none."""
        assert parse_opening("") is None

    @pytest.mark.parametrize("clock", ["16:00", "23:59:59"])
    def test_until_midnight_is_until_midnight(self, clock: str) -> None:
        """The last second of the day is still open, and the first of the next is not."""
        hours = parse_opening("16:00-24:00")
        assert hours.contain(at(clock))
        assert not hours.contain(at("00:00"))

    def test_the_whole_day_is_the_whole_day(self) -> None:
        """Whoever writes out that they never close is taken at their word."""
        hours = parse_opening("00:00-24:00")
        assert all(hours.contain(at(clock)) for clock in ("00:00", "12:00", "23:59:59"))

    @given(times, times)
    def test_what_is_written_is_read(self, opens: time, closes: time) -> None:
        """To the minute."""
        hours = parse_opening(f"{opens:%H:%M}-{closes:%H:%M}")
        assert (hours.opens, hours.closes) == (
            opens.replace(second=0, microsecond=0),
            closes.replace(second=0, microsecond=0),
        )


class TestJudge:
    """The verdict."""

    def test_a_box_that_nobody_restricts_is_open(self) -> None:
        """Music is the rule, silence the exception."""
        assert judge(Standing(), at("04:00")) == Verdict(True, "open")

    def test_a_closed_venue_is_told_until_when(self) -> None:
        """The status shows it to whoever wonders why it is silent."""
        assert judge(Standing(opening=BAR), at("12:00")) == Verdict(False, "closed until 18:00")
        assert judge(Standing(opening=BAR), at("20:00")) == Verdict(True, "open")

    def test_the_last_day_of_a_licence_is_played_to_its_end(self) -> None:
        """It ends with the day, not with its first minute."""
        licensed = Standing(licence_until=DAY)
        assert judge(licensed, at("23:59:59")) == Verdict(True, "open")
        assert judge(licensed, at("00:00", DAY + timedelta(days=1))) == Verdict(
            False, "the licence ended on 2027-03-01"
        )

    def test_without_a_licence_opening_hours_do_not_matter(self) -> None:
        """The reason that is told is the one that somebody must do something about."""
        verdict = judge(Standing(opening=BAR, licence_until=DAY), at("12:00", DAY + timedelta(days=9)))
        assert verdict.reason == "the licence ended on 2027-03-01"

    @pytest.mark.parametrize("day", [date(1970, 1, 1), date(2000, 1, 1), MADE_ON - timedelta(days=1)])
    def test_a_clock_that_cannot_be_right_closes_nothing(self, day: date) -> None:
        """A box whose battery died plays on, in a venue that is open or not, and says why."""
        strict = Standing(opening=BAR, licence_until=date(1999, 1, 1))
        assert judge(strict, at("12:00", day)) == Verdict(
            True, "the clock is wrong, so nothing is closed by it"
        )

    def test_the_day_it_was_made_on_is_possible(self) -> None:
        """From that day on the clock counts."""
        assert not judge(Standing(opening=BAR), at("12:00", MADE_ON)).allowed

    def test_the_day_of_making_can_be_another(self) -> None:
        """A test, or a later firmware, brings its own."""
        assert judge(Standing(opening=BAR, made_on=date(2030, 1, 1)), at("12:00")).allowed

    @given(
        instants | st.datetimes(),
        st.none() | st.builds(OpeningHours, times, times),
        st.none() | st.dates(),
    )
    def test_every_instant_has_a_verdict(
        self, now: datetime, opening: OpeningHours | None, until: date | None
    ) -> None:
        """With its reason in words, and silence only where somebody asked for it."""
        verdict = judge(Standing(opening=opening, licence_until=until), now)
        assert verdict.reason
        assert verdict.allowed or opening is not None or until is not None
