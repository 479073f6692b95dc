"""Publishing: which version of which program a box plays.

A program is published for a group of venues, a venue, one of its zones, or a box.  Of all that are for a
box, the newest is in force; its number is the revision, and a box takes no lower one than it had.
"""

import logging
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select, text

from easyplayer.hub.content_views import Publication, PublicationWanted, Target
from easyplayer.hub.db.schema import boxes, program_versions, publications, pulses, venue_groups, zones
from easyplayer.hub.services import attention, audit
from easyplayer.hub.services import programs as all_programs
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.effective import (
    described,
    for_box,
    for_target,
    in_force,
    in_place,
    newest,
)
from easyplayer.hub.services.holding import none_such
from easyplayer.hub.services.targets import (
    boxes_in,
    clocks_apart,
    groups_of_venue,
    raise_attention,
    require_target,
)
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Instant

log = logging.getLogger(__name__)

MOST_AHEAD = 100_000
"""How far the revision of a box may be ahead of all that was published, and is still believed."""
DRAWN = text(
    "SELECT max(nextval(pg_get_serial_sequence('publications', 'id'))) FROM generate_series(1, :count)"
)
"""How PostgreSQL passes over numbers: whoever else draws some meanwhile gets others."""


class _Clock(Struct, frozen=True):
    """Of a program's file, the time zone alone: all of it takes a second to read."""

    zone: str


# -- for a box -------------------------------------------------------------------------------------


def heads_for(connection: Connection, known: Mapping[str, int], now: Instant) -> dict[str, ProgramHead]:
    """Give the heads of the programs that are in force for boxes which have others.

    Where the number of one is lower than what the box has, it is published again for the box: so it was in
    another place, or this database is one that was restored.

    :param known: the revision that each box has; 0 where it has none, and then nothing is written.
    """
    wanted = {box: revision for box, revision in newest(connection, known).items() if revision != known[box]}
    rows = described(connection, wanted.values()) if wanted else {}
    if anew := _renewed(connection, {box: rows[wanted[box]] for box in wanted}, known, now):
        wanted |= anew
        rows |= described(connection, anew.values())
    return {box: _head(box, rows[revision]) for box, revision in wanted.items()}


def _renewed(
    connection: Connection, rows: Mapping[str, RowMapping], known: Mapping[str, int], now: Instant
) -> dict[str, int]:
    """Publish again what has a lower number than its box has; gives the new ones."""
    behind = sorted(box for box, row in rows.items() if row["id"] < known[box])
    if not behind:
        return {}
    believed = _newest_of_all(connection) + MOST_AHEAD
    anew = {}
    for box in behind:
        if known[box] > believed:
            log.warning(
                "box %s says that it has revision %d, which cannot be: have it forget", box, known[box]
            )
            continue
        row = rows[box]
        version = (row["program"], row["version"])
        anew[box] = _note(connection, now, row["by"], version, (Target.BOX, box), above=known[box])
        log.info("box %s has revision %d: what it is to play becomes %d", box, known[box], anew[box])
    return anew


def _head(box: str, row: RowMapping) -> ProgramHead:
    return ProgramHead(
        box=box,
        revision=row["id"],
        digest=row["digest"],
        size=row["size"],
        name=row["name"],
        version=row["version"],
    )


def file_for(connection: Connection, box: RowMapping, digest: str) -> bytes:
    """Give a program's file that was published for a box, now or before.

    :raises NotFoundError: none of these was.
    """
    concerned = and_(for_box(connection, box), program_versions.c.digest == digest)
    row = in_force(connection, concerned)
    if row is None:
        raise none_such("program of the digest", digest)
    return all_programs.body(connection, row["program"], row["version"])


# -- publishing ------------------------------------------------------------------------------------


def publish(
    connection: Connection, caller: Caller, now: Instant, program: str, wanted: PublicationWanted
) -> Publication:
    """Publish a program; where it is in force there already, nothing is done but saying so.

    :raises ProgramError: it cannot be played as it stands.
    :raises NotFoundError: there is no such target, or none that the caller sees.
    :raises ForbiddenError: the caller may not publish there.
    """
    all_programs.find(connection, caller, program)
    require_target(connection, caller, wanted)
    if wanted.version:
        version = all_programs.version(connection, program, wanted.version)
    else:
        version = all_programs.make_version(connection, caller, now, program)
    number = version.version
    body = all_programs.body(connection, program, number)
    zone = msgspec.json.decode(body, type=_Clock).zone
    remarks = (*version.remarks, *clocks_apart(connection, wanted, zone))
    there = _there_already(connection, wanted, (program, number))
    if there is not None:
        return _publication(there, already=True, remarks=remarks)
    revision = _note(connection, now, caller.user, (program, number), (wanted.target, wanted.target_id))
    raise_attention(connection, wanted)
    row = connection.execute(select(publications).where(publications.c.id == revision)).mappings().one()
    group = wanted.target_id if wanted.target is Target.GROUP else ""
    detail = {"version": number, "revision": revision, "place": f"{wanted.target} {wanted.target_id}"}
    audit.note(connection, caller, now, "program.publish", f"program/{program}", group, **detail)
    return _publication(row, remarks=remarks)


def moved(connection: Connection, box: str, now: Instant, by: str) -> None:
    """See to it that a box that has come to another place plays what is in force there.

    What is in force may be older than what the box had; it is published again for the box, because a box
    goes by the highest revision.  What was published for the box itself, where it was before, is over.
    """
    moved_at = _newest_of_all(connection)
    connection.execute(boxes.update().where(boxes.c.id == box).values(moved=moved_at))
    row = connection.execute(select(boxes).where(boxes.c.id == box)).mappings().one()
    there = in_place(connection, row["venue"], row["zone"])
    if there is not None:
        _note(connection, now, by, (there["program"], there["version"]), (Target.BOX, box))
    attention.raise_for(connection, boxes=[box])


def regrouped(connection: Connection, venue: str, now: Instant, by: str) -> None:
    """See to it that the boxes of a venue that is in other groups now play what is in force there.

    Where that is older than what a box says that it has, or than what any other group has, which it may just
    be fetching, it is published again for the box.
    """
    held = groups_of_venue(connection, venue) or []
    other = and_(publications.c.target == Target.GROUP.value, publications.c.target_id.not_in(held))
    elsewhere = connection.execute(select(func.max(publications.c.id)).where(other)).scalar() or 0
    query = select(boxes, pulses.c.revision).join(pulses, pulses.c.box == boxes.c.id)
    for box in connection.execute(query.where(boxes.c.venue == venue).order_by(boxes.c.id)).mappings():
        there = in_force(connection, for_box(connection, box))
        if there is not None and there["id"] < max(box["revision"], elsewhere):
            _note(connection, now, by, (there["program"], there["version"]), (Target.BOX, box["id"]))
    attention.raise_for(connection, venue=venue)


def _note(
    connection: Connection,
    now: Instant,
    by: str,
    version: tuple[str, int],
    target: tuple[Target, str],
    *,
    above: int = 0,
) -> int:
    """Note that a version of a program is published for a target; gives its revision.

    :param above: which revision it is to be higher than, beside all that there are.
    """
    values = {"program": version[0], "version": version[1], "target": target[0].value, "target_id": target[1]}
    ahead = above - _newest_of_all(connection) if above else 0
    if ahead > 0:
        values["id"] = _number_above(connection, above, ahead)
    made = publications.insert().values(**values, created=now, by=by).returning(publications.c.id)
    return int(connection.execute(made).scalar_one())


def _newest_of_all(connection: Connection) -> int:
    return connection.execute(select(func.max(publications.c.id))).scalar() or 0


def _number_above(connection: Connection, above: int, ahead: int) -> int:
    """Take a number that nobody else takes, and none after it is lower."""
    if connection.dialect.name == "sqlite":
        return above + 1
    return int(connection.execute(DRAWN, {"count": ahead + 1}).scalar_one())


def _there_already(
    connection: Connection, wanted: PublicationWanted, version: tuple[str, int]
) -> RowMapping | None:
    """Give the publication that has put this in force everywhere in a target already, if there is one."""
    last = in_force(connection, for_target(wanted.target, [wanted.target_id]))
    if last is None or not _is(last, version):
        return None
    names = [box["id"] for box in boxes_in(connection, wanted)]
    revisions = newest(connection, names)
    rows = described(connection, revisions.values()).values()
    return last if len(revisions) == len(names) and all(_is(row, version) for row in rows) else None


def _is(row: RowMapping, version: tuple[str, int]) -> bool:
    return (row["program"], row["version"]) == version


# -- what was published ----------------------------------------------------------------------------


def listed(
    connection: Connection, caller: Caller, *, program: str = "", before: int = 0, limit: int
) -> list[Publication]:
    """Give what was published, the newest first, as far as the caller sees for what."""
    query = select(publications).order_by(publications.c.id.desc())
    if program:
        query = query.where(publications.c.program == program)
    if before:
        query = query.where(publications.c.id < before)
    rows = connection.execute(query.where(_seen(caller)).limit(limit)).mappings()
    return [_publication(row) for row in rows]


def _seen(caller: Caller) -> ColumnElement[bool]:
    """Give the condition for the publications that a caller sees."""
    if caller.may(Role.VIEWER):
        return publications.c.id > 0
    groups_seen = [group for group in caller.grants if caller.sees([group])]
    of_groups = select(venue_groups.c.venue).where(venue_groups.c.group.in_(groups_seen))
    in_zones = select(zones.c.venue + "/" + zones.c.id).where(zones.c.venue.in_(of_groups))
    of_boxes = select(boxes.c.id).where(boxes.c.venue.in_(of_groups))
    column = publications.c.target_id
    there = publications.c.over.is_(False)
    return and_(
        there,
        or_(
            and_(publications.c.target == Target.GROUP.value, column.in_(groups_seen)),
            and_(publications.c.target == Target.VENUE.value, column.in_(of_groups)),
            and_(publications.c.target == Target.ZONE.value, column.in_(in_zones)),
            and_(publications.c.target == Target.BOX.value, column.in_(of_boxes)),
        ),
    )


def _publication(row: RowMapping, *, already: bool = False, remarks: tuple[str, ...] = ()) -> Publication:
    return Publication(
        revision=row["id"],
        program=row["program"],
        version=row["version"],
        target=Target(row["target"]),
        target_id=row["target_id"],
        created=row["created"],
        by=row["by"],
        already=already,
        remarks=remarks,
    )
