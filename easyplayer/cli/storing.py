"""``easyplayer storage``: what is on the disks of the hub's programs and media, and looking after it."""

import argparse
from collections.abc import Callable

from msgspec import Struct

from easyplayer.cli import storage_care, storage_import, storage_status
from easyplayer.cli.box_store import add_options


class Verb(Struct, frozen=True):
    """One of the things that can be done.

    :ivar about: what it does, in a line.
    :ivar act: does it; gives the exit code.
    :ivar configure: declares what it takes beside what all take.
    """

    name: str
    about: str
    act: Callable[[argparse.Namespace], int]
    configure: Callable[[argparse.ArgumentParser], None] = lambda _parser: None


def _takes_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="look at their lengths only, and read none")
    parser.add_argument("--repair", action="store_true", help="take away what is bad, to be fetched anew")


def _takes_gc(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be taken away")
    parser.add_argument("--all", action="store_true", help="also what is kept for a while yet")


def _takes_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="where the media are, or the top of a USB stick")


VERBS = (
    Verb("status", "tell how it stands with programs, media and disks", storage_status.status),
    Verb("verify", "read every medium, and tell which are bad", storage_care.verify, _takes_verify),
    Verb("rebuild", "make the index anew, from the disks alone", storage_care.rebuild),
    Verb("gc", "take away the media that nobody needs", storage_care.collect, _takes_gc),
    Verb("import", "take media from a folder, in place of the hub", storage_import.take, _takes_import),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    below = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    for verb in VERBS:
        one = below.add_parser(verb.name, help=verb.about, description=verb.about)
        verb.configure(one)
        add_options(one)
        one.set_defaults(act=verb.act)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb does."""
    act: Callable[[argparse.Namespace], int] = arguments.act
    return act(arguments)
