"""Coroutines that are run by hand for as far as they need not wait."""

import asyncio
from collections.abc import Awaitable

import pytest

from easyplayer.engineio.stepping import Rest, step

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough here."""
    return "asyncio"


async def test_what_need_not_wait_is_done_at_once() -> None:
    """No task is made, and nothing is left."""
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    assert step(work()) is None
    assert done == [1]


async def test_what_must_wait_is_gone_on_with() -> None:
    """The rest waits for the same, as often as it has to."""
    done: list[object] = []
    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        done.append(await first)
        await asyncio.sleep(0)
        done.append("end")

    rest = step(work())
    assert isinstance(rest, Rest)
    first.set_result("first")
    await rest

    assert done == ["first", "end"]


async def test_failures_come_through() -> None:
    """Those of the coroutine, at once or later; and those of what it waits for go to it."""
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    caught: list[str] = []

    async def fail_at_once() -> None:
        raise OSError("at once")

    async def fail_later() -> None:
        try:
            await gone
        except ConnectionError as error:
            caught.append(str(error))
        raise OSError("later")

    with pytest.raises(OSError, match="at once"):
        step(fail_at_once())
    rest = step(fail_later())
    gone.set_exception(ConnectionError("gone"))
    assert rest is not None
    with pytest.raises(OSError, match="later"):
        await rest

    assert caught == ["gone"]


async def test_cancelling_comes_through() -> None:
    """The coroutine can clean up."""
    cleaned: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cleaned.append(True)

    rest = step(work())
    assert rest is not None
    task = asyncio.ensure_future(_wait(rest))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == [True]


async def test_what_is_no_coroutine_can_be_stepped_too() -> None:
    """ASGI says only that something can be awaited."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)

    assert step(future) is None


async def _wait(work: Awaitable[None]) -> None:
    await work
