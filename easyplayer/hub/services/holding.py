"""Whose something is: playlists, streams and programs belong to a group of venues, or to all."""

from sqlalchemy import ColumnElement, Connection, RowMapping, select, true

from easyplayer.errors import BadRequestError, ConflictError, NotFoundError
from easyplayer.hub.db.schema import groups
from easyplayer.hub.services.access import Caller, Role
from easyplayer.units import Instant


def sees(caller: Caller, group: str) -> bool:
    """Tell whether a caller sees what belongs to a group; what belongs to all, who has any role sees."""
    return caller.sees([group] if group else caller.grants)


def visible(caller: Caller, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Give the condition for the rows that a caller sees.

    :param column: of the group that a row belongs to.
    """
    if caller.may(Role.VIEWER):
        return true()
    return column.in_(["", *(group for group in caller.grants if caller.sees([group]))])


def require_somewhere(caller: Caller, role: Role) -> None:
    """Go on only where a caller has a role in any group at all.

    :raises ForbiddenError: it has none; ``UnauthenticatedError`` where nobody knows who asks.
    """
    caller.require(role, caller.grants)


def require_change(connection: Connection, caller: Caller, group: str) -> None:
    """Go on only where a caller may change what belongs to a group.

    :raises BadRequestError: there is no such group.
    :raises ForbiddenError: it may not.
    """
    caller.require(Role.PROGRAMMER, [group] if group else ())
    if group and connection.execute(select(groups.c.id).where(groups.c.id == group)).first() is None:
        message = f"there is no group {group!r}: name one that is there, or leave it out for all"
        raise BadRequestError(message)


def require_free(connection: Connection, caller: Caller, row: RowMapping) -> None:
    """Go on only where a caller may replace what has a name already.

    :param row: of what has it: its id, and its group.
    :raises ConflictError: it is nothing that the caller sees.
    :raises ForbiddenError: it is, but it may not be changed.
    """
    if not sees(caller, row["group"]):
        message = f"the name {row['id']!r} is taken: take another"
        raise ConflictError(message)
    require_change(connection, caller, row["group"])


def require_unchanged(name: str, made_from: Instant | None, revised: Instant) -> None:
    """Go on only where nobody has changed something meanwhile.

    :param made_from: ``None`` does not mind.
    :raises ConflictError: somebody has.
    """
    if made_from is not None and made_from != revised:
        message = f"{name} has been changed meanwhile: look at it again, and change that one"
        raise ConflictError(message)


def none_such(noun: str, name: str) -> NotFoundError:
    """Say that there is nothing of a name, or nothing that the caller may see."""
    return NotFoundError(f"there is no {noun} {name!r}: look at the list of all")
