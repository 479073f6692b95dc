"""Whatever happens to a box that plays by a program, in whatever order: in the end there is music."""

from collections.abc import Callable
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.events import end_emergency, play_emergency, take_program
from easyplayer.player_events import pause_playing, resume_playing, set_volume, skip_item
from easyplayer.playout.catalogue import Daypart, EachSongs, Hours, Over, Program, Slot, Spot, Start
from easyplayer.units import Percent
from tests.fakes.deck import Medium
from tests.house import SINK, FakeBox
from tests.test_program_box import (
    BY_DAY,
    DAY,
    FM,
    NIGHT,
    SOUNDS,
    box_at,
    item,
    noon,
    playlist,
    program,
    show,
    wall,
)

pytestmark = pytest.mark.slow

BEGINS = "2027-03-01T11:58:30"
ENDLESS = Medium(length_s=None)


def venue(over: Over, start: Start) -> Program:
    """Make a program in which everything is due within some minutes."""
    radio = Daypart(id="radio", slot=Slot(starts=time(12, 4), ends=time(12, 7)), playlist="fm")
    soft = Spot(id="soft", items=("spot",), when=EachSongs(songs=2))
    return program(
        DAY,
        NIGHT,
        playlist("fm", FM),
        streams=(FM,),
        more=("spot",),
        dayparts=(BY_DAY, radio),
        shows=(show("2027-03-01T12:02:00", start, wait_s=20),),
        spots=(noon(over), soft),
        hours=(Hours(slot=Slot(starts=time(8), ends=time(20))),),
        fallback="night",
    )


def lose_stream(box: FakeBox) -> None:
    """Let the radio fall silent, for those who hear it and for those who will."""
    box.decks.media.pop(FM, None)
    for deck in box.decks.made:
        if deck.loaded is not None and deck.loaded.location == FM:
            deck.fail()
    box.settle()


def takes(over: Over, start: Start, *, at_once: bool) -> Callable[[FakeBox], None]:
    """Give what brings another program."""
    return lambda box: box.fire(take_program(venue(over, start), at_once=at_once))


ACTIONS: dict[str, Callable[[FakeBox], None]] = {
    "half a second": lambda box: box.run_for(0.5, step_s=0.1),
    "three seconds": lambda box: box.run_for(3, step_s=0.1),
    "a while": lambda box: box.run_for(24, step_s=0.1),
    "skip": lambda box: box.fire(skip_item()),
    "pause": lambda box: box.fire(pause_playing()),
    "resume": lambda box: box.fire(resume_playing()),
    "softer": lambda box: box.fire(set_volume(Percent(60))),
    "an hour back": lambda box: box.wall.step(-3600),
    "an hour ahead": lambda box: box.wall.step(3600),
    "a minute ahead": lambda box: box.wall.step(60),
    "1970": lambda box: box.wall.set_to(500.0),
    "NTP": lambda box: box.wall.set_to(wall("2027-03-01T12:05:00"), in_sync=True),
    "another program": takes(Over.CUT, Start.HARD, at_once=False),
    "another program at once": takes(Over.PAUSE, Start.SOFT, at_once=True),
    "emergency": lambda box: box.fire(play_emergency(item("spot"))),
    "emergency over": lambda box: box.fire(end_emergency()),
    "the radio falls silent": lose_stream,
    "the radio is back": lambda box: box.decks.media.__setitem__(FM, ENDLESS),
    "the output goes": lambda box: box.server.unplug(SINK),
    "the output comes": lambda box: box.server.plug(SINK),
}


@given(
    over=st.sampled_from(Over),
    start=st.sampled_from(Start),
    story=st.lists(st.sampled_from(sorted(ACTIONS)), max_size=40),
)
def test_music_is_heard_whatever_has_happened(over: Over, start: Start, story: list[str]) -> None:
    """No handler fails on the way, and no two songs are heard but where one gives way to the other."""
    sounds = {**SOUNDS, "spot": Medium(length_s=4.0)}
    with box_at(BEGINS, venue(over, start), sounds) as box:
        box.decks.media[FM] = ENDLESS
        for action in story:
            ACTIONS[action](box)
        for action in ("emergency over", "the output comes", "resume"):
            ACTIONS[action](box)
        box.wall.set_to(wall("2027-03-01T15:00:00"), in_sync=True)
        box.run_for(40, step_s=0.1)

        assert max(deck.level for deck in box.decks.audible) > 0.03
