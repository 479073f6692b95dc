"""Programs by the hundred, for tests: in any zone, and mostly in the nights in which clocks are set."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple, TypeVar
from zoneinfo import available_timezones

from hypothesis import strategies as st
from msgspec.structs import replace

from easyplayer.playout import calendar
from easyplayer.playout.catalogue import (
    ALWAYS,
    Daypart,
    Entry,
    Hours,
    Playlist,
    Program,
    Sharp,
    Show,
    Slot,
    Spot,
    Weekday,
)
from easyplayer.playout.items import Item
from easyplayer.units import Instant

ZONES = sorted(available_timezones())
YEARS = range(2024, 2036)
NAMED = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Nuuk",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Beirut",
    "Antarctica/Troll",
    "Pacific/Chatham",
)
"""Zones whose nights are told apart by something, and are drawn more often."""

HOUR_S, DAY_S = 3600, 86_400
DAY = timedelta(days=1)
NIGHT_HOURS = (0, 1, 2, 3, 4, 22, 23)
PLAYLISTS = ("calm", "lively", "house")

Listed = TypeVar("Listed")


class Night(NamedTuple):
    """A program and a window of some days, mostly around a night in which the clocks are set."""

    program: Program
    start: Instant
    end: Instant


def at(zone: str, local: str) -> Instant:
    """Give the instant of a local time, such as ``2026-03-29 01:30``."""
    return calendar.instant_of(datetime.fromisoformat(local), calendar.zone_of(zone))


def utc(text: str) -> Instant:
    """Give the instant of a time in UTC."""
    return Instant(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def program_in(zone: str, **fields: Any) -> Program:
    """Make a program with a few playlists that falls back on the house's own."""
    items = tuple(Item(id=name, location=f"{name}.flac") for name in PLAYLISTS)
    playlists = tuple(Playlist(id=name, entries=(Entry(item=name),)) for name in PLAYLISTS)
    given: dict[str, Any] = {"items": items, "playlists": playlists, "fallback": "house", **fields}
    return replace(Program(name="test", zone=zone), **given)


def slot(starts: str = "00:00", ends: str = "00:00", days: str = "", **fields: Any) -> Slot:
    """Make a slot from words."""
    return Slot(
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        days=tuple(Weekday(day) for day in days.split()),
        **fields,
    )


def daypart(name: str, starts: str = "00:00", ends: str = "00:00", days: str = "", **fields: Any) -> Daypart:
    """Make a daypart that plays the calm list."""
    revised = fields.pop("revised", 0)
    return Daypart(id=name, slot=slot(starts, ends, days, **fields), playlist="calm", revised=revised)


def show(name: str, starts: str, ends: str, **fields: Any) -> Show:
    """Make a show that plays the lively list."""
    begins, over = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    return Show(id=name, starts=begins, ends=over, playlist="lively", **fields)


def bell(name: str, *clocks: str, **fields: Any) -> Spot:
    """Make a spot that comes on the second."""
    when = Sharp(at=tuple(time.fromisoformat(clock) for clock in clocks))
    return Spot(id=name, items=("calm",), when=when, **fields)


@cache
def changes_in(zone: str, year: int) -> tuple[Instant, ...]:
    """Give the instants of a year at which a zone's clocks are set."""
    window = utc(f"{year}-01-01"), utc(f"{year + 1}-01-01")
    return tuple(calendar.transitions(calendar.zone_of(zone), *window))


def dates_between(first: date, last: date) -> Iterator[date]:
    """Give every date from one to another, which is left out."""
    return (first + DAY * number for number in range((last - first).days))


# -- strategies ------------------------------------------------------------------------------------

zones = st.sampled_from(NAMED) | st.sampled_from(ZONES)
weekdays = st.lists(st.sampled_from(Weekday), unique=True, max_size=7).map(tuple)
clocks = st.builds(
    time,
    st.sampled_from(NIGHT_HOURS) | st.integers(0, 23),
    st.sampled_from((0, 15, 30, 45)) | st.integers(0, 59),
    st.just(0) | st.integers(0, 59),
)
"""Times of day, most of them where nights are cut or sewn."""
revisions = st.integers(0, 2)


@cache
def around(day: date) -> st.SearchStrategy[date]:
    """Draw dates near a date."""
    return st.integers(-3, 3).map(lambda number: day + DAY * number)


@cache
def slots(day: date) -> st.SearchStrategy[Slot]:
    """Draw slots that may have to do with a date."""
    some = st.lists(around(day), unique=True, max_size=3).map(tuple)
    return st.builds(
        Slot,
        days=st.just(()) | weekdays,
        starts=clocks,
        ends=clocks,
        first=st.none() | around(day),
        last=st.none() | around(day),
        dates=st.just(()) | some,
        exceptions=st.just(()) | some,
    )


@cache
def dayparts(day: date) -> st.SearchStrategy[tuple[Daypart, ...]]:
    """Draw dayparts that are about as specific as each other."""
    one = st.builds(
        Daypart,
        id=st.sampled_from("abcdefgh"),
        title=st.sampled_from(("", "Late")),
        slot=slots(day) | st.builds(Slot, starts=clocks, ends=clocks),
        playlist=st.sampled_from(PLAYLISTS),
        revised=revisions,
    )
    return st.lists(one, unique_by=lambda daypart: daypart.id, max_size=6).map(tuple)


@cache
def shows(day: date) -> st.SearchStrategy[tuple[Show, ...]]:
    """Draw shows of a quarter of an hour to a day and a half."""
    one = st.builds(
        lambda name, begins, clock, quarters, playlist, revised: Show(
            id=name,
            starts=datetime.combine(begins, clock),
            ends=datetime.combine(begins, clock) + timedelta(minutes=15 * quarters),
            playlist=playlist,
            revised=revised,
        ),
        st.sampled_from("stuvwxyz"),
        around(day),
        clocks,
        st.integers(1, 8) | st.integers(1, 144),
        st.sampled_from(PLAYLISTS),
        revisions,
    )
    return st.lists(one, unique_by=lambda show: show.id, max_size=4).map(tuple)


@cache
def sharp_spots(day: date) -> st.SearchStrategy[tuple[Spot, ...]]:
    """Draw spots that come on the second."""
    one = st.builds(
        Spot,
        id=st.sampled_from(("bell", "news", "last-orders")),
        items=st.just(("calm",)),
        when=st.builds(Sharp, at=st.lists(clocks, min_size=1, max_size=5).map(tuple)),
        slot=st.just(ALWAYS) | slots(day),
    )
    return st.lists(one, unique_by=lambda spot: spot.id, max_size=3).map(tuple)


@cache
def hours(day: date) -> st.SearchStrategy[tuple[Hours, ...]]:
    """Draw opening hours, and hours that are closed."""
    one = st.builds(Hours, slot=slots(day), open=st.booleans(), revised=revisions)
    return st.lists(one, max_size=4).map(tuple)


@st.composite
def nights(draw: st.DrawFn) -> Night:
    """Draw a program and a window of up to a few days, around a change of the clocks where there is one."""
    zone, year = draw(zones), draw(st.sampled_from(YEARS))
    changes = changes_in(zone, year) or (Instant(utc(f"{year}-02-29" if year % 4 == 0 else f"{year}-12-31")),)
    middle = draw(st.sampled_from(changes))
    day = calendar.local_time(middle, calendar.zone_of(zone)).date()
    program = program_in(
        zone,
        dayparts=draw(dayparts(day)),
        shows=draw(shows(day)),
        spots=draw(sharp_spots(day)),
        hours=draw(hours(day)),
        fallback=draw(st.sampled_from(("", "house"))),
    )
    before, after = draw(st.integers(0, 2 * DAY_S)), draw(st.integers(1, 2 * DAY_S))
    return Night(program, Instant(middle - before), Instant(middle + after))


def shuffled(program: Program, seed: int) -> Program:
    """List everything in a program in another order."""
    chance = Random(seed)

    def mixed(listed: tuple[Listed, ...]) -> tuple[Listed, ...]:
        return tuple(chance.sample(listed, len(listed)))

    def slot(one: Slot) -> Slot:
        return replace(one, days=mixed(one.days), dates=mixed(one.dates), exceptions=mixed(one.exceptions))

    return replace(
        program,
        items=mixed(program.items),
        playlists=mixed(program.playlists),
        dayparts=mixed(tuple(replace(one, slot=slot(one.slot)) for one in program.dayparts)),
        shows=mixed(program.shows),
        spots=mixed(tuple(replace(one, slot=slot(one.slot)) for one in program.spots)),
        hours=mixed(tuple(replace(one, slot=slot(one.slot)) for one in program.hours)),
    )
