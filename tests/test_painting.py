"""What the paintbox paints is where it should be, and its files are whole."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from easyplayer.painting import Canvas, hills, is_whole_png

HEADER_BYTES = 33
WIDTH, HEIGHT = 64, 48
RED, WHITE = (255, 0, 0), (255, 255, 255)


def pixels(canvas: Canvas) -> NDArray[np.int64]:
    """Read the file of a canvas (ISO 15948): each row says how it differs from the one above."""
    content = canvas.png()
    width, height = struct.unpack(">II", content[16:24])
    (size,) = struct.unpack(">I", content[HEADER_BYTES : HEADER_BYTES + 4])
    packed = content[HEADER_BYTES + 8 : HEADER_BYTES + 8 + size]
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + 3 * width)
    assert (rows[:, 0] == 2).all()
    whole = np.cumsum(rows[:, 1:].astype(np.int64), axis=0) % 256
    return whole.reshape(height, width, 3)


@pytest.fixture
def canvas() -> Canvas:
    """Give a small black canvas."""
    return Canvas(WIDTH, HEIGHT)


def test_empty_canvas_has_its_colour() -> None:
    """Every pixel is what was asked for."""
    assert (pixels(Canvas(WIDTH, HEIGHT, RED)) == RED).all()


def test_sky_goes_from_colour_to_colour(canvas: Canvas) -> None:
    """It begins with the first one, ends with the last one, and never steps back."""
    canvas.sky(((0.0, (0, 0, 100)), (1.0, (200, 100, 255))))
    seen = pixels(canvas)
    assert np.abs(seen[0] - (0, 0, 100)).max() <= 1
    assert np.abs(seen[-1] - (200, 100, 255)).max() <= 1
    assert (np.diff(seen[:, :, 0].mean(axis=1)) > 0).all()


def test_hills_lie_below_their_line(canvas: Canvas) -> None:
    """Above it nothing is painted, below it everything."""
    line = hills(24.0, (6.0, 40.0, 0.2))
    canvas.ridge(line, WHITE)
    seen = pixels(canvas)[:, :, 0]
    for x in range(WIDTH):
        assert not seen[: int(line(x)), x].any()
        assert (seen[int(line(x)) + 1 :, x] == 255).all()


@pytest.mark.parametrize(("x", "y", "radius"), [(30.0, 20.0, 9.0), (31.5, 22.3, 4.5)])
def test_disc_is_as_large_as_it_should_be(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """Its edge is soft, but no light is lost or won."""
    canvas.disc(x, y, radius, WHITE)
    area = pixels(canvas)[:, :, 0].sum() / 255
    assert area == pytest.approx(np.pi * radius**2, rel=0.05)


def test_polygon_covers_its_area(canvas: Canvas) -> None:
    """Also where its edges lie within pixels."""
    canvas.polygon([(10.25, 8.0), (50.5, 8.0), (30.0, 40.5)], WHITE)
    area = pixels(canvas)[:, :, 0].sum() / 255
    assert area == pytest.approx(40.25 * 32.5 / 2, rel=0.02)


def test_what_lies_outside_is_left_out(canvas: Canvas) -> None:
    """Nothing fails at the edges, and nothing comes in on the other side."""
    canvas.disc(-2, 10, 6, WHITE)
    canvas.glow(WIDTH, HEIGHT, 12, WHITE)
    canvas.polygon([(-20, -20), (5, -20), (5, 5), (-20, 5)], WHITE)
    seen = pixels(canvas)
    assert seen[:3, :3].min() == 255
    assert not seen[20:30, 20:50].any()
    assert not seen[:20, 20:].any()


def test_glow_is_strongest_in_its_middle(canvas: Canvas) -> None:
    """It fades away to its radius."""
    canvas.glow(32, 24, 20, WHITE)
    row = pixels(canvas)[24, 32:, 0]
    assert row[0] == 255
    assert (np.diff(row) <= 0).all()
    assert not row[20:].any()


def test_water_mirrors_what_is_above_it(canvas: Canvas) -> None:
    """Darker at the shore than what it mirrors, and of its own colour farther down."""
    canvas.sky(((0.0, RED), (1.0, RED)), 0, 24)
    canvas.water(24, (0, 0, 255), depth=0.5, waves=0)
    seen = pixels(canvas)
    assert seen[24, :, 0] == pytest.approx(128, abs=3)
    assert seen[24, :, 2] == pytest.approx(128, abs=3)
    assert (seen[-1, :, 2] > 200).all()


def test_file_is_whole_or_known_not_to_be(canvas: Canvas) -> None:
    """What a pulled plug left behind is noticed."""
    content = canvas.png()
    assert is_whole_png(content)
    assert not any(is_whole_png(content[:end]) for end in range(len(content)))


def test_same_calls_give_the_same_bytes() -> None:
    """Two boxes have the same pictures."""
    one, other = (Canvas(WIDTH, HEIGHT), Canvas(WIDTH, HEIGHT))
    for canvas in (one, other):
        canvas.sky(((0.0, RED), (1.0, WHITE)))
        canvas.line([(0, 0), (60, 40)], 3, (0, 0, 0))
    assert one.png() == other.png()
