"""When each box is to come back: spread over the interval, and later where more come than can be served."""

from hashlib import blake2b

from easyplayer.protocol.identity import BoxId
from easyplayer.units import Monotonic, Seconds

SPREAD = 0.2
"""By which part of the interval a box comes earlier or later, so that boxes drift apart."""
FIRST_SPREAD = 0.5
"""The same for the first heartbeat after the hub's start, which all boxes may send at once: afterwards they
are spread over one whole interval."""
MOST_PER_S = 2500.0
"""How many heartbeats one process answers in a second, and has half its time left."""
WINDOW_S = 10.0
FOLLOWS = 0.2
"""How far the interval follows what one window has shown; all at once, it would swing."""
RETURN_MAY_TAKE_S = 900.0
"""Boxes that the hub was away for have come back by then."""
LONGEST_S = Seconds(3600.0)
CHANCE_BYTES = 4
"""Drawn by a hash in which one sequence tells nothing of the next: a checksum's would add up."""


class Pace:
    """Says when the next heartbeat is wanted.

    :param interval_s: how often one is wanted where there is no reason for another pace.
    :param most_per_s: how many this process is to answer in a second.
    """

    def __init__(self, interval_s: float, most_per_s: float = MOST_PER_S) -> None:
        self._least_s = interval_s
        self._most_per_s = most_per_s
        self._interval_s = interval_s
        self._met: set[BoxId] | None = set()
        self._began: Monotonic | None = None
        self._window_began = Monotonic(0.0)
        self._beats = 0

    @property
    def interval_s(self) -> float:
        """The interval at present."""
        return self._interval_s

    def next_s(self, box: BoxId, sequence: int, at: Monotonic) -> Seconds:
        """Tell in how many seconds a box is to come back.

        :param sequence: of its heartbeat, so that it is another time each time.
        """
        self._count(at)
        spread = FIRST_SPREAD if self._is_first(box, at) else SPREAD
        drawn = blake2b(f"{box}/{sequence}".encode(), digest_size=CHANCE_BYTES).digest()
        chance = int.from_bytes(drawn) / 256**CHANCE_BYTES
        return Seconds(min(self._interval_s * (1 - spread + 2 * spread * chance), LONGEST_S))

    def _count(self, at: Monotonic) -> None:
        if self._began is None:
            self._began = self._window_began = at
        self._beats += 1
        passed_s = at - self._window_began
        if passed_s >= WINDOW_S:
            boxes = self._beats / passed_s * self._interval_s
            wanted_s = max(self._least_s, boxes / self._most_per_s)
            self._interval_s += FOLLOWS * (wanted_s - self._interval_s)
            self._window_began, self._beats = at, 0

    def _is_first(self, box: BoxId, at: Monotonic) -> bool:
        if self._met is None or self._began is None:
            return False
        if at - self._began > RETURN_MAY_TAKE_S:
            self._met = None
            return False
        if box in self._met:
            return False
        self._met.add(box)
        return True
