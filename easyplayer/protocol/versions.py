"""The version handshake: each side says which versions of the protocol it speaks, and both agree on one.

>>> agreed(Versions(current=3, lowest=1), Versions(current=2, lowest=2))
2
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

CURRENT = 1
"""The version that this software speaks best."""
LOWEST = 1
"""The oldest that it still speaks."""


class Versions(Struct, frozen=True, kw_only=True):
    """Which versions one side speaks: all from the lowest to the current one."""

    current: Annotated[int, Meta(ge=1)] = CURRENT
    lowest: Annotated[int, Meta(ge=1)] = LOWEST


class Fit(StrEnum):
    """Whether a box and a hub can talk to each other."""

    FITS = "fits"
    BOX_TOO_OLD = "box-too-old"
    """The box must be updated."""
    HUB_TOO_OLD = "hub-too-old"
    """The hub must be updated."""


def fit(box: Versions, hub: Versions) -> Fit:
    """Tell whether a box and a hub share a version, and if not, which of them is too old."""
    if box.current < hub.lowest:
        return Fit.BOX_TOO_OLD
    if hub.current < box.lowest:
        return Fit.HUB_TOO_OLD
    return Fit.FITS


def agreed(box: Versions, hub: Versions) -> int:
    """Give the version that both speak; 0 where there is none."""
    return min(box.current, hub.current) if fit(box, hub) is Fit.FITS else 0
