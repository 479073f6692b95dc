"""A session over a WebSocket from its beginning."""

import pytest

from easyplayer.engineio.core.effects import CloseSocket, Reason, Send
from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.packets import Packet, PacketType
from tests.engineio.core.desk import Desk, closed, ended, heard, refusal, said


def test_messages_go_both_ways_at_once() -> None:
    """Text and bytes, each as it was."""
    desk = Desk()
    sid, line = desk.open_socket()
    for message, data in (
        ("4hello", "hello"),
        (b"\x01\x02", b"\x01\x02"),
        ("4", ""),
        (b"", b""),
        ("bAQ==", b"\x01"),
    ):
        assert heard(desk.engine.message(line, message, desk.now)) == [data]
    assert said(line, desk.send(sid, "hello")) == ["4hello"]
    assert said(line, desk.send(sid, b"\x01")) == [b"\x01"]
    assert desk.engine.sessions[sid].transport == "websocket"


def test_a_broadcast_makes_one_packet_for_all() -> None:
    """Each socket is given the same one, which frames itself once."""
    desk = Desk()
    sids = [desk.open_socket()[0] for _ in range(3)]
    packet = Packet(PacketType.MESSAGE, "news")
    sent = [effect for sid in sids for effect in desk.engine.send(sid, packet, desk.now)]
    assert all(isinstance(one, Send) and one.packet is packet for one in sent)


@pytest.mark.parametrize("message", ["abc", "", "7", "2", "2probe", "b="])
def test_a_message_that_makes_no_sense_ends_the_session(message: str) -> None:
    """A ping among them: it is the server that asks."""
    desk = Desk()
    sid, line = desk.open_socket()
    effects = desk.engine.message(line, message, desk.now)
    assert closed(effects) == [(line, 1002, "bad packet")]
    assert ended(effects) == [Reason.BAD_PACKET]
    assert desk.engine.message(line, "4more", desk.now) == []
    with pytest.raises(UnknownSessionError):
        desk.send(sid, "x")


@pytest.mark.parametrize("message", ["0{}", "3", "5", "6"])
def test_a_packet_that_a_client_need_not_send_does_no_harm(message: str) -> None:
    """It is passed over, as the reference server does."""
    desk = Desk()
    sid, line = desk.open_socket()
    assert desk.engine.message(line, message, desk.now) == []
    assert desk.engine.sessions[sid].connected


def test_a_client_that_leaves_has_its_socket_closed() -> None:
    """And nothing comes of what it says then."""
    desk = Desk()
    _, line = desk.open_socket()
    effects = desk.engine.message(line, "1", desk.now)
    assert closed(effects) == [(line, 1000, "client left")]
    assert ended(effects) == [Reason.CLIENT_LEFT]
    assert desk.engine.socket_gone(line, desk.now) == []
    assert len(desk.engine) == 0


@pytest.mark.parametrize("failed", [False, True])
def test_a_socket_that_goes_takes_its_session_with_it(failed: bool) -> None:
    """Nothing is done to what is not there any more."""
    desk = Desk()
    _, line = desk.open_socket()
    effects = desk.engine.socket_gone(line, desk.now, failed=failed)
    assert ended(effects) == [Reason.SOCKET_FAILED if failed else Reason.SOCKET_CLOSED]
    assert closed(effects) == []


def test_a_message_that_is_too_long_ends_the_session() -> None:
    """With the code that says so."""
    desk = Desk()
    _, line = desk.open_socket()
    effects = desk.engine.too_large(line, desk.now)
    assert closed(effects) == [(line, 1009, "too large")]
    assert ended(effects) == [Reason.TOO_LARGE]


def test_the_application_ends_a_session() -> None:
    """After what it has sent, even where that had to wait."""
    desk = Desk()
    sid, line = desk.open_socket()
    desk.engine.paused(line)
    desk.send(sid, "last words")
    effects = desk.engine.disconnect(sid, desk.now)
    assert said(line, effects) == ["4last words"]
    assert effects.index(CloseSocket(line, 1000, "server closed")) == 1
    assert ended(effects) == [Reason.SERVER_CLOSED]


def test_plain_requests_know_nothing_of_a_sockets_session() -> None:
    """They are refused, and do it no harm."""
    desk = Desk()
    sid, line = desk.open_socket()
    assert refusal(desk.poll(sid)[1]) == (400, {"code": 3, "message": "Bad request"})
    assert refusal(desk.post(sid, b"4x"))[0] == 400
    plain = desk.ask("GET", f"EIO=4&transport=websocket&sid={sid}")
    assert refusal(desk.engine.http(desk.line(), plain, desk.now))[0] == 400
    assert heard(desk.engine.message(line, "4still here", desk.now)) == ["still here"]


def test_a_second_socket_of_a_session_is_opened_and_closed() -> None:
    """The first goes on."""
    desk = Desk()
    sid, first = desk.open_socket()
    second, effects = desk.socket(sid)
    assert [type(one).__name__ for one in effects] == ["AcceptSocket", "CloseSocket"]
    assert closed(effects)[0][:2] == (second, 1000)
    assert desk.engine.message(second, "4x", desk.now) == []
    assert heard(desk.engine.message(first, "4x", desk.now)) == ["x"]


def test_nothing_is_taken_before_the_handshake_is_over() -> None:
    """A client cannot send anything before it is let in."""
    desk = Desk(lets_in=False)
    _, line = desk.open_socket()
    assert desk.engine.message(line, "4early", desk.now) == []
    assert desk.engine.paused(line) == []
    desk.engine.accept("s1", desk.now)
    assert desk.send("s1", "x") == []
    assert said(line, desk.engine.resumed(line, desk.now)) == ["4x"]
