"""Frames of RFC 6455."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from easyplayer.engineio.core.errors import FrameError
from easyplayer.engineio.core.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    STRIDE,
    TEXT,
    FrameReader,
    Piece,
    frame,
    masked,
    message_frame,
    text_frame,
)

MASK = b"\x12\x34\x56\x78"
MOST_KEPT_BYTES = 131
"""The longest control frame: two bytes, the mask, and 125."""


def reader(*, from_client: bool = True, most_bytes: int = 2**20) -> FrameReader:
    """Make a reader."""
    return FrameReader(from_client=from_client, most_bytes=most_bytes)


def pieces(one: FrameReader, *reads: bytes) -> list[Piece]:
    """Give all that a reader makes of bytes."""
    found = []
    for data in reads:
        one.feed(data)
        while (piece := one.next_piece()) is not None:
            found.append(piece)
    return found


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        (text_frame("Hello"), "810548656c6c6f"),
        (message_frame("Hello", bytes.fromhex("37fa213d")), "818537fa213d7f9f4d5158"),
        (frame(TEXT, b"Hel", fin=False), "010348656c"),
        (frame(CONTINUATION, b"lo"), "80026c6f"),
        (frame(PING, b"Hello"), "890548656c6c6f"),
        (frame(BINARY, bytes(256))[:4], "827e0100"),
        (frame(BINARY, bytes(65536))[:10], "827f0000000000010000"),
    ],
)
def test_frames_are_written_as_the_standard_shows(written: bytes, wire: str) -> None:
    """The examples of RFC 6455, section 5.7."""
    assert written == bytes.fromhex(wire)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
@pytest.mark.parametrize("mask", [None, MASK])
def test_each_length_is_written_and_read(size: int, mask: bytes | None) -> None:
    """With one, two and eight bytes of length, by either side."""
    payload = bytes(range(256)) * (size // 256 + 1)
    whole = frame(BINARY, payload[:size], mask=mask)

    assert pieces(reader(from_client=mask is not None), whole) == [Piece(BINARY, payload[:size], last=True)]


@given(payload=st.binary(max_size=64), mask=st.binary(min_size=4, max_size=4), times=st.integers(1, 700))
@example(payload=bytes(range(64)), mask=MASK, times=STRIDE // 64)
@example(payload=bytes(range(64)), mask=MASK, times=STRIDE // 64 + 1)
def test_masking_is_exclusive_or_by_four_bytes(payload: bytes, mask: bytes, times: int) -> None:
    """However long the payload is."""
    payload *= times
    expected = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))

    assert masked(payload, mask) == expected


def test_a_long_payload_is_given_on_as_it_comes() -> None:
    """Its first piece has the opcode, the others continue it, and only one is the last."""
    wire = frame(TEXT, b"abcdefghi", mask=MASK)

    assert pieces(reader(), wire[:7], wire[7:11], wire[11:]) == [
        Piece(TEXT, b"a", last=False),
        Piece(CONTINUATION, b"bcde", last=False),
        Piece(CONTINUATION, b"fghi", last=True),
    ]


def test_a_control_frame_is_given_whole_between_fragments() -> None:
    """It is no part of the message."""
    wire = (
        frame(TEXT, b"a", fin=False, mask=MASK) + frame(PING, b"now", mask=MASK) + frame(0, b"b", mask=MASK)
    )

    found = pieces(reader(), *(bytes((byte,)) for byte in wire))

    assert found == [
        Piece(TEXT, b"a", last=False),
        Piece(PING, b"now", last=True),
        Piece(CONTINUATION, b"b", last=True),
    ]


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("c180", "reserved bits"),
        ("a180", "reserved bits"),
        ("9180", "reserved bits"),
        ("8380", "reserved opcode"),
        ("8b80", "reserved opcode"),
        ("8100", "is not masked"),
        ("0980", "in fragments"),
        ("89fe", "too long"),
        ("8080", "continuation of no message"),
        ("0180123456788180", "within a message"),
        ("0180123456780180", "within a message"),
        ("82fe007d", "more bytes than it needs"),
        ("82ff000000000000ffff", "more bytes than it needs"),
        ("82ff8000000000000000", "63 bits"),
    ],
)
def test_what_the_standard_forbids_is_an_error(wire: str, reason: str) -> None:
    """As soon as the bytes that are wrong have come, and with the code for it."""
    with pytest.raises(FrameError, match=reason) as error:
        pieces(reader(), *(bytes((byte,)) for byte in bytes.fromhex(wire)))

    assert error.value.code == 1002


def test_a_server_must_not_mask() -> None:
    """A client fails on a masked frame."""
    with pytest.raises(FrameError, match="is masked"):
        pieces(reader(from_client=False), frame(TEXT, b"", mask=MASK))


@pytest.mark.parametrize("sizes", [[101], [60, 41], [100, 0, 1], [2**40]])
def test_a_message_that_is_too_large_is_an_error_at_its_head(sizes: list[int]) -> None:
    """All its fragments count; nothing of what is too much has to come for it."""
    one = reader(most_bytes=100)
    *fitting, too_much = sizes
    for place, size in enumerate(fitting):
        pieces(one, frame(CONTINUATION if place else BINARY, bytes(size), fin=False, mask=MASK))
    head = b"%c\xff%b" % (0x80 if fitting else 0x82, too_much.to_bytes(8, "big"))
    if too_much < 126:
        head = b"%c%c" % (head[0], 0x80 | too_much)

    with pytest.raises(FrameError, match="100 bytes") as error:
        pieces(one, head)

    assert error.value.code == 1009


def test_messages_up_to_the_limit_are_read_again_and_again() -> None:
    """What one message had does not count for the next."""
    wire = frame(BINARY, bytes(60), fin=False, mask=MASK) + frame(CONTINUATION, bytes(40), mask=MASK)

    found = pieces(reader(most_bytes=100), wire * 3 + frame(BINARY, bytes(100), mask=MASK))

    assert sum(len(piece.payload) for piece in found) == 400


@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_no_more_than_a_head_is_kept(data: bytes, cuts: list[int]) -> None:
    """Whatever comes, in whatever reads: at most a control frame waits for its end."""
    one = reader()
    places = [0, *sorted(cuts), len(data)]
    for start, end in pairwise(places):
        try:
            pieces(one, data[start:end])
        except FrameError:
            return
        assert len(one._data) < MOST_KEPT_BYTES


def test_a_rest_does_not_hold_what_it_came_with() -> None:
    """A byte of the next frame at the end of a large read is all that is kept."""
    one = reader()

    pieces(one, frame(BINARY, bytes(2**18), mask=MASK) + b"\x82")

    assert one._data == b"\x82"


def test_what_was_not_read_can_be_let_go() -> None:
    """After a close nothing that came behind it matters."""
    one = reader()
    one.feed(frame(CLOSE, b"", mask=MASK) + frame(TEXT, b"behind", mask=MASK))
    assert one.next_piece() == Piece(CLOSE, b"", last=True)

    one.forget()

    assert one.next_piece() is None
