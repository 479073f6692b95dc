"""What time of day it was when a box played something, worked out as the box itself does.

Entries carry the monotonic clock of one run of the machine, and what the wall clock showed then.  Readings of
both clocks come as entries too, and the best of them say what time it was in all of that run.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, or_, select, update

from easyplayer.hub.db.schema import clock_reads, played
from easyplayer.playout.clock import Anchor, Era, anchor_of, era_at, eras
from easyplayer.units import Instant, Monotonic

Partition = tuple[Era, ...]
"""What time it was in one run of a machine; empty where no clock was ever read in it."""


def partitions(connection: Connection, box: str, boots: Iterable[str]) -> dict[str, Partition]:
    """Tell what time it was in some runs of a box's machine."""
    read: dict[str, list[Anchor]] = {boot: [] for boot in boots}
    rows = select(clock_reads).where(clock_reads.c.box == box, clock_reads.c.boot.in_(read))
    for row in connection.execute(rows):
        read[row.boot].append(anchor_of(Monotonic(row.at), Instant(row.wall), row.trust))
    return {boot: eras(anchors) if anchors else () for boot, anchors in read.items()}


def told(partition: Partition, started: Monotonic, wall: Instant, trust: str) -> tuple[Instant, str]:
    """Tell when something began, and how far that can be trusted.

    :param wall: what the box took it for, which holds where no clock was ever read.
    """
    if not partition:
        return wall, trust
    era = era_at(partition, started)
    return era.instant(started), era.trust.value


def retell(connection: Connection, box: str, boot: str, before: Partition, after: Partition) -> None:
    """Correct the times of what was stored before the clock was read once more.

    :param before: what was known when the rows were stored.
    """
    known = {(era.since, era.offset_s, era.trust): era.until for era in before}
    for era in after:
        if known.get((era.since, era.offset_s, era.trust), float("-inf")) >= era.until:
            continue  # nothing in it has changed
        connection.execute(_correction(box, boot, era))


def _correction(box: str, boot: str, era: Era) -> Any:
    at = played.c.started + era.offset_s
    correction = update(played).where(
        played.c.box == box, played.c.boot == boot, or_(played.c.at != at, played.c.trust != era.trust.value)
    )
    if era.since > float("-inf"):
        correction = correction.where(played.c.started >= era.since)
    if era.until < float("inf"):
        correction = correction.where(played.c.started < era.until)
    return correction.values(at=at, trust=era.trust.value)
