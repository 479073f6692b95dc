"""``easyplayer-hub command``: tells boxes to do something, and what came of it."""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from easyplayer.errors import BadRequestError, ProtocolError
from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.boxes import id_of
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import (
    Column,
    add_most,
    add_yes,
    confirm,
    instant,
    remark,
    size,
    tell_done,
    tell_one,
    tell_rows,
)
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.fleet_views import HOUR_S, CommandView, NewCommand
from easyplayer.protocol.arguments import ARGUMENTS, Arguments
from easyplayer.protocol.commands import Name, Outcome

NOT_DONE = 1
FIRST_LOOK_S, LOOKS_EVERY_S = 0.05, 1.0
"""A box with a line open is done before a person has looked; one without is asked after ever less often."""
DEFAULT_ROWS = 50
GRAVE = (Name.FORGET, Name.POWER_OFF, Name.REBOOT, Name.UPDATE, Name.ROLLBACK, Name.EMERGENCY)
"""What a person is asked about once more."""


def _told(args: dict[str, Any]) -> str:
    return " ".join(f"{name}={msgspec.json.encode(value).decode()}" for name, value in args.items())


def _outcome(one: CommandView) -> str:
    if one.result is None:
        return one.state
    why = f" ({one.result.reason})" if one.result.reason else ""
    return f"{one.state}{why}"


COLUMNS = (
    Column[CommandView]("id", lambda one: one.id),
    Column[CommandView]("box", lambda one: one.box),
    Column[CommandView]("command", lambda one: f"{one.name} {_told(one.args)}".rstrip()),
    Column[CommandView]("given", lambda one: f"{instant(one.issued)} by {one.by}"),
    Column[CommandView]("outcome", _outcome),
    Column[CommandView]("result", lambda one: "" if one.result is None else one.result.text),
)


class Sort(msgspec.Struct, frozen=True):
    """One sort of command: its name, and what it takes."""

    name: str
    takes: str
    about: str


SORTS = (
    Column[Sort]("command", lambda one: one.name),
    Column[Sort]("takes", lambda one: one.takes),
    Column[Sort]("what it does", lambda one: one.about),
)


def _give(hub: HubClient, arguments: argparse.Namespace) -> int:
    path, words = _target(hub, arguments)
    name, *given = words
    if name in GRAVE and not confirm(arguments, f"{name}: is that really meant?"):
        return NOT_DONE
    new = NewCommand(name=name, args=typed(name, given), expires_s=arguments.expires, why=arguments.why or "")
    made = msgspec.json.decode(
        hub.send("POST", f"{path}/commands", body=new).read(), type=CommandView | list[CommandView]
    )
    given_ones = made if isinstance(made, list) else [made]
    if arguments.wait or arguments.save:
        given_ones = [_finished(hub, one) for one in given_ones]
    tell_rows(arguments, given_ones, COLUMNS, "no box is there")
    is_saved = not arguments.save or _save_all(hub, given_ones, arguments.save)
    is_done = not (arguments.wait or arguments.save) or _all_done(given_ones)
    return 0 if is_saved and is_done else NOT_DONE


def _target(hub: HubClient, arguments: argparse.Namespace) -> tuple[str, Sequence[str]]:
    """Tell whom a command is for, and what is left to say."""
    words: Sequence[str] = arguments.words
    if arguments.venue:
        return f"/venues/{arguments.venue}", words
    if arguments.group:
        return f"/groups/{arguments.group}", words
    if len(words) == 1:
        message = "for whom? Name a box before the command, or say --venue or --group"
        raise BadRequestError(message)
    return f"/boxes/{id_of(hub, words[0])}", words[1:]


def typed(name: str, given: Sequence[str]) -> dict[str, Any]:
    """Read the arguments of a command, each written as ``name=value``.

    :raises ProtocolError: one is missing, wrong or not known.
    """
    pairs = [word.partition("=") for word in given]
    if wrong := [word for word, sign, _ in pairs if not sign]:
        message = f"{name}: {wrong[0]!r} is no argument: write it as name=value"
        raise ProtocolError(message)
    texts = {key: value for key, _, value in pairs}
    kind = ARGUMENTS.get(Name(name), Arguments)
    try:
        read = msgspec.convert(texts, kind, strict=False)
    except msgspec.ValidationError as error:
        message = f"{name}: {error}"
        raise ProtocolError(message) from error
    return {key: getattr(read, key) for key in texts}


def _finished(hub: HubClient, one: CommandView) -> CommandView:
    """Wait until there is a result, or none can come any more."""
    pause_s, left_s = FIRST_LOOK_S, one.expires - one.issued + 2 * LOOKS_EVERY_S
    while one.state in {"waiting", "sent"} and left_s > 0:
        hub.pause(pause_s)
        left_s -= pause_s
        pause_s = min(2 * pause_s, LOOKS_EVERY_S)
        one = hub.get(f"/commands/{one.id}", CommandView)
    return one


def _all_done(commands: Sequence[CommandView]) -> bool:
    return all(one.state == Outcome.DONE for one in commands)


def _save_all(hub: HubClient, commands: Sequence[CommandView], file: Path) -> bool:
    """Write what came beside the results; of several boxes each into a file of its own.

    :returns: whether something has come from each.
    """
    for one in commands:
        own = file if len(commands) == 1 else file.with_name(f"{file.stem}-{one.box}{file.suffix}")
        if one.attachment:
            hub.save(f"/commands/{one.id}/attachment", own)
        else:
            remark(f"{own} is not written: nothing to save has come from {one.box}")
    return all(one.attachment for one in commands)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    path = f"/boxes/{id_of(hub, arguments.box)}/commands"
    tell_rows(arguments, hub.pages(path, CommandView, most=arguments.most), COLUMNS, "it was told nothing")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    one = hub.get(f"/commands/{arguments.id}", CommandView)
    if arguments.save:
        count = hub.save(f"/commands/{arguments.id}/attachment", arguments.save)
        tell_done(arguments, f"{arguments.save}: {size(count)}", one)
        return
    tell_one(arguments, one, _about(one))


def _about(one: CommandView) -> Iterator[tuple[str, str]]:
    yield "command", f"{one.name} {_told(one.args)}".rstrip()
    yield "box", one.box
    yield "given", f"{instant(one.issued)} by {one.by}; to be begun until {instant(one.expires)}"
    yield "outcome", _outcome(one)
    if one.result is not None:
        yield "in words", one.result.text
        yield "took", f"{one.result.took_s:.1f} s"
        yield from ((name, msgspec.json.encode(value).decode()) for name, value in one.result.data.items())
    if one.attachment:
        yield "attached", f"{one.attachment_type}; show --save FILE writes it into a file"


def _names(_hub: HubClient, arguments: argparse.Namespace) -> None:
    sorts = [_sort(name) for name in Name if name is not Name.UNKNOWN]
    tell_rows(arguments, sorts, SORTS, "")


def _sort(name: Name) -> Sort:
    from easyplayer.protocol.schema import about, meanings

    kind = ARGUMENTS.get(name)
    if kind is None:
        return Sort(name, "", "")
    takes = ", ".join(f"{field}: {meaning}" for field, meaning in meanings(kind).items())
    return Sort(name, takes, about(kind).partition(": ")[2])


def _takes_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="+", metavar="WORD", help="BOX NAME KEY=VALUE ...; no BOX with --venue or --group"
    )
    several = parser.add_mutually_exclusive_group()
    several.add_argument("--venue", metavar="VENUE", help="to all boxes of this venue")
    several.add_argument("--group", metavar="GROUP", help="to all boxes of this group's venues")
    parser.add_argument("--wait", action="store_true", help="wait for the result")
    parser.add_argument("--save", type=Path, metavar="FILE", help="wait, and write what comes with it")
    parser.add_argument(
        "--expires",
        type=float,
        default=HOUR_S,
        metavar="S",
        help="in how many seconds to begin it; 3600",
    )
    parser.add_argument("--why", metavar="TEXT", help="why, for the audit log")
    add_yes(parser)


def _takes_box(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("box", metavar="BOX", help="its id, or its name")
    add_most(parser, "50 if not given", DEFAULT_ROWS)


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the command")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write what came with it into a file")


VERBS = (
    Verb("give", "tell a box, a venue or a group to do something", _give, _takes_command),
    Verb("list", "list what a box was told, the newest first", _list, _takes_box),
    Verb("show", "tell what came of a command", _show, _takes_id),
    Verb("names", "list the commands that there are, and what they take", _names),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
