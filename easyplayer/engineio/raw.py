"""The driver for a port, or a unix socket, of our own: nothing stands between the socket and the core.

It speaks as much of HTTP/1.1 as polls and opening handshakes need, and is meant to stand behind a proxy, or
for a fleet of its own. Idle, a WebSocket costs little more than what the event loop has for it.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from ssl import SSLContext

from easyplayer.engineio.proxies import Proxies
from easyplayer.engineio.raw_http import HttpConnection
from easyplayer.engineio.raw_site import Site
from easyplayer.engineio.server import PATH, Server

BACKLOG = 2048
STOP_WITHIN_S = 0.5
"""So long connections may still take once it is to stop."""
OWNER_ONLY = 0o600


class RawServer:
    """Serves at ports and unix sockets of its own.

    A peer on a unix socket, which is open to this process' user only, is believed when it names its client in
    ``X-Forwarded-For``.

    :param server: whose clients come in here.
    :param path: at which it answers, with or without the slash at its end.
    :param trusted: proxies that are believed, as for :class:`~easyplayer.engineio.server.Server`, whose own
        they are where this is left out.
    """

    def __init__(self, server: Server, path: str = PATH, *, trusted: Iterable[str] | None = None) -> None:
        proxies = server.proxies if trusted is None else Proxies(trusted)
        self._site = Site(server.dispatcher, server.options, proxies, path)
        self._listeners: list[asyncio.Server] = []
        self._files: list[Path] = []

    async def start(
        self, where: str | Path = "127.0.0.1", port: int = 0, *, ssl: SSLContext | None = None
    ) -> None:
        """Listen; it may be called again, to listen at another place too.

        :param where: the host's address or name; a :class:`~pathlib.Path` is a unix socket.
        :param port: 0 takes a free one.
        :param ssl: for TLS.
        :raises OSError: the place cannot be had.
        """
        loop = asyncio.get_running_loop()
        patience_s = None if ssl is None else self._site.head_s
        if isinstance(where, Path):
            listener = await loop.create_unix_server(
                self._local_connection, where, ssl=ssl, backlog=BACKLOG, ssl_handshake_timeout=patience_s
            )
            where.chmod(OWNER_ONLY)
            self._files.append(where)
        else:
            listener = await loop.create_server(
                self._connection, where, port, ssl=ssl, backlog=BACKLOG, ssl_handshake_timeout=patience_s
            )
        self._listeners.append(listener)

    @property
    def port(self) -> int:
        """The first port at which it listens; 0 where there is none."""
        for listener in self._listeners:
            for socket in listener.sockets:
                name = socket.getsockname()
                if isinstance(name, tuple):
                    return int(name[1])
        return 0

    async def stop(self) -> None:
        """Listen no more, and close all connections.

        Clients are told by :meth:`~easyplayer.engineio.server.Server.shut_down` of the server, which comes
        first. It returns within a second, and may be called again.
        """
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        await self._site.close(STOP_WITHIN_S)
        for file in self._files:
            file.unlink(missing_ok=True)
        self._files.clear()

    def _connection(self) -> HttpConnection:
        return HttpConnection(self._site, local=False)

    def _local_connection(self) -> HttpConnection:
        return HttpConnection(self._site, local=True)
