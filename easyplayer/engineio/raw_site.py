"""What all connections of the raw driver share, and the clock that ends those that dawdle."""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from math import inf
from typing import Protocol

from easyplayer.engineio.core.options import Options
from easyplayer.engineio.dispatcher import Dispatcher
from easyplayer.engineio.proxies import Proxies

LOOK_EVERY_S = 1.0
LOOKS = 4
"""So often, at the least, is looked within the time that a connection has."""


class Connection(Protocol):
    """An HTTP connection."""

    deadline: float

    def late(self) -> None:
        """End: it has dawdled past its deadline."""

    def end(self) -> None:
        """End, for the server does."""

    def abort(self) -> None:
        """End at once."""


class Ending(Protocol):
    """A WebSocket."""

    def abort(self) -> None:
        """End at once."""


class Site:
    """What connections share.

    :ivar paths: that are ours.
    :ivar most_bytes: of a body, or of a message.
    :ivar head_s: how long the head of a request may take, from its first byte or the connection on.
    :ivar body_s: how long its body may take, a client to read its answer, and a connection to be without a
        request: as long as it takes to lose a session.
    :ivar connections: those of HTTP.
    :ivar sockets: those that have become WebSockets.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        options: Options,
        proxies: Proxies,
        path: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dispatcher = dispatcher
        self.proxies = proxies
        self.paths = path.rstrip("/"), path.rstrip("/") + "/"
        self.most_bytes = options.max_http_buffer_size
        self.head_s = options.connect_timeout_s
        self.body_s = options.ping_interval_s + options.ping_grace_s + options.ping_timeout_s
        self.connections: set[Connection] = set()
        self.sockets: set[Ending] = set()
        self.clock = clock
        self._look_every_s = min(LOOK_EVERY_S, self.head_s / LOOKS, self.body_s / LOOKS)
        self._timer: asyncio.TimerHandle | None = None
        self._dated = 0
        self._date = b""

    def opened(self, connection: Connection) -> None:
        """Look after an HTTP connection from now on."""
        self.connections.add(connection)
        if self._timer is None:
            self._look_later()

    def left(self, connection: Connection) -> None:
        """Look after an HTTP connection no longer."""
        self.connections.discard(connection)

    def date(self) -> bytes:
        """Give the value of the header Date."""
        now = int(time.time())
        if now != self._dated:
            self._dated, self._date = now, formatdate(now, usegmt=True).encode()
        return self._date

    async def close(self, within_s: float) -> None:
        """Close all connections; those that take longer are cut."""
        for connection in list(self.connections):
            connection.end()
        until = self.clock() + within_s
        while (self.connections or self.sockets) and self.clock() < until:
            await asyncio.sleep(within_s / 20)
        for one in (*self.connections, *self.sockets):
            one.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._look_every_s, self._look)

    def _look(self) -> None:
        """End connections that have dawdled past their deadline."""
        now = self.clock()
        for connection in [one for one in self.connections if one.deadline <= now]:
            connection.deadline = inf
            connection.late()
        self._timer = None
        if self.connections:
            self._look_later()
