"""A driver and clients without a network, which believe nothing: each effect is checked as it is done."""

import zlib
from itertools import count

from easyplayer.engineio.core.effects import (
    AcceptSocket,
    CloseSocket,
    Connected,
    Connecting,
    Disconnected,
    Dropped,
    Effect,
    Line,
    Received,
    Refused,
    RefuseSocket,
    Respond,
    Send,
    Upgraded,
    UpgradeFailed,
)
from easyplayer.engineio.core.engine import SPARE_DEADLINES, Engine
from easyplayer.engineio.core.http import Request, request_of
from easyplayer.engineio.core.options import Options, SlowClient
from easyplayer.engineio.core.packets import Packet, PacketType, packets_of
from easyplayer.engineio.core.responses import CODINGS


class Life:
    """What is known of one session.

    :ivar sent: what the engine took for the client.
    :ivar got: what of it came there.
    :ivar posted: what the client sent.
    :ivar heard: what of it came to the application.
    :ivar dropped: how many messages the engine threw away, as it said.
    """

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.got: list[str] = []
        self.posted: list[str | bytes] = []
        self.heard: list[str | bytes] = []
        self.dropped = 0
        self.connected = False
        self.over = False
        self.upgraded = 0


class Wire:
    """An engine with all lines to it.

    :ivar requests: unanswered HTTP requests, and whose they are.
    :ivar asking: sockets whose handshake is unanswered.
    :ivar sockets: those that are open.
    :ivar lives: all sessions that there ever were.
    """

    def __init__(self, options: Options) -> None:
        names = count(1)
        self.options = options
        self.engine = Engine(options, lambda: f"s{next(names)}")
        self.now = 0.0
        self.requests: dict[Line, str] = {}
        self.asking: dict[Line, str] = {}
        self.sockets: dict[Line, str] = {}
        self.lives: dict[str, Life] = {}
        self._lines = count(1)
        self._numbers = count(1)

    # -- what is done to it ------------------------------------------------------------------------

    def ask(self, method: str, query: str, body: bytes = b"") -> Request:
        """Make a request."""
        return request_of(method, f"/engine.io/?{query}", [], body, "192.0.2.1")

    def http(self, method: str, query: str, sid: str = "", body: bytes = b"") -> Line:
        """Send a whole request."""
        line = next(self._lines)
        self.requests[line] = sid
        self.do(self.engine.http(line, self.ask(method, query, body), self.now), line)
        return line

    def poll(self, sid: str) -> Line:
        """Poll."""
        return self.http("GET", f"EIO=4&transport=polling&sid={sid}", sid)

    def body(self, sid: str, messages: int) -> bytes:
        """Write a payload of messages, and remember them."""
        texts = [f"up{next(self._numbers)}" for _ in range(messages)]
        if (life := self.lives.get(sid)) is not None:
            life.posted += texts
        return "\x1e".join(f"4{text}" for text in texts).encode()

    def post(self, sid: str, body: bytes) -> Line:
        """Post."""
        return self.http("POST", f"EIO=4&transport=polling&sid={sid}", sid, body)

    def begin_post(self, sid: str) -> Line:
        """Send the head of a POST."""
        line = next(self._lines)
        self.requests[line] = sid
        head = self.ask("POST", f"EIO=4&transport=polling&sid={sid}")
        self.do(self.engine.posting(line, head, self.now), line)
        return line

    def end_post(self, line: Line, body: bytes) -> None:
        """Send the rest of it."""
        whole = self.ask("POST", f"EIO=4&transport=polling&sid={self.requests[line]}", body)
        self.do(self.engine.http(line, whole, self.now), line)

    def take(self, request: Request, *, by_socket: bool) -> None:
        """Make any request, maybe one for a WebSocket."""
        line = next(self._lines)
        lines = self.asking if by_socket else self.requests
        lines[line] = request.query.get("sid", "")
        take = self.engine.upgrade if by_socket else self.engine.http
        self.do(take(line, request, self.now), line)

    @property
    def uploads(self) -> set[Line]:
        """Which requests are being sent still."""
        posts = [session._posting for session in self.engine.sessions.values()]
        return {post.line for post in posts if post is not None}

    def socket(self, sid: str = "") -> Line:
        """Ask for a WebSocket."""
        line = next(self._lines)
        self.asking[line] = sid
        query = f"EIO=4&transport=websocket&sid={sid}"
        self.do(self.engine.upgrade(line, self.ask("GET", query), self.now), line)
        return line

    def message(self, line: Line, message: str | bytes) -> None:
        """Say something over a WebSocket."""
        self.do(self.engine.message(line, message, self.now))

    def gone(self, line: Line, *, failed: bool = False) -> None:
        """Let a line go."""
        if self.requests.pop(line, None) is not None:
            self.do(self.engine.http_gone(line, self.now))
        elif self.sockets.pop(line, None) is not None or self.asking.pop(line, None) is not None:
            self.do(self.engine.socket_gone(line, self.now, failed=failed))

    def send(self, sid: str, size: int = 0) -> None:
        """Send a message to a client."""
        life = self.lives[sid]
        text = f"{sid}/{len(life.sent)}/" + "x" * size
        effects = self.engine.send(sid, Packet(PacketType.MESSAGE, text), self.now)
        life.sent.append(text)
        self.do(effects)

    def wait(self, seconds: float) -> None:
        """Let time pass, and do what is due at its instant."""
        until = self.now + seconds
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.do(self.engine.tick(self.now))
        self.now = until

    # -- what comes of it --------------------------------------------------------------------------

    def do(self, effects: list[Effect], line: Line = 0) -> None:
        """Carry out effects, and check each."""
        for effect in effects:
            match effect:
                case Respond() | Refused():
                    self._answer(effect)
                case AcceptSocket() | RefuseSocket() | Send() | CloseSocket():
                    self._of_a_socket(effect)
                case _:
                    self._of_a_session(effect, line)
        self.check()

    def _answer(self, effect: Respond | Refused) -> None:
        """Carry out what is for a request."""
        if isinstance(effect, Refused):
            assert effect.line in self.requests or effect.line in self.asking
            return
        sid, response = self.requests.pop(effect.line), effect.response
        if response.status == 200 and response.body != b"ok":
            coding = dict(response.headers).get("content-encoding", "")
            body = zlib.decompress(response.body, CODINGS[coding]) if coding else response.body
            self._came(sid, packets_of(body))

    def _of_a_socket(self, effect: AcceptSocket | RefuseSocket | Send | CloseSocket) -> None:
        """Carry out what is for a WebSocket."""
        match effect:
            case AcceptSocket(line):
                self.sockets[line] = self.asking.pop(line)
            case RefuseSocket(line, response):
                assert response.status >= 400
                del self.asking[line]
            case Send(line, packet):
                self._came(self.sockets[line], [packet])
            case CloseSocket(line):
                del self.sockets[line]

    def _of_a_session(self, effect: Effect, line: Line) -> None:
        """Carry out what is for the application."""
        if isinstance(effect, Connecting):
            assert effect.sid not in self.lives
            self.lives[effect.sid] = Life()
            lines = self.requests if line in self.requests else self.asking
            lines[line] = effect.sid
            return
        assert isinstance(effect, Connected | Received | Upgraded | UpgradeFailed | Dropped | Disconnected)
        life = self.lives[effect.sid]
        assert not life.over, "nothing comes after the end"
        match effect:
            case Connected():
                assert not life.connected
                life.connected = True
            case Received(data=data):
                assert life.connected
                life.heard.append(data)
            case Upgraded():
                life.upgraded += 1
                assert life.upgraded == 1
            case Dropped(messages=messages):
                life.dropped += messages
            case Disconnected():
                life.over = True

    def _came(self, sid: str, packets: list[Packet]) -> None:
        """Take what came to a client: in its order, each once, and only its own."""
        for packet in packets:
            if packet.type is PacketType.MESSAGE:
                life = self.lives[sid]
                text = str(packet.data)
                assert text in life.sent
                assert text not in life.got
                if not life.dropped and self.options.slow_client is SlowClient.CLOSE:
                    assert text == life.sent[len(life.got)]
                life.got.append(text)

    def check(self) -> None:
        """Check what always holds."""
        options = self.options
        assert len(self.engine._deadlines) <= 2 * len(self.engine) + SPARE_DEADLINES + 2
        for line in self.engine._lines:
            assert line in self.requests or line in self.asking or line in self.sockets
        for sid, session in self.engine.sessions.items():
            assert session.connected == (self.lives[sid].connected and not self.lives[sid].over)
            assert session.queued_packets <= options.queue_packets
            assert session.queued_bytes <= options.queue_bytes or session.queued_packets == 1
            assert session.due < self.now + 1000
            assert session.planned <= session.due
        for sid, life in self.lives.items():
            assert life.over or sid in self.engine.sessions

    def fetch_all(self) -> None:
        """Let every client take what waits for it, and check that nothing is missing."""
        self.wait(0.2)
        for sid, session in list(self.engine.sessions.items()):
            if not self.lives[sid].connected or self.lives[sid].over:
                continue
            if session.socket is not None:
                self.do(self.engine.resumed(session.socket, self.now))
            else:
                for line in [line for line, whose in self.sockets.items() if whose == sid]:
                    self.gone(line)
                if session._poll is None:
                    self.poll(sid)
        for life in self.lives.values():
            if life.connected and not life.over:
                assert sorted(life.got, key=life.sent.index) == life.got
                assert len(life.got) + life.dropped == len(life.sent)
                assert life.heard == life.posted[: len(life.heard)]
