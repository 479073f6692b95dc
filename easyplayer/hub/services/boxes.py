"""The boxes as operators see them: which there are, how they are, and where they are to be."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, case, delete, func, literal, or_, select, update

from easyplayer.errors import BadRequestError, NotFoundError
from easyplayer.hub.content_views import Target
from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import boxes, pulses, venue_groups, venues
from easyplayer.hub.services import attention, discarding, effective, places
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.facts import EVERYBODY, Regranted, Unpaired
from easyplayer.protocol.heartbeat import ScreenState
from easyplayer.units import Instant

ONLINE_INTERVALS = 2.5
"""For how many intervals a box may say nothing, and still counts as online."""
SILENT_S = 600.0
"""After how long without a word it is silent."""


class State(StrEnum):
    """Whether a box is heard of."""

    ONLINE = "online"
    LATE = "late"
    """It has missed more than one heartbeat."""
    SILENT = "silent"
    """Nothing was heard of it for ten minutes."""
    NEVER = "never"
    """Nothing was ever heard of it since it was paired."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which boxes to list; what is empty chooses all.

    :ivar screen: what there is to see on their screens.
    :ivar text: stands in the box's name or id, whatever its case.
    """

    venue: str = ""
    group: str = ""
    state: str = ""
    screen: str = ""
    text: str = ""


def state_of(seen: Instant, now: Instant, interval_s: float) -> State:
    """Tell whether a box is heard of.

    :param seen: when it was last heard of; 0 is never.
    :param interval_s: how often a heartbeat is wanted.
    """
    if not seen:
        return State.NEVER
    online_s, late_s = _bounds(interval_s)
    if now - seen <= online_s:
        return State.ONLINE
    return State.LATE if now - seen <= late_s else State.SILENT


def box_list(
    connection: Connection,
    caller: Caller,
    wanted: Wanted,
    now: Instant,
    interval_s: float,
    *,
    after: str,
    limit: int,
) -> list[Row[Any]]:
    """List boxes that a caller may see, by id, each with its pulse and its venue.

    :raises BadRequestError: there is no such state, or none such of a screen.
    """
    chosen = _told().where(boxes.c.id > after, boxes.c.venue.in_(places.visible_venues(caller)))
    if wanted.venue:
        chosen = chosen.where(boxes.c.venue == wanted.venue)
    if wanted.group:
        chosen = chosen.where(boxes.c.venue.in_(_venues_in(wanted.group)))
    if wanted.text:
        chosen = chosen.where(
            or_(
                boxes.c.name.icontains(wanted.text, autoescape=True),
                boxes.c.id.contains(wanted.text, autoescape=True),
            )
        )
    if wanted.state:
        chosen = chosen.where(_state(now, interval_s) == _known(State, wanted.state))
    if wanted.screen:
        chosen = chosen.where(pulses.c.screen == _known(ScreenState, wanted.screen))
    return list(connection.execute(chosen.order_by(boxes.c.id).limit(limit)))


def box(connection: Connection, name: str, caller: Caller, role: Role = Role.VIEWER) -> Row[Any]:
    """Give one box, with its pulse and its venue, where a caller has a role.

    :raises NotFoundError: there is none, or none that the caller may see.
    :raises ForbiddenError: the caller sees it, and has not that role there.
    """
    row = connection.execute(_told().where(boxes.c.id == name)).first()
    held = places.groups_of(connection, [row.venue])[row.venue] if row is not None else []
    if row is None or not caller.sees(held):
        message = f"there is no box {name}"
        raise NotFoundError(message)
    caller.require(role, held)
    return row


def in_venue(connection: Connection, venue: str) -> list[str]:
    """Name all boxes of a venue."""
    return list(connection.scalars(select(boxes.c.id).where(boxes.c.venue == venue).order_by(boxes.c.id)))


def in_group(connection: Connection, group: str) -> list[str]:
    """Name all boxes of the venues of a group."""
    chosen = select(boxes.c.id).where(boxes.c.venue.in_(_venues_in(group)))
    return list(connection.scalars(chosen.order_by(boxes.c.id)))


def change(connection: Connection, name: str, changes: Mapping[str, str]) -> bool:
    """Change a box's name, venue, zone, or why it may not play; it hears of that at its next heartbeat.

    :returns: whether it is to be somewhere else than before.
    :raises NotFoundError: its venue has no such zone.
    """
    if not changes:
        return False
    before = connection.execute(select(boxes.c.venue, boxes.c.zone).where(boxes.c.id == name)).one()
    row = connection.execute(
        update(boxes).where(boxes.c.id == name).values(**changes).returning(boxes.c.venue, boxes.c.zone)
    ).one()
    if row != before:
        places.require_zone(connection, row.venue, row.zone)
        note(connection, Regranted(EVERYBODY))
    attention.raise_for(connection, boxes=[name])
    return bool(row != before)


def unpair(connection: Connection, name: str) -> None:
    """Forget a box: its tokens are void, its commands gone, and so, soon, is what came with their results.

    What it has played stays.
    """
    discarding.discard_all_of(connection, name)
    effective.end_for(connection, Target.BOX, [name])
    gone = delete(boxes).where(boxes.c.id == name).returning(boxes.c.name, boxes.c.venue, boxes.c.zone)
    row = connection.execute(gone).first()
    if row is not None:
        held = places.groups_of(connection, [row.venue])[row.venue]
        note(connection, Unpaired(name, row.name, row.venue, row.zone, tuple(held)))


def some(connection: Connection, names: Iterable[str]) -> list[Row[Any]]:
    """Give those of some boxes that there are, whoever may see them, each with its pulse and its venue."""
    return list(connection.execute(_told().where(boxes.c.id.in_([*names]))))


def not_online(connection: Connection, now: Instant, interval_s: float) -> dict[str, str]:
    """Tell the states of all boxes that are not online."""
    state = _state(now, interval_s)
    chosen = select(pulses.c.box, state.label("state")).where(state != State.ONLINE.value)
    return {row.box: row.state for row in connection.execute(chosen)}


def counts(
    connection: Connection, caller: Caller, wanted: Wanted, now: Instant, interval_s: float
) -> dict[str, int]:
    """Count the boxes that a caller may see, by state; and those that are blocked, or have a dark screen."""
    state = _state(now, interval_s)
    blocked = (boxes.c.blocked != "") | (venues.c.blocked != "")
    chosen = (
        select(
            state.label("state"),
            func.count().label("count"),
            func.sum(case((blocked, 1), else_=0)).label("blocked"),
            func.sum(case((pulses.c.screen == ScreenState.DOWN.value, 1), else_=0)).label("screen_down"),
        )
        .select_from(
            boxes.join(pulses, pulses.c.box == boxes.c.id).join(venues, venues.c.id == boxes.c.venue)
        )
        .where(boxes.c.venue.in_(places.visible_venues(caller)))
        .group_by(state)
    )
    if wanted.venue:
        chosen = chosen.where(boxes.c.venue == wanted.venue)
    if wanted.group:
        chosen = chosen.where(boxes.c.venue.in_(_venues_in(wanted.group)))
    found = {one.value: 0 for one in State} | {"blocked": 0, "screen_down": 0}
    for state_found, count, blocked_count, down_count in connection.execute(chosen):
        found[state_found] = count
        found["blocked"] += blocked_count
        found["screen_down"] += down_count
    return found


def _told() -> Select[Any]:
    return select(
        boxes,
        pulses.c.seen,
        pulses.c.address,
        pulses.c.now,
        pulses.c.status,
        pulses.c.revision,
        pulses.c.screen,
        venues.c.name.label("venue_name"),
        venues.c.blocked.label("venue_blocked"),
    ).select_from(boxes.join(pulses, pulses.c.box == boxes.c.id).join(venues, venues.c.id == boxes.c.venue))


def _venues_in(group: str) -> Select[Any]:
    return select(venue_groups.c.venue).where(venue_groups.c.group == group)


def _bounds(interval_s: float) -> tuple[float, float]:
    online_s = ONLINE_INTERVALS * interval_s
    return online_s, max(SILENT_S, online_s)


def _state(now: Instant, interval_s: float) -> Any:
    online_s, late_s = _bounds(interval_s)
    return case(
        (pulses.c.seen == literal(0.0), State.NEVER.value),
        (pulses.c.seen >= now - online_s, State.ONLINE.value),
        (pulses.c.seen >= now - late_s, State.LATE.value),
        else_=State.SILENT.value,
    )


def _known(words: type[StrEnum], name: str) -> str:
    try:
        return words(name).value
    except ValueError as error:
        message = f"there is no state {name!r}; there are: {', '.join(words)}"
        raise BadRequestError(message) from error
