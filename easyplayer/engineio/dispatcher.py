"""Between the engine and the world: numbers the lines, tells the time, and does what the engine wants done.

Everything happens in one event loop, and nothing here waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from typing import Any, ClassVar, Protocol

from easyplayer.engineio.core.effects import (
    AcceptSocket,
    CloseSocket,
    Connected,
    Connecting,
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
    Upgraded,
    UpgradeFailed,
)
from easyplayer.engineio.core.engine import Engine
from easyplayer.engineio.core.errors import UnknownSessionError
from easyplayer.engineio.core.http import Headers, Request
from easyplayer.engineio.core.packets import Packet
from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.figures import Counts
from easyplayer.engineio.refusal_log import RefusalLog
from easyplayer.engineio.wires import RequestWire, SocketWire

TIMERS_ARE_EARLY_S = 0.001
"""Event loops count in milliseconds: what is due a little later is asked for a little later."""


class Audience(Protocol):
    """Who hears of sessions."""

    def connecting(self, sid: str, request: Request) -> None:
        """Decide whether a client comes in, now or later, by :meth:`Dispatcher.accept` or ``refuse``."""

    def received(self, sid: str, data: str | bytes) -> bool:
        """Take a message; tells whether so much waits that no more should be read for the session."""

    def disconnected(self, sid: str, reason: Reason) -> bool:
        """Hear that a session is over; tells whether it had been let in."""


class Dispatcher:
    """One engine, and the wires of its lines.

    :param clock: monotonic seconds.
    :ivar counts: what has happened so far.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float], audience: Audience) -> None:
        self.engine = engine
        self.counts = Counts()
        self._clock = clock
        self._audience = audience
        self._refusals = RefusalLog()
        self._requests: dict[Line, RequestWire] = {}
        self._sockets: dict[Line, SocketWire] = {}
        self._lines = 0
        self._due = inf
        self._timer: asyncio.TimerHandle | None = None
        self._running = False
        self._later: deque[Effect] = deque()
        self._reading: Line = 0
        self._held: dict[str, list[Line]] = {}
        """Sessions for which the application lags behind, and their lines that are not read meanwhile."""
        self._posting: set[Line] = set()
        """Requests whose head the engine knows."""
        self._posts: dict[str, tuple[Line, Request]] = {}
        """Requests of such sessions, which are not read before it has caught up."""

    # What drivers tell.

    def open_request(self, wire: RequestWire) -> Line:
        """Give a number to an HTTP request that begins."""
        self._lines += 1
        self._requests[self._lines] = wire
        return self._lines

    def open_socket(self, wire: SocketWire) -> Line:
        """Give a number to a request that opens a WebSocket, and to the socket that comes of it."""
        self._lines += 1
        self._sockets[self._lines] = wire
        return self._lines

    def posting(self, line: Line, request: Request) -> bool:
        """Take the head of a POST whose body is to come; tells whether that is wanted at all."""
        self._posting.add(line)
        self._run(self.engine.posting(line, request, self._now()))
        return line in self._requests

    def http(self, line: Line, request: Request) -> None:
        """Take a whole request."""
        sid = request.query.get("sid", "")
        if sid in self._held and request.method == "POST":
            if line in self._posting or self.posting(line, request):
                self._posts[sid] = line, request
            return
        now = self._now()
        self._posting.discard(line)
        self._reading = line
        self._run(self.engine.http(line, request, now))

    def http_gone(self, line: Line) -> None:
        """Hear that the client of a request has gone; where it was answered before, that is nothing new."""
        if self._requests.pop(line, None) is not None:
            self._posting.discard(line)
            self._run(self.engine.http_gone(line, self._now()))

    def upgrade(self, line: Line, request: Request) -> None:
        """Take a request that opens a WebSocket."""
        self._run(self.engine.upgrade(line, request, self._now()))

    def message(self, line: Line, message: str | bytes) -> None:
        """Take a WebSocket message."""
        now = self._now()
        self._reading = line
        self._run(self.engine.message(line, message, now))

    def socket_gone(self, line: Line, *, failed: bool = False) -> None:
        """Hear that a WebSocket is over.

        :param failed: its client has broken its protocol.
        """
        if self._sockets.pop(line, None) is not None:
            self._run(self.engine.socket_gone(line, self._now(), failed=failed))

    def too_large(self, line: Line) -> None:
        """Hear that a body, or a message, is larger than may be."""
        self._run(self.engine.too_large(line, self._now()))

    def paused(self, line: Line) -> None:
        """Hear that a WebSocket takes no more for now."""
        self._run(self.engine.paused(line))

    def resumed(self, line: Line) -> None:
        """Hear that a WebSocket takes more again."""
        self._run(self.engine.resumed(line, self._now()))

    def refused(self, refusal: Refusal, address: str) -> None:
        """Take note of something that was refused, by the engine or before it."""
        self.counts.refused[refusal] += 1
        self._refusals.note(refusal, address, self._clock())

    # What the application wants.

    def accept(self, sid: str) -> None:
        """Let a client in, if it is still there."""
        self._run(self.engine.accept(sid, self._now()))

    def refuse(self, sid: str, reason: object, status: int, headers: Headers) -> None:
        """Do not let a client in."""
        self._run(self.engine.refuse(sid, reason, self._now(), status=status, headers=headers))

    def send(self, sid: str, packet: Packet) -> bool:
        """Send to a session; tells whether it was still there."""
        try:
            self._run(self.engine.send(sid, packet, self._now()))
        except UnknownSessionError:
            return False
        self.counts.sent(1, packet.size)
        return True

    def send_to_all(self, sids: Iterable[str], packet: Packet) -> int:
        """Send to sessions; tells how many of them were still there."""
        now = self._now()
        send = self.engine.send
        reached = 0
        for sid in sids:
            try:
                effects = send(sid, packet, now)
            except UnknownSessionError:
                continue
            reached += 1
            self._do(effects)
        self._arm()
        self.counts.sent(reached, packet.size)
        return reached

    def disconnect(self, sid: str) -> None:
        """Close a session, if it is still there."""
        self._run(self.engine.disconnect(sid, self._now()))

    def caught_up(self, sid: str) -> None:
        """Read on for a session: the application lags behind no longer."""
        for line in self._held.pop(sid, ()):
            if (wire := self._sockets.get(line)) is not None:
                wire.go_on()
        if (post := self._posts.pop(sid, None)) is not None and post[0] in self._requests:
            self.http(*post)

    def shut_down(self) -> None:
        """Close all sessions, and let nobody in any more."""
        self._run(self.engine.shut_down(self._now()))
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._due = None, inf
        self._arm()

    # What the engine wants.

    def _now(self) -> float:
        """Tell the time; what was due by it has been done."""
        now = self._clock()
        if now >= self._due:
            self._due = inf
            self._run(self.engine.tick(now))
        return now

    def _run(self, effects: list[Effect]) -> None:
        """Do what the engine wants done, and ask it again in time."""
        self._do(effects)
        self._arm()

    def _do(self, effects: list[Effect]) -> None:
        """Do what the engine wants done; what it wants in the course of that comes behind it."""
        if self._running:
            self._later.extend(effects)
            return
        deeds = self._DEEDS
        self._running = True
        try:
            for effect in effects:
                deeds[type(effect)](self, effect)
            while self._later:
                effect = self._later.popleft()
                deeds[type(effect)](self, effect)
        finally:
            self._running = False

    def _arm(self) -> None:
        """See to it that the engine is asked again when something is due."""
        due = self.engine.next_deadline()
        if due is None or due >= self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        delay = max(0.0, due - self._clock()) + TIMERS_ARE_EARLY_S
        self._timer = asyncio.get_running_loop().call_later(delay, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._due = inf
        self._run(self.engine.tick(self._clock()))

    def _respond(self, effect: Respond) -> None:
        if (wire := self._requests.pop(effect.line, None)) is not None:
            self._posting.discard(effect.line)
            wire.respond(effect.response)

    def _accept_socket(self, effect: AcceptSocket) -> None:
        if (wire := self._sockets.get(effect.line)) is not None:
            wire.accept_socket(effect.headers)

    def _refuse_socket(self, effect: RefuseSocket) -> None:
        if (wire := self._sockets.pop(effect.line, None)) is not None:
            wire.refuse_socket(effect.response)

    def _send(self, effect: Send) -> None:
        if (wire := self._sockets.get(effect.line)) is not None:
            wire.send(effect.packet)

    def _close_socket(self, effect: CloseSocket) -> None:
        if (wire := self._sockets.pop(effect.line, None)) is not None:
            wire.close_socket(effect.code, effect.reason)

    def _connecting(self, effect: Connecting) -> None:
        self._audience.connecting(effect.sid, effect.request)

    def _connected(self, _effect: Connected) -> None:
        self.counts.opened += 1

    def _received(self, effect: Received) -> None:
        self.counts.received(effect.data)
        if not self._audience.received(effect.sid, effect.data):
            return
        held = self._held.setdefault(effect.sid, [])
        if self._reading not in held:
            held.append(self._reading)
            if (wire := self._sockets.get(self._reading)) is not None:
                wire.hold()

    def _upgraded(self, _effect: Upgraded) -> None:
        self.counts.upgrades += 1

    def _upgrade_failed(self, _effect: UpgradeFailed) -> None:
        self.counts.upgrades_failed += 1

    def _dropped(self, effect: Dropped) -> None:
        self.counts.messages_dropped += effect.messages

    def _disconnected(self, effect: Disconnected) -> None:
        if self._audience.disconnected(effect.sid, effect.reason):
            self.counts.closed[effect.reason] += 1

    def _refused(self, effect: Refused) -> None:
        self.refused(effect.refusal, effect.address)

    _DEEDS: ClassVar[dict[type, Callable[["Dispatcher", Any], None]]] = {
        Respond: _respond,
        AcceptSocket: _accept_socket,
        RefuseSocket: _refuse_socket,
        Send: _send,
        CloseSocket: _close_socket,
        Connecting: _connecting,
        Connected: _connected,
        Received: _received,
        Upgraded: _upgraded,
        UpgradeFailed: _upgrade_failed,
        Dropped: _dropped,
        Disconnected: _disconnected,
        Refused: _refused,
    }
