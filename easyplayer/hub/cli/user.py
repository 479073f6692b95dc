"""``easyplayer-hub user``: who may do what."""

import argparse
import sys
from functools import partial
from getpass import getpass
from typing import cast, get_args

from easyplayer.errors import BadRequestError
from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import (
    Column,
    add_yes,
    ask,
    confirm,
    held,
    instant,
    tell_done,
    tell_rows,
    yes_no,
)
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.services.access import ALL
from easyplayer.hub.services.accounts import RoleName, User
from easyplayer.hub.web.user_endpoints import NewUser, UserChange

ROLES = get_args(RoleName)

COLUMNS = (
    Column[User]("name", lambda one: one.name),
    Column[User]("roles", lambda one: held(one.grants)),
    Column[User]("blocked", lambda one: yes_no(one.blocked)),
    Column[User]("password", lambda one: yes_no(one.has_password)),
    Column[User]("since", lambda one: instant(one.created)),
)


def grant_of(text: str) -> tuple[str, RoleName]:
    """Read a role and where it holds: ``operator`` is everywhere, ``operator:bars`` in one group.

    >>> grant_of("operator:bars"), grant_of("viewer")
    (('bars', 'operator'), ('*', 'viewer'))
    """
    role, _, group = text.partition(":")
    if role not in ROLES:
        message = f"{role!r} is no role; there are {', '.join(ROLES)}"
        raise argparse.ArgumentTypeError(message)
    return group or ALL, cast(RoleName, role)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.get("/users", list[User]), COLUMNS, "there are no users")


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    password = None if arguments.no_password else new_password()
    new = NewUser(name=arguments.name, password=password, grants=dict(arguments.role or ()))
    made = hub.post("/users", new, User)
    tell_done(arguments, f"{made.name} is {held(made.grants)}", made)


def _password(hub: HubClient, arguments: argparse.Namespace) -> None:
    _change(hub, arguments.name, UserChange(password=new_password()))
    tell_done(arguments, f"{arguments.name} has a new password, and is logged out everywhere")


def _grant(hub: HubClient, arguments: argparse.Namespace) -> None:
    now = dict(_user(hub, arguments.name).grants) | dict([arguments.role])
    made = _change(hub, arguments.name, UserChange(grants=now))
    tell_done(arguments, f"{made.name} is {held(made.grants)}", made)


def _revoke(hub: HubClient, arguments: argparse.Namespace) -> None:
    group = arguments.group or ALL
    left = {name: role for name, role in _user(hub, arguments.name).grants.items() if name != group}
    made = _change(hub, arguments.name, UserChange(grants=left))
    tell_done(arguments, f"{made.name} is {held(made.grants)}", made)


def _block(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = _change(hub, arguments.name, UserChange(blocked=not arguments.off))
    tell_done(arguments, f"{made.name} is {'' if made.blocked else 'no longer '}blocked", made)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the user {arguments.name}?"):
        return 1
    hub.delete(f"/users/{arguments.name}")
    tell_done(arguments, f"{arguments.name} is deleted")
    return 0


def _user(hub: HubClient, name: str) -> User:
    return hub.get(f"/users/{name}", User)


def _change(hub: HubClient, name: str, change: UserChange) -> User:
    return hub.patch(f"/users/{name}", change, User)


def new_password() -> str:
    """Ask for a new password, twice; from a pipe it is the first line.

    :raises BadRequestError: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, second = ask(getpass, "new password: "), ask(getpass, "once more: ")
    if first != second:
        message = "the two are not the same: try again"
        raise BadRequestError(message)
    return first


def _takes_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="user name")


def _takes_new(parser: argparse.ArgumentParser) -> None:
    _takes_name(parser)
    parser.add_argument(
        "--role",
        type=grant_of,
        action="append",
        metavar="ROLE",
        help=f"{', '.join(ROLES)}; everywhere, or in a group as ROLE:GROUP; may be given several times",
    )
    parser.add_argument(
        "--no-password", action="store_true", help="make a user for scripts, who cannot log in"
    )


def _takes_role(parser: argparse.ArgumentParser) -> None:
    _takes_name(parser)
    parser.add_argument("role", type=grant_of, metavar="ROLE", help="such as operator, or operator:GROUP")


def _takes_group(parser: argparse.ArgumentParser) -> None:
    _takes_name(parser)
    parser.add_argument(
        "--group", metavar="GROUP", help="the role in this group; that everywhere if left out"
    )


def _takes_off(parser: argparse.ArgumentParser) -> None:
    _takes_name(parser)
    parser.add_argument("--off", action="store_true", help="let the user in again")


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_name(parser)
    add_yes(parser)


VERBS = (
    Verb("list", "list all users", _list),
    Verb("add", "add a user; the password is asked for, or read from a pipe", _add, _takes_new),
    Verb("password", "give a user another password", _password, _takes_name),
    Verb("grant", "give a user a role, everywhere or in a group", _grant, _takes_role),
    Verb("revoke", "take a role from a user", _revoke, _takes_group),
    Verb("block", "keep a user out, or let them in again", _block, _takes_off),
    Verb("delete", "take a user away", _delete, _takes_yes),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
