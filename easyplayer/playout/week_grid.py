"""The week as a grid: where on a sheet with seven columns each instant lies.

A column is a date, and down it run the 24 hours that the clock on the wall can show.  An hour that the
night leaves out is a hole in its column.  An hour that comes twice is parted into lanes, the first time
left and the second time right.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from easyplayer.playout.calendar import DAY, EPOCH, instant_of, stretches
from easyplayer.units import Instant

DAYS = 7
DAY_S = 86_400
HOUR_S = 3600


class Lane(NamedTuple):
    """A span of a date in which the clock on the wall shows each time once, and where it lies.

    :ivar column: 0 for the week's first day.
    :ivar top_s: what that clock shows at its start, in seconds since midnight.
    :ivar left: where it begins within the column's width, which is 1.
    :ivar width: what it has of that width.
    """

    start: Instant
    end: Instant
    column: int
    top_s: float
    left: float = 0.0
    width: float = 1.0


class Hole(NamedTuple):
    """A span of local time that the night leaves out, in seconds since midnight."""

    column: int
    top_s: float
    bottom_s: float


class WeekGrid:
    """Seven dates in a row.

    :ivar start: the first instant of the week.
    :ivar end: the first instant after it.
    :ivar dates: its dates.
    :ivar lanes: together they hold each of its instants once, in order.
    :ivar holes: what is left out.
    """

    def __init__(self, first: date, zone: ZoneInfo) -> None:
        self.dates = tuple(first + DAY * column for column in range(DAYS))
        self.start, self.end = (
            instant_of(datetime.combine(day, time()), zone) for day in (first, first + DAY * DAYS)
        )
        spans = tuple(_spans(self.start, self.end, first, zone))
        days = [[span for span in spans if span.column == column] for column in range(DAYS)]
        self.lanes = tuple(sorted(lane for day in days for span in day for lane in _parted(span, day)))
        self.holes = tuple(hole for column, day in enumerate(days) for hole in _holes(column, day))

    def hours(self, column: int) -> float:
        """Tell how many hours a date has."""
        return sum(lane.end - lane.start for lane in self.lanes if lane.column == column) / HOUR_S

    def within(self, start: Instant, end: Instant) -> Iterator[Lane]:
        """Give what of the lanes lies between two instants."""
        for lane in self.lanes:
            since, until = max(start, lane.start), min(end, lane.end)
            if since < until:
                yield lane._replace(start=since, end=until, top_s=lane.top_s + since - lane.start)

    def at(self, instant: Instant) -> Lane | None:
        """Give what of a lane begins at an instant; ``None`` where that is not in this week."""
        return next(self.within(instant, self.end), None) if instant >= self.start else None


def _spans(start: Instant, end: Instant, first: date, zone: ZoneInfo) -> Iterator[Lane]:
    """Part the week at midnights, and where its clocks are set."""
    origin_s = (datetime.combine(first, time(), UTC) - EPOCH).total_seconds()
    for stretch in stretches(zone, start, end):
        top_s, bottom_s = (edge + stretch.ahead_s - origin_s for edge in (stretch.since, stretch.until))
        midnights = (number * DAY_S for number in range(int(top_s // DAY_S) + 1, DAYS + 1))
        edges = [top_s, *(midnight for midnight in midnights if midnight < bottom_s), bottom_s]
        for since_s, until_s in pairwise(edges):
            column = int(since_s // DAY_S)
            begins = Instant(stretch.since + since_s - top_s)
            yield Lane(begins, Instant(begins + until_s - since_s), column, since_s - column * DAY_S)


def _bottom_s(lane: Lane) -> float:
    return lane.top_s + lane.end - lane.start


def _parted(span: Lane, day: Sequence[Lane]) -> Iterator[Lane]:
    """Part a span where other spans of its date show the same times, and give each its share of the width."""
    edges = {edge for other in day for edge in (other.top_s, _bottom_s(other))}
    inner = {edge for edge in edges if span.top_s < edge < _bottom_s(span)}
    for top_s, bottom_s in pairwise(sorted({span.top_s, *inner, _bottom_s(span)})):
        beside = [other for other in day if other.top_s <= top_s < _bottom_s(other)]
        begins = Instant(span.start + top_s - span.top_s)
        width = 1 / len(beside)
        left = beside.index(span) * width
        yield Lane(begins, Instant(begins + bottom_s - top_s), span.column, top_s, left, width)


def _holes(column: int, day: Iterable[Lane]) -> Iterator[Hole]:
    reached_s = 0.0
    for top_s, bottom_s in [*sorted((span.top_s, _bottom_s(span)) for span in day), (DAY_S, DAY_S)]:
        if top_s > reached_s:
            yield Hole(column, reached_s, top_s)
        reached_s = max(reached_s, bottom_s)
