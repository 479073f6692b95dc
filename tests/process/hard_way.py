"""Ways to the hub as venues have them: lines that go dead, and proxies that mean well."""

import asyncio
import ssl
import threading
from contextlib import closing, suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

LONGEST_READ = 64 * 1024
STARTING_MAY_TAKE_S = 5.0
HEAD_END = b"\r\n\r\n"


class Habit(StrEnum):
    """What becomes of what is sent."""

    PASSES = "passes"
    DEAD = "dead"
    """Nothing comes through, on no connection, and nobody is told; whoever calls is answered by nobody."""
    SWALLOWS = "swallows"
    """WebSockets come about, and then nothing comes through them."""
    CUTS = "cuts"
    """Answers that let somebody wait are given up, and the connection with them."""
    GATHERS = "gathers"
    """Answers are kept until there is a good piece of them, or all."""


WAITS_S = 3.0
"""For so long an answer may let :attr:`Habit.CUTS` wait."""
GOOD_PIECE = 8 * 1024


class HardWay:
    """Passes bytes on to a hub and back, as its habit is.

    :param port: where the hub listens, on this machine.
    :param context: with which it is called up; ``None`` for no encryption.
    :ivar url: where this listens.
    :ivar habit: what it does from now on; connections that are dead, or swallowed, stay so.
    """

    def __init__(self, port: int, habit: Habit = Habit.PASSES, context: ssl.SSLContext | None = None) -> None:
        self.habit = habit
        self.url = ""
        self._port = port
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._for_ever = asyncio.Event()
        """Kept here, for the loop itself does not keep tasks that wait."""
        self._thread = threading.Thread(target=self._run, name="hard way", daemon=True)

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
            listening = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
            server = self._loop.run_until_complete(listening)
            scheme = "http" if self._context is None else "https"
            self.url = f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}"
            self._listening.set()
            self._loop.run_forever()
            server.close()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            if tasks:
                self._loop.run_until_complete(asyncio.wait(tasks))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError), closing(writer):
            await self._until_alive(dead=self.habit is Habit.DEAD)
            from_hub, to_hub = await asyncio.open_connection("127.0.0.1", self._port)
            with closing(to_hub):
                back = asyncio.create_task(self._back(from_hub, writer))
                try:
                    while data := await reader.read(LONGEST_READ):
                        await self._until_alive(dead=self.habit is Habit.DEAD)
                        to_hub.write(data)
                        await to_hub.drain()
                finally:
                    back.cancel()

    async def _back(self, from_hub: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = b""
        is_socket = False
        with suppress(OSError), closing(writer):
            while data := await self._piece(from_hub, waits=not is_socket and self.habit is Habit.CUTS):
                dead = self.habit is Habit.DEAD or (is_socket and self.habit is Habit.SWALLOWS)
                await self._until_alive(dead=dead)
                is_socket = is_socket or data.startswith(b"HTTP/1.1 101 ")
                kept += data
                if self.habit is not Habit.GATHERS or len(kept) >= GOOD_PIECE or is_whole(kept):
                    writer.write(kept)
                    await writer.drain()
                    kept = b""

    async def _piece(self, from_hub: asyncio.StreamReader, *, waits: bool) -> bytes:
        with suppress(TimeoutError):
            async with asyncio.timeout(WAITS_S if waits else None):
                return await from_hub.read(LONGEST_READ)
        return b""

    async def _until_alive(self, *, dead: bool) -> None:
        """Let what is dead stay so."""
        if dead:
            await self._for_ever.wait()


def is_whole(answer: bytes) -> bool:
    r"""Tell whether an answer has all of its content; one that opens a WebSocket has none.

    >>> is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab"), is_whole(b"HTTP/1.1 200 OK")
    (True, False)
    """
    head, end, content = answer.partition(HEAD_END)
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(content) >= (int(lengths[0].partition(b":")[2]) if lengths else 0)
