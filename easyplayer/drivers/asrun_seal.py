"""From what happened to what is told of it: the bodies of the as-run log's entries.

A body is made once, when nothing of it can change any more, and is kept as it is.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from easyplayer.drivers.asrun_facts import ClockRead, StoredRow
from easyplayer.protocol.asrun import MOST_OUTPUTS, Played, Snapshot
from easyplayer.protocol.asrun import ClockRead as ChainedRead
from easyplayer.units import Instant, Seconds

TRUSTED = "trusted"
UNKNOWN = "unknown"
LONGEST_TEXT = 500
"""How much of a title, or of any other text, goes into an entry."""
CLIP = "clip"
"""What an item is that can be seen and heard."""
UNREADABLE = "unreadable"
"""Stands for what was played where its snapshot cannot be read."""
SAME_S = Seconds(0.05)
"""Two readings of the clocks that differ by less say the same."""
MOST_READINGS = 1000
"""A clock that is set so often in one run of the machine is broken."""
SELDOM_S = Seconds(600.0)
"""From then on, no more than one reading in so long goes into the chain."""

WAITING_BOOTS = "SELECT boot FROM clock WHERE number IS NULL GROUP BY boot ORDER BY min(rowid)"
WAITING_READINGS = "SELECT at, wall, trust FROM clock WHERE boot = ? AND number IS NULL ORDER BY rowid"
CHAINED_READINGS = "SELECT count(*) FROM clock WHERE boot = ? AND number > 0"
LAST_CHAINED = "SELECT at, wall, trust FROM clock WHERE boot = ? AND number > 0 ORDER BY number DESC LIMIT 1"
BEST_READING = """
    SELECT at, wall, trust FROM clock WHERE boot = ?
    ORDER BY trust = 'trusted' DESC, trust = 'estimated' DESC, at DESC LIMIT 1
"""


class Sealed(Struct, frozen=True):
    """What an entry is made of.

    :ivar sequence: of the row; ``None`` is a reading of the clocks.
    :ivar wall: when it happened, where the clock was trusted.
    """

    body: str
    sequence: int | None
    wall: Instant | None


class _Media(Struct, frozen=True):
    sha256: str = ""


class _Snapshot(Snapshot, frozen=True):
    media: _Media | None = None


def sealed_row(database: sqlite3.Connection, row: StoredRow) -> Sealed:
    """Make an entry of a row that is over."""
    best = reading(database, BEST_READING, row.boot)
    if best is None:
        best = ClockRead(at=row.started, wall=Instant(row.started), trust=UNKNOWN)
    wall = Instant(best.wall + row.started - best.at)
    played = Played(
        sequence=row.sequence,
        boot=row.boot,
        started=row.started,
        over=row.over,
        wall=wall,
        trust=best.trust,
        heard_s=row.heard_s,
        level_db=row.level_db,
        zone=_clipped(row.zone),
        layer=_clipped(row.layer),
        source=_clipped(row.source),
        playlist=_clipped(row.playlist),
        blind=row.blind,
        ended=row.ended or "",
        item=snapshot(row.item),
        shown_s=row.shown_s,
        outputs=tuple(map(_clipped, row.screens[:MOST_OUTPUTS])),
    )
    return Sealed(_text(played), row.sequence, wall if best.trust == TRUSTED else None)


def sealed_reading(boot: str, read: ClockRead) -> Sealed:
    """Make an entry of a reading of the clocks."""
    body = _text(ChainedRead(boot=boot, at=read.at, wall=read.wall, trust=read.trust))
    return Sealed(body, None, read.wall if read.trust == TRUSTED else None)


def snapshot(item: str) -> Snapshot:
    """Take out of an item's JSON what a report needs; texts that are too long are cut off."""
    try:
        found = msgspec.json.decode(item, type=_Snapshot)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Snapshot(id=UNREADABLE)
    fields = {name: getattr(found, name) for name in Snapshot.__struct_fields__}
    digest = found.media.sha256 if found.media else found.sha256
    if found.kind != CLIP:
        del fields["clip_sound"]
    clipped = {name: _clipped(text) for name, text in fields.items() if isinstance(text, str)}
    return Snapshot(**{**fields, **clipped, "sha256": _clipped(digest)})


def readings_due(database: sqlite3.Connection) -> Iterator[tuple[str, ClockRead, bool]]:
    """Go through the readings that nobody has looked at yet.

    :returns: the run of the machine, the reading, and whether it goes into the chain.  One that says nothing
        new does not; one that has to wait its time is left out.
    """
    for (boot,) in database.execute(WAITING_BOOTS).fetchall():
        waiting = [_reading(values) for values in database.execute(WAITING_READINGS, (boot,)).fetchall()]
        (count,) = database.execute(CHAINED_READINGS, (boot,)).fetchone()
        last = reading(database, LAST_CHAINED, boot)
        for read, is_newest in zip(waiting, [*[False] * (len(waiting) - 1), True], strict=True):
            if last is not None and _says_the_same(last, read):
                yield boot, read, False
            elif last is None or count < MOST_READINGS or (is_newest and read.at - last.at >= SELDOM_S):
                yield boot, read, True
                last, count = read, count + 1
            elif not is_newest:
                yield boot, read, False


def reading(database: sqlite3.Connection, question: str, boot: str) -> ClockRead | None:
    """Ask for one reading of a run of the machine."""
    values = database.execute(question, (boot,)).fetchone()
    return None if values is None else _reading(values)


def _reading(values: tuple[Any, ...]) -> ClockRead:
    return ClockRead(at=values[0], wall=values[1], trust=values[2])


def _says_the_same(one: ClockRead, other: ClockRead) -> bool:
    astray_s = abs((one.wall - one.at) - (other.wall - other.at))
    return one.trust == other.trust and astray_s < SAME_S


def _clipped(text: str) -> str:
    return text[:LONGEST_TEXT]


def _text(body: Struct) -> str:
    return msgspec.json.encode(body).decode()
