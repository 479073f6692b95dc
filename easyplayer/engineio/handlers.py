"""The application's handlers: called in order, one at a time for each session, and no danger to the line.

A plain function is called at once, in the loop. What a coroutine function gives runs as a task, and what
comes for the session meanwhile waits. A session for which nothing waits costs nothing here.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from easyplayer.engineio.core.errors import EngineIoError
from easyplayer.engineio.core.http import Headers
from easyplayer.engineio.tasks import Tasks

logger = logging.getLogger(__name__)

Handler = Callable[..., Any]
Call = Callable[[], object]
"""Calls a handler."""

CONNECT, MESSAGE, DISCONNECT = EVENTS = ("connect", "message", "disconnect")

MOST_WAITING = 100
"""So many messages of a session may wait for its handler before nothing more is read from its client."""
MOST_WAITING_BYTES = 262_144
"""Likewise."""


class ConnectionRefused(EngineIoError):  # noqa: N818 - it is no failure
    """Raised by a ``connect`` handler that does not let a client in.

    :ivar reason: told to the client: text, or whatever JSON can hold.
    :ivar status: of HTTP.
    :ivar headers: of the answer, beside the usual ones.
    """

    def __init__(self, reason: object = "Forbidden", status: int = 403, headers: Headers = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.headers = headers


class Handlers:
    """The application's functions, one for each event; what none is set for passes unheard."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def on(self, event: str, handler: Handler) -> None:
        """Set the handler of an event, in the place of the one that it had.

        :raises ValueError: there is no such event.
        """
        if event not in EVENTS:
            message = f"there is no event {event!r}: there are {', '.join(EVENTS)}"
            raise ValueError(message)
        self._handlers[event] = handler

    def __call__(self, event: str, *what: object) -> object:
        """Call the handler of an event; gives what it gives, which may have to be awaited."""
        handler = self._handlers.get(event)
        return None if handler is None else handler(*what)


class Turns:
    """One thing at a time for each session.

    :param tasks: runs what has to be awaited.
    :param relieved: called with a session for which no longer too much waits.
    """

    def __init__(self, tasks: Tasks, relieved: Callable[[str], None]) -> None:
        self._start = tasks.start
        self._relieved = relieved
        self._waiting: dict[str, _Queue] = {}

    def __len__(self) -> int:
        """How many things wait, or are under way."""
        return sum(1 + len(queue.calls) for queue in self._waiting.values())

    def do(self, sid: str, call: Call, size: int = 0) -> bool:
        """Do this for a session once all that came before is done.

        :param call: may give something that has to be awaited.
        :param size: bytes that are kept for it while it waits.
        :return: whether so much waits that nothing more should be read for the session.
        """
        queue = self._waiting.get(sid)
        if queue is not None:
            return queue.add(call, size)
        result = _called(call)
        if isawaitable(result):
            queue = self._waiting[sid] = _Queue()
            self._start(self._work(sid, queue, result))
        return False

    async def _work(self, sid: str, queue: "_Queue", first: Awaitable[object]) -> None:
        try:
            await _awaited(first)
            while queue.calls:
                result = _called(queue.next())
                if isawaitable(result):
                    await _awaited(result)
        finally:
            del self._waiting[sid]
            if queue.is_full:
                self._relieved(sid)


class _Queue:
    """What waits for a session's turn.

    :ivar is_full: so much has waited, since it was empty, that reading was to end.
    """

    __slots__ = ("bytes", "calls", "is_full")

    def __init__(self) -> None:
        self.calls: deque[tuple[Call, int]] = deque()
        self.bytes = 0
        self.is_full = False

    def add(self, call: Call, size: int) -> bool:
        self.calls.append((call, size))
        self.bytes += size
        if len(self.calls) >= MOST_WAITING or self.bytes >= MOST_WAITING_BYTES:
            self.is_full = True
        return self.is_full

    def next(self) -> Call:
        call, size = self.calls.popleft()
        self.bytes -= size
        return call


def _called(call: Call) -> object:
    try:
        return call()
    except Exception:
        logger.exception("a handler has failed")
        return None


async def _awaited(result: Awaitable[object]) -> None:
    try:
        await result
    except Exception:
        logger.exception("a handler has failed")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        logger.exception("a handler has waited for something that was cancelled")
