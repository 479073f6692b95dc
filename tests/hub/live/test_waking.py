"""Who is woken when: few at once, many one after the other, nobody twice."""

import pytest

from easyplayer.hub.live.waking import FEW, MOST_IN_A_WAVE, MOST_PER_S, SPREAD_S, waves
from easyplayer.hub.services.attention import Raised


def boxes(count: int) -> tuple[str, ...]:
    """Name boxes."""
    return tuple(f"{number:016x}" for number in range(count))


@pytest.mark.parametrize(
    ("count", "within_s"),
    [(1, 0), (FEW, 0), (FEW + 1, SPREAD_S), (10_000, SPREAD_S), (100_000, 100_000 / MOST_PER_S)],
)
def test_the_more_are_woken_the_longer_it_may_take(count: int, within_s: float) -> None:
    """A hub that has told something to all boxes is not overrun by them."""
    told = waves([Raised(boxes(count))])
    assert {one.within_s for one in told} == {within_s}
    assert tuple(box for one in told for box in one.boxes) == boxes(count)
    assert max(len(one.boxes) for one in told) <= MOST_IN_A_WAVE


def test_each_is_woken_once_for_one_transaction() -> None:
    """However many things are new for it."""
    (told,) = waves([Raised(boxes(5)), Raised(boxes(3)), Raised(boxes(5))])
    assert told.boxes == boxes(5)


def test_nothing_new_wakes_nobody() -> None:
    """Not even with a message that names nobody."""
    assert waves([]) == waves([Raised(())]) == []
