"""What is in force: of all that was published for a box, or for a place, the newest."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, or_, select, update

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import boxes, program_versions, programs, publications, venue_groups

AT_ONCE = 1000
"""How many boxes are asked for in one statement: a database takes only so many values."""
_SAME = and_(
    program_versions.c.program == publications.c.program,
    program_versions.c.version == publications.c.version,
)


def in_place(connection: Connection, venue: str, zone: str) -> RowMapping | None:
    """Give what is in force in a zone of a venue: the publication, and its program's name, digest, size."""
    return in_force(connection, for_place(connection, venue, zone))


def in_force(connection: Connection, concerned: ColumnElement[bool]) -> RowMapping | None:
    """Give the newest of some publications."""
    query = _published().where(concerned).order_by(publications.c.id.desc()).limit(1)
    return connection.execute(query).mappings().first()


def _published() -> Any:
    size = func.length(program_versions.c.body).label("size")
    return (
        select(publications, program_versions.c.digest, size, programs.c.name)
        .join(program_versions, _SAME)
        .join(programs, programs.c.id == publications.c.program)
    )


def for_box(connection: Connection, box: RowMapping) -> ColumnElement[bool]:
    """Give the condition for the publications that a box goes by; its own only since it is where it is."""
    own = and_(for_target(Target.BOX, [box["id"]]), publications.c.id > box["moved"])
    return or_(own, for_place(connection, box["venue"], box["zone"]))


def for_place(connection: Connection, venue: str, zone: str) -> ColumnElement[bool]:
    """Give the condition for the publications that a zone of a venue goes by."""
    of_venue = select(venue_groups.c.group).where(venue_groups.c.venue == venue)
    return or_(
        for_target(Target.ZONE, [f"{venue}/{zone}"]),
        for_target(Target.VENUE, [venue]),
        for_target(Target.GROUP, connection.execute(of_venue).scalars().all()),
    )


def for_target(target: Target, names: Sequence[str]) -> ColumnElement[bool]:
    """Give the condition for what was published for some targets of a kind, and is not over."""
    there = publications.c.over.is_(False)
    return and_(publications.c.target == target.value, publications.c.target_id.in_(names), there)


def end_for(connection: Connection, target: Target, names: Sequence[str]) -> None:
    """Have all be over that was published for some targets of a kind, for they go.

    Nothing of it is deleted: its numbers must not come again, and what gets the name of such a target later
    must not play what that did.
    """
    connection.execute(update(publications).where(for_target(target, names)).values(over=True))


# -- for many boxes at once ------------------------------------------------------------------------


def newest(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Tell which publication is in force for each of some boxes: what :func:`for_box` gives, for many.

    :returns: by box; those are missing for which nothing was ever published.
    """
    found: dict[str, int] = {}
    left = iter(names)
    while some := list(islice(left, AT_ONCE)):
        for box, *candidates in connection.execute(NEWEST, {"names": some}):
            if any(candidates):
                found[box] = max(filter(None, candidates))
    return found


def described(connection: Connection, revisions: Iterable[int]) -> dict[int, RowMapping]:
    """Give publications by number, each with its program's name, digest and size."""
    rows = connection.execute(DESCRIBED, {"revisions": sorted(set(revisions))}).mappings()
    return {row["id"]: row for row in rows}


def _last(target: Target, name: Any, *more: ColumnElement[bool]) -> Any:
    """Give the last publication for a target of the box of the statement around; an index finds it."""
    last = select(func.max(publications.c.id)).join(program_versions, _SAME)
    there = publications.c.over.is_(False)
    return last.where(publications.c.target == target.value, publications.c.target_id == name, there, *more)


_OF_GROUP = _last(Target.GROUP, venue_groups.c.group).correlate(venue_groups).scalar_subquery()
_OF_GROUPS = select(func.max(_OF_GROUP)).where(venue_groups.c.venue == boxes.c.venue)
NEWEST = select(
    boxes.c.id,
    _last(Target.BOX, boxes.c.id, publications.c.id > boxes.c.moved).correlate(boxes).scalar_subquery(),
    _last(Target.ZONE, boxes.c.venue + "/" + boxes.c.zone).correlate(boxes).scalar_subquery(),
    _last(Target.VENUE, boxes.c.venue).correlate(boxes).scalar_subquery(),
    _OF_GROUPS.correlate(boxes).scalar_subquery(),
).where(boxes.c.id.in_(bindparam("names", expanding=True)))
DESCRIBED = _published().where(publications.c.id.in_(bindparam("revisions", expanding=True)))
