"""A session over HTTP polling: one request each way at a time, nothing lost without a word."""

import pytest

from easyplayer.engineio.core.effects import Reason, Refused, Respond
from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.packets import Packet, PacketType
from easyplayer.engineio.core.refusals import Refusal
from tests.engineio.core.desk import Desk, answer, brief, ended, heard, of, refusal

UNKNOWN = (400, {"code": 1, "message": "Session ID unknown"})
BAD = (400, {"code": 3, "message": "Bad request"})


@pytest.mark.parametrize(
    ("payload", "messages"),
    [
        (b"4hello", ["hello"]),
        (b"4test1\x1e4test2\x1e4test3", ["test1", "test2", "test3"]),
        (b"4hello\x1ebAQIDBA==", ["hello", bytes([1, 2, 3, 4])]),
        ("4€\x1e4🎵".encode(), ["€", "🎵"]),
        (b"4", [""]),
        (b"3\x1e4x", ["x"]),
        (b"6", []),
        (b"0{}\x1e5\x1e4x", ["x"]),
    ],
)
def test_what_is_posted_comes_in_order(payload: bytes, messages: list[str | bytes]) -> None:
    """And is answered with ok; packets that a client need not send do no harm."""
    desk = Desk()
    sid = desk.open_polling()
    effects = desk.post(sid, payload)
    assert heard(effects) == messages
    assert brief(effects) == (200, b"ok")
    assert ("content-type", "text/html") in answer(effects).headers


def test_what_is_sent_waits_for_the_next_poll() -> None:
    """All of it, in its order, text and bytes."""
    desk = Desk()
    sid = desk.open_polling()
    for data in ("test1", b"\x01\x02\x03\x04", "test3"):
        assert desk.send(sid, data) == []
    assert (desk.engine.sessions[sid].queued_packets, desk.engine.sessions[sid].queued_bytes) == (3, 16)
    line, effects = desk.poll(sid)
    assert brief(effects, line) == (200, b"4test1\x1ebAQIDBA==\x1e4test3")
    assert desk.engine.sessions[sid].queued_packets == 0
    assert desk.poll(sid)[1] == []


def test_a_poll_waits_for_what_is_sent() -> None:
    """The first message answers it; the next waits for the next."""
    desk = Desk()
    sid = desk.open_polling()
    line, effects = desk.poll(sid)
    assert effects == []
    assert brief(desk.send(sid, "a"), line) == (200, b"4a")
    assert desk.send(sid, "b") == []
    assert brief(desk.poll(sid)[1]) == (200, b"4b")


@pytest.mark.parametrize("payload", [b"abc", b"", b"4a\x1e", b"\xff", b"7", b"bA", b"4a\x1e2"])
def test_a_payload_that_makes_no_sense_ends_the_session(payload: bytes) -> None:
    """The client is told; a poll that waits is told to close."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.poll(sid)
    effects = desk.post(sid, payload)
    assert brief([one for one in effects if getattr(one, "line", 0) == line]) == (200, b"1")
    assert refusal([one for one in effects if getattr(one, "line", 0) == line + 1]) == BAD
    assert ended(effects) == [Reason.BAD_PACKET]
    assert refusal(desk.poll(sid)[1]) == UNKNOWN


def test_two_polls_at_once_end_the_session() -> None:
    """The first is told to close, the second is refused, and a third finds nothing."""
    desk = Desk()
    sid = desk.open_polling()
    first, _ = desk.poll(sid)
    second, effects = desk.poll(sid)
    assert brief(effects, first) == (200, b"1")
    assert answer(effects, second).status == 400
    assert ended(effects) == [Reason.DUPLICATE_POLL]
    assert refusal(desk.poll(sid)[1]) == UNKNOWN


@pytest.mark.parametrize("told", [True, False])
def test_two_posts_at_once_end_the_session(told: bool) -> None:
    """Nobody knows which was the first; whether the driver tells of heads or only of whole requests."""
    desk = Desk()
    sid = desk.open_polling()
    head = desk.ask("POST", f"EIO=4&transport=polling&sid={sid}")
    first = desk.line()
    assert desk.engine.posting(first, head, desk.now) == []
    effects = desk.engine.posting(desk.line(), head, desk.now) if told else desk.post(sid, b"4b")
    assert refusal(effects) == BAD
    assert of(Refused, effects)[0].refusal is Refusal.DUPLICATE_REQUEST
    assert ended(effects) == [Reason.DUPLICATE_POLL]
    whole = desk.ask("POST", f"EIO=4&transport=polling&sid={sid}", b"4a")
    assert refusal(desk.engine.http(first, whole, desk.now)) == UNKNOWN


def test_a_post_may_take_its_time() -> None:
    """Its head is told first, then all of it; one after the other there may be many."""
    desk = Desk()
    sid = desk.open_polling()
    for data in (b"a", b"b"):
        line = desk.line()
        head = desk.ask("POST", f"EIO=4&transport=polling&sid={sid}")
        assert desk.engine.posting(line, head, desk.now) == []
        whole = desk.ask("POST", f"EIO=4&transport=polling&sid={sid}", b"4" + data)
        effects = desk.engine.http(line, whole, desk.now)
        assert (heard(effects), brief(effects, line)) == ([data.decode()], (200, b"ok"))


def test_the_head_alone_is_enough_to_be_refused() -> None:
    """So nobody's megabytes are read for nothing."""
    desk = Desk()
    head = desk.ask("POST", "EIO=4&transport=polling&sid=nobody")
    assert refusal(desk.engine.posting(desk.line(), head, desk.now)) == UNKNOWN
    first = desk.ask("POST", "EIO=4&transport=polling")
    assert refusal(desk.engine.posting(desk.line(), first, desk.now))[1] == {
        "code": 2,
        "message": "Bad handshake method",
    }
    sid = desk.open_polling()
    other = desk.ask("GET", f"EIO=4&transport=polling&sid={sid}")
    assert desk.engine.posting(desk.line(), other, desk.now) == []


def test_a_body_that_is_too_long_is_refused_and_does_no_harm() -> None:
    """Whoever notices it: the driver while it reads, or the engine at the end."""
    desk = Desk(Options(max_http_buffer_size=10))
    sid = desk.open_polling()
    assert refusal(desk.post(sid, b"4" + b"x" * 10))[0] == 413

    line = desk.line()
    desk.engine.posting(line, desk.ask("POST", f"EIO=4&transport=polling&sid={sid}"), desk.now)
    effects = desk.engine.too_large(line, desk.now)
    assert refusal(effects)[0] == 413
    assert refusal(desk.engine.too_large(desk.line(), desk.now))[0] == 413

    assert heard(desk.post(sid, b"4" + b"x" * 9)) == ["x" * 9]


def test_a_poll_that_is_cut_ends_the_session_at_once() -> None:
    """What is sent then is refused, not lost; what the client asks then tells it."""
    desk = Desk()
    for _ in range(20):
        sid = desk.open_polling()
        line, _ = desk.poll(sid)
        effects = desk.engine.http_gone(line, desk.now)
        assert ended(effects) == [Reason.POLL_CUT]
        assert of(Respond, effects) == []
        with pytest.raises(UnknownSessionError):
            desk.send(sid, "news")
        assert refusal(desk.poll(sid)[1]) == UNKNOWN


def test_a_post_that_is_cut_ends_the_session_too() -> None:
    """Its packets are lost, and the client must know."""
    desk = Desk()
    sid = desk.open_polling()
    poll, _ = desk.poll(sid)
    line = desk.line()
    desk.engine.posting(line, desk.ask("POST", f"EIO=4&transport=polling&sid={sid}"), desk.now)
    effects = desk.engine.http_gone(line, desk.now)
    assert brief(effects, poll) == (200, b"1")
    assert ended(effects) == [Reason.POLL_CUT]


def test_a_request_that_goes_after_its_answer_does_no_harm() -> None:
    """A driver may tell so of any."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.poll(sid)
    desk.send(sid, "x")
    assert desk.engine.http_gone(line, desk.now) == []
    assert desk.engine.http_gone(999, desk.now) == []
    assert desk.engine.sessions[sid].connected


def test_a_client_that_leaves_has_its_poll_ended() -> None:
    """By a packet that says nothing; what it posts after its goodbye is not taken."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.poll(sid)
    effects = desk.post(sid, b"4last\x1e1\x1e4more")
    assert heard(effects) == ["last"]
    assert brief(effects, line) == (200, b"6")
    assert brief(effects, line + 1) == (200, b"ok")
    assert ended(effects) == [Reason.CLIENT_LEFT]
    assert refusal(desk.poll(sid)[1]) == UNKNOWN


def test_the_application_ends_a_session_whose_poll_waits() -> None:
    """The poll is told to close."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.poll(sid)
    effects = desk.engine.disconnect(sid, desk.now)
    assert brief(effects, line) == (200, b"1")
    assert ended(effects) == [Reason.SERVER_CLOSED]
    assert desk.engine.disconnect(sid, desk.now) == []


def test_the_application_ends_a_session_between_two_polls() -> None:
    """The next poll brings what was sent before, and the goodbye; nothing more can be sent."""
    desk = Desk()
    sid = desk.open_polling()
    desk.send(sid, "last words")
    effects = desk.engine.disconnect(sid, desk.now)
    assert ended(effects) == [Reason.SERVER_CLOSED]
    with pytest.raises(UnknownSessionError):
        desk.send(sid, "more")
    assert not desk.engine.sessions[sid].connected
    assert brief(desk.post(sid, b"4too late")) == (200, b"ok")
    assert heard(desk.post(sid, b"4too late")) == []
    assert brief(desk.poll(sid)[1]) == (200, b"4last words\x1e1")
    assert refusal(desk.poll(sid)[1]) == UNKNOWN


def test_the_goodbye_waits_no_longer_than_a_client_may_be_silent() -> None:
    """Then the session is forgotten, and nobody is told twice."""
    desk = Desk(Options(ping_timeout_s=20))
    sid = desk.open_polling()
    desk.engine.disconnect(sid, desk.now)
    desk.wait(19.9)
    assert sid in desk.engine.sessions
    assert desk.wait(0.2) == []
    assert len(desk.engine) == 0


@pytest.mark.parametrize("how", ["shut down", "rubbish"])
def test_a_goodbye_that_nobody_will_fetch_is_forgotten(how: str) -> None:
    """When the server ends, or the client goes mad."""
    desk = Desk()
    sid = desk.open_polling()
    desk.engine.disconnect(sid, desk.now)
    effects = desk.engine.shut_down(desk.now) if how == "shut down" else desk.post(sid, b"\xff")
    assert ended(effects) == []
    assert len(desk.engine) == 0


def test_a_message_in_a_payload_that_makes_no_sense_is_not_taken() -> None:
    """All or nothing: the client sends it again, in a new session."""
    desk = Desk()
    assert heard(desk.post(desk.open_polling(), b"4good\x1ebad")) == []


def test_a_websocket_for_a_session_that_is_over_is_closed() -> None:
    """It is no session any more."""
    desk = Desk()
    sid = desk.open_polling()
    desk.engine.disconnect(sid, desk.now)
    line, effects = desk.socket(sid)
    assert [type(one).__name__ for one in effects] == ["AcceptSocket", "CloseSocket"]
    assert desk.engine.message(line, "2probe", desk.now) == []


def test_binary_that_says_so_in_its_header_is_taken_too() -> None:
    """The document wants that header of a sender of bytes."""
    desk = Desk()
    sid = desk.open_polling()
    asking = desk.ask(
        "POST",
        f"EIO=4&transport=polling&sid={sid}",
        b"bAQ==",
        [(b"Content-Type", b"application/octet-stream")],
    )
    assert heard(desk.engine.http(desk.line(), asking, desk.now)) == [b"\x01"]


def test_other_packets_can_be_sent_too() -> None:
    """By a server that is made of the core alone."""
    desk = Desk()
    sid = desk.open_polling()
    desk.engine.send(sid, Packet(PacketType.NOOP), desk.now)
    assert brief(desk.poll(sid)[1]) == (200, b"6")
