"""A fader: a gain that is set at once, or moves to where it should be in steps too fine to hear."""

from collections.abc import Callable

from easyplayer.fade import Curve, shape
from easyplayer.ticker import Action, Repeating, Ticker
from easyplayer.units import Linear, Seconds

STEP_S = Seconds(0.02)
"""How often a moving fader moves; finer is not heard, coarser is."""


class Fader:
    """One gain, at full in the beginning.

    :param turn: takes the gain, each time it is another one.
    :param curve: how it moves; what crosses with something else needs equal power.
    :ivar gain: where it is.
    """

    def __init__(
        self, ticker: Ticker, turn: Callable[[Linear], object], curve: Curve = Curve.EQUAL_POWER
    ) -> None:
        self.gain = Linear(1.0)
        self._ticker = ticker
        self._turn = turn
        self._curve = curve
        self._steps: Repeating | None = None

    def set(self, gain: Linear) -> None:
        """Put it to a gain, at once."""
        self.stay()
        self._put(gain)

    def move(self, gain: Linear, seconds: Seconds, then: Action | None = None) -> None:
        """Move it to a gain along its curve, and then do something."""
        self.stay()
        begin, start = self._ticker.clock(), self.gain
        rising = gain > start

        def step() -> None:
            progress = (self._ticker.clock() - begin) / seconds if seconds > 0 else 1.0
            way = shape(self._curve, progress) if rising else 1 - shape(self._curve, 1 - progress)
            if progress < 1:
                self._put(Linear(start + (gain - start) * way))
                return
            self.set(gain)
            if then is not None:
                then()

        self._steps = self._ticker.every(STEP_S, step)

    def stay(self) -> None:
        """Leave it where it is; what was to follow its move does not."""
        if self._steps is not None:
            self._steps.cancel()
            self._steps = None

    def _put(self, gain: Linear) -> None:
        self.gain = gain
        self._turn(gain)
