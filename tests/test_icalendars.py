"""Calendars become dayparts and shows that mean the same, and are written so that they do."""

import doctest
from collections import Counter
from datetime import date, datetime, time, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from easyplayer import icalendar_export, icalendars
from easyplayer.errors import ProgramError
from easyplayer.icalendar_export import write
from easyplayer.icalendars import Timetable, Window, read
from easyplayer.playout import recurrences
from easyplayer.playout.calendar import starts_on
from easyplayer.playout.catalogue import ALWAYS, Daypart, Entry, Playlist, Program, Show, Slot, Start, Weekday
from easyplayer.playout.editing import finder
from easyplayer.playout.items import Item
from easyplayer.playout.program_file import decode, encode
from tests.playout.good_programs import programs

PARIS = "Europe/Paris"
WINDOW = Window(date(2026, 11, 21), date(2027, 12, 26))
BRUNCH = Playlist(id="p1", title="Sunday Brunch", entries=(Entry(item="x"),))
SATURDAY, SUNDAY = Weekday.SATURDAY, Weekday.SUNDAY


def calendar(*events: str, head: str = "") -> bytes:
    """Write a calendar of events, each given by its lines."""
    named = [lines if "UID:" in lines else f"UID:u{number}\n{lines}" for number, lines in enumerate(events)]
    parts = [f"BEGIN:VEVENT\n{lines}\nEND:VEVENT" for lines in named]
    return "\n".join(["BEGIN:VCALENDAR", *head.splitlines(), *parts, "END:VCALENDAR", ""]).encode()


def table(*events: str, zone: str = PARIS, head: str = "") -> Timetable:
    """Read a calendar of events that all play one playlist."""
    named = [event if "SUMMARY" in event else f"SUMMARY:sunday brunch\n{event}" for event in events]
    return read(calendar(*named, head=head), zone, finder([BRUNCH]), WINDOW)


def daypart(*events: str, **others: str) -> Daypart:
    found = table(*events, **others)
    assert found.problems == ()
    assert len(found.dayparts) == 1
    return found.dayparts[0]


def shows(*events: str, **others: str) -> tuple[Show, ...]:
    found = table(*events, **others)
    assert (found.problems, found.dayparts) == ((), ())
    return found.shows


def parts_of(found: Timetable) -> dict[str, Any]:
    return {"dayparts": found.dayparts, "shows": found.shows}


def problem(event: str) -> str:
    (told,) = table(event).problems
    return told


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("module", [icalendars, icalendar_export, recurrences], ids=lambda one: one.__name__)
def test_the_examples_in_the_documentation_hold(module: ModuleType) -> None:
    """They are run as they stand."""
    assert doctest.testmod(module).failed == 0


class TestDayparts:
    """Events that come week after week."""

    def test_a_weekly_event_becomes_a_daypart(self) -> None:
        """With its days, times and season, the playlist that its title names, and the title as its own."""
        found = daypart(
            "DTSTART;TZID=Europe/Paris:20261121T100000\nDTEND;TZID=Europe/Paris:20261121T143000\n"
            "RRULE:FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20270601T220000Z\n"
            "EXDATE;TZID=Europe/Paris:20261226T100000,20261227T100000\nSEQUENCE:4"
        )
        assert found == Daypart(
            id="u0",
            title="sunday brunch",
            playlist="p1",
            revised=4,
            slot=Slot(
                days=(SATURDAY, SUNDAY),
                starts=time(10),
                ends=time(14, 30),
                first=date(2026, 11, 21),
                last=date(2027, 6, 1),
                exceptions=(date(2026, 12, 26), date(2026, 12, 27)),
            ),
        )

    @pytest.mark.parametrize(
        ("rule", "days"),
        [
            ("FREQ=WEEKLY", (SATURDAY,)),
            ("FREQ=WEEKLY;INTERVAL=1;WKST=SU;BYDAY=SU,SA", (SATURDAY, SUNDAY)),
            ("FREQ=DAILY", ()),
            ("FREQ=DAILY;BYDAY=SA", (SATURDAY,)),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", ()),
        ],
    )
    def test_the_rules_of_a_week(self, rule: str, days: tuple[Weekday, ...]) -> None:
        """Without weekdays it is that of the first date; every day is every day, however it is said."""
        assert daypart(f"DTSTART:20261121T100000\nDTEND:20261121T120000\nRRULE:{rule}").slot.days == days

    @pytest.mark.parametrize(
        ("end", "last"),
        [
            ("UNTIL=20261205", date(2026, 12, 5)),
            ("UNTIL=20261205T090000Z", date(2026, 12, 5)),
            ("UNTIL=20261205T085959Z", date(2026, 12, 4)),
            ("UNTIL=20261205T095959", date(2026, 12, 4)),
            ("COUNT=3", date(2026, 12, 5)),
            ("COUNT=1", date(2026, 11, 21)),
        ],
    )
    def test_the_end_of_a_season(self, end: str, last: date) -> None:
        """It is that of the last beginning, by the clock on the venue's wall; a count is counted."""
        event = f"DTSTART:20261121T100000\nDTEND:20261121T120000\nRRULE:FREQ=WEEKLY;{end}"
        assert daypart(event).slot.last == last

    def test_a_night_goes_over_midnight(self) -> None:
        """It belongs to the day on which it begins."""
        slot = daypart("DTSTART:20261121T220000\nDURATION:PT6H\nRRULE:FREQ=WEEKLY").slot
        assert (slot.days, slot.starts, slot.ends) == ((SATURDAY,), time(22), time(4))

    def test_an_event_of_whole_days_lasts_from_midnight_to_midnight(self) -> None:
        """Also where it does not say how long it is."""
        slot = daypart("DTSTART;VALUE=DATE:20261121\nRRULE:FREQ=WEEKLY").slot
        assert (slot.starts, slot.ends, slot.first) == (time(0), time(0), date(2026, 11, 21))

    def test_single_dates_are_kept(self) -> None:
        """An event that lists its dates is a slot that does."""
        slot = daypart(
            "DTSTART:20261121T100000\nDTEND:20261121T120000\nRDATE:20261205T100000\nRDATE:20261224T100000\n"
            "EXDATE:20261205T100000"
        ).slot
        assert slot.dates == (date(2026, 11, 21), date(2026, 12, 24))

    def test_one_date_that_was_moved_becomes_a_show(self) -> None:
        """And is no date of the daypart any more; one that was called off is just left out."""
        found = table(
            "DTSTART:20261121T100000\nDTEND:20261121T120000\nRRULE:FREQ=WEEKLY",
            "RECURRENCE-ID:20261128T100000\nDTSTART:20261129T110000\nDTEND:20261129T130000\nUID:u0",
            "RECURRENCE-ID:20261205T100000\nDTSTART:20261205T100000\nSTATUS:CANCELLED\nUID:u0",
        )
        assert found.problems == ()
        assert [one.slot.exceptions for one in found.dayparts] == [(date(2026, 11, 28), date(2026, 12, 5))]
        assert [(show.id, show.starts) for show in found.shows] == [
            ("u0@2026-11-28T10:00", local("2026-11-29T11:00"))
        ]

    def test_another_zone_that_has_the_same_time_is_as_good(self) -> None:
        """Berlin and Paris never differ."""
        slot = daypart(
            "DTSTART;TZID=Europe/Berlin:20261121T100000\nDTEND;TZID=Europe/Berlin:20261121T120000\n"
            "RRULE:FREQ=WEEKLY"
        ).slot
        assert slot.starts == time(10)


class TestShows:
    """Single events, and those that come again in other ways."""

    def test_a_single_event_becomes_a_show(self) -> None:
        """Its times are the venue's."""
        (show,) = shows("DTSTART;TZID=Europe/Paris:20261231T233000\nDTEND:20270101T010000Z")
        assert show == Show(
            id="u0",
            title="sunday brunch",
            playlist="p1",
            starts=local("2026-12-31T23:30"),
            ends=local("2027-01-01T02:00"),
        )

    @pytest.mark.parametrize(
        ("begins", "expected"),
        [
            ("DTSTART:20260701T100000Z", "2026-07-01T12:00"),
            ("DTSTART:20260101T100000Z", "2026-01-01T11:00"),
            ("DTSTART:20260701T100000", "2026-07-01T10:00"),
            ("DTSTART;TZID=America/New_York:20260701T100000", "2026-07-01T16:00"),
            ("DTSTART;TZID=Europe/Paris:20260329T023000", "2026-03-29T02:30"),
        ],
    )
    def test_times_are_brought_to_the_venue(self, begins: str, expected: str) -> None:
        """A time without a zone is the venue's, and so is one that its night leaves out."""
        (show,) = shows(f"{begins}\nDURATION:PT1H")
        assert show.starts == local(expected)

    def test_a_zone_that_the_calendar_describes_itself_is_understood(self) -> None:
        """As some offices write them, under a name of their own."""
        head = (
            "BEGIN:VTIMEZONE\nTZID:Bar time\nBEGIN:STANDARD\nDTSTART:20000101T000000\n"
            "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE"
        )
        (show,) = shows("DTSTART;TZID=Bar time:20260701T100000\nDURATION:PT1H", head=head)
        assert show.starts == local("2026-07-01T09:00")

    def test_whole_days(self) -> None:
        """From midnight to midnight; the end that a calendar names is the first day after."""
        (show,) = shows("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227")
        assert (show.starts, show.ends) == (local("2026-12-24"), local("2026-12-27"))

    @pytest.mark.parametrize(
        ("line", "start"),
        [
            ("CATEGORIES:Music,HARD", Start.HARD),
            ("X-EASYPLAYER-START:hard", Start.HARD),
            ("CATEGORIES:hard\nX-EASYPLAYER-START:soft", Start.SOFT),
            ("CATEGORIES:Music\nCATEGORIES:hard", Start.HARD),
            ("DESCRIPTION:hard", Start.SOFT),
        ],
    )
    def test_how_a_show_begins(self, line: str, start: Start) -> None:
        """A category says it in any calendar; a property of our own goes before it."""
        (show,) = shows(f"DTSTART:20261231T233000\nDURATION:PT1H\n{line}")
        assert show.start is start

    @pytest.mark.parametrize(
        ("event", "dates"),
        [
            (
                "DTSTART:20261204T200000\nDURATION:PT3H\nRRULE:FREQ=MONTHLY;BYDAY=1FR;COUNT=3",
                ["2026-12-04T20:00", "2027-01-01T20:00", "2027-02-05T20:00"],
            ),
            (
                "DTSTART:20261205T200000\nDURATION:P2D\nRRULE:FREQ=WEEKLY;COUNT=2",
                ["2026-12-05T20:00", "2026-12-12T20:00"],
            ),
            (
                "DTSTART:20261128T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261227",
                ["2026-11-28T20:00", "2026-12-12T20:00", "2026-12-26T20:00"],
            ),
            (
                "DTSTART;TZID=America/New_York:20270306T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3",
                ["2027-03-06T16:00", "2027-03-13T16:00", "2027-03-20T15:00"],
            ),
            ("DTSTART:20000101T090000\nDURATION:PT1H\nRRULE:FREQ=YEARLY", ["2027-01-01T09:00"]),
            (
                "DTSTART:20261205T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=1\nRDATE:20261206T200000",
                ["2026-12-05T20:00", "2026-12-06T20:00"],
            ),
            (
                "DTSTART:20261205T200000\nDURATION:PT1H\nRDATE:20261206T210000",
                ["2026-12-05T20:00", "2026-12-06T21:00"],
            ),
        ],
    )
    def test_what_no_slot_can_say_is_written_out(self, event: str, dates: list[str]) -> None:
        """Once a month, longer than a day, every other week, by another zone's clock, at changing times."""
        found = shows(event)
        assert [show.starts for show in found] == [local(moment) for moment in dates]
        assert [show.id for show in found] == [f"u0@{moment}" for moment in dates]

    def test_what_was_changed_from_a_date_on_is_written_out(self) -> None:
        """One slot could not tell before from after."""
        found = shows(
            "DTSTART:20261205T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3",
            "UID:u0\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261212T200000\nDTSTART:20261212T210000\nDURATION:PT1H",
        )
        assert [show.starts for show in found] == [
            local("2026-12-05T20:00"),
            local("2026-12-12T21:00"),
            local("2026-12-19T21:00"),
        ]

    def test_what_was_called_off_is_left_out(self) -> None:
        """It is no fault either."""
        assert shows("DTSTART:20261231T233000\nDURATION:PT1H\nSTATUS:CANCELLED") == ()
        assert table(
            "DTSTART:20261231T233000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nSTATUS:CANCELLED"
        ) == Timetable(dayparts=(), shows=(), problems=())

    def test_two_events_of_one_name_become_two_shows(self) -> None:
        """Each gets an id of its own."""
        twice = "UID:same\nDTSTART:202612{}T230000\nDURATION:PT1H"
        found = shows(twice.format(30), twice.format(31))
        assert len({show.id for show in found}) == 2


class TestProblems:
    """What cannot be used is told, and costs nothing else."""

    @pytest.mark.parametrize(
        ("event", "told"),
        [
            (
                "SUMMARY:Karaoke\nDTSTART:20261231T233000",
                "event 'Karaoke' of 2026-12-31 23:30:00: it is over when",
            ),
            (
                "SUMMARY:Karaoke\nDTSTART:20261231T233000\nDURATION:PT1H",
                "there is no playlist 'Karaoke'; import it",
            ),
            ("DTSTART:20261231T233000\nDTEND:20261231T223000", "it is over when it begins; give it an end"),
            ("DURATION:PT1H", "event 'sunday brunch': it has no start; give it one"),
            ("DTSTART:tomorrow\nDURATION:PT1H", "DTSTART cannot be read"),
            ("DTSTART:20261231T233000\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES", "RRULE cannot be read"),
            (
                "DTSTART:20261231T233000\nDURATION:PT1M\nRRULE:FREQ=HOURLY",
                "it takes place more than once a day",
            ),
            (
                "DTSTART:20261201T230000\nDURATION:P2D\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5",
                "times in the time to come; make it a weekly one",
            ),
            ("DTSTART:20261231T233000\nDURATION:PT1H\nX-EASYPLAYER-START:loud", "write hard or soft"),
            (
                "DTSTART:20261231T233000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20260101",
                "there is no date on which it takes place",
            ),
            ("DTSTART:20261231T233000\nDTSTART:20261230T233000\nDURATION:PT1H", "it cannot be read"),
        ],
    )
    def test_an_event_that_cannot_be_used(self, event: str, told: str) -> None:
        """It is named by its title and its start, with what to do."""
        assert told in problem(event)

    def test_it_costs_no_other_event(self) -> None:
        """All the good ones are there."""
        found = table("DTSTART:x", "DTSTART:20261231T233000\nDURATION:PT1H", "DURATION:PT1H")
        assert (len(found.shows), len(found.problems)) == (1, 2)

    @pytest.mark.parametrize("data", [b"", b"hello", b"BEGIN:VEVENT\nEND:VEVENT\n", b"\xff\xfe\x00", b"[]"])
    def test_what_is_no_calendar_is_told(self, data: bytes) -> None:
        """As a whole, with the way out."""
        with pytest.raises(ProgramError, match="this is no calendar"):
            read(data, PARIS, finder([BRUNCH]), WINDOW)

    @given(st.binary())
    def test_no_bytes_make_it_raise_anything_else(self, data: bytes) -> None:
        """Whatever is in the file."""
        with pytest.raises(ProgramError):
            read(data, PARIS, finder([BRUNCH]), WINDOW)

    @given(
        st.lists(
            st.sampled_from(
                [
                    "DTSTART:20261231T233000",
                    "DTSTART;VALUE=DATE:20261231",
                    "DTSTART;TZID=Europe/Nowhere:20261231T233000",
                    "DTSTART:00010101T000000Z",
                    "DTEND:99991231T235959Z",
                    "DTEND;VALUE=DATE:20270101",
                    "DURATION:P1D",
                    "DURATION:-PT1H",
                    "RRULE:FREQ=WEEKLY;COUNT=99999999",
                    "RRULE:FREQ=MONTHLY;BYDAY=-1SU",
                    "RRULE:FREQ=WEEKLY;UNTIL=99991231",
                    "RRULE:COUNT=2",
                    "RDATE;VALUE=PERIOD:20261231T233000/PT1H",
                    "RDATE:20261230T233000Z",
                    "EXDATE:20261231T233000",
                    "EXDATE;VALUE=DATE:20261231",
                    "RECURRENCE-ID:20261231T233000",
                    "SUMMARY:sunday brunch",
                    "SEQUENCE:many",
                    "SEQUENCE:99999999999999999999999",
                    "UID:show: @easyplayer",
                    "CATEGORIES:hard",
                    "STATUS:CANCELLED",
                    "X-EASYPLAYER-FIRST:2026-01-01",
                    "X-EASYPLAYER-WAIT:99999999999",
                    "BEGIN:VALARM",
                    "END:VALARM",
                ]
            ),
            max_size=8,
        )
    )
    def test_no_mixture_of_good_lines_makes_it_raise_anything_else(self, lines: list[str]) -> None:
        """An event may say anything together with anything; what is made of it is no fault in a program."""
        try:
            found = read(calendar("\n".join(lines)), PARIS, finder([BRUNCH]), WINDOW)
        except ProgramError:
            return
        for told in found.problems:
            told.encode()
        item = Item(id="x", location="x.mp3")
        decode(encode(Program(name="", zone=PARIS, items=(item,), playlists=(BRUNCH,), **parts_of(found))))


def meaning(slot: Slot) -> tuple[object, ...]:
    """Tell what a slot means: the dates on which it starts, its times, and how specific it is."""
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(1500)]
    season = () if slot.dates else (slot.first, slot.last, len(slot.days) % 7)
    return [day for day in days if starts_on(slot, day)], slot.starts, slot.ends, season


class TestWriting:
    """Programs written as calendars."""

    @settings(max_examples=settings().max_examples // 3)
    @given(programs())
    def test_what_is_written_means_the_same(self, program: Program) -> None:
        """Every daypart and every show comes back, with all that was decided of it."""
        found = read(write(program), program.zone, finder(program.playlists), WINDOW)
        assert found.problems == ()
        assert found.shows == program.shows
        assert [structs.replace(one, slot=ALWAYS) for one in found.dayparts] == [
            structs.replace(one, slot=ALWAYS) for one in program.dayparts
        ]
        assert [meaning(one.slot) for one in found.dayparts] == [
            meaning(one.slot) for one in program.dayparts
        ]

    @given(programs())
    @settings(max_examples=10)
    def test_what_is_written_is_written_the_same_again(self, program: Program) -> None:
        """Two versions can be compared."""
        assert write(program) == write(program)

    def test_the_title_of_the_playlist_is_what_people_see(self) -> None:
        """Unless two have the same, or none; then it is the id."""
        lists = [BRUNCH, Playlist(id="p2", title="SUNDAY BRUNCH", entries=BRUNCH.entries)]
        show = Show(id="s", starts=local("2026-12-31T20:00"), ends=local("2026-12-31T21:00"), playlist="p1")
        program = Program(name="Bar", zone=PARIS, playlists=(BRUNCH,), shows=(show,))
        assert b"SUMMARY:Sunday Brunch\r\n" in write(program)
        program = Program(name="Bar", zone=PARIS, playlists=tuple(lists), shows=(show,))
        assert b"SUMMARY:p1\r\n" in write(program)

    def test_the_zone_is_described(self) -> None:
        """By the local times at which its clocks are set, as the standard has it."""
        show = Show(id="s", starts=local("2026-12-31T20:00"), ends=local("2026-12-31T21:00"), playlist="p1")
        lines = write(Program(name="Bar", zone=PARIS, playlists=(BRUNCH,), shows=(show,))).decode()
        plain = lines.replace("\r\n ", "").split("\r\n")
        assert "DTSTART;TZID=Europe/Paris:20261231T200000" in plain
        assert Counter(plain)["BEGIN:DAYLIGHT"] == 1
        summer = plain[plain.index("BEGIN:DAYLIGHT") :]
        assert summer[1] == "DTSTART:20250330T020000"
        assert "20260329T020000" in summer[2]

    def test_a_program_without_dates_is_an_empty_calendar(self) -> None:
        """Which can be read, too."""
        program = Program(name="Bar", zone=PARIS)
        assert read(write(program), PARIS, finder([]), WINDOW) == Timetable(
            dayparts=(), shows=(), problems=()
        )
