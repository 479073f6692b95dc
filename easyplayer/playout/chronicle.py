"""What sounds in a simulated venue, and what happens there, told in the order in which it began."""

import heapq
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from easyplayer.playout.asrun import AsRun, Ended
from easyplayer.playout.engine import FOR_EVER, Following
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.timeline import SharpEvent
from easyplayer.playout.transition import length_s
from easyplayer.units import Instant, Seconds

SHORTEST_S = Seconds(0.5)
"""Even an item with nothing in it takes so long, so that time goes on."""


class Heard(AsRun, frozen=True, kw_only=True):
    """A row of what is heard, and why it is played."""

    decision: Decision


class Seen(AsRun, frozen=True, kw_only=True):
    """A row of what the screens show, and why they do."""

    decision: Decision


class Silence(Struct, frozen=True):
    """Nothing of the program could be played although the venue was open."""

    started: Instant
    over: Instant


class Missed(Struct, frozen=True):
    """A spot that comes on the second did not come.

    :ivar started: the true time at which that was certain.
    :ivar reason: in words: the clock was set past it, the venue was closed, or it has come up to a limit.
    """

    started: Instant
    event: SharpEvent
    reason: str


Happening: TypeAlias = Heard | Silence | Missed


class Sounding(Struct):
    """What sounds.

    :ivar began: the true time at which it began.
    :ivar started: when it would have begun, had nobody held it meanwhile.
    :ivar incoming: what follows, made ready.
    :ivar next_at: when it gives way to what follows; for a spot, when it is over.
    """

    decision: Decision
    prepared: PreparedItem
    began: Instant
    started: Instant
    following: Following | None = None
    incoming: PreparedItem | None = None
    next_at: Instant = FOR_EVER

    @property
    def is_cut(self) -> bool:
        """Whether what follows does not wait for its end."""
        return self.following is not None and self.following.gives_way_at is not None

    @property
    def over(self) -> Instant:
        """When it is heard to its end."""
        length = length_s(self.prepared)
        return FOR_EVER if length is None else Instant(self.started + max(length, SHORTEST_S))

    def row(self, over: Instant, ended: Ended) -> Heard:
        """Give its row of the log."""
        return Heard(
            started=self.began,
            over=over,
            item=self.prepared.item,
            origin=self.decision.origin,
            ended=ended,
            decision=self.decision,
        )


class Chronicle:
    """Keeps what is told out of order until its turn has come."""

    def __init__(self) -> None:
        self._told = 0
        self._waiting: list[tuple[Instant, int, Happening]] = []

    def tell(self, happening: Happening) -> None:
        """Take something down."""
        self._told += 1
        heapq.heappush(self._waiting, (happening.started, self._told, happening))

    def until(self, instant: Instant) -> Iterator[Happening]:
        """Give what began until an instant, before which nothing began that is not told yet."""
        while self._waiting and self._waiting[0][0] <= instant:
            yield heapq.heappop(self._waiting)[2]
