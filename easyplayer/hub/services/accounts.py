"""Accounts: who there is, what they may do, and how they log in."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from sqlalchemy import Connection, Row, delete, func, select, update

from easyplayer.errors import BadRequestError, ConflictError, NotFoundError
from easyplayer.hub.db.database import insert_for, note
from easyplayer.hub.db.schema import grants, groups, users
from easyplayer.hub.passwords import LONGEST, SHORTEST
from easyplayer.hub.services.access import ALL, Role
from easyplayer.hub.services.facts import Regranted
from easyplayer.hub.services.slugs import UserName
from easyplayer.hub.services.tokens import end_sessions
from easyplayer.units import Instant

RoleName = Literal["viewer", "programmer", "operator", "admin"]
Grants = Mapping[str, RoleName]
"""Role by the id of a group of venues, or :data:`~easyplayer.hub.services.access.ALL`."""
Password = Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]
NAMES: dict[Role, RoleName] = {
    Role.VIEWER: "viewer",
    Role.PROGRAMMER: "programmer",
    Role.OPERATOR: "operator",
    Role.ADMIN: "admin",
}


class User(Struct, frozen=True, kw_only=True):
    """A user.

    :ivar has_password: whether they can log in by one; else only by API tokens.
    """

    name: UserName
    created: Instant
    blocked: bool
    has_password: bool
    grants: dict[str, RoleName]


def all_users(connection: Connection) -> list[User]:
    """Give all users, by name."""
    held: dict[str, dict[str, RoleName]] = {}
    for row in connection.execute(select(grants).order_by(grants.c.group)):
        held.setdefault(row.user, {})[row.group] = row.role
    rows = connection.execute(select(users).order_by(users.c.name))
    return [_user(row, held.get(row.name, {})) for row in rows]


def user(connection: Connection, name: str) -> User:
    """Give one user.

    :raises NotFoundError: there is none of that name.
    """
    row = connection.execute(select(users).where(users.c.name == name)).first()
    if row is None:
        message = f"there is no user {name}: GET /api/v1/users lists them"
        raise NotFoundError(message)
    held = connection.execute(select(grants).where(grants.c.user == name).order_by(grants.c.group))
    return _user(row, {grant.group: grant.role for grant in held})


def there_are_any(connection: Connection) -> bool:
    """Tell whether there is any user at all."""
    return connection.execute(select(users.c.name).limit(1)).first() is not None


def add(connection: Connection, name: str, password: str, held: Grants, now: Instant) -> User:
    """Add a user.

    :param password: as it is kept; empty for a user that cannot log in by one.
    :raises ConflictError: there is one of that name.
    :raises BadRequestError: a group is none.
    """
    made = insert_for(connection, users).values(name=name, password=password, created=now)
    if connection.execute(made.on_conflict_do_nothing().returning(users.c.name)).first() is None:
        message = f"there is a user {name} already: take another name"
        raise ConflictError(message)
    grant(connection, name, held)
    return user(connection, name)


def grant(connection: Connection, name: str, held: Grants) -> None:
    """Give a user these roles, and none else.

    :raises BadRequestError: a group is none.
    :raises ConflictError: nobody would be left who may give roles.
    """
    _check_groups(connection, held)
    connection.execute(delete(grants).where(grants.c.user == name))
    rows = [{"user": name, "group": group, "role": role} for group, role in held.items()]
    if rows:
        connection.execute(grants.insert(), rows)
    note(connection, Regranted(name))
    _keep_an_admin(connection)


def set_password(connection: Connection, name: str, password: str, *, session: str = "") -> None:
    """Change a user's password, and log them out everywhere.

    :param password: as it is kept.
    :param session: token of the session that may go on.
    """
    connection.execute(update(users).where(users.c.name == name).values(password=password))
    end_sessions(connection, name, but=session)


def keep_anew(connection: Connection, name: str, password: str) -> None:
    """Keep the same password in another form."""
    connection.execute(update(users).where(users.c.name == name).values(password=password))


def set_blocked(connection: Connection, name: str, *, blocked: bool) -> None:
    """Lock a user out, or let them in again; all of their tokens are worth nothing meanwhile.

    :raises ConflictError: nobody would be left who may give roles.
    """
    connection.execute(update(users).where(users.c.name == name).values(blocked=blocked))
    if blocked:
        end_sessions(connection, name)
    _keep_an_admin(connection)


def remove(connection: Connection, name: str) -> None:
    """Take a user away, and their tokens; what they did stays in the audit log.

    :raises NotFoundError: there is none of that name.
    :raises ConflictError: nobody would be left who may give roles.
    """
    user(connection, name)
    connection.execute(delete(users).where(users.c.name == name))
    note(connection, Regranted(name))
    _keep_an_admin(connection)


def password_of(connection: Connection, name: str) -> str:
    """Give what is kept of a password; empty where no such user could log in by one."""
    query = select(users.c.password).where(users.c.name == name, ~users.c.blocked)
    return connection.execute(query).scalar() or ""


def _check_groups(connection: Connection, held: Iterable[str]) -> None:
    wanted = {group for group in held if group != ALL}
    known = set(connection.execute(select(groups.c.id).where(groups.c.id.in_(wanted))).scalars())
    if missing := sorted(wanted - known):
        message = f"there is no group {', '.join(missing)}: add it first, or write {ALL!r} for all"
        raise BadRequestError(message)


def _keep_an_admin(connection: Connection) -> None:
    query = (
        select(func.count())
        .select_from(grants.join(users, users.c.name == grants.c.user))
        .where(grants.c.group == ALL, grants.c.role == NAMES[Role.ADMIN], ~users.c.blocked)
    )
    if connection.execute(query).scalar_one() == 0:
        message = "nobody would be left who may give roles: make another user admin of all groups first"
        raise ConflictError(message)


def _user(row: Row[Any], held: dict[str, RoleName]) -> User:
    return User(
        name=row.name,
        created=row.created,
        blocked=row.blocked,
        has_password=bool(row.password),
        grants=held,
    )


def role_name(role: Role) -> RoleName:
    """Write a role as people do.

    >>> role_name(Role.OPERATOR)
    'operator'
    """
    return NAMES[role]
