"""``easyplayer``: run the box."""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from easyplayer.cli.process import run_box
from easyplayer.cli.refuge import take_home
from easyplayer.cli.safely import GUARDED_BY, music_for, started_as
from easyplayer.drivers.power import guardian


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--music", nargs="+", metavar="PATH", help="files, folders, playlists or stream URLs to play"
    )
    what.add_argument("--program", metavar="FILE", help="program file to play by")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--as-if",
        type=datetime.fromisoformat,
        metavar="WHEN",
        help="rehearse: play as if it were another time, such as 2026-12-31T23:55, and keep nothing of it",
    )
    add_common(parser)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Declare what running and playing have in common."""
    parser.add_argument("--state", metavar="DIR", help="directory for all that must survive a power cut")
    parser.add_argument("--sink", metavar="NAME", help="output to play on; null is a silent one")
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="tell more; twice for the engines' own words"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the box until it is told to end."""
    given: dict[str, dict[str, Any]] = common_settings(arguments)
    if arguments.music:
        given |= {"music": {"places": arguments.music}, "program": {"file": ""}}
    if arguments.program:
        given["program"] = {"file": arguments.program}
    guarded_by = guardian()
    heeds = guarded_by == GUARDED_BY
    wanted, level = started_as(arguments.settings, given, heeds=heeds)
    is_watched = sys.stderr.isatty() and not heeds  # by a person, who should get the error, if there is one
    home = take_home(wanted.state, level, "" if is_watched else guarded_by)
    if home.lost is not None:
        wanted = structs.replace(wanted, box=structs.replace(wanted.box, state=str(home.held.path)))
    try:
        ahead_s = seconds_ahead(arguments.as_if)
        today = datetime.fromtimestamp(time.time() + ahead_s).date()  # noqa: DTZ006 - this machine's zone
        return run_box(
            wanted,
            music_for(home.level, wanted, today),
            verbosity=arguments.verbose,
            keeps_place=arguments.as_if is None,
            ahead_s=ahead_s,
            heeds=heeds,
            home=home,
        )
    finally:
        home.held.release()


def common_settings(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Read the settings that the common part of the command line gives."""
    given: dict[str, dict[str, Any]] = {}
    if arguments.state is not None:
        given["box"] = {"state": arguments.state}
    if arguments.sink is not None:
        given["sound"] = {"sink": arguments.sink}
    return given


def seconds_ahead(as_if: datetime | None) -> float:
    """Tell how far a time of this machine's zone, or of the one that it names, lies ahead of now."""
    return 0.0 if as_if is None else as_if.timestamp() - time.time()
