"""The program of a venue to begin with: a hotel bar's week, played with the box's own pieces.

::

    06:30  Breakfast            to 10:30; then the house's music
    11:30  Lunch                to 15:00, with a chime at noon
    15:00  Afternoon            to 17:00
    17:00  Evening              to 22:30; on weekdays with happy hour until 19:00
    22:30  Late Night           to 02:00, on Fridays and Saturdays to 03:00; last orders half an hour before

On Sundays there is brunch from 10:00 to 14:00, and on New Year's Eve a party with the bells of midnight.
Where there is a screen it shows the box's own pictures: others by day than by night.
"""

from datetime import date, datetime, time
from pathlib import Path
from typing import TypeAlias

from msgspec import structs

from easyplayer.demo_pictures import item_id, picture_items
from easyplayer.fallback import sample_items
from easyplayer.playout.calendar import DAY, TZDATA
from easyplayer.playout.catalogue import (
    Daypart,
    Ducking,
    EachSongs,
    Entry,
    Hours,
    Order,
    Over,
    Overlay,
    PastHour,
    Pictures,
    Playlist,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Volume,
    VolumePoint,
    Weekday,
)
from easyplayer.units import Decibels, Milliseconds, Percent
from easyplayer.views import BOATS, DAWN, KITES, LANTERNS, MIDNIGHT

_Dates: TypeAlias = tuple[date, ...]

_MON_TO_FRI = tuple(Weekday)[:5]
_WEEKEND_NIGHTS = Weekday.FRIDAY, Weekday.SATURDAY
_MORNINGS_AFTER_THEM = Weekday.SATURDAY, Weekday.SUNDAY

_DAWN, _LANTERNS, _BOATS, _TRAM_HOME = (
    "demo:harbour-at-dawn",
    "demo:lanterns-on-the-water",
    "demo:paper-boats",
    "demo:last-tram-home",
)
_TRAM_OUT, _KITES, _LANTERNS_OUT, _MIDNIGHT = (
    "demo:first-tram-out",
    "demo:paper-kites",
    "demo:lanterns-going-out",
    "demo:harbour-at-midnight",
)

_SEE_DAWN, _SEE_KITES, _SEE_LANTERNS = item_id(DAWN), item_id(KITES), item_id(LANTERNS)
_SEE_MIDNIGHT, _SEE_BOATS = item_id(MIDNIGHT), item_id(BOATS)
_MORNING, _DAY, _NIGHT = "morning-views", "day-views", "night-views"
_SHOWN_FOR_S = 20


def hotel_bar(directory: Path, zone: str, year: int, *, with_pictures: bool = True) -> Program:
    """Give the program of a hotel bar.

    :param directory: where :func:`easyplayer.fallback.gather_sample` keeps the pieces, and
        :func:`easyplayer.demo_pictures.gather_pictures` the pictures.
    :param zone: the time zone of the bar.
    :param year: a party leads into it, and another one out of it.
    :param with_pictures: whether there is a screen.
    """
    heard = _heard(directory, zone, year)
    return _seen(heard, directory) if with_pictures else heard


def _seen(heard: Program, directory: Path) -> Program:
    """Add what the screens show, and what is written over it."""
    screens = {"breakfast": _MORNING, "brunch": _MORNING, "lunch": _DAY, "afternoon": _DAY}
    beside = {
        "noon-chime": _SEE_KITES,
        "happy-hour": _SEE_LANTERNS,
        "happy-hour-begins": _SEE_LANTERNS,
        "midnight-bells": _SEE_MIDNIGHT,
    }
    return structs.replace(
        heard,
        items=(*heard.items, *picture_items(directory)),
        playlists=(
            *heard.playlists,
            _in_turn(_MORNING, "Morning Views", _SEE_DAWN, _SEE_BOATS),
            _in_turn(_DAY, "Day Views", _SEE_KITES, _SEE_BOATS, _SEE_DAWN),
            _in_turn(_NIGHT, "Night Views", _SEE_LANTERNS, _SEE_MIDNIGHT),
        ),
        dayparts=tuple(structs.replace(one, screen=screens.get(one.id, _NIGHT)) for one in heard.dayparts),
        shows=tuple(structs.replace(one, screen=_NIGHT) for one in heard.shows),
        spots=tuple(
            structs.replace(one, pictures=(beside[one.id],)) if one.id in beside else one
            for one in heard.spots
        ),
        screen=Pictures(fallback=_DAY, still_s=_SHOWN_FOR_S, overlay=Overlay(now_playing=True, clock=True)),
    )


def _in_turn(name: str, title: str, *items: str) -> Playlist:
    return Playlist(id=name, title=title, entries=_entries(*items), order=Order.SEQUENTIAL)


def _heard(directory: Path, zone: str, year: int) -> Program:
    eves = date(year - 1, 12, 31), date(year, 12, 31)
    return Program(
        name="Hotel Bar",
        zone=zone,
        tzdata=TZDATA,
        seed=year,
        items=sample_items(directory),
        playlists=_playlists(),
        dayparts=_dayparts(eves),
        shows=tuple(map(_party, eves)),
        spots=_spots(tuple(eve + DAY for eve in eves)),
        hours=_hours(eves),
        volume=_volume(),
        ducking=Ducking(
            depth_db=Decibels(-14.0),
            attack_ms=Milliseconds(500),
            hold_ms=Milliseconds(300),
            release_ms=Milliseconds(2000),
        ),
        fallback="house",
    )


def _playlists() -> tuple[Playlist, ...]:
    return (
        _playlist("breakfast", "First Light", _TRAM_OUT, _DAWN, _BOATS),
        _playlist("lunch", "Light and Quick", _BOATS, _KITES, _LANTERNS),
        _playlist("afternoon", "Tea and Cake", _LANTERNS, _DAWN, _TRAM_OUT),
        Playlist(
            id="evening",
            title="Aperitif",
            entries=(
                Entry(item=_LANTERNS, weight=3.0),
                Entry(item=_KITES, weight=2.0),
                Entry(item=_TRAM_HOME),
                Entry(item=_BOATS),
            ),
            order=Order.WEIGHTED,
            separation=Separation(title_songs=1),
        ),
        _playlist("late-night", "Night Cap", _MIDNIGHT, _LANTERNS_OUT, _TRAM_HOME),
        _playlist("brunch", "Sunday Papers", _KITES, _TRAM_OUT, _DAWN),
        Playlist(
            id="party",
            title="Into the New Year",
            entries=_entries(_KITES, _LANTERNS, _TRAM_OUT, _BOATS),
            order=Order.SEQUENTIAL,
        ),
        _playlist("house", "House Music", _DAWN, _LANTERNS, _BOATS, _TRAM_HOME),
    )


def _playlist(name: str, title: str, *items: str) -> Playlist:
    return Playlist(id=name, title=title, entries=_entries(*items), separation=Separation(title_songs=1))


def _entries(*items: str) -> tuple[Entry, ...]:
    return tuple(Entry(item=item) for item in items)


def _dayparts(eves: _Dates) -> tuple[Daypart, ...]:
    sunday = Slot(days=(Weekday.SUNDAY,), starts=time(10), ends=time(14))
    weekend = Slot(days=_WEEKEND_NIGHTS, starts=time(22, 30), ends=time(3))
    new_year = Slot(dates=eves, starts=time(22, 30), ends=time(4))
    return (
        _daypart("breakfast", "Breakfast", Slot(starts=time(6, 30), ends=time(10, 30)), "#f4c95d"),
        _daypart("lunch", "Lunch", Slot(starts=time(11, 30), ends=time(15)), "#9dbf6a"),
        _daypart("afternoon", "Afternoon", Slot(starts=time(15), ends=time(17)), "#6fb3a8"),
        _daypart("evening", "Evening", Slot(starts=time(17), ends=time(22, 30)), "#d9774f"),
        _daypart("late-night", "Late Night", Slot(starts=time(22, 30), ends=time(2)), "#4f5691"),
        _daypart("brunch", "Sunday Brunch", sunday, "#ee9b93"),
        _daypart("late-weekend", "Late Night", weekend, "#4f5691", plays="late-night"),
        _daypart("late-new-year", "Late Night", new_year, "#4f5691", plays="late-night"),
    )


def _daypart(name: str, title: str, slot: Slot, colour: str, plays: str = "") -> Daypart:
    return Daypart(id=name, title=title, slot=slot, playlist=plays or name, colour=colour)


def _party(eve: date) -> Show:
    return Show(
        id=f"new-year-party-{eve.year + 1}",
        title="New Year's Party",
        starts=datetime.combine(eve, time(23)),
        ends=datetime.combine(eve + DAY, time(2)),
        playlist="party",
        longest_wait_s=120,
        colour="#b8923a",
    )


def _spots(new_years: _Dates) -> tuple[Spot, ...]:
    happy_hour = Slot(days=_MON_TO_FRI, starts=time(17), ends=time(19))
    return (
        Spot(
            id="noon-chime",
            title="Noon Chime",
            items=("jingle:noon-chime",),
            when=Sharp(at=(time(12),)),
        ),
        Spot(
            id="happy-hour-begins",
            title="Happy Hour Begins",
            items=("jingle:happy-hour",),
            when=Sharp(at=(time(17),), tolerance_s=300),
            slot=happy_hour,
        ),
        Spot(
            id="happy-hour",
            title="Happy Hour",
            items=("jingle:happy-hour",),
            when=EachSongs(songs=3),
            slot=happy_hour,
            apart_minutes=5,
            per_hour=6,
        ),
        Spot(
            id="midnight-bells",
            title="Midnight Bells",
            items=("jingle:midnight-bells",),
            when=Sharp(at=(time(0),), over=Over.CUT, tolerance_s=30),
            slot=Slot(dates=new_years),
        ),
        *_last_orders(new_years),
    )


def _last_orders(new_years: _Dates) -> tuple[Spot, ...]:
    """Half an hour before the bar closes, whenever that is."""
    nights = {
        "last-orders": Slot(days=_MON_TO_FRI, starts=time(1), ends=time(2), exceptions=new_years),
        "last-orders-weekend": Slot(
            days=_MORNINGS_AFTER_THEM, starts=time(2), ends=time(3), exceptions=new_years
        ),
        "last-orders-new-year": Slot(dates=new_years, starts=time(3), ends=time(4)),
    }
    return tuple(
        Spot(
            id=name,
            title="Last Orders",
            items=("jingle:last-orders",),
            when=PastHour(minute=30),
            slot=slot,
            priority=1,
        )
        for name, slot in nights.items()
    )


def _hours(eves: _Dates) -> tuple[Hours, ...]:
    opens = time(6, 30)
    return (
        Hours(slot=Slot(starts=opens, ends=time(2))),
        Hours(slot=Slot(days=_WEEKEND_NIGHTS, starts=opens, ends=time(3))),
        Hours(slot=Slot(dates=eves, starts=opens, ends=time(4))),
    )


def _volume() -> Volume:
    """Quiet at breakfast, and most of it when the bar is full."""
    day = {
        time(6, 30): 55,
        time(10, 30): 60,
        time(12): 68,
        time(15): 62,
        time(17): 70,
        time(20): 80,
        time(23): 84,
        time(1, 30): 72,
        time(2): 60,
    }
    return Volume(
        curve=tuple(VolumePoint(at=at, volume=Percent(volume)) for at, volume in day.items()),
        ceiling=Percent(90),
        trim_most=Percent(15),
        trim_minutes=45,
    )
