"""``easyplayer-hub audit``: who has changed what."""

import argparse

import msgspec

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import add_options, find
from easyplayer.hub.cli.moments import moment
from easyplayer.hub.cli.telling import Column, add_most, instant, tell_rows
from easyplayer.hub.services.audit import AuditRow

DEFAULT_ROWS = 50


def _told(row: AuditRow) -> str:
    written = ((name, msgspec.json.encode(value).decode()) for name, value in row.detail.items())
    return ", ".join(f"{name} {value}" for name, value in written)


COLUMNS = (
    Column[AuditRow]("when", lambda row: instant(row.at)),
    Column[AuditRow]("who", lambda row: row.user or "the hub"),
    Column[AuditRow]("from", lambda row: row.address),
    Column[AuditRow]("did", lambda row: row.action),
    Column[AuditRow]("to", lambda row: row.subject),
    Column[AuditRow]("detail", _told),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--user", metavar="NAME", help="only what this user did")
    parser.add_argument(
        "--subject", metavar="WHAT", help="only what was done to this, such as venue/bar; box/ is all boxes"
    )
    parser.add_argument("--from", dest="since", type=moment, metavar="WHEN", help="not before this")
    add_most(parser, "so many rows, 50 if not given", DEFAULT_ROWS)
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """List what was done, the newest first."""
    with HubClient(find(arguments)) as hub:
        return tell(hub, arguments)


def tell(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Ask for the rows, and write them."""
    query = {"user": arguments.user, "subject": arguments.subject, "since": arguments.since}
    rows = hub.pages("/audit", AuditRow, query, arguments.most)
    tell_rows(arguments, rows, COLUMNS, "nothing was changed")
    return 0
