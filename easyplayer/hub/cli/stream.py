"""``easyplayer-hub stream``: what is played without being a file."""

import argparse
from functools import partial

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, add_yes, confirm, tell_done, tell_rows
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.content_views import Stream, StreamGiven
from easyplayer.playout.items import ItemKind, masked

KINDS = (ItemKind.STREAM, ItemKind.LIVE_SESSION, ItemKind.LIVE_CAST)
COLUMNS = (
    Column[Stream]("id", lambda one: one.id),
    Column[Stream]("title", lambda one: one.item.title),
    Column[Stream]("location", lambda one: masked(one.item.location)),
    Column[Stream]("group", lambda one: one.group or "all"),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.pages("/streams", Stream), COLUMNS, "there are no streams")


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    item = {"location": arguments.url_of, "title": arguments.title, "kind": arguments.kind}
    made = hub.put(f"/streams/{arguments.id}", StreamGiven(group=arguments.group, item=item), Stream)
    tell_done(arguments, f"{made.id}: {masked(made.item.location)}", made)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the stream {arguments.id}?"):
        return 1
    hub.delete(f"/streams/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is deleted")
    return 0


def _takes_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="to name it by, such as bar-fm")
    parser.add_argument("url_of", metavar="LOCATION", help="its URL")
    parser.add_argument("--title", default="", metavar="TEXT", help="what people call it")
    parser.add_argument(
        "--kind", choices=[*KINDS], type=ItemKind, default=ItemKind.STREAM, help="stream if not given"
    )
    parser.add_argument("--group", default="", metavar="GROUP", help="for these venues only; else for all")


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of a stream that nothing uses")
    add_yes(parser)


VERBS = (
    Verb("list", "list streams", _list),
    Verb("add", "add a stream, or put it in the place of the one of its name", _add, _takes_new),
    Verb("delete", "take a stream away that nothing uses", _delete, _takes_id),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
