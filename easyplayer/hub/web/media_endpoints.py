"""What boxes fetch: the program that is published for them, and its media by signed URLs."""

from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy import select
from starlette.responses import Response

from easyplayer.hub.db.schema import boxes
from easyplayer.hub.services.holding import none_such
from easyplayer.hub.services.media_urls import MediaClaim, signed_url, verify
from easyplayer.hub.services.publishing import file_for
from easyplayer.hub.services.track_items import media_key
from easyplayer.hub.services.tracks import size_of
from easyplayer.hub.web.contents import OF_MEDIA, medium
from easyplayer.hub.web.endpoint import Call, Endpoint, Needs, Nothing
from easyplayer.hub.web.errors import JSON
from easyplayer.protocol.media import MediaTicket
from easyplayer.units import Seconds

MINUTE_S = 60


class MediaWanted(Struct, frozen=True, kw_only=True):
    """What the URL of a medium carries."""

    box: Annotated[str, Meta(max_length=64)]
    expires: Annotated[int, Meta(ge=0, le=2**53)]
    key: Annotated[str, Meta(max_length=64)]
    signature: Annotated[str, Meta(max_length=128)]


def program(call: Call[Nothing, None]) -> Response:
    """Give the file of a program that is published for the box."""
    with call.hub.database.read() as connection:
        box = connection.execute(select(boxes).where(boxes.c.id == call.caller.box)).mappings().one()
        return Response(file_for(connection, box, call.path["digest"]), media_type=JSON)


def ticket(call: Call[Nothing, None]) -> MediaTicket:
    """Give the box a URL of a medium."""
    hub, sha256 = call.hub, call.path["sha256"]
    with hub.database.read() as connection:
        size = size_of(connection, sha256)
    if size is None or hub.media.size(media_key(sha256)) is None:
        raise none_such("medium", sha256)
    holds_s = Seconds(hub.settings.media_minutes * MINUTE_S)
    url = signed_url(hub.keys, sha256, call.caller.box, hub.now(), holds_s)
    return MediaTicket(url=url, sha256=sha256, size=size, expires_s=holds_s)


def fetch(call: Call[MediaWanted, None]) -> Response:
    """Give a medium, or a range of it, to whoever has a URL that is signed for it."""
    hub, sha256, wanted = call.hub, call.path["sha256"], call.query
    claim = MediaClaim(box=wanted.box, expires=wanted.expires, key=wanted.key, signature=wanted.signature)
    verify(hub.keys, sha256, claim, hub.now())
    return medium(hub, call.request, sha256)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/box/programs/{digest}",
        summary="Give the file of a program that is published for the box",
        handle=program,
        needs=Needs.BOX,
        answers=bytes,
        subject="box",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/box/media/{sha256}",
        summary="Give the box a URL of a medium",
        handle=ticket,
        needs=Needs.BOX,
        answers=MediaTicket,
        subject="box",
    ),
    Endpoint(
        method="GET",
        path="/media/{sha256}",
        summary="Give a medium, or a range of it, by a signed URL",
        handle=fetch,
        needs=Needs.NOTHING,
        query=MediaWanted,
        answers=bytes,
        also=OF_MEDIA,
        subject="box",
    ),
)
