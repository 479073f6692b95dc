"""What the hub answers, told to a person at a terminal, to a pipe, or to a script.

Much of it was written by strangers: any machine may ask to be paired, and boxes say what they like.  None of
it does anything to the terminal.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from easyplayer.errors import BadRequestError
from easyplayer.protocol.foreign_text import escaped, tidied

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
STEP = 1024

View = TypeVar("View")


class Column(Struct, Generic[View], frozen=True):
    """A column of a table.

    :ivar cell: writes what a row has there.
    """

    heading: str
    cell: Callable[[View], str]


def tell_rows(
    arguments: argparse.Namespace, rows: Iterable[View], columns: Sequence[Column[View]], none: str
) -> None:
    """Write a table; into a pipe, a line for each row with tabs between; for a script, a JSON list.

    :param none: what is said where there are no rows.
    """
    listed = list(rows)
    if arguments.json:
        tell_json(listed)
    elif not sys.stdout.isatty():
        for row in listed:
            print(*(tidied(column.cell(row)) for column in columns), sep="\t")
    elif not listed:
        print(none)
    else:
        _draw(listed, columns)


def tell_one(arguments: argparse.Namespace, thing: Any, pairs: Iterable[tuple[str, str]]) -> None:
    """Write what there is to say of one thing, a line for each; for a script, all of it as JSON."""
    if arguments.json:
        tell_json(thing)
        return
    if not sys.stdout.isatty():
        for heading, text in pairs:
            print(tidied(heading), tidied(text), sep="\t")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for heading, text in pairs:
        table.add_row(Text(tidied(heading), style="bold"), Text(tidied(text)))
    Console().print(table)


def tell_done(arguments: argparse.Namespace, text: str, thing: Any = None, more: Iterable[str] = ()) -> None:
    """Say what was done; for a script, what came of it as JSON.

    :param more: lines that follow the first.
    """
    if arguments.json:
        tell_json({} if thing is None else thing)
        return
    for line in (text, *more):
        print(tidied(line))


def tell_json(thing: Any) -> None:
    """Write JSON."""
    print(escaped(msgspec.json.format(msgspec.json.encode(thing), indent=2).decode()))


def remark(text: str) -> None:
    """Tell what is no answer, beside the answers."""
    print(f"easyplayer-hub: {tidied(text)}", file=sys.stderr)


def add_most(parser: argparse.ArgumentParser, about: str, default: int | None = None) -> None:
    """Declare how much of a list is wanted at most."""
    parser.add_argument("--most", type=_most, default=default, metavar="N", help=about)


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Declare how a question is answered beforehand."""
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is really meant")


def confirm(arguments: argparse.Namespace, question: str) -> bool:
    """Ask a person whether something is really meant that cannot be taken back.

    :raises BadRequestError: nobody is there to ask, and ``--yes`` was not given.
    """
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        message = f"{question} Nobody can be asked here: say --yes"
        raise BadRequestError(message)
    if ask(input, f"{question} [y/N] ").strip().lower() in {"y", "yes"}:
        return True
    print("nothing was changed")
    return False


def ask(how: Callable[[str], str], question: str) -> str:
    """Ask a person at a terminal.

    :param how: ``input``, or what does not show the answer.
    :raises BadRequestError: nobody wants to answer: that was Ctrl-D.
    """
    try:
        return how(question)
    except EOFError as error:
        message = f"{question.rstrip(' :')}: nothing was typed, and nothing is done"
        raise BadRequestError(message) from error


# -- how it is written -----------------------------------------------------------------------------


def text_of(file: Path) -> str:
    """Give a file's path as text, also where its bytes are none."""
    return os.fsencode(file).decode(errors="replace")


def instant(at: float | None) -> str:
    """Write an instant in this machine's time zone; a dash where there is none."""
    return "-" if at is None else f"{datetime.fromtimestamp(at, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def ago(seconds: float | None) -> str:
    """Write how long ago something was.

    >>> ago(5), ago(125), ago(7300), ago(200_000)
    ('5 s ago', '2 min ago', '2 h ago', '2 days ago')
    """
    if seconds is None:
        return "never"
    for length_s, unit in ((DAY_S, "days"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= 2 * length_s or (length_s == MINUTE_S and seconds >= length_s):
            return f"{seconds // length_s:.0f} {unit} ago"
    return f"{max(0.0, seconds):.0f} s ago"


def size(count: int) -> str:
    """Write a number of bytes.

    >>> size(900), size(3_500_000)
    ('900 B', '3.3 MiB')
    """
    amount = float(count)
    for unit in UNITS:
        if amount < STEP or unit == UNITS[-1]:
            return f"{amount:.0f} {unit}" if unit == UNITS[0] else f"{amount:.1f} {unit}"
        amount /= STEP
    raise AssertionError  # pragma: no cover - the last unit has no end


def length(seconds: float | None) -> str:
    """Write how long something plays; empty where that is not known.

    >>> length(185.4), length(None)
    ('3:05', '')
    """
    return "" if seconds is None else f"{int(seconds) // MINUTE_S}:{int(seconds) % MINUTE_S:02}"


def yes_no(value: bool) -> str:
    """Write whether."""
    return "yes" if value else "no"


def held(grants: Mapping[str, str]) -> str:
    """Write the roles that someone has.

    >>> held({"*": "viewer", "bars": "operator"})
    'viewer everywhere, operator in bars'
    """
    told = (f"{role} {'everywhere' if group == '*' else f'in {group}'}" for group, role in grants.items())
    return ", ".join(told) or "nothing yet"


def _draw(rows: Sequence[View], columns: Sequence[Column[View]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(tidied(column.cell(row))) for column in columns))
    Console().print(table)


def _most(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        message = f"{text!r} is no number to list: give 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)
