"""Handlers are called in their turn."""

import asyncio

import pytest

from easyplayer.engineio.handlers import MOST_WAITING, MOST_WAITING_BYTES, Handlers, Turns
from easyplayer.engineio.tasks import Tasks

pytestmark = pytest.mark.anyio

SOON_S = 10.0


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough here."""
    return "asyncio"


class Desk:
    """Turns, and a handler that waits until it may."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.relieved: list[str] = []
        self.done: list[object] = []
        self.may = asyncio.Event()
        self.turns = Turns(self.tasks, self.relieved.append)

    def say(self, sid: str, what: object, size: int = 0) -> bool:
        """Let something be done for a session, once it may be."""

        async def work() -> None:
            await self.may.wait()
            self.done.append(what)

        return self.turns.do(sid, work, size)

    async def finish(self) -> None:
        """Let all be done."""
        self.may.set()
        await self.tasks.finish(SOON_S)


async def test_a_plain_function_is_called_at_once() -> None:
    """Nothing waits for it, and nothing is kept."""
    desk = Desk()

    assert desk.turns.do("a", lambda: desk.done.append(1)) is False
    assert (desk.done, len(desk.turns)) == ([1], 0)


async def test_sessions_do_not_wait_for_each_other() -> None:
    """Only what is of the same session waits."""
    desk = Desk()

    desk.say("a", "slow")
    desk.turns.do("b", lambda: desk.done.append("b"))
    desk.turns.do("a", lambda: desk.done.append("behind"))
    assert (desk.done, len(desk.turns)) == (["b"], 2)
    await desk.finish()

    assert (desk.done, len(desk.turns)) == (["b", "slow", "behind"], 0)


@pytest.mark.parametrize(("calls", "size"), [(MOST_WAITING, 1), (2, MOST_WAITING_BYTES // 2)])
async def test_too_much_that_waits(calls: int, size: int) -> None:
    """Whoever gives more is told; and again when all of it is done."""
    desk = Desk()

    desk.say("a", 0)
    full = [desk.say("a", number, size) for number in range(calls)]
    assert (full, desk.relieved) == ([False] * (calls - 1) + [True], [])
    await desk.finish()

    assert (desk.relieved, len(desk.done)) == (["a"], calls + 1)


async def test_failures_are_logged_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """At once, later, or because something that was waited for was cancelled."""
    desk = Desk()

    def fail() -> None:
        raise ValueError("at once")

    async def fail_later() -> None:
        raise ValueError("later")

    async def wait_for_cancelled() -> None:
        raise asyncio.CancelledError

    desk.say("a", "first")
    for call in (fail, fail_later, wait_for_cancelled):
        desk.turns.do("a", call)
    desk.say("a", "last")
    desk.turns.do("b", fail)
    await desk.finish()

    assert desk.done == ["first", "last"]
    assert [
        record.exc_info[0].__name__ for record in caplog.records if record.exc_info and record.exc_info[0]
    ] == [
        "ValueError",
        "ValueError",
        "ValueError",
        "CancelledError",
    ]


async def test_what_takes_too_long_is_cancelled() -> None:
    """At the end, what is not done in time is left."""
    desk = Desk()
    desk.say("a", "never")

    await desk.tasks.finish(0.0)

    assert (desk.done, len(desk.turns)) == ([], 0)


async def test_a_handler_takes_the_place_of_the_one_before() -> None:
    """And an event that has none passes unheard."""
    handlers = Handlers()
    handlers.on("message", lambda *what: ("old", *what))
    handlers.on("message", lambda *what: ("new", *what))

    assert handlers("message", "sid", "data") == ("new", "sid", "data")
    assert handlers("disconnect", "sid", "reason") is None
