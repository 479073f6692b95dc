"""What the box's commands tell: in columns, with tabs, as JSON; and titles do nothing to a terminal."""

import json

import pytest

from easyplayer.cli.telling import Lines, tell_encoded, tell_json, tell_pairs, warn
from tests.strangers import EVIL, TAMED, steering


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_what_strangers_write_is_a_cell_like_another(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at_a_terminal: bool
) -> None:
    """A title with a tab or the end of a line in it would be two."""
    show_to(monkeypatch, at_a_terminal=at_a_terminal)
    lines = Lines(30)
    lines.add(EVIL, "a\tb", EVIL)
    (told,) = capsys.readouterr().out.splitlines()
    assert told.count(TAMED) == 2
    assert steering(told) == ""
    assert told.count("\t") == (0 if at_a_terminal else 2)


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_what_strangers_write_is_told_beside_its_heading(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at_a_terminal: bool
) -> None:
    """On one line, however it is broken."""
    show_to(monkeypatch, at_a_terminal=at_a_terminal)
    tell_pairs([(EVIL, EVIL), ("plays", "Dawn")])
    first, second = capsys.readouterr().out.splitlines()
    assert first.count(TAMED) == 2
    assert steering(first) == ""
    assert second.split() == ["plays", "Dawn"]


def test_a_warning_repeats_it_without_harm(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is one line on standard error."""
    warn([EVIL, "two"])
    assert capsys.readouterr().err == f"{TAMED}\ntwo\n"


def test_json_says_all_of_it_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    """A title that is no UTF-8 is told, too; passwords are not."""
    titles = [EVIL, "café", "caf\udce9", "https://me:secret@radio.example/"]
    tell_json(titles)
    told = capsys.readouterr().out
    assert steering(told) == ""
    assert "café" in told
    assert json.loads(told) == [*titles[:3], "https://me:***@radio.example/"]


def test_json_of_others_is_laid_out_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as what the running box answers."""
    tell_encoded(json.dumps({"title": EVIL}, ensure_ascii=False).encode())
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 3
    assert steering(told) == ""
    assert json.loads(told) == {"title": EVIL}


def show_to(monkeypatch: pytest.MonkeyPatch, *, at_a_terminal: bool) -> None:
    """Have a person before the standard output, or a pipe behind it."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: at_a_terminal)
    monkeypatch.setenv("TERM", "dumb")
