"""The as-run log as it is read: by any thread, and by any process beside the box.

The log is written on the monotonic clock, at the instant at which things happen.  The time of day is
worked out when a row is read, from the best that was ever known of the clock in that run of the machine:
rows from before the clock was right are right as soon as it is.

A row of which nothing was heard or seen (an output that was gone before the first sound) keeps its place and
its number, so that a number that is missing means a row that is missing.  It is not read out.
"""

import logging
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from easyplayer.drivers.asrun_facts import ClockRead, StoredRow
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.playout.asrun import Ended
from easyplayer.playout.clock import Anchor, ClockTrust, Era, anchor_of, era_at, eras
from easyplayer.playout.items import Item, Layer, Origin
from easyplayer.units import Decibels, Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

Eras = Mapping[str, tuple[Era, ...]]
"""What time it was, in each run of the machine."""


class LogRow(Struct, frozen=True, kw_only=True):
    """One row of the log, as far as it is known.

    :ivar sequence: counts the rows.
    :ivar boot: names the run of the machine.
    :ivar started: when it began to sound.
    :ivar over: until when it is known to have sounded.
    :ivar trust: how far the two times can be trusted.
    :ivar heard_s: how much of it was heard.
    :ivar origin: which layer of the timeline it came from; ``None`` is a person's own list.
    :ivar ended: why it sounds no more; ``None`` while it does.
    :ivar zone: where in the venue, as the hub named it then.
    :ivar level_db: the mean level of the output meanwhile; ``None`` where nobody has listened.
    :ivar shown_s: of a picture, for how long it was on a screen; ``None`` is no picture.
    :ivar outputs: the screens that were up meanwhile.
    """

    sequence: int
    boot: str
    started: Instant
    over: Instant
    trust: ClockTrust
    heard_s: Seconds
    item: Item
    origin: Origin | None
    ended: Ended | None
    zone: str = ""
    level_db: Decibels | None = None
    shown_s: Seconds | None = None
    outputs: tuple[str, ...] = ()


class AsRunLog:
    """The rows of a log.  Its methods read the disk.

    :raises StateError: if that cannot be read.
    """

    def __init__(self, store: AsRunStore) -> None:
        self._store = store

    def rows(self, start: Instant, end: Instant) -> list[LogRow]:
        """Give what began to sound, or to be shown, in a span of time, in the order in which it did."""
        known = self._eras()
        spans = (
            (
                boot,
                Monotonic(max(era.since, start - era.offset_s)),
                Monotonic(min(era.until, end - era.offset_s)),
            )
            for boot, partition in known.items()
            for era in partition
        )
        return _readable(self._store.rows(*spans), known)

    def tail(self, count: int) -> list[LogRow]:
        """Give the last rows, oldest first."""
        return _readable(self._store.tail(count), self._eras())

    def _eras(self) -> Eras:
        return {boot: eras(map(_anchor, read)) for boot, read in self._store.readings().items()}


def _anchor(read: ClockRead) -> Anchor:
    return anchor_of(read.at, read.wall, read.trust)


def _readable(rows: Iterable[StoredRow], known: Eras) -> list[LogRow]:
    """Turn rows into what a person can read; one that a newer software has written is passed over."""
    found = []
    for row in rows:
        try:
            found.append(_log_row(row, era_at(known.get(row.boot) or eras(()), row.started)))
        except ValueError as error:
            log.warning("row %d of the as-run log is passed over: %s", row.sequence, error)
    return found


def _log_row(row: StoredRow, era: Era) -> LogRow:
    started = era.instant(row.started)
    return LogRow(
        sequence=row.sequence,
        boot=row.boot,
        started=started,
        over=Instant(started + row.over - row.started),
        trust=era.trust,
        heard_s=row.heard_s,
        item=msgspec.json.decode(row.item, type=Item),
        origin=_origin(row) if row.layer else None,
        ended=None if row.ended is None else Ended(row.ended),
        zone=row.zone,
        level_db=row.level_db,
        shown_s=row.shown_s,
        outputs=row.screens,
    )


def _origin(row: StoredRow) -> Origin:
    return Origin(layer=Layer(row.layer), source=row.source, playlist=row.playlist, blind=row.blind)
