"""Text that anybody may have written, on a screen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.overlay.drawing import Style, text
from easyplayer.overlay.lettering import ELLIPSIS, escaped, fitted, lines_of, plain, width_em

COMMAND = re.compile(r"\\[Nnh]|(?<!\\)\{")
"""What ASS would take for a command."""


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("  Dawn   chorus \n", "Dawn chorus"),
        ("one\ntwo\tthree", "one two three"),
        ("Café", "Café"),
        ("Sun 🌞 set", "Sun set"),
        ("👩‍🍳 Kitchen", "Kitchen"),
        ("Bar\u202eemordnilap", "Baremordnilap"),
        ("שלום עולם", "שלום עולם"),
        ("東京の夜", "東京の夜"),
        ("☕ Coffee", "☕ Coffee"),
        ("\x00\x1b[31mred", "[31mred"),
        ("🌞", ""),
    ],
)
def test_a_title_is_left_with_what_can_be_drawn(written: str, drawn: str) -> None:
    """Breaks become spaces; pictures in colour, marks that turn the direction and controls go."""
    assert plain(written) == drawn


@pytest.mark.parametrize("written", [r"{\fs200}big", r"a\Nb", r"a\hb", "}", r"\{", "{{", r"C:\new\home"])
def test_no_title_gives_a_command(written: str) -> None:
    """Whatever ASS would take for one is broken up."""
    assert COMMAND.search(escaped(written)) is None


@given(st.text())
def test_no_text_at_all_gives_a_command_or_a_second_line(written: str) -> None:
    """A layer is as many events as it was drawn of."""
    event = text(plain(written), 0, 0, 7, Style(size=40))
    head, _, tail = event.partition("}")
    assert head.startswith("{\\an7")
    assert COMMAND.search(tail) is None
    assert len(event.splitlines()) == 1


@given(st.text(), st.floats(1, 40))
def test_what_is_fitted_is_no_wider_than_there_is_room(written: str, most_em: float) -> None:
    """And is the same where it was not too wide before."""
    shown = fitted(plain(written), most_em)
    assert width_em(shown) <= most_em + 1e-9
    assert shown == plain(written) or shown.endswith(ELLIPSIS)


@given(st.text(), st.floats(2, 40), st.integers(1, 4))
def test_lines_are_neither_too_wide_nor_too_many(written: str, most_em: float, most: int) -> None:
    """Also where nothing has a space in it."""
    lines = lines_of(plain(written), most_em, most)
    assert len(lines) <= most
    assert all(width_em(line) <= most_em + 1e-9 for line in lines)


def test_lines_break_between_words() -> None:
    """And in the middle of one where it has no room at all."""
    assert lines_of("Happy hour until eight", 9.0, 3) == ["Happy hour until", "eight"]
    assert lines_of("東京東京東京", 3.0, 3) == ["東京東", "京東京"]
    assert lines_of("one two three four", 4.0, 2) == ["one two", f"three{ELLIPSIS}"]


def test_east_asian_letters_count_as_wide() -> None:
    """And marks above a letter as nothing."""
    assert width_em("東京") == 2.0
    assert width_em("e\u0301") == width_em("e")
