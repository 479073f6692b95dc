"""The further ways into the live channel of one worker: a port of its own, and the other workers' socket."""

from typing import TYPE_CHECKING

from easyplayer.engineio.server import Server
from easyplayer.errors import UnavailableError
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.relay import socket_of

if TYPE_CHECKING:
    from easyplayer.engineio.raw import RawServer

PATH = "/live/"
TRY_AGAIN_S = 5.0


class Doors:
    """Open for as long as the hub runs; a hub that is one process, at one port, has none of them.

    :param server: that of the live channel.
    """

    def __init__(self, hub: Hub, server: Server) -> None:
        self._settings = hub.settings
        self._worker = hub.worker
        self._server = server
        self._raw: RawServer | None = None

    async def start(self) -> None:
        """Open them.

        :raises UnavailableError: the port cannot be had.
        """
        if self._worker.sockets is None and not self._settings.live_port:
            return
        from easyplayer.engineio.raw import RawServer

        self._raw = RawServer(self._server, path=PATH)
        if self._worker.sockets is not None:
            await self._raw.start(socket_of(self._worker.sockets, self._worker.name))
        if not self._settings.live_port:
            return
        host, port = self._settings.host, self._settings.live_port + self._worker.number
        try:
            await self._raw.start(host, port)
        except OSError as error:
            message = (
                f"the hub cannot listen at {host}, port {port} ({error.strerror}): "
                "end what listens there, or set another live_port"
            )
            raise UnavailableError(message, TRY_AGAIN_S) from error

    async def stop(self) -> None:
        """Close them."""
        if self._raw is not None:
            await self._raw.stop()
