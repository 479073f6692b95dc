"""The page of the hub's commands: each command, each verb and each option, and none that is not there."""

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator

import pytest

from easyplayer.hub.cli import finding
from easyplayer.hub.main import COMMANDS, module_of
from tests.docs.pages import PAGES, ROOT, blocks, sections, text

PAGE = "guide/hub-commands.md"
SECTIONS = {title: body for title, body in sections(PAGE).items() if title != "Which hub"}
ALONE = {"serve", "try", "login", "logout"}
"""Those that do not ask a hub that is known already."""


def parser_of(command: str) -> argparse.ArgumentParser:
    """Give what reads the command line of a command."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(module_of(command)).configure(parser)
    return parser


def words_of(parser: argparse.ArgumentParser, but: set[str]) -> Iterator[str]:
    """Give the options by all their names, and the places as they are shown."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or {*action.option_strings} & but:
            continue
        yield from action.option_strings or (str(action.metavar),)


def common() -> set[str]:
    """Give the options that all commands take that ask a hub."""
    parser = argparse.ArgumentParser()
    finding.add_options(parser)
    return {*words_of(parser, set()), "--help"}


def expected(command: str) -> dict[str, list[str]]:
    """Give what each verb takes beside what all take; without verbs, what the command takes."""
    parser = parser_of(command)
    but = {"--help"} if command in ALONE else common()
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not verbs:
        return {"": sorted(words_of(parser, but))}
    return {name: sorted(words_of(one, but)) for name, one in verbs[0].choices.items()}


def written(table: str) -> list[str]:
    """Read the first column of a table."""
    rows = re.findall(r"^\| (`.+?`) \|", table, flags=re.MULTILINE)
    return sorted(name for row in rows for name in re.findall(r"`(-[-\w]+|[A-Z]+)", row))


def told(command: str) -> dict[str, list[str]]:
    """Read what the page tells of a command."""
    before, *parts = re.split(r"^### ", SECTIONS[command], flags=re.MULTILINE)
    if not parts:
        return {"": written(before)}
    titled = (part.partition("\n") for part in parts)
    return {title.removeprefix(f"{command} "): written(body) for title, _, body in titled}


def test_every_command_has_a_section_and_no_other_has() -> None:
    """The sections are the commands, in the order of the help."""
    assert list(SECTIONS) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_section_tells_all_that_its_command_takes_and_nothing_else(command: str) -> None:
    """Verb by verb, each option by each of its names."""
    assert told(command) == expected(command)


def test_what_all_commands_take_is_told_once() -> None:
    """In the section about which hub is meant."""
    assert {*written(sections(PAGE)["Which hub"]), "--help", "-h"} == common() | {"-h"}


def test_the_environment_and_the_file_are_named() -> None:
    """As the code has them."""
    page = text(PAGE)
    assert all(f"`{name}`" in page for name in (finding.URL, finding.TOKEN))
    assert f"`~/.config/easyplayer/{finding.config_file({}).name}`" in page


def test_every_command_line_that_the_pages_show_can_be_typed() -> None:
    """What stands in a shell block is understood by the command it calls."""
    pages = [page.read_text() for page in (ROOT / "README.md", *PAGES)]
    lines = [line for page in pages for block in blocks(page, "sh") for line in block.splitlines()]
    shown = [line.partition("easyplayer-hub ")[2] for line in lines if "easyplayer-hub " in line]
    for line in shown:
        command, *words = shlex.split(line.partition(" #")[0])
        parser_of(command).parse_args(words)
    assert shown
