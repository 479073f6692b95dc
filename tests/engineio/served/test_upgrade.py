"""How a session goes over from polling to a WebSocket, and what may go wrong with that."""

import asyncio

import pytest

from easyplayer.engineio import Reason
from easyplayer.engineio.core.websocket import Closed
from tests.engineio.served.houses import PATH, Driver, House, hear, open_house
from tests.engineio.wire import Wire

pytestmark = pytest.mark.anyio

BURSTS = 20


async def test_a_session_goes_over(driver: Driver) -> None:
    """The probe is answered, polls are ended with a noop, and then all goes over the socket."""
    async with open_house(driver) as house:
        sid = await house.polling()
        wire = await house.wire(sid)
        wire.send("2probe")

        assert await hear(wire) == "3probe"
        assert (await house.get(sid)).text == "6"

        wire.send("5", "4hello")

        assert await hear(wire) == "4hello"
        assert (house.server.transport(sid), house.server.figures().upgrades) == ("websocket", 1)


async def test_a_poll_that_waits_is_ended(driver: Driver) -> None:
    """The client cannot send its upgrade before its last poll has come back."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        line.begin("GET", f"{PATH}&transport=polling&sid={sid}")
        wire = await house.wire(sid)
        wire.send("2probe")

        assert (await line.answer()).text == "6"
        assert await hear(wire) == "3probe"


async def test_what_waits_goes_over_the_socket(driver: Driver) -> None:
    """What was sent while nobody polled comes over the socket, in its order, and no noop with it."""
    async with open_house(driver) as house:
        sid = await house.polling()
        wire = await house.wire(sid)
        wire.send("2probe")
        await hear(wire)
        for number in range(3):
            await house.server.send(sid, str(number))

        wire.send("5", "4end")

        assert [await hear(wire) for _ in range(4)] == ["40", "41", "42", "4end"]


async def test_polls_behind_the_upgrade(driver: Driver) -> None:
    """They are refused, and the session goes on."""
    async with open_house(driver) as house:
        sid = await house.polling()
        wire = await house.upgraded(sid)
        wire.send("4first")
        await hear(wire)

        refused = await house.get(sid)
        wire.send("4second")

        assert (refused.status, await hear(wire)) == (400, "4second")


async def test_a_second_socket(driver: Driver) -> None:
    """It is closed at once, and the session goes on with the first."""
    async with open_house(driver) as house:
        sid = await house.polling()
        wire = await house.upgraded(sid)

        second = await house.wire(sid)

        assert isinstance(await hear(second), Closed)
        wire.send("4hello")
        assert await hear(wire) == "4hello"


async def test_upgrades_that_are_not_allowed(driver: Driver) -> None:
    """None is offered, and one is refused."""
    async with open_house(driver, allow_upgrades=False) as house:
        answer = await house.ask()
        wire = await house.wire(await house.polling())

        assert ('"upgrades":[]' in answer.text, wire.status) == (True, 400)


async def _cut(_house: House, wire: Wire) -> None:
    wire.cut()


async def _close(_house: House, wire: Wire) -> None:
    wire.close()


async def _nonsense(_house: House, wire: Wire) -> None:
    wire.send("4hello")


async def _silence(_house: House, _wire: Wire) -> None:
    pass


async def _cut_behind_probe(_house: House, wire: Wire) -> None:
    wire.send("2probe")
    await hear(wire)
    wire.cut()


async def _silence_behind_probe(_house: House, wire: Wire) -> None:
    wire.send("2probe")
    await hear(wire)


@pytest.mark.parametrize(
    "fate",
    [_cut, _close, _nonsense, _silence, _cut_behind_probe, _silence_behind_probe],
    ids=lambda fate: fate.__name__,
)
async def test_an_upgrade_that_fails_leaves_the_session_whole(driver: Driver, fate: object) -> None:
    """Whatever becomes of the socket: the message is delivered by polling, and the failure is counted."""
    async with open_house(driver, upgrade_timeout_s=0.05) as house:
        sid = await house.polling()
        wire = await house.wire(sid)
        await fate(house, wire)  # type: ignore[operator]
        await house.server.send(sid, "whole")

        async with asyncio.timeout(10):
            while (polled := await house.get(sid)).text == "6":
                pass

        assert polled.text == "4whole"
        async with asyncio.timeout(10):
            while not house.server.figures().upgrades_failed:
                await house.ask(target="/nowhere")
        assert house.server.transport(sid) == "polling"
        again = await house.upgraded(sid)
        again.send("4again")
        assert await hear(again) == "4again"


async def test_bursts_while_going_over(driver: Driver) -> None:
    """Twenty times: traffic both ways while a session goes over; all of it comes, once, and in its order."""
    down = [str(number) for number in range(40)]
    up = [f"up{number}" for number in range(40)]
    async with open_house(driver) as house:
        for _ in range(BURSTS):
            heard = await _go_over(house, up, down)

            assert [text for text in heard if text not in up] == down
            assert [text for text in heard if text in up] == up


async def _go_over(house: House, up: list[str], down: list[str]) -> list[str]:
    """Take a session over with traffic both ways, and give what came to the client."""
    sid = await house.polling()
    polling = asyncio.ensure_future(_poll(house, sid))
    await _send(house, sid, down[:10])
    await house.post(sid, "\x1e".join(f"4{text}" for text in up[:20]))
    wire = await house.wire(sid)
    await _send(house, sid, down[10:20])
    wire.send("2probe")
    assert await hear(wire) == "3probe"
    await _send(house, sid, down[20:30])
    heard = await polling
    wire.send("5", *[f"4{text}" for text in up[20:]])
    await _send(house, sid, down[30:])
    while len(heard) < len(up) + len(down):
        heard.append(str(await hear(wire))[1:])
    return heard


async def _send(house: House, sid: str, texts: list[str]) -> None:
    for text in texts:
        await house.server.send(sid, text)


async def _poll(house: House, sid: str) -> list[str]:
    """Poll until that is ended with a noop, and give what came."""
    heard: list[str] = []
    while (answer := await house.get(sid)).text != "6":
        heard += [part[1:] for part in answer.text.split("\x1e")]
    return heard


async def test_a_session_that_ends_while_going_over(driver: Driver) -> None:
    """The socket that would have become its own is closed."""
    async with open_house(driver) as house:
        sid = await house.polling()
        wire = await house.wire(sid)
        wire.send("2probe")
        await hear(wire)

        await house.post(sid, "1")

        assert isinstance(await hear(wire), Closed)
        assert await house.goodbye(sid) is Reason.CLIENT_LEFT
