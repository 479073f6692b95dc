"""What is heard of the screen: how loud it is, and whether the music makes room for it."""

from collections.abc import Callable

from easyplayer.events import BoxEvent
from easyplayer.exhibit import Exhibit
from easyplayer.fade import Curve
from easyplayer.fader import Fader
from easyplayer.screen_events import give_floor, take_floor
from easyplayer.ticker import Ticker
from easyplayer.units import (
    Decibels,
    Linear,
    Milliseconds,
    Monotonic,
    Seconds,
    to_linear,
    to_seconds,
    volume_to_linear,
)

FADE_S = Seconds(1.0)
"""How long the music takes to go, and to come back, where neither item nor playlist says it."""
KEPT_S = Seconds(1.5)
"""How long the floor is kept for a clip that is about to be heard: the next one, or one that was cut anew."""
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
        self._clock = ticker.clock
        self._turn = turn
        self._fire = fire
        self._master = Linear(1.0)
        self._fader = Fader(ticker, lambda _gain: self._set())
        self._below = Fader(ticker, lambda _gain: self._set(), Curve.LINEAR)
        self._floor_s: Seconds | None = None
        self._heard_at = Monotonic(0.0)
        self._silent: set[str] = set()

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

    def learn(self, item: str, *, silent: bool) -> None:
        """Learn whether there is anything to be heard in a clip."""
        (self._silent.add if silent else self._silent.discard)(item)

    def replaces(self, exhibit: Exhibit) -> bool:
        """Tell whether a picture is to be heard in place of the music."""
        return exhibit.replaces and exhibit.prepared.item.id not in self._silent

    def follow(self, heard: Exhibit | None, *, awaited: bool, held: bool = False) -> None:
        """Have the music make room for what is heard in its place, or give that back.

        :param heard: what is heard now in place of the music.
        :param awaited: where nothing is, whether something should be, any moment.
        :param held: whether that waits for the end of a pause.
        """
        now = self._clock()
        if awaited and held:
            self._heard_at = now
        if heard is not None:
            item, self._heard_at = heard.prepared.item, now
            if self._floor_s is None:
                self._fire(take_floor(_length(item.fade_in_ms)))
            self._floor_s = _length(item.fade_out_ms)
        elif self._floor_s is not None and not (awaited and now - self._heard_at < KEPT_S):
            seconds, self._floor_s = self._floor_s, None
            self._fire(give_floor(seconds))

    def _set(self) -> None:
        self._turn(Linear(self._master * self._fader.gain * self._below.gain))


def _length(milliseconds: int | None) -> Seconds:
    return FADE_S if milliseconds is None else to_seconds(Milliseconds(milliseconds))
