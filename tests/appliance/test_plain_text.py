"""What a technician wrote is read, whatever editor it was written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.appliance.plain_text import MOST_BYTES, as_text

TEXT = '[hub]\nname = "Bar Lumière, 夜"\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_in_every_encoding_with_every_end_of_line(encoding: str, end: str) -> None:
    """Windows has written files in most of these; those of UTF-16 without a mark, too."""
    plain = '[hub]\nurl = "https://hub.example"\n' if encoding in {"utf-16-le", "utf-16-be"} else TEXT
    reading = as_text(plain.replace("\n", end).encode(encoding))
    assert (reading.text, reading.problem, reading.note) == (plain, "", "")


def test_old_encoding_of_windows_is_read_and_told() -> None:
    """Its accents are right, and if it was another one, somebody looks."""
    reading = as_text('name = "Café"'.encode("cp1252"))
    assert reading.text == 'name = "Café"'
    assert "Windows-1252" in reading.note


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{\\rtf1 x", "rich text"),
        (b"PK\x03\x04abc", "word processor"),
        (b"%PDF-1.7", "PDF"),
        (bytes(512), "broken off"),
        (b"[hub]\n" + bytes(100), "broken off"),
        (b"x" * (MOST_BYTES + 1), "larger than"),
        (b"\xff\xfea", "damaged"),
    ],
)
def test_what_is_no_text_is_told_with_the_way_out(data: bytes, words: str) -> None:
    """A document, a file that the power broke off, one that is far too large."""
    reading = as_text(data)
    assert words in reading.problem
    assert reading.text == ""


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    """Each is a text with the line ends of Unix, or has a problem."""
    reading = as_text(data)
    assert "\r" not in reading.text
    assert "\0" not in reading.text


@given(st.text(alphabet=st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])))
def test_what_is_utf_8_is_read_as_it_is(text: str) -> None:
    """Whatever is in it; a mark in front, and what looks like a document, apart."""
    if not text.startswith(("\ufeff", "{\\rtf", "PK\x03\x04", "%PDF")):
        assert as_text(text.encode()).text == text
