"""Lines of boxes that do nothing but hold, hear, and answer pings: thousands of them in one process."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import httpx2

from bench.live_load import AT_ONCE, PING, Line

HELLO = (
    "GET /live/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Authorization: Bearer {token}\r\n\r\n"
)
ORDERS = b'"kind":"orders"'
WELCOME_MAY_TAKE_S = GIVING_MAY_TAKE_S = 120.0
SKIP = {"name": "skip"}


class BoxLine(Line):
    """The line of one box.

    :ivar orders_at: when each message with commands came.
    :ivar pings: how many have been answered.
    """

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.orders_at: list[float] = []
        self.pings = 0
        self.welcome = asyncio.Event()
        self.heard = self.welcome.set
        self._some = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a session, with the box's token."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(HELLO.format(token=self._token).encode())

    def data_received(self, data: bytes) -> None:
        """See whether there are commands in it; a hub's messages are short enough to come in one piece."""
        many = data.count(ORDERS)
        if many:
            self.orders_at += [time.perf_counter()] * many
            self._some.set()
        super().data_received(data)

    @property
    def is_held(self) -> bool:
        """Whether it has not ended."""
        return self._transport is not None

    async def orders(self, many: int) -> float:
        """Wait until so many messages with commands have come; gives when the last of them did."""
        while len(self.orders_at) < many:
            self._some.clear()
            await self._some.wait()
        return self.orders_at[many - 1]

    def _message(self, kind: int) -> None:
        self.pings += kind == PING
        super()._message(kind)


class Desk:
    """Gives commands, as an admin.

    :param anew: whether each goes by a connection of its own, which any worker takes.
    """

    def __init__(self, url: str, state: Path, *, anew: bool = False) -> None:
        token = (state / "admin.token").read_text().strip()
        self._client = httpx2.AsyncClient(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx2.Limits(max_keepalive_connections=0 if anew else None),
            timeout=GIVING_MAY_TAKE_S,
        )

    async def give(self, whom: str) -> float:
        """Give a command; tells when it was taken.

        :raises RefusedError: it was not.
        """
        try:
            answer = await self._client.post(f"/{whom}/commands", json=SKIP)
        except httpx2.TransportError as error:
            raise RefusedError(str(error)) from error
        if not answer.is_success:
            raise RefusedError(answer.text)
        return time.perf_counter()


class RefusedError(Exception):
    """A command was not taken."""


async def to_one(desk: Desk, name: str, line: BoxLine) -> float:
    """Give a command to one box; tells how long it took to be there."""
    given, heard = time.perf_counter(), len(line.orders_at)
    await desk.give(f"boxes/{name}")
    return await line.orders(heard + 1) - given


async def hold(port: int, tokens: Sequence[str]) -> list[BoxLine]:
    """Open a line for each box, in the order of their tokens, and wait until all are welcome."""
    loop = asyncio.get_running_loop()
    lines = [BoxLine(token) for token in tokens]

    async def some(mine: Sequence[BoxLine]) -> None:
        for line in mine:
            await loop.create_connection(partial(_itself, line), "127.0.0.1", port)
            await line.welcome.wait()

    async with asyncio.timeout(WELCOME_MAY_TAKE_S), asyncio.TaskGroup() as tasks:
        for place in range(AT_ONCE):
            tasks.create_task(some(lines[place::AT_ONCE]))
    return lines


def _itself(line: BoxLine) -> BoxLine:
    return line
