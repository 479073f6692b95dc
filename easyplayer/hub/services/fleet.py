"""The fleet in figures, for whoever watches the hub."""

from sqlalchemy import Connection

from easyplayer.hub.services import boxes, command_desk
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.units import Instant

EVERYTHING = Caller(grants={ALL: Role.VIEWER})


def fleet(connection: Connection, now: Instant, interval_s: float) -> tuple[dict[str, int], int]:
    """Count the boxes by state, and the commands that have no result yet.

    :param interval_s: how often a heartbeat is wanted.
    """
    states = boxes.counts(connection, EVERYTHING, boxes.Wanted(), now, interval_s)
    return states, command_desk.count_open(connection, now)
