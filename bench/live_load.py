"""Clients of Engine.IO as cheap as they can be: a few lines over a socket each, many in one loop."""

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

AT_ONCE = 50
"""So many connections are opened at a time."""
MAY_TAKE_S = 300.0
WEBSOCKET = "/engine.io/?EIO=4&transport=websocket"
POLLING = "/engine.io/?EIO=4&transport=polling"
HELLO = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
NO_MASK = bytes(4)
"""A mask that leaves the bytes as they are, so that this side does not spend its time on it."""
OPEN, PING, PONG = b"0"[0], b"2"[0], b"3"
MESSAGE_FRAME, PING_FRAME, PONG_FRAME = 0x81, 0x89, 0x8A
"""First bytes: text; and what uvicorn's own WebSocket asks each 20 s, and is to hear."""
SHORT = 126
"""Lengths from here on take two bytes more; this one and 127 tell how many."""
ECHO_SIZE = 64


class Flow(NamedTuple):
    """What went through.

    :ivar messages: how many came.
    :ivar took_s: how long some or all of them took.
    """

    messages: int
    took_s: list[float]

    def percentile_ms(self, percent: int) -> float:
        """Tell in how many milliseconds so many of a hundred were there."""
        return statistics.quantiles(self.took_s, n=100)[percent - 1] * 1000


def frame(message: bytes, kind: int = MESSAGE_FRAME) -> bytes:
    """Give a client's WebSocket frame, of text where nothing else is said."""
    size = len(message)
    head = (
        bytes((kind, 0x80 | size)) if size < SHORT else bytes((kind, 0x80 | SHORT)) + size.to_bytes(2, "big")
    )
    return head + NO_MASK + message


class Line(asyncio.Protocol):
    """One client over one WebSocket.

    :ivar heard: called with nothing for each message that comes.
    :ivar lost: called with nothing when it is over.
    :ivar opened: done when the session is open.
    """

    def __init__(self) -> None:
        self.heard: Callable[[], object] = _nothing
        self.lost: Callable[[], object] = _nothing
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._head_seen = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a session."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(HELLO.format(path=WEBSOCKET).encode())

    def data_received(self, data: bytes) -> None:
        """Read the answer to the handshake, then frames."""
        data = self._rest + data if self._rest else data
        if not self._head_seen:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode())
            self._head_seen = True
        self._rest = self._frames(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits for the session that it does not come."""
        self._transport = None
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("the server closed it"))
        else:
            self.lost()

    def write(self, frames: bytes) -> None:
        """Send frames."""
        if self._transport is None:
            raise ConnectionError
        self._transport.write(frames)

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()

    def _frames(self, data: bytes) -> bytes:
        """Take frames apart: a server's are not masked, and these servers do not split messages.

        :return: what is left of them.
        """
        at, size = 0, len(data)
        while size - at >= 2:
            length, begin = data[at + 1], at + 2
            if length >= SHORT:
                begin += 2 if length == SHORT else 8
                if size < begin:
                    break
                length = int.from_bytes(data[at + 2 : begin], "big")
            end = begin + length
            if size < end:
                break
            if data[at] == MESSAGE_FRAME:
                self._message(data[begin])
            elif data[at] == PING_FRAME:
                self.write(frame(data[begin:end], PONG_FRAME))
            at = end
        return data[at:]

    def _message(self, kind: int) -> None:
        if kind == PING:
            self.write(frame(PONG))
        elif kind == OPEN:
            self.opened.set_result(None)
        else:
            self.heard()


async def lines(port: int, many: int) -> list[Line]:
    """Open so many sessions."""
    loop = asyncio.get_running_loop()
    made: list[Line] = []

    async def some(count: int) -> None:
        for _ in range(count):
            _, line = await loop.create_connection(Line, "127.0.0.1", port)
            await line.opened
            made.append(line)

    async with asyncio.timeout(MAY_TAKE_S), asyncio.TaskGroup() as tasks:
        for place in range(AT_ONCE):
            tasks.create_task(some(len(range(place, many, AT_ONCE))))
    return made


async def broadcasts(open_lines: Sequence[Line], rounds: int) -> Flow:
    """Let the server say something to all, again when all have heard it.

    :raises ConnectionError: the server has lost one of them.
    """
    took: list[float] = []
    all_heard = asyncio.Event()
    begun, missing = 0.0, 0

    def heard() -> None:
        nonlocal missing
        took.append(time.perf_counter() - begun)
        missing -= 1
        if not missing:
            all_heard.set()

    def lost() -> None:
        nonlocal missing
        missing = -1
        all_heard.set()

    for line in open_lines:
        line.heard, line.lost = heard, lost
    async with asyncio.timeout(MAY_TAKE_S):
        for number in range(rounds):
            all_heard.clear()
            missing, begun = len(open_lines), time.perf_counter()
            open_lines[0].write(frame(b"4!all %d" % number))
            await all_heard.wait()
            if missing:
                raise ConnectionError
    for line in open_lines:
        line.lost = _nothing
    return Flow(len(took), took)


async def echoes(open_lines: Sequence[Line], span_s: float, at_once: int) -> Flow:
    """Say something on each line, and again when it came back.

    :param at_once: how many messages are on their way on each line.
    """
    say = frame(b"4" + b"x" * ECHO_SIZE) * at_once
    took: list[float] = []
    ended = time.perf_counter() + span_s
    left = len(open_lines)
    all_done = asyncio.Event()

    def start(line: Line) -> None:
        missing, begun = at_once, time.perf_counter()

        def heard() -> None:
            nonlocal missing, begun, left
            missing -= 1
            if missing:
                return
            now = time.perf_counter()
            took.append(now - begun)
            if now < ended:
                missing, begun = at_once, now
                line.write(say)
                return
            left -= 1
            if not left:
                all_done.set()

        line.heard = heard
        line.write(say)

    for line in open_lines:
        start(line)
    async with asyncio.timeout(MAY_TAKE_S + span_s):
        await all_done.wait()
    return Flow(at_once * len(took), took)


class Poller:
    """One client over HTTP, one request after the other on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._path = POLLING

    async def ask(self, method: str, body: bytes = b"") -> bytes:
        """Ask, and give the body of the answer."""
        head = f"{method} {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not answer.startswith(b"http/1.1 200"):
            raise ConnectionError(answer.decode())
        if b"transfer-encoding: chunked" in answer:
            return await self._chunks()
        length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return await self._reader.readexactly(length)

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()
        return body

    async def open(self) -> None:
        """Open the session."""
        packet = await self.ask("GET")
        sid = packet.partition(b'"sid":"')[2].partition(b'"')[0]
        self._path = f"{POLLING}&sid={sid.decode()}"

    async def hear(self) -> bytes:
        """Wait for what comes next, and answer pings."""
        packets: deque[bytes] = deque((await self.ask("GET")).split(b"\x1e"))
        if packets[0][0] == PING:
            await self.ask("POST", PONG)
            packets.popleft()
        return packets[-1] if packets else await self.hear()

    async def close(self) -> None:
        """End it."""
        await self.ask("POST", b"1")
        self._writer.close()


async def polled_echoes(port: int, many: int, span_s: float) -> Flow:
    """Say something by a POST, and hear it by a GET, in so many sessions."""
    took: list[float] = []
    message = b"4" + b"x" * ECHO_SIZE

    async def session() -> None:
        poller = Poller(*await asyncio.open_connection("127.0.0.1", port))
        await poller.open()
        ended = time.perf_counter() + span_s
        while (begun := time.perf_counter()) < ended:
            await poller.ask("POST", message)
            if await poller.hear() != message:
                raise ConnectionError
            took.append(time.perf_counter() - begun)
        await poller.close()

    async with asyncio.timeout(MAY_TAKE_S + span_s), asyncio.TaskGroup() as tasks:
        for _ in range(many):
            tasks.create_task(session())
    return Flow(len(took), took)


def _nothing() -> None:
    """Hear it, and leave it at that."""
