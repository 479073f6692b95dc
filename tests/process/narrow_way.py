"""A way to the hub that lets no WebSocket through, as many a venue's proxy does."""

import asyncio
import threading
from contextlib import closing, suppress
from types import TracebackType
from typing import Self

LONGEST_READ = 64 * 1024
STARTING_MAY_TAKE_S = 5.0
REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 16\r\n"
    b"Connection: close\r\n\r\n<p>Forbidden</p>"
)


class NarrowWay:
    """Passes all bytes on to a hub and back, but answers whoever asks for a WebSocket itself.

    :param port: where the hub listens, on this machine.
    :ivar url: where this listens; ``port``: on which port.
    :ivar refused: how many WebSockets were asked for.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="narrow way", daemon=True)
        self.url = ""
        self.port = 0
        self.refused = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(STARTING_MAY_TAKE_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STARTING_MAY_TAKE_S)

    def _run(self) -> None:
        with closing(self._loop):
            server = self._loop.run_until_complete(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
            self.port = server.sockets[0].getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}"
            self._listening.set()
            self._loop.run_forever()
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError), closing(writer):
            from_hub, to_hub = await asyncio.open_connection("127.0.0.1", self._port)
            with closing(to_hub):
                back = asyncio.create_task(self._pump(from_hub, writer))
                await self._ask(reader, writer, to_hub)
                back.cancel()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_hub: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(LONGEST_READ):
            if b"upgrade: websocket" in data.lower():
                self.refused += 1
                writer.write(REFUSAL)
                await writer.drain()
                return
            to_hub.write(data)
            await to_hub.drain()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError), closing(writer):
            while data := await reader.read(LONGEST_READ):
                writer.write(data)
                await writer.drain()
