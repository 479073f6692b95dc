"""The page of commands: each command and each option, and none that is not there."""

import argparse
import importlib
import re
import shlex

import pytest

from easyplayer.main import COMMANDS, module_of
from tests.docs.pages import PAGES, ROOT, blocks, sections, tables, text

OPTIONS = tables.command_options()


def test_every_command_has_a_section_and_no_other_has() -> None:
    """The sections are the commands, in the order of the help."""
    assert list(sections("guide/commands.md")) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_section_tells_all_that_its_command_takes_and_nothing_else(command: str) -> None:
    """The first table of the section has every option by each of its names."""
    table = re.findall(r"^\| (`.+?) \|", sections("guide/commands.md")[command], flags=re.MULTILINE)
    written = [name for row in table for name in re.findall(r"`(-[-\w]+|[A-Z]+)", row)]
    assert sorted(written) == sorted(OPTIONS[command])


def test_every_command_line_that_the_pages_show_can_be_typed() -> None:
    """What stands in a shell block is understood by the command it calls."""
    pages = [page.read_text() for page in (ROOT / "README.md", *PAGES)]
    lines = [line for page in pages for block in blocks(page, "sh") for line in block.splitlines()]
    shown = [line for line in lines if "run.py" in line or re.search(r"bin/easyplayer(?!-)", line)]
    for line in shown:
        parse(shlex.split(line.partition("run.py" if "run.py" in line else "bin/easyplayer")[2]))
    assert shown


def parse(words: list[str]) -> None:
    """Read a command line as the command does."""
    command = words.pop(0) if words and words[0] in COMMANDS else "run"
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(module_of(command)).configure(parser)
    parser.parse_args(words)


def test_the_exit_codes_of_a_finding_are_told() -> None:
    """The page of errors says what 0, 1, 2 and 130 are, which no error has."""
    page = text("guide/errors.md")
    for code in (0, 1, 2, 130):
        assert re.search(rf"\b{code}\b is", page)
