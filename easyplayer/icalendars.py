"""Shows and dayparts from a calendar (iCalendar, RFC 5545).

An event names by its title the playlist that it plays.  One that comes every week, or every day, becomes
a daypart; any other that comes again becomes a show for each of its dates; a single one is a show.  Times
are brought to the venue's zone, and an event without a zone is in it already.

What a calendar has no word for stands in properties of our own, which begin with ``X-EASYPLAYER-``:
``START`` (``hard`` or ``soft``, also as a category), ``WAIT`` (seconds), ``TITLE``, ``COLOUR``, ``FIRST``,
``SCREEN`` (the playlist that the screens show) and ``SOUND`` (``none`` where there is nothing but a screen).
The way back is :mod:`easyplayer.icalendar_export`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from msgspec import Struct, structs

from easyplayer.errors import ProgramError
from easyplayer.playout.calendar import DAY, zone_of
from easyplayer.playout.catalogue import Daypart, Show, Start, Weekday
from easyplayer.playout.editing import PlaylistOf, unlike
from easyplayer.playout.program_reading import FIRST_YEAR, LAST_YEAR
from easyplayer.playout.program_rules import never_starts
from easyplayer.playout.recurrences import (
    Recurrence,
    agree,
    fits,
    is_possible,
    next_day,
    slot_of,
    wall_time,
    weekdays_of,
)
from easyplayer.playout.spelling import cut, shown

OURS = "X-EASYPLAYER-"
NO_SOUND = "none"
MOST_RUNS = 1000
"""An event that takes place more often is no show."""
LONGEST_WAIT_S, MOST_REVISED = 86_400, 10**9

_UID = re.compile(r"(?:daypart|show):(?P<id>.+)@easyplayer", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_NEEDED = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_LAST_COUNTED = 10_000

_Event: TypeAlias = Any  # the library's own types are unions of everything that a property can be
_Found: TypeAlias = Daypart | Show | str


class Window(Struct, frozen=True):
    """The dates for which events are written out that come again in a way that no daypart can.

    :ivar last: the first date after them.
    """

    first: date
    last: date


class Timetable(Struct, frozen=True, kw_only=True):
    """What a calendar says.

    :ivar problems: what cannot be used of it, each with its event and the way out.
    """

    dayparts: tuple[Daypart, ...]
    shows: tuple[Show, ...]
    problems: tuple[str, ...]


class _Venue(Struct, frozen=True):
    """To whom the events are brought.

    :ivar hint: the zone that the calendar says it is in, as some calendars do in their own way.
    """

    zone: ZoneInfo
    playlist_of: PlaylistOf
    window: Window
    hint: str


class _UnfitError(Exception):
    """An event cannot be used; the message says why, and what to do."""


def read(data: bytes, zone: str, playlist_of: PlaylistOf, window: Window) -> Timetable:
    """Read a calendar; one bad event never costs the others.

    :param zone: the venue's.
    :raises ProgramError: it is no calendar.
    """
    calendar = _parse(data)
    venue = _Venue(zone_of(zone), playlist_of, window, _text(calendar, "X-WR-TIMEZONE"))
    series: defaultdict[str, list[_Event]] = defaultdict(list)
    for number, event in enumerate(calendar.walk("VEVENT")):
        series[_text(event, "UID") or f"event-{number}"].append(event)
    found = [thing for uid, events in series.items() for thing in _things(uid, events, venue)]
    return Timetable(
        dayparts=tuple(unlike([thing for thing in found if isinstance(thing, Daypart)])),
        shows=tuple(unlike([thing for thing in found if isinstance(thing, Show)])),
        problems=tuple(thing for thing in found if isinstance(thing, str)),
    )


def _parse(data: bytes) -> icalendar.Calendar:
    try:
        calendar = icalendar.Calendar.from_ical(data)
    except Exception as error:  # the library raises anything for what is no calendar
        raise ProgramError([f"this is no calendar ({cut(str(error))}); export it again"]) from error
    if not isinstance(calendar, icalendar.Calendar):
        raise ProgramError(["BEGIN:VCALENDAR is missing, so this is no calendar; export it again"])
    return calendar


def _things(uid: str, events: Sequence[_Event], venue: _Venue) -> Iterator[_Found]:
    """Read one event with all its dates, and those that were moved."""
    found = _UID.fullmatch(uid)
    name = found["id"].strip() if found else uid
    try:
        for event in events:
            _check(event)
        yield from [*_dated(name or uid, events, venue)]
    except _UnfitError as error:
        yield f"{_called(events[0])}: {error}"
    except Exception as error:  # noqa: BLE001 - a calendar may hold anything, and one event costs no other
        yield f"{_called(events[0])}: it cannot be read ({cut(repr(error))}); write it anew"


def _check(event: _Event) -> None:
    for name, reason in event.errors:
        if name in _NEEDED:
            raise _UnfitError(f"{name} cannot be read ({cut(str(reason))}); write it anew")
    if "DTSTART" not in event:
        raise _UnfitError("it has no start; give it one")


def _dated(uid: str, events: Sequence[_Event], venue: _Venue) -> Iterator[_Found]:
    *others, last = [event for event in events if "RECURRENCE-ID" not in event] or [None]
    moved = [event for event in events if "RECURRENCE-ID" in event]
    from_then_on = any("RANGE" in event["RECURRENCE-ID"].params for event in moved)
    again = _recurrence(last, venue) if last is not None and not from_then_on else None
    for event in others:
        yield from _dated(uid, [event], venue)
    if again is not None:
        yield from _daypart(uid, again, last, moved, venue)
    elif last is not None and not moved and not {"RRULE", "RDATE"} & last.keys():
        yield from _show(uid, last, venue)
    else:
        yield from _runs(uid, [event for event in (last, *moved) if event is not None], venue)


def _daypart(
    uid: str, again: Recurrence, event: _Event, moved: Sequence[_Event], venue: _Venue
) -> Iterator[_Found]:
    if _is_off(event):
        return
    away = [wall_time(other["RECURRENCE-ID"].dt, venue.zone) for other in moved]
    exceptions = {*again.exceptions, *(moment.date() for moment in away)}
    slot = slot_of(structs.replace(again, exceptions=tuple(sorted(exceptions))))
    if not never_starts(slot):
        yield Daypart(id=uid, slot=slot, **_common(event, venue))
    elif not moved:
        raise _UnfitError("there is no date on which it takes place; look at its first and last one")
    for moment, other in zip(away, moved, strict=True):
        yield from _show(_name_of_run(uid, moment), other, venue)


def _runs(uid: str, events: Sequence[_Event], venue: _Venue) -> Iterator[_Found]:
    """Write out an event that comes again, within the window."""
    rules = [rule for event in events for rule in _all(event, "RRULE")]
    if any(_TOO_OFTEN & set(rule.get("FREQ", ())) for rule in rules):
        raise _UnfitError("it takes place more than once a day; make it one event a day")
    calendar = icalendar.Calendar()
    if venue.hint:
        calendar.add("X-WR-TIMEZONE", venue.hint)
    for event in events:
        calendar.add_component(event)
    runs: list[_Event] = recurring_ical_events.of(calendar).between(venue.window.first, venue.window.last)
    if len(runs) > MOST_RUNS:
        raise _UnfitError(f"it takes place {len(runs)} times in the time to come; make it a weekly one")
    for event in runs:
        yield from _show(_name_of_run(uid, _times(event, venue.zone)[0]), event, venue)


def _show(uid: str, event: _Event, venue: _Venue) -> Iterator[_Found]:
    if _is_off(event):
        return
    starts, ends = _times(event, venue.zone)
    if ends <= starts:
        raise _UnfitError("it is over when it begins; give it an end")
    if starts.year < FIRST_YEAR or ends.year > LAST_YEAR:
        raise _UnfitError(f"it is not between the years {FIRST_YEAR} and {LAST_YEAR}; look at its dates")
    common, wait = _common(event, venue), _text(event, f"{OURS}WAIT")
    if wait.isdecimal():
        common["longest_wait_s"] = min(int(wait), LONGEST_WAIT_S)
    yield Show(id=uid, starts=starts, ends=ends, start=_start(event), **common)


def _common(event: _Event, venue: _Venue) -> dict[str, Any]:
    """Read what dayparts and shows have in common."""
    summary, colour = _text(event, "SUMMARY"), _text(event, f"{OURS}COLOUR")
    screen = _text(event, f"{OURS}SCREEN")
    is_silent = bool(screen) and _text(event, f"{OURS}SOUND").casefold() == NO_SOUND
    title = _text(event, f"{OURS}TITLE") if f"{OURS}TITLE" in event else summary
    found = {
        "title": title,
        "playlist": "" if is_silent else _playlist(summary, venue),
        "screen": _playlist(screen, venue) if screen else "",
        "revised": min(int(event.get("SEQUENCE", 0)), MOST_REVISED),
    }
    return {**found, "colour": colour} if _COLOUR.fullmatch(colour) else found


def _playlist(name: str, venue: _Venue) -> str:
    playlist = venue.playlist_of(name)
    if not playlist:
        raise _UnfitError(f"there is no playlist {shown(name)}; import it first, or name another")
    return playlist


def _start(event: _Event) -> Start:
    categories = {str(word).casefold() for listed in _all(event, "CATEGORIES") for word in listed.cats}
    written = _text(event, f"{OURS}START").casefold()
    if written and written not in set(Start):
        raise _UnfitError(f"{OURS}START is {shown(written)}; write hard or soft")
    return Start(written) if written else Start.HARD if Start.HARD in categories else Start.SOFT


def _recurrence(event: _Event, venue: _Venue) -> Recurrence | None:
    """Read an event that comes again as a slot does; ``None`` where it does not."""
    rules, extra = _all(event, "RRULE"), _moments(event, "RDATE")
    starts, ends = _times(event, venue.zone)
    if not fits(starts, ends) or not _keeps_time(event, venue) or len(rules) + bool(extra) != 1:
        return None
    again = Recurrence(starts=starts, ends=ends, exceptions=_exceptions(event, venue.zone))
    if extra:
        local = [starts, *(wall_time(moment, venue.zone) for moment in extra)]
        dates = tuple(sorted({moment.date() for moment in local} - {*again.exceptions}))
        fit = all(is_possible(day) for day in dates) and {one.time() for one in local} == {starts.time()}
        return structs.replace(again, dates=dates) if fit and dates else None
    days = weekdays_of(rules[0], starts)
    if days is None:
        return None
    return structs.replace(
        again,
        days=days,
        last=_last(rules[0], days, starts, venue.zone),
        season=_date(_text(event, f"{OURS}FIRST")),
    )


def _last(rule: _Event, days: tuple[Weekday, ...], starts: datetime, zone: ZoneInfo) -> date | None:
    if "COUNT" in rule:
        day = starts.date() - DAY
        for _ in range(min(rule["COUNT"][0], _LAST_COUNTED)):
            day = next_day(days, day + DAY)
        return day
    if "UNTIL" not in rule:
        return None
    until = rule["UNTIL"][0]
    local = wall_time(until, zone)
    is_before = isinstance(until, datetime) and local.time() < starts.time()
    return local.date() - DAY if is_before else local.date()


def _exceptions(event: _Event, zone: ZoneInfo) -> tuple[date, ...]:
    return tuple(sorted({wall_time(moment, zone).date() for moment in _moments(event, "EXDATE")}))


def _moments(event: _Event, name: str) -> list[Any]:
    return [one.dt for listed in _all(event, name) for one in listed.dts]


def _times(event: _Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the local times at which an event begins and is over."""
    begins = event["DTSTART"].dt
    if "DTEND" in event:
        ends = event["DTEND"].dt
    elif "DURATION" in event:
        ends = begins + event["DURATION"].dt
    else:
        ends = begins if isinstance(begins, datetime) else begins + DAY
    return wall_time(begins, zone), wall_time(ends, zone)


def _keeps_time(event: _Event, venue: _Venue) -> bool:
    """Tell whether an event has the same local time at the venue all the year round."""
    begins = event["DTSTART"].dt
    zone = begins.tzinfo if isinstance(begins, datetime) else None
    return zone is None or agree(zone, venue.zone, venue.window.first, venue.window.last)


def _is_off(event: _Event) -> bool:
    return _text(event, "STATUS").upper() == "CANCELLED"


def _all(event: _Event, name: str) -> list[Any]:
    """Give every value of a property that may be there several times, or not at all."""
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _text(component: _Event, name: str) -> str:
    return next((str(value).replace("\0", "").strip() for value in _all(component, name)), "")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _called(event: _Event) -> str:
    begins = event.get("DTSTART")
    when = f" of {begins.dt}" if isinstance(begins, icalendar.vDDDTypes) else ""
    return f"event {shown(_text(event, 'SUMMARY'))}{when}"


def _name_of_run(uid: str, moment: datetime) -> str:
    return f"{uid}@{moment:%Y-%m-%dT%H:%M}"
