"""``easyplayer display``: how the box is, again and again, for whoever stands before it.

It is a process of its own, so that it shows also a box that hangs, and costs one question every few seconds.
"""

import argparse
import contextlib
import io
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from easyplayer import settings
from easyplayer.appliance.box_view import Adapter, BoxView, Surroundings
from easyplayer.appliance.screen import screen, told
from easyplayer.cli.machine_notes import data_trouble, setup_report
from easyplayer.drivers.network_view import adapters
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError, SettingsError

EVERY_S = 3.0
SCREEN = re.compile(r"/dev/(tty\d+|console|pts/\d+)")
"""Terminals that can be drawn on; what else there is, such as a serial line, is given a line at a time."""
DUMB_SIZE = os.terminal_size((80, 25))
ENTER = "\x1b[?25l\x1b[?7l\x1b[2J"
"""No cursor, no line goes on in the next one, and all is blank; :data:`LEAVE` gives both back."""
LEAVE = "\x1b[?7h\x1b[?25h\n"
HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--once", action="store_true", help="tell once, line by line, and end")
    parser.add_argument(
        "--lines", action="store_true", help="tell what has changed, line by line, also on a screen"
    )


def run(arguments: argparse.Namespace) -> int:
    """Show how the box is until somebody ends this."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    looker = Looker(arguments)
    if arguments.once:
        _write("".join(f"{line}\n" for line in told(looker.look()).values()))
        return 0
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    if arguments.lines or not _is_screen():
        _tell(looker)
    _draw(looker)
    return 0


class Looker:
    """Looks at the box and at what is around it; never fails.

    :param arguments: the command line.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._file: Path | None = arguments.settings
        self._given = {"box": {"state": arguments.state}} if arguments.state else {}
        self._box: BoxView | None = None
        self._answered_at = time.monotonic()

    def look(self) -> Surroundings:
        """Look at everything once."""
        wanted, wrong = self._settings()
        now = time.monotonic()
        try:
            self._box = msgspec.json.decode(ask(wanted.state), type=BoxView)
            age_s = max(time.time() - self._box.at, 0.0)
            self._answered_at = now
        except (BoxSilentError, msgspec.MsgspecError):
            age_s = now - self._answered_at
        return Surroundings(
            box=self._box,
            age_s=age_s,
            name=wanted.hub.name or os.uname().nodename,
            hub_url=wanted.hub.url,
            adapters=tuple(Adapter(*one) for one in adapters()),
            report=setup_report(),
            data_trouble=data_trouble(),
            settings_trouble=wrong,
            time=f"{datetime.now().astimezone():%H:%M}",
        )

    def _settings(self) -> tuple[settings.Settings, tuple[str, ...]]:
        try:
            return settings.load(self._file, command_line=self._given), ()
        except SettingsError as error:
            nothing = Path(os.devnull)
            return settings.load(nothing, {}, command_line=self._given), tuple(error.problems)


def _tell(looker: Looker) -> None:
    """Tell each change in a line of its own, with the time of day."""
    known: dict[str, str] = {}
    while True:
        now = told(looker.look())
        news = [line for name, line in now.items() if name not in known]
        _write("".join(f"{datetime.now().astimezone():%H:%M:%S}  {line}\r\n" for line in news))
        known = now
        time.sleep(EVERY_S)


def _draw(looker: Looker) -> None:
    """Draw a screen, again only where it is another one."""
    with _own_screen():
        shown: tuple[os.terminal_size, list[str]] | None = None
        while True:
            size = _size()
            drawn = screen(looker.look(), size.columns, size.lines, int(time.monotonic() // 60))
            if (size, drawn) != shown:
                _write(HOME + "\r\n".join(f"{line}{REST_OF_LINE}" for line in drawn) + REST_OF_SCREEN)
                shown = size, drawn
            time.sleep(EVERY_S)


@contextlib.contextmanager
def _own_screen() -> Iterator[None]:
    _write(ENTER)
    try:
        yield
    finally:
        _write(LEAVE)


def _is_screen() -> bool:
    """Tell whether the output is one; its name is taken from what is open, as a service may not see it."""
    try:
        name = Path(f"/proc/self/fd/{sys.stdout.fileno()}").readlink()
    except (OSError, ValueError):
        return False
    return sys.stdout.isatty() and SCREEN.fullmatch(str(name)) is not None


def _size() -> os.terminal_size:
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return DUMB_SIZE
    return size if size.columns and size.lines else DUMB_SIZE


def _write(text: str) -> None:
    if text:
        sys.stdout.write(text)
        sys.stdout.flush()


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)
