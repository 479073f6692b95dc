"""Says of boxes whose line is open that they are there, although they send heartbeats seldom.

A heartbeat says of a box when it was seen. A box with an open line sends one in five minutes, and is no
less online for that; so what a heartbeat would write, and no more, is written here for many boxes at once,
when it is about to be too old; of one that has never sent any, nothing is known, with or without a line.
What was raised for such a box without it having been woken, because a message between workers was lost, is
found on the same way.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Sequence
from logging import getLogger

from sqlalchemy import Connection, text

from easyplayer.errors import HubError
from easyplayer.hub.db.database import Database
from easyplayer.hub.services.attention import Raised
from easyplayer.units import Instant

log = getLogger(__name__)

LOOK_EVERY_S = 10.0
MOST_AT_ONCE = 500
"""Boxes of one transaction: nobody waits for long for one of them."""
SEEN_IN_SQLITE = text(
    "UPDATE pulses SET seen = :now "
    "WHERE box IN (SELECT value FROM json_each(:boxes)) AND seen > 0 AND seen < :old"
)
RAISED_IN_SQLITE = text(
    "SELECT box FROM pulses WHERE attention > 0 AND box IN (SELECT value FROM json_each(:boxes))"
)
SEEN_IN_POSTGRES = text(
    "WITH old AS ("
    "SELECT box FROM pulses WHERE box = ANY(:boxes) AND seen > 0 AND seen < :old FOR UPDATE SKIP LOCKED) "
    "UPDATE pulses SET seen = :now FROM old WHERE pulses.box = old.box"
)
"""A box whose row somebody else has is just being heard of, or is the next time."""
RAISED_IN_POSTGRES = text("SELECT box FROM pulses WHERE attention > 0 AND box = ANY(:boxes)")


class Presence:
    """Runs beside the live channel of one worker.

    :param now: tells what time it is.
    :param boxes: names those whose line is open at this worker.
    :param heartbeat_s: how often a box without a line sends a heartbeat: what was seen longer ago is old.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], Instant],
        boxes: Callable[[], Iterable[str]],
        heartbeat_s: float,
    ) -> None:
        self._database = database
        self._now = now
        self._boxes = boxes
        self._heartbeat_s = heartbeat_s
        self._raised: frozenset[str] = frozenset()
        self._away = False
        self._ending = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._running = asyncio.create_task(self._look_until_the_end(), name="presence")

    async def stop(self) -> None:
        """End, once a look that is under way is over: the database may be closed afterwards."""
        self._ending.set()
        if self._running is not None:
            await self._running

    def look(self, boxes: Sequence[str]) -> None:
        """Write of boxes that they are there, and have those woken for which something has become new.

        Blocks.

        :raises HubError: the database does not do it.
        """
        now = self._now()
        raised: set[str] = set()
        for start in range(0, len(boxes), MOST_AT_ONCE):
            part = boxes[start : start + MOST_AT_ONCE]
            with self._database.write() as connection:
                raised |= _seen(connection, part, now, Instant(now - self._heartbeat_s))
        new = raised - self._raised
        self._raised = frozenset(raised)
        if new:
            self._database.heard([Raised(tuple(sorted(new)))])

    async def _look_until_the_end(self) -> None:
        every_s = min(LOOK_EVERY_S, self._heartbeat_s)
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), every_s)
            try:
                boxes = sorted(self._boxes())
                if boxes and not self._ending.is_set():
                    await asyncio.to_thread(self._look, boxes)
            except Exception:  # a mistake must not end the looking: all boxes would seem late for ever
                log.exception("boxes with an open line may seem late, and are looked at again")

    def _look(self, boxes: Sequence[str]) -> None:
        try:
            self.look(boxes)
        except HubError as error:
            if not self._away:
                log.warning("boxes with an open line may seem late: %s", error)
            self._away = True
        else:
            self._away = False


def _seen(connection: Connection, boxes: Sequence[str], now: Instant, old: Instant) -> set[str]:
    """Write of boxes that they are there; give those for which something is new."""
    if connection.dialect.name == "sqlite":
        names = {"boxes": json.dumps(boxes)}
        connection.execute(SEEN_IN_SQLITE, {**names, "now": now, "old": old})
        return set(connection.scalars(RAISED_IN_SQLITE, names))
    connection.execute(SEEN_IN_POSTGRES, {"boxes": [*boxes], "now": now, "old": old})
    return set(connection.scalars(RAISED_IN_POSTGRES, {"boxes": [*boxes]}))
