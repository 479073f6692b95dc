"""A hub of the tests that answers at a real port, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from easyplayer.hub.serving import listening, url_of
from easyplayer.hub.web.application import Application

MOST_S = 20.0


class _Server(uvicorn.Server):
    """Says when it answers, and lets go of those who hold a line before it waits for them."""

    def __init__(self, application: Application) -> None:
        config = uvicorn.Config(
            application, ws=UvicornWebSocket, lifespan="on", log_config=None, timeout_graceful_shutdown=1
        )
        super().__init__(config)
        self._application = application
        self.answers = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._application.leave()
        await super().shutdown(sockets)


@contextmanager
def served(application: Application, port: int = 0) -> Iterator[str]:
    """Answer; gives the base URL."""
    with listening("127.0.0.1", port) as listener:
        server = _Server(application)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        try:
            assert server.answers.wait(MOST_S)
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join(MOST_S)
