"""Letters fit where they are put, and can be read on any colour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.lettering import fitted, ink_on, luminance, one_line, width_of

sizes = st.floats(7, 30)
colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.mark.parametrize(
    ("text", "size", "drawn"),
    [
        ("Late Night", 12.5, 68.0),
        ("New Year's Party", 12.5, 106.0),
        ("22:30-02:00", 10.5, 65.0),
        ("WWW", 12.5, 37.1),
        ("illicit", 12.5, 30.9),
    ],
)
def test_letters_are_never_wider_than_told(text: str, size: float, drawn: float) -> None:
    """Compared with the widest sans-serif letters that are common, a text has the room it needs."""
    assert drawn <= width_of(text, size) < 1.5 * drawn


@given(st.text(), sizes, st.floats(0, 300), st.booleans())
def test_what_is_cut_fits(text: str, size: float, room: float, bold: bool) -> None:
    """A text is left alone where it fits, and else is its beginning with an ellipsis, or nothing."""
    cut = fitted(text, size, room, bold=bold)
    assert cut == "" or width_of(cut, size, bold=bold) <= room
    if width_of(text, size, bold=bold) <= room:
        assert cut == text
    elif cut:
        assert cut.endswith("…")
        assert text.startswith(cut[:-1])


@given(colours)
def test_every_colour_has_an_ink_that_can_be_read_on_it(colour: str) -> None:
    """The contrast is never below the 4.5 that the Web Content Accessibility Guidelines ask for."""
    ink, ground = (luminance(one) + 0.05 for one in (ink_on(colour), colour))
    assert max(ink, ground) / min(ink, ground) >= 4.5


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Late\nNight", "Late Night"), ("  a \t b ", "a b"), ("\x00bell\x07", "bell"), ("\ud800x￾", "x")],
)
def test_a_title_is_one_line_that_xml_can_hold(text: str, kept: str) -> None:
    """What came from a strange file does no harm."""
    assert one_line(text) == kept
