"""Boxes that send heartbeats, as many as one event loop can: each connection is a few lines over a socket."""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from bench.heartbeats import Sender

CONNECTIONS = 64
"""How many boxes may be heard at once."""


class Load(NamedTuple):
    """What became of heartbeats.

    :ivar sent: how many were answered well.
    :ivar took_s: how long each took, from the instant at which it was due.
    """

    sent: int
    failed: int
    span_s: float
    took_s: list[float]

    def percentile_ms(self, percent: int) -> float:
        """Tell in how many milliseconds so many of a hundred were answered."""
        return statistics.quantiles(self.took_s, n=100)[percent - 1] * 1000


class Connection(asyncio.Protocol):
    """One connection, one request at a time.

    :ivar head: of the last answer; empty where none came.
    :ivar body: of the last answer.
    """

    def __init__(self) -> None:
        self.head = b""
        self.body = b""
        self._transport: asyncio.Transport | None = None
        self._seen = bytearray()
        self._answered: asyncio.Future[bool] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole."""
        self._seen += data
        head, found, body = self._seen.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length and self._answered is not None and not self._answered.done():
            self.head, self.body = bytes(head), bytes(body)
            self._answered.set_result(head.startswith(b"HTTP/1.1 200"))
            self._seen.clear()

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def drop(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell who waits that no answer comes."""
        self._transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(False)

    async def ask(self, request: bytes) -> bool:
        """Send a request; tell whether it was answered well."""
        if self._transport is None:
            return False
        self.head = self.body = b""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered


async def at_a_rate(port: int, senders: Sequence[Sender], per_s: float, span_s: float) -> Load:
    """Send so many heartbeats in a second, whether or not those before have been answered."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in await _connected(port):
        free.put_nowait(connection)
    took: list[float] = []
    failed = 0

    async def send(sender: Sender, due: float) -> None:
        nonlocal failed
        connection = await free.get()
        failed += not await connection.ask(sender.request())
        took.append(time.perf_counter() - due)
        free.put_nowait(connection)

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(per_s * span_s)):
            due = begun + number / per_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(send(senders[number % len(senders)], due))
    return Load(len(took) - failed, failed, time.perf_counter() - begun, took)


async def at_full_speed(port: int, senders: Sequence[Sender], span_s: float) -> Load:
    """Send the next heartbeat on each connection as soon as the one before is answered."""
    took: list[float] = []
    failed = 0
    begun = time.perf_counter()

    async def send(connection: Connection, mine: Sequence[Sender]) -> None:
        nonlocal failed
        number = 0
        while (now := time.perf_counter()) < begun + span_s:
            failed += not await connection.ask(mine[number % len(mine)].request())
            took.append(time.perf_counter() - now)
            number += 1

    connections = await _connected(port)
    async with asyncio.TaskGroup() as tasks:
        for place, connection in enumerate(connections):
            tasks.create_task(send(connection, senders[place :: len(connections)]))
    return Load(len(took) - failed, failed, time.perf_counter() - begun, took)


async def _connected(port: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    make: Callable[[], Connection] = Connection
    return [(await loop.create_connection(make, "127.0.0.1", port))[1] for _ in range(CONNECTIONS)]
