"""The key below a picture of a week: what each colour and each mark means."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from easyplayer.playout.lettering import fitted, width_of
from easyplayer.playout.sheet import HATCH, Box, box, write

ROW = 24.0
_SIZE, _TIME_SIZE = 12.0, 9.5
_CHIP, _CHIP_GAP, _APART = 14.0, 7.0, 22.0
_PILL_HEIGHT, _PILL_PADDING = 14.0, 6.0
_LONGEST = 220.0
_MOST_ROWS = 3


class Meaning(NamedTuple):
    """One entry of the key.

    :ivar colour: fills its box; empty is hatched.
    :ivar framed: whether the box has a frame, as shows have.
    :ivar clock: stands in a mark in place of a box, as spots that come on the second have.
    """

    title: str
    colour: str = ""
    framed: bool = False
    clock: str = ""

    @property
    def sign_width(self) -> float:
        """How wide its box or mark is."""
        return pill_width(self.clock) if self.clock else _CHIP

    @property
    def width(self) -> float:
        """How wide all of it is."""
        return self.sign_width + _CHIP_GAP + width_of(self.title, _SIZE)


def pill_width(written: str) -> float:
    """Tell how wide a mark with a time is."""
    return width_of(written, _TIME_SIZE, bold=True) + 2 * _PILL_PADDING


def pill(parent: ET.Element, left: float, middle: float, written: str) -> None:
    """Draw a mark with a time."""
    place = Box(left, middle - _PILL_HEIGHT / 2, pill_width(written), _PILL_HEIGHT)
    box(parent, place, "pill", rx="7")
    centre = left + place.width / 2, middle + 0.36 * _TIME_SIZE
    write(parent, centre, written, _TIME_SIZE, "time strong", text_anchor="middle")


def rows_of(meanings: Iterable[Meaning], width: float) -> list[list[Meaning]]:
    """Set entries in rows, marks below colours where one row is not enough; the rest is only counted."""
    entries = [one._replace(title=fitted(one.title, _SIZE, _LONGEST)) for one in meanings]
    rows = _flowed(entries, width)
    if len(rows) > 1:
        parted = ([one for one in entries if bool(one.clock) is clocked] for clocked in (False, True))
        rows = [row for part in parted for row in _flowed(part, width)]
    left_out = 0
    while len(rows) > _MOST_ROWS:
        left_out += 1
        rows = _flowed([*entries[:-left_out], Meaning(f"and {left_out} more")], width)
    return rows


def _flowed(entries: Sequence[Meaning], width: float) -> list[list[Meaning]]:
    rows: list[list[Meaning]] = []
    reached = width
    for entry in entries:
        if not rows or reached + entry.width > width:
            rows.append([])
            reached = 0.0
        rows[-1].append(entry)
        reached += entry.width + _APART
    return rows


def draw(parent: ET.Element, rows: Sequence[Sequence[Meaning]], left: float, top: float) -> None:
    """Draw a key."""
    for number, row in enumerate(rows):
        x, middle = left, top + (number + 0.5) * ROW
        for entry in row:
            _sign(parent, entry, x, middle)
            at = x + entry.sign_width + _CHIP_GAP, middle + 0.36 * _SIZE
            write(parent, at, entry.title, _SIZE, "quiet")
            x += entry.width + _APART


def _sign(parent: ET.Element, entry: Meaning, x: float, middle: float) -> None:
    chip = Box(x, middle - _CHIP / 2, _CHIP, _CHIP)
    if entry.clock:
        pill(parent, x, middle, entry.clock)
    else:
        box(parent, chip, rx="3", fill=entry.colour or HATCH)
    if entry.framed:
        box(parent, chip.shrunk(1), "frame", rx="2")
