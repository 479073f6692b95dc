"""What a server of these tests does when it is told to: everything else that it hears, it says back.

``!close``
    ends the session.
``!transport``
    says ``transport polling`` or ``transport websocket``.
``!count``
    says ``count 7``: how many sessions there are.
``!send N SIZE``
    sends N messages at once: ``0 ....``, ``1 ....``, each of SIZE characters.
``!bytes SIZE``
    sends so many bytes.
``!ticks N MS``
    sends ``tick 0``, ``tick 1`` and so on, so many milliseconds apart.
``!all MARK``
    sends ``all MARK ....``, 270 characters, to all sessions.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol, TypeGuard

BROADCAST_SIZE = 270
BYTE = b"\x07"

Data = str | bytes


class Wanted(NamedTuple):
    """How a server is to be."""

    port: int
    ping_interval_s: float
    ping_timeout_s: float
    worker: str = ""


def tell_port(port: int) -> None:
    """Tell who started this process where it listens."""
    sys.stdout.write(f"listening {port}\n")
    sys.stdout.flush()


def is_word(data: Data) -> TypeGuard[str]:
    """Tell whether something is to be done."""
    return isinstance(data, str) and data.startswith("!")


class Voice(Protocol):
    """What a server can do, whoever made it."""

    async def send(self, sid: str, data: Data) -> object:
        """Send a message to one."""

    async def broadcast(self, data: Data) -> object:
        """Send a message to all."""

    async def disconnect(self, sid: str) -> object:
        """End a session."""

    def transport(self, sid: str) -> str:
        """Name the transport of a session."""

    def count(self) -> int:
        """Tell how many sessions there are."""


class Words:
    """Does what it is told to, over one server."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._ticking: set[asyncio.Task[None]] = set()
        self._ways: dict[str, Callable[..., Awaitable[object]]] = {
            "close": voice.disconnect,
            "transport": lambda sid: voice.send(sid, f"transport {voice.transport(sid)}"),
            "count": lambda sid: voice.send(sid, f"count {voice.count()}"),
            "send": self._send,
            "bytes": lambda sid, size: voice.send(sid, BYTE * size),
            "ticks": self._ticks,
            "all": lambda _sid, mark: voice.broadcast(f"all {mark} ".ljust(BROADCAST_SIZE, ".")),
        }

    async def hear(self, sid: str, data: Data) -> None:
        """Do what a message says, or say it back."""
        if not is_word(data):
            await self._voice.send(sid, data)
            return
        word, *numbers = data[1:].split()
        await self._ways[word](sid, *map(int, numbers))

    async def _send(self, sid: str, many: int, size: int) -> None:
        for number in range(many):
            await self._voice.send(sid, f"{number} ".ljust(size, "."))

    async def _ticks(self, sid: str, many: int, every_ms: int) -> None:
        task = asyncio.create_task(self._tick(sid, many, every_ms))
        self._ticking.add(task)
        task.add_done_callback(self._ticking.discard)

    async def _tick(self, sid: str, many: int, every_ms: int) -> None:
        for number in range(many):
            await asyncio.sleep(every_ms / 1000)
            await self._voice.send(sid, f"tick {number}")
