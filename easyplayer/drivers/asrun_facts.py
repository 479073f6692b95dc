"""What the as-run log is told, and how a row of it is read back.

A fact that is there already changes nothing, so that whatever the disk has refused may be told again.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from easyplayer.protocol.asrun import LogId, Receipt
from easyplayer.units import Decibels, Instant, Monotonic, Seconds

BETWEEN = ","
"""What stands between the names of several screens."""


class RowBegun(Struct, frozen=True, kw_only=True):
    """Something began to sound, or to be shown.

    :ivar started: when; no two rows begin at the same instant.
    :ivar item: its snapshot, as JSON.
    :ivar layer: where it comes from, and so are the two fields below; empty where that is nothing.
    :ivar zone: where in the venue it sounds, as the hub names it.
    :ivar shown_s: 0 for a picture; ``None`` for what only sounds.
    """

    started: Monotonic
    item: str
    layer: str = ""
    source: str = ""
    playlist: str = ""
    blind: bool = False
    zone: str = ""
    shown_s: Seconds | None = None


class RowTold(Struct, frozen=True, kw_only=True):
    """What is known of a row by now.

    :ivar over: until when it is known to have sounded.
    :ivar heard_s: how much of it was heard.
    :ivar ended: why it sounds no more; ``None`` while it does.  From then on the row stays as it is.
    :ivar level_db: the mean level of the output meanwhile; ``None`` where nobody has listened.
    :ivar item: its snapshot, where more is known of it than at its start; empty where not.
    :ivar shown_s: of a picture, for how long it was on a screen.
    :ivar outputs: of a picture, the names of the screens that were up, with commas between.
    """

    started: Monotonic
    over: Monotonic
    heard_s: Seconds
    ended: str | None = None
    level_db: Decibels | None = None
    item: str = ""
    shown_s: Seconds | None = None
    outputs: str = ""


class RowsLeft(Struct, frozen=True, kw_only=True):
    """Rows that began before this run of the box are over; the power went under those that are open.

    :ivar before: when this run began.
    :ivar ended: why they sound no more.
    """

    before: Monotonic
    ended: str


class ClockRead(Struct, frozen=True, kw_only=True):
    """What both clocks showed at once, and how far the wall clock was trusted."""

    at: Monotonic
    wall: Instant
    trust: str


class EntryPoisoned(Struct, frozen=True, kw_only=True):
    """An entry cannot be delivered, and is to stand in the way of no other.

    :ivar log: the log it belongs to; empty is the one that is written.
    """

    number: int
    reason: str
    log: LogId | str = ""


class LogLeft(Struct, frozen=True, kw_only=True):
    """The log is left as it is, and another one begun, with all that nobody has received yet.

    :ivar reason: why, in words.
    """

    reason: str


class OldForgotten(Struct, frozen=True, kw_only=True):
    """What the hub has, and what is older than this, need not be kept any longer.

    :ivar most: how many entries are kept of what the hub has and what is not so old; 0 is all.
    """

    before: Instant
    most: int = 0


Fact = RowBegun | RowTold | RowsLeft | ClockRead | Receipt | EntryPoisoned | LogLeft | OldForgotten


class StoredRow(Struct, frozen=True, kw_only=True):
    """One row as it lies there; see :class:`RowBegun` and :class:`RowTold`."""

    sequence: int
    boot: str
    started: Monotonic
    over: Monotonic
    heard_s: Seconds
    ended: str | None
    layer: str
    source: str
    playlist: str
    blind: bool
    item: str
    zone: str = ""
    level_db: Decibels | None = None
    shown_s: Seconds | None = None
    outputs: str = ""

    @property
    def screens(self) -> tuple[str, ...]:
        """The names of the screens that were up."""
        return tuple(self.outputs.split(BETWEEN)) if self.outputs else ()


def stored_row(values: Sequence[Any]) -> StoredRow:
    """Make a row of its columns; one that an older software has written lacks the last ones."""
    fields = dict(zip(StoredRow.__struct_fields__, values, strict=False))
    return StoredRow(**{**fields, "blind": bool(fields["blind"])})
