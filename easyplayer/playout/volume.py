"""How loud the venue is: the curve of the week, what staff turned it by, and how fast it goes.

The curve is one line through all points of the week, so that it leaps at no midnight, whatever the
next day has.  What staff turn is a trim from the curve, and goes by itself.
"""

import math
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from easyplayer.playout.calendar import DAY, local_time
from easyplayer.playout.catalogue import Volume, VolumePoint, Weekday
from easyplayer.units import Instant, Seconds

WEEK_S = 7 * DAY.total_seconds()


class Trim(Struct, frozen=True):
    """What staff turned the volume by.

    :ivar by: in percent, up or down from the curve.
    :ivar at: when they did.
    """

    by: float
    at: Instant


def target(volume: Volume, local: datetime) -> float | None:
    """Tell what the curve has at a local time, in percent; ``None`` where there is no curve.

    >>> from datetime import time
    >>> from easyplayer.units import Percent
    >>> day = VolumePoint(at=time(12), volume=Percent(60)), VolumePoint(at=time(22), volume=Percent(40))
    >>> target(Volume(curve=day), datetime(2026, 11, 21, 17))
    50.0
    """
    if not volume.curve:
        return None
    at_s = _second_of_week(local.weekday(), local.time())
    before, after = next(leg for leg in pairwise(_line(volume.curve)) if at_s < leg[1][0])
    share = (at_s - before[0]) / (after[0] - before[0])
    return min(before[1] + share * (after[1] - before[1]), float(volume.ceiling))


@lru_cache(maxsize=16)
def _line(curve: tuple[VolumePoint, ...]) -> tuple[tuple[float, float], ...]:
    """Give the points of a week in order, each as its second and its percent, and one more on either side.

    Of two points at one time the quieter one counts.
    """
    week: dict[float, float] = {}
    for number, weekday in enumerate(Weekday):
        own = [point for point in curve if weekday in point.days]
        for point in own or [point for point in curve if not point.days]:
            at_s = _second_of_week(number, point.at)
            week[at_s] = min(week.get(at_s, 100.0), float(point.volume))
    points = sorted(week.items())
    first, last = points[0], points[-1]
    return ((last[0] - WEEK_S, last[1]), *points, (first[0] + WEEK_S, first[1]))


def _second_of_week(weekday: int, clock: time) -> float:
    hours = 24 * weekday + clock.hour
    return timedelta(
        hours=hours, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    ).total_seconds()


def trim_towards(volume: Volume, curve: float, wanted: float, now: Instant) -> Trim:
    """Turn what staff want into a trim from the curve, as far as they may go.

    :param curve: what the curve has now.
    """
    return Trim(_within(wanted - curve, volume.trim_most), now)


def trim_left(trim: Trim, volume: Volume, now: Instant) -> float:
    """Tell what is left of a trim, in percent.

    >>> trim_left(Trim(8.0, Instant(0.0)), Volume(trim_minutes=60), Instant(7200.0))
    2.0
    """
    halvings = max(now - trim.at, 0.0) / (60 * volume.trim_minutes)
    return _within(trim.by, volume.trim_most) * float(0.5**halvings)


def level(volume: Volume, zone: ZoneInfo, now: Instant, trim: Trim | None = None) -> float | None:
    """Tell how loud it is to be at an instant, in percent; ``None`` where there is no curve."""
    curve = target(volume, local_time(now, zone))
    if curve is None or trim is None:
        return curve
    return min(max(curve + trim_left(trim, volume, now), 0.0), float(volume.ceiling))


def slew(current: float, wanted: float, volume: Volume, passed_s: Seconds) -> float:
    """Go from one level towards another as far as some seconds allow."""
    most = volume.slew_per_s * max(passed_s, 0.0)
    return wanted if abs(wanted - current) <= most else current + math.copysign(most, wanted - current)


def _within(by: float, most: float) -> float:
    return min(max(by, -most), most)
