"""A slot in the words of a calendar, which knows events that come again: from the first of them to the last.

A calendar has no word for "always": what begins in the week of :data:`BEFORE_ALL` has always been.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from easyplayer.playout.calendar import DAY, span_of, starts_on
from easyplayer.playout.catalogue import MIDNIGHT, Slot, Weekday
from easyplayer.playout.program_reading import FIRST_YEAR, LAST_YEAR

BEFORE_ALL = date(2000, 1, 3)
"""A Monday."""

WORDS = {day.value[:2].upper(): day for day in Weekday}
"""The weekdays by the names that calendars have for them."""

_WEEK = 7
_WEEKLY = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}
"""What the rule of a slot may hold."""


class Recurrence(Struct, frozen=True, kw_only=True):
    """An event that comes again at the same local time, and is over within a day.

    :ivar starts: the local time at which it first begins.
    :ivar ends: the local time at which it is then over.
    :ivar days: the weekdays on which it comes; none is every day.
    :ivar last: the last date on which it may come; ``None`` is for ever.
    :ivar dates: all dates on which it comes, in place of weekdays.
    :ivar exceptions: dates on which it does not come.
    :ivar season: the first date on which it may come, where that is before the first on which it does.
    """

    starts: datetime
    ends: datetime
    days: tuple[Weekday, ...] = ()
    last: date | None = None
    dates: tuple[date, ...] = ()
    exceptions: tuple[date, ...] = ()
    season: date | None = None


def fits(starts: datetime, ends: datetime) -> bool:
    """Tell whether a slot can be as long as this."""
    return timedelta(0) < ends - starts <= DAY


def slot_of(event: Recurrence) -> Slot:
    """Give the slot that says the same as an event; years that no program can hold are always, or for ever.

    >>> night = Recurrence(starts=datetime(2026, 11, 21, 22), ends=datetime(2026, 11, 22, 4))
    >>> slot_of(night).first
    datetime.date(2026, 11, 21)
    """
    return Slot(
        days=event.days,
        starts=event.starts.time(),
        ends=event.ends.time(),
        first=None if event.dates else _first(event),
        last=event.last if event.last and event.last.year <= LAST_YEAR else None,
        dates=event.dates,
        exceptions=tuple(filter(is_possible, event.exceptions)),
    )


def recurrence_of(slot: Slot) -> Recurrence | None:
    """Give the event that says the same as a slot; ``None`` where there is no date on which it starts."""
    if slot.dates:
        dates = tuple(sorted(day for day in slot.dates if starts_on(slot, day)))
        if not dates:
            return None
        starts, ends = span_of(slot, dates[0])
        return Recurrence(starts=starts, ends=ends, dates=dates)
    begins = next_day(slot.days, slot.first or BEFORE_ALL)
    starts, ends = span_of(slot, begins)
    return Recurrence(
        starts=starts,
        ends=ends,
        days=slot.days,
        last=slot.last,
        exceptions=tuple(sorted(slot.exceptions)),
        season=slot.first if slot.first != begins else None,
    )


def weekdays_of(rule: Mapping[str, Sequence[Any]], starts: datetime) -> tuple[Weekday, ...] | None:
    """Give the weekdays on which an event comes by its rule; ``None`` where it does not come week by week.

    No weekdays are all of them.

    >>> weekdays_of({"FREQ": ["WEEKLY"], "BYDAY": ["SA", "SU"]}, datetime(2026, 11, 21))
    (<Weekday.SATURDAY: 'sat'>, <Weekday.SUNDAY: 'sun'>)
    """
    frequency, named = [*rule["FREQ"]], {*rule.get("BYDAY", ())}
    plain = rule.keys() <= _WEEKLY and [*rule.get("INTERVAL", [1])] == [1] and named <= WORDS.keys()
    if not plain or frequency not in (["WEEKLY"], ["DAILY"]):
        return None
    if not named and frequency == ["WEEKLY"]:
        return (Weekday.of(starts.date()),)
    return () if len(named) == _WEEK else tuple(day for word, day in WORDS.items() if word in named)


def wall_time(moment: date, zone: tzinfo) -> datetime:
    """Bring a moment of a calendar to the clock on the wall, where a date is its midnight."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, MIDNIGHT)
    if moment.tzinfo is not None and not _is_same(moment.tzinfo, zone):
        moment = moment.astimezone(zone)
    return moment.replace(tzinfo=None, fold=0)


def agree(one: tzinfo, other: tzinfo, first: date, last: date) -> bool:
    """Tell whether two zones have the same time at noon of every day from one to another."""
    noons = (datetime.combine(first + n * DAY, time(12)) for n in range((last - first).days))
    return _is_same(one, other) or all(one.utcoffset(noon) == other.utcoffset(noon) for noon in noons)


def is_possible(day: date) -> bool:
    """Tell whether a program can hold a date."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def next_day(days: tuple[Weekday, ...], day: date) -> date:
    """Give the first date from one on that is one of some weekdays; none are all of them."""
    return next(day + n * DAY for n in range(_WEEK) if not days or Weekday.of(day + n * DAY) in days)


def _first(event: Recurrence) -> date | None:
    begins = event.starts.date()
    if begins.year < FIRST_YEAR or BEFORE_ALL <= begins < BEFORE_ALL + _WEEK * DAY:
        return None
    season = event.season
    return season if season and is_possible(season) and next_day(event.days, season) == begins else begins


def _is_same(one: tzinfo, other: tzinfo) -> bool:
    return isinstance(one, ZoneInfo) and isinstance(other, ZoneInfo) and one.key == other.key
