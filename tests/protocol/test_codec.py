"""Messages are written and read: the same on both sides, whatever is in them, and never without a bound."""

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Struct

from easyplayer.errors import ProtocolError
from easyplayer.protocol.codec import MOST_BYTES, decode, encode
from easyplayer.protocol.commands import CommandResult, Name, Outcome, Reason
from easyplayer.protocol.heartbeat import Disk, Health, Heartbeat, Identity, Now, Reply
from easyplayer.protocol.pairing import TimeAsked
from easyplayer.protocol.schema import MESSAGES
from easyplayer.units import Instant, Seconds
from tests.protocol.messages import JSON, SOME, as_json, messages

BEAT = Heartbeat(boot="b", run="0" * 16, sequence=1, now=Now(uptime_s=Seconds(1), time=Instant(2)))


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@SOME
@given(data=st.data())
def test_what_is_written_is_read_as_it_was(kind: type[Struct], data: st.DataObject) -> None:
    """Each message, with anything in it that its type allows."""
    message = data.draw(messages(kind))
    assert decode(encode(message), kind, 2**30) == message


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@SOME
@given(data=st.data(), more=JSON)
def test_a_field_that_is_not_known_is_ignored(kind: type[Struct], data: st.DataObject, more: object) -> None:
    """A newer side may say more, in each message and anywhere within it."""
    message = data.draw(messages(kind))
    said = widened(as_json(message), more)
    assert decode(msgspec.json.encode(said), kind, 2**30) == message


def widened(said: object, more: object) -> object:
    """Put a field that is not known into each object, but for those that are a message's own content."""
    match said:
        case dict():
            inner = {
                key: value if key in {"args", "data", "files"} else widened(value, more)
                for key, value in said.items()
            }
            return {**inner, "said_by_a_newer_side": more}
        case list():
            return [widened(one, more) for one in said]
        case _:
            return said


@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_word_that_is_not_known_is_read_as_such(text: str) -> None:
    """A newer side may use more words; the message is read all the same."""
    known = {*Outcome, *Reason, *Identity, *Health}
    word = text if text not in known else f"{text}-of-a-newer-side"
    result = decode(
        msgspec.json.encode({"command": "c", "outcome": word, "reason": word, "text": ""}), CommandResult
    )
    reply = decode(msgspec.json.encode({"time": 1, "next_s": 30, "identity": word}), Reply)
    disk = decode(msgspec.json.encode({"name": "sd", "health": word}), Disk)
    assert (result.outcome, result.reason, reply.identity, disk.health) == (
        Outcome.UNKNOWN,
        Reason.UNKNOWN,
        Identity.UNKNOWN,
        Health.UNKNOWN,
    )
    assert Name(word) is Name.UNKNOWN or word in [*Name]


@given(data=st.binary(max_size=300))
def test_rubbish_is_refused_in_words(data: bytes) -> None:
    """Whatever comes, it is a fault of the protocol, and nothing else."""
    assume(b"nonce" not in data)
    with pytest.raises(ProtocolError, match=r"^TimeAsked: "):
        decode(data, TimeAsked)


@given(said=JSON)
def test_json_of_another_shape_is_refused_in_words(said: object) -> None:
    """So is what is JSON and no heartbeat."""
    with pytest.raises(ProtocolError, match=r"^Heartbeat: "):
        decode(msgspec.json.encode(said), Heartbeat)


def test_a_fault_is_told_with_its_place() -> None:
    """Whoever has written the other side finds it."""
    said = as_json(BEAT) | {"now": {"uptime_s": "long", "time": 2}}
    with pytest.raises(ProtocolError, match=r"Expected `float`, got `str`.*\$\.now\.uptime_s"):
        decode(msgspec.json.encode(said), Heartbeat)


@pytest.mark.parametrize(
    "change",
    [
        {"run": "0" * 15},
        {"run": "G" * 16},
        {"sequence": 0},
        {"boot": ""},
        {"boot": "b" * 65},
        {"digest": "d" * 65},
        {"revision": -1},
        {"results": [{"command": "c", "outcome": "done"}] * 51},
        {"status": {"version": "1", "problems": ["p"] * 21}},
        {"status": {"version": "v" * 1001}},
    ],
    ids=str,
)
def test_what_is_beyond_its_bounds_is_refused(change: dict[str, object]) -> None:
    """Every text and every list has an end."""
    assert decode(msgspec.json.encode(as_json(BEAT)), Heartbeat) == BEAT
    with pytest.raises(ProtocolError):
        decode(msgspec.json.encode(as_json(BEAT) | change), Heartbeat)


def test_more_than_may_be_is_refused_before_it_is_read() -> None:
    """The message says how much there was, and how much may be."""
    long = b'{"nonce": "' + b"n" * 100 + b'"}'
    assert decode(long, TimeAsked, len(long)).nonce == "n" * 100
    with pytest.raises(ProtocolError, match=f"{len(long)} bytes, and 50 are the most"):
        decode(long, TimeAsked, 50)
    with pytest.raises(ProtocolError, match=f"and {MOST_BYTES} are the most"):
        decode(b" " * (MOST_BYTES + 1), TimeAsked)


def test_json_that_goes_too_deep_is_refused() -> None:
    """A message cannot exhaust the reader's stack."""
    with pytest.raises(ProtocolError):
        decode(b'{"nonce": ' + b"[" * 100_000, TimeAsked)
