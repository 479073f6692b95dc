"""What one input of the fuzzer does to the core: any bytes, and never an unexpected exception."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from easyplayer.engineio.core.effects import Line
from easyplayer.engineio.core.errors import PacketError
from easyplayer.engineio.core.http import request_of
from easyplayer.engineio.core.options import Cookie, Options, SlowClient
from easyplayer.engineio.core.packets import SEPARATOR, Packet, from_message, packets_of, payload_of
from easyplayer.engineio.core.websocket import WebSocket
from tests.engineio.core.wire import Wire

MOST_BYTES: Final = 300
SHORT = Options(
    ping_interval_s=3.0,
    ping_timeout_s=2.0,
    upgrade_timeout_s=1.5,
    connect_timeout_s=4.0,
    max_http_buffer_size=MOST_BYTES,
    queue_packets=4,
    queue_bytes=400,
    most_sessions=4,
    most_sessions_per_address=3,
)
OPEN = Options(
    cors_allowed_origins="*", compression_threshold=1, cookie="io", slow_client=SlowClient.DROP_OLDEST
)
NARROW = Options(
    cors_allowed_origins=("http://a",), worker="w1", queue_packets=2, slow_client=SlowClient.DROP_NEWEST
)
PLAIN = Options(allow_upgrades=False, cookie=Cookie(secure=True), transports=("polling",), queue_bytes=50)
OPTIONS: Final = (SHORT, OPEN, NARROW, PLAIN)
METHODS: Final = ("GET", "POST", "OPTIONS", "HEAD")
WORDS: Final = ("2probe", "5", "3", "1", "4x", "2", "6", "")
TIMES: Final = (0.0, 0.01, 0.11, 1.0, 1.6, 2.1, 3.1, 30.0)


class Bytes:
    """Takes an input apart, until it is used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        """Take a byte; nothing left is 0."""
        piece = self.piece(1)
        return piece[0] if piece else 0

    def piece(self, size: int) -> bytes:
        """Take so many bytes, or what is left."""
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece

    def text(self, size: int) -> str:
        """Take bytes as text."""
        return self.piece(size).decode("utf-8", "replace")

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.piece(len(self._data))

    def __bool__(self) -> bool:
        return self._at < len(self._data)


def one_input(data: bytes) -> None:
    """Do with the core what an input says."""
    source = Bytes(data)
    (read_payload, read_socket, drive)[source.number() % 3](source)


def read_payload(source: Bytes) -> None:
    """Read a payload, and all of it as a message; what is read is written so that it is read the same."""
    payload = source.rest()
    for read in (packets_of, message_of_bytes, message_of_text):
        try:
            packets = read(payload)
        except (PacketError, UnicodeDecodeError):
            continue
        assert all(packet.size <= len(payload) for packet in packets)
        if all(isinstance(one.data, bytes) or SEPARATOR not in one.data for one in packets):
            assert packets_of(payload_of(packets)) == packets


def message_of_bytes(message: bytes) -> list[Packet]:
    """Read a binary message."""
    return [from_message(message)]


def message_of_text(message: bytes) -> list[Packet]:
    """Read a text message."""
    return [from_message(message.decode())]


def read_socket(source: Bytes) -> None:
    """Read a WebSocket in pieces of any size, in either role."""
    client = bool(source.number() & 1)
    socket = WebSocket(client=client, most_bytes=MOST_BYTES, make_mask=lambda: b"mask")
    while source:
        for event in socket.receive(source.piece(1 + source.number())):
            assert not isinstance(event, str | bytes) or len(event) <= MOST_BYTES
        assert len(socket.to_send()) <= 2 * MOST_BYTES * 256


def drive(source: Bytes) -> None:
    """Drive an engine as mad clients would; in the end, all is over in time."""
    wire = Wire(OPTIONS[source.number() % len(OPTIONS)])
    for _ in islice(steps(wire, source), 200):
        pass
    wire.wait(11)
    wire.do(wire.engine.shut_down(wire.now))
    assert len(wire.engine) == 0
    assert wire.engine.next_deadline() is None


def steps(wire: Wire, source: Bytes) -> Iterator[None]:
    """Do one thing after the other."""
    while source:
        what, pick = source.number(), source.number()
        sids = [*wire.engine.sessions, "nobody"]
        lines = [*wire.requests, *wire.sockets, *wire.asking, 0]
        STEPS[what % len(STEPS)](wire, source, sids[pick % len(sids)], lines[pick % len(lines)])
        yield


def begin(wire: Wire, source: Bytes, _sid: str, _line: Line) -> None:
    """Begin a session, and let it in, or not yet."""
    before, how = set(wire.engine.sessions), source.number()
    if how & 1:
        wire.socket()
    else:
        wire.http("GET", "EIO=4&transport=polling")
    for sid in set(wire.engine.sessions) - before:
        if how & 6:
            wire.do(wire.engine.accept(sid, wire.now, (("x-a", "b"),)))


def answer(wire: Wire, source: Bytes, sid: str, _line: Line) -> None:
    """Let somebody in, or not; or throw somebody out."""
    how = source.number() % 3
    if how == 0:
        wire.do(wire.engine.accept(sid, wire.now))
    elif how == 1:
        wire.do(wire.engine.disconnect(sid, wire.now))
    elif effects := wire.engine.refuse(sid, {"a": source.text(4)}, wire.now, status=401):
        wire.lives[sid].over = True
        wire.do(effects)


def request(wire: Wire, source: Bytes, sid: str, line: Line) -> None:
    """Let a client make a request, or go on with one."""
    how = source.number() % 6
    if how == 0:
        wire.poll(sid)
    elif how == 1:
        wire.post(sid, source.piece(source.number()))
    elif how == 2:
        wire.begin_post(sid)
    elif how == 3:
        wire.socket(sid)
    elif line in wire.uploads and how == 4:
        wire.end_post(line, source.piece(source.number()))
    elif line in wire.uploads or line in wire.sockets:
        wire.do(wire.engine.too_large(line, wire.now))


def word(wire: Wire, source: Bytes, _sid: str, line: Line) -> None:
    """Say a word of the protocol over a socket."""
    if line in wire.sockets:
        wire.message(line, WORDS[source.number() % len(WORDS)])


def anything(wire: Wire, source: Bytes, _sid: str, line: Line) -> None:
    """Say anything over a socket."""
    said = source.piece(source.number())
    if line in wire.sockets:
        wire.message(line, said if len(said) & 1 else said.decode("utf-8", "replace"))


def network(wire: Wire, source: Bytes, _sid: str, line: Line) -> None:
    """Let something happen to a line."""
    how = source.number() % 4
    if how == 0:
        wire.gone(line)
    elif how == 1:
        wire.gone(line, failed=True)
    elif line in wire.sockets:
        wire.do(wire.engine.paused(line) if how == 2 else wire.engine.resumed(line, wire.now))


def wait(wire: Wire, source: Bytes, _sid: str, _line: Line) -> None:
    """Let time pass; the clock is looked at in time, or too late."""
    number = source.number()
    seconds = TIMES[number % len(TIMES)]
    if number & 128:
        wire.now += seconds
        wire.do(wire.engine.tick(wire.now))
    else:
        wire.wait(seconds)


def send(wire: Wire, source: Bytes, sid: str, _line: Line) -> None:
    """Send a message, if there is somebody."""
    size = source.number() * 2
    if sid in wire.lives and not wire.lives[sid].over:
        wire.send(sid, size)


def any_request(wire: Wire, source: Bytes, sid: str, _line: Line) -> None:
    """Make a request of any bytes."""
    method = METHODS[source.number() % len(METHODS)]
    target = b"/?" + source.piece(source.number()).replace(b"$", sid.encode())
    headers = [
        (source.piece(source.number() % 24), source.piece(source.number() % 24)),
        (b"origin", source.piece(source.number() % 16)),
        (b"accept-encoding", source.piece(source.number() % 16)),
    ]
    wire.take(request_of(method, target, headers, b"4x", "192.0.2.9"), by_socket=bool(source.number() & 1))


STEPS: Final = (begin, answer, request, request, word, word, anything, network, wait, send, send, any_request)
"""What may be done; what is more likely stands there twice."""

SEEDS: Final = (
    b"\x004hello\x1ebAQIDBA==\x1e2",
    b"\x01\x00\x05\x81\x85maskmasked",
    b"\x01\x01\x05\x81\x05hello",
    # Polling: let in, a poll waits, a socket comes, is answered, and takes over; a message each way.
    bytes((2, 0, 0, 0, 2, 2, 0, 0, 2, 0, 3, 4, 1, 0, 4, 0, 1, 9, 0, 5, 4, 0, 4, 7, 0, 2, 9, 0, 9, 7, 0, 3)),
    # A socket at once, asked whether it is there, and gone.
    bytes((2, 0, 0, 0, 3, 9, 0, 1, 8, 0, 6, 4, 0, 2, 8, 0, 6, 8, 0, 5, 7, 0, 1)),
    # A POST in two parts, another one meanwhile, a goodbye.
    bytes((2, 1, 0, 0, 2, 2, 0, 2, 2, 0, 4, 2)) + b"4x" + bytes((2, 0, 2, 2, 0, 2, 1, 0, 1)),
    bytes((2, 1, 0, 0, 2, 9, 0, 9, 1, 0, 1, 2, 0, 0)),
    # A request by its bytes.
    bytes((2, 1, 11, 0, 0, 23)) + b"EIO=4&transport=polling" + b"\x01a\x01b\x08http://a\x04gzip\x00\x00",
)
"""Inputs to begin with, so that nothing has to be guessed that the protocol's document says."""
