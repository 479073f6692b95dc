"""The JSON Schema of messages: it takes what the types take, and stays open to newer sides."""

from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from easyplayer.protocol.arguments import ARGUMENTS
from easyplayer.protocol.commands import CommandResult, Name, Outcome
from easyplayer.protocol.schema import MESSAGES, TOPICS, kinds, meanings, schema
from tests.protocol.messages import SOME, as_json, messages

SCHEMA = schema()


def validator(name: str) -> Any:
    """Make what checks against one definition."""
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@SOME
@given(data=st.data())
def test_it_takes_every_message(kind: type[Struct], data: st.DataObject) -> None:
    """Each by its name."""
    message = data.draw(messages(kind))
    validator(kind.__name__).validate(as_json(message))


def test_it_refuses_what_the_types_refuse() -> None:
    """A field that is wrong, one that is missing, and one beyond its bounds."""
    beat = {"boot": "b", "run": "0" * 16, "sequence": 1, "now": {"uptime_s": 1, "time": 2}}
    check = validator("Heartbeat")
    assert check.is_valid(beat)
    for change in ({"run": "short"}, {"sequence": 0}, {"now": {}}, {"boot": 7}):
        assert not check.is_valid(beat | change), change
    assert not check.is_valid({})


def test_it_is_open_to_a_newer_side() -> None:
    """A field and a word that are not known are no faults, as they are none for the types."""
    said = {"command": "c", "outcome": "half-done", "colour": "blue"}
    validator("CommandResult").validate(said)
    assert msgspec.convert(said, CommandResult).outcome is Outcome.UNKNOWN


def test_arguments_are_closed() -> None:
    """One that is not known is a fault there, and each command has its own definition."""
    assert {f"Arguments.{name}" for name in ARGUMENTS} <= set(SCHEMA["$defs"])
    check = validator(f"Arguments.{Name.SET_VOLUME}")
    assert check.is_valid({"volume": 40})
    assert not check.is_valid({"volume": 40, "loud": True})


@pytest.mark.parametrize("kind", [*kinds(), *ARGUMENTS.values()], ids=lambda kind: kind.__name__)
def test_every_field_is_described(kind: type[Struct]) -> None:
    """In the words of the docstring, without the marks that only documentation tools read."""
    told = meanings(kind)
    assert list(told) == list(kind.__struct_fields__)
    assert all(told.values())
    assert not any("``" in text or ":class:" in text for text in told.values())


def test_every_message_is_about_something() -> None:
    """And about one thing only."""
    assert len(set(MESSAGES)) == len(MESSAGES) == sum(map(len, TOPICS.values()))
