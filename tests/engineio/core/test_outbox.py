"""What waits for a client is bounded, whatever is sent to it."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.core.options import Options, SlowClient
from easyplayer.engineio.core.outbox import Outbox
from easyplayer.engineio.core.packets import PING, Packet, PacketType

KEEPS_OLD = Options(queue_bytes=10, queue_packets=3, slow_client=SlowClient.DROP_NEWEST)
KEEPS_NEW = Options(queue_bytes=10, queue_packets=3, slow_client=SlowClient.DROP_OLDEST)
CLOSES = Options(queue_bytes=10, queue_packets=3)


def message(size: int, name: str = "x") -> Packet:
    """Make a message of so many bytes on the wire."""
    return Packet(PacketType.MESSAGE, name * (size - 1))


def content(outbox: Outbox) -> str:
    """Tell what waits, and take it."""
    return " ".join(str(packet.message) for packet in outbox.take())


def test_what_waits_comes_out_in_its_order() -> None:
    """And then nothing waits."""
    outbox = Outbox()
    for name in "abc":
        assert outbox.offer(message(2, name), CLOSES) == 0
    assert (len(outbox), outbox.messages, outbox.bytes) == (3, 3, 6)
    assert content(outbox) == "4a 4b 4c"
    assert (len(outbox), outbox.messages, outbox.bytes) == (0, 0, 0)


@pytest.mark.parametrize("sizes", [(2, 2, 2, 2), (6, 5), (10, 2)])
def test_too_many_or_too_much_closes_where_that_is_wanted(sizes: tuple[int, ...]) -> None:
    """The last of them finds no room."""
    outbox = Outbox()
    results = [outbox.offer(message(size), CLOSES) for size in sizes]
    assert results == [0] * (len(sizes) - 1) + [None]


def test_the_oldest_go_where_that_is_wanted() -> None:
    """As many as it takes; the engine's own packets stay."""
    outbox = Outbox()
    outbox.add(PING)
    for name, size in (("a", 3), ("b", 3), ("c", 3)):
        outbox.offer(message(size, name), KEEPS_NEW)
    assert outbox.offer(message(6, "d"), KEEPS_NEW) == 2
    assert content(outbox) == "2 4cc 4ddddd"


def test_the_newest_goes_where_that_is_wanted() -> None:
    """And nothing else."""
    outbox = Outbox()
    assert [outbox.offer(message(4, name), KEEPS_OLD) for name in "abc"] == [0, 0, 1]
    assert content(outbox) == "4aaa 4bbb"


def test_one_alone_may_be_of_any_length() -> None:
    """Else it could never be sent by polling, though it could over an idle socket."""
    for options in (CLOSES, KEEPS_OLD, KEEPS_NEW):
        outbox = Outbox()
        outbox.add(PING)
        assert outbox.offer(message(1000), options) == 0
        assert outbox.messages == 1


@given(
    sizes=st.lists(st.integers(1, 14), max_size=40),
    options=st.sampled_from([CLOSES, KEEPS_NEW, KEEPS_OLD]),
)
def test_the_bounds_hold_and_the_order_too(sizes: list[int], options: Options) -> None:
    """Whatever is sent: what comes out is in order, each once, and all that is missing was told."""
    outbox, kept, dropped = Outbox(), deque[Packet](), 0
    for at, size in enumerate(sizes):
        packet = message(size, chr(97 + at % 26))
        result = outbox.offer(packet, options)
        if result is None:
            break
        dropped += result
        kept.append(packet)
        assert outbox.messages <= 3
        assert outbox.bytes <= 10 or outbox.messages == 1
    waiting = outbox.take()
    assert len(waiting) + dropped == len(kept)
    them = iter(kept)
    assert all(any(one is other for other in them) for one in waiting)
