"""``easyplayer-hub log``: what was played."""

import argparse
from enum import StrEnum
from functools import partial
from pathlib import Path

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.boxes import id_of
from easyplayer.hub.cli.client import HubClient, Query
from easyplayer.hub.cli.moments import moment
from easyplayer.hub.cli.reporting import Outcome, import_all, said
from easyplayer.hub.cli.telling import Column, add_most, instant, length, size, tell_done, tell_one, tell_rows
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.services.played_export import PlayedRow
from easyplayer.hub.services.played_log import LogState, What
from easyplayer.hub.stick_views import ReportKept

INCOMPLETE = 1
DEFAULT_ROWS = 100
COLUMNS = (
    Column[PlayedRow]("when", lambda row: row.started_local or "?"),
    Column[PlayedRow]("where", lambda row: f"{row.venue}/{row.zone}".rstrip("/")),
    Column[PlayedRow]("title", lambda row: row.title),
    Column[PlayedRow]("artist", lambda row: row.artist),
    Column[PlayedRow]("heard", lambda row: length(row.heard_s or None)),
    Column[PlayedRow]("from", lambda row: f"{row.layer} {row.source}".strip()),
    Column[PlayedRow]("ended", lambda row: row.ended),
    Column[PlayedRow]("shown", lambda row: length(row.shown_s)),
)
LOGS = (
    Column[LogState]("log", lambda one: one.log),
    Column[LogState]("entries", lambda one: f"{one.acknowledged} of {one.head}"),
    Column[LogState]("rows", lambda one: str(one.rows)),
    Column[LogState]("missing", lambda one: ", ".join(f"{gap.first}-{gap.last}" for gap in one.gaps)),
    Column[LogState](
        "set aside", lambda one: ", ".join(f"{number}: {reason}" for number, reason in one.aside)
    ),
    Column[LogState]("last", lambda one: instant(one.updated)),
)
REPORTS = (
    Column[Outcome]("file", lambda one: one.file),
    Column[Outcome]("box", lambda one: "" if one.taken is None else one.taken.name),
    Column[Outcome]("made", lambda one: "" if one.taken is None else instant(one.taken.made)),
    Column[Outcome]("new entries", lambda one: "" if one.taken is None else str(one.taken.stored)),
    Column[Outcome]("", said),
)


class Format(StrEnum):
    """How an export is written; the value is also the file's suffix."""

    CSV = "csv"
    JSONL = "jsonl"


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    rows = hub.pages("/played", PlayedRow, _which(hub, arguments), arguments.most)
    tell_rows(arguments, rows, COLUMNS, "nothing was played")


def _export(hub: HubClient, arguments: argparse.Namespace) -> None:
    written = arguments.format or _by_suffix(arguments.output)
    count = hub.save(f"/played.{written}", arguments.output, _which(hub, arguments))
    tell_done(
        arguments, f"{arguments.output}: {size(count)}", {"file": str(arguments.output), "bytes": count}
    )


def _by_suffix(file: Path) -> Format:
    return Format.JSONL if file.suffix == f".{Format.JSONL}" else Format.CSV


def _gaps(hub: HubClient, arguments: argparse.Namespace) -> int:
    logs = hub.get(f"/boxes/{id_of(hub, arguments.box)}/logs", list[LogState])
    tell_rows(arguments, logs, LOGS, "it has sent nothing yet")
    return INCOMPLETE if any(one.gaps or one.aside for one in logs) else 0


def _import(hub: HubClient, arguments: argparse.Namespace) -> int:
    outcomes = import_all(hub, arguments.files)
    tell_rows(arguments, outcomes, REPORTS, "there are no reports")
    return INCOMPLETE if any(one.taken is None for one in outcomes) else 0


def _report(hub: HubClient, arguments: argparse.Namespace) -> None:
    path = f"/boxes/{id_of(hub, arguments.box)}/report"
    kept = hub.get(path, ReportKept)
    if arguments.output is not None:
        count = hub.save(f"{path}/log", arguments.output)
        tell_done(arguments, f"{arguments.output}: {size(count)}", kept)
        return
    pairs = [
        ("box", kept.box),
        ("made", f"{instant(kept.made)}, by the box's clock"),
        ("taken in", f"{instant(kept.taken)} by {kept.by}"),
        ("lines of log", size(kept.log_bytes)),
    ]
    if kept.status is not None:
        pairs += [("program", kept.status.program), ("state", kept.status.state)]
        pairs += [("problem", one) for one in (*kept.status.problems, *kept.status.trouble)]
    tell_one(arguments, kept, pairs)


def _which(hub: HubClient, arguments: argparse.Namespace) -> Query:
    return {
        "venue": arguments.venue,
        "group": arguments.group,
        "box": id_of(hub, arguments.box) if arguments.box else None,
        "what": arguments.what,
        "source": arguments.source,
        "playlist": arguments.playlist,
        "from": arguments.since,
        "to": arguments.until,
        "unheard": True if arguments.unheard else None,
    }


def _takes_which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--venue", metavar="VENUE", help="only what was played there")
    parser.add_argument("--group", metavar="GROUP", help="only in the venues of this group")
    parser.add_argument("--box", metavar="BOX", help="only by this box: its id, or its name")
    parser.add_argument(
        "--what",
        choices=[*What],
        type=What,
        help="music if not given; sound: also clips with a sound of their own; pictures; all",
    )
    parser.add_argument("--source", metavar="ID", help="only of this show, daypart or spot")
    parser.add_argument("--playlist", metavar="ID", help="only out of this playlist")
    parser.add_argument("--from", dest="since", type=moment, metavar="WHEN", help="such as 2026-12-01")
    parser.add_argument("--to", dest="until", type=moment, metavar="WHEN", help="up to this; not with it")
    parser.add_argument("--unheard", action="store_true", help="also what nothing was heard of, or seen")


def _takes_most(parser: argparse.ArgumentParser) -> None:
    _takes_which(parser)
    add_most(parser, "100 rows if not given", DEFAULT_ROWS)


def _takes_output(parser: argparse.ArgumentParser) -> None:
    _takes_which(parser)
    parser.add_argument(
        "--format", choices=[*Format], type=Format, help="as the file's suffix says, if not given"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="file to write")


def _takes_box(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("box", metavar="BOX", help="its id, or its name")


def _takes_files(parser: argparse.ArgumentParser) -> None:
    about = "reports that boxes have left; of a folder, such as a stick's, all that are in it"
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=about)


def _takes_report(parser: argparse.ArgumentParser) -> None:
    _takes_box(parser)
    about = "write the lines of log that came with it into a file"
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=about)


VERBS = (
    Verb("show", "list what was played, venue by venue, in order", _show, _takes_most),
    Verb(
        "export",
        "write what was played into a file",
        _export,
        _takes_output,
    ),
    Verb("gaps", "tell whether anything of a box's log is missing", _gaps, _takes_box),
    Verb("import", "take in reports that boxes have left on a stick", _import, _takes_files),
    Verb("report", "tell how a box was when it made its last report on a stick", _report, _takes_report),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
