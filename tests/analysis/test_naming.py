"""File names are shown on one line, whatever bytes they are made of."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.analysis import shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.mp3", "plain.mp3"),
        ("Café, 100 %.mp3".encode(), "Café, 100 %.mp3"),
        (b"two\nlines\t.mp3", "two\\nlines\\t.mp3"),
        (b"\x1b[31mred.mp3", "\\x1b[31mred.mp3"),
        (b"latin\xe9.mp3", "latin\\xe9.mp3"),
    ],
)
def test_a_name_reads_as_it_is_unless_it_cannot(name, text):
    """Only what has no place on a line is escaped."""
    assert shown(Path(os.fsdecode(name))) == text


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_any_name_can_be_printed(name):
    """A log or a terminal never chokes on a name."""
    text = shown(Path(os.fsdecode(name)))
    assert text.isprintable()
    assert text.encode("utf-8")
