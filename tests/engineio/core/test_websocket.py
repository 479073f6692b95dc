"""A WebSocket after its opening handshake, both sides of it."""

import random
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.core.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MOST_CONTROL_BYTES,
    PING,
    PONG,
    TEXT,
    CloseCode,
    frame,
    message_frame,
)
from easyplayer.engineio.core.websocket import (
    MOST_LATE_BYTES,
    Closed,
    Failed,
    Pong,
    SocketEvent,
    State,
    WebSocket,
)

MASK = b"\x12\x34\x56\x78"
MOST_BYTES = 2000
KIBIBYTE = 1024
FRAGMENTS = 2000

messages = st.lists(st.text(max_size=40) | st.binary(max_size=300), max_size=6)
codes = st.sampled_from([1000, 1001, 1003, 1008, 1011, 1014, 3000, 4999])


def server(most_bytes: int = MOST_BYTES) -> WebSocket:
    """Make a server's end."""
    return WebSocket(client=False, most_bytes=most_bytes)


def client(most_bytes: int = MOST_BYTES) -> WebSocket:
    """Make a client's end, which masks the same in each run."""
    return WebSocket(client=True, most_bytes=most_bytes, make_mask=lambda: MASK)


def from_client(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """Write a frame of a client."""
    return frame(opcode, payload, fin=fin, mask=MASK)


def heard(socket: WebSocket, *reads: bytes) -> list[SocketEvent]:
    """Give all that a WebSocket makes of bytes."""
    return [event for data in reads for event in socket.receive(data)]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut bytes at places, which may be anywhere."""
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


# -- messages ---------------------------------------------------------------------------------------------


@given(sent=messages, places=st.lists(st.integers(0, 10_000), max_size=10), by_client=st.booleans())
def test_messages_arrive_as_they_were_sent(
    sent: list[str | bytes], places: list[int], by_client: bool
) -> None:
    """From either side, in order, however the bytes are split on their way."""
    here, there = (client(), server()) if by_client else (server(), client())

    wire = b"".join(map(here.send, sent))

    assert heard(there, *cut(wire, places)) == sent


def test_a_message_may_be_split_at_every_byte() -> None:
    """Short and long ones, in every way to split them in two."""
    sent = ["größer", "x" * 200, b"\x00" * 130, ""]
    wire = b"".join(map(client().send, sent))

    for place in range(len(wire) + 1):
        assert heard(server(), wire[:place], wire[place:]) == sent


@given(text=st.text(max_size=60), places=st.lists(st.integers(0, 300), max_size=5), binary=st.booleans())
def test_a_message_may_come_in_fragments(text: str, places: list[int], binary: bool) -> None:
    """Cut within characters, in empty fragments, and with pings between them."""
    first, *others = cut(text.encode(), places)
    wire = from_client(BINARY if binary else TEXT, first, fin=not others)
    for number, fragment in enumerate(others, start=1):
        wire += from_client(PING, b"?") + from_client(CONTINUATION, fragment, fin=number == len(others))
    socket = server()

    assert heard(socket, wire) == [text.encode() if binary else text]
    assert socket.to_send() == frame(PONG, b"?") * len(others)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_a_text_that_is_not_utf8_fails(bad: bytes) -> None:
    """In one frame, and as soon as it can be known where it comes in pieces."""
    failed = [Failed(1007, "a text that is not UTF-8")]

    assert heard(server(), from_client(TEXT, b"ok" + bad)) == failed
    assert heard(server(), from_client(TEXT, b"ok", fin=False), from_client(CONTINUATION, bad)) == failed


def test_a_bad_text_fails_before_it_has_come_whole() -> None:
    """Nothing more of it is kept then."""
    wire = from_client(TEXT, b"good" * 100 + b"\xff" + b"never" * 100)

    assert heard(server(), wire[:409]) == [Failed(1007, "a text that is not UTF-8")]


def test_a_text_may_stop_within_a_character() -> None:
    """As long as its other bytes come."""
    wire = from_client(TEXT, "€".encode())

    assert heard(server(), wire[:7], wire[7:8], wire[8:]) == ["€"]


def test_a_message_that_is_too_large_is_refused_at_its_head() -> None:
    """With the code for it; the limit is of the bytes."""
    socket = server(most_bytes=10)

    assert heard(socket, from_client(TEXT, b"x" * 10)) == ["x" * 10]
    assert heard(socket, from_client(TEXT, b"x" * 11)[:2]) == [Failed(1009, "a message over 10 bytes")]
    assert socket.to_send() == frame(CLOSE, (1009).to_bytes(2, "big") + b"a message over 10 bytes")


# -- control frames ---------------------------------------------------------------------------------------


def test_each_ping_is_answered_once() -> None:
    """With its own payload, masked where we are the client."""
    socket = client()

    assert heard(socket, frame(PING, b"one") + frame(PING)) == []
    assert socket.to_send() == frame(PONG, b"one", mask=MASK) + frame(PONG, b"", mask=MASK)
    assert socket.to_send() == b""


def test_a_pong_is_told() -> None:
    """Whether it was asked for or not."""
    here, there = client(), server()

    assert heard(there, here.ping(b"there?")) == []
    assert heard(here, there.to_send(), frame(PONG)) == [Pong(b"there?"), Pong(b"")]


def test_pings_are_answered_as_fast_as_they_come() -> None:
    """Twenty thousand in one read cost no more each than a few."""
    socket = server()
    wire = from_client(PING) * 20_000

    assert heard(socket, wire) == []
    assert socket.to_send() == frame(PONG) * 20_000


# -- closing ----------------------------------------------------------------------------------------------


@given(code=codes, reason=st.text(max_size=30), by_client=st.booleans())
def test_a_close_is_answered_with_its_code(code: int, reason: str, by_client: bool) -> None:
    """Each side is told once; then both are closed and say nothing more."""
    here, there = (client(), server()) if by_client else (server(), client())

    closing = here.close(code, reason)
    assert here.state is State.CLOSING
    assert heard(there, closing) == [Closed(code, reason)]
    assert heard(here, there.to_send()) == [Closed(code, "")]

    for each in (here, there):
        assert each.state is State.CLOSED
        assert (each.send("more"), each.ping(), each.close(), each.to_send()) == (b"", b"", b"", b"")
        assert heard(each, message_frame("more", MASK)) == []


def test_who_talks_on_after_our_close_is_read_no_further() -> None:
    """Its answer is waited for among what it may have sent before; a flood costs nothing."""
    patient, flooded = client(2 * MOST_LATE_BYTES), client(2 * MOST_LATE_BYTES)
    for each in (patient, flooded):
        each.close()
    heard(patient, message_frame("x" * (MOST_LATE_BYTES // 2)))
    heard(flooded, message_frame("x" * MOST_LATE_BYTES))

    assert heard(patient, frame(CLOSE)) == [Closed(CloseCode.NO_CODE, "")]
    assert heard(flooded, frame(CLOSE)) == []
    assert flooded.state is State.CLOSED


def test_a_close_may_have_no_code() -> None:
    """It counts as 1005, and is answered in kind."""
    here, there = client(), server()

    assert heard(there, here.close(1005)) == [Closed(1005, "")]
    assert there.to_send() == frame(CLOSE, b"")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_a_close_with_a_code_that_may_not_be_sent_fails(code: int) -> None:
    """It is a breach of the protocol, as is half a code."""
    failed = [Failed(1002, "a close code that is none")]

    assert heard(server(), from_client(CLOSE, code.to_bytes(2, "big"))) == failed
    assert heard(server(), from_client(CLOSE, b"\x03")) == failed


def test_a_reason_that_is_not_utf8_fails() -> None:
    """A reason is text too."""
    assert heard(server(), from_client(CLOSE, b"\x03\xe8\xff")) == [Failed(1007, "a text that is not UTF-8")]


@given(reason=st.text(min_size=1, max_size=6).map(lambda text: text * 130))
def test_a_long_reason_is_cut_between_characters(reason: str) -> None:
    """It has to fit into a control frame."""
    (closed,) = heard(client(), server().close(1000, reason))

    assert isinstance(closed, Closed)
    assert reason.encode(errors="replace").startswith(closed.reason.encode())
    assert len(closed.reason.encode()) <= MOST_CONTROL_BYTES - 2


def test_messages_that_come_after_we_have_closed_are_passed_over() -> None:
    """Until the other side's close comes; a violation still fails."""
    socket, other = server(), server()
    for each in (socket, other):
        each.close()
    late = from_client(TEXT, b"late") + from_client(TEXT, b"la", fin=False) + from_client(PING)

    assert heard(socket, late, from_client(CLOSE)) == [Closed(1005, "")]
    assert heard(other, late, b"\xff\xff") == [Failed(1002, "reserved bits are set")]
    assert socket.to_send() == other.to_send() == b""


def test_who_closes_within_a_read_hears_no_more_of_it() -> None:
    """What follows the message that made us close is not delivered."""
    socket = server()
    events = []
    for event in socket.receive(from_client(TEXT, b"one") + from_client(TEXT, b"two")):
        events.append(event)
        socket.close(1008)

    assert events == ["one"]


def test_an_answer_still_goes_out_before_a_violation_is_seen() -> None:
    """Where both the message and the violation come in one read."""
    socket = server()
    wire = from_client(TEXT, b"one") + b"\xff\xff"

    answers = [(event, socket.send("answer")) for event in socket.receive(wire)]

    assert answers == [("one", frame(TEXT, b"answer")), (Failed(1002, "reserved bits are set"), b"")]


# -- whatever comes ---------------------------------------------------------------------------------------


@st.composite
def wires(draw: st.DrawFn) -> bytes:
    """Make bytes that are frames mostly: of any kind, in any order, with mistakes among them."""
    wire = b""
    for _ in range(draw(st.integers(0, 8))):
        opcode = draw(st.sampled_from([TEXT, BINARY, CONTINUATION, PING, PONG, CLOSE, 3, 11]))
        payload = draw(st.binary(max_size=20) | st.text(max_size=20).map(str.encode) | st.just(bytes(300)))
        written = bytearray(frame(opcode, payload, fin=draw(st.booleans()), mask=MASK))
        if draw(st.integers(0, 9)) == 0:
            written[draw(st.integers(0, len(written) - 1))] ^= 1 << draw(st.integers(0, 7))
        wire += written
    return wire


@given(wire=wires() | st.binary(max_size=100), places=st.lists(st.integers(0, 3000), max_size=6))
def test_whatever_comes_means_the_same_however_it_is_split(wire: bytes, places: list[int]) -> None:
    """The same events, the same answers, and never an exception."""
    whole, split, by_bytes = server(most_bytes=500), server(most_bytes=500), server(most_bytes=500)

    events = heard(whole, wire)

    assert heard(split, *cut(wire, places)) == events
    assert heard(by_bytes, *(bytes((byte,)) for byte in wire)) == events
    assert whole.to_send() == split.to_send() == by_bytes.to_send()
    assert whole.state is split.state is by_bytes.state
    assert [event for event in events[:-1] if isinstance(event, Closed | Failed)] == []


@given(wire=wires() | st.binary(max_size=100))
def test_a_client_too_stands_whatever_comes(wire: bytes) -> None:
    """A server's frames are not masked, so that these are mostly wrong."""
    socket = client()

    events = heard(socket, wire, bytes(byte & 0x7F if place % 2 else byte for place, byte in enumerate(wire)))

    assert len([event for event in events if isinstance(event, Closed | Failed)]) <= 1


# -- memory -----------------------------------------------------------------------------------------------


def kept(count: int, wire: bytes = b"") -> float:
    """Tell how many bytes each of so many WebSockets keeps after it has read something."""
    sockets: list[WebSocket] = []
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(count):
            sockets.append(server())
            heard(sockets[-1], wire)
            sockets[-1].to_send()
        return (tracemalloc.get_traced_memory()[0] - before) / count
    finally:
        tracemalloc.stop()


def test_an_idle_websocket_keeps_less_than_500_bytes() -> None:
    """New, and after all kinds of traffic, of which nothing stays."""
    traffic = from_client(PING, b"?") + from_client(TEXT, b"a", fin=False) + from_client(CONTINUATION, b"b")

    assert kept(300) < 500
    assert kept(300, traffic + from_client(BINARY, bytes(1500))) < 500


def test_a_message_in_tiny_fragments_takes_no_more_than_its_bytes() -> None:
    """Twenty thousand fragments, most of them empty, take no room of their own."""
    socket = server(most_bytes=8 * KIBIBYTE)
    fragment = from_client(CONTINUATION, b"\xc3", fin=False) + from_client(CONTINUATION, b"\xa4", fin=False)
    empty = from_client(CONTINUATION, b"", fin=False) * 8
    heard(socket, from_client(TEXT, b"", fin=False))

    tracemalloc.start()
    for _ in range(FRAGMENTS):
        heard(socket, fragment + empty)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 200 * KIBIBYTE
    assert heard(socket, from_client(CONTINUATION)) == ["ä" * FRAGMENTS]


def test_a_client_needs_its_masks() -> None:
    """It is a mistake of ours not to give them."""
    with pytest.raises(ValueError, match="make_mask"):
        WebSocket(client=True, most_bytes=1)


def test_each_message_of_a_client_has_another_mask() -> None:
    """As it is given them."""
    chance = random.Random(1)
    socket = WebSocket(client=True, most_bytes=1, make_mask=lambda: chance.randbytes(4))

    assert len({socket.send("same") for _ in range(100)}) == 100
