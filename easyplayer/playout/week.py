"""A picture of a week: what plays when, in colours, as SVG.

Seven columns are seven dates, and down each run the hours of the venue's own clock.  Dayparts are
blocks, shows are blocks with a frame, and spots that come on the second are marks with their time.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from xml.etree import ElementTree as ET

from easyplayer.playout import week_key, week_labels
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Layer
from easyplayer.playout.lettering import TO, fitted
from easyplayer.playout.sheet import HATCH, Box, box, dot, group, line, sheet, write
from easyplayer.playout.week_blocks import CLOSED, NOTHING, Block, Look, Moment, WeekBlocks, day_of
from easyplayer.playout.week_grid import DAY_S, DAYS, HOUR_S, Hole, Lane
from easyplayer.playout.week_key import Meaning
from easyplayer.playout.week_labels import Label
from easyplayer.units import Instant

WIDTH, HEIGHT = 1200, 800

_LEFT, _RIGHT, _TOP, _BOTTOM, _KEY_GAP = 64.0, 24.0, 114.0, 14.0, 10.0
_ROOM = WIDTH - _LEFT - _RIGHT
_BETWEEN = 6.0
_COLUMN = (_ROOM + _BETWEEN) / DAYS
_BLOCK = _COLUMN - _BETWEEN
_TITLE_Y, _TITLE_SIZE = 46.0, 24.0
_DATES_Y, _DATES_SIZE = 68.0, 12.5
_HEAD_Y, _HEAD_SIZE, _NOTE_SIZE = 102.0, 14.0, 11.0
_HOUR_SIZE, _HOURS_APART, _HOUR_GAP = 10.5, 2, 10.0
_ROUND_FROM = 6.0
"""Blocks that are lower, in pixels, have no gap around them, so that they are seen at all."""
_PILL_RIGHT, _PILLS_APART, _HALF_PILL, _TICK = 5.0, 16.0, 7.0, 6.0


class _Mark(NamedTuple):
    """Moments so close together that they share a mark.

    :ivar lane: the column, or the half of one, in which they are.
    :ivar ys: where each of them lies.
    :ivar middle: where the mark is.
    """

    moments: tuple[Moment, ...]
    lane: Box
    ys: tuple[float, ...]
    middle: float

    @property
    def written(self) -> str:
        more = len(self.moments) - 1
        return f"{self.moments[0].clock} +{more}" if more else self.moments[0].clock

    @property
    def place(self) -> Box:
        width = week_key.pill_width(self.written)
        left = self.lane.right - _PILL_RIGHT - width
        return Box(left, self.middle - _HALF_PILL, width, 2 * _HALF_PILL)


def week_svg(program: Program, monday: date, now: Instant | None = None) -> str:
    """Draw seven days of a program.

    :param monday: the first of the days, whichever weekday it is.
    :param now: an instant to mark.
    :returns: an SVG document of 1200 by 800 pixels.
    """
    week = WeekBlocks(program, monday)
    title = f"{program.name}: {week.dates}"
    root = sheet(WIDTH, HEIGHT, title)
    _draw_head(root, program, week)
    _Picture(week).draw(root, now)
    return ET.tostring(root, encoding="unicode")


def _draw_head(root: ET.Element, program: Program, week: WeekBlocks) -> None:
    name = fitted(program.name, _TITLE_SIZE, _ROOM, bold=True)
    write(root, (_LEFT, _TITLE_Y), name, _TITLE_SIZE, "loud strong")
    write(root, (_LEFT, _DATES_Y), f"{week.dates}  ·  {program.zone}", _DATES_SIZE, "quiet")
    for column, day in enumerate(week.grid.dates):
        left = _LEFT + column * _COLUMN
        write(root, (left, _HEAD_Y), day_of(day), _HEAD_SIZE, "loud strong")
        hours = week.grid.hours(column)
        if hours != DAY_S / HOUR_S:
            at = left + _BLOCK, _HEAD_Y
            write(root, at, f"{round(hours, 2):g} hours", _NOTE_SIZE, "note strong", text_anchor="end")


class _Picture:
    """The grid of a week, and the key below it."""

    def __init__(self, week: WeekBlocks) -> None:
        self._week = week
        self._key = week_key.rows_of(_meanings(week), _ROOM)
        self._key_top = HEIGHT - _BOTTOM - week_key.ROW * len(self._key)
        self._height = self._key_top - _KEY_GAP - _TOP
        self._marks = self._set_marks()

    def draw(self, root: ET.Element, now: Instant | None) -> None:
        """Draw all of it, what lies below first."""
        self._draw_hours(root)
        for block in self._week.blocks:
            self._draw_block(root, block)
        self._draw_holes(root)
        lane = None if now is None else self._week.grid.at(now)
        hand = self._place(lane)._replace(height=0.0) if lane else None
        if hand:
            _draw_now(root, hand)
        self._draw_labels(root, hand)
        for mark in self._marks:
            _draw_mark(root, mark)
        week_key.draw(ET.SubElement(root, "g", {"class": "key"}), self._key, _LEFT, self._key_top)

    # -- places --------------------------------------------------------------------------------

    def _y(self, second: float) -> float:
        return _TOP + second / DAY_S * self._height

    def _place(self, lane: Lane) -> Box:
        left = _LEFT + lane.column * _COLUMN + lane.left * _BLOCK
        height = (lane.end - lane.start) / DAY_S * self._height
        return Box(left, self._y(lane.top_s), lane.width * _BLOCK, height)

    def _set_marks(self) -> tuple[_Mark, ...]:
        """Set the marks, one for all that would lie over each other."""
        marks: list[_Mark] = []
        lowest: dict[float, int] = {}
        for moment in self._week.moments:
            lane = self._place(moment.lane)
            middle = min(max(lane.y, _TOP + _HALF_PILL), _TOP + self._height - _HALF_PILL)
            above = marks[lowest[lane.right]] if lane.right in lowest else None
            if above and middle - above.middle < _PILLS_APART:
                more = above._replace(moments=(*above.moments, moment), ys=(*above.ys, lane.y))
                marks[lowest[lane.right]] = more
            else:
                lowest[lane.right] = len(marks)
                marks.append(_Mark((moment,), lane, (lane.y,), middle))
        return tuple(marks)

    # -- layers --------------------------------------------------------------------------------

    def _draw_hours(self, root: ET.Element) -> None:
        for hour in range(0, DAY_S // HOUR_S + 1, _HOURS_APART):
            y = self._y(hour * HOUR_S)
            line(root, (_LEFT - _HOUR_GAP / 2, y), (WIDTH - _RIGHT, y), "rule")
            at = _LEFT - _HOUR_GAP, y + 0.36 * _HOUR_SIZE
            write(root, at, f"{hour:02}:00", _HOUR_SIZE, "quiet", text_anchor="end")

    def _draw_block(self, root: ET.Element, block: Block) -> None:
        opened = group(root, f"block {block.look.kind}", block.described)
        for place in map(self._place, block.lanes):
            _draw_ground(opened, block.look, place)
            if block.look.kind == Layer.SHOW:
                box(opened, place.shrunk(min(2.0, place.height / 4)), "frame", rx="3")

    def _draw_holes(self, root: ET.Element) -> None:
        for hole in self._week.grid.holes:
            place = self._hole(hole)
            box(group(root, "hole", f"{place.title} {place.times}"), place.place.shrunk(1), "dashed", rx="4")

    def _draw_labels(self, root: ET.Element, hand: Box | None) -> None:
        opened = ET.SubElement(root, "g", {"class": "labels", "pointer-events": "none"})
        marks = [mark.place for mark in self._marks]
        for label in self._labels():
            week_labels.draw(opened, label, marks, hand)

    def _labels(self) -> Iterator[Label]:
        """Write on each block once in each column, where most of it is, and on what comes twice."""
        for block in self._week.blocks:
            largest = {
                lane.column: lane for lane in sorted(block.lanes, key=lambda lane: self._place(lane).area)
            }
            for lane in block.lanes:
                if lane is largest[lane.column]:
                    yield Label(self._place(lane), block.look.title, block.times, block.look.colour)
                elif lane.width < 1:
                    which = "again" if lane.left else "first"
                    yield Label(self._place(lane), which, "", block.look.colour)
        yield from map(self._hole, self._week.grid.holes)

    def _hole(self, hole: Hole) -> Label:
        lane = Lane(Instant(0.0), Instant(hole.bottom_s - hole.top_s), hole.column, hole.top_s)
        times = TO.join(f"{int(edge) // HOUR_S:02}:{int(edge) % HOUR_S // 60:02}" for edge in hole[1:])
        return Label(self._place(lane), "left out", times)


def _draw_ground(parent: ET.Element, look: Look, place: Box) -> None:
    if look.kind == NOTHING:
        box(parent, place, "dashed", rx="4")
    elif place.height >= _ROUND_FROM:
        box(parent, place, "apart", rx="4", fill=look.colour or HATCH)
    else:
        box(parent, place, fill=look.colour or HATCH)


def _draw_now(root: ET.Element, hand: Box) -> None:
    opened = group(root, "now", "Now")
    for kind in ("around", "hand"):
        line(opened, (hand.x, hand.y), (hand.right, hand.y), kind)
        dot(opened, (hand.x, hand.y), 4.0, kind)


def _draw_mark(root: ET.Element, mark: _Mark) -> None:
    opened = group(root, "spot", "; ".join(moment.described for moment in mark.moments))
    for y in mark.ys:
        line(opened, (mark.place.x - _TICK, y), (mark.place.x, y), "tick")
    week_key.pill(opened, mark.place.x, mark.place.y + _HALF_PILL, mark.written)


def _meanings(week: WeekBlocks) -> Iterator[Meaning]:
    looks = dict.fromkeys(block.look for block in week.blocks)
    for kind in (Layer.DAYPART, Layer.SHOW, Layer.FALLBACK):
        for look in looks:
            if look.kind == kind:
                yield Meaning(look.title, look.colour, framed=kind is Layer.SHOW)
    if any(look.kind == CLOSED for look in looks):
        yield Meaning("Closed")
    clocks: dict[str, set[str]] = {}
    for moment in week.moments:
        clocks.setdefault(moment.title, set()).add(moment.clock)
    for title, times in clocks.items():
        more = f", and {len(times) - 1} more" if len(times) > 1 else ""
        yield Meaning(title + more, clock=min(times))
