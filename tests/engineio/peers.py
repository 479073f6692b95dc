"""Whom a client may find at the other end: a real server of this package, or one that follows a script."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext

from easyplayer.engineio import Options, Server
from easyplayer.engineio.raw import RawServer

OPEN = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
HEAD_END = b"\r\n\r\n"

Story = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Is given the head of a request, and the connection on which it came."""


class Peer:
    """A server at a port of this machine.

    :ivar server: its face, where it is a real one.
    :ivar heard: the messages that have come, with the session that each came by.
    :ivar left: the reasons for which clients have gone.
    """

    def __init__(self, server: Server, port: int, scheme: str) -> None:
        self.server = server
        self.port = port
        self.url = f"{scheme}://localhost:{port}"
        self.heard: list[str | bytes] = []
        self.left: list[str] = []
        self.gone = asyncio.Event()


@asynccontextmanager
async def echoing(
    options: Options | None = None, *, port: int = 0, context: SSLContext | None = None
) -> AsyncIterator[Peer]:
    """Run a real server that sends each message back."""
    server = Server(options)
    listener = RawServer(server)
    await listener.start("127.0.0.1", port, ssl=context)
    peer = Peer(server, listener.port, "https" if context else "http")

    async def echo(sid: str, data: str | bytes) -> None:
        peer.heard.append(data)
        await server.send(sid, data)

    def leave(_sid: str, reason: str) -> None:
        peer.left.append(reason)
        peer.gone.set()

    server.on("message", echo)
    server.on("disconnect", leave)
    try:
        yield peer
    finally:
        await server.shut_down()
        await listener.stop()


@asynccontextmanager
async def scripted(story: Story, context: SSLContext | None = None) -> AsyncIterator[str]:
    """Run somebody who meets each request with a story; gives the URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            tasks.add(task)
        with suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            while head := await reader.readuntil(HEAD_END):
                await story(head, reader, writer)
                await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    try:
        scheme = "https" if context else "http"
        yield f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Write an answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + HEAD_END + body


def relay(port: int, passes: Callable[[bytes], bytes | None]) -> Story:
    """Pass connections on to a real server, as a proxy before it does.

    :param passes: gives, for a request's head, the answer in place of the server's; ``None`` passes it on.
    """

    async def story(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        instead = passes(head)
        if instead is not None:
            writer.write(instead)
            return
        onward, back = await asyncio.open_connection("127.0.0.1", port)
        back.write(head)
        pumps = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(onward, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in pumps:
                one.cancel()
            back.transport.abort()
        raise asyncio.IncompleteReadError(b"", None)

    return story


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, until no more does."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
