"""The dayparts and shows of a program as a calendar: the way back from :mod:`easyplayer.icalendars`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import icalendar
from msgspec import structs

from easyplayer.icalendars import NO_SOUND, OURS
from easyplayer.playout.calendar import EPOCH, instant_of, transitions, zone_of
from easyplayer.playout.catalogue import Daypart, Program, Show, Start
from easyplayer.playout.editing import finder
from easyplayer.playout.recurrences import WORDS, Recurrence, recurrence_of
from easyplayer.units import Instant

STAMP = datetime(2000, 1, 1, tzinfo=UTC)
"""When an event was written, which a calendar has to tell; always the same, so that versions compare."""
ZONE_UNTIL = 2037
"""The last year for which a calendar describes its zone, unless it has later dates."""
SECOND = timedelta(seconds=1)
LONGEST_WAIT_S = next(field.default for field in structs.fields(Show) if field.name == "longest_wait_s")


def write(program: Program) -> bytes:
    """Write the dayparts and shows of a program as a calendar; hours, spots and volume are left out.

    A daypart that never starts is left out, too.
    """
    zone, find = zone_of(program.zone), finder(program.playlists)
    titles = {one.id: one.title if find(one.title) == one.id else one.id for one in program.playlists}
    events = [event for daypart in program.dayparts for event in _daypart(daypart, titles, zone)]
    events += [_show(show, titles, zone) for show in program.shows]
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//easyplayer//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", program.name)
    begins: list[datetime] = [event.decoded("dtstart") for event in events]
    for component in (*_zone(zone, begins), *events):
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _daypart(daypart: Daypart, titles: Mapping[str, str], zone: ZoneInfo) -> Iterator[icalendar.Event]:
    again = recurrence_of(daypart.slot)
    if again is None:
        return
    event = _event(daypart, titles)
    event.add("dtstart", again.starts.replace(tzinfo=zone))
    event.add("dtend", again.ends.replace(tzinfo=zone))
    clock = again.starts.time()
    if again.dates:
        event.add("rdate", _moments(again.dates, clock, zone))
    else:
        event.add("rrule", _rule(again, zone))
    if again.exceptions:
        event.add("exdate", _moments(again.exceptions, clock, zone))
    if again.season:
        _own(event, "FIRST", again.season.isoformat())
    yield event


def _rule(again: Recurrence, zone: ZoneInfo) -> dict[str, object]:
    rule: dict[str, object] = {
        "FREQ": "WEEKLY",
        "BYDAY": [word for word, day in WORDS.items() if not again.days or day in again.days],
    }
    if again.last:
        until = instant_of(datetime.combine(again.last, again.starts.time()), zone)
        rule["UNTIL"] = EPOCH + timedelta(seconds=until)
    return rule


def _moments(days: Iterable[date], clock: time, zone: ZoneInfo) -> list[datetime]:
    return [datetime.combine(day, clock, zone) for day in days]


def _show(show: Show, titles: Mapping[str, str], zone: ZoneInfo) -> icalendar.Event:
    event = _event(show, titles)
    event.add("dtstart", show.starts.replace(tzinfo=zone))
    event.add("dtend", show.ends.replace(tzinfo=zone))
    if show.start is Start.HARD:
        _own(event, "START", show.start)
    if show.longest_wait_s != LONGEST_WAIT_S:
        _own(event, "WAIT", str(show.longest_wait_s))
    return event


def _event(part: Daypart | Show, titles: Mapping[str, str]) -> icalendar.Event:
    event, kind = icalendar.Event(), type(part).__name__.lower()
    event.add("uid", f"{kind}:{part.id}@easyplayer")
    event.add("dtstamp", STAMP)
    event.add("sequence", part.revised)
    summary = titles[part.playlist or part.screen]
    event.add("summary", summary)
    if part.title != summary:
        _own(event, "TITLE", part.title)
    if part.screen:
        _own(event, "SCREEN", titles[part.screen])
    if not part.playlist:
        _own(event, "SOUND", NO_SOUND)
    if part.colour:
        _own(event, "COLOUR", part.colour)
    return event


def _own(event: icalendar.Event, name: str, value: str) -> None:
    event.add(f"{OURS}{name}", icalendar.vText(value), {"VALUE": "TEXT"})


def _zone(zone: ZoneInfo, moments: Sequence[datetime]) -> Iterator[icalendar.Timezone]:
    """Describe a zone for whoever does not know it by its name, as far as the calendar needs it."""
    if not moments:
        return
    years = [moment.year for moment in moments]
    begin = datetime(min(years) - 1, 1, 1, tzinfo=UTC)
    end = datetime(max(*years, ZONE_UNTIL) + 1, 1, 1, tzinfo=UTC)
    changes = transitions(zone, Instant(begin.timestamp()), Instant(end.timestamp()))
    observances: defaultdict[_Observance, list[datetime]] = defaultdict(list)
    for change in (begin, *(EPOCH + timedelta(seconds=instant) for instant in changes)):
        observance = _observance(zone, change)
        observances[observance].append((change + observance.before).replace(tzinfo=None))
    described = icalendar.Timezone()
    described.add("tzid", zone.key)
    for observance, onsets in observances.items():
        described.add_component(_observed(observance, onsets))
    yield described


class _Observance(NamedTuple):
    """What a zone changes to: its offsets from UTC before and after, and what it is called then."""

    before: timedelta
    after: timedelta
    name: str
    summer: bool


def _observance(zone: ZoneInfo, change: datetime) -> _Observance:
    before, after = (change - SECOND).astimezone(zone), change.astimezone(zone)
    none = timedelta(0)
    return _Observance(
        before.utcoffset() or none, after.utcoffset() or none, after.tzname() or "", bool(after.dst())
    )


def _observed(observance: _Observance, onsets: Sequence[datetime]) -> icalendar.Component:
    part = icalendar.TimezoneDaylight() if observance.summer else icalendar.TimezoneStandard()
    part.add("dtstart", onsets[0])
    part.add("tzoffsetfrom", observance.before)
    part.add("tzoffsetto", observance.after)
    part.add("tzname", observance.name)
    if onsets[1:]:
        part.add("rdate", [*onsets[1:]])
    return part
