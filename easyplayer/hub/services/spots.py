"""Where a user may put boxes: the zones of the venues in which he or she is operator."""

from msgspec import Struct
from sqlalchemy import Connection, select

from easyplayer.hub.db.schema import groups, venue_groups, venues, zones
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.places import MAIN_ZONE, visible_venues


class Spot(Struct, frozen=True, kw_only=True):
    """A zone of a venue.

    :ivar group: name of the first group by which the user is operator there; empty where there is none.
    """

    venue: str
    venue_name: str
    zone: str
    zone_name: str
    group: str = ""


def spots(connection: Connection, caller: Caller) -> list[Spot]:
    """List where a caller may put boxes: by group, venue and zone, the zone ``main`` before the others."""
    group_of = _groups(connection, caller)
    rows = connection.execute(
        select(
            venues.c.id.label("venue"),
            venues.c.name.label("venue_name"),
            zones.c.id.label("zone"),
            zones.c.name.label("zone_name"),
        )
        .join(zones, zones.c.venue == venues.c.id)
        .where(venues.c.id.in_(visible_venues(caller, Role.OPERATOR)))
    )
    found = [Spot(**row, group=group_of.get(row["venue"], "")) for row in rows.mappings()]
    return sorted(found, key=_order)


def _groups(connection: Connection, caller: Caller) -> dict[str, str]:
    """Tell the name of a group of each venue, of those in which the caller is operator."""
    rows = connection.execute(
        select(venue_groups.c.venue, groups.c.id, groups.c.name)
        .join(groups, groups.c.id == venue_groups.c.group)
        .order_by(groups.c.id.desc())
    )
    return {row.venue: row.name for row in rows if caller.may(Role.OPERATOR, [row.id])}


def _order(spot: Spot) -> tuple[str | bool, ...]:
    zone = (spot.zone != MAIN_ZONE, spot.zone_name.casefold(), spot.zone)
    return (spot.group.casefold(), spot.venue_name.casefold(), spot.venue, *zone)
