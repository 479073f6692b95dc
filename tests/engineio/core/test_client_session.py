"""The client's session: against a real engine on lines of memory, and against servers that misbehave."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.core.client_effects import (
    ClientOptions,
    CloseSocket,
    DropSocket,
    Effects,
    Ended,
    EndReason,
    Fault,
    Opened,
    OpenSocket,
    Poll,
    Post,
    Received,
    Say,
    State,
    Upgraded,
    is_final,
)
from easyplayer.engineio.core.client_session import ClientSession
from easyplayer.engineio.core.errors import NotConnectedError, PacketError
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.packets import PacketType
from tests.engineio.core.client_world import World, payload

NOW = 100.0
HELLO = {
    "sid": "a b",
    "upgrades": ["websocket"],
    "pingInterval": 25_000,
    "pingTimeout": 20_000,
    "maxPayload": 20,
}
SILENCE_S = 45.0
POLLING_FIRST = ClientOptions(transports=("polling", "websocket"))
POLLING_ONLY = ClientOptions(transports=("polling",))
BROKEN = Fault("the line broke")
NOBODY = Fault("nobody there", reached=False)


def hello(**other: Any) -> str:
    """Write what a server says with OPEN."""
    return json.dumps({**HELLO, **other})


def opened_by_poll(options: ClientOptions = POLLING_ONLY, **other: Any) -> ClientSession:
    """Open a session by a poll."""
    session = ClientSession(options)
    session.start(NOW)
    session.polled(payload((PacketType.OPEN, hello(**other))), NOW)
    return session


def opened_by_socket(**other: Any) -> ClientSession:
    """Open a session by a WebSocket."""
    session = ClientSession(ClientOptions())
    session.start(NOW)
    session.socket_opened()
    session.socket_message("0" + hello(**other), NOW)
    return session


def probing() -> ClientSession:
    """Open a session by a poll, and try a WebSocket."""
    session = opened_by_poll(POLLING_FIRST)
    session.socket_opened()
    return session


def pausing() -> ClientSession:
    """Have the WebSocket work, while a GET is under way."""
    session = probing()
    session.socket_message("3probe", NOW)
    assert session.state is State.PAUSING
    return session


def ended(effects: Effects) -> Ended:
    """Give the end that came at last."""
    assert isinstance(effects[-1], Ended), effects
    return effects[-1]


class TestOpening:
    """How a session comes about."""

    def test_by_websocket_first(self) -> None:
        """One message is all it takes."""
        session = ClientSession(ClientOptions())

        assert session.start(NOW) == [OpenSocket()]
        assert session.socket_opened() == []
        assert session.socket_message("0" + hello(), NOW) == [Opened("websocket")]
        assert (session.sid, session.transport) == ("a b", "websocket")

    def test_by_polling_and_then_an_upgrade_is_tried(self) -> None:
        """If the server offers it, and it is wanted."""
        session = ClientSession(POLLING_FIRST)

        assert session.start(NOW) == [Poll()]
        told = session.polled(payload((PacketType.OPEN, hello())), NOW)
        assert told == [Opened("polling"), OpenSocket(), Poll()]
        assert session.transport == "polling"

    @pytest.mark.parametrize(("options", "upgrades"), [(POLLING_ONLY, ["websocket"]), (POLLING_FIRST, [])])
    def test_no_upgrade_is_tried_that_one_side_does_not_want(
        self, options: ClientOptions, upgrades: list[str]
    ) -> None:
        """It stays with polls."""
        assert opened_by_poll(options, upgrades=upgrades).state is State.POLLING

    @pytest.mark.parametrize(
        "fault",
        [
            BROKEN,
            Fault("a proxy forbids it", 403, b"<html>forbidden</html>"),
            Fault("a proxy has lost the header", 400, b'{"code":3,"message":"Bad request"}'),
            Fault("too busy, it says not for how long", 503),
        ],
    )
    def test_where_no_websocket_gets_through_it_goes_by_polls(self, fault: Fault) -> None:
        """And does not try again in this session what has just failed."""
        session = ClientSession(ClientOptions())
        session.start(NOW)

        assert session.socket_gone(fault, NOW) == [Poll()]
        told = session.polled(payload((PacketType.OPEN, hello())), NOW)
        assert told == [Opened("polling"), Poll()]

    @pytest.mark.parametrize(
        "fault",
        [
            NOBODY,
            Fault("a new token, please", 401),
            Fault("Forbidden", 403, b'{"code":4,"message":"nobody knows this box"}'),
            Fault("later", 503, b"", 10.0),
            Fault("later", 429, b"", 10.0),
        ],
    )
    def test_where_polls_would_be_refused_as_well_they_are_not_tried(self, fault: Fault) -> None:
        """A hub that is down is not asked twice."""
        session = ClientSession(ClientOptions())
        session.start(NOW)
        end = ended(session.socket_gone(fault, NOW))

        assert (end.opened, end.fault) == (False, fault)
        assert end.reason is (EndReason.REFUSED if fault.status else EndReason.BROKEN)

    def test_a_websocket_on_which_nothing_comes_is_given_up(self) -> None:
        """Some proxies open it and pass nothing on."""
        session = ClientSession(ClientOptions(open_timeout_s=4.0))
        session.start(NOW)
        session.socket_opened()

        assert session.next_deadline() == NOW + 4.0
        assert session.tick(NOW + 3.9) == []
        assert session.tick(NOW + 4.0) == [DropSocket(), Poll()]
        assert ended(session.tick(NOW + 8.0)).reason is EndReason.SERVER_SILENT

    @pytest.mark.parametrize("message", ["", "hello", "4hello", "0", "0{}", '0{"sid": ""}', b"0{}"])
    def test_a_websocket_that_speaks_otherwise_is_given_up(self, message: str | bytes) -> None:
        """Whatever is behind it."""
        session = ClientSession(ClientOptions())
        session.start(NOW)

        assert session.socket_message(message, NOW) == [DropSocket(), Poll()]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>log in</html>",
            b"4hello",
            b"0{}",
            b"\xff",
            payload((PacketType.OPEN, hello(pingTimeout=0))),
        ],
    )
    def test_an_answer_that_is_no_engine_io_opens_nothing(self, body: bytes) -> None:
        """It is told what came."""
        session = ClientSession(POLLING_ONLY)
        session.start(NOW)
        end = ended(session.polled(body, NOW))

        assert (end.reason, end.opened) == (EndReason.NONSENSE, False)

    def test_a_refusal_tells_all_that_is_known(self) -> None:
        """For whoever paces the next attempt."""
        session = ClientSession(POLLING_ONLY)
        session.start(NOW)
        fault = Fault("later", 503, b"busy", 12.0)

        assert session.request_failed(fault) == [Ended(EndReason.REFUSED, opened=False, fault=fault)]

    def test_a_transport_that_there_is_not_is_refused(self) -> None:
        """At once."""
        for transports in ((), ("webtransport",)):
            with pytest.raises(ValueError, match="transports"):
                ClientOptions(transports=transports)


class TestPolling:
    """Packets by GET and POST."""

    def test_one_poll_follows_the_other(self) -> None:
        """With what has come in between them."""
        session = opened_by_poll()

        told = session.polled(payload((PacketType.MESSAGE, "a"), (PacketType.MESSAGE, "b")), NOW)
        assert told == [Received("a"), Received("b"), Poll()]

    def test_a_ping_is_answered(self) -> None:
        """By a POST."""
        session = opened_by_poll()

        assert session.polled(payload((PacketType.PING, "")), NOW) == [Post(b"3"), Poll()]

    def test_one_post_goes_at_a_time_and_as_much_as_may_be(self) -> None:
        """What is sent meanwhile goes together, up to what the server takes."""
        session = opened_by_poll(maxPayload=10)

        assert session.send("1") == [Post(b"41")]
        assert session.send("2345") == session.send(b"12") == session.send("6") == []
        assert session.queued_bytes == 5 + 2 + 2
        assert session.posted(NOW) == [Post(b"42345")]
        assert session.posted(NOW) == [Post(b"bMTI=\x1e46")]
        assert session.posted(NOW) == []
        assert session.queued_bytes == 0

    @pytest.mark.parametrize("data", ["12345", b"123", "öö"])
    def test_what_the_server_would_not_take_is_not_sent(self, data: str | bytes) -> None:
        """It would end the session."""
        session = opened_by_poll(maxPayload=4)

        with pytest.raises(PacketError, match="bytes; the server takes 4"):
            session.send(data)
        assert session.send("123") == [Post(b"4123")]

    def test_a_text_that_cannot_be_written_is_told_at_once(self) -> None:
        """Half a character, say."""
        for session in (opened_by_poll(), opened_by_socket()):
            with pytest.raises(PacketError, match="no Unicode"):
                session.send("\ud800")

    @pytest.mark.parametrize("body", [b"", b"x", b"4a\x1e", b"3\x1e0{}"])
    def test_nonsense_ends_the_session(self, body: bytes) -> None:
        """Nobody knows what was lost."""
        end = ended(opened_by_poll().polled(body, NOW))

        assert (end.reason, end.opened) == (EndReason.NONSENSE, True)

    def test_a_request_that_fails_ends_the_session(self) -> None:
        """What it carried may or may not have got through."""
        session = opened_by_poll()
        end = ended(session.request_failed(BROKEN))

        assert (end.reason, session.request_failed(BROKEN)) == (EndReason.BROKEN, [])

    def test_the_server_may_close(self) -> None:
        """What came before counts; nothing is asked any more."""
        session = opened_by_poll()
        told = session.polled(payload((PacketType.MESSAGE, "a"), (PacketType.CLOSE, "")), NOW)

        assert told[0] == Received("a")
        assert (ended(told).reason, len(told)) == (EndReason.SERVER_CLOSED, 2)

    def test_noops_mean_nothing(self) -> None:
        """The next poll follows."""
        assert opened_by_poll().polled(payload((PacketType.NOOP, "")), NOW) == [Poll()]


class TestSocket:
    """Packets by a WebSocket."""

    def test_messages_go_both_ways(self) -> None:
        """Text and bytes."""
        session = opened_by_socket()

        assert session.send("a") == [Say("4a")]
        assert session.send(b"a") == [Say(b"a")]
        assert session.socket_message("4b", NOW) == [Received("b")]
        assert session.socket_message(b"b", NOW) == [Received(b"b")]

    def test_a_ping_is_answered(self) -> None:
        """With what it brought."""
        assert opened_by_socket().socket_message("2", NOW) == [Say("3")]

    @pytest.mark.parametrize(
        ("orderly", "reason"), [(True, EndReason.SERVER_CLOSED), (False, EndReason.BROKEN)]
    )
    def test_its_end_is_that_of_the_session(self, orderly: bool, reason: EndReason) -> None:
        """It says whether the server wanted it."""
        session = opened_by_socket()

        assert ended(session.socket_gone(BROKEN, NOW, orderly=orderly)).reason is reason
        assert session.socket_gone(BROKEN, NOW) == []

    @pytest.mark.parametrize("message", ["", "x", "3probe", "0{}", "5"])
    def test_nonsense_ends_the_session(self, message: str) -> None:
        """As with polls."""
        assert ended(opened_by_socket().socket_message(message, NOW)).reason is EndReason.NONSENSE

    def test_a_close_packet_closes_it(self) -> None:
        """Some servers say it so."""
        assert ended(opened_by_socket().socket_message("1", NOW)).reason is EndReason.SERVER_CLOSED


class TestUpgrade:
    """From polls to a WebSocket."""

    def test_it_is_probed_and_then_taken_when_no_request_is_under_way(self) -> None:
        """What was to be sent meanwhile goes over it, behind the packet that takes it."""
        session = opened_by_poll(POLLING_FIRST)
        session.send("by post")

        assert session.socket_opened() == [Say("2probe")]
        assert session.socket_message("3probe", NOW) == []
        assert session.send("waits") == []
        assert session.posted(NOW) == []
        told = session.polled(payload((PacketType.MESSAGE, "b"), (PacketType.NOOP, "")), NOW)
        assert told == [Received("b"), Say("5"), Say("4waits"), Upgraded("websocket")]
        assert (session.transport, session.queued_bytes) == ("websocket", 0)

    def test_a_post_is_waited_for_as_well(self) -> None:
        """Or its packets could be overtaken."""
        session = probing()
        session.send("a")
        session.socket_message("3probe", NOW)

        assert session.polled(payload((PacketType.NOOP, "")), NOW) == []
        assert session.posted(NOW) == [Say("5"), Upgraded("websocket")]

    def test_polls_and_posts_go_on_while_it_is_probed(self) -> None:
        """A probe that hangs holds nothing up."""
        session = probing()

        assert session.send("a") == [Post(b"4a")]
        assert session.polled(payload((PacketType.PING, "")), NOW) == [Poll()]
        assert session.posted(NOW) == [Post(b"3")]

    @pytest.mark.parametrize("message", ["4a", "3", "2", "x", "", b"probe"])
    @pytest.mark.parametrize("begin", [probing, pausing])
    def test_a_probe_that_says_otherwise_is_dropped(
        self, begin: Callable[[], ClientSession], message: str | bytes
    ) -> None:
        """The session is whole."""
        session = begin()

        assert session.socket_message(message, NOW) == [DropSocket()]
        assert session.polled(payload((PacketType.MESSAGE, "a")), NOW) == [Received("a"), Poll()]

    def test_a_probe_that_dies_leaves_the_session_whole(self) -> None:
        """What waited for it goes by a POST after all."""
        session = pausing()
        session.send("a")
        assert session.polled(payload((PacketType.MESSAGE, "b")), NOW)[0] == Received("b")
        session = pausing()
        session.send("a")

        assert session.socket_gone(BROKEN, NOW) == [Post(b"4a")]
        assert session.polled(payload((PacketType.NOOP, "")), NOW) == [Poll()]

    @pytest.mark.parametrize("begin", [probing, pausing])
    def test_one_that_takes_too_long_is_dropped(self, begin: Callable[[], ClientSession]) -> None:
        """A server that does not let go of the poll, too."""
        session = begin()

        assert session.next_deadline() == NOW + 10.0
        assert session.tick(NOW + 10.0) == [DropSocket()]
        assert session.state is State.POLLING

    def test_one_that_dies_once_it_was_taken_ends_the_session(self) -> None:
        """There is no way back."""
        session = pausing()
        session.polled(payload((PacketType.NOOP, "")), NOW)

        assert ended(session.socket_gone(BROKEN, NOW)).reason is EndReason.BROKEN


class TestSilence:
    """A server from which nothing comes."""

    @pytest.mark.parametrize("begin", [opened_by_poll, opened_by_socket])
    def test_it_is_over_after_the_ping_that_did_not_come(self, begin: Callable[[], ClientSession]) -> None:
        """By the times that the server has told itself."""
        session = begin()

        assert session.next_deadline() == NOW + SILENCE_S
        assert session.tick(NOW + SILENCE_S - 0.1) == []
        assert ended(session.tick(NOW + SILENCE_S)).reason is EndReason.SERVER_SILENT
        assert (session.next_deadline(), session.tick(NOW + 100)) == (None, [])

    def test_any_packet_shows_that_it_is_there(self) -> None:
        """Not only pings."""
        session = opened_by_socket()
        session.socket_message("4a", NOW + 30)

        assert session.tick(NOW + SILENCE_S) == []
        assert session.next_deadline() == NOW + 30 + SILENCE_S


class TestClosing:
    """The client leaves."""

    def test_by_a_websocket_in_an_orderly_way(self) -> None:
        """The server answers with its own close."""
        session = opened_by_socket()

        assert session.close(NOW) == [CloseSocket()]
        assert session.socket_message("4late", NOW) == session.close(NOW) == []
        assert ended(session.socket_gone(BROKEN, NOW, orderly=True)).reason is EndReason.LEFT

    def test_by_polls_behind_what_was_sent(self) -> None:
        """It is over when the server has taken it."""
        session = opened_by_poll()
        session.send("a")
        session.send("b")

        assert session.close(NOW) == []
        assert session.posted(NOW) == [Post(b"4b\x1e1")]
        assert session.polled(payload((PacketType.MESSAGE, "late")), NOW) == []
        assert ended(session.posted(NOW)).reason is EndReason.LEFT

    def test_in_the_midst_of_an_upgrade(self) -> None:
        """The WebSocket is dropped."""
        for begin in (probing, pausing):
            assert begin().close(NOW) == [DropSocket(), Post(b"1")]

    def test_a_server_that_does_not_hear_it_is_not_waited_for_long(self) -> None:
        """Nor one that has gone."""
        session = opened_by_socket()
        session.close(NOW)
        assert session.next_deadline() == NOW + 2.0
        assert ended(session.tick(NOW + 2.0)).reason is EndReason.LEFT

        session = opened_by_poll()
        session.close(NOW)
        assert ended(session.request_failed(BROKEN)).reason is EndReason.LEFT

    def test_before_there_is_a_session(self) -> None:
        """There is nobody to tell."""
        session = ClientSession(ClientOptions())
        session.start(NOW)

        end = ended(session.close(NOW))
        assert (end.reason, end.opened, session.close(NOW)) == (EndReason.LEFT, False, [])

    def test_nothing_is_sent_where_there_is_no_session(self) -> None:
        """Before, and after."""
        session = ClientSession(POLLING_ONLY)
        for _ in range(2):
            with pytest.raises(NotConnectedError):
                session.send("a")
            session.start(NOW)
            session.close(NOW)


def test_who_refuses_can_be_told_from_who_is_in_the_way() -> None:
    """By what only an Engine.IO server, or a hub, says."""
    assert is_final(Fault("", 403, b'{"code":4,"message":"no"}'))
    assert not is_final(Fault("", 403, b"<html>"))
    assert not is_final(Fault("", 403, b"4"))


class TestBothEnds:
    """With the engine of this package at the other end, and lines that take their time."""

    @given(
        data=st.data(),
        transports=st.sampled_from([("polling", "websocket"), ("websocket", "polling"), ("polling",)]),
    )
    def test_nothing_is_lost_doubled_or_overtaken(
        self, data: st.DataObject, transports: tuple[str, ...]
    ) -> None:
        """Whatever arrives when, while the session goes over from one transport to the other."""
        world = World(ClientOptions(transports=transports))
        sent, served = 0, 0
        for _ in range(data.draw(st.integers(0, 60))):
            choice = data.draw(st.integers(0, 5))
            if choice == 0 and world.client.transport:
                world.send(f"up {sent}")
                sent += 1
            elif choice == 1 and world.client.transport:
                world.serve(f"down {served}")
                served += 1
            elif world.channels:
                world.arrive(data.draw(st.sampled_from(world.channels)))
        world.settle()

        assert world.ended is None
        assert world.served == [f"up {number}" for number in range(sent)]
        assert world.heard == [f"down {number}" for number in range(served)]
        assert world.client.transport == ("polling" if transports == ("polling",) else "websocket")

    @given(data=st.data())
    def test_a_websocket_that_dies_at_any_time_loses_nothing_without_a_word(
        self, data: st.DataObject
    ) -> None:
        """Either the session goes on, and all arrives, or both ends know that it is over."""
        world = World(POLLING_FIRST)
        sent, served, steps = 0, 0, data.draw(st.integers(0, 60))
        dies_at = data.draw(st.integers(0, steps))
        for step in range(steps):
            if step == dies_at:
                world.break_socket()
            elif world.ended is not None:
                break
            elif step % 3 == 0 and world.client.transport and world.sid in world.engine.sessions:
                world.send(f"up {sent}")
                world.serve(f"down {served}")
                sent, served = sent + 1, served + 1
            elif world.channels:
                world.arrive(data.draw(st.sampled_from(world.channels)))
        world.settle()

        heard, got = len(world.heard), len(world.served)
        assert world.heard == [f"down {number}" for number in range(heard)]
        assert world.served == [f"up {number}" for number in range(got)]
        if world.ended is None:
            assert (got, heard) == (sent, served)
        else:
            for _ in range(3):  # a server that has not heard of the end finds nobody at its next ping
                world.pass_time(25.0)
            assert world.sid not in world.engine.sessions

    def test_without_a_way_for_websockets_polls_take_their_place(self) -> None:
        """Messages go both ways."""
        world = World(sockets=False)
        world.settle()
        world.send("a")
        world.serve("b")
        world.settle()

        assert (world.told, world.served, world.heard) == (["opened polling"], ["a"], ["b"])

    @pytest.mark.parametrize("transports", [("polling",), ("websocket",)])
    def test_pings_keep_it_alive_for_as_long_as_it_is_wanted(self, transports: tuple[str, ...]) -> None:
        """For an hour of its own time."""
        world = World(ClientOptions(transports=transports), Options(http_compression=False))
        world.settle()
        for _ in range(360):
            world.pass_time(10.0)
            world.settle()

        assert world.ended is None
        assert len(world.engine) == 1

    @pytest.mark.parametrize("transports", [("polling",), ("websocket",), ("polling", "websocket")])
    def test_a_client_that_leaves_is_gone_at_once(self, transports: tuple[str, ...]) -> None:
        """Behind all that it has sent."""
        world = World(ClientOptions(transports=transports))
        world.settle()
        world.send("last")
        world.do(world.client.close(world.now))
        world.settle()

        assert (world.served, world.told[-1], len(world.engine)) == (["last"], "ended", 0)
