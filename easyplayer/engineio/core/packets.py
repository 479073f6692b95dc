"""Packets of Engine.IO v4, and how each transport writes them.

Over a WebSocket a packet is one message: its type as a digit and its data, or the bytes alone where the data
are bytes. Over polling, packets stand in one payload with a separator between them, and bytes as base64 after
a ``b``.
"""

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from msgspec import Struct

from easyplayer.engineio.core.errors import PacketError
from easyplayer.engineio.core.frames import message_frame

SEPARATOR: Final = "\x1e"
SEPARATOR_BYTE: Final = b"\x1e"
BINARY_PREFIX: Final = "b"
MESSAGE_PREFIX: Final = "4"


class PacketType(IntEnum):
    """What a packet is for."""

    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


TYPES: Final = {str(int(kind)): kind for kind in PacketType}


class Packet:
    """One packet. It is not changed after it was made: what it looks like on the wire is kept.

    :ivar type: what it is for.
    :ivar data: what it carries, empty where it carries nothing; bytes only with a message.

    >>> Packet(PacketType.MESSAGE, "hello").message
    '4hello'
    >>> Packet(PacketType.MESSAGE, bytes([1, 2, 3, 4])).payload_part
    b'bAQIDBA=='
    """

    __slots__ = ("_frame", "_message", "_part", "_size", "data", "type")

    def __init__(self, type: PacketType, data: str | bytes = "") -> None:  # noqa: A002 — the protocol's word
        self.type = type
        self.data = data
        self._message: str | bytes | None = None
        self._part: bytes | None = None
        self._frame: bytes | None = None
        self._size = 0

    @property
    def message(self) -> str | bytes:
        """It as one message of a WebSocket: text with its type before it, or bytes as they are."""
        message = self._message
        if message is None:
            data = self.data
            message = self._message = data if isinstance(data, bytes) else f"{int(self.type)}{data}"
        return message

    @property
    def payload_part(self) -> bytes:
        """It as a part of a polling payload."""
        part = self._part
        if part is None:
            message = self.message
            part = message.encode() if isinstance(message, str) else b"b" + b64encode(message)
            self._part = part
        return part

    @property
    def frame(self) -> bytes:
        """The frame in which a server sends it over a WebSocket; a broadcast makes one for all."""
        frame = self._frame
        if frame is None:
            frame = self._frame = message_frame(self.message)
        return frame

    @property
    def size(self) -> int:
        """How many bytes :attr:`message` has on the wire, without its frame."""
        size = self._size
        if not size:
            message = self.message
            ascii_or_bytes = isinstance(message, bytes) or message.isascii()
            size = self._size = len(message) if ascii_or_bytes else len(self.payload_part)
        return size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packet):
            return NotImplemented
        return self.type == other.type and type(self.data) is type(other.data) and self.data == other.data

    def __hash__(self) -> int:
        return hash((self.type, self.data))

    def __repr__(self) -> str:
        return f"Packet({self.type.name}, {len(self.data)} of {type(self.data).__name__})"


class Opening(Struct, frozen=True, rename="camel"):
    """What an open packet says, as JSON. Times are in milliseconds.

    :ivar sid: the session's name.
    :ivar upgrades: to which transports it may go over.
    :ivar ping_interval: how often the server asks whether the client is there.
    :ivar ping_timeout: how long an answer may take.
    :ivar max_payload: most bytes of one payload or message.
    """

    sid: str
    upgrades: tuple[str, ...]
    ping_interval: int
    ping_timeout: int
    max_payload: int


PING: Final = Packet(PacketType.PING)
UPGRADE: Final = Packet(PacketType.UPGRADE)
NOOP: Final = Packet(PacketType.NOOP)
CLOSE: Final = Packet(PacketType.CLOSE)
PROBE: Final = Packet(PacketType.PING, "probe")
PROBED: Final = Packet(PacketType.PONG, "probe")


def from_message(message: str | bytes) -> Packet:
    """Read a packet from one message of a WebSocket, or from one part of a payload.

    Text that begins with ``b`` is base64: a client that is told to send no binary frames sends its bytes so.

    :raises PacketError: it is none.
    """
    if isinstance(message, bytes):
        return Packet(PacketType.MESSAGE, message)
    first = message[:1]
    kind = TYPES.get(first)
    if kind is not None:
        return Packet(kind, message[1:])
    if first == BINARY_PREFIX:
        return Packet(PacketType.MESSAGE, unpacked(message[1:]))
    problem = "no packet begins like that" if message else "a packet has a type at least"
    raise PacketError(problem)


def unpacked(text: str) -> bytes:
    """Read base64, with its padding, and nothing else in it.

    :raises PacketError: it is none.
    """
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError as error:
        problem = "bytes that are no base64"
        raise PacketError(problem) from error


def payload_of(packets: Iterable[Packet]) -> bytes:
    r"""Write packets as one payload.

    >>> payload_of([Packet(PacketType.MESSAGE, "hello"), PING])
    b'4hello\x1e2'
    """
    return SEPARATOR_BYTE.join([packet.payload_part for packet in packets])


def packets_of(payload: bytes) -> list[Packet]:
    """Read all packets of a payload, which must be good to its end.

    :raises PacketError: there is something in it that is no packet.
    """
    return [from_message(part) for part in parts_of(payload)]


def parts_of(payload: bytes) -> list[str]:
    """Take a payload apart, for :func:`from_message`.

    :raises PacketError: it is no UTF-8.
    """
    try:
        return payload.decode().split(SEPARATOR)
    except UnicodeDecodeError as error:
        problem = "a payload that is no UTF-8"
        raise PacketError(problem) from error
