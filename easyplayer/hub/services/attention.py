"""Which boxes are to hear more at their next heartbeat than that all is well.

What can be seen to have arrived (a command by its result, a program by its revision) is said until it has.
What cannot, such as where a box is, is said :data:`TIMES` times, in case an answer is lost on the way.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from msgspec import Struct
from sqlalchemy import Connection, bindparam, case, select, update

from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import boxes as all_boxes
from easyplayer.hub.db.schema import pulses, venue_groups

TIMES = 3
"""In how many heartbeats something is said that the box does not confirm."""
ONCE = 1
"""The same for what it does: it is said for as long as it takes anyway."""
LOCKED = (
    select(pulses.c.box, pulses.c.attention)
    .where(pulses.c.box.in_(bindparam("names", expanding=True)))
    .order_by(pulses.c.box)
    .with_for_update()
)
LOWERED = (
    update(pulses)
    .where(pulses.c.box.in_(bindparam("names", expanding=True)))
    .values(attention=bindparam("left"))
)


class Raised(Struct, frozen=True):
    """There is something new for boxes: what :func:`raise_for` notes, and who wakes them hears of."""

    boxes: tuple[str, ...]


def raise_for(
    connection: Connection,
    *,
    boxes: Iterable[str] = (),
    venue: str = "",
    group: str = "",
    times: int = TIMES,
) -> None:
    """Have boxes hear at their next heartbeat what is new for them; those that are live are woken for it.

    :param venue: all boxes of a venue.
    :param group: all boxes of the venues of a group.
    :param times: in how many heartbeats; :data:`ONCE` where a box shows that it has it.
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
    level = case((pulses.c.attention < times, times), else_=pulses.c.attention)
    raising = update(pulses).where(pulses.c.box.in_(locked)).values(attention=level)
    raised = tuple(connection.scalars(raising.returning(pulses.c.box)))
    if raised:
        note(connection, Raised(raised))


def lock(connection: Connection, boxes: Iterable[str]) -> dict[str, int]:
    """Look at the attention of boxes, and keep others from raising it until the transaction is over.

    :returns: for each box that there is; 0 where there is nothing more to say.
    """
    return {row.box: row.attention for row in connection.execute(LOCKED, {"names": sorted(boxes)})}


def left_of(level: int, *, more: bool) -> int:
    """Tell what is left of a box's attention once it has been told all that there is.

    :param level: what :func:`lock` has given.
    :param more: whether something of it is to be said until it has arrived.
    """
    return max(level - 1, ONCE if more else 0)


def told(connection: Connection, before: Mapping[str, int], left: Mapping[str, int]) -> None:
    """Note of boxes that they have been told, where that changes anything.

    :param before: what :func:`lock` has given.
    :param left: what :func:`left_of` has given.
    """
    lowered = sorted((level, box) for box, level in left.items() if level != before[box])
    for level, names in groupby(lowered, key=lambda one: one[0]):
        connection.execute(LOWERED, {"left": level, "names": [box for _, box in names]})
