"""The client's side of one session: what to ask, what to say, and what has come of it.

Nothing is read or written here.  Whoever drives it does the effects in their order, and tells it what came of
each.  The packets that the application has sent go out in their order, and each once: by one POST after the
other, or over the WebSocket; between the two, none is under way.

::

    NEW ── start ─┬─► OPENING_SOCKET ──(no WebSocket gets through)──► OPENING_POLL
                  └──────────────────────────────────────────────►    │
         OPENING_SOCKET ── OPEN ──► SOCKET                            │ OPEN
         POLLING ◄────────────────────────────────────────────────────┘
         POLLING ──► PROBING ──(3probe)──► PAUSING ──(no request under way: 5)──► SOCKET
                     └──── the socket fails, or is late: POLLING ────┘
         POLLING, PROBING, PAUSING, SOCKET ── close ──► LEAVING
         all ──► ENDED
"""

import msgspec

from easyplayer.engineio.core.client_effects import (
    BY_POLLS,
    LIVE,
    OPENING,
    OVER,
    POLLING,
    UPGRADING,
    WEBSOCKET,
    ClientOptions,
    CloseSocket,
    DropSocket,
    Effects,
    Ended,
    EndReason,
    Fault,
    Handshake,
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
from easyplayer.engineio.core.client_queue import UnsentQueue
from easyplayer.engineio.core.errors import NotConnectedError, PacketError
from easyplayer.engineio.core.packets import (
    CLOSE,
    PROBE,
    PROBED,
    Packet,
    PacketType,
    from_message,
    packets_of,
)

UPGRADE = Packet(PacketType.UPGRADE)


class ClientSession:
    """One session, from the first question to its end.

    Each input gives the effects to be done, in their order; ``now`` is in seconds of a monotonic clock.

    :ivar sid: the session's id; empty before there is one.
    :ivar state: how far it has come.
    """

    __slots__ = (
        "_by", "_heard", "_most_payload", "_options", "_polling", "_posting", "_silence_s", "_tried_socket",
        "_unsent", "sid", "state",
    )  # fmt: skip

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._most_payload = options.most_bytes
        self._polling = self._posting = self._tried_socket = False
        self._unsent = UnsentQueue()
        self._heard = self._by = self._silence_s = 0.0
        self.sid = ""
        self.state = State.NEW

    @property
    def transport(self) -> str:
        """What packets go by: ``polling``, ``websocket``, or nothing where there is no session."""
        if self.state in BY_POLLS:
            return POLLING
        return WEBSOCKET if self.state is State.SOCKET else ""

    @property
    def queued_bytes(self) -> int:
        """How much waits for its POST."""
        return self._unsent.bytes

    # -- what the application wants --------------------------------------------------------------

    def start(self, now: float) -> Effects:
        """Ask for a session, which is done once."""
        if self._options.transports[0] == WEBSOCKET:
            self._tried_socket = True
            self._go(State.OPENING_SOCKET, now, self._options.open_timeout_s)
            return [OpenSocket()]
        return self._open_by_poll(now)

    def send(self, data: str | bytes) -> Effects:
        """Send a message.

        :raises NotConnectedError: there is no session.
        :raises PacketError: it is no text, or longer than the server takes.
        """
        if self.state not in LIVE:
            raise NotConnectedError("there is no session to send over")
        packet = Packet(PacketType.MESSAGE, data)
        try:
            length = len(packet.payload_part) if self.state in BY_POLLS else packet.size
        except UnicodeEncodeError as error:
            raise PacketError("a text that is no Unicode") from error
        if length > self._most_payload:
            raise PacketError(f"a message of {length} bytes; the server takes {self._most_payload}")
        return self._put(packet)

    def close(self, now: float) -> Effects:
        """Leave, once all that was sent has gone out; a second time it does nothing."""
        before = self.state
        if before in OVER:
            return []
        if before is State.NEW or before in OPENING:
            return self._end(EndReason.LEFT)
        self._go(State.LEAVING, now, self._options.leave_timeout_s)
        if before is State.SOCKET:
            return [CloseSocket()]
        self._unsent.put(CLOSE)
        dropped: Effects = [DropSocket()] if before in UPGRADING else []
        return dropped + self._post()

    # -- what came of requests -------------------------------------------------------------------

    def polled(self, body: bytes, now: float) -> Effects:
        """Take the answer to a GET."""
        self._polling = False
        if self.state in OVER:
            return []
        try:
            packets = packets_of(body)
        except PacketError as error:
            return self._nonsense(str(error), body, now)
        effects: Effects = []
        for packet in packets:
            effects += self._hear(packet, now)
        return effects + self._next_poll() + self._changed(now)

    def posted(self, now: float) -> Effects:
        """Learn that the server has what was sent."""
        self._posting = False
        if self.state is State.LEAVING and not self._unsent:
            return self._end(EndReason.LEFT)
        return self._post() + self._changed(now)

    def request_failed(self, fault: Fault) -> Effects:
        """Learn that a GET or a POST came to nothing: nobody knows what of it has got through."""
        if self.state is State.ENDED:
            return []
        if self.state is State.LEAVING:
            return self._end(EndReason.LEFT)
        return self._end(_reason_for(fault, opening=self.state in OPENING), fault)

    # -- what came of the WebSocket --------------------------------------------------------------

    def socket_opened(self) -> Effects:
        """Learn that it is open."""
        if self.state is State.PROBING:
            return [Say(PROBE.message)]
        return []

    def socket_message(self, message: str | bytes, now: float) -> Effects:
        """Take a message that has come over it."""
        if self.state in OVER:
            return []
        try:
            packet = from_message(message)
        except PacketError as error:
            if self.state in UPGRADING:
                return self._stay_with_polls()
            return self._nonsense(str(error), message, now)
        if self.state is State.PROBING and packet == PROBED:
            self.state = State.PAUSING
            return self._changed(now)
        if self.state in UPGRADING:
            return self._stay_with_polls()
        return self._hear(packet, now)

    def socket_gone(self, fault: Fault, now: float, *, orderly: bool = False) -> Effects:
        """Learn that it is closed, or could not be opened.

        :param orderly: whether the server has closed it with a frame that says so.
        """
        if self.state is State.LEAVING:
            return self._end(EndReason.LEFT)
        if self.state is State.OPENING_SOCKET:
            return self._without_socket(fault, now)
        if self.state in UPGRADING:
            return self._went_on_polling()
        if self.state is State.SOCKET:
            return self._end(EndReason.SERVER_CLOSED if orderly else EndReason.BROKEN, fault)
        return []

    # -- time ------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Tell when :meth:`tick` is wanted."""
        if self.state in OPENING or self.state is State.LEAVING:
            return self._by
        if self.state in LIVE:
            silent = self._heard + self._silence_s
            return min(silent, self._by) if self.state in UPGRADING else silent
        return None

    def tick(self, now: float) -> Effects:
        """Let time pass."""
        deadline = self.next_deadline()
        if deadline is None or now < deadline:
            return []
        if self.state is State.LEAVING:
            return self._end(EndReason.LEFT)
        if self.state in OPENING:
            fault = Fault(f"the server has not let us in within {self._options.open_timeout_s:g} s")
            if self.state is State.OPENING_SOCKET:
                return [DropSocket(), *self._without_socket(fault, now)]
            return self._end(EndReason.SERVER_SILENT, fault)
        if now >= self._heard + self._silence_s:
            return self._end(EndReason.SERVER_SILENT)
        return self._stay_with_polls()

    # -- opening ---------------------------------------------------------------------------------

    def _go(self, state: State, now: float, seconds: float) -> None:
        """Come into a state that lasts for so long at the most."""
        self.state, self._by = state, now + seconds

    def _open_by_poll(self, now: float) -> Effects:
        self._go(State.OPENING_POLL, now, self._options.open_timeout_s)
        self._polling = True
        return [Poll()]

    def _without_socket(self, fault: Fault, now: float) -> Effects:
        """Go by polls instead, unless these would be refused, too."""
        if POLLING in self._options.transports and fault.reached and not is_final(fault):
            return self._open_by_poll(now)
        return self._end(_reason_for(fault, opening=True), fault)

    def _open(self, packet: Packet, now: float) -> Effects:
        if packet.type is not PacketType.OPEN:
            return self._nonsense("the server begins with another packet than OPEN", packet.data, now)
        try:
            hello = msgspec.json.decode(packet.data, type=Handshake)
        except msgspec.MsgspecError as error:
            return self._nonsense(f"the server's OPEN cannot be read: {error}", packet.data, now)
        self.sid = hello.sid
        self._most_payload = hello.max_payload or self._options.most_bytes
        self._silence_s = (hello.ping_interval + hello.ping_timeout) / 1000
        if self.state is State.OPENING_SOCKET:
            self.state = State.SOCKET
            return [Opened(WEBSOCKET)]
        self.state = State.POLLING
        if self._tried_socket or WEBSOCKET not in {*hello.upgrades} & {*self._options.transports}:
            return [Opened(POLLING)]
        self._go(State.PROBING, now, self._options.upgrade_timeout_s)
        return [Opened(POLLING), OpenSocket()]

    # -- packets ---------------------------------------------------------------------------------

    def _hear(self, packet: Packet, now: float) -> Effects:
        if self.state in OVER:
            return []
        self._heard = now
        return self._open(packet, now) if self.state in OPENING else self._react(packet, now)

    def _react(self, packet: Packet, now: float) -> Effects:
        if packet.type is PacketType.MESSAGE:
            return [Received(packet.data)]
        if packet.type is PacketType.PING:
            return self._put(Packet(PacketType.PONG, packet.data))
        if packet.type is PacketType.CLOSE:
            return self._end(EndReason.SERVER_CLOSED)
        if packet.type is PacketType.NOOP:
            return []
        return self._nonsense(f"a packet {packet.type.name} in the midst of a session", packet.data, now)

    def _put(self, packet: Packet) -> Effects:
        if self.state is State.SOCKET:
            return [Say(packet.message)]
        self._unsent.put(packet)
        return self._post()

    def _post(self) -> Effects:
        """Send what waits, unless a POST is under way or none may begin."""
        if self._posting or not self._unsent or self.state in {State.PAUSING, State.ENDED}:
            return []
        self._posting = True
        return [Post(self._unsent.take_payload(self._most_payload))]

    def _next_poll(self) -> Effects:
        if self._polling or self.state not in {State.POLLING, State.PROBING}:
            return []
        self._polling = True
        return [Poll()]

    # -- the upgrade -----------------------------------------------------------------------------

    def _changed(self, now: float) -> Effects:
        """Take the WebSocket, if it works and no request is under way."""
        if self.state is not State.PAUSING or self._polling or self._posting:
            return []
        self.state, self._heard = State.SOCKET, now
        waited = [Say(packet.message) for packet in self._unsent.take_all()]
        return [Say(UPGRADE.message), *waited, Upgraded(WEBSOCKET)]

    def _stay_with_polls(self) -> Effects:
        return [DropSocket(), *self._went_on_polling()]

    def _went_on_polling(self) -> Effects:
        self.state = State.POLLING
        return self._next_poll() + self._post()

    # -- the end ---------------------------------------------------------------------------------

    def _nonsense(self, words: str, said: str | bytes, now: float) -> Effects:
        fault = Fault(words, body=said.encode() if isinstance(said, str) else said)
        if self.state is State.OPENING_SOCKET:
            return [DropSocket(), *self._without_socket(fault, now)]
        return self._end(EndReason.NONSENSE, fault)

    def _end(self, reason: EndReason, fault: Fault | None = None) -> Effects:
        opened = bool(self.sid)
        self.state = State.ENDED
        self._unsent.take_all()
        return [Ended(reason, opened, fault or Fault(reason.value))]


def _reason_for(fault: Fault, *, opening: bool) -> EndReason:
    return EndReason.REFUSED if opening and fault.status else EndReason.BROKEN
