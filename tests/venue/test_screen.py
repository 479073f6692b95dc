"""Pictures of a screen, as they are read, judged and kept."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.faculties.screen import Picture, PictureError, read_ppm


def a_ppm(pixels: bytes, columns: int, rows: int) -> bytes:
    """Write a picture as QEMU does."""
    return f"P6\n{columns} {rows}\n255\n".encode() + pixels


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
def test_a_picture_is_read_as_it_is_and_kept_as_it_is(columns: int, rows: int, seed: int) -> None:
    """Also where its first bytes look like white space."""
    pixels = np.random.default_rng(seed).integers(0, 33, columns * rows * 3).astype(np.uint8)
    picture = read_ppm(a_ppm(pixels.tobytes(), columns, rows))
    assert picture.size == (columns, rows)
    assert picture.pixels.tobytes() == pixels.tobytes()
    png = picture.png()
    assert struct.unpack("!II", png[16:24]) == (columns, rows)
    begin = png.index(b"IDAT") + 4
    lines = zlib.decompress(png[begin : png.index(b"IEND") - 8])
    assert (
        b"".join(lines[n * (columns * 3 + 1) + 1 :][: columns * 3] for n in range(rows)) == pixels.tobytes()
    )


def test_a_screen_without_anything_on_it_is_black_and_a_line_of_text_is_not() -> None:
    """A cursor alone is not much."""
    dark = np.zeros((480, 640, 3), np.uint8)
    lit = dark.copy()
    lit[100:112, 20:200:2] = 170
    assert Picture(dark).is_black
    assert not Picture(lit).is_black
    assert Picture(dark).change(Picture(lit)) == pytest.approx(Picture(lit).lit)
    assert Picture(dark).change(Picture(lit[:100])) == 1.0


@pytest.mark.parametrize("data", [b"", b"P5\n1 1\n255\n0", b"P6\n2 2\n255\n123"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """With what is there instead."""
    with pytest.raises(PictureError):
        read_ppm(data)
