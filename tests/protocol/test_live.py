"""What goes over the live channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.errors import ProtocolError
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.protocol.live import (
    MOST_LIVE_BYTES,
    FromHub,
    Orders,
    Report,
    Wake,
    Watch,
    Welcome,
    read_from_box,
    read_from_hub,
)
from easyplayer.protocol.signed import Signed
from easyplayer.units import Instant, Seconds

SIGNED = Signed(payload="{}", key="0" * 64, signature="s")
FROM_HUB = (
    Welcome(heartbeat_s=Seconds(300.0)),
    Orders(commands=(SIGNED, SIGNED)),
    Wake(within_s=Seconds(3.0)),
    Watch(seconds=Seconds(0.0)),
)
NOW = Now(uptime_s=Seconds(1.0), time=Instant(2.0))
FROM_BOX = (Report(now=NOW), Report(now=NOW, status=Status(version="1", live="polling")))


@pytest.mark.parametrize("message", FROM_HUB, ids=lambda message: type(message).__name__)
def test_what_the_hub_says_arrives(message: FromHub) -> None:
    """Under the name of its kind."""
    written = encode(message)
    assert f'"kind":"{type(message).__name__.lower()}"' in written.decode()
    assert read_from_hub(written) == read_from_hub(written.decode()) == message


@pytest.mark.parametrize("message", FROM_BOX, ids=["short", "whole"])
def test_what_a_box_says_arrives(message: Report) -> None:
    """With what lasts, or without."""
    assert read_from_box(encode(message).decode()) == message


@pytest.mark.parametrize("read", [read_from_hub, read_from_box])
def test_a_kind_that_only_a_newer_side_knows_is_none(read: type) -> None:
    """Whatever is in it; so is what only the other side says."""
    assert read('{"kind":"dance","steps":[1,2,{"three":null}]}') is None
    assert read_from_hub(encode(FROM_BOX[0])) is None
    assert read_from_box(encode(FROM_HUB[0])) is None


def test_a_field_that_only_a_newer_side_knows_is_ignored() -> None:
    """And one that is left out takes its default."""
    assert read_from_hub('{"kind":"wake","colour":"red"}') == Wake(within_s=Seconds(0.0))


@pytest.mark.parametrize(
    "content",
    [
        "", "3", "[]", "{}", '{"kind":3}', '{"kind":"wake","within_s":-1}', '{"kind":"wake","within_s":"x"}',
        '{"kind":"watch"}', '{"kind":"welcome","heartbeat_s":1e999}', '{"kind":"orders","commands":[{}]}',
        b"\xff\xfe", "[" * 100_000, '{"kind":"wake","x":"' + "x" * MOST_LIVE_BYTES + '"}',
    ],
    ids=lambda content: str(content[:40]),
)  # fmt: skip
def test_nonsense_is_refused(content: str | bytes) -> None:
    """By one kind of error, with what is wrong."""
    with pytest.raises(ProtocolError):
        read_from_hub(content)


@given(content=st.text() | st.binary())
def test_whatever_comes_is_a_message_or_nonsense(content: str | bytes) -> None:
    """Never anything else."""
    for read in (read_from_hub, read_from_box):
        try:
            assert read(content) is None
        except ProtocolError as error:
            assert str(error)  # noqa: PT017 - that it may raise is the point
