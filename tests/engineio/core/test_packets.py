"""Packets and payloads: written as the protocol's document says, and read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.core.errors import PacketError
from easyplayer.engineio.core.packets import (
    CLOSE,
    NOOP,
    PING,
    PROBE,
    PROBED,
    SEPARATOR,
    Packet,
    PacketType,
    from_message,
    packets_of,
    payload_of,
)

MESSAGE = PacketType.MESSAGE
texts = st.text(st.characters(codec="utf-8"), max_size=40)
packets = st.builds(Packet, st.sampled_from(PacketType), texts) | st.builds(
    Packet, st.just(MESSAGE), st.binary(max_size=40)
)


@pytest.mark.parametrize(
    ("packet", "message", "part"),
    [
        (Packet(MESSAGE, "hello"), "4hello", b"4hello"),
        (Packet(MESSAGE, ""), "4", b"4"),
        (Packet(MESSAGE, "€ 🎵"), "4€ 🎵", "4€ 🎵".encode()),
        (Packet(MESSAGE, bytes([1, 2, 3, 4])), bytes([1, 2, 3, 4]), b"bAQIDBA=="),
        (Packet(MESSAGE, b""), b"", b"b"),
        (Packet(PacketType.OPEN, "{}"), "0{}", b"0{}"),
        (CLOSE, "1", b"1"),
        (PING, "2", b"2"),
        (PROBE, "2probe", b"2probe"),
        (PROBED, "3probe", b"3probe"),
        (Packet(PacketType.UPGRADE), "5", b"5"),
        (NOOP, "6", b"6"),
    ],
    ids=repr,
)
def test_each_kind_is_written_as_the_document_says(packet: Packet, message: str | bytes, part: bytes) -> None:
    """As one message of a WebSocket, and as a part of a payload; both are read back."""
    assert packet.message == message
    assert packet.payload_part == part
    assert from_message(message) == packet
    assert packets_of(part) == [packet]


def test_a_payload_puts_a_separator_between_its_packets() -> None:
    """The examples of the document."""
    hello, world = Packet(MESSAGE, "hello"), Packet(MESSAGE, "world")
    assert payload_of([hello, PING, world]) == b"4hello\x1e2\x1e4world"
    assert payload_of([hello, Packet(MESSAGE, bytes([1, 2, 3, 4]))]) == b"4hello\x1ebAQIDBA=="
    assert packets_of(b"4hello\x1e2\x1e4world") == [hello, PING, world]


@given(some=st.lists(packets, min_size=1, max_size=8))
def test_what_is_written_is_read_the_same(some: list[Packet]) -> None:
    """Whatever is in it but for the separator, which the protocol has no way to write."""
    clean = [one for one in some if isinstance(one.data, bytes) or SEPARATOR not in one.data]
    if clean:
        assert packets_of(payload_of(clean)) == clean
    for packet in some:
        assert from_message(packet.message) == packet


@given(packet=packets)
def test_the_size_is_that_of_the_message_on_the_wire(packet: Packet) -> None:
    """Bytes, not characters; and the frame has it in it."""
    message = packet.message
    wire = message.encode() if isinstance(message, str) else message
    assert packet.size == len(wire)
    assert packet.frame.endswith(wire)
    assert packet.frame is packet.frame


def test_what_it_looks_like_is_made_once() -> None:
    """A broadcast to a thousand sockets frames once."""
    packet = Packet(MESSAGE, "x" * 300)
    assert packet.message is packet.message
    assert packet.payload_part is packet.payload_part
    assert packet.frame is packet.frame


@pytest.mark.parametrize(
    "message", ["", "7", "abc", " 4", "x", "\x1e", "٤hello", "b@", "bA", "bAQIDBA", "b===="]
)
def test_what_is_no_packet_is_refused(message: str) -> None:
    """No type, one that there is not, a digit of another script, or base64 that is none."""
    with pytest.raises(PacketError):
        from_message(message)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x1e",
        b"4hello\x1e",
        b"\x1e4hello",
        b"4a\x1e\x1e4b",
        b"4hello\xff",
        b"abc",
        b"bAQ\nID",
        b"bAQ==ID==",
        b"b AQID",
        "bäöü".encode(),
        b"\xed\xa0\x80",
    ],
)
def test_a_payload_is_good_to_its_end_or_none(payload: bytes) -> None:
    """An empty part, bytes that are no UTF-8, and base64 with anything else in it."""
    with pytest.raises(PacketError):
        packets_of(payload)


@given(rubbish=st.binary(max_size=60))
def test_rubbish_is_a_packet_error_and_nothing_else(rubbish: bytes) -> None:
    """Whatever comes. What is read at all is written as it came, but for base64 that says it otherwise."""
    try:
        found = packets_of(rubbish)
    except PacketError:
        return
    assert packets_of(payload_of(found)) == found


def test_packets_are_told_apart_by_what_they_carry() -> None:
    """Text is not bytes, and a packet is no text."""
    assert Packet(MESSAGE, "") != Packet(MESSAGE, b"")
    assert Packet(MESSAGE, "a") != "4a"
    assert len({Packet(MESSAGE, "a"), Packet(MESSAGE, "a"), Packet(MESSAGE, b"a")}) == 2
    assert "secret" not in repr(Packet(MESSAGE, "secret"))
