"""Arguments of commands: strict, each with its bounds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.errors import ProtocolError
from easyplayer.protocol.arguments import ARGUMENTS, Announce, Arguments, Emergency, Listen, arguments_of
from easyplayer.protocol.commands import WEB_COMMANDS, Name
from easyplayer.units import Seconds
from tests.protocol.messages import JSON, SOME, TEXTS, as_json, messages

GOOD: dict[Name, dict[str, Any]] = {
    Name.SET_VOLUME: {"volume": 40},
    Name.ANNOUNCE: {"item": "closing"},
    Name.SET_LOG_LEVEL: {"level": "debug"},
    Name.OPEN_SUPPORT: {"why": "no sound since noon"},
}
"""What must be said, where something must."""


@pytest.mark.parametrize("name", Name)
def test_every_command_can_be_given(name: Name) -> None:
    """With no more than it must be told."""
    assert isinstance(arguments_of(name, GOOD.get(name, {})), ARGUMENTS.get(name, Arguments))


@pytest.mark.parametrize("name", GOOD)
def test_what_must_be_said_is_asked_for(name: Name) -> None:
    """The message names the command and what is missing."""
    (field, *_) = GOOD[name]
    with pytest.raises(ProtocolError, match=f"{name}: .*{field}"):
        arguments_of(name, {})


@pytest.mark.parametrize("name", Name)
@SOME
@given(word=TEXTS, value=JSON)
def test_one_that_is_not_known_is_a_fault(name: Name, word: str, value: object) -> None:
    """What it was meant to say would be lost without a word."""
    if word in ARGUMENTS.get(name, Arguments).__struct_fields__:
        return
    with pytest.raises(ProtocolError, match=f"^{name}: "):
        arguments_of(name, {**GOOD.get(name, {}), word: value})


@pytest.mark.parametrize("name", ARGUMENTS)
@SOME
@given(data=st.data())
def test_what_its_type_allows_is_taken(name: Name, data: st.DataObject) -> None:
    """Anything within the bounds, and as it was."""
    drawn = data.draw(messages(ARGUMENTS[name]).filter(_within_open_bounds))
    assert arguments_of(name, as_json(drawn)) == drawn


def _within_open_bounds(drawn: Any) -> bool:
    return bool(getattr(drawn, "minutes", 1) > 0)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        (Name.FADE_OUT, {"seconds": -1}),
        (Name.FADE_OUT, {"seconds": 61}),
        (Name.SET_VOLUME, {"volume": 101}),
        (Name.SET_VOLUME, {"volume": "loud"}),
        (Name.ANNOUNCE, {"item": ""}),
        (Name.ANNOUNCE, {"item": "closing", "over": "shout"}),
        (Name.ANNOUNCE, {"item": "closing", "media": "../../etc/passwd"}),
        (Name.EMERGENCY, {"media": "A" * 64}),
        (Name.SET_LOG_LEVEL, {"level": "loud"}),
        (Name.COLLECT_LOGS, {"lines": 0}),
        (Name.LISTEN, {"seconds": 61}),
        (Name.SHOW_MESSAGE, {"text": "x" * 501}),
        (Name.SHOW_MESSAGE, {"seconds": -1}),
        (Name.REHEARSE_OFFLINE, {"minutes": 0}),
        (Name.OPEN_SUPPORT, {"why": "", "minutes": 30}),
        (Name.OPEN_SUPPORT, {"why": "w", "minutes": 241}),
    ],
    ids=str,
)
def test_what_is_beyond_its_bounds_is_refused(name: Name, args: dict[str, Any]) -> None:
    """The message names the command and the place."""
    with pytest.raises(ProtocolError, match=rf"^{name}: .*\$\.\w+"):
        arguments_of(name, args)


def test_what_is_left_out_takes_its_default() -> None:
    """As the page tells it."""
    assert arguments_of(Name.LISTEN, {}) == Listen(seconds=Seconds(10))
    assert arguments_of(Name.EMERGENCY, {}) == Emergency(item="", media="")
    assert arguments_of(Name.ANNOUNCE, {"item": "i"}) == Announce(item="i", over="duck")


def test_what_the_link_answers_itself_takes_nothing() -> None:
    """Web commands ask; they do nothing."""
    assert not WEB_COMMANDS & set(ARGUMENTS)
