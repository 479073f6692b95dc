"""A box whose program is only to be seen: silent on purpose, and ready to play as soon as it may."""

import pytest

from easyplayer.events import end_emergency, play_emergency, take_program
from easyplayer.player_events import fade_out, start_playing
from easyplayer.playout.catalogue import Entry, Order, Pictures, Playlist, Program
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.machine import PlayerState
from easyplayer.scheduler import ONLY_SEEN
from easyplayer.units import Seconds
from tests.cinema import WINDOW, clip, films_of, name_of, still
from tests.fakes.deck import Medium
from tests.house import SINK, FakeBox, item_of

HOUSE = {"house": Medium(length_s=60.0)}
SONGS = {name: Medium(length_s=60.0) for name in "ab"}
MENU = still("menu")


def listed(name: str, *items: Item) -> Playlist:
    """Make a playlist that goes round in order."""
    return Playlist(id=name, entries=tuple(Entry(item=item.id) for item in items), order=Order.SEQUENTIAL)


def wall(*pictures: Item) -> Program:
    """Make a program that is only to be seen."""
    return Program(
        name="wall",
        zone="UTC",
        items=pictures,
        playlists=(listed("views", *pictures),),
        screen=Pictures(fallback="views"),
    )


def bar() -> Program:
    """Make a program with music and a picture."""
    songs = [item_of(name) for name in SONGS]
    return Program(
        name="bar",
        zone="UTC",
        items=(*songs, MENU),
        playlists=(listed("songs", *songs), listed("views", MENU)),
        fallback="songs",
        screen=Pictures(fallback="views"),
    )


def box_with(program: Program, **fields: object) -> FakeBox:
    """Make a box with a screen and the firmware's own music."""
    films = films_of(item for item in program.items if item.showing)
    return FakeBox(SONGS, fallback=HOUSE, program=program, outputs=(WINDOW,), footage=films, **fields)


def seen(box: FakeBox) -> set[str]:
    """Tell what is seen."""
    return {name_of(screen) for screen in box.screens.open if screen.up}


def resting(box: FakeBox) -> bool:
    """Tell whether it is silent because there is nothing to be heard."""
    last = box.last("player_changed").args
    return last == [PlayerState.STOPPED, ONLY_SEEN]


def test_it_shows_and_is_silent() -> None:
    """Also after a while: nobody looks for music, and no guardian thinks that it hangs."""
    with box_with(wall(MENU)) as box:
        box.run_for(180, step_s=0.1)
        assert seen(box) == {"menu"}
        assert resting(box)
        assert box.names("item_started") == []
        assert box.told("fallback_needed") == []


def test_it_needs_no_output() -> None:
    """A box without a sound card does not wait for one that it has no use for."""
    with box_with(wall(MENU)) as box:
        box.server.unplug(SINK)
        box.run_for(3)
        assert resting(box)
        box.fire(start_playing())
        box.run_for(1)
        assert resting(box)
        box.server.plug(SINK)
        box.run_for(1)
        assert resting(box)


def test_a_clip_of_it_is_heard_in_an_otherwise_silent_room() -> None:
    """Whether it asks the music to make room, or not."""
    film = clip("film", 5, sound=ClipSound.REPLACE)
    with box_with(wall(film, MENU)) as box:
        box.run_for(20)
        assert box.told("take_floor") != []
        assert box.told("give_floor") != []
        assert resting(box)


def test_music_comes_with_a_program_that_has_some_and_ends_with_one_that_has_none() -> None:
    """The song that plays is heard to its end, if nobody wants the change at once."""
    with box_with(wall(MENU)) as box:
        box.run_for(5)
        box.fire(take_program(bar(), at_once=False))
        box.run_until_heard("a", within_s=5)
        box.fire(take_program(wall(MENU), at_once=False))
        box.run_for(30)
        assert box.heard == ["a"]
        box.run_for(40)
        assert box.heard == []
        assert resting(box)
        assert box.names("item_started") == ["a"]


def test_music_that_comes_back_before_it_has_gone_has_no_gap() -> None:
    """The next song is wanted again, and mixed in as ever."""
    with box_with(bar()) as box:
        box.run_until_heard("a")
        box.fire(take_program(wall(MENU), at_once=False))
        box.run_for(20)
        box.fire(take_program(bar(), at_once=False))
        box.run_until(lambda: len(box.heard) == 2)


def test_music_ends_at_once_where_that_is_wanted() -> None:
    """Softly."""
    with box_with(bar()) as box:
        box.run_until_heard("a")
        box.fire(take_program(wall(MENU), at_once=True))
        box.run_for(0.5)
        assert box.state is PlayerState.FADING
        box.run_for(2)
        assert box.heard == []
        box.fire(take_program(bar(), at_once=True))
        box.run_until(lambda: bool(box.heard), within_s=5)


def test_music_that_comes_back_while_it_fades_goes_on() -> None:
    """With the song that was fading."""
    with box_with(bar()) as box:
        box.run_until_heard("a")
        box.fire(take_program(wall(MENU), at_once=True))
        box.run_for(0.5)
        box.fire(take_program(bar(), at_once=False))
        box.run_for(3)
        assert box.heard == ["a"]
        assert box.state is PlayerState.PLAYING


def test_an_emergency_is_heard_until_it_is_over() -> None:
    """Not to the end of its item."""
    with box_with(wall(MENU)) as box:
        box.run_for(5)
        box.fire(play_emergency(item_of("b")))
        box.run_until_heard("b", within_s=5)
        box.fire(end_emergency())
        box.run_for(3)
        assert box.heard == []
        assert resting(box)


@pytest.mark.parametrize("silenced_first", [True, False])
def test_no_program_wakes_what_may_not_play(silenced_first: bool) -> None:
    """Whoever silenced it meanwhile, a person or the hours, still has the word."""
    with box_with(wall(MENU)) as box:
        box.run_for(5)
        if silenced_first:
            box.fire(fade_out(Seconds(1.0), "by a person"))
        box.fire(take_program(bar(), at_once=True))
        box.run_for(5)
        assert bool(box.heard) is not silenced_first
        box.fire(start_playing())
        box.run_until(lambda: bool(box.heard), within_s=5)
