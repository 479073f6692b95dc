"""Commands of the form noun and verb, such as ``venue list``."""

import argparse
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import add_options, find

Act: TypeAlias = Callable[[HubClient, argparse.Namespace], int | None]
"""What a verb does; gives the exit code where it is not 0."""


def takes_nothing(parser: argparse.ArgumentParser) -> None:
    """Declare no more than what all verbs take."""


class Verb(Struct, frozen=True):
    """One verb.

    :ivar about: what it does, in a line.
    :ivar configure: declares what it takes.
    """

    name: str
    about: str
    act: Act
    configure: Callable[[argparse.ArgumentParser], None] = takes_nothing


def configure(parser: argparse.ArgumentParser, verbs: Sequence[Verb]) -> None:
    """Declare the command line of a noun."""
    below = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    for verb in verbs:
        one = below.add_parser(verb.name, help=verb.about, description=verb.about)
        verb.configure(one)
        add_options(one)
        one.set_defaults(act=verb.act)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb does."""
    with HubClient(find(arguments)) as hub:
        act: Act = arguments.act
        return act(hub, arguments) or 0
