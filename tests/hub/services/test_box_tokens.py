"""The tokens of boxes prove themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.errors import UnauthenticatedError
from easyplayer.hub.keys import KeyKind, Keys, Secret
from easyplayer.hub.services.box_tokens import box_of, make
from easyplayer.units import Instant

BOX = "0123456789abcdef"


def keys(name: str = "k1", retired: Instant | None = None) -> Secret:
    """Give a secret for tokens."""
    return Secret(
        id=name, kind=KeyKind.TOKEN, secret=name.encode() * 16, created=Instant(0.0), retired=retired
    )


HUB = Keys([keys()])
TOKEN = make(HUB, BOX, 3, Instant(100.0))


def test_a_token_names_its_box_and_epoch_until_it_expires() -> None:
    """Without asking anybody."""
    assert box_of(TOKEN, HUB, Instant(99.9)) == (BOX, 3)
    with pytest.raises(UnauthenticatedError, match="expired"):
        box_of(TOKEN, HUB, Instant(100.0))


def test_a_retired_secret_is_still_believed() -> None:
    """Until all tokens of it have expired."""
    after = Keys([keys(retired=Instant(5.0)), keys("k2")])
    assert box_of(TOKEN, after, Instant(6.0)) == (BOX, 3)
    assert make(after, BOX, 3, Instant(100.0)).startswith("k2.")
    with pytest.raises(UnauthenticatedError, match="not of this hub"):
        box_of(TOKEN, Keys([keys("k2")]), Instant(6.0))


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
def test_a_token_with_another_letter_is_none(place: int, letter: str) -> None:
    """Whichever it is."""
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(UnauthenticatedError):
            box_of(changed, HUB, Instant(1.0))


@given(st.text(max_size=300))
def test_no_text_is_a_token(text: str) -> None:
    """And none breaks anything."""
    with pytest.raises(UnauthenticatedError):
        box_of(text, HUB, Instant(1.0))
