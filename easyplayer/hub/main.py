"""The way in to the hub: reads the command line, and hands over to the command that was asked for."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from easyplayer import __version__
from easyplayer.errors import EasyplayerError
from easyplayer.protocol.foreign_text import tidied_lines

COMMANDS = {
    "serve": "run the hub",
    "try": "run a hub and a box on this machine, and the sample venue by way of them",
    "login": "log in at a hub, so that the other commands find it",
    "logout": "forget the hub that you have logged in at",
    "whoami": "tell who asks which hub",
    "status": "how the fleet is",
    "watch": "what happens to boxes, as it happens",
    "user": "who may do what",
    "token": "tokens for scripts",
    "audit": "who has changed what",
    "group": "groups of venues",
    "venue": "the places where boxes are, and what is heard there",
    "zone": "the parts of a venue that have music of their own",
    "box": "boxes: claim, look after, move, block, forget",
    "media": "the tracks that programs are made of",
    "stream": "what is played without being a file",
    "playlist": "what programs draw their music from",
    "program": "programs: drafts, versions, and for whom they are published",
    "command": "tell boxes to do something, and what came of it",
    "log": "what was played",
}
"""Name of each command and what it does."""

MODULES = {"try": "trying", "watch": "watching"}
"""The module in ``easyplayer.hub.cli`` of each command that is not of the command's own name."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

READER_GONE = 141
"""Exit code where whoever read the output wants no more of it, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks.

    :param arguments: the command line; ``None`` for that of the process.
    :returns: the exit code: 0 if all went well, else the code of the error
        (see :mod:`easyplayer.errors`).
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    chosen = _parser().parse_args(arguments)
    command = importlib.import_module(module_of(chosen.command))
    parser = argparse.ArgumentParser(
        prog=f"easyplayer-hub {chosen.command}", description=COMMANDS[chosen.command]
    )
    command.configure(parser)
    try:
        code: int = command.run(parser.parse_args(chosen.rest))
    except EasyplayerError as error:
        print(tidied_lines(f"easyplayer-hub: {error}"), file=sys.stderr)  # noqa: T201 - the last word to the operator
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    return code


def module_of(command: str) -> str:
    """Name the module of a command.

    >>> module_of("serve"), module_of("try")
    ('easyplayer.hub.cli.serve', 'easyplayer.hub.cli.trying')
    """
    return f"easyplayer.hub.cli.{MODULES.get(command, command)}"


def console() -> None:
    """Start from the installed command ``easyplayer-hub``."""
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="easyplayer-hub",
        description="The hub, which directs the boxes and keeps what they have played.",
        epilog="\n".join(f"  {name:10}{about}" for name, about in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"easyplayer {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below")
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="...", help="see easyplayer-hub COMMAND --help"
    )
    return parser
