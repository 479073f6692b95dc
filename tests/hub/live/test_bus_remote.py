"""A bus whose carrier comes and goes: what is asked of it meanwhile is neither held up nor piled up."""

import asyncio
import logging
from collections.abc import Callable, Sequence

import pytest

from easyplayer.hub.live import bus_remote
from easyplayer.hub.live.bus import LONGEST_REST_S, MOST_WAITING_BYTES, Hear, Outgoing
from easyplayer.hub.live.bus_remote import CarrierAwayError, Message, RemoteBus

pytestmark = pytest.mark.anyio
TURNS = 20
"""So many turns of the event loop are enough for whatever is to happen by itself."""


class Carrier:
    """Carries into a list, if it is there."""

    name = "the carrier"

    def __init__(self, *, there: bool) -> None:
        self.there = there
        self.sent: list[Message] = []
        self.asked = 0
        self.opened = 0
        self.open_now = False
        self.lose: Callable[[], None] = lambda: None

    async def open(self, hear: Hear, gone: Callable[[], None]) -> None:
        """Connect."""
        self.opened += 1
        if not self.there:
            message = "nobody listens"
            raise CarrierAwayError(message)
        self.open_now = True
        self.lose = gone

    async def send(self, messages: Sequence[Message]) -> None:
        """Send."""
        if not self.there:
            message = "it broke"
            raise CarrierAwayError(message)
        self.asked += not messages
        self.sent.extend(messages)

    async def close(self) -> None:
        """Let go."""
        self.open_now = False


async def turns() -> None:
    """Let everything happen that happens by itself."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def nothing(_topic: str, _content: bytes) -> None:
    """Hear nothing."""


async def test_it_comes_back_by_itself_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """However often it was tried in between; what was said meanwhile is lost."""
    caplog.set_level(logging.INFO)
    carrier = Carrier(there=False)
    bus = RemoteBus(carrier, first_rest_s=0)
    await bus.start(nothing)
    bus.publish("news", b"lost")
    await turns()
    assert carrier.opened > 2
    carrier.there = True
    await turns()
    bus.publish("news", b"sent")
    await turns()
    assert carrier.sent == [("news", b"sent")]
    carrier.lose()
    await turns()
    assert carrier.open_now
    await bus.stop()
    assert not carrier.open_now
    assert [line.message for line in caplog.records] == [
        "the carrier is away (nobody listens): other workers hear nothing now",
        "the carrier carries between the workers",
        "the carrier is away (the connection is lost): other workers hear nothing now",
        "the carrier carries between the workers",
    ]


async def test_it_is_left_alone_for_longer_and_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that starts has other work to do."""
    rests: list[float] = []
    pause = asyncio.sleep

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await pause(0)

    monkeypatch.setattr(bus_remote.asyncio, "sleep", rest)
    bus = RemoteBus(Carrier(there=False))
    await bus.start(nothing)
    for _ in range(TURNS):
        await pause(0)
    await bus.stop()
    assert rests[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(rests) == LONGEST_REST_S


async def test_a_carrier_that_has_nothing_to_carry_is_asked_whether_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line that was cut somewhere on its way says nothing by itself."""
    monkeypatch.setattr(bus_remote, "ALIVE_EVERY_S", 0)
    carrier = Carrier(there=True)
    bus = RemoteBus(carrier, first_rest_s=0)
    await bus.start(nothing)
    await turns()
    assert carrier.asked > 1
    carrier.there = False
    await turns()
    assert not carrier.open_now
    await bus.stop()


async def test_a_failure_that_nobody_has_foreseen_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the carrier taken up anew."""
    carrier = Carrier(there=True)

    async def fail(_messages: Sequence[Message]) -> None:
        del carrier.send  # type: ignore[method-assign]
        raise ZeroDivisionError

    carrier.send = fail  # type: ignore[method-assign]
    bus = RemoteBus(carrier, first_rest_s=0)
    await bus.start(nothing)
    await turns()
    bus.publish("news", b"lost")
    await turns()
    bus.publish("news", b"sent")
    await bus.stop()
    assert caplog.text.count("has failed as it never should") == 1
    assert carrier.sent == [("news", b"sent")]


async def test_what_is_said_last_is_sent_before_the_end() -> None:
    """All of it, in order."""
    carrier = Carrier(there=True)
    bus = RemoteBus(carrier)
    await bus.start(nothing)
    await turns()
    said = [("news", b"%d" % one) for one in range(5)]
    for message in said:
        bus.publish(*message)
    await bus.stop()
    assert carrier.sent == said


def test_what_waits_is_bounded_and_that_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """What has come first stays; once it is taken, there is room again."""
    waiting = Outgoing()
    for content in (b"first", bytes(MOST_WAITING_BYTES), bytes(MOST_WAITING_BYTES)):
        waiting.put("news", content)
    assert waiting.take() == [("news", b"first")]
    assert caplog.text.count("too much waits") == 1
    waiting.put("news", b"second")
    assert waiting.take() == [("news", b"second")]
    assert waiting.take() == []
