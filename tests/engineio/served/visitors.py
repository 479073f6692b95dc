"""A client for HTTP/1.1 that does what it is told, also what no client should."""

import asyncio
import ssl
from typing import NamedTuple

SOON_S = 10.0


class Answer(NamedTuple):
    """What a server answers."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Line:
    """A connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int, tls: ssl.SSLContext | None = None) -> "Line":
        """Connect, and ask for nothing yet."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))

    async def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """Ask for something, and give the answer."""
        self.begin(method, target, body, **headers)
        return await self.answer(method)

    def begin(self, method: str, target: str, body: bytes = b"", **headers: str) -> None:
        """Ask for something."""
        lines = [f"{method} {target} HTTP/1.1", "host: venue.example"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"content-length: {len(body)}")
        self.writer.write("\r\n".join((*lines, "", "")).encode() + body)

    async def answer(self, method: str = "GET") -> Answer:
        """Read an answer."""
        async with asyncio.timeout(SOON_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in rest)
            size = 0 if method == "HEAD" else int(headers.get("content-length", "0"))
            return Answer(int(first.split()[1]), headers, await self.reader.readexactly(size))

    async def end(self) -> bytes:
        """Wait until the server closes the connection, and give what came before."""
        async with asyncio.timeout(SOON_S):
            return await self.reader.read()

    def cut(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()
