"""Whether the client is there: asked at intervals, and believed to be gone where it does not answer."""

import pytest

from easyplayer.engineio.core.effects import Effect, Reason
from easyplayer.engineio.core.options import Options
from tests.engineio.core.desk import Desk, brief, closed, ended, refusal, said

QUICK = Options(ping_interval_s=0.3, ping_timeout_s=0.2)


def test_a_socket_is_asked_and_answers() -> None:
    """Interval after interval; the next one begins with the answer."""
    desk = Desk(QUICK)
    sid, line = desk.open_socket()
    for _ in range(3):
        assert desk.wait(0.29) == []
        assert said(line, desk.wait(0.02)) == ["2"]
        desk.wait(0.1)
        assert desk.engine.message(line, "3", desk.now) == []
    assert desk.engine.sessions[sid].connected


def test_a_socket_that_does_not_answer_is_closed() -> None:
    """In time, and the application is told."""
    desk = Desk(QUICK)
    _, line = desk.open_socket()
    assert said(line, desk.wait(0.49)) == ["2"]
    effects = desk.wait(0.02)
    assert closed(effects) == [(line, 1000, "ping timeout")]
    assert ended(effects) == [Reason.PING_TIMEOUT]
    assert desk.engine.next_deadline() is None


def test_a_client_that_polls_is_asked_and_answers() -> None:
    """By the poll that waits, or by the next."""
    desk = Desk(QUICK)
    sid = desk.open_polling()
    for waits in (True, False, True):
        effects: list[Effect]
        if waits:
            line, _ = desk.poll(sid)
            effects = desk.wait(0.31)
        else:
            assert desk.wait(0.31) == []
            line, effects = desk.poll(sid)
        assert brief(effects, line) == (200, b"2")
        assert brief(desk.post(sid, b"3")) == (200, b"ok")
    assert desk.engine.sessions[sid].connected


@pytest.mark.parametrize("polls", [True, False])
def test_a_client_that_polls_but_does_not_answer_is_closed(polls: bool) -> None:
    """And one that does not even poll."""
    desk = Desk(QUICK)
    sid = desk.open_polling()
    line = 0
    if polls:
        desk.poll(sid)
        desk.wait(0.31)
        line, _ = desk.poll(sid)
    effects = desk.wait(0.5)
    assert ended(effects) == [Reason.PING_TIMEOUT]
    if polls:
        assert brief(effects, line) == (200, b"1")
    assert refusal(desk.poll(sid)[1]) == (400, {"code": 1, "message": "Session ID unknown"})


def test_a_poll_too_late_is_refused_even_if_nobody_looked_at_the_clock() -> None:
    """A timer may be late; a session that is over is over."""
    desk = Desk(QUICK)
    sid = desk.open_polling()
    desk.wait(0.31)
    desk.now += 0.2
    _, effects = desk.poll(sid)
    assert ended(effects) == [Reason.PING_TIMEOUT]
    assert refusal(effects)[0] == 400


def test_a_ping_that_is_due_goes_with_the_poll_even_if_nobody_looked_at_the_clock() -> None:
    """It could go no sooner."""
    desk = Desk(QUICK)
    sid = desk.open_polling()
    desk.now += 0.3
    assert brief(desk.poll(sid)[1]) == (200, b"2")


def test_a_server_that_slept_does_not_take_it_out_on_its_clients() -> None:
    """After a ping that went out late, they have their whole time to answer, but for a moment."""
    desk = Desk(QUICK)
    sid, line = desk.open_socket()
    desk.now += 30
    assert said(line, desk.engine.tick(desk.now)) == ["2"]
    assert desk.wait(0.14) == []
    desk.engine.message(line, "3", desk.now)
    desk.wait(0.2)
    assert desk.engine.sessions[sid].connected


def test_an_answer_that_comes_late_but_before_the_clock_is_looked_at_counts() -> None:
    """The server was late, not the client."""
    desk = Desk(QUICK)
    sid, line = desk.open_socket()
    desk.wait(0.31)
    desk.now += 10
    desk.engine.message(line, "3", desk.now)
    assert ended(desk.engine.tick(desk.now)) == []
    assert desk.engine.sessions[sid].connected


def test_answers_that_nobody_asked_for_move_nothing() -> None:
    """Else a client could put off being asked for ever."""
    desk = Desk(QUICK)
    _, line = desk.open_socket()
    desk.wait(0.2)
    desk.engine.message(line, "3", desk.now)
    assert said(line, desk.wait(0.11)) == ["2"]


def test_messages_are_no_answers() -> None:
    """As with the reference server."""
    desk = Desk(QUICK)
    _, line = desk.open_socket()
    desk.wait(0.31)
    desk.engine.message(line, "4x", desk.now)
    assert ended(desk.wait(0.2)) == [Reason.PING_TIMEOUT]


def test_the_clock_is_looked_at_no_more_often_than_it_must() -> None:
    """A thousand idle sessions want one look each in an interval."""
    desk = Desk()
    for _ in range(1000):
        desk.open_socket()
        desk.now += 0.01
    desk.wait(12)
    looks, end = 0, desk.now + 20
    while (due := desk.engine.next_deadline()) is not None and due <= end:
        desk.engine.tick(due)
        looks += 1
    assert looks <= 1000


def test_deadlines_of_sessions_that_are_over_are_not_kept() -> None:
    """However many came and went."""
    desk = Desk()
    desk.open_socket()
    for _ in range(2000):
        _, line = desk.open_socket()
        desk.engine.socket_gone(line, desk.now)
    assert len(desk.engine._deadlines) <= 2 * len(desk.engine) + 66
    desk.engine.shut_down(desk.now)
    assert desk.engine.next_deadline() is None
    assert desk.engine._lines == {}
