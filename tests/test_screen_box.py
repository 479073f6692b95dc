"""The whole box with a screen: sound and picture by one program, and neither waits for the other."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from msgspec import structs

from easyplayer.drivers.screen import Output
from easyplayer.events import end_emergency, play_emergency, take_program
from easyplayer.player_events import pause_playing, resume_playing
from easyplayer.playout.catalogue import (
    Daypart,
    Entry,
    Order,
    Over,
    Overlay,
    Pictures,
    Playlist,
    Program,
    Sharp,
    Slot,
    Spot,
)
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.machine import PlayerState
from tests.cinema import LEFT, RIGHT, WINDOW, clip, films_of, name_of, still
from tests.fakes.deck import Medium
from tests.house import FakeBox, item_of

pytestmark = pytest.mark.slow

SONGS = {name: Medium(length_s=60.0) for name in "abcdef"}
CALL = "call"
MEDIA = {**SONGS, CALL: Medium(length_s=6.0)}


def listed(name: str, *items: Item) -> Playlist:
    """Make a playlist that goes round in order."""
    return Playlist(id=name, entries=tuple(Entry(item=item.id) for item in items), order=Order.SEQUENTIAL)


def bar(*pictures: Item, name: str = "bar", **fields: Any) -> Program:
    """Make a program with six songs, and pictures for the screen."""
    songs = [item_of(name) for name in SONGS]
    return Program(
        name=name,
        zone="UTC",
        items=(*songs, item_of(CALL), *pictures),
        playlists=(listed("songs", *songs), listed("views", *pictures)),
        fallback="songs",
        **{"screen": Pictures(fallback="views"), **fields},
    )


def box_with(program: Program, *outputs: Output, **fields: Any) -> FakeBox:
    """Make a box that plays and shows by a program."""
    return FakeBox(
        MEDIA,
        program=program,
        outputs=outputs or (WINDOW,),
        footage=films_of(item for item in program.items if item.showing),
        **fields,
    )


def seen(box: FakeBox) -> set[str]:
    """Tell what is seen on the outputs that are up."""
    return {name_of(screen) for screen in box.screens.open if screen.up}


def music_of(box: FakeBox) -> list[tuple[float, str]]:
    """Tell when which song began."""
    return [(round(one.at, 2), one.args[0].item.id) for one in box.witness.all("item_started")]


def test_sound_and_picture_come_from_one_program() -> None:
    """On two displays."""
    with box_with(bar(still("menu"), still("view")), LEFT, RIGHT) as box:
        box.run_until_heard("a")
        box.run_for(1)
        assert seen(box) == {"menu"}
        box.run_for(5)
        assert seen(box) == {"view"}
        assert box.heard == ["a"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda box: box.screens.made[0].fall(),
        lambda box: setattr(box.screens.made[0], "hanging", True),
        lambda box: setattr(box.screens.made[0], "frozen", True),
        lambda box: box.screens.footage.clear(),
        lambda box: setattr(box, "outputs", ()),
    ],
    ids=["falls", "hangs", "freezes", "has no files", "is pulled"],
)
def test_whatever_becomes_of_the_screen_the_music_is_the_same(spoil: Callable[[FakeBox], object]) -> None:
    """To the instant, over three songs."""
    program = bar(still("menu", 3), clip("film", 7), still("view", 4))
    heard = []
    for harm in (None, spoil):
        with box_with(program) as box:
            box.run_until_heard("a")
            box.run_for(10)
            if harm is not None:
                harm(box)
            box.run_for(170)
            heard.append(music_of(box))
    assert heard[0] == heard[1]
    assert len(heard[0]) >= 3


def test_a_box_without_a_screen_has_none_of_its_parts() -> None:
    """And loads none of them."""
    with FakeBox(MEDIA, program=bar(still("menu"))) as box:
        kinds = {type(part).__name__ for part in box.app.components}
        assert not kinds & {"VideoPlayer", "Director", "Captions", "Lamp"}
    with box_with(bar(still("menu")), screen={"outputs": ("none",)}) as box:
        assert box.screens.made == []


def test_a_clip_in_place_of_the_music_is_heard_alone() -> None:
    """The song goes on where it was held."""
    film = clip("film", 20, ClipSound.REPLACE, fade_in_ms=1000, fade_out_ms=1000)
    with box_with(bar(still("menu", 8), film)) as box:
        box.run_until_heard("a")
        box.run_until(lambda: seen(box) == {"film"})
        box.run_for(1.5)
        assert box.heard == []
        assert not box.screens.made[0].loads[1].mute
        held_s = box.deck_with("a").position_s
        box.run_until(lambda: seen(box) == {"menu"})
        box.run_for(1.5)
        assert box.heard == ["a"]
        assert box.deck_with("a").position_s == pytest.approx(held_s + 1.5, abs=0.2)
        assert [name for _, name in music_of(box)] == ["a"]


def test_a_player_that_dies_in_such_a_clip_gives_the_music_back() -> None:
    """At once."""
    film = clip("film", 200, ClipSound.REPLACE)
    with box_with(bar(film)) as box:
        box.run_until(lambda: seen(box) == {"film"})
        box.run_for(3)
        assert box.heard == []
        box.screens.footage.clear()
        box.screens.made[0].fall()
        box.run_for(2)
        assert len(box.heard) == 1


@pytest.mark.parametrize("over", Over)
def test_a_spot_on_the_second_brings_its_picture(over: Over) -> None:
    """Both begin at noon and half a minute, and both go."""
    offer = still("offer", 4)
    spot = Spot(id="noon", items=(CALL,), when=Sharp(at=(time(12, 0, 30),), over=over), pictures=("offer",))
    program = bar(still("menu", 50), spots=(spot,))
    program = structs.replace(program, items=(*program.items, offer))
    with box_with(program) as box:
        box.run_until(lambda: CALL in box.heard, within_s=40)
        spoken_at = box.clock()
        box.run_for(0.1)
        assert seen(box) == {"offer"}
        shown = [one for one in box.witness.all("picture_started") if one.args[0].item.id == "offer"]
        assert shown[0].at == pytest.approx(spoken_at, abs=0.1)
        box.run_until(lambda: CALL not in box.heard)
        box.run_for(0.5)
        assert seen(box) == {"menu"}


def test_closing_hours_leave_the_screen_dark() -> None:
    """It fades with the music, and sleeps a minute later; in the morning both come back."""
    hours = {"opening": "08:00-12:01"}
    with box_with(bar(still("menu")), box=hours) as box:
        box.run_until_heard("a")
        box.run_for(60)
        box.run_for(5)
        assert box.state is PlayerState.STOPPED
        assert seen(box) == {""}
        box.run_for(65, step_s=0.1)
        assert box.screens.open == []
        box.now = box.now.replace(day=2, hour=8, minute=0)
        box.run_for(62, step_s=0.1)
        assert len(box.heard) == 1
        assert seen(box) == {"menu"}


def test_a_pause_holds_both() -> None:
    """And both go on."""
    with box_with(bar(clip("film", 50), still("menu"))) as box:
        box.run_until_heard("a")
        box.run_for(5)
        box.fire(pause_playing())
        box.run_for(60)
        assert box.heard == []
        assert box.screens.made[0].held
        box.fire(resume_playing())
        box.run_for(1)
        assert box.heard == ["a"]
        assert seen(box) == {"film"}


def test_an_emergency_is_heard_and_not_seen() -> None:
    """But for a card that asks to listen."""
    with box_with(bar(still("menu"))) as box:
        box.run_until_heard("a")
        box.fire(play_emergency(item_of("f")))
        box.run_for(3)
        assert box.heard == ["f"]
        assert seen(box) == {""}
        assert "b-card" in box.screens.made[0].layers
        box.fire(end_emergency())
        box.run_for(3)
        assert seen(box) == {"menu"}
        assert "b-card" not in box.screens.made[0].layers


def test_dayparts_change_both() -> None:
    """Each in its own way: the still on the second, the song at its end."""
    night = still("night", 30)
    slot = Slot(starts=time(12, 1), ends=time(13))
    program = bar(
        still("menu", 45), dayparts=(Daypart(id="night", slot=slot, screen="night", playlist="last"),)
    )
    program = structs.replace(
        program,
        items=(*program.items, night),
        playlists=(*program.playlists, listed("night", night), listed("last", item_of("f"))),
    )
    with box_with(program) as box:
        box.run_for(60.2)
        assert seen(box) == {"night"}
        box.run_until_heard("f")


def test_the_overlay_tells_what_sounds_and_the_time() -> None:
    """Over the picture."""
    overlay = Overlay(now_playing=True, clock=True)
    with box_with(bar(still("menu"), screen=Pictures(fallback="views", overlay=overlay))) as box:
        box.run_until_heard("a")
        box.run_for(0.5)
        layers = box.screens.made[0].layers
        assert "a.flac" in layers["d-words"]
        assert "12:00" in layers["c-clock"]


def test_a_program_that_comes_at_once_changes_both() -> None:
    """Without waiting for either."""
    with box_with(bar(still("menu", 500))) as box:
        box.run_until_heard("a")
        new = bar(still("new", 500), name="new")
        new = structs.replace(new, playlists=(listed("songs", item_of("e")), new.playlists[1]))
        box.screens.footage.update(films_of(item for item in new.items if item.showing))
        box.fire(take_program(new, at_once=True))
        box.run_for(3)
        assert box.heard == ["e"]
        assert seen(box) == {"new"}


def test_a_display_that_is_plugged_in_later_shows_what_is_due() -> None:
    """It is found within half a minute, whoever says that it has come or not."""
    with box_with(bar(still("menu"))) as box:
        box.outputs = ()
        box.run_for(31)
        assert box.screens.open == []
        box.outputs = (WINDOW,)
        box.run_for(31)
        assert seen(box) == {"menu"}
