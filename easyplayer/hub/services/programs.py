"""Programs that are being worked on, and the versions that were made of them.

A draft may be unfinished for as long as it takes.  A version is a file that never changes any more.
"""

from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, RowMapping, func, select

from easyplayer.errors import ConflictError, ProgramError
from easyplayer.hub.content_views import Checked, ProgramGiven, ProgramHeader, ProgramKept, Version
from easyplayer.hub.db.schema import program_versions, programs
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.compiling import Compiled, compiled, draft_of, lists_of
from easyplayer.hub.services.holding import (
    none_such,
    require_change,
    require_free,
    require_unchanged,
    sees,
    visible,
)
from easyplayer.hub.services.parts import read_part
from easyplayer.hub.services.uses import program_uses
from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_file import encode
from easyplayer.units import Instant


def listed(connection: Connection, caller: Caller, *, after: str, limit: int) -> list[ProgramHeader]:
    """Give the programs that a caller sees, in the order of their ids."""
    query = select(programs).where(programs.c.id > after, visible(caller, programs.c.group))
    rows = connection.execute(query.order_by(programs.c.id).limit(limit)).mappings()
    return [ProgramHeader(**_outline(row)) for row in rows]


def get(connection: Connection, caller: Caller, program: str) -> ProgramKept:
    """Give a program as it is being worked on.

    :raises NotFoundError: there is none that the caller sees.
    """
    row = find(connection, caller, program)
    return ProgramKept(**_outline(row), draft=draft_of(row), lists=lists_of(row))


def put(
    connection: Connection, caller: Caller, now: Instant, program: str, given: ProgramGiven
) -> ProgramKept:
    """Keep a draft, in place of the one of its name.

    :raises ProgramError: something in it is wrong by itself; all of it is told.  What it refers to need
        not be there yet.
    :raises ConflictError: it has changed meanwhile, or the name is taken.
    """
    require_change(connection, caller, given.group)
    known = _find(connection, program)
    if known is not None:
        require_free(connection, caller, known)
        require_unchanged(f"program {program!r}", given.revised, known["revised"])
    draft = read_part({**given.draft, "name": given.name}, Program)
    if held := [name for name in ("items", "playlists") if getattr(draft, name)]:
        where = "POST /api/v1/programs/import takes a whole file"
        raise ProgramError([f"{name}: the hub has its own; leave them out ({where})" for name in held])
    keep(connection, now, program, draft, group=given.group, lists=given.lists)
    audit.note(connection, caller, now, "program.put", f"program/{program}", given.group)
    return get(connection, caller, program)


def keep(
    connection: Connection, now: Instant, program: str, draft: Program, *, group: str, lists: tuple[str, ...]
) -> None:
    """Write a draft down, in place of the one of its name."""
    values: dict[str, Any] = {
        "name": draft.name,
        "draft": msgspec.json.encode(structs.replace(draft, items=(), playlists=())).decode(),
        "lists": msgspec.json.encode([*dict.fromkeys(lists)]).decode(),
        "revised": now,
        "group": group,
    }
    if _find(connection, program) is None:
        connection.execute(programs.insert().values(id=program, **values))
    else:
        connection.execute(programs.update().where(programs.c.id == program).values(**values))


def delete(connection: Connection, caller: Caller, now: Instant, program: str) -> None:
    """Forget a program, and all of its versions.

    :raises ConflictError: it is in force somewhere; says where.
    """
    row = find(connection, caller, program)
    require_change(connection, caller, row["group"])
    if used := program_uses(connection, program):
        message = f"program {program!r} is published: publish another one there first"
        raise ConflictError(message, used)
    connection.execute(program_versions.delete().where(program_versions.c.program == program))
    connection.execute(programs.delete().where(programs.c.id == program))
    audit.note(connection, caller, now, "program.delete", f"program/{program}", row["group"])


def find(connection: Connection, caller: Caller, program: str) -> RowMapping:
    """Find a program's row.

    :raises NotFoundError: there is none that the caller sees.
    """
    row = _find(connection, program)
    if row is None or not sees(caller, row["group"]):
        raise none_such("program", program)
    return row


# -- versions --------------------------------------------------------------------------------------


def check(connection: Connection, caller: Caller, program: str) -> Checked:
    """Say all that there is to say of a program as it stands."""
    row = find(connection, caller, program)
    try:
        made = _next(connection, row)
    except ProgramError as error:
        return Checked(faults=tuple(error.problems), version=row["version"] + 1)
    return Checked(
        remarks=made.remarks,
        version=made.program.version,
        items=len(made.program.items),
        size=len(made.body),
    )


def make_version(connection: Connection, caller: Caller, now: Instant, program: str) -> Version:
    """Make a version of a program as it stands; where nothing has changed, the last one is given.

    :raises ProgramError: it cannot be played as it stands; names all that is wrong with it.
    """
    find(connection, caller, program)
    lock = select(programs).where(programs.c.id == program).with_for_update()
    row = connection.execute(lock).mappings().one()
    made = _next(connection, row)
    number = made.program.version
    if number != row["version"]:
        connection.execute(
            program_versions.insert().values(
                program=program,
                version=number,
                digest=made.digest,
                body=made.body,
                remarks=msgspec.json.encode(made.remarks).decode(),
                created=now,
                by=caller.user,
            )
        )
        connection.execute(programs.update().where(programs.c.id == program).values(version=number))
        detail = {"version": number, "digest": made.digest}
        audit.note(connection, caller, now, "program.version", f"program/{program}", row["group"], **detail)
    return version(connection, program, number)


def version(connection: Connection, program: str, number: int) -> Version:
    """Give a version of a program.

    :raises NotFoundError: there is none.
    """
    found = versions(connection, program, number=number, limit=1)
    if not found:
        raise none_such("version", f"{program}, version {number}")
    return found[0]


def versions(
    connection: Connection, program: str, *, number: int = 0, before: int = 0, limit: int
) -> list[Version]:
    """Give the versions of a program, the newest first.

    :param number: only this one; 0 is all.
    :param before: only what is older; 0 is all.
    """
    columns = [column for column in program_versions.c if column.name != "body"]
    size = func.length(program_versions.c.body).label("size")
    query = select(*columns, size).where(program_versions.c.program == program)
    if number:
        query = query.where(program_versions.c.version == number)
    if before:
        query = query.where(program_versions.c.version < before)
    rows = connection.execute(query.order_by(program_versions.c.version.desc()).limit(limit)).mappings()
    return [
        Version(**{**row, "remarks": msgspec.json.decode(row["remarks"], type=tuple[str, ...])})
        for row in rows
    ]


def body(connection: Connection, program: str, number: int) -> bytes:
    """Give the file of a version.

    :raises NotFoundError: there is none.
    """
    where = (program_versions.c.program == program) & (program_versions.c.version == number)
    found = connection.execute(select(program_versions.c.body).where(where)).scalar()
    if found is None:
        raise none_such("version", f"{program}, version {number}")
    return bytes(found)


def _next(connection: Connection, row: RowMapping) -> Compiled:
    """Put a program together as its next version, or as its last one where that is the very same."""
    last = row["version"]
    made = compiled(connection, row, last + 1)
    if last:
        before = structs.replace(made.program, version=last)
        same = encode(before)
        if same == body(connection, row["id"], last):
            return structs.replace(made, program=before, body=same)
    return made


def _outline(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "name", "group", "version", "revised")}


def _find(connection: Connection, program: str) -> RowMapping | None:
    return connection.execute(select(programs).where(programs.c.id == program)).mappings().first()
