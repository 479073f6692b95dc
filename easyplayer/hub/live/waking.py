"""Whom to wake once something new for boxes is in the database, and within how long.

The database decides what a box hears; a wake only lets it ask for that now, and not at its next heartbeat.
"""

from collections.abc import Iterable

from msgspec import Struct

from easyplayer.hub.services.attention import Raised
from easyplayer.units import Seconds

MOST_IN_A_WAVE = 300
"""How many boxes one message names: 6 kB of names."""
FEW = 20
"""So many are woken at once."""
SPREAD_S = 30.0
"""Within how long more of them ask, at the least."""
MOST_PER_S = 500.0
"""How many heartbeats in a second the hub is to get from those that were woken: a fifth of what one process
answers with half its time left, see :data:`~easyplayer.hub.pacing.MOST_PER_S`."""


class Wave(Struct, frozen=True):
    """Boxes that are to ask for what is new.

    :ivar within_s: each of them at random within so long.
    """

    boxes: tuple[str, ...]
    within_s: Seconds


def waves(raised: Iterable[Raised]) -> list[Wave]:
    """Tell whom to wake for what one transaction has raised, each box once.

    >>> waves([Raised(("b", "a")), Raised(("b",))])
    [Wave(boxes=('a', 'b'), within_s=0.0)]
    """
    boxes = sorted({box for one in raised for box in one.boxes})
    within_s = Seconds(0.0 if len(boxes) <= FEW else max(SPREAD_S, len(boxes) / MOST_PER_S))
    starts = range(0, len(boxes), MOST_IN_A_WAVE)
    return [Wave(tuple(boxes[start : start + MOST_IN_A_WAVE]), within_s) for start in starts]
