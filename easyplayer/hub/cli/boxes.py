"""Boxes as operators name them, and as they are listed."""

import re

from easyplayer.errors import BadRequestError, NotFoundError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, ago
from easyplayer.hub.fleet_views import Box
from easyplayer.protocol.pairing import Hello
from easyplayer.units import Instant

ID = re.compile(r"[0-9a-hjkmnp-tv-z]{16}")


def hub_time(hub: HubClient) -> Instant:
    """Tell what time it is at the hub, for its instants are of that clock."""
    return hub.get("/hello", Hello).time


def columns(now: Instant) -> tuple[Column[Box], ...]:
    """Give the columns of a list of boxes."""
    return (
        Column[Box]("id", lambda one: one.id),
        Column[Box]("name", lambda one: one.name),
        Column[Box]("where", lambda one: f"{one.venue}/{one.zone}"),
        Column[Box]("state", lambda one: one.state),
        Column[Box]("seen", lambda one: seen(one, now)),
        Column[Box]("revision", lambda one: str(one.revision or "-")),
        Column[Box]("blocked", lambda one: one.blocked or one.venue_blocked),
        Column[Box]("screen", lambda one: one.screen),
    )


def seen(box: Box, now: Instant) -> str:
    """Tell how long ago a box was heard of."""
    return ago(now - box.seen if box.seen else None)


def id_of(hub: HubClient, named: str) -> str:
    """Give the id of the box that an operator names: by its id, or by its name where one only has it.

    :raises NotFoundError: none has it.
    :raises BadRequestError: several have.
    """
    if ID.fullmatch(named):
        return named
    found = [one.id for one in hub.pages("/boxes", Box, {"text": named}) if one.name == named]
    if not found:
        message = f"there is no box {named!r}: easyplayer-hub box list tells which there are"
        raise NotFoundError(message)
    if len(found) > 1:
        message = f"several boxes are called {named!r}: name one by its id: {', '.join(found)}"
        raise BadRequestError(message)
    return found[0]
