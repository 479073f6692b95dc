"""``easyplayer-hub status``: how the fleet is."""

import argparse
import sys

from msgspec import Struct

from easyplayer.hub.cli.boxes import columns, hub_time
from easyplayer.hub.cli.client import HubClient, Query
from easyplayer.hub.cli.finding import add_options, find
from easyplayer.hub.cli.telling import remark, tell_json, tell_one, tell_rows
from easyplayer.hub.fleet_views import Box, Fleet
from easyplayer.hub.services.boxes import State
from easyplayer.protocol.heartbeat import ScreenState

WORTH_A_LOOK = 1
MOST_SHOWN = 100
"""Of each sort."""
SCREEN_DOWN = "screen down"


class Overview(Struct, frozen=True):
    """The fleet in figures, and the boxes that somebody should look after.

    :ivar cut: of which sorts there are more than are listed: states, and ``screen down``.
    """

    fleet: Fleet
    look_after: list[Box]
    cut: list[str]


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
    sorts: dict[str, Query] = {state: {"state": state} for state in (State.LATE, State.SILENT, State.NEVER)}
    sorts[SCREEN_DOWN] = {"state": State.ONLINE, "screen": ScreenState.DOWN}
    boxes: list[Box] = []
    cut: list[str] = []
    for sort, wanted in sorts.items():
        found = [*hub.pages("/boxes", Box, {**which, **wanted}, MOST_SHOWN + 1)]
        boxes += found[:MOST_SHOWN]
        cut += [sort] if len(found) > MOST_SHOWN else []
    if arguments.json:
        tell_json(Overview(fleet, boxes, cut))
    else:
        counts = [(state, str(getattr(fleet, state))) for state in State]
        tell_one(
            arguments,
            fleet,
            [*counts, ("blocked", str(fleet.blocked)), (SCREEN_DOWN, str(fleet.screen_down))],
        )
        if boxes:
            print(file=sys.stdout)
            tell_rows(arguments, boxes, columns(hub_time(hub)), "")
        for sort in cut:
            remark(f"{sort}: there are more than the {MOST_SHOWN} listed; box list tells all")
    return WORTH_A_LOOK if boxes else 0
