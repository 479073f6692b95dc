"""A fade: how a gain goes from one value to another, and what it is at each instant."""

import math
from enum import StrEnum

from msgspec import Struct

from easyplayer.units import Linear, Seconds


class Curve(StrEnum):
    """The course of a gain between silence and full.

    The values are the names that ffmpeg's ``afade`` filter gives the same curves.
    """

    EQUAL_POWER = "qsin"
    """A quarter sine: two unrelated signals keep their summed power while they cross."""

    LINEAR = "tri"
    """A straight line: two signals that are alike keep their summed amplitude."""


class Fade(Struct, frozen=True):
    """A fade in or out over part of a medium.

    :ivar start_s: where it begins, as a position in the medium.
    :ivar length_s: how long it takes; 0 is a cut.
    """

    start_s: Seconds
    length_s: Seconds
    curve: Curve = Curve.EQUAL_POWER

    @property
    def end_s(self) -> Seconds:
        """Where it is complete, as a position in the medium."""
        return Seconds(self.start_s + self.length_s)

    def rising(self, position_s: Seconds) -> Linear:
        """Tell the gain at a position when this is a fade in."""
        if position_s < self.start_s:
            return Linear(0.0)
        if position_s >= self.end_s:
            return Linear(1.0)
        return shape(self.curve, (position_s - self.start_s) / self.length_s)

    def falling(self, position_s: Seconds) -> Linear:
        """Tell the gain at a position when this is a fade out."""
        if position_s < self.start_s:
            return Linear(1.0)
        if position_s >= self.end_s:
            return Linear(0.0)
        return shape(self.curve, 1 - (position_s - self.start_s) / self.length_s)


def shape(curve: Curve, progress: float) -> Linear:
    """Tell the gain of a rising curve at a progress of 0 to 1.

    >>> round(shape(Curve.EQUAL_POWER, 0.5), 3)
    0.707
    """
    progress = min(max(progress, 0.0), 1.0)
    return Linear(math.sin(math.pi / 2 * progress) if curve is Curve.EQUAL_POWER else progress)
