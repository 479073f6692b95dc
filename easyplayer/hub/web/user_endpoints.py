"""Accounts of others: for admins of all groups."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from easyplayer.hub.services import accounts, audit
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.accounts import Password, RoleName, User
from easyplayer.hub.services.slugs import UserName
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing

SUBJECT = "users"
MOST_GRANTS = 1000
Grants = Annotated[dict[str, RoleName], Meta(max_length=MOST_GRANTS)]


class NewUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user to add.

    :ivar password: without one the user cannot log in, and has to be given an API token.
    :ivar grants: role by group of venues; ``*`` is all groups.
    """

    name: UserName
    password: Password | None = None
    grants: Grants = {}


class UserChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is left out stays as it is.

    :ivar grants: all roles that the user has from now on.
    """

    password: Password | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    grants: Grants | UnsetType = UNSET


def users(call: Call[Nothing, None]) -> list[User]:
    """List all users."""
    call.caller.require(Role.ADMIN)
    with call.hub.database.read() as connection:
        return accounts.all_users(connection)


def add_user(call: Call[Nothing, NewUser]) -> User:
    """Add a user."""
    call.caller.require(Role.ADMIN)
    new = call.body
    kept = call.hub.passwords.hash(new.password) if new.password else ""
    now = call.hub.now()
    with call.hub.database.write() as connection:
        made = accounts.add(connection, new.name, kept, new.grants, now)
        audit.note(connection, call.caller, now, "user.add", f"user/{new.name}", grants=made.grants)
    return made


def one_user(call: Call[Nothing, None]) -> User:
    """Give one user."""
    call.caller.require(Role.ADMIN)
    with call.hub.database.read() as connection:
        return accounts.user(connection, call.path["user"])


def change_user(call: Call[Nothing, UserChange]) -> User:
    """Change a user."""
    call.caller.require(Role.ADMIN)
    name, change = call.path["user"], call.body
    kept = call.hub.passwords.hash(change.password) if change.password else ""
    detail: dict[str, Any] = {"password": True} if kept else {}
    with call.hub.database.write() as connection:
        accounts.user(connection, name)
        if kept:
            accounts.set_password(connection, name, kept)
        if change.blocked is not UNSET:
            accounts.set_blocked(connection, name, blocked=change.blocked)
            detail["blocked"] = change.blocked
        if change.grants is not UNSET:
            accounts.grant(connection, name, change.grants)
            detail["grants"] = change.grants
        if detail:
            audit.note(connection, call.caller, call.hub.now(), "user.change", f"user/{name}", **detail)
        return accounts.user(connection, name)


def remove_user(call: Call[Nothing, None]) -> None:
    """Take a user away."""
    call.caller.require(Role.ADMIN)
    name = call.path["user"]
    with call.hub.database.write() as connection:
        accounts.remove(connection, name)
        audit.note(connection, call.caller, call.hub.now(), "user.remove", f"user/{name}")


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/users",
        summary="List all users",
        handle=users,
        answers=list[User],
        subject=SUBJECT,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/users",
        summary="Add a user",
        handle=add_user,
        body=NewUser,
        answers=User,
        status=201,
        subject=SUBJECT,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/users/{user}",
        summary="Give one user",
        handle=one_user,
        answers=User,
        subject=SUBJECT,
    ),
    Endpoint(
        method="PATCH",
        path="/api/v1/users/{user}",
        summary="Change a user's password, roles, or whether they are locked out",
        handle=change_user,
        body=UserChange,
        answers=User,
        subject=SUBJECT,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/users/{user}",
        summary="Take a user away",
        handle=remove_user,
        status=204,
        subject=SUBJECT,
    ),
)
