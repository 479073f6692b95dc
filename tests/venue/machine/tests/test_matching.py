"""An event is found by a part of it."""

import pytest

from tests.venue.machine import is_part_of


@pytest.mark.parametrize(
    ("wanted", "given", "matches"),
    [
        ({"foo": {"bar": 1}}, {"foo": None}, True),
        ({"foo": {"bar": 1}}, {"foo": {"baz": None}}, False),
        ({"foo": {"bar": 1}}, {"foo": {"bar": 1, "baz": 2}}, True),
        ({"foo": {"bar": 1}}, {"foo": {"bar": 2}}, False),
        ({"foo": {"bar": 1}}, {}, False),
        ({"foo": None}, {"foo": {"bar": 1}}, True),
        ({"foo": None}, {}, False),
        ({}, {"foo": 1}, True),
        (None, {"foo": 1}, True),
        ({"foo": {"bar": {"baz": "x"}}}, {"foo": {"bar": {"baz": "x", "more": []}}}, True),
        ({"foo": [1, 2]}, {"foo": [1, 2]}, True),
        ({"foo": [1]}, {"foo": [1, 2]}, False),
        ({"foo": {"bar": 1}}, {"foo": 1}, False),
        ({"foo": True}, {"foo": False}, False),
    ],
)
def test_what_is_wanted_must_be_there(wanted: object, given: object, matches: bool) -> None:
    """All that is wanted is there, as deep as it goes; None stands for anything; more does no harm."""
    assert is_part_of(wanted, given) is matches
