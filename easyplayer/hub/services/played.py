"""What boxes have played: their as-run logs, taken in exactly once and in order.

A log is a chain.  The hub keeps how far it has it, and the hash there; what comes must go on from that.  All
that a delivery brings is stored in one transaction, together with how far the log has come.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, Table, insert, select, update

from easyplayer.errors import BadRequestError
from easyplayer.hub.db.database import insert_for
from easyplayer.hub.db.schema import boxes, clock_reads, logs, played, set_aside
from easyplayer.hub.services import wall_times
from easyplayer.hub.services.box_tokens import void
from easyplayer.protocol.asrun import (
    GENESIS,
    Batch,
    Body,
    ClockRead,
    Entry,
    Played,
    Receipt,
    Refusal,
    SetAside,
    broken_at,
)
from easyplayer.units import Instant

NUL = "\0"
"""What no database keeps in a text."""


class Taken(Struct, frozen=True, kw_only=True):
    """What became of a delivery.

    :ivar stored: how many entries are new.
    """

    receipt: Receipt
    stored: int = 0


class _Read(Struct, frozen=True, kw_only=True):
    """An entry that has been read.

    :ivar refused: why it cannot be; empty where it can.
    """

    entry: Entry
    body: Body | None
    refused: str = ""


def take(connection: Connection, box: str, batch: Batch, now: Instant) -> Taken:
    """Store the entries of a log that are new.

    Those that are there already are passed over; where they differ, another machine has written on.

    :raises BadRequestError: the entries are no chain.
    :raises UnauthenticatedError: the box is not paired any more.
    """
    broken = broken_at(batch.previous, batch.entries)
    if broken is not None:
        message = f"log {batch.log}: the entry {broken} does not go on from the one before it"
        raise BadRequestError(message)
    head = _locked(connection, box, batch.log, now)
    new = [entry for entry in batch.entries if entry.number > head.acknowledged]
    receipt = Receipt(log=batch.log, acknowledged=head.acknowledged)
    if batch.entries and batch.entries[0].number > head.acknowledged + 1:
        return Taken(receipt=receipt)
    if _is_forked(connection, head, batch):
        return Taken(receipt=msgspec.structs.replace(receipt, forked=True))
    if not new:
        return Taken(receipt=receipt)
    read = [_read(entry) for entry in new]
    _store(connection, head, read, now)
    last = new[-1]
    connection.execute(
        update(logs)
        .where(logs.c.box == box, logs.c.log == batch.log)
        .values(acknowledged=last.number, hash=last.hash, updated=now)
    )
    refused = tuple(Refusal(number=one.entry.number, reason=one.refused) for one in read if one.refused)
    receipt = Receipt(log=batch.log, acknowledged=last.number, refused=refused)
    return Taken(receipt=receipt, stored=len(new))


def _locked(connection: Connection, box: str, log: str, now: Instant) -> Row[Any]:
    """Give how far a log has come, and keep all others from storing more of it meanwhile."""
    venue = connection.execute(select(boxes.c.venue).where(boxes.c.id == box)).scalar()
    if venue is None:
        raise void()
    begun = insert_for(connection, logs).values(
        box=box, log=log, venue=venue, acknowledged=0, hash=GENESIS, created=now, updated=now
    )
    connection.execute(begun.on_conflict_do_nothing())
    chosen = select(logs, boxes.c.venue.label("place")).join(boxes, boxes.c.id == logs.c.box)
    mine = chosen.where(logs.c.box == box, logs.c.log == log).with_for_update(of=logs)
    head = connection.execute(mine).first()
    if head is None:
        raise void()  # unpaired since the statement before
    return head


def _is_forked(connection: Connection, head: Row[Any], batch: Batch) -> bool:
    """Tell whether what comes does not go on from what is there: one hash stands for all before it."""
    known = [entry for entry in batch.entries if entry.number <= head.acknowledged]
    if not known:
        return bool(batch.entries) and batch.previous != head.hash
    last = known[-1]
    if last.number == head.acknowledged:
        return bool(last.hash != head.hash)
    return _hash_of(connection, head, last.number) not in {None, last.hash}


def _hash_of(connection: Connection, head: Row[Any], number: int) -> str | None:
    for table in (played, clock_reads, set_aside):
        chosen = select(table.c.hash).where(
            table.c.box == head.box, table.c.log == head.log, table.c.number == number
        )
        found = connection.execute(chosen).scalar()
        if found is not None:
            return str(found)
    return None


def _read(entry: Entry) -> _Read:
    try:
        body: Body = msgspec.json.decode(entry.body, type=Body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return _Read(entry=entry, body=None, refused=str(error))
    texts = [value for value in msgspec.structs.astuple(body) if isinstance(value, str)]
    texts += body.outputs if isinstance(body, Played) else ()
    if any(NUL in text for text in texts):
        return _Read(entry=entry, body=None, refused="a text has the character \\u0000, which is none")
    return _Read(entry=entry, body=body)


def _store(connection: Connection, head: Row[Any], read: Sequence[_Read], now: Instant) -> None:
    clocks = [(one.entry, one.body) for one in read if isinstance(one.body, ClockRead)]
    rows = [(one.entry, one.body) for one in read if isinstance(one.body, Played)]
    before = wall_times.partitions(connection, head.box, {body.boot for _, body in clocks})
    place = {"box": head.box, "log": head.log}
    _insert(connection, clock_reads, [_clock_row(place, entry, body) for entry, body in clocks])
    boots = {body.boot for _, body in clocks} | {body.boot for _, body in rows}
    after = wall_times.partitions(connection, head.box, boots)
    for boot, partition in before.items():
        wall_times.retell(connection, head.box, boot, partition, after[boot])
    twins = _twins(connection, head, [body for _, body in rows])
    new = [(entry, body) for entry, body in rows if (body.boot, body.sequence, body.started) not in twins]
    place_then = {**place, "venue": head.place, "received": now}
    _insert(
        connection, played, [_played_row(place_then, entry, body, after[body.boot]) for entry, body in new]
    )
    _insert(connection, set_aside, [row for one in read if (row := _aside_row(place, one, now))])


def _twins(connection: Connection, head: Row[Any], rows: Sequence[Played]) -> set[tuple[str, int, float]]:
    """Find what has come already by another log of the box, which it had to give up."""
    others = select(logs.c.log).where(logs.c.box == head.box, logs.c.log != head.log).limit(1)
    if not rows or connection.execute(others).first() is None:
        return set()
    chosen = select(played.c.boot, played.c.sequence, played.c.started).where(
        played.c.box == head.box,
        played.c.log != head.log,
        played.c.boot.in_({row.boot for row in rows}),
        played.c.sequence.in_({row.sequence for row in rows}),
    )
    return {(row.boot, row.sequence, row.started) for row in connection.execute(chosen)}


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _clock_row(place: dict[str, Any], entry: Entry, body: ClockRead) -> dict[str, Any]:
    return {**place, "number": entry.number, "hash": entry.hash, **msgspec.structs.asdict(body)}


def _played_row(
    place: dict[str, Any], entry: Entry, body: Played, partition: wall_times.Partition
) -> dict[str, Any]:
    at, trust = wall_times.told(partition, body.started, body.wall, body.trust)
    row = {**place, "number": entry.number, "hash": entry.hash, **msgspec.structs.asdict(body)}
    del row["wall"]
    item, outputs = (msgspec.json.encode(one).decode() for one in (body.item, body.outputs))
    return {**row, "at": at, "trust": trust, "item": item, "outputs": outputs}


def _aside_row(place: dict[str, Any], read: _Read, now: Instant) -> dict[str, Any] | None:
    if isinstance(read.body, Played | ClockRead):
        return None
    reason = read.body.reason if isinstance(read.body, SetAside) else read.refused
    body = read.entry.body.replace(NUL, "\\u0000")
    return {
        **place,
        "number": read.entry.number,
        "hash": read.entry.hash,
        "body": body,
        "reason": reason,
        "received": now,
    }
