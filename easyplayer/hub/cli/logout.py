"""``easyplayer-hub logout``: forget the hub, and have it forget the token."""

import argparse
import sys

from easyplayer.errors import HubError, LinkError, SettingsError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import config_file, remembered
from easyplayer.hub.cli.telling import tell_done
from easyplayer.hub.services.tokens import ID_DIGITS, digest_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--json", action="store_true", help="the answer as JSON, for a script")


def run(arguments: argparse.Namespace) -> int:
    """Revoke the token, and take away the file; a hub that is away keeps the token until it expires.

    :raises SettingsError: nobody is logged in.
    """
    where = remembered(config_file())
    if where is None:
        raise SettingsError(["nobody is logged in: there is nothing to forget"])
    try:
        with HubClient(where) as hub:
            hub.delete(f"/tokens/{digest_of(where.token)[:ID_DIGITS]}")
    except (HubError, LinkError) as error:
        print(f"the token is forgotten here only: {error}", file=sys.stderr)
    config_file().unlink(missing_ok=True)
    tell_done(arguments, f"logged out at {where.url}")
    return 0
