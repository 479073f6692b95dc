"""A client for tests: a real socket on loopback, and our own core at this end of it."""

import asyncio
import base64
import os
import ssl
from collections.abc import Sequence

from easyplayer.engineio.core.handshake import check_answer, client_handshake
from easyplayer.engineio.core.websocket import SocketEvent, WebSocket

KEY = base64.b64encode(bytes(range(16))).decode()
Headers = Sequence[tuple[str, str]]


class Wire:
    """A connection to a server.

    :ivar socket: the core at our end; it counts once the server has accepted.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.socket = WebSocket(client=True, most_bytes=2**26, make_mask=lambda: os.urandom(4))
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self._events: list[SocketEvent] = []

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None) -> "Wire":
        """Connect, and ask for nothing yet."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))

    async def ask(
        self, target: str = "/", headers: Headers = (), without: str = "", method: str = "GET"
    ) -> int:
        """Ask for a WebSocket, and give the status of the answer.

        :param without: leave this header of the handshake out.
        """
        shake = [pair for pair in client_handshake(KEY) if pair[0] != without]
        host, port = self.writer.get_extra_info("peername")
        lines = [f"{method} {target} HTTP/1.1", f"host: {host}:{port}"]
        lines += [f"{name}: {value}" for name, value in [*shake, *headers]]
        self.writer.write("\r\n".join((*lines, "", "")).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = [(line.split(": ")[0].lower(), line.split(": ", 1)[1]) for line in rest]
        if self.status == 101:
            check_answer(KEY, self.status, [pair for pair in self.headers if "protocol" not in pair[0]])
        return self.status

    def send(self, *messages: str | bytes) -> None:
        """Write messages, all in one piece."""
        self.writer.write(b"".join(map(self.socket.send, messages)))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Write a close frame."""
        self.writer.write(self.socket.close(code, reason))

    async def hear(self) -> SocketEvent | None:
        """Give what the server says next; nothing where it has closed the connection."""
        while not self._events:
            data = await self.reader.read(2**16)
            if not data:
                return None
            self._events += self.socket.receive(data)
            self.writer.write(self.socket.to_send())
        return self._events.pop(0)

    async def rest(self) -> bytes:
        """Give all bytes to the end of the connection."""
        return await self.reader.read()

    def cut(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()
