"""``easyplayer``: run the box."""

import argparse
import os
from functools import partial
from pathlib import Path
from typing import Any

from easyplayer import fallback, settings
from easyplayer.cli.process import run_box
from easyplayer.drivers.state_directory import StateDirectory
from easyplayer.scheduler import Gather, Music
from easyplayer.sources import gather


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--music", nargs="+", metavar="PATH", help="files, folders, playlists or stream URLs to play"
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (TOML)")
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
        given["music"] = {"places": arguments.music}
    wanted = settings.load(arguments.settings, command_line=given)
    state = StateDirectory(wanted.state)
    state.hold()
    try:
        return run_box(wanted, music(wanted), verbosity=arguments.verbose)
    finally:
        state.release()


def common_settings(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Read the settings that the common part of the command line gives."""
    given: dict[str, dict[str, Any]] = {}
    if arguments.state is not None:
        given["box"] = {"state": arguments.state}
    if arguments.sink is not None:
        given["sound"] = {"sink": arguments.sink}
    return given


def music(wanted: settings.Settings) -> Music:
    """Tell what there is to play: the places of the settings, or the demo tracks."""
    places = tuple(os.path.expanduser(place) for place in wanted.music.places)  # noqa: PTH111 - may be a URL
    home = wanted.state / "demo"
    demo = partial(fallback.gather_first, home), partial(fallback.gather_all, home)
    searches: tuple[Gather, ...] = (partial(gather, places),) if places else demo
    return Music(places=places, gather=searches, fallback=demo[-1])
