"""Buses for the tests: each kind, and as many workers on one as a test wants; and a NATS server."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from easyplayer.hub.live.bus import Bus

MOST_S = 10.0
REST_S = 0.01


class Ear:
    """What one worker has heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._more = asyncio.Event()

    def __call__(self, topic: str, content: bytes) -> None:
        """Hear something."""
        self.heard.append((topic, content))
        self._more.set()

    async def until(self, fits: Callable[[list[tuple[str, bytes]]], bool]) -> None:
        """Wait until what was heard fits."""
        async with asyncio.timeout(MOST_S):
            while not fits(self.heard):
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def worker(bus: Bus, *topics: str) -> AsyncIterator[Ear]:
    """Run a worker's bus; gives what it hears."""
    ear = Ear()
    for topic in topics:
        bus.subscribe(topic)
    await bus.start(ear)
    try:
        yield ear
    finally:
        await bus.stop()


async def joined(speaker: Bus, *ears: Ear) -> None:
    """Wait until all hear a speaker: says ``hello`` until they have answered it by hearing it."""
    async with asyncio.timeout(MOST_S):
        while not all(("hello", b"") in ear.heard for ear in ears):
            speaker.publish("hello", b"")
            await asyncio.sleep(REST_S)


def nats_is_there() -> bool:
    """Tell whether this machine has a NATS server."""
    return shutil.which("nats-server") is not None


def free_port() -> int:
    """Name a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def nats_server(port: int) -> Iterator[str]:
    """Run a NATS server; gives its URL."""
    command = ["nats-server", "-a", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(port)
        yield f"nats://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(MOST_S)


def _await(port: int) -> None:
    deadline = time.monotonic() + MOST_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), MOST_S).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(REST_S)
        else:
            return
