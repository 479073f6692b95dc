"""``easyplayer setup``: take over what a technician gave the box in one file, or only look at it."""

import argparse
import logging
import sys
import zoneinfo
from collections.abc import Collection
from functools import partial
from pathlib import Path

import msgspec

from easyplayer import log as logs
from easyplayer.appliance.given import FILE, understand
from easyplayer.appliance.rendering import NETWORK, TIME_SERVERS, Rendered, render
from easyplayer.appliance.setup_report import PLACE, SetupReport
from easyplayer.appliance.succession import Memory, Succession, succeed
from easyplayer.drivers.kept_settings import Making, memory_of, place, place_link, read_folder
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import SettingsError, StateError

log = logging.getLogger(__name__)

REPORT_MODE = 0o644


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--check", type=Path, metavar="FILE", help="only look whether a file can be used")
    parser.add_argument("--boot", type=Path, metavar="DIR", help="what lies on the boot partition")
    parser.add_argument("--stick", type=Path, metavar="DIR", help="what lies on a stick")
    parser.add_argument(
        "--mark", default="", help="names what lies on the boot partition, for the next start"
    )
    parser.add_argument(
        "--kept", type=Path, default=Path("/data/settings"), metavar="DIR", help="where it is kept"
    )
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="DIR", help="the machine's files")
    parser.add_argument(
        "--report", type=Path, default=Path(PLACE), metavar="FILE", help="where to tell what became of it"
    )
    parser.add_argument(
        "--changed", type=Path, metavar="FILE", help="made where something else is in force now"
    )


def run(arguments: argparse.Namespace) -> int:
    """Take over what was given; what cannot be used is told, and the box goes on with what it had.

    :returns: 78 where what was in force cannot be understood any more; what was made of it is to be used.
    :raises SettingsError: the file to be looked at cannot be used.
    """
    if arguments.check is not None:
        _check(arguments.check)
        return 0
    logs.set_up(0)
    memory = StateFile(memory_of(arguments.kept), Memory).load() or Memory()
    now = succeed(
        memory,
        read_folder(arguments.boot),
        read_folder(arguments.stick),
        partial(understand, zones=partial(_zones, arguments.root)),
    )
    lost = now.given is None and now.memory.good is not None
    told = now.report if lost else _take_over(arguments, now)
    place(arguments.report.parent, arguments.report.name, msgspec.json.encode(told), REPORT_MODE)
    if arguments.changed is not None and now.memory.good != memory.good:
        arguments.changed.touch()
    _log(told)
    return SettingsError.exit_code if lost else 0


def _take_over(arguments: argparse.Namespace, now: Succession) -> SetupReport:
    """Put in force what is to be, and keep it; tell what became of it."""
    if now.given is None:
        return _kept(arguments.kept, arguments.mark, now, ())
    files = render(now.given)
    _lay_out(arguments.root, files)
    for path in {NETWORK, TIME_SERVERS} - {one.path for one in files}:
        (arguments.root / path).unlink(missing_ok=True)
    return _kept(arguments.kept, arguments.mark, now, files)


def _check(file: Path) -> None:
    """Look at a file as the box would, with all that lies beside it."""
    try:
        files = {file.name: file.read_bytes()}
        beside = sorted(file.parent.glob("[Ee][Aa][Ss][Yy][Pp][Ll][Aa][Yy][Ee][Rr]*"))
        files |= {one.name: one.read_bytes() for one in beside if one.is_file() and one.name != file.name}
    except OSError as error:
        raise StateError(f"{file} cannot be read ({error.strerror}): name another file") from error
    given = understand({FILE: files.pop(file.name)} | files, partial(_zones, Path("/")))
    for note in given.notes:
        sys.stdout.write(f"{note}\n")
    sys.stdout.write(f"{file}: can be used; put it on the boot partition, or on a stick, as {FILE}\n")


def _kept(kept: Path, mark: str, now: Succession, files: tuple[Rendered, ...]) -> SetupReport:
    """Keep it for the next start; tell what is to be told, which is more where that cannot be."""
    try:
        making = Making(kept)
        _lay_out(making.tree, files)
        making.keep(mark, msgspec.json.encode(now.memory), msgspec.json.encode(now.memory.report))
    except (StateError, OSError) as error:
        return msgspec.structs.replace(now.report, notes=(*now.report.notes, str(error)))
    return now.report


def _lay_out(root: Path, files: tuple[Rendered, ...]) -> None:
    for one in files:
        if one.link:
            place_link(root, one.path, one.link)
        else:
            place(root, one.path, one.data, one.mode)


def _log(report: SetupReport) -> None:
    for problem in report.problems:
        log.warning("cannot be used: %s", problem)
    for note in report.notes:
        log.warning("note: %s", note)
    source = report.source or "nobody"
    log.info("in force is what came from %s", source)


def _zones(root: Path) -> Collection[str]:
    """Name the time zones that the machine knows."""
    there = root / "usr/share/zoneinfo"
    return sorted(one for one in zoneinfo.available_timezones() if (there / one).is_file())
