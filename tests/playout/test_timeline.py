"""Who has the word in the nights that people remember, and by which rule."""

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from easyplayer.playout import calendar
from easyplayer.playout.catalogue import Daypart, EachSongs, Hours, Playlist, Program, Slot, Spot
from easyplayer.playout.items import Layer
from easyplayer.playout.timeline import HORIZON_S, Claim, Segment, SharpEvent, ShowRun, Timeline
from easyplayer.units import Instant
from tests.playout.programs import DAY, DAY_S, HOUR_S, at, bell, daypart, program_in, show, slot, utc

PARIS, LONDON, NEW_YORK = "Europe/Paris", "Europe/London", "America/New_York"
LORD_HOWE, CASABLANCA, KATHMANDU, APIA = (
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
MINUTE_S = 60


def winners(program: Program, start: str, end: str) -> list[tuple[str, str, str]]:
    """Tell who has the word from when to when, by the clock on the wall; between local times."""
    zone = program.zone
    return [
        (wall(zone, one.start), wall(zone, one.end), one.claim.source or one.claim.layer if one.claim else "")
        for one in Timeline(program).segments(at(zone, start), at(zone, end))
    ]


def wall(zone: str, instant: Instant) -> str:
    """Tell what the clock on the wall shows, to the minute."""
    return f"{calendar.local_time(instant, calendar.zone_of(zone)):%d %H:%M}"


def minutes(program: Program, start: str, end: str) -> Counter[str]:
    """Count for how many minutes each has the word between two local times."""
    count: Counter[str] = Counter()
    for one in Timeline(program).segments(at(program.zone, start), at(program.zone, end)):
        count[one.claim.source if one.claim else ""] += round((one.end - one.start) / MINUTE_S)
    return count


def coming(program: Program, start: str, end: str) -> list[str]:
    """Tell by their keys the spots that come on the second between two local times."""
    window = at(program.zone, start), at(program.zone, end)
    return [event.key for event in Timeline(program).sharp(*window)]


class TestNamedNights:
    """Nights that people remember, with a daypart over midnight and one in the hour that is cut or sewn."""

    NIGHT = (daypart("late", "22:00", "04:00"), daypart("short", "01:30", "02:15"))

    @pytest.mark.parametrize(
        ("zone", "day", "lengths"),
        [
            (LONDON, "2026-03-28", {"late": 360 - 60 - 15, "short": 15}),
            (LONDON, "2026-10-24", {"late": 360 + 60 - 75, "short": 75}),
            (NEW_YORK, "2026-03-07", {"late": 360 - 60 - 30, "short": 30}),
            (NEW_YORK, "2026-10-31", {"late": 360 + 60 - 75, "short": 75}),
            (LORD_HOWE, "2026-10-03", {"late": 360 - 30 - 30, "short": 30}),
            (LORD_HOWE, "2026-04-04", {"late": 360 + 30 - 75, "short": 75}),
            (CASABLANCA, "2024-04-13", {"late": 360 - 60 - 30, "short": 30}),
            (CASABLANCA, "2024-03-09", {"late": 360 + 60 - 60, "short": 60}),
            (KATHMANDU, "2026-03-28", {"late": 360 - 45, "short": 45}),
        ],
    )
    def test_how_long_a_night_is(self, zone: str, day: str, lengths: dict[str, int]) -> None:
        """An hour that is left out is not played, and one that comes twice is played twice."""
        program = program_in(zone, dayparts=self.NIGHT)
        morning = date.fromisoformat(day) + DAY
        assert minutes(program, f"{day} 22:00", f"{morning} 04:00") == lengths

    def test_a_night_in_spring(self) -> None:
        """What the gap cuts begins and ends at it."""
        assert winners(program_in(LONDON, dayparts=self.NIGHT), "2026-03-28 21:00", "2026-03-29 05:00") == [
            ("28 21:00", "28 22:00", "fallback"),
            ("28 22:00", "29 02:00", "late"),
            ("29 02:00", "29 02:15", "short"),
            ("29 02:15", "29 04:00", "late"),
            ("29 04:00", "29 05:00", "fallback"),
        ]

    def test_a_night_in_autumn(self) -> None:
        """What the repeat covers comes twice."""
        assert winners(program_in(LONDON, dayparts=self.NIGHT), "2026-10-24 22:00", "2026-10-25 04:00") == [
            ("24 22:00", "25 01:30", "late"),
            ("25 01:30", "25 01:00", "short"),
            ("25 01:00", "25 01:30", "late"),
            ("25 01:30", "25 02:15", "short"),
            ("25 02:15", "25 04:00", "late"),
        ]

    def test_a_daypart_over_midnight_is_one_occurrence_through_the_night(self) -> None:
        """It is named after the date on which it starts, and lasts seven hours."""
        timeline = Timeline(program_in(LONDON, dayparts=self.NIGHT[:1]))
        (claim, _) = timeline.claims(at(LONDON, "2026-10-25 03:00"))
        assert claim.occurrence == "late@2026-10-24"
        assert claim.until - claim.since == 7 * HOUR_S

    def test_the_second_pass_of_a_repeated_hour_is_a_span_of_its_own(self) -> None:
        """The claim has the same name, and another span."""
        timeline = Timeline(program_in(LONDON, dayparts=(daypart("short", "01:10", "01:20"),)))
        first, second = (timeline.claims(utc(f"2026-10-25 {clock}"))[0] for clock in ("00:15", "01:15"))
        assert first.occurrence == second.occurrence == "short@2026-10-25"
        assert (first.since, first.until) == (utc("2026-10-25 00:10"), utc("2026-10-25 00:20"))
        assert (second.since, second.until) == (utc("2026-10-25 01:10"), utc("2026-10-25 01:20"))

    def test_a_daypart_within_the_gap_is_not_there(self) -> None:
        """That night nobody hears it, and nobody misses it."""
        program = program_in(LONDON, dayparts=(daypart("short", "01:15", "01:45"),))
        assert minutes(program, "2026-03-29 00:00", "2026-03-30 00:00") == {"": 23 * 60}

    def test_the_lost_day_of_apia(self) -> None:
        """The night into it ends at its midnight, the one out of it begins there, and it is not there."""
        dayparts = (daypart("late", "22:00", "04:00"), daypart("day", "04:00", "22:00"))
        assert winners(program_in(APIA, dayparts=dayparts), "2011-12-29 20:00", "2011-12-31 12:00") == [
            ("29 20:00", "29 22:00", "day"),
            ("29 22:00", "31 00:00", "late"),
            ("31 00:00", "31 04:00", "late"),
            ("31 04:00", "31 12:00", "day"),
        ]

    def test_the_calls_of_the_lost_day_come_when_it_is_over(self) -> None:
        """Each once, at the first instant of the day after."""
        program = program_in(APIA, spots=(bell("call", "09:00", "17:00"),))
        events = Timeline(program).sharp(at(APIA, "2011-12-29 12:00"), at(APIA, "2011-12-31 12:00"))
        assert [(wall(APIA, event.at), event.key) for event in events] == [
            ("29 17:00", "call@2011-12-29T17:00:00"),
            ("31 00:00", "call@2011-12-30T09:00:00"),
            ("31 00:00", "call@2011-12-30T17:00:00"),
            ("31 09:00", "call@2011-12-31T09:00:00"),
        ]

    def test_the_twenty_ninth_of_february(self) -> None:
        """It is a date like any other in its year, and no other day stands in for it."""
        leap = date(2028, 2, 29)
        program = program_in(
            PARIS,
            dayparts=(daypart("leap", dates=(leap,)),),
            spots=(bell("cake", "15:00", slot=Slot(dates=(leap,))), bell("noon", "12:00")),
        )
        assert minutes(program, "2028-02-01", "2028-04-01")["leap"] == 24 * 60
        assert minutes(program, "2027-02-01", "2027-04-01")["leap"] == 0
        assert coming(program, "2028-02-29", "2028-03-01") == [
            "noon@2028-02-29T12:00:00",
            "cake@2028-02-29T15:00:00",
        ]
        assert len(coming(program, "2028-02-01", "2028-03-01")) == 29 + 1

    def test_a_long_night_reaches_far_into_the_next_day(self) -> None:
        """West of Greenwich a UTC day begins while the slot of two dates before is not over yet."""
        program = program_in("Pacific/Honolulu", dayparts=(daypart("long", "21:00", "20:00", "sat"),))
        assert winners(program, "2026-11-21 20:00", "2026-11-22 21:00") == [
            ("21 20:00", "21 21:00", "fallback"),
            ("21 21:00", "22 20:00", "long"),
            ("22 20:00", "22 21:00", "fallback"),
        ]

    def test_a_year_has_all_its_days(self) -> None:
        """A daypart of the whole day comes 366 times in 2028, of 23 to 25 hours."""
        program = program_in(PARIS, dayparts=(daypart("all"),))
        days = [*Timeline(program).segments(at(PARIS, "2028-01-01"), at(PARIS, "2029-01-01"))]
        assert Counter((one.end - one.start) / HOUR_S for one in days) == {24: 364, 23: 1, 25: 1}
        assert len({one.claim.occurrence for one in days if one.claim}) == 366


class TestSharp:
    """Spots that come on the second."""

    @pytest.mark.parametrize(
        ("zone", "day", "clock", "expected"),
        [
            (LONDON, "2026-03-29", "01:30", "2026-03-29 01:00"),
            (LONDON, "2026-10-25", "01:30", "2026-10-25 00:30"),
            (NEW_YORK, "2026-03-08", "02:30", "2026-03-08 07:00"),
            (NEW_YORK, "2026-11-01", "01:30", "2026-11-01 05:30"),
            (LORD_HOWE, "2026-10-04", "02:15", "2026-10-03 15:30"),
            (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04 14:45"),
            (KATHMANDU, "2026-06-01", "18:00", "2026-06-01 12:15"),
            ("America/Nuuk", "2026-03-28", "23:30", "2026-03-29 01:00"),
        ],
    )
    def test_each_comes_once(self, zone: str, day: str, clock: str, expected: str) -> None:
        """After the gap, and the first time only."""
        timeline = Timeline(program_in(zone, spots=(bell("bell", clock),)))
        middle = utc(expected)
        events = timeline.sharp(Instant(middle - 12 * HOUR_S), Instant(middle + 11 * HOUR_S))
        assert [(event.at, event.key) for event in events] == [(middle, f"bell@{day}T{clock}:00")]

    def test_two_in_a_gap_come_together(self) -> None:
        """At the first instant after it, in the order of their names."""
        program = program_in(LONDON, spots=(bell("b", "01:15"), bell("a", "01:45", "01:30", "01:30")))
        assert coming(program, "2026-03-29 00:00", "2026-03-29 04:00") == [
            "a@2026-03-29T01:30:00",
            "a@2026-03-29T01:45:00",
            "b@2026-03-29T01:15:00",
        ]

    def test_a_window_has_its_start_and_not_its_end(self) -> None:
        """So that windows that follow each other tell each event once."""
        timeline = Timeline(program_in(PARIS, spots=(bell("noon", "12:00"),)))
        noon = at(PARIS, "2026-11-21 12:00")
        assert [event.at for event in timeline.sharp(noon, Instant(noon + 1))] == [noon]
        assert timeline.sharp(Instant(noon - 1), noon) == ()
        assert timeline.sharp(noon, noon) == ()
        assert timeline.sharp(Instant(noon + 1), Instant(noon - 1)) == ()

    def test_the_slot_says_on_which_days_and_in_which_hours(self) -> None:
        """One o'clock on Sunday lies in the Saturday's night."""
        night = slot("22:00", "04:00", "sat", last=date(2026, 11, 21))
        program = program_in(PARIS, spots=(bell("last", "01:00", "12:00", "23:00", slot=night),))
        assert coming(program, "2026-11-20", "2026-12-05") == [
            "last@2026-11-21T23:00:00",
            "last@2026-11-22T01:00:00",
        ]

    def test_spots_between_songs_are_not_among_them(self) -> None:
        """They have no second of their own."""
        soft = Spot(id="soft", items=("calm",), when=EachSongs(songs=3))
        assert coming(program_in(PARIS, spots=(soft,)), "2026-11-20", "2026-12-05") == []

    def test_events_sort_by_instant_and_then_by_name(self) -> None:
        """Also those of the same spot."""
        spot = bell("bell", "12:00")
        early, late = (SharpEvent(at=Instant(1.0), key=key, spot=spot) for key in ("a", "b"))
        assert sorted([SharpEvent(at=Instant(2.0), key="0", spot=spot), late, early])[:2] == [early, late]


class TestDayparts:
    """Which of two dayparts has the word."""

    @pytest.mark.parametrize(
        ("winner", "loser"),
        [
            ({"dates": (date(2026, 11, 21),)}, {"first": date(2026, 11, 21), "last": date(2026, 11, 21)}),
            ({"first": date(2026, 11, 1), "last": date(2026, 11, 30)}, {"days": "sat"}),
            (
                {"first": date(2026, 11, 1), "last": date(2026, 11, 30)},
                {"first": date(2026, 11, 1), "last": date(2026, 12, 1), "days": "sat"},
            ),
            ({"days": "sat"}, {"days": "fri sat"}),
            ({"days": "sat"}, {"starts": "11:00", "ends": "13:00"}),
            ({"starts": "11:00", "ends": "13:00"}, {"starts": "10:00", "ends": "13:00"}),
            ({"revised": 2}, {"revised": 1}),
            ({}, {}),
        ],
    )
    def test_the_more_specific_then_the_newer_then_the_first_in_the_alphabet(
        self, winner: dict[str, Any], loser: dict[str, Any]
    ) -> None:
        """And the other one comes next."""
        names = ("a", "b") if winner == loser else ("z", "a")
        program = program_in(PARIS, dayparts=(daypart(names[0], **winner), daypart(names[1], **loser)))
        claims = Timeline(program).claims(at(PARIS, "2026-11-21 12:00"))
        assert [claim.source for claim in claims] == [*names, ""]
        assert [claim.layer for claim in claims] == [Layer.DAYPART, Layer.DAYPART, Layer.FALLBACK]

    def test_a_claim_tells_all_about_itself(self) -> None:
        """Enough to explain it without the program at hand."""
        brunch = Daypart(
            id="brunch", title="Sunday brunch", slot=slot("10:00", "14:00", "sun"), playlist="calm"
        )
        noon = at(PARIS, "2026-11-22 12:00")
        assert Timeline(program_in(PARIS, dayparts=(brunch,))).claims(noon)[0] == Claim(
            layer=Layer.DAYPART,
            source="brunch",
            title="Sunday brunch",
            playlist="calm",
            occurrence="brunch@2026-11-22",
            since=at(PARIS, "2026-11-22 10:00"),
            until=at(PARIS, "2026-11-22 14:00"),
        )

    def test_an_exception_leaves_the_word_to_the_next(self) -> None:
        """On its date the daypart does not start, and its night before goes on."""
        late = daypart("late", "22:00", "04:00", exceptions=(date(2026, 11, 21),))
        program = program_in(PARIS, dayparts=(late, daypart("day")))
        assert winners(program, "2026-11-21 00:00", "2026-11-22 23:00") == [
            ("21 00:00", "21 04:00", "late"),
            ("21 04:00", "22 00:00", "day"),
            ("22 00:00", "22 22:00", "day"),
            ("22 22:00", "22 23:00", "late"),
        ]

    def test_the_fallback_wants_the_word_at_all_times(self) -> None:
        """It has no name but its layer, and no end."""
        titled = Playlist(id="house", title="House music", entries=())
        (claim,) = Timeline(program_in(PARIS, playlists=(titled,))).claims(Instant(0.0))
        assert claim == Claim(layer=Layer.FALLBACK, title="House music", playlist="house")
        assert (claim.since, claim.until) == (float("-inf"), float("inf"))

    def test_a_program_that_wants_nothing_is_told_so(self) -> None:
        """There is a segment all the same, and it says that nobody has the word."""
        timeline = Timeline(program_in(PARIS, fallback=""))
        assert timeline.claims(Instant(0.0)) == ()
        assert [*timeline.segments(Instant(0.0), Instant(1e6))] == [
            Segment(start=Instant(0.0), end=Instant(1e6), claim=None, open=True)
        ]
        assert timeline.change_after(Instant(5.0)) == 5.0 + HORIZON_S

    def test_a_window_without_length_has_no_segments(self) -> None:
        """Nor one that ends before it starts."""
        timeline = Timeline(program_in(PARIS))
        assert [*timeline.segments(Instant(5.0), Instant(5.0))] == []
        assert [*timeline.segments(Instant(5.0), Instant(1.0))] == []


class TestShows:
    """Dated spans over the dayparts."""

    @pytest.mark.parametrize(
        ("winner", "loser"),
        [
            (("20:00", "23:00", 0), ("19:00", "22:00", 5)),
            (("20:00", "22:00", 0), ("20:00", "23:00", 5)),
            (("20:00", "23:00", 2), ("20:00", "23:00", 1)),
            (("20:00", "23:00", 0), ("20:00", "23:00", 0)),
        ],
    )
    def test_the_later_then_the_shorter_then_the_newer_then_the_first_in_the_alphabet(
        self, winner: tuple[str, str, int], loser: tuple[str, str, int]
    ) -> None:
        """And all of them before any daypart."""
        names = ("a", "b") if winner == loser else ("z", "a")
        shows = tuple(
            show(name, f"2026-11-21 {starts}", f"2026-11-21 {ends}", revised=revised)
            for name, (starts, ends, revised) in zip(names, (winner, loser), strict=True)
        )
        dated = daypart("dated", dates=(date(2026, 11, 21),))
        claims = Timeline(program_in(PARIS, shows=shows, dayparts=(dated,))).claims(
            at(PARIS, "2026-11-21 21:00")
        )
        assert [claim.source for claim in claims] == [*names, "dated", ""]

    def test_a_show_within_another_gives_the_word_back(self) -> None:
        """As the one that starts later, it has the word while it lasts."""
        shows = (
            show("long", "2026-11-21 18:00", "2026-11-22 02:00"),
            show("short", "2026-11-21 20:00", "2026-11-21 21:00"),
        )
        assert winners(program_in(PARIS, shows=shows), "2026-11-21 17:00", "2026-11-22 03:00") == [
            ("21 17:00", "21 18:00", "fallback"),
            ("21 18:00", "21 20:00", "long"),
            ("21 20:00", "21 21:00", "short"),
            ("21 21:00", "22 02:00", "long"),
            ("22 02:00", "22 03:00", "fallback"),
        ]

    @pytest.mark.parametrize(
        ("starts", "ends", "expected"),
        [
            ("2026-03-29 01:15", "2026-03-29 01:45", []),
            ("2026-03-29 01:15", "2026-03-29 02:00", []),
            ("2026-03-29 00:30", "2026-03-29 01:30", [("2026-03-29 00:30", "2026-03-29 01:00")]),
            ("2026-03-29 01:30", "2026-03-29 02:30", [("2026-03-29 01:00", "2026-03-29 01:30")]),
            ("2026-10-25 01:15", "2026-10-25 01:45", [("2026-10-25 00:15", "2026-10-25 00:45")]),
            ("2026-10-25 01:30", "2026-10-25 02:00", [("2026-10-25 00:30", "2026-10-25 02:00")]),
            ("2026-11-21 20:00", "2026-11-21 20:00", []),
            ("2026-11-21 20:00", "2026-11-21 19:00", []),
        ],
    )
    def test_a_show_runs_once(self, starts: str, ends: str, expected: list[tuple[str, str]]) -> None:
        """It begins and is over at instants; where none are left between them it is not there."""
        one = show("show", starts, ends)
        timeline = Timeline(program_in(LONDON, shows=(one,)))
        runs = timeline.shows(utc("2026-01-01"), utc("2027-01-01"))
        assert [*runs] == [ShowRun(show=one, starts=utc(since), ends=utc(until)) for since, until in expected]
        found = timeline.segments(utc("2026-01-01"), utc("2027-01-01"))
        spans = [(one.start, one.end) for one in found if one.claim and one.claim.source]
        assert spans == [(run.starts, run.ends) for run in runs]

    def test_of_two_in_a_gap_the_one_meant_later_wins(self) -> None:
        """They begin at the same instant, and it is the local time that was meant."""
        shows = (
            show("early", "2026-03-29 01:15", "2026-03-29 02:30"),
            show("late", "2026-03-29 01:30", "2026-03-29 03:00"),
        )
        claims = Timeline(program_in(LONDON, shows=shows)).claims(at(LONDON, "2026-03-29 02:10"))
        assert [claim.source for claim in claims] == ["late", "early", ""]

    def test_shows_are_told_in_the_order_in_which_they_begin(self) -> None:
        """However they are called, and whoever wins."""
        shows = (
            show("a", "2026-11-21 20:00", "2026-11-21 23:00"),
            show("c", "2026-11-21 18:00", "2026-11-21 19:00"),
            show("b", "2026-11-21 18:00", "2026-11-21 22:00"),
        )
        runs = Timeline(program_in(PARIS, shows=shows)).shows(utc("2026-11-21"), utc("2026-11-22"))
        assert [run.show.id for run in runs] == ["b", "c", "a"]

    def test_a_show_that_lasts_for_days_is_one_run(self) -> None:
        """Through midnights, and for ever where its end is the last date there is."""
        timeline = Timeline(program_in(PARIS, shows=(show("fair", "2026-11-20 09:00", "9999-12-31 23:59"),)))
        opening = at(PARIS, "2026-11-20 09:00")
        (run,) = timeline.shows(opening, Instant(opening + 1))
        assert run.starts == opening
        assert timeline.change_after(at(PARIS, "2026-11-20 08:00")) == opening
        assert timeline.change_after(opening) == opening + HORIZON_S

    def test_a_window_has_its_start_and_not_its_end(self) -> None:
        """A show that runs already does not begin in it."""
        timeline = Timeline(program_in(PARIS, shows=(show("show", "2026-11-21 20:00", "2026-11-21 23:00"),)))
        opening = at(PARIS, "2026-11-21 20:00")
        assert len(timeline.shows(opening, Instant(opening + 1))) == 1
        assert timeline.shows(Instant(opening - 1), opening) == ()
        assert timeline.shows(Instant(opening + 1), Instant(opening + 2)) == ()


class TestHours:
    """When the venue is open."""

    BAR = Hours(slot=slot("17:00", "02:00"))
    CHRISTMAS = Hours(slot=slot(dates=(date(2026, 12, 25),)), open=False)

    @staticmethod
    def doors(zone: str, start: str, end: str, *hours: Hours) -> list[str]:
        """Tell what the wall shows each time the door opens or closes."""
        found = Timeline(program_in(zone, hours=hours)).segments(at(zone, start), at(zone, end))
        return [wall(zone, after.start) for before, after in pairwise(found) if after.open != before.open]

    def test_a_program_without_hours_is_always_open(self) -> None:
        """Nobody has said that it is ever closed."""
        timeline = Timeline(program_in(PARIS))
        assert timeline.is_open(Instant(0.0))
        assert timeline.opens_after(Instant(0.0)) is None

    def test_a_bar_is_open_over_midnight(self) -> None:
        """It opens at five and closes at two."""
        assert self.doors(PARIS, "2026-11-21 12:00", "2026-11-22 12:00", self.BAR) == ["21 17:00", "22 02:00"]

    def test_a_holiday_closes_from_its_midnight_on(self) -> None:
        """The night into it ends there, and it is over at the next midnight, in the night out of it."""
        hours = (self.BAR, self.CHRISTMAS)
        assert self.doors(PARIS, "2026-12-24 12:00", "2026-12-26 12:00", *hours) == [
            "24 17:00",
            "25 00:00",
            "26 00:00",
            "26 02:00",
        ]

    def test_a_holiday_can_close_a_night_as_a_whole(self) -> None:
        """Where its own hours are those of the bar."""
        closed = Hours(slot=slot("17:00", "02:00", dates=(date(2026, 12, 25),)), open=False)
        assert self.doors(PARIS, "2026-12-24 12:00", "2026-12-26 12:00", self.BAR, closed) == [
            "24 17:00",
            "25 02:00",
        ]

    def test_an_evening_within_a_holiday_can_be_open(self) -> None:
        """Of two for the same date the shorter one wins."""
        evening = Hours(slot=slot("19:00", "23:00", dates=(date(2026, 12, 25),)))
        hours = (self.CHRISTMAS, self.BAR, evening)
        assert self.doors(PARIS, "2026-12-25 01:00", "2026-12-25 23:30", *hours) == ["25 19:00", "25 23:00"]

    def test_the_newer_wins_and_the_open_one_where_nothing_else_decides(self) -> None:
        """Music in an empty room is the lesser evil."""
        noon = at(PARIS, "2026-11-21 12:00")
        closed, opened = (Hours(slot=slot("08:00", "18:00"), open=given) for given in (False, True))
        assert Timeline(program_in(PARIS, hours=(closed, opened))).is_open(noon)
        newer = replace(closed, revised=1)
        assert not Timeline(program_in(PARIS, hours=(newer, opened))).is_open(noon)

    def test_who_only_says_when_it_is_closed_is_open_otherwise(self) -> None:
        """A list of holidays is enough for a house that never closes."""
        hours = (self.CHRISTMAS,)
        assert self.doors(PARIS, "2026-12-24 12:00", "2026-12-26 12:00", *hours) == ["25 00:00", "26 00:00"]

    @pytest.mark.parametrize(
        ("day", "expected"), [("2026-03-28", 9 * HOUR_S - HOUR_S), ("2026-10-24", 9 * HOUR_S + HOUR_S)]
    )
    def test_a_night_is_longer_in_autumn_than_in_spring(self, day: str, expected: int) -> None:
        """The door goes by the clock on the wall."""
        timeline = Timeline(program_in(LONDON, hours=(Hours(slot=slot("17:00", "02:00")),)))
        noon = at(LONDON, f"{day} 12:00")
        opens = timeline.opens_after(noon)
        assert opens == at(LONDON, f"{day} 17:00")
        assert timeline.change_after(Instant(opens)) - opens == expected

    def test_the_next_opening_is_found_over_a_week(self) -> None:
        """And is told to be none where it lies beyond the horizon."""
        sundays = Timeline(program_in(PARIS, hours=(Hours(slot=slot("10:00", "12:00", "sun")),)))
        opening = at(PARIS, "2026-11-22 10:00")
        assert sundays.opens_after(Instant(opening - 6 * DAY_S)) == opening
        assert sundays.opens_after(opening) == opening + 7 * DAY_S
        once = Timeline(program_in(PARIS, hours=(Hours(slot=slot(dates=(date(2026, 12, 31),))),)))
        assert once.opens_after(opening) is None

    def test_closed_hours_take_the_word_from_nobody(self) -> None:
        """Who would play is known all the same."""
        program = program_in(PARIS, dayparts=(daypart("day"),), hours=(self.BAR,))
        timeline, noon = Timeline(program), at(PARIS, "2026-11-21 12:00")
        assert not timeline.is_open(noon)
        assert timeline.claims(noon)[0].source == "day"
        assert timeline.change_after(noon) == at(PARIS, "2026-11-21 17:00")


class TestBlind:
    """What plays while nobody knows date and time."""

    @staticmethod
    def blind(*dayparts: Daypart) -> list[str]:
        """Tell the sources of what is played blind."""
        return [claim.source for claim in Timeline(program_in(PARIS, dayparts=dayparts)).blind()]

    def test_it_is_the_daypart_that_covers_most_of_the_week(self) -> None:
        """Then the fallback."""
        evening, brunch = daypart("evening", "18:00", "23:00"), daypart("brunch", "08:00", "16:00", "sun")
        assert self.blind(brunch, evening) == ["evening", ""]

    def test_a_daypart_that_may_be_over_comes_last(self) -> None:
        """Single dates and seasons with an end are right on few days of a program's life."""
        dated = daypart("dated", dates=(date(2026, 12, 31),))
        season = daypart("season", last=date(2026, 12, 24))
        evening = daypart("evening", "18:00", "23:00", first=date(2026, 1, 1))
        assert self.blind(dated, season, evening) == ["evening", ""]
        assert self.blind(dated, season) == ["dated", ""]

    def test_of_two_as_long_the_more_specific_wins(self) -> None:
        """As it does at every instant."""
        assert self.blind(daypart("b", "08:00", "10:00"), daypart("a", "18:00", "20:00")) == ["a", ""]
        assert self.blind(daypart("b", "08:00", "10:00", revised=1), daypart("a", "18:00", "20:00")) == [
            "b",
            "",
        ]

    def test_shows_do_not_count(self) -> None:
        """Their date is not known to be today; without a daypart only the fallback is left."""
        program = program_in(PARIS, shows=(show("fair", "2026-01-01 00:00", "2026-12-31 00:00"),))
        assert [claim.layer for claim in Timeline(program).blind()] == [Layer.FALLBACK]
        assert Timeline(replace(program, fallback="")).blind() == ()

    def test_it_knows_no_dates(self) -> None:
        """Neither an occurrence nor an end."""
        claim = Timeline(program_in(PARIS, dayparts=(daypart("day"),))).blind()[0]
        assert claim == Claim(layer=Layer.DAYPART, source="day", playlist="calm")


class TestBuilding:
    """How a timeline comes to be, and stays small."""

    def test_a_zone_that_does_not_exist_is_refused(self) -> None:
        """Nobody could tell what its clocks show."""
        with pytest.raises(KeyError, match="Nowhere"):
            Timeline(Program(name="test", zone="Nowhere/City"))

    def test_only_some_days_are_kept(self) -> None:
        """However long it is asked, it does not grow."""
        timeline = Timeline(program_in(PARIS, dayparts=(daypart("day"),), spots=(bell("noon", "12:00"),)))
        window = utc("2026-01-01"), utc("2027-01-01")
        assert len([*timeline.segments(*window)]) == len(timeline.sharp(*window)) + 1
        for kept in (timeline._drawn, timeline._sharp_on):
            assert kept.cache_info().currsize < 50
