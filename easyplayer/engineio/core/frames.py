"""Frames of RFC 6455: written whole, read from bytes that come split anywhere.

What is read are pieces of messages.  A short frame is one piece; the payload of a long one is given on as
it comes, so that nothing has to be kept here and text can be judged at once.  Into whatever frames and reads
a message was cut: its first piece has its opcode, all others are continuations, and one of them is the last.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from easyplayer.engineio.core.errors import FrameError

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
OPCODES: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
WHOLE_TEXT: Final = 0x81
WHOLE_BINARY: Final = 0x82
"""The first bytes of frames that are whole messages."""

MOST_CONTROL_BYTES: Final = 125
"""The payload of a close, ping or pong is no longer (RFC 6455, section 5.5)."""

SHORTEST_HEAD: Final = 2
FIN: Final = 0x80
RESERVED_BITS: Final = 0x70
OPCODE_BITS: Final = 0x0F
CONTROL_BIT: Final = 0x08
MASK_BIT: Final = 0x80
LENGTH_BITS: Final = 0x7F
TWO_BYTES: Final = 126
EIGHT_BYTES: Final = 127
MASK_BYTES: Final = 4
MOST_IN_TWO_BYTES: Final = 0xFFFF
STRIDE: Final = 8192
"""So many bytes are masked at once: they stay in the processor's cache, which is more than twice as fast."""


class CloseCode(IntEnum):
    """Why a connection is closed (RFC 6455, section 7.4.1, and its registry)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED = 1003
    NO_CODE = 1005
    """Never sent: the close frame had none."""
    ABNORMAL = 1006
    """Never sent: there was no close frame."""
    INVALID_TEXT = 1007
    POLICY = 1008
    TOO_LARGE = 1009
    EXTENSION_MISSING = 1010
    INTERNAL = 1011
    RESTART = 1012
    TRY_LATER = 1013
    BAD_GATEWAY = 1014


class Piece(Struct, frozen=True, gc=False):
    """A piece of a message, or a whole control frame.

    :ivar opcode: of the message with its first piece, then CONTINUATION.
    :ivar last: whether the message ends with it.
    """

    opcode: int
    payload: bytes
    last: bool


def masked(payload: bytes, mask: bytes) -> bytes:
    """Mask a payload, or unmask one, which is the same.

    :param mask: four bytes.

    >>> masked(masked(b"hello", b"abcd"), b"abcd")
    b'hello'
    """
    size = len(payload)
    if size <= STRIDE:
        key = int.from_bytes((mask * (size // MASK_BYTES + 1))[:size], "little")
        return (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")
    key = int.from_bytes(mask * (STRIDE // MASK_BYTES), "little")
    strides = [
        (int.from_bytes(payload[at : at + STRIDE], "little") ^ key).to_bytes(STRIDE, "little")
        for at in range(0, size - STRIDE + 1, STRIDE)
    ]
    strides.append(masked(payload[len(strides) * STRIDE :], mask))
    return b"".join(strides)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bytes | None = None) -> bytes:
    r"""Write one frame.

    :param fin: whether the message ends with it.
    :param mask: four bytes that nobody can guess, from a client; nothing from a server.

    >>> frame(TEXT, b"Hello")
    b'\x81\x05Hello'
    """
    first = opcode | FIN if fin else opcode
    size = len(payload)
    bit = 0 if mask is None else MASK_BIT
    if size < TWO_BYTES:
        head = bytes((first, bit | size))
    elif size <= MOST_IN_TWO_BYTES:
        head = bytes((first, bit | TWO_BYTES)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, bit | EIGHT_BYTES)) + size.to_bytes(8, "big")
    return head + payload if mask is None else b"".join((head, mask, masked(payload, mask)))


def text_frame(message: str) -> bytes:
    """Write a server's frame of a text."""
    return frame(TEXT, message.encode())


def message_frame(message: str | bytes, mask: bytes | None = None) -> bytes:
    """Write the frame of a message: text of a ``str``, else binary.

    :param mask: four bytes, from a client.
    """
    if isinstance(message, str):
        return frame(TEXT, message.encode(), mask=mask)
    return frame(BINARY, message, mask=mask)


class FrameReader:
    """Reads frames from bytes that come split anywhere.

    It keeps no more than the head of a frame, or a control frame, that has not come whole: 131 bytes.  After
    an error there is no more to be read.

    :param from_client: whether the frames have to be masked; those of a server must not be.
    :param most_bytes: of the payloads of all frames of a message.
    """

    __slots__ = ("_at", "_data", "_ends", "_left", "_mask", "_mask_bit", "_most_bytes", "_opcode", "_size")

    def __init__(self, *, from_client: bool, most_bytes: int) -> None:
        self._mask_bit = MASK_BIT if from_client else 0
        self._most_bytes = most_bytes
        self._data = b""
        self._at = 0
        self._left = 0
        """So many bytes of the payload that is being given on have not come."""
        self._opcode = CONTINUATION
        """Of the next piece of that payload."""
        self._mask = b""
        """Of that payload, turned so that it begins with the next byte."""
        self._ends = True
        """Whether the last data frame ended its message: none is under way behind it."""
        self._size = 0
        """So many bytes all frames of the message under way have said to have."""

    def feed(self, data: bytes) -> None:
        """Take bytes from the other side; then ask for pieces until there are no more."""
        self._data = self._data[self._at :] + data if self._data else data
        self._at = 0

    def next_piece(self) -> Piece | None:
        """Give the next piece; nothing where more bytes have to come.

        :raises FrameError: a frame that RFC 6455 does not allow, or a message that is too large.
        """
        if self._left:
            return self._payload()
        data = self._data
        at = self._at
        if len(data) - at < SHORTEST_HEAD:
            return self._wait()
        size = data[at + 1] ^ self._mask_bit
        # Nearly all frames are such: a whole message, short, and all of it has come.
        if WHOLE_TEXT <= data[at] <= WHOLE_BINARY and self._ends and size < TWO_BYTES:
            start = at + SHORTEST_HEAD + (MASK_BYTES if self._mask_bit else 0)
            if start + size <= len(data) and size <= self._most_bytes:
                return self._whole(data[at] & OPCODE_BITS, start, size)
        return self._frame()

    def forget(self) -> None:
        """Let go of all bytes that have come."""
        self._data = b""
        self._at = self._left = 0

    def _wait(self) -> Piece | None:
        """Keep only what has not been read: a short rest must not hold all the bytes it came with."""
        self._data = self._data[self._at :]
        self._at = 0
        return None

    def _frame(self) -> Piece | None:
        """Read the head of a frame, and what of its payload has come."""
        data = self._data
        first, second = data[self._at], data[self._at + 1]
        wrong = self._wrong_bits(first, second) or self._wrong_place(first)
        if wrong:
            raise FrameError(CloseCode.PROTOCOL_ERROR, wrong)
        start = self._at + SHORTEST_HEAD
        size = second & LENGTH_BITS
        if size >= TWO_BYTES:
            start += 2 if size == TWO_BYTES else 8
            if len(data) < start:
                return self._wait()
            size = _long_size(data[self._at + SHORTEST_HEAD : start])
        if self._mask_bit:
            start += MASK_BYTES
        if first & CONTROL_BIT:
            return (
                self._whole(first & OPCODE_BITS, start, size) if start + size <= len(data) else self._wait()
            )
        if self._size + size > self._most_bytes:
            raise FrameError(CloseCode.TOO_LARGE, f"a message over {self._most_bytes} bytes")
        if len(data) < start:
            return self._wait()
        self._at = start
        self._left = size
        self._opcode = first & OPCODE_BITS
        self._mask = data[start - MASK_BYTES : start] if self._mask_bit else b""
        self._ends = first >= FIN
        self._size += size
        return self._payload()

    def _whole(self, opcode: int, start: int, size: int) -> Piece:
        """Read the payload of a frame that is a whole message, or a control frame."""
        self._at = start + size
        payload = self._data[start : self._at]
        if self._mask_bit:
            payload = masked(payload, self._data[start - MASK_BYTES : start])
        return Piece(opcode, payload, last=True)

    def _payload(self) -> Piece | None:
        """Give what has come of the payload of a data frame."""
        if self._left and self._at == len(self._data):
            return self._wait()
        payload = self._data[self._at : self._at + self._left]
        opcode, mask = self._opcode, self._mask
        self._at += len(payload)
        self._left -= len(payload)
        self._opcode = CONTINUATION
        if mask:
            turn = len(payload) % MASK_BYTES
            self._mask = mask[turn:] + mask[:turn] if self._left else b""
            payload = masked(payload, mask)
        last = self._ends and not self._left
        if last:
            self._size = 0
        return Piece(opcode, payload, last)

    def _wrong_bits(self, first: int, second: int) -> str:
        """Tell what in the first two bytes no frame may have."""
        if first & RESERVED_BITS:
            return "reserved bits are set"
        if first & OPCODE_BITS not in OPCODES:
            return "a reserved opcode"
        if second & MASK_BIT != self._mask_bit:
            return "a client's frame is not masked" if self._mask_bit else "a server's frame is masked"
        if first & CONTROL_BIT and second & LENGTH_BITS > MOST_CONTROL_BYTES:
            return "a control frame is too long"
        return ""

    def _wrong_place(self, first: int) -> str:
        """Tell why a frame may not come here."""
        if first & CONTROL_BIT:
            return "" if first & FIN else "a control frame is in fragments"
        if first & OPCODE_BITS == CONTINUATION:
            return "a continuation of no message" if self._ends else ""
        return "" if self._ends else "a message within a message"


def _long_size(number: bytes) -> int:
    """Read a length of two or eight bytes."""
    size = int.from_bytes(number, "big")
    if size < TWO_BYTES or (len(number) > 2 and size <= MOST_IN_TWO_BYTES):  # noqa: PLR2004
        raise FrameError(CloseCode.PROTOCOL_ERROR, "a length in more bytes than it needs")
    if size >> 63:
        raise FrameError(CloseCode.PROTOCOL_ERROR, "a length of more than 63 bits")
    return size
