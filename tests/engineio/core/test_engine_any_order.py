"""Whatever clients, the network and the application do, in whatever order: the engine keeps its promises.

A message that it took comes whole, once and in order, or its session is told to be over; what waits is
bounded; no session outlives its clock; and no effect names a line that is not open.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.options import Options, SlowClient
from easyplayer.engineio.core.packets import Packet, PacketType
from tests.engineio.core.wire import Wire

waits = st.sampled_from([0.0, 0.05, 0.11, 0.5, 1.0, 2.1, 3.0, 5.1, 12.0])
words = st.sampled_from(
    ["2probe", "2probe", "5", "5", "3", "3", "1", "2", "6", "0{}", "abc", "", "4x", b"", b"\x00", "b="]
)
MESSAGES: dict[str | bytes, list[str | bytes]] = {"4x": ["x"], b"": [b""], b"\x00": [b"\x00"]}
"""What comes of those words that are messages."""
bodies = st.sampled_from([b"3", b"1", b"3\x1e4x", b"", b"\xff", b"2", b"6", b"b!", b"x" * 301])
picks = st.integers(0, 99)


class AnyOrder(RuleBasedStateMachine):
    """A server with a few clients, all of them mad."""

    def __init__(self) -> None:
        super().__init__()
        self.wire: Wire

    @initialize(policy=st.sampled_from(SlowClient), packets=st.sampled_from([2, 5, 100]))
    def open(self, policy: SlowClient, packets: int) -> None:
        """Begin with a server that is short of everything."""
        self.wire = Wire(
            Options(
                ping_interval_s=3.0,
                ping_timeout_s=2.0,
                upgrade_timeout_s=1.5,
                connect_timeout_s=4.0,
                max_http_buffer_size=300,
                queue_packets=packets,
                queue_bytes=400,
                most_sessions=4,
                slow_client=policy,
            )
        )

    def sid(self, pick: int) -> str:
        """Pick a session, mostly one that there is."""
        sids = [*self.wire.engine.sessions] or ["nobody"]
        return sids[pick % len(sids)]

    # -- clients -------------------------------------------------------------------------------------

    @rule(socket=st.booleans(), lets_in=st.booleans())
    def begin(self, socket: bool, lets_in: bool) -> None:
        """Begin a session, and let it in at once, or not yet."""
        before = set(self.wire.engine.sessions)
        if socket:
            self.wire.socket()
        else:
            self.wire.http("GET", "EIO=4&transport=polling")
        for sid in set(self.wire.engine.sessions) - before:
            if lets_in:
                self.wire.do(self.wire.engine.accept(sid, self.wire.now))

    @rule(pick=picks)
    def poll(self, pick: int) -> None:
        """Poll."""
        self.wire.poll(self.sid(pick))

    def polls(self, sid: str) -> bool:
        """Tell whether what is posted for a session is taken."""
        session = self.wire.engine.sessions.get(sid)
        return session is not None and session.connected and session.socket is None

    @rule(pick=picks, messages=st.integers(1, 4))
    def post(self, pick: int, messages: int) -> None:
        """Post messages."""
        sid = self.sid(pick)
        self.wire.post(sid, self.wire.body(sid, messages) if self.polls(sid) else b"4x")

    @rule(pick=picks, body=bodies)
    def post_rubbish(self, pick: int, body: bytes) -> None:
        """Post what is not always a payload."""
        sid = self.sid(pick)
        if body.endswith(b"4x") and self.polls(sid):
            self.wire.lives[sid].posted.append("x")
        self.wire.post(sid, body)

    @rule(pick=picks)
    def begin_post(self, pick: int) -> None:
        """Begin a POST, and leave it there for now."""
        self.wire.begin_post(self.sid(pick))

    @precondition(lambda self: self.wire.requests)
    @rule(pick=picks, what=st.sampled_from(["end", "gone", "long"]))
    def on_with_a_request(self, pick: int, what: str) -> None:
        """Let a request that waits go on, or go."""
        wire = self.wire
        line = [*wire.requests][pick % len(wire.requests)]
        session = wire.engine._lines.get(line)
        uploads = session is not None and session._posting is not None and session._posting.line == line
        if what == "gone" or not uploads:
            wire.gone(line)
        elif what == "long":
            wire.do(wire.engine.too_large(line, wire.now))
        else:
            wire.end_post(line, b"3")

    @rule(pick=picks)
    def try_socket(self, pick: int) -> None:
        """Open a WebSocket for a session."""
        self.wire.socket(self.sid(pick))

    @precondition(lambda self: self.wire.sockets)
    @rule(pick=picks, word=words)
    def say(self, pick: int, word: str | bytes) -> None:
        """Say something over a WebSocket that is open."""
        wire = self.wire
        line = [*wire.sockets][pick % len(wire.sockets)]
        session = wire.engine._lines.get(line)
        if session is not None and session.socket == line:
            posted = wire.lives[session.sid].posted
            posted += MESSAGES.get(word, [])
        wire.message(line, word)

    @precondition(lambda self: self.wire.sockets)
    @rule(pick=picks, what=st.sampled_from(["pause", "pause", "resume", "long", "gone", "failed"]))
    def happen_to_a_socket(self, pick: int, what: str) -> None:
        """Let something happen to a socket."""
        wire = self.wire
        line = [*wire.sockets][pick % len(wire.sockets)]
        match what:
            case "pause":
                wire.do(wire.engine.paused(line))
            case "resume":
                wire.do(wire.engine.resumed(line, wire.now))
            case "long":
                wire.do(wire.engine.too_large(line, wire.now))
            case _:
                wire.gone(line, failed=what == "failed")

    @precondition(lambda self: self.wire.sockets)
    @rule(pick=picks)
    def go_over(self, pick: int) -> None:
        """Do all of an upgrade."""
        for word in ("2probe", "5"):
            if self.wire.sockets:
                self.say(pick, word)

    # -- the application -------------------------------------------------------------------------------

    @rule(pick=picks, size=st.sampled_from([0, 0, 10, 100, 390, 500]), times=st.integers(1, 4))
    def send(self, pick: int, size: int, times: int) -> None:
        """Send messages."""
        sid = self.sid(pick)
        session = self.wire.engine.sessions.get(sid)
        life = self.wire.lives.get(sid)
        for _ in range(times):
            if life is None or life.over or session is None:
                with pytest.raises(UnknownSessionError):
                    self.wire.engine.send(sid, self.any_packet(), self.wire.now)
                return
            self.wire.send(sid, size)

    def any_packet(self) -> Packet:
        """Make a packet for nobody."""
        return Packet(PacketType.MESSAGE, "for nobody")

    @rule(pick=picks, lets_in=st.booleans())
    def answer(self, pick: int, lets_in: bool) -> None:
        """Let somebody in, or not."""
        wire, sid = self.wire, self.sid(pick)
        if lets_in:
            wire.do(wire.engine.accept(sid, wire.now))
            return
        life = wire.lives.get(sid)
        waits = life is not None and not life.connected and not life.over
        effects = wire.engine.refuse(sid, "no", wire.now)
        if waits and life is not None:
            assert effects
            life.over = True
        wire.do(effects)

    @rule(pick=picks)
    def disconnect(self, pick: int) -> None:
        """Close a session."""
        self.wire.do(self.wire.engine.disconnect(self.sid(pick), self.wire.now))

    # -- time ------------------------------------------------------------------------------------------

    @rule(seconds=waits, looks=st.booleans())
    def wait(self, seconds: float, looks: bool) -> None:
        """Let time pass; the clock is looked at in time, or much too late."""
        if looks:
            self.wire.wait(seconds)
        else:
            self.wire.now += seconds
            self.wire.do(self.wire.engine.tick(self.wire.now))

    @rule()
    def fetch(self) -> None:
        """Let everybody take what waits."""
        self.wire.fetch_all()

    def teardown(self) -> None:
        """In the end all is fetched; and when nobody does anything any more, all is over in time."""
        if not hasattr(self, "wire"):
            return
        self.wire.fetch_all()
        self.wire.wait(10.1)
        assert len(self.wire.engine) == 0
        assert self.wire.engine._lines == {}
        assert self.wire.engine.next_deadline() is None
        assert all(life.over for life in self.wire.lives.values())


AnyOrder.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
test_any_order_of_anything = AnyOrder.TestCase
