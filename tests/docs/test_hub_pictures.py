"""The page about pictures: its table is the one by which files are judged."""

import re

import msgspec

from easyplayer.analysis import playable
from easyplayer.hub.content_views import ProgramGiven
from easyplayer.hub.services.parts import read_part
from easyplayer.playout.catalogue import Program
from tests.docs.pages import blocks, text

PAGE = text("guide/hub-pictures.md")


def test_the_table_is_the_one_of_the_analysis() -> None:
    """Each codec, with its rate."""
    rows = re.findall(
        r"^\| ([^|]+?) \| (\d+)(?:; with 10 bits (\d+))? \| ([^|]+) \|$", PAGE, flags=re.MULTILINE
    )
    told = [
        (name, float(rate), float(deep or rate), "10 bits" in pixels) for name, rate, deep, pixels in rows
    ]
    assert told == [
        (
            codec.name,
            codec.fastest,
            min(codec.fastest, playable.DEEP_FASTEST) if codec.pixels & playable.DEEP else codec.fastest,
            bool(codec.pixels & playable.DEEP),
        )
        for codec in playable.CLIPS.values()
    ]


def test_the_page_tells_the_limits() -> None:
    """As they are."""
    for figure in (
        f"{playable.LARGEST_STILL_SIDE} pixels",
        f"{playable.LONGEST / 3600:.0f} hours",
        f"{playable.SHORTEST} seconds",
        f"up to {playable.FASTEST:.0f} pictures a second",
        *playable.STILLS.values(),
    ):
        assert figure in PAGE


def test_the_example_is_a_program_that_a_hub_takes() -> None:
    """Who copies it gets no fault."""
    for example in blocks(PAGE, "json"):
        given = msgspec.json.decode(example, type=ProgramGiven)
        draft = read_part({**given.draft, "name": given.name}, Program)
        assert draft.screen.overlay.now_playing
        assert draft.dayparts[0].screen == "party-walls"
