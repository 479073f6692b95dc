"""Bundles for sticks: what is signed of them, and the programs' files for whoever makes one."""

from typing import Any

from sqlalchemy import select
from starlette.responses import Response

from easyplayer.hub.db.schema import boxes as all_boxes
from easyplayer.hub.services import boxes, bundling
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.publishing import file_for
from easyplayer.hub.stick_views import BundleMade, BundleWanted
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.errors import JSON

SUBJECT = "sticks"
CREATED = 201


def make(call: Call[Nothing, BundleWanted]) -> BundleMade:
    """Make a bundle for some boxes."""
    hub, wanted = call.hub, call.body
    with hub.database.read() as connection:
        made = bundling.make(connection, call.caller, wanted, keys=hub.keys, now=hub.now(), chance=hub.chance)
    with hub.database.write() as connection:
        bundling.note(connection, call.caller, hub.now(), wanted, made)
    return made


def program(call: Call[Nothing, None]) -> Response:
    """Give the file of a program that is published for a box."""
    with call.hub.database.read() as connection:
        box = boxes.box(connection, call.path["box"], call.caller, Role.PROGRAMMER).id
        row = connection.execute(select(all_boxes).where(all_boxes.c.id == box)).mappings().one()
        return Response(file_for(connection, row, call.path["digest"]), media_type=JSON)


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(
        "POST",
        "/bundles",
        "Make a bundle for a stick: what boxes are to play, signed, and the files that it takes",
        make,
        body=BundleWanted,
        answers=BundleMade,
        status=CREATED,
    ),
    _endpoint(
        "GET",
        "/boxes/{box}/programs/{digest}",
        "Give the file of a program that is published for a box",
        program,
        answers=bytes,
    ),
)
