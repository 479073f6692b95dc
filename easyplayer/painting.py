"""A small paintbox: skies, hills, lights and water, and the PNG file they end up in.

It exists so that a box without any pictures can be seen all the same (see :mod:`easyplayer.views`), and
needs nothing but the standard library.  What is large is painted by whole rows, what is small by pixels.
The same calls give the same bytes.
"""

import math
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
Point: TypeAlias = tuple[float, float]
Stops: TypeAlias = Sequence[tuple[float, Colour]]
"""Colours at heights: 0 is the upper edge, 1 the lower one."""

BLACK, WHITE = (0, 0, 0), (255, 255, 255)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB\x60\x82"
_UP = 2
"""The filter of PNG's by which a row says how it differs from the one above it."""
_SPREAD = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
"""An ordered dither, so that a soft gradient shows no steps."""
_FINE = 4
"""How many lines a row is made of where an edge lies in it."""


class Canvas:
    """A picture that is being painted, all of one colour at first; places are in pixels from above left."""

    def __init__(self, width: int, height: int, colour: Colour = BLACK) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(bytes(colour) * width) for _ in range(height)]

    def sky(self, stops: Stops, top: int = 0, bottom: int | None = None) -> None:
        """Fill from one height to another, from colour to colour."""
        bottom = self.height if bottom is None else bottom
        for y in range(top, bottom):
            exact = _between(stops, (y - top) / max(bottom - top - 1, 1))
            cells = (tuple(int(part + (cell + 0.5) / 16) for part in exact) for cell in _SPREAD[y % 4])
            pattern = b"".join(bytes(cell) for cell in cells)
            self._rows[y][:] = (pattern * (self.width // 4 + 1))[: 3 * self.width]

    def ridge(self, line: Callable[[float], float], colour: Colour, bottom: int | None = None) -> None:
        """Fill below a line of hills down to a height.

        :param line: gives the height of the line at each place.
        """
        bottom = self.height if bottom is None else bottom
        for x in range(self.width):
            top = line(x)
            first = max(math.ceil(top), 0)
            self._blend(x, first - 1, colour, first - top)
            for row in self._rows[first:bottom]:
                row[3 * x : 3 * x + 3] = bytes(colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Add light, strongest in its middle, and none at its radius."""
        for here in range(max(int(y - radius), 0), min(int(y + radius) + 1, self.height)):
            half = math.sqrt(max(radius**2 - (here - y) ** 2, 0))
            for across in range(max(int(x - half), 0), min(int(x + half) + 1, self.width)):
                near = 1 - ((across - x) ** 2 + (here - y) ** 2) / radius**2
                if near > 0:
                    self._blend(across, here, colour, strength * near**3)

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0) -> None:
        """Paint a disc with a soft edge."""
        for here in range(int(y - radius) - 1, int(y + radius) + 2):
            for across in range(int(x - radius) - 1, int(x + radius) + 2):
                inside = radius + 0.5 - math.hypot(across - x, here - y)
                self._blend(across, here, colour, alpha * min(max(inside, 0.0), 1.0))

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """Fill a polygon, its edges smooth."""
        heights = [y for _, y in points]
        for y in range(max(int(min(heights)), 0), min(int(max(heights)) + 1, self.height)):
            cover: dict[int, float] = {}
            for fine in range(_FINE):
                _cross(points, y + (fine + 0.5) / _FINE, cover)
            for x, part in cover.items():
                self._blend(x, y, colour, alpha * min(part, 1.0))

    def line(self, points: Sequence[Point], width: float, colour: Colour, alpha: float = 1.0) -> None:
        """Draw a line through some points."""
        for (x, y), (next_x, next_y) in pairwise(points):
            length = math.hypot(next_x - x, next_y - y) or 1.0
            off_x, off_y = (next_y - y) / length * width / 2, (x - next_x) / length * width / 2
            corners = [
                (x + off_x, y + off_y),
                (next_x + off_x, next_y + off_y),
                (next_x - off_x, next_y - off_y),
                (x - off_x, y - off_y),
            ]
            self.polygon(corners, colour, alpha)

    def water(self, shore: int, tint: Colour, depth: float = 0.45, waves: float = 9.0) -> None:
        """Fill from a height to the lower edge with what is above, mirrored in gentle waves.

        :param tint: the colour of the water, which takes over towards the lower edge.
        :param depth: how much of it there is at the shore, up to 1.
        :param waves: how far they push what is mirrored at the lower edge, in pixels.
        """
        for y in range(shore, self.height):
            far = (y - shore) / (self.height - shore)
            wave = math.sin(26 * math.sqrt(y - shore + 4)) + 0.6 * math.sin(0.9 * (y - shore))
            source = self._rows[max(shore - 1 - round((y - shore) * 1.15 + 2 * wave * far), 0)]
            mirrored = _pushed(source, round(wave * (1 + waves * far)))
            share = depth + (1 - depth) * 0.75 * far
            for channel, part in enumerate(tint):
                table = bytes(round(value + share * (part - value)) for value in range(256))
                mirrored[channel::3] = mirrored[channel::3].translate(table)
            self._rows[y] = mirrored

    def png(self) -> bytes:
        """Give the file."""
        above, lines = bytes(3 * self.width), []
        for row in self._rows:
            lines.append(bytes((_UP, *((here - up) & 255 for here, up in zip(row, above, strict=True)))))
            above = bytes(row)
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        packed = zlib.compress(b"".join(lines), 6)
        return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _END

    def _blend(self, x: int, y: int, colour: Colour, alpha: float) -> None:
        if alpha <= 0 or not (0 <= x < self.width and 0 <= y < self.height):
            return
        row, at = self._rows[y], 3 * x
        for channel, part in enumerate(colour, at):
            row[channel] += round(min(alpha, 1.0) * (part - row[channel]))


def is_whole_png(content: bytes) -> bool:
    """Tell whether nothing is missing of a file of ours."""
    return content.startswith(_SIGNATURE) and content.endswith(_END)


def hills(middle: float, *swells: tuple[float, float, float]) -> Callable[[float], float]:
    """Give a line of hills.

    :param middle: its mean height, in pixels from above.
    :param swells: how high, how long (both in pixels), and where each begins (0 to 1).
    """
    return lambda x: (
        middle - sum(high * math.sin(math.tau * (x / long + begins)) for high, long, begins in swells)
    )


def _pushed(row: bytearray, pixels: int) -> bytearray:
    """Push a row to the left, or by less than nothing to the right; what it ends with fills the gap."""
    count = 3 * abs(pixels)
    if pixels > 0:
        return row[count:] + row[-3:] * pixels
    return row[:3] * -pixels + row[: len(row) - count]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _between(stops: Stops, at: float) -> tuple[float, ...]:
    for (low, below), (high, above) in pairwise(stops):
        if at <= high:
            share = (at - low) / (high - low)
            return tuple(one + share * (other - one) for one, other in zip(below, above, strict=True))
    return tuple(map(float, stops[-1][1]))


def _cross(points: Sequence[Point], y: float, cover: dict[int, float]) -> None:
    """Add what lies inside of a polygon at a height: how much of each pixel."""
    crossings = sorted(_crossings(points, y))
    for left, right in zip(crossings[::2], crossings[1::2], strict=False):
        for x in range(int(left), int(right) + 1):
            part = min(right, x + 1) - max(left, x)
            cover[x] = cover.get(x, 0.0) + part / _FINE


def _crossings(points: Sequence[Point], y: float) -> Iterable[float]:
    for (x, here), (next_x, there) in zip(points, (*points[1:], points[0]), strict=True):
        if (here <= y) != (there <= y):
            yield x + (y - here) / (there - here) * (next_x - x)
