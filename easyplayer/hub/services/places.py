"""Where boxes are: groups of venues, venues, and the zones of a venue."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from easyplayer.errors import BadRequestError, ConflictError, NotFoundError
from easyplayer.hub.content_views import Target
from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import boxes, grants, groups, venue_groups, venues, zones
from easyplayer.hub.services import effective
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.hub.services.facts import EVERYBODY, Regranted
from easyplayer.playout.calendar import zone_of
from easyplayer.units import Instant

MAIN_ZONE = "main"
"""The zone that every venue begins with."""


def visible_venues(caller: Caller, role: Role = Role.VIEWER) -> Select[Any]:
    """Choose the ids of the venues that a caller may see, or in which he or she has a role beyond that."""
    chosen = select(venues.c.id)
    if caller.may(role):
        return chosen
    seen = [group for group, held in caller.grants.items() if held >= role and group != ALL]
    return chosen.where(venues.c.id.in_(select(venue_groups.c.venue).where(venue_groups.c.group.in_(seen))))


# -- groups ----------------------------------------------------------------------------------------


def group_list(connection: Connection, caller: Caller) -> list[Row[Any]]:
    """List the groups that a caller may see, each with how many venues are in it."""
    counted = (
        select(groups.c.id, groups.c.name, func.count(venue_groups.c.venue).label("venues"))
        .join(venue_groups, venue_groups.c.group == groups.c.id, isouter=True)
        .group_by(groups.c.id, groups.c.name)
        .order_by(groups.c.id)
    )
    return [row for row in connection.execute(counted) if caller.sees([row.id])]


def group(connection: Connection, name: str, caller: Caller) -> Row[Any]:
    """Give one group.

    :raises NotFoundError: there is none, or none that the caller may see.
    """
    row = connection.execute(select(groups).where(groups.c.id == name)).first()
    if row is None or not caller.sees([name]):
        message = f"there is no group {name!r}"
        raise NotFoundError(message)
    return row


def add_group(connection: Connection, name: str, title: str) -> None:
    """Add a group.

    :raises ConflictError: there is one of that id.
    """
    if connection.execute(select(groups.c.id).where(groups.c.id == name)).first():
        message = f"there is a group {name!r} already"
        raise ConflictError(message)
    connection.execute(insert(groups).values(id=name, name=title or name))


def rename_group(connection: Connection, name: str, title: str) -> None:
    """Give a group another name; its id stays."""
    connection.execute(update(groups).where(groups.c.id == name).values(name=title))


def delete_group(connection: Connection, name: str) -> None:
    """Delete a group that no venue is in, and what users may do in it.

    :raises ConflictError: there are venues in it.
    """
    inside = select(venue_groups.c.venue).where(venue_groups.c.group == name)
    found = sorted(connection.scalars(inside))
    if found:
        message = f"the group {name!r} has venues ({', '.join(found[:5])}): take them out of it first"
        raise ConflictError(message)
    effective.end_for(connection, Target.GROUP, [name])
    connection.execute(delete(grants).where(grants.c.group == name))
    connection.execute(delete(groups).where(groups.c.id == name))


# -- venues ----------------------------------------------------------------------------------------


def groups_of(connection: Connection, chosen: Iterable[str]) -> dict[str, list[str]]:
    """Tell the groups of some venues, by venue."""
    found: dict[str, list[str]] = {venue: [] for venue in chosen}
    rows = connection.execute(
        select(venue_groups).where(venue_groups.c.venue.in_(found)).order_by(venue_groups.c.group)
    )
    for row in rows:
        found[row.venue].append(row.group)
    return found


def venue(connection: Connection, name: str, caller: Caller, role: Role = Role.VIEWER) -> Row[Any]:
    """Give one venue, where a caller has a role.

    :raises NotFoundError: there is none, or none that the caller may see.
    :raises ForbiddenError: the caller sees it, and has not that role there.
    """
    row = connection.execute(select(venues).where(venues.c.id == name)).first()
    held = groups_of(connection, [name])[name]
    if row is None or not caller.sees(held):
        message = f"there is no venue {name!r}"
        raise NotFoundError(message)
    caller.require(role, held)
    return row


def venue_list(
    connection: Connection, caller: Caller, *, group_id: str, after: str, limit: int
) -> list[Row[Any]]:
    """List venues that a caller may see, by id.

    :param group_id: only those in this group; empty is all.
    """
    chosen = select(venues).where(venues.c.id.in_(visible_venues(caller)), venues.c.id > after)
    if group_id:
        inside = select(venue_groups.c.venue).where(venue_groups.c.group == group_id)
        chosen = chosen.where(venues.c.id.in_(inside))
    return list(connection.execute(chosen.order_by(venues.c.id).limit(limit)))


def zones_of(connection: Connection, chosen: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """Tell the zones of some venues, by venue."""
    found: dict[str, list[Row[Any]]] = {name: [] for name in chosen}
    rows = connection.execute(select(zones).where(zones.c.venue.in_(found)).order_by(zones.c.id))
    for row in rows:
        found[row.venue].append(row)
    return found


def add_venue(
    connection: Connection, name: str, *, title: str, time_zone: str, inside: Iterable[str], now: Instant
) -> None:
    """Add a venue, with one zone.

    :raises ConflictError: there is one of that id.
    :raises BadRequestError: there is no such time zone.
    :raises NotFoundError: there is no such group.
    """
    if connection.execute(select(venues.c.id).where(venues.c.id == name)).first():
        message = f"there is a venue {name!r} already"
        raise ConflictError(message)
    _check_time_zone(time_zone)
    connection.execute(insert(venues).values(id=name, name=title or name, time_zone=time_zone, created=now))
    connection.execute(insert(zones).values(venue=name, id=MAIN_ZONE, name=MAIN_ZONE))
    put_into_groups(connection, name, inside)


def change_venue(connection: Connection, name: str, changes: Mapping[str, str]) -> None:
    """Change the name, the time zone, or why its boxes may not play.

    :raises BadRequestError: there is no such time zone.
    """
    if "time_zone" in changes:
        _check_time_zone(changes["time_zone"])
    if changes:
        connection.execute(update(venues).where(venues.c.id == name).values(**changes))


def put_into_groups(connection: Connection, name: str, inside: Iterable[str]) -> None:
    """Put a venue into these groups, and no others.

    :raises NotFoundError: there is no such group.
    """
    wanted = sorted(set(inside))
    known = set(connection.scalars(select(groups.c.id).where(groups.c.id.in_(wanted))))
    for one in wanted:
        if one not in known:
            message = f"there is no group {one!r}: add it first"
            raise NotFoundError(message)
    left = delete(venue_groups).where(venue_groups.c.venue == name).returning(venue_groups.c.group)
    if set(connection.scalars(left)) - known:
        note(connection, Regranted(EVERYBODY))
    if wanted:
        connection.execute(insert(venue_groups), [{"venue": name, "group": one} for one in wanted])


def delete_venue(connection: Connection, name: str) -> None:
    """Delete a venue that no box is in; what was played there stays.

    :raises ConflictError: there are boxes in it.
    """
    found = list(connection.scalars(select(boxes.c.name).where(boxes.c.venue == name).limit(5)))
    if found:
        message = f"the venue {name!r} has boxes ({', '.join(found)}): move or unpair them first"
        raise ConflictError(message)
    effective.end_for(connection, Target.VENUE, [name])
    effective.end_for(
        connection, Target.ZONE, [f"{name}/{one.id}" for one in zones_of(connection, [name])[name]]
    )
    connection.execute(delete(venues).where(venues.c.id == name))


def _check_time_zone(name: str) -> None:
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError) as error:
        message = f"there is no time zone {name!r}: write it as the IANA does, such as Europe/Paris"
        raise BadRequestError(message) from error


# -- zones -----------------------------------------------------------------------------------------


def require_zone(connection: Connection, venue_id: str, name: str) -> None:
    """See that a venue has a zone.

    :raises NotFoundError: it has not.
    """
    chosen = select(zones.c.id).where(zones.c.venue == venue_id, zones.c.id == name)
    if connection.execute(chosen).first() is None:
        message = f"the venue {venue_id!r} has no zone {name!r}: add it first"
        raise NotFoundError(message)


def add_zone(connection: Connection, venue_id: str, name: str, title: str) -> None:
    """Add a zone to a venue.

    :raises ConflictError: it has one of that id.
    """
    chosen = select(zones.c.id).where(zones.c.venue == venue_id, zones.c.id == name)
    if connection.execute(chosen).first():
        message = f"the venue {venue_id!r} has a zone {name!r} already"
        raise ConflictError(message)
    connection.execute(insert(zones).values(venue=venue_id, id=name, name=title or name))


def delete_zone(connection: Connection, venue_id: str, name: str) -> None:
    """Delete a zone that no box is in.

    :raises NotFoundError: there is no such zone.
    :raises ConflictError: there are boxes in it, or it is the last one.
    """
    require_zone(connection, venue_id, name)
    inside = select(boxes.c.name).where(boxes.c.venue == venue_id, boxes.c.zone == name)
    found = list(connection.scalars(inside.limit(5)))
    if found:
        message = f"the zone {name!r} has boxes ({', '.join(found)}): move or unpair them first"
        raise ConflictError(message)
    if len(zones_of(connection, [venue_id])[venue_id]) == 1:
        message = f"{name!r} is the last zone of {venue_id!r}: a venue has one at least"
        raise ConflictError(message)
    effective.end_for(connection, Target.ZONE, [f"{venue_id}/{name}"])
    connection.execute(delete(zones).where(zones.c.venue == venue_id, zones.c.id == name))
