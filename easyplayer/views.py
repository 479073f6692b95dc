"""The pictures that the firmware makes itself: four views of a harbour, and a film of paper boats.

They go with the pieces of :mod:`easyplayer.demo`, and have the names of some of them.
"""

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from easyplayer.painting import WHITE, Canvas, Colour, Point, hills
from easyplayer.units import Seconds

WIDTH, HEIGHT = 1280, 720
BOAT_WIDTH, BOAT_HEIGHT = 200, 130
SHORE = 430
"""Where the water begins."""

_NIGHT, _WINDOW, _LANTERN, _PAPER = (13, 17, 38), (255, 214, 140), (255, 176, 84), (250, 247, 240)
_LIT = 0.3
"""How many of the town's windows are lit at midnight."""


class View(NamedTuple):
    """A still.

    :ivar name: names its file and its item.
    :ivar title: what people call it.
    :ivar paint: paints it.
    """

    name: str
    title: str
    paint: Callable[[], Canvas]


class Boat(NamedTuple):
    """A paper boat that crosses the picture.

    :ivar begins_s: when it comes, within the film.
    :ivar y: where it swims, in pixels from above.
    :ivar size: how large it is, compared with the one that is painted.
    """

    begins_s: Seconds
    y: int
    size: float


class Film(NamedTuple):
    """A clip that can be shown again and again: paper boats on their way over the water.

    :ivar name: names its file and its item.
    :ivar title: what people call it.
    :ivar length_s: how long it is; each boat needs it all to cross the picture.
    :ivar rate: frames in a second.
    :ivar paint: paints the water.
    :ivar boats: those on it, the farthest first.
    """

    name: str
    title: str
    length_s: Seconds
    rate: int
    paint: Callable[[], Canvas]
    boats: tuple[Boat, ...]


def _dawn() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    sky = ((0.0, (66, 92, 140)), (0.45, (178, 150, 172)), (0.78, (246, 184, 150)), (1.0, (255, 218, 168)))
    canvas.sky(sky, 0, SHORE)
    canvas.glow(860, SHORE - 110, 320, (255, 232, 190), 0.85)
    canvas.disc(860, SHORE - 110, 46, (255, 244, 214))
    canvas.ridge(hills(SHORE - 74, (26, 900, 0.1), (12, 310, 0.4)), (196, 150, 158), SHORE)
    canvas.ridge(hills(SHORE - 30, (22, 700, 0.62), (8, 210, 0.2)), (148, 116, 140), SHORE)
    canvas.water(SHORE, (70, 92, 134), 0.25)
    _sailing_boat(canvas, 380, 540, 1.0, (48, 50, 78))
    _sailing_boat(canvas, 620, 470, 0.45, (98, 88, 116))
    return canvas


def _kites() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.sky(((0.0, (96, 164, 210)), (0.6, (176, 212, 226)), (1.0, (246, 238, 214))), 0, 560)
    for x, y, radius in ((240, 190, 120), (340, 210, 90), (980, 130, 110), (1090, 150, 130)):
        canvas.glow(x, y, radius, WHITE, 0.6)
    canvas.ridge(hills(500, (36, 1100, 0.3), (10, 420, 0.1)), (150, 186, 160))
    canvas.ridge(hills(570, (40, 900, 0.75), (12, 380, 0.5)), (112, 158, 126))
    canvas.ridge(hills(650, (30, 1200, 0.1), (8, 300, 0.3)), (74, 122, 96))
    _kite(canvas, 420, 230, 1.25, ((224, 96, 82), (244, 190, 108)))
    _kite(canvas, 760, 140, 0.9, ((74, 110, 170), (240, 232, 214)))
    _kite(canvas, 950, 320, 0.6, ((238, 178, 78), (226, 110, 90)))
    return canvas


def _lanterns() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.sky(((0.0, (28, 26, 66)), (0.55, (92, 58, 104)), (1.0, (206, 118, 104))), 0, SHORE)
    canvas.ridge(hills(SHORE - 60, (30, 1000, 0.2), (10, 260, 0.7)), (66, 44, 82), SHORE)
    canvas.ridge(hills(SHORE - 18, (16, 640, 0.5), (5, 190, 0.1)), (40, 30, 62), SHORE)
    for x, y, size in ((250, 120, 0.5), (520, 210, 0.7), (830, 90, 0.55), (1040, 240, 0.8), (690, 300, 0.4)):
        _lantern(canvas, x, y, size)
    canvas.water(SHORE, (30, 26, 62), 0.35)
    for x, y, size in ((170, 500, 0.6), (430, 590, 1.0), (740, 520, 0.7), (930, 640, 1.3), (1140, 500, 0.55)):
        _lantern(canvas, x, y, size)
    return canvas


def _midnight() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.sky(((0.0, (8, 12, 34)), (0.7, (24, 36, 78)), (1.0, (44, 58, 104))), 0, SHORE)
    chance = random.Random(8)  # noqa: S311 - stars keep no secrets
    for _ in range(150):
        x, y = chance.uniform(0, WIDTH), chance.uniform(0, SHORE - 120)
        canvas.disc(x, y, chance.choice((0.3, 0.5, 0.9)), (232, 236, 255), chance.uniform(0.3, 0.9))
    canvas.glow(300, 150, 230, (196, 208, 240), 0.5)
    canvas.disc(300, 150, 42, (240, 240, 224))
    canvas.ridge(hills(SHORE - 50, (24, 1100, 0.4), (9, 300, 0.2)), (22, 30, 62), SHORE)
    _town(canvas, chance)
    canvas.water(SHORE, (10, 14, 38), 0.3)
    _sailing_boat(canvas, 930, 580, 0.9, (8, 10, 26))
    return canvas


def _still_water() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.sky(((0.0, (150, 196, 214)), (0.6, (206, 226, 222)), (1.0, (250, 236, 210))), 0, 300)
    canvas.ridge(hills(250, (24, 1000, 0.15), (9, 330, 0.6)), (158, 190, 186), 300)
    canvas.ridge(hills(284, (14, 760, 0.7), (5, 240, 0.2)), (118, 164, 164), 300)
    canvas.water(300, (84, 142, 160), 0.35, 6.0)
    return canvas


def paper_boat(*, shape: bool = False) -> Canvas:
    """Paint a boat of folded paper on nothing.

    :param shape: paint where it is, in white on black, in place of how it looks.
    """
    canvas = Canvas(BOAT_WIDTH, BOAT_HEIGHT, (0, 0, 0) if shape else _PAPER)
    faces: tuple[tuple[Colour, list[Point]], ...] = (
        ((214, 216, 220), [(100, 8), (150, 80), (50, 80)]),
        ((240, 236, 226), [(100, 8), (104, 80), (50, 80)]),
        ((250, 247, 240), [(4, 50), (96, 74), (60, 122), (36, 122)]),
        ((226, 224, 222), [(196, 50), (96, 74), (60, 122), (164, 122)]),
        ((236, 232, 226), [(4, 50), (100, 76), (196, 50), (164, 122), (36, 122)]),
        ((206, 206, 210), [(196, 50), (100, 76), (118, 122), (164, 122)]),
    )
    for colour, points in faces:
        canvas.polygon(points, WHITE if shape else colour)
    return canvas


def _sailing_boat(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    def at(*points: Point) -> list[Point]:
        return [(x + size * across, y + size * down) for across, down in points]

    canvas.polygon(at((-70, 0), (70, 0), (48, 26), (-50, 26)), colour)
    canvas.polygon(at((-4, -150), (-4, -8), (-58, -8)), colour, 0.85)
    canvas.polygon(at((4, -130), (4, -8), (50, -8)), colour, 0.7)
    canvas.line(at((0, -160), (0, 0)), 3 * size, colour)
    for row in range(1, 7):
        reach = (62 - 7 * row) * size
        depth = y + size * (28 + 10 * row)
        canvas.line([(x - reach, depth), (x + reach, depth)], 3 * size, colour, 0.5 - 0.07 * row)


def _kite(canvas: Canvas, x: float, y: float, size: float, colours: tuple[Colour, Colour]) -> None:
    def at(*points: Point) -> list[Point]:
        return [(x + size * across, y + size * down) for across, down in points]

    tail = [(12 * math.sin(step / 3) + step * 1.6, 92 + step * 5.0) for step in range(30)]
    canvas.line(at((0, 90), *tail), 2.5 * size, colours[0], 0.8)
    for step in range(5, 30, 8):
        knot_x, knot_y = tail[step]
        canvas.polygon(at((knot_x, knot_y), (knot_x - 14, knot_y - 7), (knot_x - 14, knot_y + 7)), colours[1])
        canvas.polygon(at((knot_x, knot_y), (knot_x + 14, knot_y - 7), (knot_x + 14, knot_y + 7)), colours[1])
    top, right, bottom, left, middle = (0.0, -70.0), (56.0, 0.0), (0.0, 96.0), (-56.0, 0.0), (0.0, 0.0)
    canvas.polygon(at(top, right, middle), colours[0])
    canvas.polygon(at(right, bottom, middle), colours[1])
    canvas.polygon(at(bottom, left, middle), colours[0])
    canvas.polygon(at(left, top, middle), colours[1])


def _lantern(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.glow(x, y, 120 * size, _LANTERN, 0.75)
    wide, high = 26 * size, 36 * size
    shape = [
        (x - wide, y - high),
        (x + wide, y - high),
        (x + 0.8 * wide, y + high),
        (x - 0.8 * wide, y + high),
    ]
    canvas.polygon(shape, (255, 196, 112))
    canvas.glow(x, y + 0.4 * high, 1.3 * wide, (255, 240, 200), 0.9)


def _town(canvas: Canvas, chance: random.Random) -> None:
    """Build houses along the shore, with a light in some of their windows."""
    x = 0.0
    while x < WIDTH:
        wide, high = chance.uniform(44, 92), chance.uniform(38, 112)
        top = SHORE - high
        corners = [(x, top), (x + wide / 2, top - chance.choice((0, 18, 26))), (x + wide, top)]
        canvas.polygon([*corners, (x + wide, SHORE), (x, SHORE)], _NIGHT)
        for row in range(int(high // 22)):
            for column in range(int(wide // 18)):
                if chance.random() < _LIT:
                    left, upper = x + 7 + 18 * column, top + 8 + 22 * row
                    pane = [(left, upper), (left + 8, upper), (left + 8, upper + 11), (left, upper + 11)]
                    canvas.polygon(pane, _WINDOW, chance.uniform(0.5, 1.0))
        x += wide + chance.choice((0, 0, 3, 16))


DAWN = View("harbour-at-dawn", "Harbour at Dawn", _dawn)
KITES = View("paper-kites", "Paper Kites", _kites)
LANTERNS = View("lanterns-on-the-water", "Lanterns on the Water", _lanterns)
MIDNIGHT = View("harbour-at-midnight", "Harbour at Midnight", _midnight)

BOATS = Film(
    name="paper-boats",
    title="Paper Boats",
    length_s=Seconds(24.0),
    rate=25,
    paint=_still_water,
    boats=(
        Boat(Seconds(15.0), 330, 0.4),
        Boat(Seconds(4.0), 380, 0.6),
        Boat(Seconds(11.0), 470, 0.9),
    ),
)

VIEWS = (DAWN, KITES, LANTERNS, MIDNIGHT)
"""The stills, in the order in which they are made."""
