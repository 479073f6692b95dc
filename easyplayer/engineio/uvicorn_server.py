"""uvicorn, ending well: polls that wait are answered before it waits for them."""

import socket

import uvicorn

from easyplayer.engineio.server import Server


class UvicornServer(uvicorn.Server):
    """uvicorn's server, which shuts ours down before its own connections.

    uvicorn waits for all answers before it tells an application that the end has come, and a poll is answered
    when there is something to say, or after the ping interval.

    :param live: the server that is to be shut down first.
    """

    def __init__(self, config: uvicorn.Config, live: Server) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: first ours, then all other connections."""
        await self._live.shut_down()
        await super().shutdown(sockets)
