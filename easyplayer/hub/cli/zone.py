"""``easyplayer-hub zone``: the parts of a venue that have music of their own."""

import argparse
from functools import partial

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, add_yes, confirm, tell_done, tell_rows
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.fleet_views import NewZone, Venue, Zone

COLUMNS = (Column[Zone]("id", lambda one: one.id), Column[Zone]("name", lambda one: one.name))


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    venue = hub.get(f"/venues/{arguments.venue}", Venue)
    tell_rows(arguments, venue.zones, COLUMNS, "it has no zones")


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    new = NewZone(id=arguments.id, name=arguments.name or "")
    made = hub.post(f"/venues/{arguments.venue}/zones", new, Zone)
    tell_done(arguments, f"{arguments.venue}/{made.id}: {made.name}", made)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the zone {arguments.venue}/{arguments.id}?"):
        return 1
    hub.delete(f"/venues/{arguments.venue}/zones/{arguments.id}")
    tell_done(arguments, f"{arguments.venue}/{arguments.id} is deleted")
    return 0


def _takes_venue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("venue", metavar="VENUE", help="id of the venue")


def _takes_id(parser: argparse.ArgumentParser) -> None:
    _takes_venue(parser)
    parser.add_argument("id", metavar="ID", help="of the zone, such as terrace")


def _takes_new(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("--name", metavar="TEXT", help="what people call it; the id if not given")


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_yes(parser)


VERBS = (
    Verb("list", "list the zones of a venue", _list, _takes_venue),
    Verb("add", "add a zone to a venue", _add, _takes_new),
    Verb("delete", "take a zone away that has no boxes", _delete, _takes_yes),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
