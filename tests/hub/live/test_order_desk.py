"""What is put into messages for boxes: bounded, in order, and nothing twice."""

import asyncio

import pytest

from easyplayer.hub.hub import Hub
from easyplayer.hub.live.lines import BoxLine, BoxLines
from easyplayer.hub.live.order_desk import MOST_AT_ONCE, ROOM_BYTES, OrderDesk, in_messages
from easyplayer.protocol.codec import encode
from easyplayer.protocol.live import MOST_LIVE_BYTES, FromHub
from easyplayer.protocol.signed import Signed
from easyplayer.units import Instant, Seconds

FLEET = [f"{number:016x}" for number in range(3 * MOST_AT_ONCE)]
ALONE = "a" * 16
MOST_S = 20.0


class Teller:
    """Notes for which boxes something was to be done, in its order."""

    def __init__(self, many: int) -> None:
        self.boxes: list[str] = []
        self.all = asyncio.Event()
        self._many = many

    def say(self, line: BoxLine, _message: FromHub) -> None:
        """Hear a message."""
        self.end(line)

    def end(self, line: BoxLine) -> None:
        """Hear that a line is to end, as those of boxes that are not paired are."""
        self.boxes.append(line.box)
        if len(self.boxes) == self._many:
            self.all.set()


def signed(number: int, size: int = 100) -> Signed:
    return Signed(payload=f"{number}:" + "x" * size, key="k" * 43, signature="s" * 86)


def test_a_few_commands_are_one_message() -> None:
    """In their order."""
    commands = tuple(signed(number) for number in range(5))
    (orders,) = in_messages(commands)
    assert orders.commands == commands
    assert in_messages(()) == []


@pytest.mark.parametrize("size", [10_000, 100_000, 200_000, 300_000, ROOM_BYTES - 500])
def test_many_long_ones_go_in_several(size: int) -> None:
    """None of which is longer than a box takes."""
    commands = tuple(signed(number, size) for number in range(7))
    messages = in_messages(commands)
    assert tuple(one for orders in messages for one in orders.commands) == commands
    assert max(len(encode(orders)) for orders in messages) <= MOST_LIVE_BYTES


def test_one_that_is_too_long_is_left_to_the_heartbeat() -> None:
    """The others go all the same."""
    commands = (signed(1), signed(2, MOST_LIVE_BYTES), signed(3))
    assert [orders.commands for orders in in_messages(commands)] == [(signed(1), signed(3))]


@pytest.mark.anyio
async def test_one_box_does_not_wait_behind_a_fleet(hub: Hub) -> None:
    """Whoever is to hear at once comes before those who were woken earlier, but have half a minute."""
    lines, teller = BoxLines("w0"), Teller(len(FLEET) + 1)
    for number, box in enumerate([*FLEET, ALONE]):
        lines.open(BoxLine(f"w0-{number}", box, 1, Instant(0.0)))
    desk = OrderDesk(hub, lines, teller)
    for box in FLEET:
        desk.ask(box, Seconds(30.0))
    desk.ask(ALONE, Seconds(0.0))

    running = asyncio.create_task(desk.run())
    await asyncio.wait_for(teller.all.wait(), MOST_S)
    running.cancel()
    await desk.close()

    assert set(teller.boxes) == {*FLEET, ALONE}
    assert teller.boxes.index(ALONE) < MOST_AT_ONCE
