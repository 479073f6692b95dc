"""How a session begins, and what is refused: with the status and the words of the reference server."""

import pytest

from easyplayer.engineio.core.effects import (
    AcceptSocket,
    Connected,
    Connecting,
    Reason,
    Refused,
    RefuseSocket,
    Respond,
)
from easyplayer.engineio.core.engine import Engine
from easyplayer.engineio.core.errors import EngineIoError
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.refusals import Refusal
from tests.engineio.core.desk import (
    ADDRESS,
    Desk,
    accepted,
    answer,
    brief,
    closed,
    ended,
    of,
    opening,
    refusal,
    said,
)

POLLING = "EIO=4&transport=polling"
WEBSOCKET = "EIO=4&transport=websocket"


def test_a_polling_session_begins_with_an_open_packet() -> None:
    """With all that the document wants to be in it."""
    desk = Desk(Options(ping_interval_s=0.3, ping_timeout_s=0.2, max_http_buffer_size=1_000_000))
    line = desk.line()
    (connecting,) = desk.engine.http(line, desk.ask("GET", POLLING), desk.now)
    assert isinstance(connecting, Connecting)

    respond, connected = desk.engine.accept(connecting.sid, desk.now)

    assert isinstance(respond, Respond)
    assert (respond.line, respond.response.status) == (line, 200)
    assert ("content-type", "text/plain; charset=UTF-8") in respond.response.headers
    assert respond.response.body == (
        b'0{"sid":"s1","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}'
    )
    assert connected == Connected("s1")


def test_a_socket_session_begins_with_the_handshake_and_an_open_packet() -> None:
    """There is nothing to upgrade to."""
    desk = Desk(Options(ping_interval_s=0.3, ping_timeout_s=0.2))
    line = desk.line()
    (connecting,) = of(Connecting, desk.engine.upgrade(line, desk.ask("GET", WEBSOCKET), desk.now))

    effects = desk.engine.accept(connecting.sid, desk.now, (("x-hub", "1"),))

    assert effects[0] == AcceptSocket(line, (("x-hub", "1"),))
    (content,) = said(line, effects)
    found = opening(content)
    assert (found.sid, found.upgrades) == ("s1", ())
    assert (found.ping_interval, found.ping_timeout, found.max_payload) == (300, 200, 1_000_000)
    assert effects[-1] == Connected("s1")


@pytest.mark.parametrize(
    ("options", "upgrades", "interval"),
    [
        (Options(allow_upgrades=False), (), 25_000),
        (Options(transports=("polling",)), (), 25_000),
        (Options(ping_interval_s=2.5, ping_grace_s=0.75), ("websocket",), 3250),
        (Options(worker="w1"), ("websocket",), 25_000),
    ],
)
def test_the_open_packet_says_what_the_options_say(
    options: Options, upgrades: tuple[str, ...], interval: int
) -> None:
    """No part of a second is lost, and the grace is told."""
    desk = Desk(options, lets_in=False)
    found = opening(answer(desk.engine.accept(desk.open_polling(), desk.now)).body)
    assert (found.upgrades, found.ping_interval) == (upgrades, interval)
    assert found.sid == ("w1-s1" if options.worker else "s1")


REFUSED = [
    ("GET", "EIO=4", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
    ("GET", "EIO=4&transport=webtransport", 0, "Transport unknown"),
    ("GET", "transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"),
    ("POST", POLLING, 2, "Bad handshake method"),
    ("PUT", POLLING, 2, "Bad handshake method"),
    ("HEAD", POLLING, 2, "Bad handshake method"),
    ("OPTIONS", POLLING, 2, "Bad handshake method"),
    ("GET", WEBSOCKET, 3, "Bad request"),
    ("GET", f"{POLLING}&sid=nobody", 1, "Session ID unknown"),
    ("POST", f"{POLLING}&sid=nobody", 1, "Session ID unknown"),
    ("GET", f"{WEBSOCKET}&sid=nobody", 1, "Session ID unknown"),
]


@pytest.mark.parametrize(("method", "query", "code", "message"), REFUSED)
def test_a_bad_request_is_refused_in_the_references_words(
    method: str, query: str, code: int, message: str
) -> None:
    """And no session is begun."""
    desk = Desk()
    effects = desk.engine.http(desk.line(), desk.ask(method, query), desk.now)
    assert refusal(effects) == (400, {"code": code, "message": message})
    assert ("content-type", "application/json") in answer(effects).headers
    assert isinstance(effects[0], Refused)
    assert effects[0].address == ADDRESS
    assert len(desk.engine) == 0
    assert desk.engine.next_deadline() is None


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("EIO=4", 0, "Transport unknown"),
        ("EIO=4&transport=abc", 0, "Transport unknown"),
        (POLLING, 3, "Bad request"),
        ("transport=websocket", 5, "Unsupported protocol version"),
        ("EIO=5&transport=websocket", 5, "Unsupported protocol version"),
        (f"{WEBSOCKET}&sid=nobody", 1, "Session ID unknown"),
    ],
)
def test_a_bad_handshake_is_refused_alike(query: str, code: int, message: str) -> None:
    """The WebSocket is never opened."""
    desk = Desk()
    effects = desk.engine.upgrade(desk.line(), desk.ask("GET", query), desk.now)
    assert refusal(effects) == (400, {"code": code, "message": message})
    assert isinstance(effects[-1], RefuseSocket)
    assert len(desk.engine) == 0


@pytest.mark.parametrize(("transports", "query"), [(("polling",), WEBSOCKET), (("websocket",), POLLING)])
def test_a_transport_that_is_not_wanted_is_unknown(transports: tuple[str, ...], query: str) -> None:
    """Either may be switched off."""
    desk = Desk(Options(transports=transports))
    take = desk.engine.http if query == POLLING else desk.engine.upgrade
    assert refusal(take(desk.line(), desk.ask("GET", query), desk.now)) == (
        400,
        {"code": 0, "message": "Transport unknown"},
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
def test_a_session_knows_two_methods(method: str) -> None:
    """Others are refused, and do it no harm."""
    desk = Desk()
    sid = desk.open_polling()
    effects = desk.engine.http(desk.line(), desk.ask(method, f"{POLLING}&sid={sid}"), desk.now)
    assert refusal(effects) == (400, {"code": 3, "message": "Bad request"})
    assert desk.engine.sessions[sid].connected


def test_each_request_must_name_the_version() -> None:
    """Not only the first: the document says mandatory."""
    desk = Desk()
    sid = desk.open_polling()
    for method in ("GET", "POST"):
        effects = desk.engine.http(desk.line(), desk.ask(method, f"transport=polling&sid={sid}"), desk.now)
        assert refusal(effects)[0] == 400
    assert desk.engine.sessions[sid].connected


# -- the application decides -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("no such box", "no such box"),
        ({"try": "later"}, {"try": "later"}),
        (None, "Forbidden"),
        (False, "Forbidden"),
        ("", "Forbidden"),
        ({1, 2} - {2}, [1]),
        (ValueError("x"), "x"),
    ],
)
def test_a_client_that_is_not_let_in_is_told_why(reason: object, message: object) -> None:
    """In whichever words the application has, over either transport."""
    desk = Desk(lets_in=False)
    sid = desk.open_polling()
    effects = desk.engine.refuse(sid, reason, desk.now)
    assert refusal(effects) == (403, {"code": 4, "message": message})
    assert of(Refused, effects)[0].refusal is Refusal.FORBIDDEN

    sid, line = desk.open_socket()
    effects = desk.engine.refuse(sid, reason, desk.now, status=401, headers=(("www-authenticate", "Bearer"),))
    assert refusal(effects) == (401, {"code": 4, "message": message})
    (refused,) = of(RefuseSocket, effects)
    assert refused.line == line
    assert ("www-authenticate", "Bearer") in refused.response.headers
    assert ended(effects) == []
    assert len(desk.engine) == 0


def test_nobody_can_use_a_session_before_it_is_let_in() -> None:
    """Its name is not known yet, so who knows it guessed."""
    desk = Desk(lets_in=False)
    sid = desk.open_polling()
    assert refusal(desk.poll(sid)[1])[1] == {"code": 1, "message": "Session ID unknown"}
    assert refusal(desk.post(sid, b"4hello"))[0] == 400
    assert refusal(desk.socket(sid)[1])[0] == 400
    assert not desk.engine.sessions[sid].connected


def test_what_is_sent_before_it_is_let_in_comes_with_the_open_packet() -> None:
    """An application may greet while it decides."""
    desk = Desk(lets_in=False)
    sid = desk.open_polling()
    assert desk.send(sid, "hello") == []
    body = answer(desk.engine.accept(sid, desk.now)).body
    assert body.endswith(b"\x1e4hello")

    sid, line = desk.open_socket()
    assert desk.send(sid, b"\x01") == []
    assert said(line, desk.engine.accept(sid, desk.now))[1:] == [b"\x01"]
    assert said(line, desk.send(sid, "at once")) == ["4at once"]


@pytest.mark.parametrize("socket", [False, True])
def test_an_application_that_does_not_answer_is_not_waited_for(socket: bool) -> None:
    """The client may try again later, and what the application says then is passed over."""
    desk = Desk(Options(connect_timeout_s=5), lets_in=False)
    sid = desk.open_socket()[0] if socket else desk.open_polling()
    assert desk.wait(4.9) == []
    effects = desk.wait(0.2)
    assert refusal(effects)[0] == 503
    assert ended(effects) == [Reason.CONNECT_TIMEOUT]
    assert desk.engine.accept(sid, desk.now) == []
    assert desk.engine.refuse(sid, "no", desk.now) == []
    assert len(desk.engine) == 0


@pytest.mark.parametrize("socket", [False, True])
def test_a_client_may_leave_before_it_is_let_in(socket: bool) -> None:
    """The application is told, and nothing is sent to nobody."""
    desk = Desk(lets_in=False)
    line = desk.line()
    if socket:
        desk.engine.upgrade(line, desk.ask("GET", WEBSOCKET), desk.now)
        effects = desk.engine.socket_gone(line, desk.now)
    else:
        desk.engine.http(line, desk.ask("GET", POLLING), desk.now)
        effects = desk.engine.http_gone(line, desk.now)
    assert [type(one).__name__ for one in effects] == ["Disconnected"]
    assert ended(effects) == [Reason.SOCKET_CLOSED if socket else Reason.POLL_CUT]
    assert desk.engine.accept("s1", desk.now) == []


def test_letting_in_twice_changes_nothing() -> None:
    """The second time is passed over, and a poll that waits goes on waiting."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.poll(sid)
    assert desk.engine.accept(sid, desk.now) == []
    assert desk.engine.refuse(sid, "too late", desk.now) == []
    assert brief(desk.send(sid, "x"), line) == (200, b"4x")


def test_a_name_that_is_made_twice_is_an_error() -> None:
    """It would give one client's messages to another."""
    desk = Desk()
    desk.engine = Engine(Options(), lambda: "same")
    desk.open_polling()
    with pytest.raises(EngineIoError):
        desk.open_polling()


# -- limits ----------------------------------------------------------------------------------------


def test_no_more_sessions_than_the_options_allow() -> None:
    """The next one may try again, and is let in once there is room."""
    desk = Desk(Options(most_sessions=2))
    sid = desk.open_polling()
    desk.open_socket()
    for take, query in ((desk.engine.http, POLLING), (desk.engine.upgrade, WEBSOCKET)):
        effects = take(desk.line(), desk.ask("GET", query), desk.now)
        assert refusal(effects) == (503, {"code": 4, "message": "Too many connections"})
        assert of(Refused, effects)[0].refusal is Refusal.TOO_MANY
    desk.post(sid, b"1")
    desk.open_polling()
    assert len(desk.engine) == 2


def test_no_more_sessions_from_one_address_either() -> None:
    """Those from elsewhere are let in; what is counted is forgotten with the sessions."""
    desk = Desk(Options(most_sessions_per_address=1))
    sid = desk.open_polling()
    effects = desk.engine.http(desk.line(), desk.ask("GET", POLLING), desk.now)
    assert refusal(effects)[0] == 503
    assert ("retry-after", "10") in answer(effects).headers
    desk.open_polling(address="192.0.2.8")
    desk.post(sid, b"1")
    desk.open_polling()
    desk.engine.shut_down(desk.now)
    assert desk.engine._by_address == {}


def test_after_the_shutting_down_nobody_is_let_in() -> None:
    """All are told, each over the line that it has."""
    desk = Desk()
    polling, idle = desk.open_polling(), desk.open_polling()
    poll, _ = desk.poll(polling)
    _, socket = desk.open_socket()
    upgrading = desk.open_polling()
    probe = desk.probed(upgrading)
    desk.lets_in = False
    desk.open_polling()

    effects = desk.engine.shut_down(desk.now)

    assert brief([one for one in effects if getattr(one, "line", 0) == poll]) == (200, b"1")
    assert {(line, code) for line, code, _ in closed(effects)} == {(socket, 1001), (probe, 1000)}
    assert set(ended(effects)) == {Reason.SHUTDOWN}
    assert len(ended(effects)) == 5
    assert len(desk.engine) == 0
    assert refusal(desk.engine.http(desk.line(), desk.ask("GET", POLLING), desk.now)) == (
        503,
        {"code": 4, "message": "Shutting down"},
    )
    assert refusal(desk.poll(idle)[1])[0] == 400
    assert accepted(effects) == []
