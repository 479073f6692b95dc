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
SPREAD, WIDE_SPREAD = 0.1, 0.5
"""How far a wait may be from the hub's wish, as a part of it: as ever, and where a whole fleet may have been
shaken together, so that a wave of questions does not come again an interval later."""
FIRST_WAIT_S = Seconds(2.0)
LONGEST_WAIT_S = Seconds(300.0)
"""The cap: no box is silent for longer because of failures alone, unless it is usual."""
MOST_DOUBLINGS = 10


class Pacing:
    """Paces one kind of question.

    :param chance: where the jitter comes from.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._failures = 0
        self._usual_s = 0.0
        self._shaken = False

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
        spread = WIDE_SPREAD if self._shaken else SPREAD
        self._failures, self._shaken = 0, False
        self.expect(wished_s)
        return Seconds(max(self._usual_s * self._chance.uniform(1 - spread, 1 + spread), SHORTEST_S))

    def after_failure(self, rest_s: float | None = None) -> Seconds:
        """Tell when to ask again after a failure.

        The first wait is as long as the usual one at the most, so that a hub that was away for a moment
        is asked no more often than ever.

        :param rest_s: for how long the hub wants to be left alone, where it has said so.
        """
        self._failures, self._shaken = self._failures + 1, True
        wait_s = self.again_s()
        if rest_s is None:
            return wait_s
        return Seconds(min(max(rest_s, 0.0), LONGEST_S) + wait_s)

    def after_change(self, usual_s: float) -> Seconds:
        """Tell when to ask again where it has become usual to ask more often, on all of a fleet at once.

        Within two intervals, for those that are not answered then come on top of it.
        """
        self.expect(usual_s)
        self._shaken = True
        return self.again_s() if self._failures else self.within_s(2 * self._usual_s)

    def again_s(self) -> Seconds:
        """Draw once more when to ask again, with nothing but chance in it.

        After failures within the window of the last, else within the usual time.
        """
        doublings = min(max(self._failures - 1, 0), MOST_DOUBLINGS)
        longest_s = max(LONGEST_WAIT_S, self._usual_s)
        window_s = min(max(FIRST_WAIT_S, self._usual_s) * 2**doublings, longest_s)
        return Seconds(max(self.within_s(window_s), SHORTEST_S))

    def within_s(self, seconds: float) -> Seconds:
        """Draw a wait that is so long at the most: who wakes many boxes does not want them all at once."""
        return Seconds(self._chance.uniform(0.0, min(max(seconds, 0.0), LONGEST_S)))

    def expect(self, usual_s: float) -> None:
        """Know how often to ask from now on, whatever has failed."""
        self._usual_s = min(max(usual_s, SHORTEST_S), LONGEST_S)

    def forget(self) -> None:
        """Begin anew, as if nothing had failed."""
        self._failures = 0
