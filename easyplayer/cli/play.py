"""``easyplayer play``: play something once, and end."""

import argparse
from functools import partial

from easyplayer import settings
from easyplayer.backstage import Music
from easyplayer.cli.process import run_box
from easyplayer.cli.run import add_common, common_settings
from easyplayer.sources import Gathered, gather


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("places", nargs="+", metavar="PATH", help="files, folders, playlists or stream URLs")
    add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play the places once, in their order, and end after the last item."""
    wanted = settings.load(command_line=common_settings(arguments))
    places = tuple(arguments.places)
    music = Music(
        places=places,
        gather=(partial(gather, places),),
        fallback=partial(Gathered, (), ()),
        repeat=False,
    )
    return run_box(wanted, music, verbosity=arguments.verbose, keeps_place=False)
