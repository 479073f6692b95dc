"""A fader: set at once, or moved in steps too fine to hear; and it ends exactly where it was to go."""

from itertools import pairwise

import pytest

from easyplayer.fade import Curve
from easyplayer.fader import STEP_S, Fader
from easyplayer.units import Linear, Seconds
from tests.house import Stage


class Slide(Stage):
    """A fader, and what it has turned.

    :ivar gains: every gain, and when.
    """

    def __init__(self, curve: Curve = Curve.EQUAL_POWER) -> None:
        super().__init__()
        self.gains: list[tuple[float, float]] = []
        self.fader = Fader(self.ticker, lambda gain: self.gains.append((self.clock(), gain)), curve)


def test_fader_is_at_full_in_the_beginning() -> None:
    """And turns nothing by itself."""
    slide = Slide()

    assert slide.fader.gain == 1.0
    assert slide.gains == []


def test_gain_that_is_set_is_there_at_once() -> None:
    """No time has to pass."""
    slide = Slide()

    slide.fader.set(Linear(0.3))

    assert slide.fader.gain == 0.3
    assert [gain for _, gain in slide.gains] == [0.3]


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.0, 1.0), (0.3, 0.8), (1.0, 0.178)])
def test_move_is_steady_and_ends_exactly(start: float, end: float) -> None:
    """No step is large, none goes back, and the goal is met in time and to the last digit."""
    slide = Slide()
    slide.fader.set(Linear(start))
    done: list[float] = []
    began = slide.clock()

    slide.fader.move(Linear(end), Seconds(1.0), lambda: done.append(slide.clock()))
    slide.run_for(1.1)

    gains = [gain for _, gain in slide.gains]
    steps = [later - earlier for earlier, later in pairwise(gains)]
    assert gains[-1] == slide.fader.gain == end
    assert all(step * (end - start) >= 0 for step in steps)
    assert max(map(abs, steps)) < 0.05
    assert done == [pytest.approx(began + 1.0, abs=STEP_S)]


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_fader_of_a_straight_line_moves_by_the_same_in_each_step(end: float) -> None:
    """What crosses with nothing does so in the smallest steps there are."""
    slide = Slide(Curve.LINEAR)
    slide.fader.set(Linear(1.0 - end))

    slide.fader.move(Linear(end), Seconds(1.0))
    slide.run_for(1.1)

    gains = [gain for _, gain in slide.gains]
    steps = [abs(later - earlier) for earlier, later in pairwise(gains)]
    assert steps == pytest.approx([0.02] * 50)


def test_move_in_no_time_is_done_at_the_next_step() -> None:
    """Nothing divides by it."""
    slide = Slide()

    slide.fader.move(Linear(0.0), Seconds(0.0))
    slide.run_for(STEP_S)

    assert slide.fader.gain == 0.0


def test_new_move_takes_over_from_where_the_fader_is() -> None:
    """What was to follow the first move does not."""
    slide = Slide()
    done: list[str] = []
    slide.fader.move(Linear(0.0), Seconds(1.0), lambda: done.append("down"))
    slide.run_for(0.5)
    half_way = slide.fader.gain

    slide.fader.move(Linear(1.0), Seconds(1.0), lambda: done.append("up"))
    slide.run_for(STEP_S)
    first = slide.fader.gain
    slide.run_for(2)

    assert first == pytest.approx(half_way, abs=0.05)
    assert slide.fader.gain == 1.0
    assert done == ["up"]


@pytest.mark.parametrize("way", ["stay", "set"])
def test_move_that_is_stopped_leaves_the_fader_alone(way: str) -> None:
    """Nothing moves it any more, and nothing follows."""
    slide = Slide()
    done: list[str] = []
    slide.fader.move(Linear(0.0), Seconds(1.0), lambda: done.append("down"))
    slide.run_for(0.5)

    if way == "stay":
        slide.fader.stay()
    else:
        slide.fader.set(Linear(0.5))
    gain = slide.fader.gain
    slide.run_for(2)

    assert slide.fader.gain == gain
    assert done == []


def test_what_follows_a_move_may_move_it_again() -> None:
    """Down, and from there up."""
    slide = Slide()

    slide.fader.move(Linear(0.0), Seconds(0.5), lambda: slide.fader.move(Linear(1.0), Seconds(0.5)))
    slide.run_for(1.1)

    assert slide.fader.gain == 1.0
    assert min(gain for _, gain in slide.gains) == 0.0
