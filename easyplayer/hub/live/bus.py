"""What the workers of a hub tell one another while they run: whom to wake, what a watched box plays.

It is no store.  What is said reaches who listens at that moment, or nobody; whatever has to arrive lies in
the database, and is found there without it.  See decision 0051.
"""

from collections.abc import Callable
from logging import getLogger
from typing import Protocol, TypeAlias

log = getLogger(__name__)

Hear: TypeAlias = Callable[[str, bytes], object]
"""Is told the topic and the content of a message."""
MOST_CONTENT_BYTES = 768 * 1024
"""How long one message may be."""
MOST_WAITING_BYTES = 8 * 1024 * 1024
"""How much may wait to be sent to others; beyond that, what is new is left out."""
FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0
"""How long a bus that is away is left alone, at first and at the longest."""


class Bus(Protocol):
    """Carries messages to all workers that have subscribed to their topic, this one too.

    All of it belongs to one event loop, and nothing of it waits.  A topic is words with ``/`` between them,
    of letters, digits, ``_`` and ``-``, such as ``box/0123456789abcdef``.

    What one worker publishes is heard in order, and by itself before :meth:`publish` returns.  What others
    publish may be lost while the bus is away: that is logged once, and it comes back by itself.
    """

    async def start(self, hear: Hear) -> None:
        """Begin; returns at once, also where the bus is away.

        :param hear: called in the event loop for each message of a topic that is subscribed to; what it
            raises is logged.
        """

    def publish(self, topic: str, content: bytes) -> None:
        """Tell something to all; returns at once, and never raises.

        :param content: of more than :data:`MOST_CONTENT_BYTES`, it is left out, and that is logged.
        """

    def subscribe(self, topic: str) -> None:
        """Hear of a topic from now on; twice is as good as once."""

    def unsubscribe(self, topic: str) -> None:
        """Hear nothing more of a topic."""

    async def stop(self) -> None:
        """Send what waits, and end: nothing is heard any more."""


class LocalBus:
    """The bus of a hub that is one process."""

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._hear: Hear | None = None

    async def start(self, hear: Hear) -> None:
        """Begin."""
        self._hear = hear

    def publish(self, topic: str, content: bytes) -> None:
        """Tell something to all."""
        if self.takes(topic, content):
            self.hear(topic, content)

    def takes(self, topic: str, content: bytes) -> bool:
        """Tell whether a message is short enough; one that is not is logged."""
        if len(content) > MOST_CONTENT_BYTES:
            log.error("%d bytes of %s are too long for one message: left out", len(content), topic)
            return False
        return True

    def hear(self, topic: str, content: bytes) -> None:
        """Hand a message over, wherever it is from, if its topic is subscribed to."""
        if self._hear is None or topic not in self._topics:
            return
        try:
            self._hear(topic, content)
        except Exception:
            log.exception("what is said of %s was not understood", topic)

    def subscribe(self, topic: str) -> None:
        """Hear of a topic from now on."""
        self._topics.add(topic)

    def unsubscribe(self, topic: str) -> None:
        """Hear nothing more of a topic."""
        self._topics.discard(topic)

    async def stop(self) -> None:
        """End."""
        self._hear = None


class Outgoing:
    """What waits to be sent to other workers: bounded, and told once when it overflows."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, bytes]] = []
        self._bytes = 0
        self._told = False

    def put(self, topic: str, content: bytes) -> None:
        """Let a message wait, or leave it out where too much waits already."""
        if self._bytes + len(content) > MOST_WAITING_BYTES:
            if not self._told:
                log.warning("the other workers do not hear what they should: too much waits to be sent")
            self._told = True
            return
        self._waiting.append((topic, content))
        self._bytes += len(content)

    def take(self) -> list[tuple[str, bytes]]:
        """Give what waits; none of it waits any more."""
        taken, self._waiting, self._bytes, self._told = self._waiting, [], 0, False
        return taken
