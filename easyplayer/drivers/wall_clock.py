"""The contract of a wall clock: what time it is, and whether somebody keeps it right.

Beside it, what ties it to the monotonic clock: both read at once, and the name of the run of the machine.
"""

import ctypes
import time
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from easyplayer.units import Instant, Monotonic, Seconds

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STA_UNSYNC = 0x40
TIME_ERROR = 5
"""What the kernel calls a clock that nobody keeps right, from ``timex.h``."""

READINGS = 5
TIGHT_S = 0.001
"""Two clocks that are read within this are read at once."""


class WallClock(Protocol):
    """A wall clock.  No method blocks or raises."""

    def now(self) -> Instant:
        """Tell what time it shows."""

    def synchronised(self) -> bool:
        """Tell whether it is kept right from outside; once somebody has set it, it is not."""

    def correct(self, by_s: Seconds | float) -> None:
        """Show a time that is so much later than the one shown now; until the process ends, or further."""


class SystemClock:
    """The contract :class:`WallClock`, kept by the machine's own.

    :param offset_s: how far to be ahead of it, to rehearse another time; such a clock nobody keeps right.
    """

    def __init__(self, offset_s: Seconds | float = 0.0) -> None:
        self._offset_s = offset_s
        self._correction_s = 0.0

    def now(self) -> Instant:
        """Read the machine's wall clock, as far as it was corrected."""
        return Instant(time.time() + self._offset_s + self._correction_s)

    def correct(self, by_s: Seconds | float) -> None:
        """Keep in mind how wrong the machine's clock is, which stays as it is: it belongs to all programs."""
        self._correction_s += by_s

    def synchronised(self) -> bool:
        """Ask the kernel; where it cannot be asked, say no."""
        return self._offset_s == 0.0 and _kernel_is_synchronised()


class Reading(Struct, frozen=True):
    """What both clocks showed at once."""

    at: Monotonic
    wall: Instant


def read_both(monotonic: Callable[[], Monotonic], wall: WallClock) -> Reading:
    """Read both clocks at once: where the process was held up between them, once more."""
    width_s, reading = _read(monotonic, wall)
    for _ in range(READINGS - 1):
        if width_s < TIGHT_S:
            break
        width_s, reading = min((width_s, reading), _read(monotonic, wall), key=lambda read: read[0])
    return reading


def boot_id(file: Path = BOOT_ID) -> str:
    """Name the run of the machine that the monotonic clock counts; where it has no name, this process."""
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def _read(monotonic: Callable[[], Monotonic], wall: WallClock) -> tuple[float, Reading]:
    before, shown, after = monotonic(), wall.now(), monotonic()
    return after - before, Reading(Monotonic((before + after) / 2), shown)


class _Timex(ctypes.Structure):
    """The head of the kernel's ``struct timex``, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def _kernel_is_synchronised() -> bool:
    asked = _Timex(modes=0)
    try:
        state = _library().adjtimex(ctypes.byref(asked))
    except AttributeError:  # no Linux
        return False
    return 0 <= state < TIME_ERROR and not asked.status & STA_UNSYNC


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
