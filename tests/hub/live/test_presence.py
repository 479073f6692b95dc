"""Boxes with an open line are online, although they send heartbeats seldom."""

import asyncio
import threading

import pytest
from sqlalchemy import select

from easyplayer.errors import DatabaseError
from easyplayer.hub.db.schema import pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.live import presence
from easyplayer.hub.live.presence import MOST_AT_ONCE, Presence
from easyplayer.hub.services import attention
from easyplayer.hub.services.attention import Raised
from easyplayer.hub.services.boxes import State, state_of
from easyplayer.units import Instant
from tests.hub.conftest import NOON, HeldClock
from tests.hub.contents import add_box, add_venue

LIVE, OTHER, SILENT = "0" * 16, "1" * 16, "2" * 16
HEARTBEAT_S = 30.0
LIVE_HEARTBEAT_S = 300.0
LOOK_S = 10.0


@pytest.fixture(name="trio")
def _trio(hub: Hub) -> Hub:
    """Give a hub with three boxes, just heard of."""
    add_venue(hub)
    for box in (LIVE, OTHER, SILENT):
        add_box(hub, box)
    return hub


@pytest.fixture(name="there")
def _there(trio: Hub) -> Presence:
    """Give the presence of a worker where two of them have a line."""
    return Presence(trio.database, trio.now, lambda: (LIVE, OTHER), HEARTBEAT_S)


def seen(hub: Hub) -> dict[str, float]:
    """Tell when each box was seen."""
    with hub.database.read() as connection:
        return {row.box: row.seen for row in connection.execute(select(pulses.c.box, pulses.c.seen))}


def test_a_box_is_online_all_the_time_that_its_line_is_open(
    trio: Hub, there: Presence, clock: HeldClock
) -> None:
    """Between two heartbeats of a box with a line; one without is late after a minute, then silent."""
    states: set[tuple[str, State]] = set()
    for _ in range(round(2.5 * LIVE_HEARTBEAT_S / LOOK_S)):
        clock.pass_s(LOOK_S)
        there.look([LIVE, OTHER])
        states |= {
            (box, state_of(Instant(at), clock.now, trio.settings.heartbeat_s))
            for box, at in seen(trio).items()
        }
    assert states == {
        (LIVE, State.ONLINE),
        (OTHER, State.ONLINE),
        *((SILENT, state) for state in (State.ONLINE, State.LATE, State.SILENT)),
    }


def test_it_is_written_as_seldom_as_heartbeats(trio: Hub, there: Presence, clock: HeldClock) -> None:
    """A box that was heard of lately is left alone."""
    clock.pass_s(HEARTBEAT_S)
    there.look([LIVE, OTHER])
    assert set(seen(trio).values()) == {NOON}
    clock.pass_s(1)
    there.look([LIVE])
    assert seen(trio) == {LIVE: clock.now, OTHER: NOON, SILENT: NOON}


def test_more_boxes_than_go_in_one_transaction_go_in_several(trio: Hub, clock: HeldClock) -> None:
    """Also some that are not paired any more."""
    clock.pass_s(HEARTBEAT_S + 1)
    gone = [f"a{number:015}" for number in range(MOST_AT_ONCE)]
    Presence(trio.database, trio.now, list, HEARTBEAT_S).look([LIVE, *gone, OTHER])
    assert seen(trio) == {LIVE: clock.now, OTHER: clock.now, SILENT: NOON}


def test_a_box_whose_wake_was_lost_is_woken_by_the_next_look(trio: Hub, there: Presence) -> None:
    """Once for what is new, and only if its line is open."""
    with trio.database.write() as connection:
        attention.raise_for(connection, boxes=[OTHER, SILENT])
    heard: list[object] = []
    trio.database.heard = heard.extend
    there.look([LIVE, OTHER])
    there.look([LIVE, OTHER])
    assert heard == [Raised((OTHER,))]
    _attend(trio, 0)
    there.look([LIVE, OTHER])
    _attend(trio, 1)
    there.look([LIVE, OTHER])
    assert heard == [Raised((OTHER,)), Raised((LIVE, OTHER))]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_box_that_somebody_else_writes_is_not_waited_for(
    trio: Hub, there: Presence, clock: HeldClock
) -> None:
    """With SQLite, which locks no rows, there is no other way."""
    clock.pass_s(HEARTBEAT_S + 1)
    with trio.database.write() as connection:
        attention.lock(connection, [LIVE])
        looking = threading.Thread(target=there.look, args=([LIVE, OTHER],))
        looking.start()
        looking.join()
    assert seen(trio) == {LIVE: NOON, OTHER: clock.now, SILENT: NOON}


@pytest.mark.anyio
async def test_it_looks_for_as_long_as_it_runs(
    trio: Hub, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that does not answer is told once, and asked again."""
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()
    answers = [DatabaseError("it is away"), DatabaseError("it is away"), None, DatabaseError("again")]

    class Looking(Presence):
        def look(self, boxes: object) -> None:
            answer = answers.pop(0)
            if not answers:
                loop.call_soon_threadsafe(looked.set)
            if answer:
                raise answer

    monkeypatch.setattr(presence, "LOOK_EVERY_S", 0.001)
    running = Looking(trio.database, clock, lambda: [LIVE] if answers else [], HEARTBEAT_S)
    await running.start()
    async with asyncio.timeout(HEARTBEAT_S):
        await looked.wait()
    await running.stop()
    assert caplog.text.count("may seem late: it is away") == 1


@pytest.mark.anyio
async def test_a_mistake_does_not_end_the_looking(
    trio: Hub, clock: HeldClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else every box with an open line would seem late until the hub is started anew."""
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()
    mistakes = [ZeroDivisionError(), ZeroDivisionError()]

    class Looking(Presence):
        def look(self, boxes: object) -> None:
            if mistakes:
                raise mistakes.pop()
            loop.call_soon_threadsafe(looked.set)

    monkeypatch.setattr(presence, "LOOK_EVERY_S", 0.001)
    running = Looking(trio.database, clock, lambda: [LIVE], HEARTBEAT_S)
    await running.start()
    async with asyncio.timeout(HEARTBEAT_S):
        await looked.wait()
    await running.stop()
    assert caplog.text.count("are looked at again") == 2


def _attend(hub: Hub, level: int) -> None:
    with hub.database.write() as connection:
        connection.execute(pulses.update().values(attention=level))
