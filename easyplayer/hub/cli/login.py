"""``easyplayer-hub login``: log in at a hub, so that the other commands find it."""

import argparse
import platform
import sys
from getpass import getpass

from msgspec import structs

from easyplayer.errors import BadRequestError, UnauthenticatedError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where, config_file, remember
from easyplayer.hub.cli.telling import ask, held, tell_done
from easyplayer.hub.web.account_endpoints import LoggedIn, LogIn, Me
from easyplayer.hub.web.token_endpoints import NewToken, TokenMade

COMMAND_LINE = "the command line"
DEFAULT_DAYS = 90


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("url", metavar="URL", help="base URL of the hub, such as https://hub.example")
    parser.add_argument("--name", metavar="NAME", help="user name; asked for if not given")
    parser.add_argument("--token", metavar="TOKEN", help="an API token, in place of name and password")
    parser.add_argument(
        "--days", type=int, default=DEFAULT_DAYS, metavar="N", help="for how long, 90 if not given"
    )
    parser.add_argument("--json", action="store_true", help="the answer as JSON, for a script")


def run(arguments: argparse.Namespace) -> int:
    """Log in, and write down where."""
    where = Where(url=arguments.url.rstrip("/"), token=arguments.token or "", known_from=COMMAND_LINE)
    if not where.url.startswith(("http://", "https://")):
        message = f"{arguments.url!r} is no URL: it begins with https:// (or http:// on this machine)"
        raise BadRequestError(message)
    with HubClient(where) as hub:
        return log_in(hub, arguments)


def log_in(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Log in by the token that was given, or by name and password; keep a token that lasts."""
    if not hub.where.token:
        _make_token(hub, arguments)
    me = hub.get("/me", Me)
    remember(hub.where, config_file())
    tell_done(arguments, f"logged in at {hub.where.url} as {me.name}: {held(me.grants)}", me)
    return 0


def _make_token(hub: HubClient, arguments: argparse.Namespace) -> None:
    """Open a session, and by it make a token for this machine."""
    name, password = _asked(arguments.name)
    try:
        session = hub.post("/login", LogIn(name=name, password=password), LoggedIn)
    except UnauthenticatedError as error:
        message = f"the hub at {hub.where.url} does not let {name} in: the name or the password is wrong"
        raise UnauthenticatedError(message) from error
    hub.ask_as(structs.replace(hub.where, token=session.token))
    label = f"{COMMAND_LINE} on {platform.node()}"
    made = hub.post("/tokens", NewToken(label=label, days=arguments.days), TokenMade)
    hub.send("POST", "/logout")
    hub.ask_as(structs.replace(hub.where, token=made.token))


def _asked(name: str | None) -> tuple[str, str]:
    """Ask for what was not given.

    :raises BadRequestError: nobody is there to be asked for a name, or nobody answers.
    """
    if not sys.stdin.isatty():
        if not name:
            message = "who logs in? Nobody can be asked here: say --name; the password is read from the pipe"
            raise BadRequestError(message)
        return name, sys.stdin.readline().rstrip("\n")
    return name or ask(input, "name: ").strip(), ask(getpass, "password: ")
