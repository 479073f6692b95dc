"""Brings to boxes what is new for them: their commands at once, and of all else only that they are to ask.

All boxes that are woken within a moment are looked up in one transaction: while one is under way, the next
ones gather.  Whether a command has arrived, its result says, by a heartbeat; so nothing is tried again here.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from heapq import nsmallest
from logging import getLogger
from typing import Protocol

from msgspec import Struct
from sqlalchemy import select

from easyplayer.errors import EasyplayerError
from easyplayer.hub.db.schema import boxes, pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.lines import BoxLine, BoxLines
from easyplayer.hub.services import command_desk
from easyplayer.hub.services.attention import ONCE
from easyplayer.protocol.codec import encode
from easyplayer.protocol.live import MOST_LIVE_BYTES, FromHub, Orders, Wake
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose
from easyplayer.units import Seconds

log = getLogger(__name__)

MOST_AT_ONCE = 300
"""How many boxes are looked up in one transaction."""
AFTER_TROUBLE_S = Seconds(30.0)
"""Within how long boxes are to ask that could not be looked up."""
ROOM_BYTES = MOST_LIVE_BYTES - 1024
"""How much of a message commands may take."""


class Asked(Struct):
    """What is wanted for a box.

    :ivar within_s: within how long it is to ask for what cannot be sent.
    :ivar whole: whether commands are wanted that were sent before, too.
    :ivar times: how often it was woken.
    """

    within_s: Seconds
    whole: bool = False
    times: int = 1


class Found(Struct, frozen=True):
    """What there is for a box.

    :ivar epoch: the one in which lines of the box are right.
    :ivar attention: in how many heartbeats there is more to say.
    """

    epoch: int
    attention: int
    commands: tuple[Signed, ...] = ()


class Tell(Protocol):
    """Speaks to boxes."""

    def say(self, line: BoxLine, message: FromHub) -> None:
        """Send a message."""

    def end(self, line: BoxLine) -> None:
        """End a line whose box is not paired any more, or anew."""


class OrderDesk:
    """Looks up what there is for boxes that were woken, and sends it.

    :param lines: the lines that end here; of other boxes nothing is looked up.
    """

    def __init__(self, hub: Hub, lines: BoxLines, tell: Tell) -> None:
        self._hub = hub
        self._lines = lines
        self._tell = tell
        self._asked: dict[str, Asked] = {}
        self._some = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orders")

    def ask(self, box: str, within_s: Seconds, *, whole: bool = False) -> None:
        """Have a box looked up that has a line here.

        :param within_s: within how long it is to ask for what cannot be sent.
        :param whole: whether commands are wanted that were sent before, too.
        """
        asked = self._asked.get(box)
        if asked is None:
            self._asked[box] = Asked(within_s, whole)
        else:
            asked.within_s = min(asked.within_s, within_s)
            asked.whole |= whole
            asked.times += 1
        self._some.set()

    async def run(self) -> None:
        """Look up and send, until this is cancelled."""
        while True:
            await self._some.wait()
            # A few boxes do not wait behind a whole fleet that was woken before them.
            group = dict(nsmallest(MOST_AT_ONCE, self._asked.items(), key=lambda one: one[1].within_s))
            for box in group:
                del self._asked[box]
            if not self._asked:
                self._some.clear()
            await self._serve({box: asked for box, asked in group.items() if self._lines.of(box)})

    async def close(self) -> None:
        """End the thread, once a look that is under way is over."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _serve(self, group: Mapping[str, Asked]) -> None:
        if not group:
            return
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, look, self._hub, group)
        except EasyplayerError as error:
            log.warning("%d live boxes have to ask for what is new: %s", len(group), error)
            for line in self._lines.among(group):
                self._wake(line, max(AFTER_TROUBLE_S, group[line.box].within_s))
            return
        for line in self._lines.among(group):
            self._answer(line, group[line.box], found.get(line.box))

    def _answer(self, line: BoxLine, asked: Asked, found: Found | None) -> None:
        if found is None or found.epoch != line.epoch:
            self._tell.end(line)
            return
        sent = 0
        for orders in in_messages(found.commands):
            self._tell.say(line, orders)
            sent += len(orders.commands)
        self._hub.metrics.live_orders.inc(sent)
        # A box that has got a new command sends a heartbeat with its result; so it need not be told to.
        told = sent == len(found.commands) > 0 and found.attention <= ONCE and asked.times == 1
        if found.attention and not told:
            self._wake(line, asked.within_s)

    def _wake(self, line: BoxLine, within_s: Seconds) -> None:
        self._tell.say(line, Wake(within_s=within_s))
        self._hub.metrics.live_wakes.inc()


def look(hub: Hub, group: Mapping[str, Asked]) -> dict[str, Found]:
    """Look up what there is for boxes; those that are not paired are left out.  Blocks.

    :raises DatabaseError: the database does not answer.
    """
    whole = {box for box, asked in group.items() if asked.whole}
    chosen = (
        select(boxes.c.id, boxes.c.epoch, pulses.c.attention)
        .join(pulses, pulses.c.box == boxes.c.id)
        .where(boxes.c.id.in_([*group]))
    )
    with hub.database.write() as connection:
        rows = connection.execute(chosen).all()
        waiting = command_desk.early_for(connection, [row.id for row in rows], whole, hub.now())
    return {
        row.id: Found(
            row.epoch,
            row.attention,
            tuple(hub.keys.sign(Purpose.COMMAND, one) for one in waiting.get(row.id, ())),
        )
        for row in rows
    }


def in_messages(commands: tuple[Signed, ...]) -> list[Orders]:
    """Put commands into messages of bounded length; one that is too long alone is left to the heartbeat."""
    messages: list[list[Signed]] = []
    room = 0
    for command in commands:
        size = len(encode(command)) + 1
        if size > ROOM_BYTES:
            continue
        if size > room:
            messages.append([])
            room = ROOM_BYTES
        messages[-1].append(command)
        room -= size
    return [Orders(commands=tuple(one)) for one in messages]
