"""Clients that take less than they are sent, and what they cost."""

import tracemalloc

import pytest

from easyplayer.engineio.core.effects import Dropped, Reason
from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.options import Options, SlowClient
from tests.engineio.core.desk import Desk, brief, closed, ended, of, refusal, said

SMALL = Options(queue_packets=3)


def test_a_socket_that_takes_no_bytes_makes_messages_wait() -> None:
    """And takes all of them in their order, once it can."""
    desk = Desk(SMALL)
    sid, line = desk.open_socket()
    desk.engine.paused(line)
    for data in "abc":
        assert desk.send(sid, data) == []
    assert desk.engine.sessions[sid].queued_packets == 3
    assert said(line, desk.engine.resumed(line, desk.now)) == ["4a", "4b", "4c"]
    assert said(line, desk.send(sid, "d")) == ["4d"]
    assert desk.engine.resumed(line, desk.now) == []


def test_a_client_that_is_too_slow_is_closed_and_told() -> None:
    """What waited is thrown away: the client knows that it missed something."""
    desk = Desk(SMALL)
    sid, line = desk.open_socket()
    desk.engine.paused(line)
    for data in "abc":
        desk.send(sid, data)
    effects = desk.send(sid, "d")
    assert said(line, effects) == []
    assert closed(effects) == [(line, 1008, "slow client")]
    assert ended(effects) == [Reason.SLOW_CLIENT]
    assert desk.engine.resumed(line, desk.now) == []
    with pytest.raises(UnknownSessionError):
        desk.send(sid, "e")


def test_a_client_that_polls_too_seldom_is_closed_and_told() -> None:
    """With its next poll."""
    desk = Desk(SMALL)
    sid = desk.open_polling()
    for data in "abc":
        desk.send(sid, data)
    assert ended(desk.send(sid, "d")) == [Reason.SLOW_CLIENT]
    assert refusal(desk.poll(sid)[1])[0] == 400


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(SlowClient.DROP_OLDEST, b"4c\x1e4d\x1e4e"), (SlowClient.DROP_NEWEST, b"4a\x1e4b\x1e4c")],
)
def test_messages_are_thrown_away_where_that_is_wanted(policy: SlowClient, kept: bytes) -> None:
    """And the face is told how many."""
    desk = Desk(Options(queue_packets=3, slow_client=policy))
    sid = desk.open_polling()
    effects = [effect for data in "abcde" for effect in desk.send(sid, data)]
    assert of(Dropped, effects) == [Dropped(sid, 1), Dropped(sid, 1)]
    assert brief(desk.poll(sid)[1]) == (200, kept)


def test_a_ping_waits_too_and_is_never_thrown_away() -> None:
    """A client that stalls for good is closed by the clock."""
    desk = Desk(Options(queue_packets=1, slow_client=SlowClient.DROP_OLDEST))
    sid, line = desk.open_socket()
    desk.engine.paused(line)
    desk.wait(25)
    desk.send(sid, "a")
    desk.send(sid, "b")
    assert said(line, desk.engine.resumed(line, desk.now)) == ["2", "4b"]
    desk.engine.paused(line)
    assert ended(desk.wait(20)) == [Reason.PING_TIMEOUT]


def test_a_line_that_is_nobodys_may_pause_as_it_likes() -> None:
    """A driver may tell so at any time."""
    desk = Desk()
    sid = desk.open_polling()
    poll, _ = desk.poll(sid)
    for line in (poll, 999):
        assert desk.engine.paused(line) == []
        assert desk.engine.resumed(line, desk.now) == []
    assert brief(desk.send(sid, "x"), poll) == (200, b"4x")


def test_a_reader_that_stalls_costs_no_more_than_its_queue() -> None:
    """Of 20 MB that are pushed at it, a megabyte waits at the most, and then it is closed."""
    desk = Desk()
    sid, line = desk.open_socket()
    desk.engine.paused(line)
    tracemalloc.start()
    try:
        pushed = 0
        while sid in desk.engine.sessions and pushed < 200:
            desk.send(sid, "x" * 100_000)
            pushed += 1
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert pushed == 10
    assert most < 4_000_000
    assert desk.engine.sessions == {}


def test_an_idle_session_costs_well_under_a_kilobyte() -> None:
    """Over a WebSocket, with all that the engine keeps of it."""
    desk = Desk()
    for _ in range(10):
        desk.open_socket()
    tracemalloc.start()
    try:
        for _ in range(1000):
            desk.open_socket()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / 1000 < 600
