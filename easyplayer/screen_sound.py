"""What is heard of the screen: how loud it is, and whether the music makes room for it."""

from collections.abc import Callable

from easyplayer.events import BoxEvent
from easyplayer.exhibit import Exhibit
from easyplayer.fade import Curve
from easyplayer.fader import Fader
from easyplayer.screen_events import give_floor, take_floor
from easyplayer.ticker import Ticker
from easyplayer.units import Decibels, Linear, Milliseconds, Seconds, to_linear, to_seconds, volume_to_linear

FADE_S = Seconds(1.0)
"""How long the music takes to go, and to come back, where neither item nor playlist says it."""
BELOW_SPOT = to_linear(Decibels(-15.0))
BELOW_SPOT_S = Seconds(0.4)


class ScreenSound:
    """The gain of all clips, and the floor that some of them take.

    :param turn: takes the gain, each time it is another one.
    :param fire: fires an event into the box.
    """

    def __init__(
        self, ticker: Ticker, turn: Callable[[Linear], object], fire: Callable[[BoxEvent], object]
    ) -> None:
        self._turn = turn
        self._fire = fire
        self._master = Linear(1.0)
        self._fader = Fader(ticker, lambda _gain: self._set())
        self._below = Fader(ticker, lambda _gain: self._set(), Curve.LINEAR)
        self._floor_s: Seconds | None = None

    def turn(self, volume: float) -> None:
        """Be so loud, on the venue's scale of 0 to 100."""
        self._master = volume_to_linear(volume)
        self._set()

    def duck(self, *, down: bool) -> None:
        """Go below what is said, or come back."""
        self._below.move(BELOW_SPOT if down else Linear(1.0), BELOW_SPOT_S)

    def fade(self, seconds: Seconds) -> None:
        """Fade to silence."""
        self._fader.move(Linear(0.0), seconds)

    def come_back(self) -> None:
        """Be at full gain again after a fade."""
        self._fader.set(Linear(1.0))

    def follow(self, exhibit: Exhibit | None) -> None:
        """Have the music make room for what is shown now, or give its place back."""
        wanted = exhibit is not None and exhibit.seen and exhibit.replaces
        if wanted and exhibit is not None:
            item = exhibit.prepared.item
            if self._floor_s is None:
                self._fire(take_floor(_length(item.fade_in_ms)))
            self._floor_s = _length(item.fade_out_ms)
        elif self._floor_s is not None:
            seconds, self._floor_s = self._floor_s, None
            self._fire(give_floor(seconds))

    def _set(self) -> None:
        self._turn(Linear(self._master * self._fader.gain * self._below.gain))


def _length(milliseconds: int | None) -> Seconds:
    return FADE_S if milliseconds is None else to_seconds(Milliseconds(milliseconds))
