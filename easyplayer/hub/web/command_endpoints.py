"""Commands for boxes: one for a box, or one for each of a venue's or a group's."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row
from starlette.responses import Response, StreamingResponse

from easyplayer.errors import NotFoundError
from easyplayer.hub.fleet_views import CommandView, NewCommand
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import audit, boxes, command_desk, places
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.pages import number_after, page
from easyplayer.hub.web.views import Page, Paged
from easyplayer.protocol.commands import CommandResult, Name
from easyplayer.units import Instant

SUBJECT = "commands"
CREATED = 201
ENDINGS = {
    "text/plain": ".txt",
    "audio/wav": ".wav",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/json": ".json",
}


def to_box(call: Call[Nothing, NewCommand]) -> CommandView:
    """Give a box a command."""
    role = command_desk.role_for(call.body.name)
    with call.hub.database.write() as connection:
        row = boxes.box(connection, call.path["box"], call.caller, role)
        held = places.groups_of(connection, [row.venue])[row.venue]
        return _give(connection, call, [row.id], f"box/{row.id}", held)[0]


def to_venue(call: Call[Nothing, NewCommand]) -> list[CommandView]:
    """Give each box of a venue a command."""
    role, venue = command_desk.role_for(call.body.name), call.path["venue"]
    with call.hub.database.write() as connection:
        places.venue(connection, venue, call.caller, role)
        held = places.groups_of(connection, [venue])[venue]
        return _give(connection, call, boxes.in_venue(connection, venue), f"venue/{venue}", held)


def to_group(call: Call[Nothing, NewCommand]) -> list[CommandView]:
    """Give each box of a group's venues a command."""
    role, group = command_desk.role_for(call.body.name), call.path["group"]
    with call.hub.database.write() as connection:
        places.group(connection, group, call.caller)
        call.caller.require(role, [group])
        return _give(connection, call, boxes.in_group(connection, group), f"group/{group}", [group])


def of_box(call: Call[Paged, None]) -> Page[CommandView]:
    """List the commands of a box, the newest first."""
    wanted, now = call.query, call.hub.now()
    before = number_after(wanted)
    with call.hub.database.read() as connection:
        row = boxes.box(connection, call.path["box"], call.caller)
        rows = command_desk.of_box(connection, row.id, before=before, limit=wanted.limit + 1)
    return page([_told(row, now) for row in rows], wanted, lambda command: command.number)


def one(call: Call[Nothing, None]) -> CommandView:
    """Give one command, and what came of it."""
    with call.hub.database.read() as connection:
        return _told(_seen(connection, call), call.hub.now())


def attachment(call: Call[Nothing, None]) -> Response:
    """Give what a box has sent beside the result of a command."""
    hub = call.hub
    with hub.database.read() as connection:
        row = _seen(connection, call)
    return _attached(hub, row, "attachment")


def screenshot(call: Call[Nothing, None]) -> Response:
    """Give the last picture that a box has sent of what it shows."""
    with call.hub.database.read() as connection:
        box = boxes.box(connection, call.path["box"], call.caller).id
        row = command_desk.last_picture(connection, box)
    if row is None:
        message = f"the box {box} has sent no screenshot yet: give it the command {Name.SCREENSHOT}"
        raise NotFoundError(message)
    return _attached(call.hub, row, "inline")


def _attached(hub: Hub, row: Row[Any], how: str) -> Response:
    key = command_desk.attachment_key(row.id)
    size = hub.media.size(key) if row.attachment else None
    if size is None:
        message = f"nothing came with the result of the command {row.id}"
        raise NotFoundError(message)
    ending = ENDINGS.get(row.attachment_type.partition(";")[0], ".bin")
    headers = {
        "Content-Disposition": f'{how}; filename="{row.name}-{row.id}{ending}"',
        "Content-Length": str(size),
    }
    return StreamingResponse(hub.media.read(key, 0, size), headers=headers, media_type=row.attachment_type)


def _give(
    connection: Connection,
    call: Call[Nothing, NewCommand],
    chosen: Sequence[str],
    place: str,
    held: Sequence[str],
) -> list[CommandView]:
    new, now = call.body, call.hub.now()
    expires = Instant(now + new.expires_s)
    rows = command_desk.give(
        connection,
        chosen,
        new.name,
        new.args,
        by=call.caller.user,
        now=now,
        expires=expires,
        chance=call.hub.chance,
    )
    detail = {"name": new.name, "args": new.args, "why": new.why, "boxes": len(rows)}
    audit.note(connection, call.caller, now, "command.give", place, held[0] if held else "", **detail)
    return [_told(row, now) for row in rows]


def _seen(connection: Connection, call: Call[Any, Any]) -> Row[Any]:
    """Give the command that is asked for, where the caller may see its box."""
    row = command_desk.one(connection, call.path["command"])
    try:
        boxes.box(connection, row.box, call.caller)
    except NotFoundError:
        raise command_desk.none_such(row.id) from None
    return row


def _told(row: Row[Any], now: Instant) -> CommandView:
    return CommandView(
        id=row.id,
        box=row.box,
        number=row.number,
        name=row.name,
        args=msgspec.json.decode(row.args),
        issued=row.issued,
        expires=row.expires,
        by=row.by,
        state=command_desk.state_at(row, now),
        sent=row.sent,
        finished=row.finished,
        result=msgspec.json.decode(row.result, type=CommandResult) if row.result else None,
        attachment=row.attachment,
        attachment_type=row.attachment_type,
    )


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


GIVEN: dict[str, Any] = {"body": NewCommand, "status": CREATED}

ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint("POST", "/boxes/{box}/commands", "Give a box a command", to_box, answers=CommandView, **GIVEN),
    _endpoint(
        "GET",
        "/boxes/{box}/commands",
        "List the commands of a box",
        of_box,
        query=Paged,
        answers=Page[CommandView],
    ),
    _endpoint(
        "POST",
        "/venues/{venue}/commands",
        "Give each box of a venue a command",
        to_venue,
        answers=list[CommandView],
        **GIVEN,
    ),
    _endpoint(
        "POST",
        "/groups/{group}/commands",
        "Give each box of a group's venues a command",
        to_group,
        answers=list[CommandView],
        **GIVEN,
    ),
    _endpoint("GET", "/commands/{command}", "Give one command", one, answers=CommandView),
    _endpoint(
        "GET", "/commands/{command}/attachment", "Give what came with a result", attachment, answers=bytes
    ),
    _endpoint(
        "GET", "/boxes/{box}/screenshot", "Give the last picture of its screen", screenshot, answers=bytes
    ),
)
