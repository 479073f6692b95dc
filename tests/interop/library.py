"""The server of python-engineio."""

import engineio
from engineio.packet import MESSAGE, Packet
from engineio.payload import Payload

from tests.interop.uvicorns import run
from tests.interop.words import Data, Wanted, Words

Payload.max_decode_packets = 1000
"""Without this it throws a POST of more than 16 packets away, and answers that all is well."""


class Voice:
    """What the words need of it."""

    def __init__(self, wanted: Wanted) -> None:
        self.server = engineio.AsyncServer(
            async_mode="asgi", ping_interval=wanted.ping_interval_s, ping_timeout=wanted.ping_timeout_s
        )
        self.send = self.server.send
        self.disconnect = self.server.disconnect
        self.transport = self.server.transport
        self.server.on("message", Words(self).hear)

    async def broadcast(self, data: Data) -> None:
        """Send a message to all, encoded once."""
        packet = Packet(MESSAGE, data=data)
        for sid in list(self.server.sockets):
            await self.server.send_packet(sid, packet)

    def count(self) -> int:
        """Tell how many sessions there are."""
        return len(self.server.sockets)


async def library(wanted: Wanted) -> None:
    """Live within uvicorn."""
    await run(wanted, engineio.ASGIApp(Voice(wanted).server), "auto")
