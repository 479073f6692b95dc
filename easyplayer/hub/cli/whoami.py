"""``easyplayer-hub whoami``: tell who asks which hub."""

import argparse

from msgspec import Struct

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import add_options, find
from easyplayer.hub.cli.telling import held, instant, tell_one
from easyplayer.hub.web.account_endpoints import Me
from easyplayer.protocol.pairing import Hello


class Who(Struct, frozen=True):
    """Who asks whom."""

    hub: str
    known_from: str
    version: str
    user: str
    grants: dict[str, str]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask the hub for its name and for the user's."""
    with HubClient(find(arguments)) as hub:
        return tell(hub, arguments)


def tell(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Tell what the hub says of itself, and of who asks."""
    hello, me = hub.get("/hello", Hello), hub.get("/me", Me)
    who = Who(hub.where.url, hub.where.known_from, hello.version, me.name, dict(me.grants))
    pairs = [
        ("hub", f"{who.hub} (named by {who.known_from})"),
        ("version", who.version),
        ("its time", instant(hello.time)),
        ("user", who.user),
        ("may be", held(me.grants)),
    ]
    tell_one(arguments, who, pairs)
    return 0
