"""Closer looks at heartbeats: on a thread of their own, those of a moment in one transaction."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from easyplayer.hub.hub import Hub
from easyplayer.hub.services.replies import Look, More, more_for

LOOK_MAY_WAIT_S = 0.05
"""How long the first of a group waits for others: a program for many boxes is told to hundreds a second."""


class Looks:
    """Tells boxes what there is to say beyond that all is well."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="replies")

    async def open(self) -> None:
        """Get ready: there is nothing to do."""

    async def write(self, looks: Sequence[Look]) -> list[More | None]:
        """Look at heartbeats, each of another box; ``None`` where it is not paired any more."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, looks)

    async def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _write(self, looks: Sequence[Look]) -> list[More | None]:
        with self._hub.database.write() as connection:
            return more_for(connection, self._hub.keys, looks, self._hub.now())
