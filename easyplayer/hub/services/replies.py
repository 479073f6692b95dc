"""What boxes are told beyond that all is well: the slow way of a heartbeat.

It is gone for several boxes at once, and what most of them ask is asked once for all; see decision 0035.
"""

from collections.abc import Iterable, Sequence
from logging import getLogger

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, RowMapping, bindparam, select

from easyplayer.hub.db.schema import boxes, venues
from easyplayer.hub.keys import Keys
from easyplayer.hub.services import attention, audit, clones, command_desk, publishing
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.boxes import unpair
from easyplayer.protocol.commands import Name, Outcome
from easyplayer.protocol.heartbeat import Heartbeat, Identity, Place
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose
from easyplayer.units import Instant

log = getLogger(__name__)

PLACED = (
    select(boxes, venues.c.name.label("venue_name"), venues.c.blocked.label("venue_blocked"))
    .select_from(boxes.join(venues, venues.c.id == boxes.c.venue))
    .where(boxes.c.id.in_(bindparam("names", expanding=True)))
)


class Look(Struct, frozen=True):
    """A heartbeat that is worth a closer look.

    :ivar address: where it came from.
    """

    box: str
    heartbeat: Heartbeat
    address: str


class More(Struct, frozen=True, kw_only=True):
    """What there is to say; the fields are those of :class:`~easyplayer.protocol.heartbeat.Reply`."""

    commands: tuple[Signed, ...] = ()
    program: Signed | None = None
    confirmed: tuple[str, ...] = ()
    blocked: str = ""
    identity: Identity = Identity.FINE
    place: Place | None = None


def more_for(connection: Connection, keys: Keys, looks: Sequence[Look], now: Instant) -> list[More | None]:
    """Take what heartbeats bring, each of another box, and tell all that there is to say to these boxes.

    All of their results are confirmed, those of no command of their own too: they are not to come again.

    :returns: for each; ``None`` where the box is not paired any more.
    """
    levels = attention.lock(connection, [look.box for look in looks])
    rows = _placed(connection, levels)
    paired = [look for look in looks if look.box in rows]
    staying = [look for look in paired if not _leaves(connection, look, now)]
    cloned = _cloned(connection, staying, rows, now)
    mores = _mores(connection, keys, [look for look in staying if look.box not in cloned], rows, now)
    mores |= {box: More(identity=Identity.CLONED) for box in cloned}
    left = {
        look.box: attention.left_of(levels[look.box], more=_is_to_arrive(mores[look.box])) for look in staying
    }
    attention.told(connection, levels, left)
    confirmed = {look.box: tuple(one.command for one in look.heartbeat.results) for look in paired}
    told = {box: replace(mores.get(box, More()), confirmed=ids) for box, ids in confirmed.items()}
    return [told.get(look.box) for look in looks]


def _mores(
    connection: Connection, keys: Keys, looks: Sequence[Look], rows: dict[str, RowMapping], now: Instant
) -> dict[str, More]:
    """Tell what there is to say to boxes that are who they say they are."""
    known = {look.box: look.heartbeat.revision for look in looks}
    heads = publishing.heads_for(connection, known, now)
    waiting = {
        box: command_desk.waiting_for(connection, box, now)
        for box in sorted(command_desk.with_open(connection, known))
    }
    return {
        box: More(
            commands=tuple(keys.sign(Purpose.COMMAND, one) for one in waiting.get(box, ())),
            program=keys.sign(Purpose.PROGRAM, heads[box]) if box in heads else None,
            blocked=rows[box]["blocked"] or rows[box]["venue_blocked"],
            place=_place(rows[box]),
        )
        for box in known
    }


def _is_to_arrive(more: More) -> bool:
    """Tell whether something of it is to be said until it has arrived."""
    cloned = more.identity is Identity.CLONED
    return bool(cloned or more.commands or more.program or more.blocked)


def _placed(connection: Connection, names: Iterable[str]) -> dict[str, RowMapping]:
    rows = connection.execute(PLACED, {"names": [*names]}).mappings()
    return {row["id"]: row for row in rows}


def _place(row: RowMapping) -> Place:
    return Place(name=row["name"], venue=row["venue"], venue_name=row["venue_name"], zone=row["zone"])


# -- what heartbeats bring -------------------------------------------------------------------------


def _cloned(
    connection: Connection, looks: Sequence[Look], rows: dict[str, RowMapping], now: Instant
) -> set[str]:
    """Name the boxes whose heartbeat is of a machine that is to make itself another key."""
    last = clones.last_runs(connection, [look.box for look in looks])
    cloned = set()
    for look in looks:
        box, heartbeat, address = look.box, look.heartbeat, look.address
        sighting = clones.known(last.get(box), heartbeat, address) or clones.sighted(
            connection, box, rows[box]["machine"], heartbeat=heartbeat, address=address, now=now
        )
        if sighting.found:
            log.warning("box %s: other machines have its key: %s", box, ", ".join(sighting.found))
            who, copies = Caller(box=box, address=address), list(sighting.found)
            audit.note(connection, who, now, "box.cloned", f"box/{box}", copies=copies)
        if sighting.cloned:
            cloned.add(box)
    return cloned


def _leaves(connection: Connection, look: Look, now: Instant) -> bool:
    """Keep results; tell whether the box has forgotten the hub, which is then forgotten as well."""
    box, results = look.box, look.heartbeat.results
    if not results:
        return False
    for name in command_desk.foreign(connection, box, results):
        log.warning("box %s sends a result of the command %s, which is another box's", box, name)
    leaves = False
    for taken in command_desk.take_results(connection, box, results, now):
        log.info("box %s: %s is %s", box, taken.name, taken.state)
        if taken.name == Name.FORGET and taken.state == Outcome.DONE:
            who = Caller(box=box, address=look.address)
            audit.note(connection, who, now, "box.forgotten", f"box/{box}", by=taken.by)
            leaves = True
    if leaves:
        unpair(connection, box)
    return leaves
