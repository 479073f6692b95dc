"""What is in force: of all that was published for a box, or for a place, the newest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import program_versions, programs, publications, venue_groups


def in_place(connection: Connection, venue: str, zone: str) -> RowMapping | None:
    """Give what is in force in a zone of a venue: the publication, and its program's name, digest, size."""
    return in_force(connection, for_place(connection, venue, zone))


def in_force(connection: Connection, concerned: ColumnElement[bool]) -> RowMapping | None:
    """Give the newest of some publications."""
    query = _published().where(concerned).order_by(publications.c.id.desc()).limit(1)
    return connection.execute(query).mappings().first()


def _published() -> Any:
    size = func.length(program_versions.c.body).label("size")
    same = and_(
        program_versions.c.program == publications.c.program,
        program_versions.c.version == publications.c.version,
    )
    return (
        select(publications, program_versions.c.digest, size, programs.c.name)
        .join(program_versions, same)
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
    """Give the condition for what was published for some targets of a kind."""
    return and_(publications.c.target == target.value, publications.c.target_id.in_(names))
