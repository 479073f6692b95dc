"""What is told: tables at a terminal, tabs into a pipe, JSON for a script."""

import argparse
import re

import msgspec
import pytest
from msgspec import Struct

from easyplayer.errors import BadRequestError
from easyplayer.hub.cli.telling import (
    Column,
    ago,
    confirm,
    instant,
    length,
    size,
    tell_done,
    tell_one,
    tell_rows,
)
from tests.strangers import EVIL, TAMED, steering


class Cup(Struct, frozen=True):
    """Something to list."""

    name: str
    full: bool = False


CUPS = [Cup("blue"), Cup("[red]\twith a very long name " + "x" * 200)]
COLUMNS = (Column[Cup]("name", lambda cup: cup.name), Column[Cup]("full", lambda cup: str(cup.full)))


class Terminal:
    """Stands in for a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for stream in ("stdin", "stdout"):
            monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")


def arguments(*, json: bool = False, yes: bool = False) -> argparse.Namespace:
    return argparse.Namespace(json=json, yes=yes)


def test_a_pipe_gets_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    """With a tab between two cells, and none within one."""
    tell_rows(arguments(), CUPS, COLUMNS, "none")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "blue\tFalse"
    assert [line.count("\t") for line in lines] == [1, 1]


def test_a_pipe_gets_nothing_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A script counts lines."""
    tell_rows(arguments(), [], COLUMNS, "there are no cups")
    assert capsys.readouterr().out == ""


def test_a_script_gets_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """As the hub has told it, and a list in any case."""
    tell_rows(arguments(json=True), CUPS[:1], COLUMNS, "none")
    tell_rows(arguments(json=True), [], COLUMNS, "none")
    assert re.sub(r"\s", "", capsys.readouterr().out) == '[{"name":"blue","full":false}][]'


def test_a_person_gets_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With headings, and with brackets as they are: they are no colours."""
    Terminal(monkeypatch)
    tell_rows(arguments(), CUPS, COLUMNS, "none")
    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == ["name", "full"]
    assert "[red]" in told


def test_a_person_is_told_that_there_is_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words."""
    Terminal(monkeypatch)
    tell_rows(arguments(), [], COLUMNS, "there are no cups")
    assert capsys.readouterr().out == "there are no cups\n"


def test_one_thing_is_told_line_by_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a pipe with tabs; at a terminal beside each other."""
    tell_one(arguments(), CUPS[0], [("name", "blue")])
    Terminal(monkeypatch)
    tell_one(arguments(), CUPS[0], [("name", "blue")])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [["name", "blue"]] * 2


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_what_strangers_write_does_nothing_to_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at_a_terminal: bool
) -> None:
    """Any machine may ask to be paired by any name; what it says is text, on one line."""
    if at_a_terminal:
        Terminal(monkeypatch)
    tell_rows(arguments(), [Cup(EVIL)], COLUMNS[:1], "none")
    tell_one(arguments(), CUPS[0], [(EVIL, EVIL)])
    tell_done(arguments(), EVIL, more=[EVIL])
    told = capsys.readouterr().out
    assert steering(told) == ""
    assert len(told.splitlines()) == 4 + at_a_terminal
    assert told.count(TAMED) == 5


def test_json_does_nothing_to_a_terminal_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Letters are as they are; what steers is written by its number."""
    name = f"{EVIL} café 日本 \U0001f600\U000e0041"
    tell_rows(arguments(json=True), [Cup(name)], COLUMNS, "none")
    told = capsys.readouterr().out
    assert steering(told) == ""
    assert "café 日本 \U0001f600\\udb40\\udc41" in told
    assert msgspec.json.decode(told) == [{"name": name, "full": False}]


@pytest.mark.parametrize(("answer", "meant"), [("y", True), ("YES", True), ("", False), ("n", False)])
def test_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, answer: str, meant: bool) -> None:
    """No is what nothing means."""
    Terminal(monkeypatch)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert confirm(arguments(), "Really?") is meant


def test_who_says_yes_is_not_asked() -> None:
    """As in a script."""
    assert confirm(arguments(yes=True), "Really?")


def test_who_does_not_answer_has_not_said_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D is told as it is meant."""
    Terminal(monkeypatch)

    def ended(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    with pytest.raises(BadRequestError, match=r"Really\? \[y/N\]: nothing was typed, and nothing is done"):
        confirm(arguments(), "Really?")


def test_where_nobody_can_be_asked_nothing_is_done() -> None:
    """The way out is named."""
    with pytest.raises(BadRequestError, match=r"Really\? Nobody can be asked here: say --yes"):
        confirm(arguments(), "Really?")


def test_numbers_are_told_as_people_say_them() -> None:
    """How long ago, how large, how long."""
    assert [ago(seconds) for seconds in (0, 59, 60, 119, 7199, 7200, 3 * 86_400)] == [
        "0 s ago",
        "59 s ago",
        "1 min ago",
        "1 min ago",
        "119 min ago",
        "2 h ago",
        "3 days ago",
    ]
    assert [size(count) for count in (0, 1023, 1024, 5 * 1024**3, 2**60)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "5.0 GiB",
        "1048576.0 TiB",
    ]
    assert [length(seconds) for seconds in (0, 59.9, 61, 3600, None)] == ["0:00", "0:59", "1:01", "60:00", ""]
    assert (ago(None), instant(None)) == ("never", "-")
