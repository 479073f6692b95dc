"""``easyplayer-hub status``: how the fleet is."""

import argparse
import sys

from msgspec import Struct

from easyplayer.hub.cli.boxes import columns, hub_time
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import add_options, find
from easyplayer.hub.cli.telling import tell_json, tell_one, tell_rows
from easyplayer.hub.fleet_views import Box, Fleet
from easyplayer.hub.services.boxes import State
from easyplayer.protocol.heartbeat import ScreenState

WORTH_A_LOOK = 1
MOST_SHOWN = 100


class Overview(Struct, frozen=True):
    """The fleet in figures, and the boxes that somebody should look after."""

    fleet: Fleet
    look_after: list[Box]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--group", metavar="GROUP", help="only the venues of this group")
    parser.add_argument("--venue", metavar="VENUE", help="only this venue")
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Tell how the fleet is; 1 if a box should be looked after."""
    with HubClient(find(arguments)) as hub:
        return tell(hub, arguments)


def tell(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Ask how many boxes are well, and for those that are not."""
    which = {"group": arguments.group, "venue": arguments.venue}
    fleet = hub.get("/fleet", Fleet, which)
    away = (State.LATE, State.SILENT, State.NEVER)
    boxes = [box for state in away for box in hub.pages("/boxes", Box, {**which, "state": state}, MOST_SHOWN)]
    dark = {**which, "state": State.ONLINE, "screen": ScreenState.DOWN}
    boxes += hub.pages("/boxes", Box, dark, MOST_SHOWN)
    if arguments.json:
        tell_json(Overview(fleet, boxes))
    else:
        counts = [(state, str(getattr(fleet, state))) for state in State]
        tell_one(
            arguments,
            fleet,
            [*counts, ("blocked", str(fleet.blocked)), ("screen down", str(fleet.screen_down))],
        )
        if boxes:
            print(file=sys.stdout)
            tell_rows(arguments, boxes, columns(hub_time(hub)), "")
    return WORTH_A_LOOK if boxes else 0
