"""``easyplayer-hub program``: drafts, their versions, and for whom they are published."""

import argparse
from functools import partial
from pathlib import Path

from easyplayer.errors import BadRequestError
from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.bundling import PHASES, make_stick, told
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.importing import import_program, media_of, read
from easyplayer.hub.cli.moments import day
from easyplayer.hub.cli.targets import add_several_targets, add_targets, several_targets, wanted
from easyplayer.hub.cli.telling import (
    Column,
    add_yes,
    confirm,
    instant,
    size,
    tell_done,
    tell_one,
    tell_rows,
)
from easyplayer.hub.cli.uploading import bar_for
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.content_views import Checked, Imported, ProgramHeader, ProgramKept, Publication, Version
from easyplayer.playout.catalogue import Daypart

WRONG = 1

COLUMNS = (
    Column[ProgramHeader]("id", lambda one: one.id),
    Column[ProgramHeader]("name", lambda one: one.name),
    Column[ProgramHeader]("version", lambda one: str(one.version) if one.version else "draft only"),
    Column[ProgramHeader]("group", lambda one: one.group or "all"),
    Column[ProgramHeader]("changed", lambda one: instant(one.revised)),
)
VERSIONS = (
    Column[Version]("version", lambda one: str(one.version)),
    Column[Version]("made", lambda one: instant(one.created)),
    Column[Version]("by", lambda one: one.by),
    Column[Version]("size", lambda one: size(one.size)),
    Column[Version]("digest", lambda one: one.digest),
    Column[Version]("remarks", lambda one: "; ".join(one.remarks)),
)
PUBLICATIONS = (
    Column[Publication]("revision", lambda one: str(one.revision)),
    Column[Publication]("program", lambda one: f"{one.program}, version {one.version}"),
    Column[Publication]("for", lambda one: f"{one.target} {one.target_id}"),
    Column[Publication]("since", lambda one: instant(one.created)),
    Column[Publication]("by", lambda one: one.by),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.pages("/programs", ProgramHeader), COLUMNS, "there are no programs")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    kept = hub.get(f"/programs/{arguments.id}", ProgramKept)
    draft = kept.draft
    pairs = [
        ("id", kept.id),
        ("name", kept.name),
        ("version", f"{kept.version}" if kept.version else "draft only"),
        ("group", kept.group or "all"),
        ("changed", instant(kept.revised)),
        ("dayparts", ", ".join(f"{one.title or one.id} ({_plays(one)})" for one in draft.dayparts)),
        ("shows", ", ".join(one.title or one.id for one in draft.shows)),
        ("spots", ", ".join(one.title or one.id for one in draft.spots)),
        ("fallback", draft.fallback),
        ("screens", draft.screen.fallback),
        ("playlists", ", ".join(kept.lists)),
    ]
    tell_one(arguments, kept, [(heading, text) for heading, text in pairs if text])


def _plays(daypart: Daypart) -> str:
    return ", ".join(filter(None, (daypart.playlist, daypart.screen and f"screens {daypart.screen}")))


def _import(hub: HubClient, arguments: argparse.Namespace) -> None:
    files = media_of(read(arguments.file), arguments.file)
    with bar_for(len(files), quiet=arguments.json) as bar:
        made = import_program(hub, arguments.file, bar, arguments.id or "", arguments.group)
    tell_done(arguments, f"{made.program} is a draft, with {len(made.lists)} playlists", made, _remarks(made))


def _remarks(made: Imported | Publication) -> list[str]:
    return [f"remark: {one}" for one in made.remarks]


def _check(hub: HubClient, arguments: argparse.Namespace) -> int:
    checked = hub.post(f"/programs/{arguments.id}/check", None, Checked)
    pairs = [
        ("version", f"{checked.version} would be published"),
        ("items", f"{checked.items}, in a file of {size(checked.size)}"),
        *(("FAULT", fault) for fault in checked.faults),
        *(("remark", remark) for remark in checked.remarks),
    ]
    tell_one(arguments, checked, pairs[2:] if checked.faults else pairs)
    return WRONG if checked.faults else 0


def _publish(hub: HubClient, arguments: argparse.Namespace) -> None:
    made = hub.post(f"/programs/{arguments.id}/publish", wanted(hub, arguments), Publication)
    what = f"{made.program}, version {made.version}, for {made.target} {made.target_id}"
    how = "was published already" if made.already else "is published"
    tell_done(arguments, f"{what}: {how} (revision {made.revision})", made, _remarks(made))


def _bundle(hub: HubClient, arguments: argparse.Namespace) -> None:
    targets = several_targets(hub, arguments)
    if not targets:
        message = "for which boxes? Say --box, --zone, --venue or --group, as often as you like"
        raise BadRequestError(message)
    with bar_for(PHASES, quiet=arguments.json) as bar:
        made = make_stick(hub, arguments.to, targets, bar, collects=arguments.collect, prunes=arguments.prune)
    first, *more = told(made)
    tell_done(arguments, first, made, more)


def _versions(hub: HubClient, arguments: argparse.Namespace) -> int:
    path = f"/programs/{arguments.id}/versions"
    if arguments.save is not None:
        versions = [*hub.pages(path, Version)]
        number = arguments.version or max((one.version for one in versions), default=0)
        count = hub.save(f"{path}/{number}", arguments.save)
        tell_done(arguments, f"{arguments.save}: version {number}, {size(count)}")
        return 0
    tell_rows(arguments, hub.pages(path, Version), VERSIONS, "it has not been published yet")
    return 0


def _published(hub: HubClient, arguments: argparse.Namespace) -> None:
    query = {"program": arguments.id}
    tell_rows(arguments, hub.pages("/publications", Publication, query), PUBLICATIONS, "nothing is published")


def _week(hub: HubClient, arguments: argparse.Namespace) -> None:
    query = {"date": arguments.date, "screen": True if arguments.screen else None}
    count = hub.save(f"/programs/{arguments.id}/week.svg", arguments.output, query)
    tell_done(arguments, f"{arguments.output}: {size(count)}")


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the program {arguments.id}?"):
        return 1
    hub.delete(f"/programs/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is deleted")
    return 0


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the program")


def _takes_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a program file, as easyplayer has them")
    parser.add_argument("--id", metavar="ID", help="to name it by; the program's name if not given")
    parser.add_argument("--group", default="", metavar="GROUP", help="for these venues only; else for all")


def _takes_target(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_targets(parser)
    _takes_version(parser, "an older version, in place of the draft")


def _takes_stick(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the stick is mounted")
    add_several_targets(parser)
    parser.add_argument("--collect", action="store_true", help="have boxes leave their log on it")
    parser.add_argument("--prune", action="store_true", help="take away what no program needs any more")


def _takes_version(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("--version", type=int, metavar="N", help=about)


def _takes_save(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("--save", type=Path, metavar="FILE", help="write one of them into a file")
    _takes_version(parser, "which one; the newest if not given")


def _takes_any(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="only of this program")


def _takes_picture(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="SVG to write")
    parser.add_argument("--date", type=day, metavar="DATE", help="a day of that week; this one if not given")
    parser.add_argument("--screen", action="store_true", help="that of the screens, in place of the music's")


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_yes(parser)


VERBS = (
    Verb("list", "list programs", _list),
    Verb("show", "tell what is in one", _show, _takes_id),
    Verb("import", "make a draft of a program file, and upload what it plays", _import, _takes_file),
    Verb("check", "tell what is wrong with a draft, and what is odd", _check, _takes_id),
    Verb("publish", "have boxes play it", _publish, _takes_target),
    Verb("bundle", "make a stick for boxes that the network does not reach", _bundle, _takes_stick),
    Verb("versions", "list its versions, or write one into a file", _versions, _takes_save),
    Verb("published", "list what is published, and for whom", _published, _takes_any),
    Verb("week", "draw its week as a picture", _week, _takes_picture),
    Verb("delete", "take one away that is not published", _delete, _takes_yes),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
