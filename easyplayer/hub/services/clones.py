"""Two machines that have one key: noticed, because their heartbeats take turns.

A box that restarts is one run of the software, then another for ever.  Two machines that were copied with
their key are two runs that both go on: A, B, A, B.  See decision 0036.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from easyplayer.hub.db.schema import instances
from easyplayer.protocol.heartbeat import Heartbeat
from easyplayer.units import Instant

RETURNS = 2
"""How often runs have to come back after one another until that is no restart."""
MOST_KEPT = 50
"""How many runs are kept of a box."""
ORIGINAL, CLONED = "original", "cloned"
_others = instances.alias()
LAST = select(instances).where(
    instances.c.box.in_(bindparam("names", expanding=True)),
    instances.c.turn
    == select(func.max(_others.c.turn)).where(_others.c.box == instances.c.box).scalar_subquery(),
)


class Sighting(Struct, frozen=True, kw_only=True):
    """What a heartbeat has shown.

    :ivar cloned: whether it is of a machine that is to make itself another key.
    :ivar found: the addresses of the copies, if it has just become clear that there are any.
    """

    cloned: bool = False
    found: tuple[str, ...] = ()


def sighted(
    connection: Connection, box: str, machine: str, *, heartbeat: Heartbeat, address: str, now: Instant
) -> Sighting:
    """Note which run of which machine a heartbeat is of, and judge it.

    :param machine: the one that was paired.
    """
    known = runs(connection, box)
    mine = next((row for row in known if row.run == heartbeat.run), None)
    seen = {"address": address, "last_seen": now, "sequence": heartbeat.sequence}
    if mine is None:
        copied = {row.machine for row in known if row.verdict == CLONED} - {machine}
        verdict = CLONED if heartbeat.machine in copied else ""
        turn = known[0].turn + 1 if known else 1
        new = {"box": box, "run": heartbeat.run, "machine": heartbeat.machine, "first_seen": now, **seen}
        connection.execute(instances.insert().values(turn=turn, verdict=verdict, **new))
        _forget(connection, box, known[MOST_KEPT - 1 :])
        return Sighting(cloned=verdict == CLONED)
    if mine.run == known[0].run:
        connection.execute(_of(box, mine.run).values(**seen))
        return Sighting(cloned=mine.verdict == CLONED)
    # What comes back after a known copy has not come back by itself.
    counts = CLONED not in {mine.verdict, known[0].verdict}
    back = {"turn": known[0].turn + 1, "returns": mine.returns + counts}
    connection.execute(_of(box, mine.run).values(**seen, **back))
    return Sighting(cloned=True) if mine.verdict == CLONED else _judged(connection, box, machine, mine.run)


def last_runs(connection: Connection, boxes: Iterable[str]) -> dict[str, Row[Any]]:
    """Give of each of some boxes the run that was heard last."""
    return {row.box: row for row in connection.execute(LAST, {"names": [*boxes]})}


def known(last: Row[Any] | None, heartbeat: Heartbeat, address: str) -> Sighting | None:
    """Judge a heartbeat of the run that was heard last, where there is nothing new to note of it.

    :param last: what :func:`last_runs` has given.
    :returns: ``None`` where :func:`sighted` has to look.
    """
    if last is None or (last.run, last.address) != (heartbeat.run, address):
        return None
    return Sighting(cloned=last.verdict == CLONED)


def runs(connection: Connection, box: str) -> list[Row[Any]]:
    """Give the runs of a box that are known, the one that was heard last first."""
    chosen = select(instances).where(instances.c.box == box).order_by(instances.c.turn.desc())
    return list(connection.execute(chosen))


def _judged(connection: Connection, box: str, machine: str, run: str) -> Sighting:
    """Tell the original from its copies: it is the machine that was paired, or else the one seen first."""
    live = [row for row in runs(connection, box) if row.verdict != CLONED]
    if sum(row.returns for row in live) < RETURNS:
        return Sighting()
    rivals = [row for place, row in enumerate(live) if row.returns or place < RETURNS]
    original = min(rivals, key=lambda row: (row.machine != machine, row.first_seen))
    copies = [row for row in rivals if row.run != original.run]
    for row in rivals:
        verdict = ORIGINAL if row.run == original.run else CLONED
        connection.execute(_of(box, row.run).values(verdict=verdict, returns=0))
    return Sighting(cloned=run != original.run, found=tuple(row.address for row in copies))


def _forget(connection: Connection, box: str, old: Sequence[Row[Any]]) -> None:
    names = [row.run for row in old]
    if names:
        connection.execute(delete(instances).where(instances.c.box == box, instances.c.run.in_(names)))


def _of(box: str, run: str) -> Any:
    return update(instances).where(instances.c.box == box, instances.c.run == run)
