"""One session: what it knows of its client, and what becomes of it."""

from math import inf
from typing import Final

from easyplayer.engineio.core.downlink import Downlink, Probe, State, Waiting
from easyplayer.engineio.core.effects import (
    AcceptSocket,
    CloseSocket,
    Connected,
    Disconnected,
    Dropped,
    Effect,
    Line,
    Reason,
    Received,
    Refused,
    RefuseSocket,
    Respond,
    Send,
)
from easyplayer.engineio.core.errors import PacketError, UnknownSessionError
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.http import Headers
from easyplayer.engineio.core.outbox import Outbox
from easyplayer.engineio.core.packets import (
    CLOSE,
    MESSAGE_PREFIX,
    PING,
    Packet,
    PacketType,
    from_message,
    parts_of,
    payload_of,
)
from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.core.responses import Manner, cookie_header, forbidden, polled, posted, refused
from easyplayer.engineio.core.switchboard import Switchboard

MOST_LINGER_S: Final = 30.0
"""How long a closed session waits for the poll that fetches the last of it, at the most."""
FORGIVEN_S: Final = 0.05
"""A ping that goes out late by so much moves no deadline; later than that, the client gets its whole time."""

UNANSWERED: Final = {
    Reason.CONNECT_TIMEOUT: Refusal.CONNECT_TIMEOUT,
    Reason.SHUTDOWN: Refusal.SHUTTING_DOWN,
}
"""What a client is told whose session ends before the application has answered; others: it is forbidden."""


class Session(Downlink):
    """One client's session.

    :param asking: the request that wants it; answered by :meth:`accept` or :meth:`refuse`.
    :param by_socket: whether that request opens a WebSocket.
    :param until: when the application must have answered.
    :ivar address: from where it was opened.
    :ivar planned: when the engine will look at it next.
    """

    __slots__ = ("_clock_at", "_posting", "_unanswered", "address", "planned")

    def __init__(
        self,
        board: "Switchboard[Session]",
        sid: str,
        address: str,
        asking: Waiting,
        *,
        by_socket: bool,
        until: float,
    ) -> None:
        super().__init__(board, sid, asking, by_socket=by_socket)
        self.address = address
        self.planned = inf
        self._posting: Waiting | None = None
        self._clock_at = until
        self._unanswered = False
        board.lines[asking.line] = self

    @property
    def connected(self) -> bool:
        """Whether the application has let it in, and it is not over."""
        return self.state is State.OPEN

    @property
    def due(self) -> float:
        """When something must be done though nothing comes."""
        probe = self._probe
        if probe is None:
            return self._clock_at
        if self._poll is not None and probe.answered:
            return min(self._clock_at, probe.until, probe.noop_at)
        return min(self._clock_at, probe.until)

    # -- the application's answer ----------------------------------------------------------------

    def accept(self, now: float, headers: Headers) -> list[Effect]:
        """Let the client in."""
        asking, options = self._poll, self._board.options
        if self.state is not State.CONNECTING or asking is None:
            return []
        self._poll = None
        self.state = State.OPEN
        self._clock_at = now + options.ping_interval_s
        if (cookie := options.the_cookie) is not None:
            headers = (cookie_header(cookie, self.sid), *headers)
        packets = [self._board.opening(self.sid, self.transport), *self._waiting_packets()]
        if self.socket is not None:
            self.ready = None if self._paused else self.socket
            effects: list[Effect] = [AcceptSocket(asking.line, headers)]
            effects += [Send(asking.line, packet) for packet in packets]
        else:
            manner = Manner((*asking.manner.headers, *headers), asking.manner.coding)
            del self._board.lines[asking.line]
            effects = [Respond(asking.line, polled(payload_of(packets), manner, options))]
        effects.append(Connected(self.sid))
        return effects

    def refuse(self, reason: object, status: int, headers: Headers) -> list[Effect]:
        """Let the client not in."""
        if self.state is not State.CONNECTING or self._poll is None:
            return []
        asking = self._poll
        effects: list[Effect] = [Refused(asking.line, Refusal.FORBIDDEN, self.address)]
        response = forbidden(reason, status, headers, asking.manner)
        kind = Respond if self.socket is None else RefuseSocket
        effects.append(kind(asking.line, response))
        self._let_go()
        return effects

    # -- polling ---------------------------------------------------------------------------------

    def poll(self, waiting: Waiting, now: float) -> list[Effect]:
        """Take a poll: it is answered once there is something to say."""
        board = self._board
        if self.state is State.CLOSING:
            packets = [*self._waiting_packets(), CLOSE]
            self._let_go()
            return [Respond(waiting.line, polled(payload_of(packets), waiting.manner, board.options))]
        if self._poll is not None:
            return [
                *self.close(Reason.DUPLICATE_POLL, now),
                *self._refused(waiting, Refusal.DUPLICATE_REQUEST),
            ]
        effects = self._clock(now) if now >= self._clock_at else []
        if self.state is not State.OPEN:
            return effects + self._refused(waiting, Refusal.UNKNOWN_SID)
        self._poll = waiting
        board.lines[waiting.line] = self
        return effects + self._feed(now)

    def post_begins(self, waiting: Waiting, now: float) -> list[Effect]:
        """Take note of a POST whose body is to come: there may be only one at a time."""
        if self._posting is not None:
            return self._posted_twice(waiting, now)
        self._posting = waiting
        self._board.lines[waiting.line] = self
        return []

    def post(self, waiting: Waiting, body: bytes, now: float) -> list[Effect]:
        """Take packets of a POST."""
        if (posting := self._posting) is not None:
            self._end_of_post(posting)
            if posting.line != waiting.line:
                return self._posted_twice(waiting, now)
        if len(body) > self._board.options.max_http_buffer_size:
            return self._refused(waiting, Refusal.TOO_LARGE)
        try:
            effects = self._read(body, now)
        except PacketError:
            effects = self.close(Reason.BAD_PACKET, now)
            return effects + self._refused(waiting, Refusal.BAD_PAYLOAD)
        effects.append(Respond(waiting.line, posted(waiting.manner)))
        return effects

    def _read(self, body: bytes, now: float) -> list[Effect]:
        """Take all packets of a payload up to a goodbye, or none where one makes no sense.

        A message is taken without making a packet of it: a megabyte may hold half a million of them.

        :raises PacketError: there is something in it that a client must not send.
        """
        effects: list[Effect] = []
        for part in parts_of(body):
            if self.state is not State.OPEN:
                break
            if part[:1] == MESSAGE_PREFIX:
                effects.append(Received(self.sid, part[1:]))
            else:
                effects += self._take(from_message(part), now)
        return effects

    def _posted_twice(self, waiting: Waiting, now: float) -> list[Effect]:
        """Close a session whose client sends two bodies at once: nobody knows which is the first."""
        return self.close(Reason.DUPLICATE_POLL, now) + self._refused(waiting, Refusal.DUPLICATE_REQUEST)

    def _end_of_post(self, posting: Waiting) -> None:
        """Forget the POST that was under way."""
        self._posting = None
        del self._board.lines[posting.line]

    # -- a WebSocket -----------------------------------------------------------------------------

    def probe(self, line: Line, now: float) -> list[Effect]:
        """Take a WebSocket that would become the session's; one that cannot is opened, and closed again."""
        effects: list[Effect] = [AcceptSocket(line, ())]
        if self.state is not State.OPEN or self.socket is not None or self._probe is not None:
            effects.append(CloseSocket(line, CloseCode.NORMAL, "not needed"))
            return effects
        self._probe = Probe(line, now + self._board.options.upgrade_timeout_s)
        self._board.lines[line] = self
        return effects

    def message(self, line: Line, message: str | bytes, now: float) -> list[Effect]:
        """Take a message from a socket."""
        if self.state is not State.OPEN:
            return []
        if line != self.socket:
            return self._probe_says(line, message, now)
        try:
            return self._take(from_message(message), now)
        except PacketError:
            return self.close(Reason.BAD_PACKET, now)

    # -- either ----------------------------------------------------------------------------------

    def send(self, packet: Packet, now: float) -> list[Effect]:
        """Send a message that cannot go out over a socket at once.

        :raises UnknownSessionError: the session is over.
        """
        if self.state is State.CLOSING:
            raise UnknownSessionError(self.sid)
        if self._outbox is None:
            self._outbox = Outbox()
        dropped = self._outbox.offer(packet, self._board.options)
        if dropped is None:
            return self.close(Reason.SLOW_CLIENT, now)
        effects = self._feed(now)
        if dropped:
            effects.append(Dropped(self.sid, dropped))
        return effects

    def line_gone(self, line: Line, now: float, *, failed: bool) -> list[Effect]:
        """Take note that a line has gone by itself."""
        if (probe := self._probe) is not None and probe.line == line:
            return self._drop_probe(probe, "", now)
        if (posting := self._posting) is not None and posting.line == line:
            self._end_of_post(posting)
            return self.close(Reason.POLL_CUT, now)
        del self._board.lines[line]
        self._poll = None
        if line != self.socket:
            return self.close(Reason.POLL_CUT, now)
        self.socket = None
        return self.close(Reason.SOCKET_FAILED if failed else Reason.SOCKET_CLOSED, now)

    def too_large(self, line: Line, now: float) -> list[Effect]:
        """Take note that more is being sent than may be. A session outlives only a POST that is too long."""
        posting = self._posting
        if posting is not None and posting.line == line:
            self._end_of_post(posting)
            return self._refused(posting, Refusal.TOO_LARGE)
        if (probe := self._probe) is not None and probe.line == line:
            return self._drop_probe(probe, "too large", now)
        return self.close(Reason.TOO_LARGE, now)

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        probe = self._probe
        effects: list[Effect] = []
        if now >= self._clock_at:
            effects += self._clock(now)
        if probe is not None and self._probe is probe:
            effects += self._drop_probe(probe, "too late", now) if now >= probe.until else self._feed(now)
        return effects

    def _clock(self, now: float) -> list[Effect]:
        """Ask the client whether it is there, or close: its time is over."""
        if self.state is State.CONNECTING:
            return self.close(Reason.CONNECT_TIMEOUT, now)
        if self.state is State.CLOSING:
            self._let_go()
            return []
        if self._unanswered:
            return self.close(Reason.PING_TIMEOUT, now)
        timeout_s = self._board.options.ping_timeout_s
        late_s = min(now - self._clock_at, FORGIVEN_S, timeout_s / 4)
        self._clock_at = now - late_s + timeout_s
        self._unanswered = True
        if self.ready is not None:
            return [Send(self.ready, PING)]
        self._keep(PING)
        return self._feed(now)

    def _take(self, packet: Packet, now: float) -> list[Effect]:
        """Take a packet of an open session. What makes no sense, but no harm, is passed over.

        :raises PacketError: only the server may send that.
        """
        match packet.type:
            case PacketType.PING:
                problem = "it is the server that pings"
                raise PacketError(problem)
            case PacketType.MESSAGE:
                return [Received(self.sid, packet.data)]
            case PacketType.PONG if self._unanswered:
                self._unanswered = False
                self._clock_at = now + self._board.options.ping_interval_s
            case PacketType.CLOSE:
                return self.close(Reason.CLIENT_LEFT, now)
        return []

    def close(self, reason: Reason, now: float) -> list[Effect]:
        """Close it, and tell the client as well as it can be told."""
        if self.state is State.CONNECTING:
            return self._close_unanswered(reason)
        if self.state is not State.OPEN:
            if reason is not Reason.SERVER_CLOSED:
                self._let_go()
            return []
        lingers = reason is Reason.SERVER_CLOSED and self.socket is None and self._poll is None
        outbox = self._outbox
        effects = self._say_goodbye(reason)
        self._let_go()
        if lingers:
            self._outbox = outbox
            self.state = State.CLOSING
            self._clock_at = now + min(self._board.options.ping_timeout_s, MOST_LINGER_S)
        effects.append(Disconnected(self.sid, reason))
        return effects

    def _close_unanswered(self, reason: Reason) -> list[Effect]:
        """Close it before the application has answered."""
        effects: list[Effect] = []
        if self._poll is not None:
            refusal = UNANSWERED.get(reason, Refusal.FORBIDDEN)
            effects += self._refused(self._poll, refusal, by_socket=self.socket is not None)
        self._let_go()
        effects.append(Disconnected(self.sid, reason))
        return effects

    def _let_go(self) -> None:
        """Be closed: no line is the session's any more."""
        lines = self._board.lines
        if self.socket is not None:
            lines.pop(self.socket, None)
        for held in (self._poll, self._posting, self._probe):
            if held is not None:
                lines.pop(held.line, None)
        self.state = State.CLOSED
        self.ready = None
        self._poll = self._probe = self._outbox = self._posting = self.socket = None

    def _refused(self, waiting: Waiting, refusal: Refusal, *, by_socket: bool = False) -> list[Effect]:
        """Refuse a request."""
        response = refused(refusal, waiting.manner)
        answer = (RefuseSocket if by_socket else Respond)(waiting.line, response)
        return [Refused(waiting.line, refusal, self.address), answer]
