"""``easyplayer simulate``: run the venue as fast as the machine can, and show what would be heard."""

import argparse
import time
from collections.abc import Iterable, Iterator
from functools import partial
from heapq import merge
from itertools import tee
from pathlib import Path

from easyplayer.cli import venue as venues
from easyplayer.cli.rehearsal import doubts, draw_week, rehearsal, screen_of
from easyplayer.cli.tally import Tally
from easyplayer.cli.telling import (
    WIDTHS,
    Lines,
    tell_happening,
    tell_json,
    tell_json_happening,
    tell_pairs,
    warn,
)
from easyplayer.cli.times import instant, lasting, moment, wall, written
from easyplayer.cli.venue import Venue
from easyplayer.playout.calendar import zone_of
from easyplayer.playout.chronicle import Happening, Seen
from easyplayer.playout.virtual_clock import VirtualClock, scripted
from easyplayer.units import Instant

SILENT = 1
DAY_S = 86_400
MOST_DAYS = 3660.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.epilog = "It begins with what the box remembers, and changes nothing."
    parser.add_argument("--days", metavar="N", type=_days, default=1.0, help="for how long (%(default)g)")
    parser.add_argument(
        "--from",
        dest="since",
        metavar="WHEN",
        type=moment,
        default="now",
        help="from a local date or time on, such as 2027-03-27 or 2026-12-31T18:00, in place of now",
    )
    parser.add_argument(
        "--clock",
        metavar="SPEC",
        action="append",
        type=_script,
        default=[],
        help='what the clock does: "1970", "1970 for 30m", "set +1h after 6h", "set right after 7h" or '
        '"drift 50ppm"; may be given several times',
    )
    parser.add_argument("--fresh", action="store_true", help="begin with nothing that the box remembers")
    parser.add_argument("--week", metavar="FILE", type=Path, help="draw the week of its start as SVG")
    parser.add_argument("--screen", action="store_true", help="show what the screens show, too")
    venues.add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Simulate; 1 if nothing could be played in open hours."""
    now = wall()
    venue = venues.load(arguments, now)
    zone = zone_of(venue.program.zone)
    since = instant(arguments.since, zone, now)
    if arguments.week:
        draw_week(arguments.week, venue, since, screen=arguments.screen)
    made = rehearsal(venue, scripted(since, arguments.clock), fresh=arguments.fresh)
    if arguments.since == "now" and not (arguments.fresh or arguments.clock):
        venues.go_on(venue, made.simulated, made.engine, now)
    warn(doubts(venue, made.stock))
    tally, began = Tally(), time.monotonic()
    tell = tell_json_happening if arguments.json else partial(tell_happening, Lines(*WIDTHS))
    until = Instant(since + arguments.days * DAY_S)
    heard = _counted(made.simulated.run(until), tally)
    clock = scripted(since, arguments.clock)
    for happening in _with_screen(venue, clock, heard, until) if arguments.screen else heard:
        tell(happening, zone)
    if arguments.json:
        tell_json({"happened": "summary", **tally.as_json(), "guessed": len(made.stock.guessed)})
    else:
        print()
        lasts, took_s = lasting(arguments.days * DAY_S), time.monotonic() - began
        span = "simulated", f"{lasts} from {written(since, zone)}, in {took_s:.1f} s"
        tell_pairs([("program", venue.caption), span, *tally.told(zone), *made.stock.told()])
    if tally.silences:
        warn([f"SILENCE in open hours {tally.silence(zone)}: nothing of the program can be played then"])
        return SILENT
    return 0


def _counted(happenings: Iterable[Happening], tally: Tally) -> Iterator[Happening]:
    for happening in happenings:
        tally.add(happening)
        yield happening


def _with_screen(
    venue: Venue, clock: VirtualClock, heard: Iterable[Happening], until: Instant
) -> Iterator[Happening | Seen]:
    """Put what the screens show between what is heard."""
    heard, spoken = tee(heard)
    rows: tuple[Iterable[Happening | Seen], ...] = (heard, screen_of(venue, clock, spoken, until))
    return merge(*rows, key=lambda row: row.started)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0 < days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days up to {MOST_DAYS:g}")
    return days


def _script(text: str) -> str:
    try:
        scripted(Instant(0.0), [text])
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
