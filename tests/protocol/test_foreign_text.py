"""What others have written does nothing to a terminal, and says what it said."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.protocol.foreign_text import JOINERS, escaped, tidied, tidied_lines
from tests.strangers import EVIL, TAMED, steering


def test_what_would_steer_becomes_a_space() -> None:
    """However much of it there is, and the text stands on one line."""
    assert tidied(EVIL) == TAMED
    assert tidied(f"one\n    two{EVIL}") == f"one two {TAMED}"


def test_spaces_stay_as_they_are() -> None:
    """A path is told so that it can be found."""
    assert tidied("/music/Live  at the Bar.mp3") == "/music/Live  at the Bar.mp3"


def test_letters_are_joined_and_kept_apart_as_they_were() -> None:
    """Persian is spelled so, and a family is one sign."""
    words = "می\u200cشود \U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert tidied(words) == tidied_lines(words) == words
    assert escaped(f'"{words}"') == f'"{words}"'


def test_lines_stay_lines_where_they_are_wanted() -> None:
    """An error lists its problems, each indented."""
    assert tidied_lines("cannot be used:\n  - \x1b[2J\r\n  - two") == "cannot be used:\n  -  [2J \n  - two"


@given(text=st.text(st.characters()))
def test_nothing_steers_whatever_the_text_is(text: str) -> None:
    """Nor is anything harmless lost."""
    assert set(steering(tidied(text))) <= set(JOINERS)
    assert set(steering(tidied_lines(text))) <= set(JOINERS)
    assert "\n" not in tidied(text)
    assert len(tidied_lines(text)) == len(text)
    harmless = "".join(text.split())
    if harmless.isprintable():
        assert "".join(tidied(text).split()) == harmless


@given(text=st.text(st.characters()))
def test_json_says_the_same(text: str) -> None:
    """Whoever reads it gets every letter back, also those that can be no UTF-8."""
    told = escaped(json.dumps(text, ensure_ascii=False))
    assert set(steering(told)) <= set(JOINERS)
    assert json.loads(told) == text
    told.encode()


def test_json_as_messages_have_it_says_the_same() -> None:
    """It was written by another library."""
    told = escaped(msgspec.json.format(msgspec.json.encode({"name": EVIL}), indent=2).decode())
    assert steering(told) == ""
    assert msgspec.json.decode(told) == {"name": EVIL}
