"""The words on the blocks of a picture of a week: as many as fit, and never over a mark."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from easyplayer.playout.lettering import fitted, ink_on, width_of
from easyplayer.playout.sheet import Box, write

_TITLE_SIZE, _TIMES_SIZE, _SMALLEST = 12.5, 10.5, 7.5
_PADDING, _ABOVE, _AROUND_MARKS, _AROUND_HAND = 8.0, 3.0, 4.0, 3.0
_ASCENT, _LINE = 0.95, 1.3
_GAP = 7.0


class Label(NamedTuple):
    """What stands on a block.

    :ivar place: the block.
    :ivar times: from when to when it is; may be empty.
    :ivar ground: the block's colour; empty where it has none.
    """

    place: Box
    title: str
    times: str
    ground: str = ""


def draw(parent: ET.Element, label: Label, marks: Sequence[Box], hand: Box | None = None) -> None:
    """Write a label on its block: title and times below each other, or in one line, or what fits.

    :param marks: what nothing is written over.
    :param hand: what is written over only where there is no other place.
    """
    size = min(_TITLE_SIZE, (label.place.height - 1) / _LINE)
    if size < _SMALLEST:
        return
    in_the_way = [mark for mark in marks if _meets(mark, label.place)]
    if label.place.height < _ABOVE + _TITLE_SIZE * _LINE + _TIMES_SIZE * _LINE:
        _write_one_line(parent, label, size, in_the_way)
    else:
        _write_two_lines(parent, label, _best_top(label, in_the_way, hand), in_the_way)


def _best_top(label: Label, marks: Sequence[Box], hand: Box | None) -> float:
    """Find the highest place for two lines in which most of them can be read."""
    place, both = label.place, (_TITLE_SIZE + _TIMES_SIZE) * _LINE
    avoided = [*marks, *([hand.shrunk(-_AROUND_HAND)] if hand else [])]
    highest, below = place.y + _ABOVE, sorted(one.bottom for one in avoided)
    wanted = width_of(label.title, _TITLE_SIZE, bold=True), width_of(label.times, _TIMES_SIZE)

    def readable(top: float) -> float:
        return sum(map(min, wanted, _rooms(place, top, avoided)))

    return max([highest, *(top for top in below if highest < top <= place.bottom - both)], key=readable)


def _rooms(place: Box, top: float, marks: Sequence[Box]) -> tuple[float, float]:
    return (
        _room(place, top, _TITLE_SIZE, marks),
        _room(place, top + _TITLE_SIZE * _LINE, _TIMES_SIZE, marks),
    )


def _meets(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _write_one_line(parent: ET.Element, label: Label, size: float, marks: Sequence[Box]) -> None:
    place = label.place
    top = place.y + min(_ABOVE, (place.height - size * _LINE) / 2)
    room = _room(place, top, size, marks)
    title = fitted(label.title, size, room, bold=True)
    after = width_of(title, size, bold=True) + _GAP
    _write(parent, label, title, Box(place.x, top, room, size), "strong")
    if title and size > _TIMES_SIZE and after + width_of(label.times, _TIMES_SIZE) <= room:
        lower = top + _ASCENT * (size - _TIMES_SIZE)
        _write(parent, label, label.times, Box(place.x + after, lower, room, _TIMES_SIZE))


def _write_two_lines(parent: ET.Element, label: Label, top: float, marks: Sequence[Box]) -> None:
    place, (title_room, times_room) = label.place, _rooms(label.place, top, marks)
    title = fitted(label.title, _TITLE_SIZE, title_room, bold=True)
    _write(parent, label, title, Box(place.x, top, title_room, _TITLE_SIZE), "strong")
    if width_of(label.times, _TIMES_SIZE) <= times_room:
        below = Box(place.x, top + _TITLE_SIZE * _LINE, times_room, _TIMES_SIZE)
        _write(parent, label, label.times, below)


def _room(place: Box, top: float, size: float, marks: Sequence[Box]) -> float:
    """Tell how wide a line may be that has its upper edge at a height."""
    line = place._replace(y=top, height=size * _LINE)
    right = min([place.right - _PADDING, *(mark.x - _AROUND_MARKS for mark in marks if _meets(mark, line))])
    return right - place.x - _PADDING


def _write(parent: ET.Element, label: Label, written: str, place: Box, kind: str = "") -> None:
    """Write letters that are as high as their place, with a rim in the block's colour."""
    if not written:
        return
    baseline = place.x + _PADDING, place.y + _ASCENT * place.height
    if label.ground:
        ink = {"fill": ink_on(label.ground), "stroke": label.ground}
        write(parent, baseline, written, place.height, f"rim {kind}".rstrip(), **ink)
    else:
        write(parent, baseline, written, place.height, f"rim bare quiet {kind}".rstrip())
