r"""What layers are made of: lines of text and areas of one colour, as ASS events."""

from msgspec import Struct

from easyplayer.overlay.lettering import escaped

WIDTH, HEIGHT = 1920, 1080
"""The canvas."""
WHITE, BLACK, SOFT, NIGHT = "FFFFFF", "000000", "D9D9D9", "1C1612"
"""Colours as ASS writes them: blue, green, red."""
FONT = "sans-serif"


class Style(Struct, frozen=True, kw_only=True):
    """How a line of text looks.

    :ivar size: height of its letters, on the canvas.
    :ivar alpha: how far one sees through it: 0 not at all, 255 wholly.
    :ivar spacing: how far apart its letters are, beside what they are anyway.
    :ivar outlined: whether it has a soft dark edge, so that it can be read on any picture.
    """

    size: int
    colour: str = WHITE
    alpha: int = 0
    bold: bool = False
    spacing: int = 0
    outlined: bool = True


def text(words: str, x: int, y: int, anchor: int, style: Style) -> str:
    """Write one line.

    :param words: anything; it is made safe here.
    :param anchor: which point of the line is at ``x`` and ``y``, as on a keypad: 7 is its top left corner, 5
        its middle.
    """
    edge = r"\bord4\blur3\3c&H000000&\3a&H20&" if style.outlined else r"\bord0"
    look = (
        rf"\an{anchor}\pos({x},{y})\q2\fe-1\fn{FONT}\fs{style.size}\b{int(style.bold)}\fsp{style.spacing}"
        rf"\shad0{edge}\1c&H{style.colour}&\1a&H{style.alpha:02X}&"
    )
    return "{" + look + "}" + escaped(words)


def area(path: str, x: int, y: int, colour: str, alpha: int = 0) -> str:
    """Fill an area.

    :param path: its outline, in drawing commands, from ``x`` and ``y`` on.
    """
    return rf"{{\an7\pos({x},{y})\bord0\shad0\1c&H{colour}&\1a&H{alpha:02X}&\p1}}{path}"


def box(width: int, height: int, x: int = 0, y: int = 0) -> str:
    """Give the outline of a box.

    >>> box(2, 1)
    'm 0 0 l 2 0 2 1 0 1'
    """
    return f"m {x} {y} l {x + width} {y} {x + width} {y + height} {x} {y + height}"


def everywhere(colour: str, alpha: int = 0) -> str:
    """Fill the canvas, and what is beside it where a screen has another shape."""
    return area(box(3 * WIDTH, 3 * HEIGHT), -WIDTH, -HEIGHT, colour, alpha)
