"""What runs beside: held so that it is not lost, and ended in good time."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

logger = logging.getLogger(__name__)


class Tasks:
    """Tasks that are under way."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Future[Any]] = set()

    def start(self, work: Awaitable[Any]) -> "asyncio.Future[Any]":
        """Run something beside; whoever starts it looks after its failure."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def start_logged(self, work: Awaitable[Any]) -> "asyncio.Future[Any]":
        """Run something beside; a failure of it goes to the log."""
        task = self.start(work)
        task.add_done_callback(_log_failure)
        return task

    async def finish(self, within_s: float) -> None:
        """Wait until all have ended; those that have not by then are cancelled."""
        own = asyncio.current_task()
        if tasks := {task for task in self._tasks if task is not own}:
            _, late = await asyncio.wait(tasks, timeout=within_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=within_s)


def _log_failure(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a background task has failed", exc_info=error)
