"""Which boxes are to hear more at their next heartbeat than that all is well.

What can be seen to have arrived (a command by its result, a program by its revision) is said until it has.
What cannot, such as where a box is, is said :data:`TIMES` times, in case an answer is lost on the way.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from easyplayer.hub.db.schema import boxes as all_boxes
from easyplayer.hub.db.schema import pulses, venue_groups

TIMES = 3
"""In how many heartbeats something is said that the box does not confirm."""


def raise_for(connection: Connection, *, boxes: Iterable[str] = (), venue: str = "", group: str = "") -> None:
    """Have boxes hear at their next heartbeat what is new for them.

    :param venue: all boxes of a venue.
    :param group: all boxes of the venues of a group.
    """
    wanted = select(pulses.c.box).join(all_boxes, all_boxes.c.id == pulses.c.box)
    if venue:
        wanted = wanted.where(all_boxes.c.venue == venue)
    elif group:
        wanted = wanted.join(venue_groups, venue_groups.c.venue == all_boxes.c.venue).where(
            venue_groups.c.group == group
        )
    else:
        wanted = wanted.where(pulses.c.box.in_(sorted(boxes)))
    # One order for all who lock several rows: two of them never wait for each other.
    locked = wanted.order_by(pulses.c.box).with_for_update(of=pulses)
    connection.execute(update(pulses).where(pulses.c.box.in_(locked)).values(attention=TIMES))


def lock(connection: Connection, box: str) -> int:
    """Look at one box's attention, and keep others from raising it until the transaction is over.

    :returns: 0 where there is nothing more to say, or no such box.
    """
    row = select(pulses.c.attention).where(pulses.c.box == box).with_for_update()
    return connection.execute(row).scalar() or 0


def told(connection: Connection, box: str, attention: int, *, more: bool) -> None:
    """Note that a box has been told all that there is, this once.

    :param attention: what :func:`lock` has given.
    :param more: whether something of it is to be said until it has arrived.
    """
    left = TIMES if more else max(attention - 1, 0)
    if left != attention:
        connection.execute(update(pulses).where(pulses.c.box == box).values(attention=left))
