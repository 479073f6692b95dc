"""The time law: what a local time means at every instant, in every zone and every year.

* A slot is local time: at each instant it covers what the clock on the wall shows then.  So an hour
  that the night leaves out is not there, and an hour that comes twice is covered twice.
* An event whose local time is left out happens at the first instant after the gap.  One whose local
  time comes twice happens the first time only.  Either way it happens exactly once.

The zones are those of the ``tzdata`` package, never the machine's own: box and hub must agree.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

from tzdata import IANA_VERSION

from easyplayer.playout.catalogue import Slot, Weekday
from easyplayer.units import Instant

TZDATA: str = IANA_VERSION
"""The version of the IANA database that this software carries."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
_LOOK_EVERY_S = 2 * 86_400
"""No zone ever changed its offset twice within so short a time; the shortest was a week."""
_FOR_EVER_DAYS = 1_000_000
_FIRST, _LAST = (datetime.combine(day, time()) for day in (date.min + 2 * DAY, date.max - 2 * DAY))
"""Beyond them some zones have no date any more; a show that is to last for ever goes there."""

reset_tzpath(to=())


@cache
def zone_of(name: str) -> ZoneInfo:
    """Give a time zone by its IANA name.

    :raises KeyError: there is no such zone (:class:`zoneinfo.ZoneInfoNotFoundError`).
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError) as error:
        raise ZoneInfoNotFoundError(name) from error


def local_time(instant: Instant, zone: ZoneInfo) -> datetime:
    """Tell what the clock on the wall shows at an instant.

    >>> local_time(Instant(0.0), zone_of("Asia/Kathmandu"))
    datetime.datetime(1970, 1, 1, 5, 30)
    """
    return (EPOCH + timedelta(seconds=instant)).astimezone(zone).replace(tzinfo=None, fold=0)


def instant_of(local: datetime, zone: ZoneInfo) -> Instant:
    """Tell when an event happens whose local time is given: exactly once, whatever the night does.

    >>> gap = instant_of(datetime(2026, 3, 29, 1, 30), zone_of("Europe/London"))
    >>> local_time(gap, zone_of("Europe/London"))
    datetime.datetime(2026, 3, 29, 2, 0)
    """
    local = min(max(local, _FIRST), _LAST)
    first = _read(local, zone, fold=0)
    if local_time(first, zone) == local:
        return first
    return _first_after_gap(_read(local, zone, fold=1), first, zone)


def _read(local: datetime, zone: ZoneInfo, *, fold: int) -> Instant:
    return Instant((local.replace(tzinfo=zone, fold=fold) - EPOCH).total_seconds())


def _first_after_gap(before: float, after: float, zone: ZoneInfo) -> Instant:
    """Find the first whole second at which the later of two offsets holds."""
    low, high = int(before) - 1, int(after) + 1
    old = _offset_s(low, zone)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_s(middle, zone) == old else (low, middle)
    return Instant(float(high))


def _offset_s(instant: float, zone: ZoneInfo) -> float:
    offset = (EPOCH + timedelta(seconds=instant)).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0


def transitions(zone: ZoneInfo, start: Instant, end: Instant) -> Iterator[Instant]:
    """Find the instants in a window at which a zone's clocks are set, its start included."""
    first, last = ((EPOCH + timedelta(seconds=edge)).year for edge in (start, end))
    for year in range(first, last + 1):
        yield from (instant for instant in _transitions_in(zone, year) if start <= instant < end)


@lru_cache(maxsize=4096)
def _transitions_in(zone: ZoneInfo, year: int) -> tuple[Instant, ...]:
    begin, end = (int((datetime(one, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) for one in (year, year + 1))
    looks = [(at - 1, _offset_s(at - 1, zone)) for at in (*range(begin, end, _LOOK_EVERY_S), end)]
    return tuple(
        _first_after_gap(low, high, zone)
        for (low, before_s), (high, after_s) in pairwise(looks)
        if before_s != after_s
    )


class Stretch(NamedTuple):
    """A stretch of time in which the zone's clocks are not set.

    :ivar ahead_s: how far the clock on the wall is ahead of UTC.
    """

    since: Instant
    until: Instant
    ahead_s: float


def stretches(zone: ZoneInfo, start: Instant, end: Instant) -> tuple[Stretch, ...]:
    """Part a window at the instants at which a zone's clocks are set."""
    edges = [start, *(instant for instant in transitions(zone, start, end) if instant > start), end]
    return tuple(Stretch(since, until, _offset_s(since, zone)) for since, until in pairwise(edges))


def unbroken(begins: datetime, over: datetime, near: Iterable[Stretch]) -> list[tuple[Instant, Instant]]:
    """Find the spans, each as long as can be, in which the clock on the wall shows a span of local time.

    There is none where the night leaves it out, and there may be two where the night repeats it.
    """
    first_s, last_s = (edge.replace(tzinfo=UTC) - EPOCH for edge in (begins, over))
    found: list[tuple[Instant, Instant]] = []
    for stretch in near:
        since = max(stretch.since, first_s.total_seconds() - stretch.ahead_s)
        until = min(stretch.until, last_s.total_seconds() - stretch.ahead_s)
        if since < until:
            if found and found[-1][1] == since:
                since = found.pop()[0]
            found.append((Instant(since), Instant(until)))
    return found


def starts_on(slot: Slot, day: date) -> bool:
    """Tell whether a slot starts on a date."""
    return (
        (not slot.days or Weekday.of(day) in slot.days)
        and (slot.first is None or day >= slot.first)
        and (slot.last is None or day <= slot.last)
        and (not slot.dates or day in slot.dates)
        and day not in slot.exceptions
    )


def covering_day(slot: Slot, local: datetime) -> date | None:
    """Tell on which date the slot started that covers a local time; ``None`` where it does not.

    >>> night = Slot(days=(Weekday.SATURDAY,), starts=time(22), ends=time(4))
    >>> covering_day(night, datetime(2026, 11, 22, 3, 59))
    datetime.date(2026, 11, 21)
    """
    day, clock = local.date(), local.time()
    if slot.starts < slot.ends:
        within = slot.starts <= clock < slot.ends
    elif clock >= slot.starts:
        within = True
    else:
        within, day = clock < slot.ends, day - DAY
    return day if within and starts_on(slot, day) else None


def span_of(slot: Slot, day: date) -> tuple[datetime, datetime]:
    """Give the local times at which a slot that starts on a date begins and is over."""
    last = day if slot.starts < slot.ends else day + DAY
    return datetime.combine(day, slot.starts), datetime.combine(last, slot.ends)


def vagueness(slot: Slot) -> tuple[int, int, int, int, float]:
    """Give a slot's rank among slots: the smaller, the more specific it is."""
    season = (slot.last - slot.first).days if slot.first and slot.last else _FOR_EVER_DAYS
    if slot.first is None and slot.last is None:
        season += 1
    begins, over = span_of(slot, date(2000, 1, 1))
    weekdays = len(set(slot.days)) or len(Weekday)
    return 0 if slot.dates else 1, len(set(slot.dates)), season, weekdays, (over - begins).total_seconds()
