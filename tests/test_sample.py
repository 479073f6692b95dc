"""The hotel bar's week is what a hotel bar's week is, and has no fault."""

from datetime import datetime, time
from itertools import pairwise
from pathlib import Path

import pytest

from easyplayer.demo_pictures import picture_items
from easyplayer.fallback import sample_items
from easyplayer.playout import program_file
from easyplayer.playout.calendar import instant_of, local_time, starts_on, zone_of
from easyplayer.playout.catalogue import EachSongs, Order, PastHour, Program, Spot
from easyplayer.playout.items import ItemKind
from easyplayer.playout.pictures import on_screen, screened
from easyplayer.playout.timeline import Timeline
from easyplayer.playout.volume import target
from easyplayer.sample import hotel_bar
from easyplayer.units import Instant

HOME = Path("/var/lib/easyplayer/demo")
PARIS = "Europe/Paris"
YEAR = 2026
"""Its last day is a Thursday."""
CLOSED = "closed"


@pytest.fixture(scope="module")
def program() -> Program:
    return hotel_bar(HOME, PARIS, YEAR)


@pytest.fixture(scope="module")
def timeline(program: Program) -> Timeline:
    return Timeline(program)


def at(local: str) -> Instant:
    return instant_of(datetime.fromisoformat(local), zone_of(PARIS))


def spots(program: Program, title: str) -> list[Spot]:
    return [spot for spot in program.spots if spot.title == title]


class TestFile:
    """The program as a file."""

    @pytest.mark.parametrize("zone", [PARIS, "America/New_York", "Asia/Kathmandu"])
    @pytest.mark.parametrize("year", [2026, 2027, 2035])
    def test_it_has_no_fault(self, zone: str, year: int) -> None:
        """Written and read it is the same, and nobody has anything to remark."""
        program = hotel_bar(HOME, zone, year)
        assert program_file.decode(program_file.encode(program)) == program
        assert program_file.remarks(program) == ()

    def test_it_is_the_same_each_time(self) -> None:
        """Two boxes with the same directory have the same program, byte for byte."""
        one, other = (program_file.encode(hotel_bar(HOME, PARIS, YEAR)) for _ in range(2))
        assert one == other

    def test_its_items_are_on_this_machine(self, program: Program) -> None:
        """Nothing is downloaded, and all that is made is played somewhere."""
        used = {entry.item for playlist in program.playlists for entry in playlist.entries}
        used |= {item for spot in program.spots for item in spot.items}
        assert program.items == (*sample_items(HOME), *picture_items(HOME))
        assert {item.kind for item in program.items} == {ItemKind.LOCAL, ItemKind.STILL, ItemKind.CLIP}
        assert used == {item.id for item in program.items}

    def test_everything_has_a_name_to_read(self, program: Program) -> None:
        """A newcomer reads titles, not ids."""
        named = (*program.items, *program.playlists, *program.dayparts, *program.shows, *program.spots)
        assert all(one.title for one in named)

    def test_a_box_that_starts_on_new_years_night_goes_on(self) -> None:
        """Before and after midnight, the programs of both years have the same party."""
        for local in ("2026-12-31 23:30", "2027-01-01 00:30", "2027-01-01 03:30"):
            before, after = (Timeline(hotel_bar(HOME, PARIS, year)) for year in (2026, 2027))
            assert before.claims(at(local)) == after.claims(at(local))
            assert before.is_open(at(local))
            assert after.is_open(at(local))

    def test_dayparts_differ_in_the_picture(self, program: Program) -> None:
        """What has another title has another colour."""
        looks = {(one.title, one.colour) for one in (*program.dayparts, *program.shows)}
        assert len({title for title, _ in looks}) == len({colour for _, colour in looks}) == len(looks)

    def test_dayparts_sound_different(self, program: Program) -> None:
        """No two playlists hold the same pieces, and no jingle is taken for a song."""
        seen = set(screened(program))
        held = [
            frozenset(entry.item for entry in playlist.entries)
            for playlist in program.playlists
            if playlist.id not in seen
        ]
        assert len(set(held)) == len(held)
        assert all(item.startswith("demo:") for items in held for item in items)

    def test_every_hour_has_its_pictures(self, program: Program) -> None:
        """Whatever is on, the screens show something, and what sounds is written over it."""
        kinds = {item.id: item.kind for item in program.items}
        playlists = {playlist.id: playlist for playlist in program.playlists}
        for name in {program.screen.fallback, *(one.screen for one in (*program.dayparts, *program.shows))}:
            assert {kinds[entry.item] for entry in playlists[name].entries} <= {ItemKind.STILL, ItemKind.CLIP}
        for spot in program.spots:
            assert all(kinds[name] is ItemKind.STILL for name in spot.pictures)
        assert program.screen.overlay.now_playing

    def test_without_a_screen_it_is_the_music_alone(self, program: Program) -> None:
        """A box that nobody looks at has nothing of all that."""
        heard = hotel_bar(HOME, PARIS, YEAR, with_pictures=False)
        assert heard.items == sample_items(HOME)
        assert on_screen(heard) is None
        assert on_screen(program) is not None
        assert program_file.remarks(heard) == ()

    def test_all_orders_are_shown(self, program: Program) -> None:
        """An example has an example of each."""
        assert {playlist.order for playlist in program.playlists} == set(Order)


class TestWeek:
    """What is on when."""

    @pytest.mark.parametrize(
        ("local", "title"),
        [
            ("2026-01-01 00:30", "New Year's Party"),
            ("2026-01-01 03:59", "Late Night"),
            ("2026-11-23 06:29", CLOSED),
            ("2026-11-23 06:30", "Breakfast"),
            ("2026-11-23 10:30", "House Music"),
            ("2026-11-23 11:30", "Lunch"),
            ("2026-11-23 15:00", "Afternoon"),
            ("2026-11-23 17:00", "Evening"),
            ("2026-11-23 22:30", "Late Night"),
            ("2026-11-24 01:59", "Late Night"),
            ("2026-11-24 02:00", CLOSED),
            ("2026-11-28 02:59", "Late Night"),
            ("2026-11-28 03:00", CLOSED),
            ("2026-11-29 02:59", "Late Night"),
            ("2026-11-29 09:59", "Breakfast"),
            ("2026-11-29 10:00", "Sunday Brunch"),
            ("2026-11-29 13:59", "Sunday Brunch"),
            ("2026-11-29 14:00", "Lunch"),
            ("2026-11-30 02:00", CLOSED),
            ("2026-12-31 22:59", "Late Night"),
            ("2026-12-31 23:00", "New Year's Party"),
            ("2027-01-01 01:59", "New Year's Party"),
            ("2027-01-01 02:00", "Late Night"),
            ("2027-01-01 03:59", "Late Night"),
            ("2027-01-01 04:00", CLOSED),
            ("2027-12-31 23:00", "Late Night"),
        ],
    )
    def test_each_hour_has_its_music(self, timeline: Timeline, local: str, title: str) -> None:
        """The bar's hours as its manager would tell them."""
        instant = at(local)
        assert (timeline.claims(instant)[0].title if timeline.is_open(instant) else CLOSED) == title

    def test_there_is_music_whenever_it_is_open(self, timeline: Timeline) -> None:
        """Not one minute from the summer to the next year is without."""
        segments = timeline.segments(at("2026-07-01"), at("2027-02-01"))
        assert all(segment.claim for segment in segments if segment.open)

    def test_spots_on_the_second(self, timeline: Timeline) -> None:
        """Noon every day, happy hour on weekdays, and midnight once."""
        told = [event.key for event in timeline.sharp(at("2026-12-31"), at("2027-01-04"))]
        assert told == [
            "noon-chime@2026-12-31T12:00:00",
            "happy-hour-begins@2026-12-31T17:00:00",
            "midnight-bells@2027-01-01T00:00:00",
            "noon-chime@2027-01-01T12:00:00",
            "happy-hour-begins@2027-01-01T17:00:00",
            "noon-chime@2027-01-02T12:00:00",
            "noon-chime@2027-01-03T12:00:00",
        ]

    def test_happy_hour_is_told_between_songs(self, program: Program) -> None:
        """Each three songs, from five to seven."""
        (spot,) = spots(program, "Happy Hour")
        assert spot.when == EachSongs(songs=3)
        assert (spot.slot.starts, spot.slot.ends) == (time(17), time(19))

    def test_last_orders_come_half_an_hour_before_it_closes(self, program: Program) -> None:
        """On every night, the long ones included, and only once."""
        timeline, zone = Timeline(program), zone_of(PARIS)
        closings = [
            local_time(after.start, zone)
            for before, after in pairwise(timeline.segments(at("2026-12-20"), at("2027-01-10")))
            if before.open and not after.open
        ]
        assert {closing.hour for closing in closings} == {2, 3, 4}
        for closing in closings:
            told = [spot for spot in spots(program, "Last Orders") if starts_on(spot.slot, closing.date())]
            assert [(spot.when, spot.slot.ends) for spot in told] == [(PastHour(minute=30), closing.time())]


class TestVolume:
    """How loud it is."""

    @pytest.mark.parametrize(
        ("quiet", "loud"), [("06:30", "12:00"), ("10:00", "20:00"), ("15:00", "17:30"), ("02:00", "23:00")]
    )
    def test_the_evening_is_louder_than_the_morning(self, program: Program, quiet: str, loud: str) -> None:
        """Guests at breakfast talk, guests in the evening want to hear music."""
        less, more = (
            target(program.volume, datetime.fromisoformat(f"2026-11-23 {one}")) for one in (quiet, loud)
        )
        assert less is not None
        assert more is not None
        assert less + 5 < more

    def test_staff_cannot_go_above_the_ceiling(self, program: Program) -> None:
        """The loudest point and all that staff may add is more than the ceiling allows."""
        volume = program.volume
        loudest = max(point.volume for point in volume.curve)
        assert loudest < volume.ceiling < loudest + volume.trim_most
