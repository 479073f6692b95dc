"""A QR code as a drawing: dark on a white plate, with the quiet zone that readers ask for."""

from functools import lru_cache
from itertools import groupby

import segno

from easyplayer.overlay.drawing import BLACK, WHITE, area, box

QUIET = 4
"""So many modules stay white around it (ISO/IEC 18004)."""
MOST_LETTERS = 500
"""A longer text has more modules than a camera can tell apart from across a room."""
KEPT_CODES = 4
"""The program's and the claim's, each of this moment and of the one before."""


def modules(words: str) -> tuple[tuple[bool, ...], ...]:
    """Give the rows of a code, each from left to right, dark or not; none for a text that is too long."""
    if not words or len(words) > MOST_LETTERS:
        return ()
    code = segno.make(words, error="m", micro=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


@lru_cache(maxsize=KEPT_CODES)
def qr_code(words: str, x: int, y: int, most: int, anchor: int = 7) -> tuple[str, ...]:
    """Draw a code; the last ones are remembered, because all layers are drawn with each song and each minute.

    :param x: where the corner is that the anchor names, as on a keypad: 1, 3, 7 or 9; 5 is the middle.
    :param most: it is no wider than this; each of its modules is the same whole number of points wide.
    """
    rows = modules(words)
    if not rows:
        return ()
    unit = max(most // (len(rows) + 2 * QUIET), 1)
    side = unit * (len(rows) + 2 * QUIET)
    left = x - {0: side, 1: 0, 2: side // 2}[anchor % 3]
    top = y - {0: side, 1: side // 2, 2: 0}[(anchor - 1) // 3]
    quiet = QUIET * unit
    return (
        area(box(side, side), left, top, WHITE),
        area(_dark(rows, unit), left + quiet, top + quiet, BLACK),
    )


def _dark(rows: tuple[tuple[bool, ...], ...], unit: int) -> str:
    """Give the outline of all dark modules; those side by side are one box."""
    boxes: list[str] = []
    for number, row in enumerate(rows):
        column = 0
        for dark, same in groupby(row):
            length = len([*same])
            if dark:
                boxes.append(box(length * unit, unit, column * unit, number * unit))
            column += length
    return " ".join(boxes)
