"""What became of an item: why it ended, and a row of what a simulated venue hears or sees.

The rows of what a real one heard stand in :mod:`easyplayer.protocol.asrun`.
"""

from enum import StrEnum

from msgspec import Struct

from easyplayer.playout.items import Item, Origin
from easyplayer.units import Instant


class Ended(StrEnum):
    """Why an item sounds no more."""

    PLAYED = "played"
    """It was over."""

    SKIPPED = "skipped"
    """A person wanted the next one."""

    CUT = "cut"
    """Something that was due on the second took its place."""

    FAILED = "failed"
    """It could not go on."""

    STOPPED = "stopped"
    """The box may not play any more, or was ended."""


class AsRun(Struct, frozen=True, kw_only=True):
    """One row of what is heard, or seen, in a simulated venue.

    :ivar started: when it began to sound.
    :ivar over: when it was heard no more.
    :ivar origin: which layer of the timeline it came from, and what there.
    """

    started: Instant
    over: Instant
    item: Item
    origin: Origin
    ended: Ended = Ended.PLAYED
