"""What the hub says of itself: who it is, what time it has, whether it is well, what it counts."""

from msgspec import Struct
from sqlalchemy import text
from starlette.responses import Response

from easyplayer import __version__
from easyplayer.hub.metrics import CONTENT_TYPE
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.fleet import fleet
from easyplayer.hub.web.address import is_local
from easyplayer.hub.web.endpoint import Call, Endpoint, Needs, Nothing
from easyplayer.protocol.pairing import Hello, TimeAsked, TimeTold
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose

SUBJECT = "hub"


class Health(Struct, frozen=True, kw_only=True):
    """The hub is well: it answers, and so does its database."""

    status: str = "ok"


def hello(call: Call[Nothing, None]) -> Hello:
    """Say who the hub is."""
    return Hello(version=__version__, keys=call.hub.keys.public, time=call.hub.now())


def time(call: Call[Nothing, TimeAsked]) -> Signed:
    """Tell the time, signed."""
    told = TimeTold(nonce=call.body.nonce, time=call.hub.now())
    return call.hub.keys.sign(Purpose.TIME, told)


def health(call: Call[Nothing, None]) -> Health:
    """Tell whether the hub is well."""
    with call.hub.database.read() as connection:
        connection.execute(text("SELECT 1"))
    return Health()


def metrics(call: Call[Nothing, None]) -> Response:
    """Tell what the hub counts: to this machine, and to users that see all groups."""
    if not is_local(call.request.scope, call.request.headers):
        call.caller.require(Role.VIEWER)
    hub, now = call.hub, call.hub.now()
    if hub.metrics.wants_fleet(now):
        with hub.database.read() as connection:
            boxes, waiting = fleet(connection, now, hub.settings.heartbeat_s)
        hub.metrics.tell_fleet(boxes, waiting, now)
    return Response(hub.metrics.text(), media_type=CONTENT_TYPE)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/hello",
        summary="Say who the hub is, and which keys it signs with",
        handle=hello,
        needs=Needs.NOTHING,
        answers=Hello,
        subject=SUBJECT,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/time",
        summary="Tell the time, signed",
        handle=time,
        needs=Needs.NOTHING,
        body=TimeAsked,
        answers=Signed,
        subject=SUBJECT,
    ),
    Endpoint(
        method="GET",
        path="/healthz",
        summary="Tell whether the hub and its database are well",
        handle=health,
        needs=Needs.NOTHING,
        answers=Health,
        subject=SUBJECT,
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        summary="Tell what the hub counts, as OpenMetrics text",
        handle=metrics,
        needs=Needs.VISITOR,
        answers=bytes,
        subject=SUBJECT,
    ),
)
