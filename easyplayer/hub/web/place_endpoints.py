"""Groups, venues and zones."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, Row

from easyplayer.hub.fleet_views import (
    Group,
    GroupChange,
    NewGroup,
    NewVenue,
    NewZone,
    Venue,
    VenueChange,
    Zone,
)
from easyplayer.hub.services import attention, audit, places, publishing
from easyplayer.hub.services.access import Role
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.pages import page
from easyplayer.hub.web.views import Page, Paged

SUBJECT = "places"
CREATED = 201


class VenuesWanted(Paged, frozen=True, kw_only=True):
    """Which venues to list.

    :ivar group: only those in this group.
    """

    group: str = ""


def groups(call: Call[Nothing, None]) -> list[Group]:
    """List groups."""
    with call.hub.database.read() as connection:
        rows = places.group_list(connection, call.caller)
    return [Group(id=row.id, name=row.name, venues=row.venues) for row in rows]


def add_group(call: Call[Nothing, NewGroup]) -> Group:
    """Add a group."""
    call.caller.require(Role.ADMIN)
    new = call.body
    with call.hub.database.write() as connection:
        places.add_group(connection, new.id, new.name)
        audit.note(connection, call.caller, call.hub.now(), "group.add", f"group/{new.id}", new.id)
    return Group(id=new.id, name=new.name or new.id)


def change_group(call: Call[Nothing, GroupChange]) -> Group:
    """Give a group another name."""
    name, change = call.path["group"], call.body
    with call.hub.database.write() as connection:
        places.group(connection, name, call.caller)
        call.caller.require(Role.ADMIN, [name])
        places.rename_group(connection, name, change.name)
        audit.note(
            connection, call.caller, call.hub.now(), "group.change", f"group/{name}", name, name=change.name
        )
    return Group(id=name, name=change.name)


def delete_group(call: Call[Nothing, None]) -> None:
    """Delete a group that is empty."""
    name = call.path["group"]
    with call.hub.database.write() as connection:
        places.group(connection, name, call.caller)
        call.caller.require(Role.ADMIN)
        places.delete_group(connection, name)
        audit.note(connection, call.caller, call.hub.now(), "group.delete", f"group/{name}")


def venues(call: Call[VenuesWanted, None]) -> Page[Venue]:
    """List venues."""
    wanted = call.query
    with call.hub.database.read() as connection:
        rows = places.venue_list(
            connection, call.caller, group_id=wanted.group, after=wanted.after, limit=wanted.limit + 1
        )
        found = _told(connection, rows)
    return page(found, wanted, lambda venue: venue.id)


def one_venue(call: Call[Nothing, None]) -> Venue:
    """Give one venue."""
    with call.hub.database.read() as connection:
        return _told(connection, [places.venue(connection, call.path["venue"], call.caller)])[0]


def add_venue(call: Call[Nothing, NewVenue]) -> Venue:
    """Add a venue, to groups that the caller is an operator of."""
    new, now = call.body, call.hub.now()
    for group in new.groups or [""]:
        call.caller.require(Role.OPERATOR, [group] if group else [])
    with call.hub.database.write() as connection:
        places.add_venue(
            connection, new.id, title=new.name, time_zone=new.time_zone, inside=new.groups, now=now
        )
        detail = {"groups": new.groups, "time_zone": new.time_zone}
        audit.note(connection, call.caller, now, "venue.add", f"venue/{new.id}", _first(new.groups), **detail)
        return _told(connection, [places.venue(connection, new.id, call.caller)])[0]


def change_venue(call: Call[Nothing, VenueChange]) -> Venue:
    """Change a venue; its boxes hear of that at their next heartbeats."""
    name, change = call.path["venue"], msgspec.structs.asdict(call.body)
    changes = {field: value for field, value in change.items() if value is not UNSET and field != "groups"}
    with call.hub.database.write() as connection:
        places.venue(connection, name, call.caller, Role.OPERATOR)
        held = places.groups_of(connection, [name])[name]
        places.change_venue(connection, name, changes)
        detail: dict[str, Any] = dict(changes)
        if call.body.groups is not UNSET:
            detail["groups"] = call.body.groups
            for group in set(call.body.groups) ^ set(held):
                call.caller.require(Role.OPERATOR, [group])
            if not call.body.groups:
                call.caller.require(Role.OPERATOR)
            places.put_into_groups(connection, name, call.body.groups)
            publishing.regrouped(connection, name, call.hub.now(), call.caller.user)
        attention.raise_for(connection, venue=name)
        audit.note(
            connection, call.caller, call.hub.now(), "venue.change", f"venue/{name}", _first(held), **detail
        )
        return _told(connection, [places.venue(connection, name, call.caller)])[0]


def delete_venue(call: Call[Nothing, None]) -> None:
    """Delete a venue that has no boxes; what was played there stays."""
    name = call.path["venue"]
    with call.hub.database.write() as connection:
        places.venue(connection, name, call.caller, Role.OPERATOR)
        held = places.groups_of(connection, [name])[name]
        places.delete_venue(connection, name)
        audit.note(connection, call.caller, call.hub.now(), "venue.delete", f"venue/{name}", _first(held))


def add_zone(call: Call[Nothing, NewZone]) -> Zone:
    """Add a zone to a venue."""
    name, new = call.path["venue"], call.body
    with call.hub.database.write() as connection:
        places.venue(connection, name, call.caller, Role.OPERATOR)
        places.add_zone(connection, name, new.id, new.name)
        _note_zone(connection, call, "zone.add", new.id)
    return Zone(id=new.id, name=new.name or new.id)


def delete_zone(call: Call[Nothing, None]) -> None:
    """Delete a zone that has no boxes."""
    name, zone = call.path["venue"], call.path["zone"]
    with call.hub.database.write() as connection:
        places.venue(connection, name, call.caller, Role.OPERATOR)
        places.delete_zone(connection, name, zone)
        _note_zone(connection, call, "zone.delete", zone)


def _note_zone(connection: Connection, call: Call[Any, Any], action: str, zone: str) -> None:
    venue = call.path["venue"]
    held = places.groups_of(connection, [venue])[venue]
    audit.note(connection, call.caller, call.hub.now(), action, f"venue/{venue}", _first(held), zone=zone)


def _told(connection: Connection, rows: Sequence[Row[Any]]) -> list[Venue]:
    names = [row.id for row in rows]
    groups_by, zones_by = places.groups_of(connection, names), places.zones_of(connection, names)
    return [
        Venue(
            id=row.id,
            name=row.name,
            time_zone=row.time_zone,
            blocked=row.blocked,
            groups=groups_by[row.id],
            zones=[Zone(id=zone.id, name=zone.name) for zone in zones_by[row.id]],
            created=row.created,
        )
        for row in rows
    ]


def _first(groups_held: Sequence[str]) -> str:
    """Give the group whose admins see in the audit log what was done."""
    return groups_held[0] if groups_held else ""


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint("GET", "/groups", "List groups", groups, answers=list[Group]),
    _endpoint("POST", "/groups", "Add a group", add_group, body=NewGroup, answers=Group, status=CREATED),
    _endpoint(
        "PATCH", "/groups/{group}", "Give a group another name", change_group, body=GroupChange, answers=Group
    ),
    _endpoint("DELETE", "/groups/{group}", "Delete a group that is empty", delete_group, status=204),
    _endpoint("GET", "/venues", "List venues", venues, query=VenuesWanted, answers=Page[Venue]),
    _endpoint("POST", "/venues", "Add a venue", add_venue, body=NewVenue, answers=Venue, status=CREATED),
    _endpoint("GET", "/venues/{venue}", "Give one venue", one_venue, answers=Venue),
    _endpoint("PATCH", "/venues/{venue}", "Change a venue", change_venue, body=VenueChange, answers=Venue),
    _endpoint("DELETE", "/venues/{venue}", "Delete a venue that has no boxes", delete_venue, status=204),
    _endpoint(
        "POST", "/venues/{venue}/zones", "Add a zone", add_zone, body=NewZone, answers=Zone, status=CREATED
    ),
    _endpoint("DELETE", "/venues/{venue}/zones/{zone}", "Delete a zone", delete_zone, status=204),
)
