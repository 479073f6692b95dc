"""The screen of a venue, as a picture."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.venue.machine import Machine

LIT = 24
"""A pixel with a channel above this is lit (of 255)."""

BLACK_BELOW = 0.0005
"""A screen with a smaller share of lit pixels is black."""

PNG = b"\x89PNG\r\n\x1a\n"
EIGHT_BITS_RGB = (8, 2, 0, 0, 0)


class PictureError(ValueError):
    """A file that is no picture of the expected kind."""


@dataclass(frozen=True)
class Picture:
    """What a screen shows.

    :ivar pixels: rows by columns by three colours, 0 to 255.
    """

    pixels: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        rows, columns, _ = self.pixels.shape
        return columns, rows

    @property
    def lit(self) -> float:
        """The share of pixels that are not dark, 0 to 1."""
        return float((self.pixels.max(axis=2) > LIT).mean())

    @property
    def is_black(self) -> bool:
        """Whether nothing is to be seen."""
        return self.lit < BLACK_BELOW

    def change(self, other: "Picture") -> float:
        """Give the share of pixels that differ from another picture; 1 where the sizes differ."""
        if self.size != other.size:
            return 1.0
        return float((self.pixels != other.pixels).any(axis=2).mean())

    def png(self) -> bytes:
        """Give it as a PNG file (ISO/IEC 15948)."""
        columns, rows = self.size
        lines = np.concatenate([np.zeros((rows, 1), np.uint8), self.pixels.reshape(rows, -1)], axis=1)
        parts = (
            (b"IHDR", struct.pack("!II5B", columns, rows, *EIGHT_BITS_RGB)),
            (b"IDAT", zlib.compress(lines.tobytes(), 9)),
            (b"IEND", b""),
        )
        return PNG + b"".join(_chunk(*part) for part in parts)


class Screen:
    """The screen of a machine (which has ``screen=True``).

    :param folder: where pictures are written to by QEMU.
    """

    def __init__(self, machine: Machine, folder: Path) -> None:
        self._machine = machine
        self._file = folder / "screen.ppm"

    def look(self) -> Picture:
        """Take a picture of what it shows now."""
        self._machine.command("screendump", filename=str(self._file))
        return read_ppm(self._file.read_bytes())


def read_ppm(data: bytes) -> Picture:
    """Read a picture in the format (P6) that QEMU writes.

    :raises PictureError: it is none, or not whole.
    """
    head = data.split(maxsplit=3)
    if len(head) < 4 or head[0] != b"P6":
        raise PictureError(f"no picture (P6): it begins with {data[:16]!r}")
    columns, rows = int(head[1]), int(head[2])
    end = len(data) - len(head[3]) + len(b"255\n")
    pixels = np.frombuffer(data[end:], np.uint8)
    if len(pixels) != columns * rows * 3:
        raise PictureError(
            f"{columns} by {rows} pixels are {columns * rows * 3} bytes, and not {len(pixels)}"
        )
    return Picture(pixels.reshape(rows, columns, 3))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
