"""Boxes hear what is new for them as often as it takes, and no oftener."""

import pytest

from easyplayer.hub.hub import Hub
from easyplayer.hub.services import attention
from easyplayer.hub.services.attention import Raised
from tests.hub.contents import add_box, add_venue

ONE, OTHER = "0" * 16, "1" * 16


@pytest.fixture(name="pair")
def _pair(hub: Hub) -> Hub:
    """Give a hub with two boxes."""
    add_venue(hub)
    for box in (ONE, OTHER):
        add_box(hub, box)
    return hub


def levels(hub: Hub) -> dict[str, int]:
    """Tell in how many heartbeats there is more to say, by box."""
    with hub.database.write() as connection:
        return attention.lock(connection, [OTHER, ONE, "nobody"])


def test_it_is_raised_for_those_who_are_meant(pair: Hub) -> None:
    """Boxes by name, or all of a venue or a group; nobody else is looked at."""
    assert levels(pair) == {ONE: 0, OTHER: 0}
    with pair.database.write() as connection:
        attention.raise_for(connection, boxes=[OTHER])
    assert levels(pair) == {ONE: 0, OTHER: attention.TIMES}
    with pair.database.write() as connection:
        attention.raise_for(connection, venue="bar")
    assert levels(pair) == {ONE: attention.TIMES, OTHER: attention.TIMES}


def test_what_shows_that_it_has_come_does_not_shorten_what_does_not(pair: Hub) -> None:
    """A program that is published just after a box was moved leaves the place to be said three times."""
    with pair.database.write() as connection:
        attention.raise_for(connection, boxes=[ONE])
        attention.raise_for(connection, group="bars", times=attention.ONCE)
    assert levels(pair) == {ONE: attention.TIMES, OTHER: attention.ONCE}


@pytest.mark.parametrize(
    ("level", "more", "left"),
    [(3, False, 2), (1, False, 0), (0, False, 0), (3, True, 2), (1, True, 1), (0, True, 1)],
)
def test_it_ends_once_all_is_said_and_has_come(level: int, more: bool, left: int) -> None:
    """What is to arrive keeps it up, and counts what is said beside it."""
    assert attention.left_of(level, more=more) == left


def test_only_what_has_changed_is_written(pair: Hub) -> None:
    """Each box gets its own level."""
    with pair.database.write() as connection:
        attention.raise_for(connection, boxes=[ONE, OTHER])
        before = attention.lock(connection, [ONE, OTHER])
        attention.told(connection, before, {ONE: 1, OTHER: attention.TIMES})
    assert levels(pair) == {ONE: 1, OTHER: attention.TIMES}


def test_who_wakes_boxes_hears_of_those_that_it_was_raised_for(pair: Hub) -> None:
    """Whoever was meant by name, venue or group; those that are no boxes are left out."""
    add_venue(pair, "shop", "shops")
    heard: list[object] = []
    pair.database.heard = heard.extend
    for meant in ({"boxes": [OTHER, "nobody"]}, {"boxes": ["nobody"]}, {"venue": "shop"}, {"group": "bars"}):
        with pair.database.write() as connection:
            attention.raise_for(connection, **meant)
    assert [sorted(one.boxes) for one in heard if isinstance(one, Raised)] == [[OTHER], [ONE, OTHER]]
