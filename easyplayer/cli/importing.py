"""``easyplayer import``: a program made of playlists, folders, streams and calendars."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from easyplayer.cli import program_files
from easyplayer.cli.machine_zone import machine_zone
from easyplayer.cli.telling import tell_encoded
from easyplayer.errors import MediaError
from easyplayer.importer import Importer, is_calendar, sources
from easyplayer.playout.calendar import TZDATA
from easyplayer.playout.catalogue import Order, Program, Slot
from easyplayer.playout.items import Item
from easyplayer.playout.program_file import remarks
from easyplayer.playout.slot_words import slot_from
from easyplayer.protocol.foreign_text import tidied


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of an import.

    :ivar created: whether there was no program before.
    :ivar changed: whether the program is another one now, and was written.
    :ivar playlists: how many entries each imported playlist has, by its id.
    :ivar dayparts: how many dayparts were imported; so are shows.
    :ivar problems: what could not be imported.
    :ivar remarks: what is odd about the program.
    """

    file: str
    version: int
    zone: str
    created: bool
    changed: bool
    playlists: dict[str, int]
    dayparts: int
    shows: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.epilog = (
        "A playlist that is there already is brought up to date; what was decided of it by hand stays. "
        "The file as it was before is kept beside it, as FILE.old."
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="playlists, folders, files, stream URLs; calendars (.ics)",
    )
    parser.add_argument(
        "--into", type=Path, default=Path("program.json"), metavar="FILE", help="program file (%(default)s)"
    )
    parser.add_argument("--playlist", metavar="NAME", help="put it all into one playlist of this name")
    parser.add_argument("--order", choices=[*Order], help="the order of what is imported")
    parser.add_argument(
        "--daypart",
        type=_slot,
        action="append",
        default=[],
        metavar="WHEN",
        help='when it is to play, such as "mon-fri 07:00-11:00"; may be given several times',
    )
    parser.add_argument("--fallback", action="store_true", help="play it whenever nothing else is due")
    parser.add_argument(
        "--screen", action="store_true", help="it is for the screens: stills, clips and streams of pictures"
    )
    parser.add_argument("--name", help="what the program is called")
    parser.add_argument("--zone", help="the venue's time zone, such as Europe/Paris")
    parser.add_argument("--no-tags", action="store_true", help="do not look into the files for their tags")
    parser.add_argument("--json", action="store_true", help="tell what came of it as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Import, write the program, and tell what came of it.

    :raises ProgramError: the program that is there cannot be used, or what would be written could not.
    :raises MediaError: there is nothing to import in any of the sources.
    """
    before = program_files.read_if_there(arguments.into)
    importer = Importer(_begin(before, arguments), None if arguments.no_tags else _watched)
    for source in sources(arguments.sources, arguments.playlist):
        order = Order(arguments.order) if arguments.order else None
        importer.add(source, order, screen=arguments.screen)
    is_fallback = arguments.fallback or before is None
    importer.plan(arguments.daypart, is_fallback=is_fallback, screen=arguments.screen)
    for place in filter(is_calendar, arguments.sources):
        importer.add_calendar(place, datetime.now().astimezone().date())
    if not importer.found:
        raise MediaError(
            "nothing to import was found:\n" + "\n".join(f"  - {one}" for one in importer.problems)
        )
    outcome = _save(arguments.into, before, importer)
    if arguments.json:
        tell_encoded(msgspec.json.encode(outcome))
    else:
        _show(outcome)
    return 0


def _slot(text: str) -> Slot:
    try:
        return slot_from(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _begin(before: Program | None, arguments: argparse.Namespace) -> Program:
    """Give the program to import into: the one that is there, or a new one."""
    program = before or Program(name=arguments.into.stem, version=0, zone=machine_zone())
    program = structs.replace(
        program, name=arguments.name or program.name, zone=arguments.zone or program.zone
    )
    program_files.check(program)
    return program


def _save(path: Path, before: Program | None, importer: Importer) -> Outcome:
    program = importer.program
    changed = program != before
    if changed:
        program = structs.replace(program, version=program.version + 1, tzdata=TZDATA)
        program_files.check(program)
        program_files.write(path, program)
    return Outcome(
        file=str(path),
        version=program.version,
        zone=program.zone,
        created=before is None,
        changed=changed,
        playlists=importer.playlists,
        dayparts=importer.dayparts,
        shows=importer.shows,
        problems=(*importer.problems,),
        remarks=remarks(program),
    )


def _watched(items: Sequence[Item]) -> Iterable[Item]:
    """Show a person at a terminal how far it is."""
    if not sys.stderr.isatty():
        return items
    from rich.progress import track

    from easyplayer.cli.terminal import console

    return track(items, description="Reading tags", console=console(), transient=True)


def _show(outcome: Outcome) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in rows(outcome):
        table.add_row(Text(name, style="bold"), Text(tidied(value)))
    Console().print(table)


def rows(outcome: Outcome) -> list[tuple[str, str]]:
    """Put what came of it into words, name by name."""
    state = (
        f"version {outcome.version}"
        if outcome.changed
        else f"nothing is new, still version {outcome.version}"
    )
    zone = (
        f"{outcome.zone}, that of this machine unless --zone says another"
        if outcome.created
        else outcome.zone
    )
    found = [("program", f"{outcome.file}, {state}"), ("zone", zone)]
    found += [("playlist", f"{name}, entries: {count}") for name, count in outcome.playlists.items()]
    if outcome.dayparts or outcome.shows:
        found.append(("calendar", f"dayparts: {outcome.dayparts}, shows: {outcome.shows}"))
    found += [("left out", problem) for problem in outcome.problems]
    return found + [("remark", remark) for remark in outcome.remarks]
