"""A server that echoes every message, made of the WebSocket core alone, for what tests it from outside."""

import asyncio

import httptools

from easyplayer.engineio.core.handshake import server_handshake
from easyplayer.engineio.core.websocket import State, WebSocket


class Echo(asyncio.Protocol):
    """One connection.

    :param most_bytes: of a message.
    """

    def __init__(self, most_bytes: int) -> None:
        self.headers: list[tuple[str, str]] = []
        self.parser = httptools.HttpRequestParser(self)
        self.socket: WebSocket | None = None
        self.most_bytes = most_bytes

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the request."""
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer the handshake, then every message."""
        if self.socket is None:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
            answer = server_handshake("GET", self.headers)
            lines = [
                "HTTP/1.1 101 Switching Protocols",
                *(f"{name}: {value}" for name, value in answer),
                "",
                "",
            ]
            self.transport.write("\r\n".join(lines).encode())
            self.socket = WebSocket(client=False, most_bytes=self.most_bytes)
        for event in self.socket.receive(data):
            self.transport.write(self.socket.to_send())
            if isinstance(event, str | bytes):
                self.transport.write(self.socket.send(event))
        self.transport.write(self.socket.to_send())
        if self.socket.state is State.CLOSED:
            self.transport.close()


async def serve(most_bytes: int) -> asyncio.Server:
    """Listen on loopback, on a port that is free."""
    return await asyncio.get_running_loop().create_server(lambda: Echo(most_bytes), "127.0.0.1", 0)
