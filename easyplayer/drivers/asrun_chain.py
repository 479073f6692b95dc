"""The chain of the as-run log: what goes to the hub, in one order, each entry linked to the one before it.

An entry is appended in the transaction in which it becomes certain that nothing of it will change, and
stays as it is.  Whoever calls these functions has begun that transaction.
"""

import logging
import sqlite3
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from easyplayer.drivers.asrun_facts import (
    EntryPoisoned,
    OldForgotten,
    StoredRow,
    stored_row,
)
from easyplayer.drivers.asrun_schema import new_log_id
from easyplayer.drivers.asrun_seal import Sealed, readings_due, sealed_reading, sealed_row
from easyplayer.protocol.asrun import (
    GENESIS,
    MOST_ENTRIES,
    SET_ASIDE_BEGINS,
    Batch,
    Entry,
    Receipt,
    link,
    set_aside,
)
from easyplayer.protocol.heartbeat import LogHead

log = logging.getLogger(__name__)

MOST_BYTES = 768 * 1024
"""How long the entries of a batch are together, so that it stays below the protocol's limit."""

STANDING = "SELECT id, acknowledged, sealed, delivered, gone, gone_hash FROM log"
LAST_ENTRY = "SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1"
ENTRY = "SELECT hash, body FROM chain WHERE number = ?"
ENTRIES_AFTER = "SELECT number, hash, body FROM chain WHERE number > ? ORDER BY number LIMIT ?"
ROWS_AFTER = """
    SELECT sequence, boot, started, over, heard_s, ended, layer, source, playlist, blind, item, zone,
        level_db, shown_s, outputs
    FROM played WHERE sequence > ? ORDER BY sequence
"""
APPEND = "INSERT INTO chain (number, hash, body, sequence, wall) VALUES (?, ?, ?, ?, ?)"
NUMBER_READING = "UPDATE clock SET number = ? WHERE boot = ? AND at = ?"
KEEP_ASIDE = "INSERT OR IGNORE INTO set_aside (log, number, body, reason) VALUES (?, ?, ?, ?)"
ROWS_UP_TO = "SELECT coalesce(max(sequence), 0) FROM chain WHERE number <= ?"
READINGS_ANEW = """
    UPDATE clock SET number = CASE
        WHEN boot = :boot OR boot IN (SELECT boot FROM played WHERE sequence > :delivered) THEN NULL
        ELSE 0 END
"""
LAST_OLD = "SELECT coalesce(max(number), 0) FROM chain WHERE wall < ? AND number <= ?"
IDLE_READINGS = "DELETE FROM clock WHERE boot <> ? AND boot NOT IN (SELECT DISTINCT boot FROM played)"


class Standing(Struct, frozen=True):
    """How far a chain has come; see the schema."""

    id: str
    acknowledged: int
    sealed: int
    delivered: int
    gone: int
    gone_hash: str


def standing(database: sqlite3.Connection) -> Standing:
    """Tell how far the chain has come."""
    return Standing(*database.execute(STANDING).fetchone())


def tip(database: sqlite3.Connection) -> tuple[int, str]:
    """Give number and hash of the last entry."""
    found = database.execute(LAST_ENTRY).fetchone()
    if found is not None:
        return found[0], found[1]
    stands = standing(database)
    return stands.gone, stands.gone_hash


def head(database: sqlite3.Connection) -> LogHead:
    """Tell how far the chain has come, as the hub hears it."""
    stands = standing(database)
    (aside,) = database.execute("SELECT count(*) FROM set_aside WHERE log = ?", (stands.id,)).fetchone()
    number, _ = tip(database)
    return LogHead(log=stands.id, head=number, acknowledged=stands.acknowledged, set_aside=aside)


# -- growing ---------------------------------------------------------------------------------------


def seal(database: sqlite3.Connection) -> None:
    """Append what has become final: the clocks' readings, and each row that is over and whose turn it is."""
    for boot, read, goes in readings_due(database):
        number = _append(database, sealed_reading(boot, read)) if goes else 0
        database.execute(NUMBER_READING, (number, boot, read.at))
    before = sealed = standing(database).sealed
    for row in _rows_over(database, before):
        _append(database, sealed_row(database, row))
        sealed = row.sequence
    if sealed != before:
        database.execute("UPDATE log SET sealed = ?", (sealed,))


def _rows_over(database: sqlite3.Connection, after: int) -> Iterator[StoredRow]:
    """Go through the rows up to the first that is still open."""
    for values in database.execute(ROWS_AFTER, (after,)):
        row = stored_row(values)
        if row.ended is None:
            return
        yield row


def _append(database: sqlite3.Connection, sealed: Sealed) -> int:
    last, previous = tip(database)
    number = last + 1
    entry_hash = link(previous, number, sealed.body)
    database.execute(APPEND, (number, entry_hash, sealed.body, sealed.sequence, sealed.wall))
    return number


# -- on its way ------------------------------------------------------------------------------------


def batch(database: sqlite3.Connection, after: int) -> Batch | None:
    """Give the entries after a number, as many as go at once; ``None`` where there is none."""
    stands = standing(database)
    first = max(after, stands.gone)
    entries: list[Entry] = []
    room = MOST_BYTES
    for number, entry_hash, body in database.execute(ENTRIES_AFTER, (first, MOST_ENTRIES)):
        entry = Entry(number=number, hash=entry_hash, body=body)
        room -= len(msgspec.json.encode(entry))
        if entries and room < 0:
            break
        entries.append(entry)
    if not entries:
        return None
    return Batch(log=stands.id, previous=_hash_of(database, first), entries=tuple(entries))


def _hash_of(database: sqlite3.Connection, number: int) -> str:
    """Give the hash of an entry, also of the last one that is kept no more."""
    stands = standing(database)
    if number == stands.gone:
        return stands.gone_hash
    entry_hash: str = database.execute(ENTRY, (number,)).fetchone()[0]
    return entry_hash


def acknowledge(database: sqlite3.Connection, receipt: Receipt, boot: str) -> None:
    """Learn what the hub has of the chain.  It may be less than before: then that goes once more.

    Where it is more than there is, this box is a copy of one that has gone on, and writes another log.
    """
    stands = standing(database)
    if receipt.log != stands.id:
        return
    last, _ = tip(database)
    if receipt.forked or receipt.acknowledged > last:
        begin_log(database, boot, "another box writes this one at the hub")
        return
    for refused in receipt.refused:
        found = database.execute(ENTRY, (refused.number,)).fetchone()
        if found is not None:
            _keep_aside(database, EntryPoisoned(number=refused.number, reason=refused.reason), found[1])
    database.execute("UPDATE log SET acknowledged = ?", (receipt.acknowledged,))
    if receipt.acknowledged < stands.gone:
        begin_log(database, boot, "the hub has less of this one than is kept here no more")


def set_entry_aside(database: sqlite3.Connection, poisoned: EntryPoisoned, boot: str) -> None:
    """Put a placeholder where an entry cannot be delivered; its hash stays, and so the chain is whole.

    An entry that does not go with its own hash was damaged on this disk: then the log is begun anew.
    """
    stands = standing(database)
    found = database.execute(ENTRY, (poisoned.number,)).fetchone()
    if poisoned.log not in {"", stands.id} or poisoned.number <= stands.acknowledged or found is None:
        return
    entry_hash, body = found
    if entry_hash != link(_hash_of(database, poisoned.number - 1), poisoned.number, body):
        begin_log(database, boot, f"entry {poisoned.number} of this one is damaged")
    elif not body.startswith(SET_ASIDE_BEGINS):
        _keep_aside(database, poisoned, body)
        instead = set_aside(body, poisoned.reason)
        database.execute("UPDATE chain SET body = ? WHERE number = ?", (instead, poisoned.number))


def _keep_aside(database: sqlite3.Connection, poisoned: EntryPoisoned, body: str) -> None:
    aside = (standing(database).id, poisoned.number, body, poisoned.reason)
    if database.execute(KEEP_ASIDE, aside).rowcount:
        log.warning("entry %d of the as-run log is set aside: %s", poisoned.number, poisoned.reason)


# -- an end, and another beginning -----------------------------------------------------------------


def begin_log(database: sqlite3.Connection, boot: str, reason: str) -> None:
    """Begin a log of another name with all that has not been acknowledged; the next sealing fills it."""
    stands = standing(database)
    (received,) = database.execute(ROWS_UP_TO, (stands.acknowledged,)).fetchone()
    delivered, name = max(stands.delivered, received), new_log_id()
    log.warning("the as-run log goes on under another name, %s: %s", name, reason)
    database.execute("DELETE FROM chain")
    database.execute(
        "UPDATE log SET id = ?, acknowledged = 0, sealed = ?, delivered = ?, gone = 0, gone_hash = ?",
        (name, delivered, delivered, GENESIS),
    )
    database.execute(READINGS_ANEW, {"boot": boot, "delivered": delivered})


def forget_old(database: sqlite3.Connection, old: OldForgotten, boot: str) -> None:
    """Keep no more what the hub has acknowledged and what is old, or too much, up to the last such entry."""
    stands = standing(database)
    (last,) = database.execute(LAST_OLD, (old.before, stands.acknowledged)).fetchone()
    if old.most:
        last = max(last, min(stands.acknowledged, tip(database)[0] - old.most))
    if last <= stands.gone:
        return
    (rows,) = database.execute(ROWS_UP_TO, (last,)).fetchone()
    delivered = max(stands.delivered, rows)
    database.execute(
        "UPDATE log SET delivered = ?, gone = ?, gone_hash = ?", (delivered, last, _hash_of(database, last))
    )
    database.execute("DELETE FROM chain WHERE number <= ?", (last,))
    database.execute("DELETE FROM played WHERE sequence <= ?", (delivered,))
    database.execute(IDLE_READINGS, (boot,))
