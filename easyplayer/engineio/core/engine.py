"""All sessions: whose each request is, who may come in, and what is due."""

from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush
from math import inf
from typing import Final

from easyplayer.engineio.core.admission import refusal_of
from easyplayer.engineio.core.downlink import State, Waiting
from easyplayer.engineio.core.effects import (
    Connecting,
    Effect,
    Line,
    Reason,
    Received,
    Refused,
    RefuseSocket,
    Respond,
    Send,
)
from easyplayer.engineio.core.errors import EngineIoError, UnknownSessionError
from easyplayer.engineio.core.http import Headers, Request
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.packets import MESSAGE_PREFIX, Packet
from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.core.responses import (
    PLAIN,
    Manner,
    manner_of,
    preflight,
    refused,
)
from easyplayer.engineio.core.session import Session
from easyplayer.engineio.core.switchboard import Switchboard

SPARE_DEADLINES: Final = 64
"""So many deadlines of sessions that are over may be kept beside as many as there are sessions."""


class Engine:
    """All sessions of one worker.

    Each input gives the effects that are to be carried out, in their order. The time is handed in, in seconds
    that never go back; nothing here waits.

    :param options: how it is to behave.
    :param make_id: makes names of sessions: unguessable, never twice the same, fit for an address.
    """

    def __init__(self, options: Options, make_id: Callable[[], str]) -> None:
        self.options = options
        self._make_id = make_id
        self._board: Switchboard[Session] = Switchboard(options)
        self._sessions = self._board.sessions
        self._lines = self._board.lines
        self._deadlines: list[tuple[float, str]] = []
        self._by_address: dict[str, int] = {}
        self._shut = False

    @property
    def sessions(self) -> Mapping[str, Session]:
        """All sessions by their names, those that are connecting or leaving among them."""
        return self._sessions

    def __len__(self) -> int:
        return len(self._sessions)

    # -- requests --------------------------------------------------------------------------------

    def http(self, line: Line, request: Request, now: float) -> list[Effect]:
        """Take a whole HTTP request; it is answered now, or later."""
        manner = manner_of(request, self.options)
        if request.method == "OPTIONS" and self.options.cors_allowed_origins is not None:
            return [Respond(line, preflight(request, manner))]
        session = self._sessions.get(request.query.get("sid", ""))
        refusal = refusal_of(request, self.options, session, by_socket=False)
        if refusal is not None:
            return refuse(line, request, refusal, manner)
        if session is None:
            return self._begin(line, request, manner, now, by_socket=False)
        waiting = Waiting(line, manner)
        if request.method == "GET":
            return self._settle(session, session.poll(waiting, now))
        return self._settle(session, session.post(waiting, request.body, now))

    def posting(self, line: Line, request: Request, now: float) -> list[Effect]:
        """Take the head of a POST whose body is to come; :meth:`http` takes the whole of it then.

        A driver that reads bodies itself calls this first. So two POSTs at once are noticed, and what is to
        be refused is refused before its body is kept.

        :returns: an answer where it is refused: then the body is to be thrown away, and nothing follows.
        """
        manner = manner_of(request, self.options)
        session = self._sessions.get(request.query.get("sid", ""))
        refusal = refusal_of(request, self.options, session, by_socket=False)
        if refusal is not None:
            return refuse(line, request, refusal, manner)
        if session is None or request.method != "POST":
            return []
        return self._settle(session, session.post_begins(Waiting(line, manner), now))

    def upgrade(self, line: Line, request: Request, now: float) -> list[Effect]:
        """Take a request to open a WebSocket, for a session of its own or for one that is polling."""
        manner = manner_of(request, self.options)
        session = self._sessions.get(request.query.get("sid", ""))
        refusal = refusal_of(request, self.options, session, by_socket=True)
        if refusal is not None:
            return refuse(line, request, refusal, manner, by_socket=True)
        if session is None:
            return self._begin(line, request, manner, now, by_socket=True)
        return self._settle(session, session.probe(line, now))

    def http_gone(self, line: Line, now: float) -> list[Effect]:
        """Take note that the client of a request has gone before its answer."""
        return self.socket_gone(line, now)

    # -- sockets ---------------------------------------------------------------------------------

    def message(self, line: Line, message: str | bytes, now: float) -> list[Effect]:
        """Take one message of a WebSocket."""
        session = self._lines.get(line)
        if session is None:
            return []
        if session.socket == line and session.state is State.OPEN:
            if isinstance(message, bytes):
                return [Received(session.sid, message)]
            if message[:1] == MESSAGE_PREFIX:
                return [Received(session.sid, message[1:])]
        return self._settle(session, session.message(line, message, now))

    def socket_gone(self, line: Line, now: float, *, failed: bool = False) -> list[Effect]:
        """Take note that a WebSocket has gone.

        :param failed: whether it broke, instead of being closed.
        """
        session = self._lines.get(line)
        if session is None:
            return []
        return self._settle(session, session.line_gone(line, now, failed=failed))

    def too_large(self, line: Line, now: float) -> list[Effect]:
        """Take note that a body or a message is longer than may be; the driver reads no more of it."""
        session = self._lines.get(line)
        if session is None:
            return [Refused(line, Refusal.TOO_LARGE, ""), Respond(line, refused(Refusal.TOO_LARGE, PLAIN))]
        return self._settle(session, session.too_large(line, now))

    def paused(self, line: Line) -> list[Effect]:
        """Take note that a WebSocket takes no more bytes for now."""
        session = self._lines.get(line)
        return session.pause(line, paused=True) if session is not None else []

    def resumed(self, line: Line, now: float) -> list[Effect]:  # noqa: ARG002 — as every input
        """Take note that a WebSocket takes bytes again."""
        session = self._lines.get(line)
        return session.pause(line, paused=False) if session is not None else []

    # -- the application -------------------------------------------------------------------------

    def accept(self, sid: str, now: float, headers: Headers = ()) -> list[Effect]:
        """Let a client in that was asked about. One that has left meanwhile is passed over.

        :param headers: that the answer to its request has too.
        """
        session = self._sessions.get(sid)
        return self._settle(session, session.accept(now, headers)) if session is not None else []

    def refuse(
        self,
        sid: str,
        reason: object,
        now: float,  # noqa: ARG002 — as every input
        *,
        status: int = 403,
        headers: Headers = (),
    ) -> list[Effect]:
        """Let a client not in that was asked about. One that has left meanwhile is passed over.

        :param reason: for the client: text, or what JSON can hold; nothing for the usual words.
        :param status: of the answer.
        :param headers: that it has too.
        """
        session = self._sessions.get(sid)
        return self._settle(session, session.refuse(reason, status, headers)) if session is not None else []

    def send(self, sid: str, packet: Packet, now: float) -> list[Effect]:
        """Send a message.

        :raises UnknownSessionError: there is no such session, or no longer.
        """
        session = self._sessions.get(sid)
        if session is None:
            raise UnknownSessionError(sid)
        if session.ready is not None:
            return [Send(session.ready, packet)]
        return self._settle(session, session.send(packet, now))

    def disconnect(self, sid: str, now: float, reason: Reason = Reason.SERVER_CLOSED) -> list[Effect]:
        """Close a session; one that is over is passed over."""
        session = self._sessions.get(sid)
        return self._settle(session, session.close(reason, now)) if session is not None else []

    def shut_down(self, now: float) -> list[Effect]:
        """Close all sessions, and let nobody in from now on."""
        self._shut = True
        effects: list[Effect] = []
        for session in list(self._sessions.values()):
            effects += self._settle(session, session.close(Reason.SHUTDOWN, now))
        return effects

    # -- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        effects: list[Effect] = []
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= now:
            at, sid = heappop(deadlines)
            session = self._sessions.get(sid)
            if session is None or session.planned != at:
                continue
            session.planned = inf
            effects += self._settle(session, session.tick(now) if session.due <= now else [])
        return effects

    def next_deadline(self) -> float | None:
        """Tell when :meth:`tick` is wanted, if at all."""
        deadlines = self._deadlines
        while deadlines:
            at, sid = deadlines[0]
            session = self._sessions.get(sid)
            if session is not None and session.planned == at:
                return at
            heappop(deadlines)
        return None

    # -- inside ----------------------------------------------------------------------------------

    def _no_room(self, address: str) -> Refusal | None:
        """Tell why nobody more is let in, if so."""
        options = self.options
        if self._shut:
            return Refusal.SHUTTING_DOWN
        if options.most_sessions and len(self._sessions) >= options.most_sessions:
            return Refusal.TOO_MANY
        most = options.most_sessions_per_address
        if most and self._by_address.get(address, 0) >= most:
            return Refusal.TOO_MANY_FROM_ADDRESS
        return None

    def _begin(
        self, line: Line, request: Request, manner: Manner, now: float, *, by_socket: bool
    ) -> list[Effect]:
        """Begin a session: the application is asked."""
        refusal = self._no_room(request.address)
        if refusal is not None:
            return refuse(line, request, refusal, manner, by_socket=by_socket)
        worker = self.options.worker
        sid = f"{worker}-{self._make_id()}" if worker else self._make_id()
        if sid in self._sessions:
            problem = "a session's name was made twice"
            raise EngineIoError(problem)
        until = now + self.options.connect_timeout_s
        asking = Waiting(line, manner)
        session = Session(self._board, sid, request.address, asking, by_socket=by_socket, until=until)
        self._sessions[sid] = session
        if self.options.most_sessions_per_address:
            self._by_address[request.address] = self._by_address.get(request.address, 0) + 1
        return self._settle(session, [Connecting(sid, request)])

    def _settle(self, session: Session, effects: list[Effect]) -> list[Effect]:
        """Plan when to look at a session again, or forget it."""
        if session.state is State.CLOSED:
            self._forget(session)
        elif (due := session.due) < session.planned:
            session.planned = due
            heappush(self._deadlines, (due, session.sid))
        return effects

    def _forget(self, session: Session) -> None:
        """Forget a session that is over."""
        del self._sessions[session.sid]
        if self.options.most_sessions_per_address:
            left = self._by_address[session.address] - 1
            if left:
                self._by_address[session.address] = left
            else:
                del self._by_address[session.address]
        if len(self._deadlines) > 2 * len(self._sessions) + SPARE_DEADLINES:
            self._deadlines[:] = [(one.planned, sid) for sid, one in self._sessions.items()]
            heapify(self._deadlines)


def refuse(
    line: Line, request: Request, refusal: Refusal, manner: Manner, *, by_socket: bool = False
) -> list[Effect]:
    """Refuse a request."""
    answer = (RefuseSocket if by_socket else Respond)(line, refused(refusal, manner))
    return [Refused(line, refusal, request.address), answer]
