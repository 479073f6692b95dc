"""Which hub the commands ask, and by which token.

In this order: the command line, the state directory that it names, the environment, what ``login`` has
written down, and the hub of this machine.
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.errors import SettingsError
from easyplayer.hub.settings import HubSettings
from easyplayer.hub.state_directory import ADMIN_TOKEN, PLACE, HubPlace

URL, TOKEN = "EASYPLAYER_HUB_URL", "EASYPLAYER_HUB_TOKEN"
"""The variables of the environment."""
OWNER_ONLY = 0o600


class Where(Struct, frozen=True, kw_only=True):
    """A hub, and who asks it.

    :ivar url: its base URL.
    :ivar token: may be empty: then only what everyone may ask is answered.
    :ivar known_from: what has named it, in words.
    """

    url: str
    token: str
    known_from: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare how a hub is named."""
    parser.add_argument("--url", metavar="URL", help="base URL of the hub")
    parser.add_argument("--token", metavar="TOKEN", help="token to ask it by")
    parser.add_argument("--state", metavar="DIR", type=Path, help="state directory of a hub on this machine")
    parser.add_argument("--json", action="store_true", help="the answer as JSON, for a script")


def find(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Where:
    """Find out which hub is meant; what is named without a token is completed by where it is known from.

    :raises SettingsError: none is known, or what names it cannot be read.
    """
    told = {} if arguments.state else environment
    named = told.get(URL, "")
    url = arguments.url or named
    known_token = told.get(TOKEN, "") if not named or same(url, named) else ""
    token = arguments.token or known_token
    for known in _known(arguments.state, environment):
        if not url or same(url, known.url):
            return Where(url=known.url, token=token or known.token, known_from=known.known_from)
    if not url:
        raise SettingsError(
            [
                "no hub is known: name it by --url and --token, log in at it with  easyplayer-hub login URL,"
                " or start one here with  easyplayer-hub serve"
            ]
        )
    return Where(url=url.rstrip("/"), token=token, known_from="--url" if arguments.url else URL)


def same(one: str, other: str) -> bool:
    """Tell whether two base URLs are the same but for a slash at the end."""
    return one.rstrip("/") == other.rstrip("/")


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Name the file in which ``login`` keeps what it was given."""
    base = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "easyplayer" / "hub-cli.toml"


def remember(where: Where, file: Path) -> None:
    """Write down where the hub is; only the owner may read the file.

    :raises SettingsError: the disk does not take it.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as out:
            out.write(f"url = {quoted(where.url)}\ntoken = {quoted(where.token)}\n")
    except OSError as error:
        raise SettingsError([f"{file}: cannot be written ({error.strerror})"]) from error


def quoted(text: str) -> str:
    """Write a text as TOML and JSON do."""
    return msgspec.json.encode(text).decode()


def remembered(file: Path) -> Where | None:
    """Read what ``login`` has written down, if it has.

    :raises SettingsError: it cannot be read.
    """
    import tomllib

    try:
        kept = tomllib.loads(file.read_text(encoding="utf-8"))
        return Where(url=str(kept["url"]).rstrip("/"), token=str(kept["token"]), known_from=str(file))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError([f"{file}: cannot be read ({error}); log in anew"]) from error


def local(directory: Path) -> Where | None:
    """Read where the hub of a state directory listens, and its admin's token; ``None`` where none does.

    :raises SettingsError: what it has written cannot be read.
    """
    try:
        hub = msgspec.json.decode((directory / PLACE).read_bytes(), type=HubPlace)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingsError([f"{directory / PLACE}: cannot be read ({error})"]) from error
    return Where(url=hub.url.rstrip("/"), token=_token_in(directory), known_from=str(directory))


def _token_in(directory: Path) -> str:
    try:
        return (directory / ADMIN_TOKEN).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _known(state: Path | None, environment: Mapping[str, str]) -> Iterator[Where]:
    if state is not None:
        found = local(state.expanduser())
        if found is None:
            raise SettingsError([f"{state}: no hub has been started there; start one with  serve --state"])
        yield found
        return
    places = remembered(config_file(environment)), local(HubSettings().directory)
    yield from (one for one in places if one is not None)
