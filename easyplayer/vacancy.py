"""The card that stands in place of a picture, where the screen wants one and there is none."""

from collections.abc import Callable

from easyplayer.component import Clock
from easyplayer.events import BoxEvent
from easyplayer.playout.catalogue import Program
from easyplayer.playout.pictures import shows_anything
from easyplayer.screen_events import show_card
from easyplayer.units import Monotonic, Seconds

CARD_AFTER_S = Seconds(3.0)
"""How long a picture is wanted in vain before a card says so."""
EMERGENCY, WAITING, NOTHING, FAILED = "emergency", "waiting", "nothing", "failed"
"""The cards that there are; see :class:`easyplayer.screen_events.show_card`."""


class Vacancy:
    """Knows for how long a picture has been wanted in vain.

    :param fire: fires an event into the box.
    """

    def __init__(self, clock: Clock, fire: Callable[[BoxEvent], object]) -> None:
        self._clock = clock
        self._fire = fire
        self._since: Monotonic | None = None
        self._card = ""

    def begin(self) -> None:
        """Learn that nothing is shown, and something is wanted."""
        if self._since is None:
            self._since = self._clock()

    def end(self) -> None:
        """Learn that something is on its way."""
        self._since = None

    def mind(self, program: Program | None, nothing_due: Callable[[], bool]) -> None:
        """Say why there is nothing, once it is for long; where nothing was planned, there is nothing to say.

        :param nothing_due: tells whether the program has no picture for now; asked only where that counts.
        """
        if self._since is None or self._clock() - self._since < CARD_AFTER_S:
            return
        if program is None:
            self.show(WAITING)
        elif not shows_anything(program):
            self.show(NOTHING)
        else:
            self.show("" if nothing_due() else FAILED)

    def show(self, card: str) -> None:
        """Show a card, or, by the empty string, none any more."""
        if card != self._card:
            self._card = card
            self._fire(show_card(card))
