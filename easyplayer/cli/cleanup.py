"""``easyplayer cleanup``: take away what the box has kept and needs no more."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from easyplayer import settings
from easyplayer.analysis import FactsCache
from easyplayer.cli.hub_store import programs_of
from easyplayer.cli.stock import files
from easyplayer.cli.telling import tell_json, tell_pairs, warn
from easyplayer.cli.venue import as_last_started
from easyplayer.demo_pictures import picture_items
from easyplayer.errors import ProgramError, StateError
from easyplayer.fallback import sample_items
from easyplayer.keeping import Keeping
from easyplayer.program_watch import read_program
from easyplayer.settings import Settings
from easyplayer.sources import gather

LEFT_ALONE_S = 3600.0
"""What was written within this may still be wanted by whoever writes it."""
DRAFTS = ("*.new", "demo/*.part", "analysis/*/*/tmp*")
"""Where the box writes what it puts into its place at last."""
SOME_LEFT = 1


class Useless(Struct, frozen=True):
    """A file that is needed no more.

    :ivar why: what it was.
    """

    path: Path
    why: str
    size: int


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.epilog = "The as-run log is never touched, and nothing outside of the state directory."
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be taken away")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--json", action="store_true", help="JSON, for a script")


def run(arguments: argparse.Namespace) -> int:
    """Take away what is needed no more; 1 if some of it does not let itself be taken."""
    given = {"box": {"state": arguments.state}} if arguments.state else {}
    wanted = settings.load(arguments.settings, command_line=given)
    if not wanted.state.is_dir():
        message = f"{wanted.state} is not there: name the --state of a box"
        raise StateError(message)
    found = [*useless(wanted, time.time())]
    left = [] if arguments.dry_run else [*take_away(found)]
    taken = [one for one in found if one.path not in {path for path, _ in left}]
    if arguments.json:
        rows = [{"path": str(one.path), "why": one.why, "bytes": one.size} for one in taken]
        tell_json({"dry_run": arguments.dry_run, "files": rows, "bytes": sum(one.size for one in taken)})
    else:
        _tell(taken, dry_run=arguments.dry_run)
    warn(f"{path} cannot be taken away ({reason})" for path, reason in left)
    return SOME_LEFT if left else 0


# -- what is useless -------------------------------------------------------------------------------


def useless(wanted: Settings, now: float) -> Iterator[Useless]:
    """Find what is needed no more, all of it within the state directory."""
    state = wanted.state.resolve()
    for path, why in _candidates(wanted):
        try:
            status = path.lstat()
            inside = path.parent.resolve().is_relative_to(state)
        except OSError:  # somebody else was faster
            continue
        if inside and path.is_file() and now - status.st_mtime >= LEFT_ALONE_S:
            yield Useless(path, why, status.st_size)


def _candidates(wanted: Settings) -> Iterator[tuple[Path, str]]:
    for pattern in DRAFTS:
        for path in sorted(wanted.state.glob(pattern)):
            yield path, "unfinished"
    demo = wanted.state / "demo"
    pieces = {Path(item.location).name for item in (*sample_items(demo), *picture_items(demo))}
    for path in sorted(path for suffix in ("wav", "png", "mp4") for path in demo.glob(f"*-v*.{suffix}")):
        if path.name not in pieces:
            yield path, "a demo piece of another version"
    for path in FactsCache(wanted.state / "analysis").useless(belonging(wanted)):
        yield path, "an analysis of what is gone"


def belonging(wanted: Settings) -> set[Path]:
    """Give the files that the box plays, whether or not they are there just now."""
    last = as_last_started(wanted)
    items = [*gather(last.music.places).items]
    for path in (Path(last.program.file or "/").expanduser(), Keeping(last.state).program):
        try:
            items += read_program(path).items if path.is_file() else ()
        except ProgramError as error:
            warn([str(error)])
    items += [item for program in programs_of(wanted) for item in program.items]
    return {Path(item.location) for item in files(items)}


# -- what is done ----------------------------------------------------------------------------------


def take_away(found: list[Useless]) -> Iterator[tuple[Path, str]]:
    """Take files away; tell of those that cannot be."""
    for one in found:
        try:
            one.path.unlink(missing_ok=True)
        except OSError as error:
            yield one.path, error.strerror or str(error)


def _tell(taken: list[Useless], *, dry_run: bool) -> None:
    verb = "would be taken away" if dry_run else "taken away"
    for why in sorted({one.why for one in taken}):
        those = [one for one in taken if one.why == why]
        tell_pairs([(why, f"{len(those)} files, {sum(one.size for one in those)} bytes")])
        if why != "an analysis of what is gone":
            tell_pairs(("", str(one.path)) for one in those)
    tell_pairs([(verb, f"{len(taken)} files, {sum(one.size for one in taken)} bytes")])
