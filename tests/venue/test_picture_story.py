"""The picture that a story puts on a screen is known again, also when it was scaled, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest

from easyplayer.playout.pictures import on_screen
from easyplayer.playout.program_file import decode, encode
from tests.venue.faculties.screen import Picture
from tests.venue.faculties.tracks import make_tracks
from tests.venue.stories.test_picture import LEFT, RIGHT, make_still, program_with, shows_it


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Picture:
    """Give a screen of 1280 by 800 with a black bar above and below."""
    pixels = np.zeros((800, 1280, 3), np.uint8)
    pixels[40:760, :640], pixels[40:760, 640:] = left, right
    return Picture(pixels)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (halves(LEFT, RIGHT), True),
        (halves((210, 20, 44), (16, 66, 180)), True),
        (halves(RIGHT, LEFT), False),
        (halves((0, 0, 0), (0, 0, 0)), False),
        (halves((170, 170, 170), (170, 170, 170)), False),
    ],
)
def test_picture_is_known_again(picture: Picture, expected: bool) -> None:
    """Scaled, and with colours a little off; but not the other way round, and no text."""
    assert shows_it(picture) is expected


def test_program_of_the_story_can_be_played(tmp_path: Path) -> None:
    """By its own rules; and it has something for the screen."""
    still = make_still(tmp_path)
    program = program_with(make_tracks(tmp_path, 2, 0.2), still)

    assert on_screen(decode(encode(program))) is not None
    assert still.read_bytes().startswith(b"\x89PNG")
