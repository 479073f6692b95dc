"""The programs and media of the box that a command is about, whether or not that box runs."""

import argparse
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer import settings
from easyplayer.cli.hub_store import store_of
from easyplayer.cli.venue import as_last_started
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError, StateError
from easyplayer.program_store import Store
from easyplayer.settings import Settings
from easyplayer.status_view import Status
from easyplayer.storage_view import StorageView


class BoxStore(Struct, frozen=True, kw_only=True):
    """What a box keeps of its hub's, seen from beside it.

    :ivar settings: those of the box.
    :ivar runs: whether it runs at the moment.
    :ivar told: what it says of its storage itself; ``None`` where it does not run, or has not said yet.
    """

    settings: Settings
    store: Store
    runs: bool = False
    told: StorageView | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what all commands about a box's storage take."""
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--json", action="store_true", help="JSON, for a script")


def find(arguments: argparse.Namespace) -> BoxStore:
    """Find the storage that the command line means.

    :raises StateError: there is no such state directory.
    """
    given = {"box": {"state": arguments.state}} if arguments.state else {}
    wanted = as_last_started(settings.load(arguments.settings, command_line=given))
    if not wanted.state.is_dir():
        message = f"{wanted.state} is not there: name the --state of a box"
        raise StateError(message)
    runs, told = _asked(wanted.state)
    return BoxStore(settings=wanted, store=store_of(wanted), runs=runs, told=told)


def _asked(state: Path) -> tuple[bool, StorageView | None]:
    """Ask the box how it is; one of another version runs, and is not understood."""
    try:
        return True, msgspec.json.decode(ask(state), type=Status).storage
    except BoxSilentError:
        return False, None
    except msgspec.MsgspecError:
        return True, None
