"""The application's side: who comes in, who hears what in which turn, and what is kept of each session."""

import asyncio
import functools
import logging
from collections.abc import Awaitable
from inspect import isawaitable
from typing import Any, Protocol

from easyplayer.engineio.core.effects import Reason
from easyplayer.engineio.core.http import Headers, Request
from easyplayer.engineio.handlers import CONNECT, DISCONNECT, MESSAGE, ConnectionRefused, Handlers, Turns
from easyplayer.engineio.tasks import Tasks

logger = logging.getLogger(__name__)


class Door(Protocol):
    """Where it is told who comes in, and that the application has caught up."""

    def accept(self, sid: str) -> None:
        """Let a client in, if it is still there."""

    def refuse(self, sid: str, reason: object, status: int, headers: Headers) -> None:
        """Do not let a client in."""

    def caught_up(self, sid: str) -> None:
        """Read on for a session."""


class Application:
    """Hears of sessions, and calls the handlers.

    :param handlers: of the application.
    :param tasks: runs what has to be awaited.
    :ivar door: where it is told who comes in; set before anything comes.
    :ivar kept: what the application keeps of sessions.
    """

    door: Door

    def __init__(self, handlers: Handlers, tasks: Tasks) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self._handlers = handlers
        self._tasks = tasks
        self._turns = Turns(tasks, self._caught_up)
        self._deciding: dict[str, asyncio.Future[Any]] = {}
        """Connect handlers that are under way."""
        self._gone: dict[str, Reason] = {}
        """Sessions that ended meanwhile."""
        self._leaving: set[str] = set()
        """Sessions that are over, of which the disconnect handler has not been told to its end."""

    def __len__(self) -> int:
        """How many messages wait for handlers, or are with them."""
        return len(self._turns)

    def is_leaving(self, sid: str) -> bool:
        """Tell whether a session is over, and its disconnect handler is not."""
        return sid in self._leaving

    def connecting(self, sid: str, request: Request) -> None:
        """Ask the application whether a client comes in."""
        try:
            answer = self._handlers(CONNECT, sid, request)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no yes
            self._refuse(sid, error)
            return
        if isawaitable(answer):
            task = self._tasks.start(answer)
            self._deciding[sid] = task
            task.add_done_callback(functools.partial(self._decided, sid))
        else:
            self._answer(sid, answer)

    def received(self, sid: str, data: str | bytes) -> bool:
        """Give a message to the application, in its turn."""
        return self._turns.do(sid, functools.partial(self._handlers, MESSAGE, sid, data), len(data))

    def disconnected(self, sid: str, reason: Reason) -> bool:
        """Tell the application, in its turn, that a client has gone; tells whether it had been let in."""
        task = self._deciding.get(sid)
        if task is not None:
            self._gone[sid] = reason
            task.cancel()
            return False
        self._goodbye(sid, reason)
        return True

    def _goodbye(self, sid: str, reason: Reason) -> None:
        self._leaving.add(sid)
        self._turns.do(sid, functools.partial(self._leave, sid, reason))

    def _decided(self, sid: str, task: "asyncio.Future[Any]") -> None:
        """Take the answer of a connect handler; one that said yes to a client that has gone hears of that."""
        del self._deciding[sid]
        reason = self._gone.pop(sid, None)
        if task.cancelled():
            self._refuse(sid, ConnectionRefused())
        elif (error := task.exception()) is not None:
            self._refuse(sid, error)
        elif reason is not None and _is_yes(task.result()):
            self._goodbye(sid, reason)
        else:
            self._answer(sid, task.result())

    def _answer(self, sid: str, answer: object) -> None:
        if _is_yes(answer):
            self.door.accept(sid)
        else:
            self._refuse(sid, ConnectionRefused() if answer is False else ConnectionRefused(answer))

    def _refuse(self, sid: str, error: BaseException) -> None:
        if not isinstance(error, ConnectionRefused):
            logger.error("the connect handler has failed", exc_info=error)
            error = ConnectionRefused("Internal Server Error", status=500)
        self.kept.pop(sid, None)
        self.door.refuse(sid, error.reason, error.status, error.headers)

    def _leave(self, sid: str, reason: Reason) -> Awaitable[None] | None:
        """Tell the disconnect handler; what was kept of the session is let go behind it."""
        try:
            told = self._handlers(DISCONNECT, sid, reason)
        except BaseException:
            self._forget(sid)
            raise
        if isawaitable(told):
            return self._forget_behind(sid, told)
        self._forget(sid)
        return None

    async def _forget_behind(self, sid: str, told: Awaitable[object]) -> None:
        try:
            await told
        finally:
            self._forget(sid)

    def _forget(self, sid: str) -> None:
        self._leaving.discard(sid)
        self.kept.pop(sid, None)

    def _caught_up(self, sid: str) -> None:
        self.door.caught_up(sid)


def _is_yes(answer: object) -> bool:
    return answer is None or answer is True
