"""``easyplayer-hub group``: groups of venues, by which roles are given and programs are published."""

import argparse
from functools import partial

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, add_yes, confirm, tell_done, tell_rows
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.fleet_views import Group, GroupChange, NewGroup

COLUMNS = (
    Column[Group]("id", lambda one: one.id),
    Column[Group]("name", lambda one: one.name),
    Column[Group]("venues", lambda one: str(one.venues)),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.get("/groups", list[Group]), COLUMNS, "there are no groups")


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = hub.post("/groups", NewGroup(id=arguments.id, name=arguments.name or ""), Group)
    tell_done(arguments, f"{made.id}: {made.name}", made)


def _rename(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = hub.patch(f"/groups/{arguments.id}", GroupChange(name=arguments.name), Group)
    tell_done(arguments, f"{made.id}: {made.name}", made)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the group {arguments.id}?"):
        return 1
    hub.delete(f"/groups/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is deleted")
    return 0


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the group, such as city-bars")


def _takes_new(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("--name", metavar="TEXT", help="what people call it; the id if not given")


def _takes_name(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("name", metavar="NAME", help="what people are to call it")


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_yes(parser)


VERBS = (
    Verb("list", "list groups", _list),
    Verb("add", "add a group", _add, _takes_new),
    Verb("rename", "give a group another name", _rename, _takes_name),
    Verb("delete", "take a group away that no venue is in", _delete, _takes_yes),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
