"""A WebSocket of RFC 6455 after its opening handshake, either side of it: messages, pings, and the closing.

Extensions are not offered and not taken: Engine.IO's messages are short, and compression would cost each
connection more memory than all the rest.
"""

import codecs
from collections.abc import Callable, Iterator
from enum import Enum, auto

from msgspec import Struct

from easyplayer.engineio.core.errors import FrameError
from easyplayer.engineio.core.frames import (
    CLOSE,
    MOST_CONTROL_BYTES,
    PING,
    PONG,
    TEXT,
    CloseCode,
    FrameReader,
    Piece,
    frame,
    message_frame,
)

NO_TEXT = "a text that is not UTF-8"
CODE_BYTES = 2
FIRST_FREE_CODE = 3000
LAST_FREE_CODE = 4999
"""Between them: codes of libraries and applications."""
NEVER_SENT = frozenset({CloseCode.NO_CODE, CloseCode.ABNORMAL})
MOST_LATE_BYTES = 64 * 1024
"""Within so much the other side's close frame is waited for, once we have closed."""


class State(Enum):
    """How far a WebSocket has come."""

    OPEN = auto()
    CLOSING = auto()
    """We have sent a close frame, and wait for the other side's."""
    CLOSED = auto()
    """Nothing is sent or read any more: the connection may be cut once all is written."""


class Pong(Struct, frozen=True):
    """The other side has answered a ping, or sends a pong unasked."""

    payload: bytes


class Closed(Struct, frozen=True):
    """The other side has closed; our answer, if it needs one, is among what is to be sent.

    :ivar code: 1005 where it gave none.
    """

    code: int
    reason: str


class Failed(Struct, frozen=True):
    """The other side has broken the protocol; the close frame that says so is among what is to be sent."""

    code: int
    reason: str


SocketEvent = str | bytes | Pong | Closed | Failed
"""A text, a binary message, and the rest."""


class WebSocket:
    """One side of a WebSocket after the opening handshake, without I/O.

    Whatever comes from the other side, it raises nothing.  Idle it keeps less than 500 bytes.

    :param client: whether we are the client, who masks.
    :param most_bytes: of a message from the other side.
    :param make_mask: gives four bytes that nobody can guess; needed by a client.
    :ivar state: how far it has come.
    """

    __slots__ = ("_decoder", "_late_bytes", "_message", "_outgoing", "_reader", "make_mask", "state")

    def __init__(
        self, *, client: bool, most_bytes: int, make_mask: Callable[[], bytes] | None = None
    ) -> None:
        if client and make_mask is None:
            raise ValueError("a client needs make_mask")
        self.make_mask = make_mask if client else None
        self.state = State.OPEN
        self._reader = FrameReader(from_client=not client, most_bytes=most_bytes)
        self._message: bytearray | None = None
        """The message whose pieces are coming."""
        self._decoder: codecs.IncrementalDecoder | None = None
        """Judges that message, where it is a text."""
        self._outgoing: bytearray | None = None
        self._late_bytes = 0
        """How much has come since we have closed."""

    def receive(self, data: bytes) -> Iterator[SocketEvent]:
        """Take bytes from the other side, and give what they say, in their order.

        What follows is read only when it is asked for: an answer to a message still goes out where the next
        frame breaks the protocol, and nothing more is given once we have closed.  It is to be gone through to
        the end, and :meth:`to_send` is to be written before an answer, and at the end.  After :class:`Closed`
        or :class:`Failed`, which come once, there is nothing more.

        Once we have closed, the other side's answer is looked for in the next :data:`MOST_LATE_BYTES` only:
        one that goes on talking is not worth the reading.
        """
        if self.state is State.CLOSING:
            self._late_bytes += len(data)
            if self._late_bytes > MOST_LATE_BYTES:
                self._end()
        if self.state is not State.CLOSED:
            self._reader.feed(data)
        return self._events()

    def _events(self) -> Iterator[SocketEvent]:
        reader = self._reader
        try:
            while (piece := reader.next_piece()) is not None:
                event = self._take(piece)
                if event is not None:
                    yield event
        except FrameError as error:
            self._answer(self.close(error.code, error.reason))
            self._end()
            yield Failed(error.code, error.reason)

    def to_send(self) -> bytes:
        """Give, once, what has to go to the other side on our own account: pongs and close frames."""
        if self._outgoing is None:
            return b""
        outgoing = bytes(self._outgoing)
        self._outgoing = None
        return outgoing

    def send(self, message: str | bytes) -> bytes:
        """Write a message: text of a ``str``, else binary; nothing where we have closed."""
        if self.state is not State.OPEN:
            return b""
        return message_frame(message, self.make_mask and self.make_mask())

    def ping(self, payload: bytes = b"") -> bytes:
        """Write a ping; nothing where we have closed.

        :param payload: up to 125 bytes, which come back with the pong.
        """
        return self._control_frame(PING, payload)

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> bytes:
        """Write a close frame; nothing where we have closed already.

        :param code: 1005 writes a frame without a code.
        :param reason: what of it is over 123 bytes is left out.
        """
        payload = b"" if code in NEVER_SENT else code.to_bytes(CODE_BYTES, "big") + _shortened(reason)
        written = self._control_frame(CLOSE, payload)
        if self.state is State.OPEN:
            self.state = State.CLOSING
        return written

    def _control_frame(self, opcode: int, payload: bytes) -> bytes:
        if self.state is not State.OPEN:
            return b""
        return frame(opcode, payload, mask=self.make_mask and self.make_mask())

    def _answer(self, written: bytes) -> None:
        """Keep what has to be sent until it is asked for."""
        if self._outgoing is None:
            self._outgoing = bytearray()
        self._outgoing += written

    def _end(self) -> None:
        """Let go of everything: nothing more is read."""
        self.state = State.CLOSED
        self._reader.forget()
        self._message = self._decoder = None

    def _take(self, piece: Piece) -> SocketEvent | None:
        """Act on a piece, and give what it says."""
        if piece.opcode >= CLOSE:
            return self._control(piece)
        if self.state is not State.OPEN:
            return None
        if piece.last and piece.opcode:
            return _text(piece.payload) if piece.opcode == TEXT else piece.payload
        return self._gathered(piece)

    def _control(self, piece: Piece) -> SocketEvent | None:
        if piece.opcode == PONG:
            return Pong(piece.payload)
        if piece.opcode == PING:
            self._answer(self._control_frame(PONG, piece.payload))
            return None
        code, reason = _read_close(piece.payload)
        self._answer(self.close(code))
        self._end()
        return Closed(code, reason)

    def _gathered(self, piece: Piece) -> SocketEvent | None:
        """Put a message together of its pieces; a text is judged with each of them."""
        if self._message is None:
            self._message = bytearray()
            self._decoder = _TextDecoder("strict") if piece.opcode == TEXT else None
        self._message += piece.payload
        if self._decoder is not None:
            try:
                self._decoder.decode(piece.payload, piece.last)
            except UnicodeDecodeError:
                raise FrameError(CloseCode.INVALID_TEXT, NO_TEXT) from None
        if not piece.last:
            return None
        message = bytes(self._message) if self._decoder is None else self._message.decode()
        self._message = self._decoder = None
        return message


_TextDecoder = codecs.getincrementaldecoder("utf-8")


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise FrameError(CloseCode.INVALID_TEXT, NO_TEXT) from None


def _shortened(reason: str) -> bytes:
    """Encode a reason so that it has room in a close frame."""
    return reason.encode(errors="replace")[: MOST_CONTROL_BYTES - CODE_BYTES].decode(errors="ignore").encode()


def _read_close(payload: bytes) -> tuple[int, str]:
    """Read what a close frame says."""
    if not payload:
        return CloseCode.NO_CODE, ""
    code = int.from_bytes(payload[:CODE_BYTES], "big")
    if len(payload) < CODE_BYTES or not may_be_sent(code):
        raise FrameError(CloseCode.PROTOCOL_ERROR, "a close code that is none")
    return code, _text(payload[CODE_BYTES:])


def may_be_sent(code: int) -> bool:
    """Tell whether a close frame may have this code."""
    if FIRST_FREE_CODE <= code <= LAST_FREE_CODE:
        return True
    return code in set(CloseCode) and code not in NEVER_SENT
