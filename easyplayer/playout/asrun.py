"""What was really played: one row for each item that sounded."""

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
    """One row of the as-run log.

    :ivar started: when it began to sound.
    :ivar over: when it was heard no more.
    :ivar origin: which layer of the timeline it came from, and what there.
    """

    started: Instant
    over: Instant
    item: Item
    origin: Origin
    ended: Ended = Ended.PLAYED
