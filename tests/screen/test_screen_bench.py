"""The benchmark of the screen turns what was seen into the right figures, and tells them plainly."""

from collections.abc import Iterable

import numpy as np
import pytest

from bench.screen_bench import between_clips, pictures_seen
from bench.screen_page import Changes, Cost, page, ratios
from bench.screen_players import bare_mpv, interpreter, ours
from easyplayer.drivers.screen import OutputDriver
from tests.screen.camera import GRID, Film, Seen

FRAME_S = 0.02
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


def film(*parts: tuple[tuple[int, int, int], float]) -> Film:
    """Make a film of colours, each for some seconds."""
    colours = [colour for colour, seconds in parts for _ in range(round(seconds / FRAME_S))]
    return Film([Seen(100 + number * FRAME_S, _plain(colour)) for number, colour in enumerate(colours)])


def _plain(colour: Iterable[int]) -> np.ndarray:
    return np.tile(np.array([*colour], np.uint8), (GRID, GRID, 1))


def test_clean_changes_take_nothing() -> None:
    """Clips of two seconds that are seen for two seconds, with nothing between them."""
    found = between_clips(film((BLUE, 1.0), (RED, 2.0), (GREEN, 2.0), (BLUE, 1.0)), 2.0)

    assert found.added_ms == pytest.approx([0, 0], abs=1)
    assert found.black_ms == [0, 0]


def test_black_between_clips_is_told() -> None:
    """Black counts as what the change took, and as black."""
    found = between_clips(film((BLUE, 1.0), (RED, 2.0), (BLACK, 0.3), (GREEN, 2.0), (BLUE, 1.0)), 2.0)

    assert found.added_ms == pytest.approx([300, 0], abs=1)
    assert found.black_ms == pytest.approx([300, 0], abs=1)


def test_pictures_are_counted() -> None:
    """A picture is one that differs from the frame before it."""
    assert pictures_seen(film((RED, 0.04), (GREEN, 0.04), (BLUE, 0.04))) == 2


def test_page_tells_whether_the_aim_is_met() -> None:
    """Ours without the interpreter, beside bare mpv; a tenth more is allowed."""
    own, bare = ours(OutputDriver.WINDOW), bare_mpv(OutputDriver.WINDOW)
    costs = {
        interpreter(): [Cost(0.0, 40.0, 0.0)],
        own: [Cost(22.0, 130.0, 25.0)],
        bare: [Cost(20.0, 100.0, 25.0)],
    }

    assert ratios(costs) == pytest.approx((1.1, 0.9))
    told = page(costs, {own: [Changes([1.0], [0.0], [0.0])]}, 1)
    assert "| bare mpv | 20.0 | 100 | 25.0 | 0.91 | 1.11 |" in told
