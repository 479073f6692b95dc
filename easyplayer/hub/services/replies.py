"""What a box is told beyond that all is well: the slow way of a heartbeat."""

from logging import getLogger
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select

from easyplayer.hub.db.schema import boxes, venues
from easyplayer.hub.keys import Keys
from easyplayer.hub.services import attention, audit, clones, command_desk, publishing
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.box_tokens import void
from easyplayer.hub.services.boxes import unpair
from easyplayer.protocol.commands import CommandResult, Name, Outcome
from easyplayer.protocol.heartbeat import Heartbeat, Identity, Place
from easyplayer.protocol.signing import Purpose, Signed
from easyplayer.units import Instant

log = getLogger(__name__)


class More(Struct, frozen=True, kw_only=True):
    """What there is to say; the fields are those of :class:`~easyplayer.protocol.heartbeat.Reply`."""

    commands: tuple[Signed, ...] = ()
    program: Signed | None = None
    confirmed: tuple[str, ...] = ()
    blocked: str = ""
    identity: Identity = Identity.FINE
    place: Place | None = None


def more_for(
    connection: Connection, keys: Keys, box: str, heartbeat: Heartbeat, *, address: str, now: Instant
) -> More:
    """Take what a heartbeat brings, and tell all that there is to say to its box.

    All of its results are confirmed, those of no command of its own too: they are not to come again.

    :raises UnauthenticatedError: the box is not paired any more.
    """
    level = attention.lock(connection, box)
    row = connection.execute(_placed().where(boxes.c.id == box)).mappings().first()
    if row is None:
        raise void()
    who = Caller(box=box, address=address)
    confirmed = tuple(result.command for result in heartbeat.results)
    if _take(connection, box, heartbeat.results, who, now):
        return More(confirmed=confirmed)
    sighting = clones.sighted(connection, box, row["machine"], heartbeat=heartbeat, address=address, now=now)
    if sighting.found:
        log.warning("box %s: other machines have its key: %s", box, ", ".join(sighting.found))
        audit.note(connection, who, now, "box.cloned", f"box/{box}", copies=list(sighting.found))
    if sighting.cloned:
        attention.told(connection, box, level, more=True)
        return More(confirmed=confirmed, identity=Identity.CLONED)
    waiting = command_desk.waiting_for(connection, box, now)
    head = publishing.head_for(connection, row)
    is_new = head is not None and head.revision != heartbeat.revision
    blocked = row["blocked"] or row["venue_blocked"]
    attention.told(connection, box, level, more=bool(waiting or is_new or blocked))
    return More(
        commands=tuple(keys.sign(Purpose.COMMAND, one) for one in waiting),
        program=keys.sign(Purpose.PROGRAM, head) if head is not None and is_new else None,
        confirmed=confirmed,
        blocked=blocked,
        place=Place(name=row["name"], venue=row["venue"], venue_name=row["venue_name"], zone=row["zone"]),
    )


def _take(
    connection: Connection, box: str, results: tuple[CommandResult, ...], who: Caller, now: Instant
) -> bool:
    """Keep results; tell whether the box has forgotten the hub, which is then forgotten as well."""
    for name in command_desk.foreign(connection, box, results):
        log.warning("box %s sends a result of the command %s, which is another box's", box, name)
    forgotten = False
    for taken in command_desk.take_results(connection, box, results, now):
        log.info("box %s: %s is %s", box, taken.name, taken.state)
        if taken.name == Name.FORGET and taken.state == Outcome.DONE:
            audit.note(connection, who, now, "box.forgotten", f"box/{box}", by=taken.by)
            forgotten = True
    if forgotten:
        unpair(connection, box)
    return forgotten


def _placed() -> Any:
    joined = boxes.join(venues, venues.c.id == boxes.c.venue)
    venue = venues.c.name.label("venue_name"), venues.c.blocked.label("venue_blocked")
    return select(boxes, *venue).select_from(joined)
