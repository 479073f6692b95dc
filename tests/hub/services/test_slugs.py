"""Slugs that are made of names."""

import re

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.hub.services.slugs import SLUG, slug_of


@given(name=st.text(min_size=1, max_size=100))
def test_every_name_has_a_slug(name: str) -> None:
    """Whatever letters it is written in."""
    assert re.fullmatch(SLUG, slug_of(name))


@given(name=st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,30}", fullmatch=True))
def test_a_slug_stays_as_it_is(name: str) -> None:
    """So that a name can be made of one."""
    assert slug_of(name) == name


def test_names_of_other_letters_stay_apart() -> None:
    """Although nothing of them can be in a slug."""
    assert slug_of("昼") != slug_of("夜")
