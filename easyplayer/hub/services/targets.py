"""For what programs are published: a group of venues, a venue, one of its zones, or a box."""

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping, and_, select

from easyplayer.errors import BadRequestError
from easyplayer.hub.content_views import PublicationWanted, Target
from easyplayer.hub.db.schema import boxes, groups, venue_groups, venues, zones
from easyplayer.hub.services import attention
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import none_such

NAMED_AT_ONCE = 3


def require_target(connection: Connection, caller: Caller, wanted: PublicationWanted) -> None:
    """Go on only where a caller may publish for a target.

    :raises NotFoundError: there is none, or none that the caller sees.
    :raises ForbiddenError: the caller may not publish there.
    """
    name = wanted.target_id
    held = _groups_of(connection, wanted)
    if held is None or not caller.sees(held):
        raise none_such(wanted.target.value, name)
    caller.require(Role.PROGRAMMER, held)


def _groups_of(connection: Connection, wanted: PublicationWanted) -> list[str] | None:
    """Give the groups that a target is in; ``None`` where there is no such target."""
    name = wanted.target_id
    match wanted.target:
        case Target.GROUP:
            found = connection.execute(select(groups.c.id).where(groups.c.id == name)).scalar()
            return None if found is None else [name]
        case Target.VENUE:
            return groups_of_venue(connection, name)
        case Target.ZONE:
            venue, slash, zone = name.partition("/")
            if not slash:
                message = f"target_id: {name!r} names no zone: write VENUE/ZONE"
                raise BadRequestError(message)
            where = and_(zones.c.venue == venue, zones.c.id == zone)
            there = connection.execute(select(zones.c.id).where(where)).scalar()
            return None if there is None else groups_of_venue(connection, venue)
        case Target.BOX:
            venue_of_box = connection.execute(select(boxes.c.venue).where(boxes.c.id == name)).scalar()
            return None if venue_of_box is None else groups_of_venue(connection, venue_of_box)


def groups_of_venue(connection: Connection, venue: str) -> list[str] | None:
    """Give the groups that a venue is in; ``None`` where there is no such venue."""
    if connection.execute(select(venues.c.id).where(venues.c.id == venue)).scalar() is None:
        return None
    query = select(venue_groups.c.group).where(venue_groups.c.venue == venue).order_by(venue_groups.c.group)
    return [*connection.execute(query).scalars()]


def clocks_apart(connection: Connection, wanted: PublicationWanted, zone: str) -> Iterator[str]:
    """Tell of venues whose clocks do not go by the program's time zone."""
    query = select(venues.c.id, venues.c.time_zone).where(venues.c.time_zone != zone).order_by(venues.c.id)
    match wanted.target:
        case Target.GROUP:
            of_group = select(venue_groups.c.venue).where(venue_groups.c.group == wanted.target_id)
            query = query.where(venues.c.id.in_(of_group))
        case Target.BOX:
            query = query.where(venues.c.id.in_(select(boxes.c.venue).where(boxes.c.id == wanted.target_id)))
        case Target.VENUE | Target.ZONE:
            query = query.where(venues.c.id == wanted.target_id.partition("/")[0])
    apart = connection.execute(query).all()
    for venue, clock in apart[:NAMED_AT_ONCE]:
        yield f"zone: the program goes by {zone}, and the clock of venue {venue} by {clock}"
    if len(apart) > NAMED_AT_ONCE:
        yield f"zone: {len(apart) - NAMED_AT_ONCE} more venues have another than {zone}, too"


def boxes_in(connection: Connection, wanted: PublicationWanted) -> list[RowMapping]:
    """Give the rows of the boxes that a publication is for."""
    query = select(boxes).order_by(boxes.c.id)
    match wanted.target:
        case Target.GROUP:
            of_group = select(venue_groups.c.venue).where(venue_groups.c.group == wanted.target_id)
            query = query.where(boxes.c.venue.in_(of_group))
        case Target.VENUE:
            query = query.where(boxes.c.venue == wanted.target_id)
        case Target.ZONE:
            venue, _, zone = wanted.target_id.partition("/")
            query = query.where(boxes.c.venue == venue, boxes.c.zone == zone)
        case Target.BOX:
            query = query.where(boxes.c.id == wanted.target_id)
    return [*connection.execute(query).mappings()]


def raise_attention(connection: Connection, wanted: PublicationWanted) -> None:
    """Have the boxes that a publication is for hear of it at their next heartbeat."""
    once = attention.ONCE
    match wanted.target:
        case Target.GROUP:
            attention.raise_for(connection, group=wanted.target_id, times=once)
        case Target.VENUE:
            attention.raise_for(connection, venue=wanted.target_id, times=once)
        case Target.ZONE | Target.BOX:
            concerned = [box["id"] for box in boxes_in(connection, wanted)]
            attention.raise_for(connection, boxes=concerned, times=once)
