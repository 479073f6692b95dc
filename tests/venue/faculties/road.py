"""The road between a venue and the world: how much it carries, how late, and what it loses. Pure."""

import random
from dataclasses import dataclass

KBIT = 1000
LONGEST_QUEUE_S = 1.0
"""What would wait longer for its turn on a slow road is lost, as in a real router."""


@dataclass(frozen=True)
class Weather:
    """How the road is.

    :ivar loss: how many of a hundred frames are lost, each way.
    :ivar delay_s: how long a frame takes, each way.
    :ivar kbit_s: how much it carries each way in thousands of bits a second; 0 is any.
    """

    loss: float = 0.0
    delay_s: float = 0.0
    kbit_s: float = 0.0


FINE = Weather()


class Lane:
    """One direction of the road.

    :param chance: what decides which frames are lost.
    :ivar lost: how many frames it has lost.
    """

    def __init__(self, chance: random.Random) -> None:
        self.lost = 0
        self._chance = chance
        self._free_s = 0.0

    def arrival_s(self, size: int, now_s: float, weather: Weather) -> float | None:
        """Tell when a frame of so many bytes arrives that sets out now; None: never."""
        begin_s = max(now_s, self._free_s)
        too_late = begin_s - now_s > LONGEST_QUEUE_S
        if too_late or self._chance.uniform(0, 100) < weather.loss:
            self.lost += 1
            return None
        if weather.kbit_s:
            self._free_s = begin_s + size * 8 / (weather.kbit_s * KBIT)
            begin_s = self._free_s
        return begin_s + weather.delay_s
