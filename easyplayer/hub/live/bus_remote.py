"""A bus between processes: what is sent over a carrier, and a carrier that is away for a while."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from logging import DEBUG, INFO, getLogger
from typing import Protocol, TypeAlias

from easyplayer.hub.live.bus import FIRST_REST_S, LONGEST_REST_S, Hear, LocalBus, Outgoing

log = getLogger(__name__)

Message: TypeAlias = tuple[str, bytes]
"""A topic, and what is said of it."""
ALIVE_EVERY_S = 20.0
"""How often a carrier that has nothing to carry is asked whether it is still there."""
END_MAY_TAKE_S = 1.0


class CarrierAwayError(Exception):
    """The carrier is not there, or no longer."""


class Carrier(Protocol):
    """Carries messages between workers; what this one sends does not come back to it.

    :ivar name: what the log calls it; without a password.
    """

    name: str

    async def open(self, hear: Hear, gone: Callable[[], None]) -> None:
        """Connect.

        :param hear: called in the event loop for each message of others.
        :param gone: called once the carrier is lost.
        :raises CarrierAwayError: it is not there.
        """

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages, in order; none at all asks whether the carrier is there.

        :raises CarrierAwayError: it is not, or no longer.
        """

    async def close(self) -> None:
        """Let the connection go; never raises, also where there is none."""


class RemoteBus:
    """A bus between several processes.

    :param first_rest_s: how long a carrier that is away is left alone at first.
    """

    def __init__(self, carrier: Carrier, first_rest_s: float = FIRST_REST_S) -> None:
        self._carrier = carrier
        self._first_rest_s = first_rest_s
        self._local = LocalBus()
        self._outgoing = Outgoing()
        self._some = asyncio.Event()
        self._there = False
        self._ending = False
        self._running: asyncio.Task[None] | None = None

    async def start(self, hear: Hear) -> None:
        """Begin; returns at once, also where the carrier is away."""
        await self._local.start(hear)
        self._running = asyncio.create_task(self._run(), name="bus")

    def publish(self, topic: str, content: bytes) -> None:
        """Tell something to all; to the others it is lost where the carrier is away."""
        if self._local.takes(topic, content):
            if self._there:
                self._outgoing.put(topic, content)
                self._some.set()
            self._local.hear(topic, content)

    def subscribe(self, topic: str) -> None:
        """Hear of a topic from now on."""
        self._local.subscribe(topic)

    def unsubscribe(self, topic: str) -> None:
        """Hear nothing more of a topic."""
        self._local.unsubscribe(topic)

    async def stop(self) -> None:
        """Send what waits, and end."""
        self._ending = True
        self._some.set()
        if self._running is not None:
            await asyncio.wait([self._running], timeout=END_MAY_TAKE_S if self._there else 0)
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._local.stop()

    async def _run(self) -> None:
        rest_s = self._first_rest_s
        away = False
        while not self._ending:
            line = _Line(self._some)
            try:
                await self._carrier.open(self._local.hear, line.lose)
                log.log(INFO if away else DEBUG, "%s carries between the workers", self._carrier.name)
                rest_s, away, self._there = self._first_rest_s, False, True
                await self._carry(line)
            except CarrierAwayError as error:
                if not away:
                    log.warning("%s is away (%s): other workers hear nothing now", self._carrier.name, error)
                away = True
            except Exception:
                log.exception("%s has failed as it never should", self._carrier.name)
            finally:
                self._there = False
                await self._carrier.close()
            if not self._ending:
                await asyncio.sleep(rest_s)
                rest_s = min(2 * rest_s, LONGEST_REST_S)

    async def _carry(self, line: "_Line") -> None:
        """Send what is to be sent, until the end."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._some.wait(), ALIVE_EVERY_S)
            self._some.clear()
            if line.lost:
                message = "the connection is lost"
                raise CarrierAwayError(message)
            await self._carrier.send(self._outgoing.take())
            if self._ending:
                return


class _Line:
    """One connection of a carrier: whether it is lost."""

    def __init__(self, some: asyncio.Event) -> None:
        self.lost = False
        self._some = some

    def lose(self) -> None:
        self.lost = True
        self._some.set()
