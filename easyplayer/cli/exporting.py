"""``easyplayer export``: a program's playlists, and its calendar, for other software.

Without a program it is the sample program, with its pieces made.
"""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from easyplayer import settings
from easyplayer.cli import program_files
from easyplayer.cli.music import DEMO, may_show, sample
from easyplayer.cli.telling import tell_encoded
from easyplayer.demo_pictures import gather_pictures
from easyplayer.drivers.state_file import write_in_one_step
from easyplayer.errors import ProgramError
from easyplayer.fallback import gather_sample
from easyplayer.playout.catalogue import Playlist, Program
from easyplayer.playout.editing import finder, only
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.playlist_export import dump
from easyplayer.playout.playlists import PlaylistEntry, PlaylistFormat
from easyplayer.playout.spelling import Names, shown
from easyplayer.protocol.foreign_text import tidied
from easyplayer.units import to_seconds

CALENDAR, PROGRAM = "ics", "json"


class Outcome(Struct, frozen=True):
    """What was written.

    :ivar what: ``playlist``, ``calendar`` or ``program``.
    :ivar entries: how many items, events or playlists are in it.
    """

    file: str
    what: str
    entries: int


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "program", nargs="?", type=Path, metavar="FILE", help="program file; the sample program if left out"
    )
    parser.add_argument("--state", metavar="DIR", help="where the box keeps the sample program's pieces")
    parser.add_argument("--playlist", metavar="NAME", help="only this playlist, by its id or its title")
    parser.add_argument(
        "--to",
        type=_target,
        required=True,
        metavar="OUT",
        help="file to write; its suffix says what it is: m3u8, m3u, xspf, pls, ics or json",
    )
    parser.add_argument("--json", action="store_true", help="tell what was written as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Write the file.

    :raises ProgramError: the program cannot be used, or has no such playlist.
    :raises PlaylistError: the playlist cannot be written in this format.
    :raises StateError: the disk does not take it.
    """
    program = program_files.read(arguments.program) if arguments.program else _sample(arguments.state)
    wanted = _wanted(program, arguments.playlist) if arguments.playlist else ""
    if wanted:
        program = only(program, wanted)
    target: Path = arguments.to
    suffix = _suffix(target)
    if suffix == CALENDAR:
        outcome = _calendar(program, target)
    elif suffix == PROGRAM:
        program_files.write(target, program)
        outcome = Outcome(str(target), "program", len(program.playlists))
    else:
        outcome = _playlist(program, arguments.program or target, target, PlaylistFormat(suffix))
    _tell(outcome, as_json=arguments.json)
    return 0


def _sample(state: str | None) -> Program:
    """Give the sample program; what of its pieces is not there yet is made (some eighteen seconds).

    It has pictures where this machine may have a screen.
    """
    given: dict[str, Any] = {"box": {"state": state}} if state else {}
    wanted = settings.load(None, command_line=given)
    home, seen = wanted.state.absolute() / DEMO, may_show(wanted)
    gather_sample(home)
    if seen:
        gather_pictures(home)
    return sample(home, datetime.now().astimezone().date(), seen=seen)


def _calendar(program: Program, target: Path) -> Outcome:
    from easyplayer.icalendar_export import write

    write_in_one_step(target.resolve(), write(program))
    return Outcome(str(target), "calendar", len(program.dayparts) + len(program.shows))


def _playlist(program: Program, program_file: Path, target: Path, playlist_format: PlaylistFormat) -> Outcome:
    if len(program.playlists) != 1:
        choice = Names(playlist.id for playlist in program.playlists).instead_of("")
        raise ProgramError([f"{program_file}: which playlist is meant? name it with --playlist; {choice}"])
    entries = [_entry(item, program_file) for item in _items(program, program.playlists[0])]
    write_in_one_step(target.resolve(), dump(entries, playlist_format).encode())
    return Outcome(str(target), "playlist", len(entries))


def _items(program: Program, playlist: Playlist) -> list[Item]:
    """Give the items of a playlist, but for those that are none for a player."""
    known = {item.id: item for item in program.items}
    listed = [known[entry.item] for entry in playlist.entries]
    return [item for item in listed if item.kind not in {ItemKind.SKIP, ItemKind.STILL}]


def _entry(item: Item, program_file: Path) -> PlaylistEntry:
    return PlaylistEntry(
        location=program_files.located(item, program_file).location,
        title=item.title,
        artist=item.artist,
        duration_s=None if item.duration_ms is None else to_seconds(item.duration_ms),
    )


def _wanted(program: Program, name: str) -> str:
    found = finder(program.playlists)(name)
    if not found:
        names = Names([*(one.id for one in program.playlists), *(one.title for one in program.playlists)])
        raise ProgramError([f"--playlist: there is no playlist {shown(name)}; {names.instead_of(name)}"])
    return found


def _target(text: str) -> Path:
    known = [*PlaylistFormat, CALENDAR, PROGRAM]
    if _suffix(Path(text)) not in known:
        raise argparse.ArgumentTypeError(f"{text!r}: its suffix says nothing; there are {', '.join(known)}")
    return Path(text)


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        tell_encoded(msgspec.json.encode(outcome))
        return
    from rich.console import Console
    from rich.text import Text

    Console().print(Text(tidied(f"{outcome.file}: {outcome.what}, entries: {outcome.entries}")))
