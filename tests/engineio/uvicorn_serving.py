"""A uvicorn on loopback with our WebSocket protocol, within the event loop of a test."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvicorn

from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from tests.engineio.wire import Wire

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Coroutine[Any, Any, None]]
App = Callable[[Event, Receive, Send], Coroutine[Any, Any, None]]


class Serving:
    """A uvicorn with an application."""

    def __init__(self, app: App, tls: ssl.SSLContext | None, settings: Event) -> None:
        self.app = app
        self.wires: list[Wire] = []
        self.wrong: list[BaseException] = []
        config = uvicorn.Config(
            self.serve, ws=UvicornWebSocket, log_config=None, lifespan="off", interface="asgi3", **settings
        )
        config.load()
        config.ssl = tls
        self.server = uvicorn.Server(config)
        self.server.lifespan = config.lifespan_class(config)
        self.socket = socket.create_server(("127.0.0.1", 0))

    async def serve(self, scope: Event, receive: Receive, send: Send) -> None:
        """Let the application serve, and remember where a test failed within it."""
        try:
            await self.app(scope, receive, send)
        except (AssertionError, pytest.fail.Exception) as wrong:
            self.wrong.append(wrong)

    @property
    def connections(self) -> list[UvicornWebSocket]:
        """The WebSockets that uvicorn knows."""
        return [each for each in self.server.server_state.connections if isinstance(each, UvicornWebSocket)]

    async def wire(self, tls: ssl.SSLContext | None = None) -> Wire:
        """Connect to it."""
        self.wires.append(await Wire.to(self.socket.getsockname()[1], tls))
        return self.wires[-1]

    async def opened(self, target: str = "/") -> Wire:
        """Connect, and ask for a WebSocket, which the application must accept."""
        wire = await self.wire()
        assert await wire.ask(target) == 101
        return wire


@contextlib.asynccontextmanager
async def serving(app: App, tls: ssl.SSLContext | None = None, **settings: object) -> AsyncIterator[Serving]:
    """Serve an application on loopback; at the end everything is cut: nothing has to be waited for."""
    one = Serving(app, tls, settings)
    await one.server.startup(sockets=[one.socket])
    await one.server.on_tick(0)
    try:
        yield one
    finally:
        for each in one.connections:
            each._transport.abort()
        for wire in one.wires:
            wire.cut()
        for server in one.server.servers:
            server.close()
            await server.wait_closed()
        await asyncio.gather(*one.server.server_state.tasks, return_exceptions=True)
        one.socket.close()
    for wrong in one.wrong:
        raise wrong


async def echo(scope: Event, receive: Receive, send: Send) -> None:
    """Accept, and echo every message."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send(event | {"type": "websocket.send"})
