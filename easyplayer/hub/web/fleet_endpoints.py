"""Boxes, as operators see them: which wait to be claimed, how the others are, and where they are to be."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct
from sqlalchemy import Connection, Row

from easyplayer.hub.fleet_views import Box, BoxChange, BoxDetail, Claim, Fleet, Run, Screenshot, Waiting
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import audit, boxes, clones, command_desk, limits, pairing, places, publishing
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import require_somewhere
from easyplayer.hub.web.address import site_of
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.pages import page
from easyplayer.hub.web.views import Page, Paged
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.units import Instant

SUBJECT = "boxes"
CREATED = 201


class FleetWanted(Struct, frozen=True, kw_only=True):
    """Which boxes to count; what is empty chooses all."""

    venue: str = ""
    group: str = ""


class BoxesWanted(Paged, frozen=True, kw_only=True):
    """Which boxes to list; what is empty chooses all.

    :ivar state: ``online``, ``late``, ``silent`` or ``never``.
    :ivar screen: ``up``, ``off``, ``down`` or ``none``.
    :ivar text: stands in the name or the id.
    """

    venue: str = ""
    group: str = ""
    state: str = ""
    screen: str = ""
    text: Annotated[str, Meta(max_length=200)] = ""


def waiting(call: Call[Nothing, None]) -> list[Waiting]:
    """List boxes that wait to be claimed."""
    require_somewhere(call.caller, Role.OPERATOR)
    with call.hub.database.read() as connection:
        rows = pairing.waiting(connection, call.hub.now())
    return [msgspec.convert(row, Waiting, from_attributes=True) for row in rows]


def claim(call: Call[Nothing, Claim]) -> Box:
    """Make a waiting box one of a venue's; a code that is wrong may be tried a few times only."""
    return claimed(call.hub, call.caller, call.body)


def claimed(hub: Hub, caller: Caller, wanted: Claim) -> Box:
    """Claim a box, for the API and for pages alike: tries are counted, and it is written down.

    :raises NotFoundError: no box shows this code, or the caller sees no such venue, or it has no such zone.
    :raises ForbiddenError: the caller is no operator there.
    :raises ProtocolError: the code can be none.
    :raises TooManyError: too many codes were wrong.
    """
    now = hub.now()
    with hub.database.read() as connection:
        places.venue(connection, wanted.venue, caller, Role.OPERATOR)
        places.require_zone(connection, wanted.venue, wanted.zone)
    tries = f"claim:{site_of(caller.address)}"
    with hub.database.write() as connection:
        limits.count(connection, tries, now, "to claim a box")
    with hub.database.write() as connection:
        box, known = pairing.claim(
            connection, wanted.code, venue=wanted.venue, zone=wanted.zone, name=wanted.name, now=now
        )
        if known:
            publishing.moved(connection, box, now, caller.user)
        limits.take_back(connection, tries)
        row = boxes.box(connection, box, caller)
        _note(connection, caller, now, "box.claim", row, venue=row.venue, zone=row.zone, name=row.name)
    return _box(row, now, hub.settings.heartbeat_s)


def fleet(call: Call[FleetWanted, None]) -> Fleet:
    """Count the boxes in each state."""
    wanted, hub = boxes.Wanted(venue=call.query.venue, group=call.query.group), call.hub
    with hub.database.read() as connection:
        counts = boxes.counts(connection, call.caller, wanted, hub.now(), hub.settings.heartbeat_s)
    return Fleet(**counts)


def box_list(call: Call[BoxesWanted, None]) -> Page[Box]:
    """List boxes."""
    asked, hub, now = call.query, call.hub, call.hub.now()
    wanted = boxes.Wanted(
        venue=asked.venue, group=asked.group, state=asked.state, screen=asked.screen, text=asked.text
    )
    interval_s = hub.settings.heartbeat_s
    with hub.database.read() as connection:
        rows = boxes.box_list(
            connection, call.caller, wanted, now, interval_s, after=asked.after, limit=asked.limit + 1
        )
    return page([_box(row, now, interval_s) for row in rows], asked, lambda box: box.id)


def one_box(call: Call[Nothing, None]) -> BoxDetail:
    """Give all that is known of one box."""
    hub = call.hub
    with hub.database.read() as connection:
        row = boxes.box(connection, call.path["box"], call.caller)
        runs = clones.runs(connection, row.id)
        picture = command_desk.last_picture(connection, row.id)
    shown = msgspec.structs.asdict(_box(row, hub.now(), hub.settings.heartbeat_s))
    return BoxDetail(
        **shown,
        machine=row.machine,
        now=msgspec.json.decode(row.now, type=Now) if row.seen else None,
        status=msgspec.json.decode(row.status, type=Status) if row.status else None,
        runs=[msgspec.convert(run, Run, from_attributes=True) for run in runs],
        screenshot=None if picture is None else Screenshot(command=picture.id, taken=picture.finished),
    )


def change_box(call: Call[Nothing, BoxChange]) -> Box:
    """Change a box; it hears of that at its next heartbeat."""
    name, hub, now = call.path["box"], call.hub, call.hub.now()
    changes = {
        field: value for field, value in msgspec.structs.asdict(call.body).items() if value is not UNSET
    }
    if "venue" in changes:
        changes.setdefault("zone", places.MAIN_ZONE)
    with hub.database.write() as connection:
        boxes.box(connection, name, call.caller, Role.OPERATOR)
        if "venue" in changes:
            places.venue(connection, changes["venue"], call.caller, Role.OPERATOR)
        if boxes.change(connection, name, changes):
            publishing.moved(connection, name, now, call.caller.user)
        row = boxes.box(connection, name, call.caller)
        _note(connection, call.caller, now, "box.change", row, **changes)
    return _box(row, now, hub.settings.heartbeat_s)


def unpair(call: Call[Nothing, None]) -> None:
    """Unpair a box: it is heard no more; what it has played stays."""
    now = call.hub.now()
    with call.hub.database.write() as connection:
        row = boxes.box(connection, call.path["box"], call.caller, Role.OPERATOR)
        _note(connection, call.caller, now, "box.unpair", row, name=row.name, venue=row.venue)
        boxes.unpair(connection, row.id)


def _note(
    connection: Connection, caller: Caller, now: Instant, action: str, row: Row[Any], **detail: object
) -> None:
    held = places.groups_of(connection, [row.venue])[row.venue]
    group = held[0] if held else ""
    audit.note(connection, caller, now, action, f"box/{row.id}", group, **detail)


def _box(row: Row[Any], now: Instant, interval_s: float) -> Box:
    return Box(
        id=row.id,
        name=row.name,
        venue=row.venue,
        venue_name=row.venue_name,
        zone=row.zone,
        state=boxes.state_of(row.seen, now, interval_s).value,
        seen=row.seen,
        address=row.address,
        blocked=row.blocked,
        venue_blocked=row.venue_blocked,
        revision=row.revision,
        created=row.created,
        screen=row.screen,
    )


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint("GET", "/pairings", "List boxes that wait to be claimed", waiting, answers=list[Waiting]),
    _endpoint("POST", "/claims", "Claim a waiting box", claim, body=Claim, answers=Box, status=CREATED),
    _endpoint("GET", "/fleet", "Count the boxes in each state", fleet, query=FleetWanted, answers=Fleet),
    _endpoint("GET", "/boxes", "List boxes", box_list, query=BoxesWanted, answers=Page[Box]),
    _endpoint("GET", "/boxes/{box}", "Give all that is known of one box", one_box, answers=BoxDetail),
    _endpoint("PATCH", "/boxes/{box}", "Change a box", change_box, body=BoxChange, answers=Box),
    _endpoint("DELETE", "/boxes/{box}", "Unpair a box", unpair, status=204),
)
