"""What is put into messages for boxes: bounded, in order, and nothing twice."""

import pytest

from easyplayer.hub.live.order_desk import ROOM_BYTES, in_messages
from easyplayer.protocol.codec import encode
from easyplayer.protocol.live import MOST_LIVE_BYTES
from easyplayer.protocol.signed import Signed


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
