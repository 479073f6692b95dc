"""``easyplayer-hub token``: tokens by which scripts ask the hub."""

import argparse
from functools import partial

from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, instant, tell_done, tell_rows
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.services.tokens import Token
from easyplayer.hub.web.token_endpoints import NewToken, TokenMade

DEFAULT_DAYS = 365
COLUMNS = (
    Column[Token]("id", lambda one: one.id),
    Column[Token]("label", lambda one: one.label),
    Column[Token]("made", lambda one: instant(one.created)),
    Column[Token]("expires", lambda one: instant(one.expires)),
    Column[Token]("last used", lambda one: instant(one.used)),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.get("/tokens", list[Token]), COLUMNS, "you have no tokens")


def _make(hub: HubClient, arguments: argparse.Namespace) -> None:
    days = None if arguments.for_ever else arguments.days
    made = hub.post("/tokens", NewToken(label=arguments.label, days=days), TokenMade)
    tell_done(arguments, made.token, made)


def _revoke(hub: HubClient, arguments: argparse.Namespace) -> None:
    hub.delete(f"/tokens/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is worth nothing any more")


def _takes_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("label", metavar="LABEL", help="what it is for")
    lasts = parser.add_mutually_exclusive_group()
    lasts.add_argument("--days", type=int, default=DEFAULT_DAYS, metavar="N", help="365 if not given")
    lasts.add_argument("--for-ever", action="store_true", help="until it is revoked")


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="as listed")


VERBS = (
    Verb("list", "list your own tokens", _list),
    Verb("make", "make one, and show it this once", _make, _takes_new),
    Verb("revoke", "make one worthless", _revoke, _takes_id),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
