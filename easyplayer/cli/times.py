"""Times as a technician writes and reads them: the venue's own, those of its program's zone."""

import argparse
import re
import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from easyplayer.playout.calendar import EPOCH, instant_of, local_time, zone_of
from easyplayer.units import Instant

_CLOCK = re.compile(r"\d\d?:\d\d(:\d\d)?")
_ANY = zone_of("UTC")


def wall() -> Instant:
    """Read the wall clock."""
    return Instant(time.time())


def moment(text: str) -> str:
    """Make sure that a text is a time; what it means depends on the program's zone.

    :raises ArgumentTypeError: it is none.
    """
    try:
        instant(text, _ANY, Instant(0.0))
    except ValueError as error:
        message = f"{text!r} is no time: write it like 2026-12-24T18:07, 2026-12-24, 18:07 or now"
        raise argparse.ArgumentTypeError(message) from error
    return text


def instant(text: str, zone: ZoneInfo, now: Instant) -> Instant:
    """Read a time: ``now``, the next ``18:07``, a date, a date with a time, or one with an offset.

    >>> utc = ZoneInfo("UTC")
    >>> instant("18:07", utc, Instant(0.0)), instant("1970-01-02", utc, Instant(0.0))
    (65220.0, 86400.0)
    """
    if text == "now":
        return now
    if _CLOCK.fullmatch(text):
        return _next(_clock(text), zone, now)
    meant = datetime.fromisoformat(text)
    return Instant(meant.timestamp()) if meant.tzinfo else instant_of(meant, zone)


def _clock(text: str) -> time_of_day:
    return time_of_day.fromisoformat(text if text[2] == ":" else f"0{text}")


def _next(clock: time_of_day, zone: ZoneInfo, now: Instant) -> Instant:
    today = local_time(now, zone).date()
    days = (today + timedelta(days=number) for number in range(3))
    return next(at for at in (instant_of(datetime.combine(day, clock), zone) for day in days) if at > now)


def written(at: Instant, zone: ZoneInfo) -> str:
    """Write a time for a person.

    >>> written(Instant(0.0), ZoneInfo("Europe/Paris"))
    'Thu 1970-01-01 01:00:00'
    """
    return f"{local_time(Instant(round(at)), zone):%a %Y-%m-%d %H:%M:%S}"


def iso(at: Instant, zone: ZoneInfo) -> str:
    """Write a time for a script, to the millisecond and with its offset.

    >>> iso(Instant(0.5), ZoneInfo("Europe/Paris"))
    '1970-01-01T01:00:00.500+01:00'
    """
    utc = EPOCH + timedelta(milliseconds=round(1000 * at))
    return utc.astimezone(zone).isoformat(timespec="milliseconds")


def lasting(seconds: float) -> str:
    """Write a span in its two largest units.

    >>> lasting(90061), lasting(187.4), lasting(0)
    ('1 d 1 h', '3 min 7 s', '0 s')
    """
    rest, words = round(seconds), []
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, length)
        words += [f"{count} {unit}"] if count else []
    return " ".join(words[:2]) or "0 s"


def monday_of(at: Instant, zone: ZoneInfo) -> date:
    """Give the Monday of the week in which an instant lies."""
    day = local_time(at, zone).date()
    return day - timedelta(days=day.weekday())
