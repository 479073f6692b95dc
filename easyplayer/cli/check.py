"""``easyplayer check``: the program on disk, what of it is missing, what was played, and what is next."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from easyplayer.asrun_log import AsRunLog, LogRow
from easyplayer.cli import venue as venues
from easyplayer.cli.outlook import Stretch, as_json, outlook
from easyplayer.cli.rehearsal import Rehearsal, draw_week, rehearsal
from easyplayer.cli.stock import Stock, files
from easyplayer.cli.tally import Tally
from easyplayer.cli.telling import Lines, row_json, tell_json, tell_pairs
from easyplayer.cli.times import wall, written
from easyplayer.cli.venue import Venue
from easyplayer.errors import ProgramError
from easyplayer.playout.calendar import TZDATA, zone_of
from easyplayer.playout.items import Item, masked
from easyplayer.playout.program_file import remarks
from easyplayer.playout.virtual_clock import scripted
from easyplayer.status_view import whence
from easyplayer.units import Instant

WRONG = 1
AHEAD_S = 86_400.0
LAST = 10
"""So many rows of the log are told; and so many of pictures, of which there are more."""
LAST_SHOWN = 3
LOOKED_AT = 300
MOST_MISSING = 20
"""So many items that are missing are named; a script is told all."""


class Media(Struct, frozen=True):
    """What of a program's items is there.

    :ivar troubles: items that cannot be played, and why.
    :ivar unlike: items whose file is not the one that the program means, and why.
    :ivar unanalysed: files that are still to be analysed; the box does it before they are played.
    :ivar uncompared: of those, the ones whose digest cannot be compared before.
    :ivar unmade: pieces of the sample program that the box makes when it starts.
    """

    files: int
    streams: tuple[Item, ...]
    troubles: tuple[tuple[Item, str], ...]
    unlike: tuple[tuple[Item, str], ...]
    unanalysed: int
    uncompared: int
    unmade: int

    @property
    def wrong(self) -> tuple[tuple[Item, str], ...]:
        """All that somebody must see to."""
        return self.troubles + self.unlike


class Findings(Struct, frozen=True, kw_only=True):
    """All that was found."""

    venue: Venue
    remarks: tuple[str, ...]
    media: Media
    played: tuple[LogRow, ...]
    shown: tuple[LogRow, ...]
    ahead: tuple[Stretch, ...]
    tally: Tally
    guessed: int

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to do anything."""
        return not (self.media.wrong or self.tally.silences or self.venue.doubt)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.epilog = "No box needs to run for it, and nothing is changed."
    parser.add_argument("--week", metavar="FILE", type=Path, help="draw this week as SVG")
    venues.add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and tell; 1 if anything is wrong, 65 if the box's program cannot be used."""
    now = wall()
    venue = venues.load(arguments, now)
    if arguments.week:
        draw_week(arguments.week, venue, now)
    findings = examine(venue, now)
    (_tell_json if arguments.json else _tell)(findings)
    if venue.doubt:
        return ProgramError.exit_code
    return 0 if findings.is_well else WRONG


# -- what is found ---------------------------------------------------------------------------------


def examine(venue: Venue, now: Instant) -> Findings:
    """Look at everything."""
    made = rehearsal(venue, scripted(now, ()), assume=venue.is_sample)
    venues.go_on(venue, made.simulated, made.engine, now)
    tally = Tally()
    ahead = _ahead(made, tally, now)
    logged = AsRunLog(venue.keeping.as_run).tail(LOOKED_AT)
    return Findings(
        venue=venue,
        remarks=remarks(venue.program),
        media=look_at_media(venue, made.stock),
        played=tuple([row for row in logged if row.shown_s is None][-LAST:]),
        shown=tuple([row for row in logged if row.shown_s is not None][-LAST_SHOWN:]),
        ahead=tuple(ahead),
        tally=tally,
        guessed=len(made.stock.guessed),
    )


def _ahead(made: Rehearsal, tally: Tally, now: Instant) -> list[Stretch]:
    until = Instant(now + AHEAD_S)
    happenings = list(made.simulated.run(until))
    for happening in happenings:
        tally.add(happening)
    return outlook(happenings, made.engine.timeline, now, until)


def look_at_media(venue: Venue, stock: Stock) -> Media:
    """Look whether every item is there, and is what the program means."""
    there = [item for item in files(venue.program.items) if stock.held(item).lies_there]
    missing = [item for item in files(venue.program.items) if not stock.held(item).lies_there]
    pictures = [item for item in venue.program.items if item.showing and item.owned]
    unseen = [item for item in pictures if not Path(item.location).is_file()]
    gone = [*missing, *unseen]
    troubles = [(item, stock.held(item).trouble) for item in (*missing, *there)]
    troubles += [(item, "there is no such file: bring it, or take it out of the program") for item in unseen]
    unanalysed = [item for item in there if stock.held(item).facts is None and not stock.held(item).trouble]
    return Media(
        files=len(there) + len(missing) + len(pictures),
        streams=tuple(item for item in venue.program.items if item.endless),
        troubles=tuple(
            (item, why) for item, why in troubles if why and not (venue.is_sample and item in gone)
        ),
        unlike=tuple(
            (item, why)
            for item in (*there, *(one for one in pictures if one not in unseen))
            if (why := _unlike(item, stock))
        ),
        unanalysed=len(unanalysed),
        uncompared=sum(item.media is not None for item in unanalysed),
        unmade=len(gone) if venue.is_sample else 0,
    )


def _unlike(item: Item, stock: Stock) -> str:
    """Tell how a file differs from what the program says of it; empty where it does not."""
    if item.media is None:
        return ""
    size, facts = Path(item.location).stat().st_size, stock.held(item).facts
    if size != item.media.size:
        return f"it has {size} bytes, and not {item.media.size}: fetch it again"
    if facts is not None and facts.sha256 != item.media.sha256:
        return "its content is not the one that the program means: fetch it again"
    return ""


# -- what is told ----------------------------------------------------------------------------------


def _tell(findings: Findings) -> None:
    zone = zone_of(findings.venue.program.zone)
    for pairs in (_about_program(findings), _about_media(findings.media)):
        tell_pairs([*pairs])
        print()
    _tell_played(findings.played + findings.shown, zone)
    _tell_ahead(findings.ahead, zone)
    print()
    tell_pairs([*_about_next(findings, zone)])


def _about_program(findings: Findings) -> Iterator[tuple[str, str]]:
    program = findings.venue.program
    yield "program", findings.venue.caption
    yield "zone", f"{program.zone}, time zones of {program.tzdata or 'nobody knows when'} (here {TZDATA})"
    if findings.venue.doubt:
        yield "WRONG", findings.venue.doubt
    for remark in findings.remarks:
        yield "remark", remark


def _about_media(media: Media) -> Iterator[tuple[str, str]]:
    yield "files", f"{media.files}, of which {media.files - len(media.troubles) - media.unmade} can be played"
    for item, why in media.wrong[:MOST_MISSING]:
        yield "WRONG", f"{item.caption} ({item.id}): {why}"
    if len(media.wrong) > MOST_MISSING:
        yield "", f"and {len(media.wrong) - MOST_MISSING} more"
    if media.unmade:
        yield "to be made", f"{media.unmade} pieces, which the box makes when it starts"
    if media.unanalysed:
        digests = f"; {media.uncompared} digests are compared then" if media.uncompared else ""
        yield "to be analysed", f"{media.unanalysed}, each before it is played{digests}"
    for stream in media.streams:
        yield "stream", masked(stream.location)


def _tell_played(rows: tuple[LogRow, ...], zone: ZoneInfo) -> None:
    if not rows:
        tell_pairs([("played", "nothing yet, as far as the as-run log knows")])
        print()
        return
    lines = Lines(23, 44, 30)
    for row in rows:
        origin = "" if row.origin is None else whence(row.origin)
        going_on = "sounds" if row.shown_s is None else "is shown"
        lines.add(written(row.started, zone), row.item.caption, origin, str(row.ended or going_on))
    print()


def _tell_ahead(ahead: tuple[Stretch, ...], zone: ZoneInfo) -> None:
    lines = Lines(23, 8, 30, 30)
    for stretch in ahead:
        style = {"SILENCE": "red", "closed": "dim"}.get(stretch.what, "")
        until = written(stretch.until, zone)[-8:]
        lines.add(
            written(stretch.since, zone), until, stretch.what, stretch.title, stretch.content, style=style
        )


def _about_next(findings: Findings, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield from findings.tally.told(zone)
    if findings.guessed:
        yield "guessed", f"the length of {findings.guessed} items: analyse them, or write duration_ms"
    yield "all in all", "well" if findings.is_well else "; ".join(_wrongs(findings, zone))


def _wrongs(findings: Findings, zone: ZoneInfo) -> Iterator[str]:
    if findings.venue.doubt:
        yield "the program cannot be used, and the box goes by the last good one"
    if findings.media.wrong:
        yield f"missing, or not to be played: {len(findings.media.wrong)} of the items"
    if findings.tally.silences:
        yield f"SILENCE ahead {findings.tally.silence(zone)}"


def _tell_json(findings: Findings) -> None:
    program, zone = findings.venue.program, zone_of(findings.venue.program.zone)
    media = findings.media
    content: dict[str, Any] = {
        "well": findings.is_well,
        "wrong": [*_wrongs(findings, zone)],
        "program": {
            "name": program.name,
            "version": program.version,
            "source": findings.venue.source,
            "zone": program.zone,
            "tzdata": program.tzdata,
            "doubt": findings.venue.doubt,
            "remarks": findings.remarks,
        },
        "media": {
            "files": media.files,
            "wrong": [{"item": item.id, "location": item.location, "why": why} for item, why in media.wrong],
            "unanalysed": media.unanalysed,
            "uncompared": media.uncompared,
            "unmade": media.unmade,
            "streams": [item.location for item in media.streams],
        },
        "played": [{**row_json(row, zone), "trust": row.trust} for row in findings.played],
        "shown": [{**row_json(row, zone), "trust": row.trust} for row in findings.shown],
        "next": [as_json(stretch, zone) for stretch in findings.ahead],
        "summary": findings.tally.as_json(),
    }
    tell_json(content, indent=2)
