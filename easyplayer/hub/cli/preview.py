"""What is heard at a venue at some time, and why; or all that is heard on a day."""

import argparse

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.moments import day
from easyplayer.hub.cli.telling import Column, tell_json, tell_one, tell_rows
from easyplayer.hub.preview_views import Day, Gap, Heard, Moment

SILENT = 1
MAIN = "main"


def _source(one: Heard | Gap) -> str:
    if isinstance(one, Gap):
        return one.reason
    return f"{one.layer} {one.source}".rstrip()


COLUMNS = (
    Column[Heard | Gap]("when", lambda one: one.local),
    Column[Heard | Gap]("plays", lambda one: one.caption if isinstance(one, Heard) else "MISSING"),
    Column[Heard | Gap]("from", _source),
)


def takes_instant(parser: argparse.ArgumentParser) -> None:
    """Declare which time is meant."""
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--at", metavar="WHEN", help="local time, such as 2026-12-24T18:07; else now")
    when.add_argument("--day", type=day, metavar="DATE", help="all of a day, such as 2026-12-24")
    parser.add_argument("--zone", default=MAIN, metavar="ZONE", help="of the venue; main if not given")


def tell_preview(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Tell what is heard; 1 if that is silence in open hours, or something does not come."""
    path, zone = f"/venues/{arguments.id}/preview", {"zone": arguments.zone}
    if arguments.day:
        return _tell_day(arguments, hub.get(f"{path}/day", Day, {"date": arguments.day, **zone}))
    return _tell_moment(arguments, hub.get(path, Moment, {"at": arguments.at, **zone}))


def _tell_moment(arguments: argparse.Namespace, moment: Moment) -> int:
    program = moment.program
    pairs = [
        ("when", f"{moment.local} ({moment.time_zone})"),
        ("program", f"{program.name}, version {program.version}" if program else "none is published"),
    ]
    for sound in moment.plays:
        pairs += sound.words
    if moment.silence:
        pairs.append(("silence", moment.silence))
    tell_one(arguments, moment, pairs)
    return 0


def _tell_day(arguments: argparse.Namespace, told: Day) -> int:
    if arguments.json:
        tell_json(told)
    else:
        rows: list[Heard | Gap] = [*told.items, *told.gaps]
        rows.sort(key=lambda one: one.began)
        tell_rows(arguments, rows, COLUMNS, "nothing is heard")
    return SILENT if told.gaps else 0
