"""Servers on loopback, each by one of the drivers, in the loop of the test."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Any

import uvicorn

from easyplayer.engineio import Options, Reason, Request, Server
from easyplayer.engineio.asgi_types import App
from easyplayer.engineio.raw import RawServer
from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from tests.engineio.served.visitors import Answer, Line
from tests.engineio.wire import Wire

SOON_S = 10.0
"""What does not come within it does not come."""
PATH = "/engine.io/?EIO=4"
OPENING = f"GET {PATH}&transport=polling HTTP/1.1\r\nhost: a\r\n\r\n".encode()


class Driver(StrEnum):
    """What carries the bytes."""

    RAW = "raw"
    ASGI = "asgi"


class House:
    """A server, and the ways to it.

    :ivar heard: what the handlers were told, in its order.
    """

    def __init__(self, server: Server, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.server = server
        self.port = port
        self.heard: list[tuple[Any, ...]] = []
        self._tls = tls
        self._news = asyncio.Condition()
        self._open: list[Line | Wire] = []
        server.on("connect", self.connect)
        server.on("message", self.message)
        server.on("disconnect", self.disconnect)

    async def connect(self, sid: str, _request: Request) -> None:
        """Let a client in."""
        await self._hear("connect", sid)

    async def message(self, sid: str, data: str | bytes) -> None:
        """Echo a message."""
        await self._hear("message", sid, data)
        await self.server.send(sid, data)

    async def disconnect(self, sid: str, reason: Reason) -> None:
        """Remember who has left."""
        await self._hear("disconnect", sid, reason)

    async def _hear(self, *what: object) -> None:
        self.heard.append(what)
        async with self._news:
            self._news.notify_all()

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so, which depends on what the handlers were told."""
        async with asyncio.timeout(SOON_S), self._news:
            await self._news.wait_for(is_so)

    async def goodbye(self, sid: str) -> Reason:
        """Wait until a session is over, and tell why."""
        await self.until(lambda: self._goodbyes(sid))
        (reason,) = self._goodbyes(sid)
        return reason

    def _goodbyes(self, sid: str) -> list[Reason]:
        return [what[2] for what in self.heard if what[:2] == ("disconnect", sid)]

    async def line(self) -> Line:
        """Connect, to speak HTTP."""
        line = await Line.to(self.port, self._tls)
        self._open.append(line)
        return line

    async def ask(
        self,
        method: str = "GET",
        target: str = PATH + "&transport=polling",
        body: bytes = b"",
        **headers: str,
    ) -> Answer:
        """Ask for something over a connection of its own."""
        line = await self.line()
        answer = await line.ask(method, target, body, **headers)
        line.cut()
        return answer

    async def wire(self, sid: str = "", **headers: str) -> Wire:
        """Open a WebSocket."""
        wire = await Wire.to(self.port, self._tls)
        self._open.append(wire)
        target = f"{PATH}&transport=websocket" + (f"&sid={sid}" if sid else "")
        async with asyncio.timeout(SOON_S):
            await wire.ask(target, [(name.replace("_", "-"), value) for name, value in headers.items()])
        return wire

    async def socket(self) -> tuple[Wire, str]:
        """Open a session over a WebSocket; give its name too."""
        wire = await self.wire()
        return wire, json.loads(str(await hear(wire))[1:])["sid"]

    async def polling(self, **headers: str) -> str:
        """Open a session by polling, and give its name."""
        answer = await self.ask("GET", f"{PATH}&transport=polling", b"", **headers)
        return str(json.loads(answer.text[1:])["sid"])

    async def get(self, sid: str) -> Answer:
        """Poll."""
        return await self.ask("GET", f"{PATH}&transport=polling&sid={sid}")

    async def post(self, sid: str, body: str) -> Answer:
        """Send packets."""
        return await self.ask("POST", f"{PATH}&transport=polling&sid={sid}", body.encode())

    async def upgraded(self, sid: str) -> Wire:
        """Take a session from polling to a WebSocket."""
        wire = await self.wire(sid)
        wire.send("2probe")
        assert await hear(wire) == "3probe"
        wire.send("5")
        return wire

    def leave(self) -> None:
        """Cut all connections."""
        for one in self._open:
            one.cut()


async def hear(wire: Wire) -> object:
    """Give what a server says next over a WebSocket."""
    async with asyncio.timeout(SOON_S):
        return await wire.hear()


async def end_of(house: House, *pieces: bytes) -> bytes:
    """Write this, and give what comes until the server closes the connection."""
    line = await house.line()
    for piece in pieces:
        line.writer.write(piece)
        await house.ask(target="/nowhere")
    return await line.end()


@contextlib.asynccontextmanager
async def open_house(
    driver: Driver, *, trusted: tuple[str, ...] = (), **options: Any
) -> AsyncIterator[House]:
    """Open a server that echoes what it hears, for as long as the block lasts."""
    server = Server(Options(**options), trusted_proxies=trusted)
    async with served(driver, server) as port:
        house = House(server, port)
        try:
            yield house
        finally:
            house.leave()


@contextlib.asynccontextmanager
async def served(driver: Driver, server: Server, app: App | None = None) -> AsyncIterator[int]:
    """Serve on loopback for as long as the block lasts; gives the port."""
    if driver is Driver.RAW:
        raw = RawServer(server)
        await raw.start()
        try:
            yield raw.port
        finally:
            await server.shut_down()
            await raw.stop()
    else:
        async with uvicorn_at(server.attach(app)) as port:
            try:
                yield port
            finally:
                await server.shut_down()


@contextlib.asynccontextmanager
async def uvicorn_at(app: App) -> AsyncIterator[int]:
    """Let uvicorn serve an application; at the end what is left is cut, and nothing has to be waited for."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type] # its own words for the same
        ws=UvicornWebSocket,
        log_config=None,
        lifespan="off",
        proxy_headers=False,
    )
    config.load()
    one = uvicorn.Server(config)
    one.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does so with its own only
    await one.startup(sockets=[listener])
    try:
        yield listener.getsockname()[1]
    finally:
        for connection in list(one.server_state.connections):
            (getattr(connection, "_transport", None) or connection.transport).abort()
        for server in one.servers:
            server.close()
        await asyncio.gather(*one.server_state.tasks, return_exceptions=True)
        listener.close()
