"""How the server ends."""

import asyncio

import pytest

from easyplayer.engineio import Reason
from easyplayer.engineio.core.websocket import Closed
from tests.engineio.served.houses import PATH, Driver, hear, open_house

pytestmark = pytest.mark.anyio

SOON_S = 5.0
"""Much less than the ping interval, and much more than a busy machine needs."""


async def test_clients_are_told(driver: Driver) -> None:
    """Polls that wait are answered with a close packet, sockets are closed with 1001, at once."""
    async with open_house(driver) as house:
        wire, socket_sid = await house.socket()
        sid = await house.polling()
        line = await house.line()
        line.begin("GET", f"{PATH}&transport=polling&sid={sid}")
        await house.ask(target="/nowhere")

        async with asyncio.timeout(SOON_S):
            await house.server.shut_down()
            polled, closed = await line.answer(), await hear(wire)

        assert (polled.text, closed) == ("1", Closed(1001, "shutdown"))
        assert await house.goodbye(sid) is await house.goodbye(socket_sid) is Reason.SHUTDOWN


async def test_nobody_is_let_in_any_more(driver: Driver) -> None:
    """A new client is told to come again; one whose handler had not answered as well."""
    asked = asyncio.Event()

    async def connect(_sid: str, _request: object) -> None:
        asked.set()
        await asyncio.get_running_loop().create_future()

    async with open_house(driver) as house:
        house.server.on("connect", connect)
        asking = asyncio.ensure_future(house.ask())
        await asked.wait()

        await house.server.shut_down()
        await house.server.shut_down()
        late = await house.ask()
        wire = await house.wire()

        assert [(await asking).status, late.status, wire.status] == [503, 503, 503]
        assert late.headers["retry-after"] == "5"


async def test_handlers_may_finish(driver: Driver) -> None:
    """What was heard before is handled to its end, the goodbye too; what takes too long is cancelled."""
    finished: list[str] = []
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async with open_house(driver) as house:

        async def message(_sid: str, data: str) -> None:
            started.set()
            await (never if data == "stuck" else asyncio.sleep(0))
            finished.append(data)

        started = asyncio.Event()
        house.server.on("message", message)
        wire, sid = await house.socket()
        stuck, _ = await house.socket()
        stuck.send("4stuck")
        await started.wait()
        wire.send("4one", "4two")
        await house.ask(target="/nowhere")

        await house.server.shut_down()

        assert finished == ["one", "two"]
        assert await house.goodbye(sid) is Reason.SHUTDOWN
        assert house.server.figures().handlers_behind == 0
