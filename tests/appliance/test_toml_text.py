"""TOML as technicians write it: all that is wrong at once, with the line and the way out."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.appliance.toml_text import MOST_PROBLEMS, line_of, read_toml, write_toml


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("url = https://hub.example", 'quotation marks, such as url = "..."'),
        ("url = \u201chttps://hub.example\u201d", "straight quotation marks"),
        ("sticks = True", "true or false"),
        ("sticks = no", "true or false"),
        ("sticks", "key = value"),
        ('url =\u00a0"x"', "cannot be seen"),
        ('url = "x', "a quotation mark is missing"),
        (r'state = "C:\Users"', "/ in place of"),
        ("[hub", "correct the line"),
        ("volume = 08", "correct the line"),
    ],
)
def test_wrong_line_is_told_with_its_number_and_the_way_out(line: str, words: str) -> None:
    """Each is what people really write."""
    (problem,) = read_toml(f"[box]\n\n{line}\n").problems
    assert problem.startswith("line 3: ")
    assert words in problem


def test_all_wrong_lines_are_told_and_the_others_are_read() -> None:
    """Whoever drives home with the stick comes back once, and not once for each line."""
    read = read_toml('[hub]\nurl = x\nname = "Bar"\nlive = off\n[sound]\nvolume = 70\n')
    assert [problem.partition(":")[0] for problem in read.problems] == ["line 2", "line 4"]
    assert read.values == {"hub": {"name": "Bar"}, "sound": {"volume": 70}}


def test_file_that_is_no_toml_at_all_ends() -> None:
    """After some problems there is no more to be learnt."""
    assert len(read_toml("one\n" * 500).problems) == MOST_PROBLEMS
    assert "brackets" in read_toml("x = " + "[" * 3000).problems[0]


def test_line_that_is_far_too_long_is_not_read() -> None:
    """A name of thirty thousand parts would take the box a minute, and somebody may plug such a stick in."""
    read = read_toml("a." * 30_000 + "a = 1\n[hub]\nurl = 1\n")

    assert read.problems == ("line 1: has more than 4000 letters: write it as several lines",)
    assert read.values == {"hub": {"url": 1}}


def test_line_of_a_setting_is_found() -> None:
    """Also where the same name stands in another section; that of the section where it has none."""
    text = 'a = 1\n# [hub]\n[box]\nurl = 1\n[ "hub" ] # here\n  "url" = "x"\nname="url ="\n'
    assert line_of(text, "hub", "url") == 6
    assert line_of(text, "hub", "name") == 7
    assert line_of(text, "box", "name") == 3
    assert line_of(text, "", "a") == 1
    assert line_of(text, "sound", "volume") == 0


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    """Reading ends, and says what is wrong."""
    read = read_toml(text)
    assert all(problem for problem in read.problems)


NAMES = st.from_regex(r"[a-z_]{1,9}", fullmatch=True)
PLAIN = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**60), 2**60),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, PLAIN | st.lists(PLAIN, max_size=3)), max_size=3))
def test_what_is_written_is_read_as_it_was(values: dict[str, dict[str, Any]]) -> None:
    """By any reader of TOML, whatever is in the texts."""
    assert tomllib.loads(write_toml(values)) == values
