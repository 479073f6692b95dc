"""The way in: reads the command line, and hands over to the command that was asked for."""

import argparse
import importlib
import os
import sys
import tempfile
from collections.abc import Sequence

from easyplayer import __version__
from easyplayer.errors import EasyplayerError
from easyplayer.protocol.foreign_text import tidied_lines

COMMANDS = {
    "run": "run the box with its settings (this is what happens without a command)",
    "play": "play files, folders, playlists or streams once, and end",
    "status": "tell how the running box is",
    "check": "tell how the program stands: what is missing, what was played, what is next",
    "explain": "tell what plays at some time, and why",
    "simulate": "run the venue as fast as the machine can, and tell what would be heard",
    "cleanup": "take away what the box has kept and needs no more",
    "storage": "tell how the hub's programs and media lie on the disks, and look after them",
    "fetch": "bring what is missing from the hub, once, without the box",
    "analyse": "tell what media files really are: duration, loudness, cue points, tags",
    "doctor": "find out what is wrong on this machine, and what to do about it",
    "test": "talk to the hub, and tell whether box and hub fit together",
    "import": "make a program of playlists, folders, streams and calendars, or add them to one",
    "export": "write a program's playlists or its calendar for other software",
    "setup": "take over what a technician gave the box in one file, or only look at such a file",
    "display": "show how the box is, again and again, on its screen or a serial line",
}
"""Name of each command and what it does."""

MODULES = {"import": "importing", "export": "exporting", "test": "testing", "storage": "storing"}
"""The module in ``easyplayer.cli`` of each command that no module can well be called by."""

PLAYING = {"run", "play"}
"""The commands that need the player at once, so that its library is loaded beside them."""

IN_MEMORY = "/dev/shm"  # noqa: S108 - the last place there is, and tempfile makes safe names
"""Where a machine has room for temporary files that is on no disk."""

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
    _find_place_for_temporary_files()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    chosen = _parser().parse_args(_with_command(arguments))
    if chosen.command in PLAYING:
        from easyplayer.drivers.shared_libraries import load_player_ahead

        load_player_ahead()
    command = importlib.import_module(module_of(chosen.command))
    parser = argparse.ArgumentParser(
        prog=f"easyplayer {chosen.command}", description=COMMANDS[chosen.command]
    )
    command.configure(parser)
    try:
        code: int = command.run(parser.parse_args(chosen.rest))
    except EasyplayerError as error:
        print(tidied_lines(f"easyplayer: {error}"), file=sys.stderr)  # noqa: T201 - the last word to the technician
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    return code


def _find_place_for_temporary_files() -> None:
    """See to it that there is one: libraries want it as they are loaded, and a full disk has none."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = IN_MEMORY


def module_of(command: str) -> str:
    """Name the module of a command: the one of its own name, but for a few.

    >>> module_of("run"), module_of("import")
    ('easyplayer.cli.run', 'easyplayer.cli.importing')
    """
    return f"easyplayer.cli.{MODULES.get(command, command)}"


def console() -> None:
    """Start from the installed command ``easyplayer``."""
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="easyplayer",
        description="The unattended venue player.",
        epilog="\n".join(f"  {name:10}{about}" for name, about in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"easyplayer {__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below; default: run")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="see easyplayer COMMAND --help")
    return parser


def _with_command(arguments: list[str]) -> list[str]:
    """Put ``run`` in front where no command is named."""
    general = {"-h", "--help", "--version"}
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in general):
        return ["run", *arguments]
    return arguments
