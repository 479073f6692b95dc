"""The way down to one client: over its WebSocket, by the poll that waits, or not at this moment."""

from collections.abc import Sequence
from enum import Enum, auto
from math import inf
from typing import Any, Final

from msgspec import Struct

from easyplayer.engineio.core.effects import (
    CloseSocket,
    Effect,
    Line,
    Reason,
    Respond,
    Send,
    Upgraded,
    UpgradeFailed,
)
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.options import POLLING, WEBSOCKET
from easyplayer.engineio.core.outbox import Outbox
from easyplayer.engineio.core.packets import CLOSE, NOOP, PROBE, PROBED, UPGRADE, Packet, payload_of
from easyplayer.engineio.core.responses import Manner, polled
from easyplayer.engineio.core.switchboard import Switchboard

NOOP_PAUSE_S: Final = 0.1
"""While a session goes over to a WebSocket, polls are ended, but no more often than this."""

CLOSE_CODES: Final = {
    Reason.BAD_PACKET: CloseCode.PROTOCOL_ERROR,
    Reason.TOO_LARGE: CloseCode.TOO_LARGE,
    Reason.SLOW_CLIENT: CloseCode.POLICY,
    Reason.SHUTDOWN: CloseCode.GOING_AWAY,
}
"""With which code a WebSocket is closed; others are closed as usual."""


class State(Enum):
    """How far a session is."""

    CONNECTING = auto()
    """The application is being asked."""
    OPEN = auto()
    CLOSING = auto()
    """The application is done with it; a last poll may still fetch what waits."""
    CLOSED = auto()


class Waiting(Struct, frozen=True, gc=False):
    """A request that waits for its answer."""

    line: Line
    manner: Manner


class Probe:
    """A WebSocket that would become the session's.

    :ivar line: the socket.
    :ivar until: when it must have become it.
    :ivar answered: whether it was heard and answered.
    :ivar noop_at: from when on a poll is ended; then not before the pause is over.
    :ivar paused: whether it takes no bytes for now.
    """

    __slots__ = ("answered", "line", "noop_at", "paused", "until")

    def __init__(self, line: Line, until: float) -> None:
        self.line = line
        self.until = until
        self.answered = False
        self.noop_at = -inf
        self.paused = False


class Downlink:
    """The way down to one client.

    Once a probe is answered, polls bring nothing but their end: what waits goes over the socket, in its
    order, or by polls again where the socket dies.

    :ivar sid: the session's name.
    :ivar state: how far the session is.
    :ivar socket: its WebSocket, where it has one.
    :ivar ready: the socket, while it takes messages at once.
    """

    __slots__ = ("_board", "_outbox", "_paused", "_poll", "_probe", "ready", "sid", "socket", "state")

    def __init__(self, board: Switchboard[Any], sid: str, asking: Waiting, *, by_socket: bool) -> None:
        self.sid = sid
        self.state = State.CONNECTING
        self.socket: Line | None = asking.line if by_socket else None
        self.ready: Line | None = None
        self._board = board
        self._poll: Waiting | None = asking
        self._probe: Probe | None = None
        self._outbox: Outbox | None = None
        self._paused = False

    @property
    def transport(self) -> str:
        """``polling`` or ``websocket``."""
        return POLLING if self.socket is None else WEBSOCKET

    @property
    def upgrading(self) -> bool:
        """Whether there is a WebSocket that would become the session's."""
        return self._probe is not None

    @property
    def queued_packets(self) -> int:
        """How many messages wait."""
        return self._outbox.messages if self._outbox is not None else 0

    @property
    def queued_bytes(self) -> int:
        """How many bytes of messages wait."""
        return self._outbox.bytes if self._outbox is not None else 0

    # -- what goes down --------------------------------------------------------------------------

    def _keep(self, packet: Packet) -> None:
        """Let a packet of the engine's own wait."""
        if self._outbox is None:
            self._outbox = Outbox()
        self._outbox.add(packet)

    def _waiting_packets(self) -> list[Packet]:
        """Take all that waits."""
        outbox, self._outbox = self._outbox, None
        return outbox.take() if outbox is not None else []

    def _feed(self, now: float) -> list[Effect]:
        """Answer the poll that waits, if there is something to say."""
        probe = self._probe
        if self._poll is None or self.state is not State.OPEN:
            return []
        if probe is None or not probe.answered:
            return self._end_poll(self._waiting_packets())
        if now < probe.noop_at:
            return []
        probe.noop_at = now + NOOP_PAUSE_S
        return self._end_poll([NOOP])

    def _end_poll(self, packets: Sequence[Packet]) -> list[Effect]:
        """Answer the poll that waits, where there is one and there are packets."""
        poll = self._poll
        if poll is None or not packets:
            return []
        self._poll = None
        del self._board.lines[poll.line]
        return [Respond(poll.line, polled(payload_of(packets), poll.manner, self._board.options))]

    def _say_goodbye(self, reason: Reason) -> list[Effect]:
        """Tell the client over each line that it has. One that leaves by itself is not told to."""
        effects: list[Effect] = []
        if self.socket is not None:
            if reason is Reason.SERVER_CLOSED:
                effects += [Send(self.socket, packet) for packet in self._waiting_packets()]
            code = CLOSE_CODES.get(reason, CloseCode.NORMAL)
            effects.append(CloseSocket(self.socket, code, reason.value))
        if self._probe is not None:
            effects.append(CloseSocket(self._probe.line, CloseCode.NORMAL, reason.value))
        if self._poll is not None:
            left = reason is Reason.CLIENT_LEFT
            effects += self._end_poll([NOOP] if left else [*self._waiting_packets(), CLOSE])
        return effects

    # -- from polling to a WebSocket -------------------------------------------------------------

    def _probe_says(self, line: Line, message: str | bytes, now: float) -> list[Effect]:
        """Take what a socket says that is not the session's yet."""
        probe = self._probe
        if probe is None or probe.line != line:
            return []
        if message == PROBE.message:
            probe.answered = True
            return [Send(probe.line, PROBED), *self._feed(now)]
        if message == UPGRADE.message and probe.answered:
            return self._go_over(probe)
        return self._drop_probe(probe, "no probe", now)

    def _go_over(self, probe: Probe) -> list[Effect]:
        """Let the session go over its new socket from now on, with all that waits."""
        effects = self._end_poll([NOOP])
        self._probe = None
        self.socket = probe.line
        effects.append(Upgraded(self.sid))
        return effects + self.pause(probe.line, paused=probe.paused)

    def _drop_probe(self, probe: Probe, why: str, now: float) -> list[Effect]:
        """Go on polling: the socket is not to become the session's.

        :param why: for its closing; nothing where it has gone.
        """
        del self._board.lines[probe.line]
        self._probe = None
        effects: list[Effect] = [CloseSocket(probe.line, CloseCode.NORMAL, why)] if why else []
        effects.append(UpgradeFailed(self.sid))
        return effects + self._feed(now)

    def pause(self, line: Line, *, paused: bool) -> list[Effect]:
        """Take note whether a socket takes bytes for now; when it does again, all that waits goes out."""
        if self._probe is not None and self._probe.line == line:
            self._probe.paused = paused
            return []
        if line != self.socket:
            return []
        self._paused = paused
        if self.state is not State.OPEN:
            return []
        self.ready = None if paused else line
        if paused:
            return []
        return [Send(line, packet) for packet in self._waiting_packets()]
