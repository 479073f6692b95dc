"""Runs a coroutine by hand for as far as it need not wait; only one that must wait becomes a task.

Most of what is sent through ASGI is written at once. A task for each message would cost more than that.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
from inspect import iscoroutine
from typing import Any


def step(work: Awaitable[None]) -> "Rest | None":
    """Run something up to where it must wait.

    :return: what is left of it, to be awaited once; None where it has come to its end.
    """
    coroutine = work if iscoroutine(work) else _waited_for(work)
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return None
    return Rest(coroutine, awaited)


async def _waited_for(work: Awaitable[None]) -> None:
    await work


class Rest:
    """What is left of a coroutine that waits for something."""

    __slots__ = ("_awaited", "_coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, None], awaited: "asyncio.Future[Any] | None") -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        """Hand on what it waits for, and what comes of that, until it ends."""
        awaited = self._awaited
        while True:
            try:
                try:
                    result = yield awaited
                except BaseException as error:  # noqa: BLE001 - the coroutine is to see it, not we
                    awaited = self._coroutine.throw(error)
                else:
                    awaited = self._coroutine.send(result)
            except StopIteration:
                return
