"""Clients that are written in Python, each by the same few words, for tests that wait for what must come."""

import asyncio
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import aiohttp
import engineio
import requests
from engineio.payload import Payload

from tests.interop.words import Data

MAY_TAKE_S = 15.0

Payload.max_decode_packets = 1000
"""The library takes no more than 16 packets in one payload, and says nothing of those it throws away."""


class Visitor(Protocol):
    """One client."""

    def connect(self, url: str, transports: Sequence[str]) -> None:
        """Open a session."""

    def send(self, data: Data) -> None:
        """Send a message."""

    def transport(self) -> str:
        """Name the transport that is in use."""

    def leave(self) -> None:
        """End the session."""

    def close(self) -> None:
        """End all that it has, its session too."""


class Heard:
    """What one client has heard.

    :ivar ended: set when the session has ended.
    """

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._messages: queue.SimpleQueue[Data] = queue.SimpleQueue()

    def message(self, data: Data) -> None:
        """Take a message."""
        self._messages.put(data)

    def end(self, *_why: object) -> None:
        """Take the end."""
        self.ended.set()

    def next(self, many: int) -> list[Data]:
        """Wait for so many messages."""
        return [self._messages.get(timeout=MAY_TAKE_S) for _ in range(many)]

    def nothing_more(self) -> bool:
        """Tell whether nothing waits."""
        return self._messages.empty()


class LibrarySync:
    """The client of python-engineio that has threads."""

    def __init__(self, heard: Heard) -> None:
        self._http = requests.Session()
        self._client = engineio.Client(handle_sigint=False, http_session=self._http)
        self._client.on("message", heard.message)
        self._client.on("disconnect", heard.end)
        self.send = self._client.send
        self.transport = self._client.transport
        self.leave = self._client.disconnect

    def connect(self, url: str, transports: Sequence[str]) -> None:
        """Open a session."""
        self._drop()
        self._client.connect(url, transports=list(transports))

    def close(self) -> None:
        """End all that it has."""
        self.leave()
        self._http.close()
        self._drop()

    def _drop(self) -> None:
        """Close the WebSocket: the client leaves open what the server has ended."""
        if self._client.ws is not None:
            self._client.ws.shutdown()


class OverLoop(ABC):
    """What the clients of asyncio have in common: a loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def done(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the loop, and give what came of it."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(MAY_TAKE_S)

    @abstractmethod
    async def end(self) -> None:
        """End the session, and all that the client has."""

    def close(self) -> None:
        """End all that it has, and the loop."""
        self.done(self.end())
        self.done(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class LibraryAsync(OverLoop):
    """The client of python-engineio for asyncio."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self._http = self.done(self._session())
        self._client = engineio.AsyncClient(handle_sigint=False, http_session=self._http)
        self._client.on("message", heard.message)
        self._client.on("disconnect", heard.end)
        self.transport = self._client.transport

    def connect(self, url: str, transports: Sequence[str]) -> None:
        """Open a session."""
        self.done(self._drop())
        self.done(self._client.connect(url, transports=list(transports)))

    def send(self, data: Data) -> None:
        """Send a message."""
        self.done(self._client.send(data))

    def leave(self) -> None:
        """End the session."""
        self.done(self._client.disconnect())

    async def end(self) -> None:
        """End the session, and all that the client has."""
        await self._client.disconnect()
        await self._drop()
        await self._http.close()

    async def _drop(self) -> None:
        if self._client.ws is not None:
            await self._client.ws.close()

    @staticmethod
    async def _session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()


class Ours(OverLoop):
    """Our own client."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self._heard = heard
        self._client: Any = None

    def connect(self, url: str, transports: Sequence[str]) -> None:
        """Open a session."""
        from easyplayer.engineio.client import Client

        self._client = Client(url, transports=tuple(transports))
        self._client.on("message", self._heard.message)
        self._client.on("disconnect", self._heard.end)
        self.done(self._client.connect())

    def send(self, data: Data) -> None:
        """Send a message."""
        self.done(self._client.send(data))

    def transport(self) -> str:
        """Name the transport that is in use."""
        return str(self._client.transport)

    def leave(self) -> None:
        """End the session."""
        self.done(self._client.close())

    async def end(self) -> None:
        """End the session, and all that the client has."""
        if self._client is not None:
            await self._client.close()


VISITORS: dict[str, Callable[[Heard], Visitor]] = {
    "library": LibrarySync,
    "library for asyncio": LibraryAsync,
    "ours": Ours,
}
