"""When to ask the hub again: as it wishes, and ever more seldom where it does not answer.

A fleet whose hub comes back must not fall upon it all at once.  So each wait has chance in it: a little after
an answer, and after a failure nothing but chance, up to a limit that doubles ("full jitter").
"""

from random import Random

from easyplayer.units import Seconds

SHORTEST_S = Seconds(1.0)
LONGEST_S = Seconds(3600.0)
"""However the hub may wish it."""
FIRST_S = Seconds(3.0)
"""Within so much the first question goes out after the start."""
SPREAD = 0.1
"""How far a wait may be from the hub's wish, as a part of it."""
FIRST_WAIT_S = Seconds(2.0)
LONGEST_WAIT_S = Seconds(300.0)
"""The cap: no box is silent for longer because of failures alone."""
MOST_DOUBLINGS = 10


class Pacing:
    """Paces one kind of question.

    :param chance: where the jitter comes from.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._failures = 0
        self._usual_s = 0.0

    @property
    def failures(self) -> int:
        """How often in a row there was no answer."""
        return self._failures

    def first_s(self) -> Seconds:
        """Tell when to ask for the first time: many boxes may start at once, after a power cut."""
        return Seconds(self._chance.uniform(0.0, FIRST_S))

    def after_answer(self, wished_s: float) -> Seconds:
        """Tell when to ask again after an answer.

        :param wished_s: as the hub wishes.
        """
        self._failures = 0
        self._usual_s = min(max(wished_s, SHORTEST_S), LONGEST_S)
        return Seconds(max(self._usual_s * self._chance.uniform(1 - SPREAD, 1 + SPREAD), SHORTEST_S))

    def after_failure(self, rest_s: float | None = None) -> Seconds:
        """Tell when to ask again after a failure.

        The first wait is as long as the usual one at the most, so that a hub that was away for a moment
        is asked no more often than ever.

        :param rest_s: for how long the hub wants to be left alone, where it has said so.
        """
        doublings, self._failures = min(self._failures, MOST_DOUBLINGS), self._failures + 1
        window_s = min(max(FIRST_WAIT_S, self._usual_s) * 2**doublings, LONGEST_WAIT_S)
        wait_s = max(self._chance.uniform(0.0, window_s), SHORTEST_S)
        if rest_s is None:
            return Seconds(wait_s)
        return Seconds(min(max(rest_s, 0.0), LONGEST_S) + wait_s)

    def forget(self) -> None:
        """Begin anew, as if nothing had failed."""
        self._failures = 0
