"""One box of a simulated fleet: it comes when the hub says, and paces itself as a real one where it fails."""

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from random import Random

import msgspec
from msgspec import Struct

from bench.heartbeat_load import Connection
from bench.heartbeats import Sender
from easyplayer.pacing import Pacing
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.units import Seconds

PATIENCE_S = 30.0
"""How long a box waits for an answer, as the real one's driver does."""
FETCH_MAY_TAKE_S = 30.0
"""Within so much a box has a new program and its media, and says so at once."""


class Heard(Struct, frozen=True):
    """What a box reads of a reply."""

    next_s: Seconds
    program: Signed | None = None


class Tally:
    """What became of the heartbeats of a fleet: counts by the second, and what each box knows.

    :ivar answered: the second of each heartbeat that was answered well.
    :ivar asked: the second of each heartbeat that reached the hub, however it was answered.
    :ivar busy: how many were refused with 503.
    :ivar lost: how many were not answered, or otherwise than well.
    :ivar heard: the boxes that were answered well.
    :ivar told: the boxes that have been told of a new program, and ``have`` those that have said that they
        have it.
    """

    def __init__(self) -> None:
        self.answered: list[float] = []
        self.asked: list[float] = []
        self.took_s: list[float] = []
        self.busy = 0
        self.lost = 0
        self.heard: set[int] = set()
        self.told: set[int] = set()
        self.have: set[int] = set()


class FleetBox:
    """A box.

    :param number: of the box in its fleet.
    :param tallies: the last one counts.
    """

    def __init__(self, number: int, sender: Sender, port: int, tallies: Sequence[Tally]) -> None:
        self._number = number
        self._sender = sender
        self._port = port
        self._tallies = tallies
        self._chance = Random(number)
        self._pacing = Pacing(self._chance)
        self._connection: Connection | None = None

    async def live(self, first_s: float) -> None:
        """Send heartbeats for ever.

        :param first_s: when the first one goes out.
        """
        wait_s = first_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = await self._beat()

    async def _beat(self) -> float:
        """Send one heartbeat; gives how long to wait for the next."""
        began = time.monotonic()
        try:
            connection = await self._connected()
        except OSError:
            self._tallies[-1].lost += 1
            return self._pacing.after_failure()
        self._tallies[-1].asked.append(began)
        try:
            async with asyncio.timeout(PATIENCE_S):
                well = await connection.ask(self._sender.request())
        except TimeoutError:
            connection.drop()
            well = False
        if not well:
            return self._refused(connection.head)
        tally = self._tallies[-1]
        tally.took_s.append(time.monotonic() - began)
        tally.answered.append(began)
        tally.heard.add(self._number)
        return self._answered(tally, msgspec.json.decode(connection.body, type=Heard))

    async def _connected(self) -> Connection:
        """Connect anew where the hub has closed the connection: it keeps none that is silent for 5 s."""
        if self._connection is None or not self._connection.is_open:
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(PATIENCE_S):
                self._connection = (await loop.create_connection(Connection, "127.0.0.1", self._port))[1]
        return self._connection

    def _refused(self, head: bytes) -> float:
        tally = self._tallies[-1]
        status, _, rest = head.partition(b"\r\n")
        if f" {HTTPStatus.SERVICE_UNAVAILABLE} ".encode() not in status:
            tally.lost += 1
            return self._pacing.after_failure()
        tally.busy += 1
        wanted = rest.lower().partition(b"retry-after: ")[2].partition(b"\r\n")[0]
        return self._pacing.after_failure(float(wanted) if wanted else None)

    def _answered(self, tally: Tally, heard: Heard) -> float:
        wait_s = self._pacing.after_answer(heard.next_s)
        if heard.program is None:
            if self._sender.revision:
                tally.have.add(self._number)
            return wait_s
        tally.told.add(self._number)
        self._sender.revision = msgspec.json.decode(heard.program.payload, type=ProgramHead).revision
        return min(wait_s, self._chance.uniform(0.0, FETCH_MAY_TAKE_S))
