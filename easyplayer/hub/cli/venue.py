"""``easyplayer-hub venue``: the places where boxes are, and what is heard there."""

import argparse
from functools import partial

from msgspec import UNSET

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.preview import takes_instant, tell_preview
from easyplayer.hub.cli.telling import (
    Column,
    add_yes,
    confirm,
    instant,
    tell_done,
    tell_one,
    tell_rows,
)
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.fleet_views import NewVenue, Venue, VenueChange

COLUMNS = (
    Column[Venue]("id", lambda one: one.id),
    Column[Venue]("name", lambda one: one.name),
    Column[Venue]("time zone", lambda one: one.time_zone),
    Column[Venue]("groups", lambda one: ", ".join(one.groups)),
    Column[Venue]("zones", lambda one: ", ".join(zone.id for zone in one.zones)),
    Column[Venue]("blocked", lambda one: one.blocked),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    query = {"group": arguments.group}
    tell_rows(arguments, hub.pages("/venues", Venue, query), COLUMNS, "there are no venues")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    venue = hub.get(f"/venues/{arguments.id}", Venue)
    pairs = [
        ("id", venue.id),
        ("name", venue.name),
        ("time zone", venue.time_zone),
        ("groups", ", ".join(venue.groups) or "none"),
        ("zones", ", ".join(f"{zone.id} ({zone.name})" for zone in venue.zones)),
        ("may play", f"no: {venue.blocked}" if venue.blocked else "yes"),
        ("since", instant(venue.created)),
    ]
    tell_one(arguments, venue, pairs)


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    new = NewVenue(
        id=arguments.id,
        name=arguments.name or "",
        time_zone=arguments.time_zone,
        groups=arguments.group or [],
    )
    made = hub.post("/venues", new, Venue)
    tell_done(arguments, f"{made.id}: {made.name}, {made.time_zone}", made)


def _change(hub: HubClient, arguments: argparse.Namespace) -> None:
    change = VenueChange(
        name=arguments.name or UNSET,
        time_zone=arguments.time_zone or UNSET,
        groups=UNSET if arguments.group is None else [one for one in arguments.group if one],
    )
    made = hub.patch(f"/venues/{arguments.id}", change, Venue)
    groups = ", ".join(made.groups) or "no groups"
    tell_done(arguments, f"{made.id}: {made.name}, {made.time_zone}, {groups}", made)


def _block(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Silence all boxes of {arguments.id}?"):
        return 1
    made = hub.patch(f"/venues/{arguments.id}", VenueChange(blocked=arguments.why), Venue)
    tell_done(arguments, f"{made.id} may not play: {made.blocked}", made)
    return 0


def _unblock(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = hub.patch(f"/venues/{arguments.id}", VenueChange(blocked=""), Venue)
    tell_done(arguments, f"{made.id} may play", made)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the venue {arguments.id}?"):
        return 1
    hub.delete(f"/venues/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is deleted")
    return 0


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the venue, such as bar-lumiere")


def _takes_group(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--group", metavar="GROUP", help="only those in this group")


def _takes_looks(parser: argparse.ArgumentParser, groups: str, *, is_new: bool) -> None:
    _takes_id(parser)
    parser.add_argument("--name", metavar="TEXT", help="what people call it")
    parser.add_argument(
        "--time-zone", required=is_new, metavar="ZONE", help="IANA time zone, such as Europe/Paris"
    )
    parser.add_argument("--group", action="append", metavar="GROUP", help=groups)


def _takes_why(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("why", metavar="WHY", help="why, for the venue's staff")
    add_yes(parser)


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_yes(parser)


def _takes_instant(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    takes_instant(parser)


_takes_new = partial(_takes_looks, groups="a group to be in; may be given several times", is_new=True)
_takes_change = partial(
    _takes_looks,
    groups="a group to be in, in place of those that it is in; may be given several times; '' is none",
    is_new=False,
)
VERBS = (
    Verb("list", "list venues", _list, _takes_group),
    Verb("show", "tell all of a venue", _show, _takes_id),
    Verb("add", "add a venue, with one zone called main", _add, _takes_new),
    Verb("change", "change a venue's name, time zone or groups", _change, _takes_change),
    Verb("block", "silence all boxes of a venue", _block, _takes_why),
    Verb("unblock", "let the boxes of a venue play again", _unblock, _takes_id),
    Verb("delete", "take a venue away that has no boxes", _delete, _takes_yes),
    Verb("preview", "tell what is heard at some time, and why; or on a day", tell_preview, _takes_instant),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
