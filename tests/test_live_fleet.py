"""A fleet whose hub goes away and comes back: every box by its real rules, all of them in one held world.

What comes to the hub is counted by the second: heartbeats, and lines that ask to be let in.  The steady rate
is that of a fleet without live channels: one heartbeat of each box in each interval.
"""

from collections import Counter
from random import Random

import pytest

from easyplayer.drivers.live_line import POLLING, WEBSOCKET, LineEnded
from easyplayer.interval import Interval
from easyplayer.lifeline import Lifeline, State
from easyplayer.pacing import Pacing
from easyplayer.transport_choice import TransportChoice
from easyplayer.units import Seconds
from tests.house import Stage

BOXES = 2000
USUAL_S, LIVE_S = Seconds(30.0), Seconds(300.0)
STEADY = BOXES / USUAL_S
STEP_S = 0.25


class Hub(Stage):
    """A hub, and its fleet: by the time it has run for a while, all boxes are live.

    :ivar up: whether it is there.
    :ivar came: what came to it in each second.
    """

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.came: Counter[int] = Counter()
        chance = Random(6)
        self.boxes = [Box(self, Random(chance.random())) for _ in range(BOXES)]
        for box in self.boxes:
            self.ticker.after(chance.uniform(0, LIVE_S), box.interval.begin)
        self.run_for(2 * LIVE_S, step_s=1.0)
        assert self.live == BOXES

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run_for(seconds, STEP_S)

    def takes(self) -> bool:
        """Take a question in, where it is there."""
        self.came[int(self.clock())] += self.up
        return self.up

    def close_lines(self, reason: str) -> None:
        """End all lines at once."""
        for box in self.boxes:
            if box.lifeline.state is State.LIVE:
                box.lifeline.ended(LineEnded(reason=reason))

    def be_away_for(self, seconds: float) -> None:
        """Be gone, and come back."""
        self.up = False
        self.wait(seconds)
        self.up = True

    @property
    def live(self) -> int:
        """How many boxes are live."""
        return sum(box.lifeline.state is State.LIVE for box in self.boxes)

    def busiest(self, since: float) -> int:
        """Give what came in the busiest second since an instant."""
        return max(count for second, count in self.came.items() if second >= int(since))


class Box:
    """One box, as far as it decides when to ask; it is its own line."""

    def __init__(self, hub: Hub, chance: Random) -> None:
        self._hub = hub
        self.interval = Interval(Pacing(chance), hub.ticker, self._beat, lambda: None)
        self.choice = TransportChoice((WEBSOCKET, POLLING))
        self.lifeline = Lifeline(
            lambda _number: self, lambda: True, self._on_end, Pacing(chance), hub.ticker, choice=self.choice
        )

    def _beat(self) -> None:
        if self._hub.takes():
            self.interval.over()
            self.lifeline.want(USUAL_S)
            self.interval.answered(USUAL_S)
        else:
            self.lifeline.stand_by()
            self.interval.failed(None)

    def _on_end(self, _reason: str) -> None:
        self.interval.relax()

    # -- the line --------------------------------------------------------------------------------

    def open(self) -> None:
        """Open it; the hub says yes and welcome at once, or nobody is there."""
        if self._hub.takes():
            self.choice.used = self.choice.now[0]
            self.lifeline.opened()
            self.lifeline.welcomed()
            self.interval.stretch(LIVE_S)
        else:
            self.lifeline.ended(LineEnded(reason="nobody is there"))

    def send(self, _content: str) -> bool:
        """Take a message."""
        return True

    def close(self) -> None:
        """Close it."""


@pytest.mark.parametrize("away_s", [5.0, 60.0])
def test_a_hub_that_was_killed_gets_them_back_in_order(away_s: float) -> None:
    """All of them are live again within minutes, and in no second does twice the steady rate come."""
    hub = Hub()
    fell = hub.clock()
    hub.close_lines("the hub is gone")
    hub.be_away_for(away_s)
    hub.wait(180)

    assert hub.busiest(fell) <= 2 * STEADY
    assert hub.live > 0.9 * BOXES


@pytest.mark.slow
@pytest.mark.parametrize("away_s", [1.0, 10.0, 20.0, 30.0, 45.0])
def test_so_it_does_however_long_it_was_away(away_s: float) -> None:
    """Whichever part of an interval that is."""
    test_a_hub_that_was_killed_gets_them_back_in_order(away_s)


@pytest.mark.parametrize("away_s", [20.0, pytest.param(3600.0, marks=pytest.mark.slow)])
def test_one_that_has_told_them_gets_them_back_in_order(away_s: float) -> None:
    """It closes the lines first, and answers heartbeats for some seconds more; so an update begins."""
    hub = Hub()
    fell = hub.clock()
    hub.close_lines("the hub ends")
    hub.wait(5)
    hub.be_away_for(away_s)
    hub.wait(420)

    assert hub.busiest(fell) <= 2 * STEADY
    assert hub.live > 0.95 * BOXES


@pytest.mark.slow
def test_a_hub_that_flaps_is_spared() -> None:
    """It falls each minute: fewer lines are opened each time, and heartbeats stay what they were."""
    hub = Hub()
    fell = hub.clock()
    for _ in range(10):
        hub.close_lines("the hub is gone")
        hub.be_away_for(3.0)
        hub.wait(57.0)

    assert hub.busiest(fell) <= 2 * STEADY
