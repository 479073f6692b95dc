"""From polling to a WebSocket: nothing lost, nothing twice, nothing out of order, and nothing wedged."""

from random import Random

import pytest

from easyplayer.engineio.core.effects import Reason, Upgraded, UpgradeFailed
from easyplayer.engineio.core.options import Options
from tests.engineio.core.desk import (
    Desk,
    accepted,
    brief,
    closed,
    ended,
    heard,
    refusal,
    said,
)
from tests.engineio.core.wire import Wire


def test_a_session_goes_over_as_the_document_says() -> None:
    """The probe is answered, the poll is ended, and the rest goes over the socket."""
    desk = Desk()
    sid = desk.open_polling()
    line, effects = desk.socket(sid)
    assert accepted(effects) == [line]
    assert said(line, desk.engine.message(line, "2probe", desk.now)) == ["3probe"]
    assert brief(desk.poll(sid)[1]) == (200, b"6")
    assert desk.engine.message(line, "5", desk.now) == [Upgraded(sid)]
    assert heard(desk.engine.message(line, "4hello", desk.now)) == ["hello"]
    assert said(line, desk.send(sid, "hello")) == ["4hello"]
    assert desk.engine.sessions[sid].transport == "websocket"


def test_the_poll_that_waits_is_ended_by_the_probe_and_not_before() -> None:
    """A socket alone changes nothing: what is sent still goes with the poll."""
    desk = Desk()
    sid = desk.open_polling()
    poll, _ = desk.poll(sid)
    line, _ = desk.socket(sid)
    assert brief(desk.send(sid, "by poll"), poll) == (200, b"4by poll")
    poll, _ = desk.poll(sid)
    effects = desk.engine.message(line, "2probe", desk.now)
    assert said(line, effects) == ["3probe"]
    assert brief(effects, poll) == (200, b"6")


def test_what_is_sent_meanwhile_goes_over_the_socket_in_order() -> None:
    """And no noop with it."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    for data in "abc":
        assert desk.send(sid, data) == []
    assert brief(desk.poll(sid)[1]) == (200, b"6")
    effects = desk.engine.message(line, "5", desk.now)
    assert effects[0] == Upgraded(sid)
    assert said(line, effects) == ["4a", "4b", "4c"]
    assert desk.wait(5) == []


def test_what_is_posted_meanwhile_is_taken() -> None:
    """A client may have had it under way."""
    desk = Desk()
    sid = desk.open_polling()
    desk.probed(sid)
    assert heard(desk.post(sid, b"4by post")) == ["by post"]


def test_a_client_that_goes_on_polling_is_not_driven_to_hurry() -> None:
    """Its first poll is ended at once, the next a moment later: it cannot spin."""
    desk = Desk()
    sid = desk.open_polling()
    desk.probed(sid)
    assert brief(desk.poll(sid)[1]) == (200, b"6")
    line, effects = desk.poll(sid)
    assert effects == []
    assert desk.wait(0.09) == []
    assert brief(desk.wait(0.02), line) == (200, b"6")


def test_the_poll_that_waits_is_ended_when_the_session_goes_over() -> None:
    """It brings nothing, so that nothing can come out of order."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    desk.poll(sid)
    poll, _ = desk.poll(sid)
    desk.send(sid, "x")
    effects = desk.engine.message(line, "5", desk.now)
    assert brief(effects, poll) == (200, b"6")
    assert said(line, effects) == ["4x"]


def test_after_it_requests_are_refused_and_other_sockets_closed() -> None:
    """The session goes on over the one that it has."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.upgraded(sid)
    assert refusal(desk.poll(sid)[1]) == (400, {"code": 3, "message": "Bad request"})
    assert refusal(desk.post(sid, b"4x"))[0] == 400
    other, effects = desk.socket(sid)
    assert (accepted(effects), closed(effects)[0][0]) == ([other], other)
    assert heard(desk.engine.message(line, "4hello", desk.now)) == ["hello"]


def test_only_one_socket_at_a_time_may_try() -> None:
    """Another one is opened and closed; the first goes on trying."""
    desk = Desk()
    sid = desk.open_polling()
    first, _ = desk.socket(sid)
    second, effects = desk.socket(sid)
    assert closed(effects)[0][0] == second
    assert desk.engine.message(second, "2probe", desk.now) == []
    assert said(first, desk.engine.message(first, "2probe", desk.now)) == ["3probe"]


def test_a_probe_may_ask_twice() -> None:
    """Each is answered."""
    desk = Desk()
    line = desk.probed(desk.open_polling())
    assert said(line, desk.engine.message(line, "2probe", desk.now)) == ["3probe"]


def test_where_upgrades_are_not_wanted_they_are_refused() -> None:
    """Though the client was not told that there are any."""
    desk = Desk(Options(allow_upgrades=False))
    sid = desk.open_polling()
    assert refusal(desk.socket(sid)[1]) == (400, {"code": 3, "message": "Bad request"})
    assert desk.engine.sessions[sid].connected


# -- a hostile way -----------------------------------------------------------------------------------


def assert_whole(desk: Desk, sid: str) -> None:
    """Check that a session polls as if nothing had been, and can still go over."""
    session = desk.engine.sessions[sid]
    assert (session.connected, session.transport, session.upgrading) == (True, "polling", False)
    assert brief(desk.poll(sid)[1]) == (200, b"4waited")
    line, effects = desk.poll(sid)
    assert effects == []
    assert brief(desk.send(sid, "more"), line) == (200, b"4more")
    assert heard(desk.post(sid, b"4up")) == ["up"]
    line = desk.upgraded(sid)
    assert said(line, desk.send(sid, "over")) == ["4over"]


@pytest.mark.parametrize("probed", [False, True])
@pytest.mark.parametrize("failed", [False, True])
def test_a_socket_that_dies_leaves_the_session_whole(probed: bool, failed: bool) -> None:
    """Before the probe, or after its answer."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid) if probed else desk.socket(sid)[0]
    desk.send(sid, "waited")
    effects = desk.engine.socket_gone(line, desk.now, failed=failed)
    assert effects == [UpgradeFailed(sid)]
    assert_whole(desk, sid)


@pytest.mark.parametrize("probed", [False, True])
def test_a_socket_that_falls_silent_leaves_the_session_whole(probed: bool) -> None:
    """It is closed once its time is over; a silent one never stood in the way."""
    desk = Desk(Options(upgrade_timeout_s=10))
    sid = desk.open_polling()
    line = desk.probed(sid) if probed else desk.socket(sid)[0]
    if not probed:
        desk.send(sid, "at once")
        assert brief(desk.poll(sid)[1]) == (200, b"4at once")
    desk.send(sid, "waited")
    assert desk.wait(9.9) == []
    effects = desk.wait(0.2)
    assert closed(effects) == [(line, 1000, "too late")]
    assert desk.engine.socket_gone(line, desk.now) == []
    assert_whole(desk, sid)


@pytest.mark.parametrize("message", ["abc", "", "2", "3probe", "4x", "5", "1", b"\x01", "2Probe"])
def test_a_socket_that_talks_nonsense_leaves_the_session_whole(message: str | bytes) -> None:
    """It is closed; going over without having asked is nonsense too."""
    desk = Desk()
    sid = desk.open_polling()
    line, _ = desk.socket(sid)
    desk.send(sid, "waited")
    effects = desk.engine.message(line, message, desk.now)
    assert closed(effects) == [(line, 1000, "no probe")]
    assert heard(effects) == []
    assert_whole(desk, sid)


def test_a_socket_that_sends_too_much_leaves_the_session_whole() -> None:
    """It was not the session's yet."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    desk.send(sid, "waited")
    assert closed(desk.engine.too_large(line, desk.now)) == [(line, 1000, "too large")]
    assert_whole(desk, sid)


def test_when_the_socket_dies_the_poll_that_waits_brings_what_waited() -> None:
    """At once, not at the next message."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    desk.poll(sid)
    poll, _ = desk.poll(sid)
    desk.send(sid, "waited")
    assert brief(desk.engine.socket_gone(line, desk.now), poll) == (200, b"4waited")


def test_only_the_socket_itself_can_speak_for_it() -> None:
    """No other line of the session's, whatever a driver may think."""
    desk = Desk()
    sid = desk.open_polling()
    poll, _ = desk.poll(sid)
    line = desk.socket(sid)[0]
    assert desk.engine.message(poll, "2probe", desk.now) == []
    assert desk.engine.message(poll, "rubbish", desk.now) == []
    assert said(line, desk.engine.message(line, "2probe", desk.now)) == ["3probe"]


def test_a_session_that_ends_takes_its_socket_with_it() -> None:
    """Whoever ends it."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    effects = desk.post(sid, b"1")
    assert closed(effects) == [(line, 1000, "client left")]
    assert desk.engine.message(line, "5", desk.now) == []
    assert len(desk.engine) == 0


def test_a_ping_meanwhile_is_asked_over_the_socket() -> None:
    """And answered there."""
    desk = Desk(Options(ping_interval_s=5, ping_timeout_s=5))
    sid = desk.open_polling()
    desk.wait(4.9)
    line = desk.probed(sid)
    desk.poll(sid)
    desk.wait(0.2)
    assert said(line, desk.engine.message(line, "5", desk.now)) == ["2"]
    desk.engine.message(line, "3", desk.now)
    assert ended(desk.wait(5)) == []


def test_a_socket_that_is_slow_at_once_makes_what_waits_wait() -> None:
    """Until it takes bytes again."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    desk.send(sid, "a")
    assert desk.engine.paused(line) == []
    assert desk.engine.message(line, "5", desk.now) == [Upgraded(sid)]
    assert desk.send(sid, "b") == []
    assert said(line, desk.engine.resumed(line, desk.now)) == ["4a", "4b"]
    assert said(line, desk.send(sid, "c")) == ["4c"]


def test_a_cut_poll_meanwhile_ends_the_session() -> None:
    """The client stops its polls by waiting for them, never by cutting."""
    desk = Desk()
    sid = desk.open_polling()
    line = desk.probed(sid)
    desk.poll(sid)
    poll, _ = desk.poll(sid)
    effects = desk.engine.http_gone(poll, desk.now)
    assert closed(effects)[0][0] == line
    assert ended(effects) == [Reason.POLL_CUT]


def burst(wire: Wire, chance: Random) -> None:
    """Send a few messages each way, over whatever there is."""
    life, session = wire.lives["s1"], wire.engine.sessions["s1"]
    for _ in range(chance.randrange(6)):
        wire.send("s1", chance.randrange(200))
    if session.socket is None:
        wire.post("s1", wire.body("s1", chance.randrange(1, 5)))
        if "s1" not in wire.requests.values() and chance.random() < 0.7:
            wire.poll("s1")
        return
    for _ in range(chance.randrange(6)):
        text = f"over{len(life.posted)}"
        life.posted.append(text)
        wire.message(session.socket, f"4{text}")


@pytest.mark.parametrize("seed", range(20))
def test_bursts_both_ways_while_it_goes_over_come_whole_and_in_order(seed: int) -> None:
    """Whenever in between they are sent, and whether the first sockets die or not."""
    chance = Random(seed)
    wire = Wire(Options())
    wire.http("GET", "EIO=4&transport=polling")
    wire.do(wire.engine.accept("s1", wire.now))
    life, session = wire.lives["s1"], wire.engine.sessions["s1"]

    while session.socket is None:
        burst(wire, chance)
        line = wire.socket("s1")
        for word in ("2probe", "5"):
            burst(wire, chance)
            if chance.random() < 0.2:
                wire.gone(line)
                break
            wire.message(line, word)
        burst(wire, chance)
        wire.wait(0.1)
    burst(wire, chance)

    assert life.got == life.sent
    assert life.heard == life.posted
    assert len(life.sent) > 5
    assert life.upgraded == 1
