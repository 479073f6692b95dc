"""What will be heard in a venue, and why."""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.hub.preview_views import Day, Moment
from easyplayer.hub.services.preview import Asked, day_from, instant_from
from easyplayer.hub.web.endpoint import Call, Endpoint

Zone = Annotated[str, Meta(max_length=63)]
MAIN = "main"


class MomentWanted(Struct, frozen=True, kw_only=True):
    """Which instant is wanted.

    :ivar at: seconds since 1970, or a local time such as ``2026-12-24T18:07``; empty is now.
    """

    at: Annotated[str, Meta(max_length=40)] = ""
    zone: Zone = MAIN


class DayWanted(Struct, frozen=True, kw_only=True):
    """Which day is wanted.

    :ivar date: such as ``2026-12-24``; empty is today.
    """

    date: Annotated[str, Meta(max_length=10)] = ""
    zone: Zone = MAIN


def moment(call: Call[MomentWanted, None]) -> Moment:
    """Tell what is heard at an instant."""
    hub, wanted = call.hub, call.query
    with hub.database.read() as connection:
        asked = Asked(connection, call.caller, hub.rehearsals, call.path["venue"], wanted.zone)
    return asked.at(instant_from(wanted.at, asked.clock, hub.now()))


def day(call: Call[DayWanted, None]) -> Day:
    """Tell what is heard on a day."""
    hub, wanted = call.hub, call.query
    with hub.database.read() as connection:
        asked = Asked(connection, call.caller, hub.rehearsals, call.path["venue"], wanted.zone)
    return asked.day(day_from(wanted.date, asked.clock, hub.now()))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/venues/{venue}/preview",
        summary="Tell what is heard in a zone of a venue at an instant, and why",
        handle=moment,
        query=MomentWanted,
        answers=Moment,
        subject="preview",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/venues/{venue}/preview/day",
        summary="Tell what is heard in a zone of a venue on a day",
        handle=day,
        query=DayWanted,
        answers=Day,
        subject="preview",
    ),
)
