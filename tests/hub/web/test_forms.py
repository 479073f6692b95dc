"""What browsers send with a form is read, and nothing else is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from easyplayer.errors import BadRequestError, WrongTypeError
from easyplayer.hub.web.forms import CONTENT_TYPE, MOST_FIELDS, form_of


class Tried(Struct, forbid_unknown_fields=True):
    """What a test sends."""

    name: str
    note: str = ""


def read(content: bytes, content_type: str = CONTENT_TYPE) -> Tried:
    """Read a form."""
    return form_of(content_type, content, Tried)


def test_a_form_is_read_as_browsers_write_it() -> None:
    """With spaces as plus, all else in percents, and fields that were left empty."""
    assert read(b"name=Bar+Lumi%C3%A8re+%26+Co&note=") == Tried("Bar Lumi\u00e8re & Co", "")
    assert read(b"name=a", "Application/X-WWW-Form-Urlencoded; charset=UTF-8") == Tried("a")


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain", "multipart/form-data"])
def test_nothing_but_a_form_is_read(content_type: str) -> None:
    """What to send is told."""
    with pytest.raises(WrongTypeError, match="x-www-form-urlencoded"):
        read(b"name=a", content_type)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name=a&name=b", "given twice"),
        (b"name=a&colour=red", "colour"),
        (b"note=a", "name"),
        (b"", "name"),
        (b"name=%00", "a character that is none"),
        (b"name=%ff", "no text"),
        (b"name=%ED%A0%80", "no text"),
        (b"\xff", "no text"),
        (b"name=a&" * (MOST_FIELDS + 1), "too many fields"),
    ],
)
def test_what_is_wrong_with_a_form_is_told(content: bytes, words: str) -> None:
    """In words."""
    with pytest.raises(BadRequestError, match=words):
        read(content)


@given(st.binary())
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    """Nothing else happens."""
    with suppress(BadRequestError):
        read(b"name=" + content)
