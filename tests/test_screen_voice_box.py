"""The whole box, where a clip that sounds in place of the music loses its display, or its sink."""

from collections.abc import Callable

import pytest

from easyplayer.events import sound_found, sound_lost
from easyplayer.player_events import pause_playing, resume_playing
from easyplayer.playout.items import ClipSound
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import outputs_found
from easyplayer.units import Seconds
from tests.cinema import LEFT, RIGHT, WINDOW, clip, still
from tests.house import SINK, FakeBox
from tests.test_screen_box import bar, box_with, seen
from tests.test_screen_floor_box import FILM, KEPT_AND_BACK_S, aloud, in_the_film


def speaker(box: FakeBox) -> str:
    """Give the name of the only output that is heard."""
    (one,) = aloud(box)
    return one.output.name


class TestManyDisplays:
    """A clip is heard on one display, and only then in place of the music."""

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda box: box.fire(outputs_found((RIGHT,), "")),
            lambda box: box.screens.newest(LEFT.name).fall(patience_s=Seconds(10)),
        ],
        ids=["is pulled", "falls"],
    )
    def test_another_display_takes_over(self, spoil: Callable[[FakeBox], object]) -> None:
        """The clip goes on there, aloud, where it was; the music stays away."""
        with box_with(bar(FILM, still("menu")), LEFT, RIGHT) as box:
            in_the_film(box)
            spoil(box)
            box.run_for(1)
            assert speaker(box) == RIGHT.name
            assert box.screens.newest(RIGHT.name).position_s == pytest.approx(4.0, abs=0.5)
            box.run_for(20)
            assert box.heard == []
            assert len(box.told("take_floor")) == 1
            assert speaker(box) == RIGHT.name  # also when the first one is back

    def test_a_first_display_that_comes_late_makes_no_echo(self) -> None:
        """What is heard already goes on where it is."""
        with box_with(bar(FILM, still("menu")), LEFT, RIGHT) as box:
            box.run_until(lambda: len(box.screens.made) == 2)
            box.screens.newest(LEFT.name).fall(patience_s=Seconds(8))
            in_the_film(box)
            assert speaker(box) == RIGHT.name
            box.run_until(lambda: len([one for one in box.screens.open if one.shown]) == 2)
            box.run_for(2)
            assert speaker(box) == RIGHT.name
            assert box.heard == []

    def test_a_display_that_cannot_take_over_gives_the_music_back(self) -> None:
        """As where the film cannot be read there any more."""
        with box_with(bar(FILM, still("menu")), LEFT, RIGHT) as box:
            in_the_film(box)
            box.screens.footage[FILM.location].opening_s = None
            box.fire(outputs_found((RIGHT,), ""))
            box.run_for(KEPT_AND_BACK_S)
            assert seen(box) == {"film"}
            assert len(box.heard) == 1

    def test_a_clip_that_is_about_to_end_is_not_cut_anew(self) -> None:
        """The music comes a little sooner, in place of two cuts within a moment."""
        film = clip("film", 10, ClipSound.REPLACE)
        with box_with(bar(film, still("menu")), LEFT, RIGHT) as box:
            in_the_film(box, after_s=8.0)
            loads = len(box.screens.newest(RIGHT.name).loads)
            box.fire(outputs_found((RIGHT,), ""))
            box.run_for(1)
            again = box.screens.newest(RIGHT.name).loads[loads:]
            assert film.location not in {load.location for load in again}


class TestSink:
    """A clip without an output for sound is not heard, and takes nobody's place."""

    def test_a_clip_that_begins_without_a_sink_takes_no_floor(self) -> None:
        """When there is one, it is heard, and takes it."""
        with box_with(bar(FILM, still("menu"))) as box:
            box.server.unplug(SINK)
            box.run_until(lambda: seen(box) == {"film"})
            box.run_for(1)
            assert box.told("take_floor") == []
            box.server.plug(SINK)
            box.run_for(3)
            assert len(aloud(box)) == 1
            assert len(box.told("take_floor")) == 1
            assert box.heard == []

    def test_a_clip_whose_sink_comes_back_is_heard_again(self) -> None:
        """It was cut anew for that; the music does not come in between for long, and not over it."""
        with box_with(bar(FILM, still("menu"))) as box:
            in_the_film(box)
            box.fire(sound_lost("pulled"))
            box.run_for(5)
            assert len(box.told("give_floor")) == 1
            box.fire(sound_found(SINK, private=False))
            box.run_for(4)
            assert len(aloud(box)) == 1
            assert len(box.told("take_floor")) == 2
            assert box.heard == []

    def test_a_sink_that_comes_and_goes_does_not_make_the_picture_stutter(self) -> None:
        """It is cut anew now and then, and not each time."""
        with box_with(bar(FILM, still("menu"))) as box:
            in_the_film(box)
            before = len(box.screens.made[0].loads)
            for _ in range(20):
                box.fire(sound_lost("loose"))
                box.run_for(0.25)
                box.fire(sound_found(SINK, private=False))
                box.run_for(0.25)
            cuts = [one for one in box.screens.made[0].loads[before:] if one.location == FILM.location]
            assert 1 <= len(cuts) <= 3

    def test_a_sink_in_place_of_another_takes_the_clip_with_it(self) -> None:
        """Where the music goes, it goes."""
        with box_with(bar(FILM, still("menu"))) as box:
            in_the_film(box)
            box.server.plug("other")
            box.fire(sound_found("other", private=False))
            box.run_for(1)
            assert [one.shown.sink for one in aloud(box) if one.shown is not None] == ["other"]


class TestPause:
    """What a person holds stays held."""

    def test_a_display_that_comes_in_a_pause_shows_nothing_and_is_silent(self) -> None:
        """It goes on when the person says so."""
        with box_with(bar(FILM)) as box:
            in_the_film(box)
            box.fire(outputs_found((), "pulled"))
            box.run_for(2)
            box.fire(pause_playing())
            box.run_for(2)
            box.fire(outputs_found((WINDOW,), ""))
            box.run_for(5)
            assert box.heard == []
            assert aloud(box) == []
            box.fire(resume_playing())
            box.run_for(5)
            assert seen(box) == {"film"}

    def test_a_sound_card_that_comes_in_a_pause_stays_silent(self) -> None:
        """The song goes on after it, and the one that was to follow still does."""
        with box_with(bar(still("menu", 500))) as box:
            box.run_until_heard("a")
            box.run_for(20)
            box.server.unplug(SINK)
            box.run_for(3)
            box.fire(pause_playing())
            assert box.state is PlayerState.PAUSED
            box.server.plug(SINK)
            box.run_for(10)
            assert box.heard == []
            box.fire(resume_playing())
            box.run_until_heard("a", within_s=5)
            box.run_until_heard("b")

    def test_a_display_that_goes_in_a_pause_gives_nobody_a_start(self) -> None:
        """After it the clip is heard at the other one, without a moment of music before."""
        with box_with(bar(FILM), LEFT, RIGHT) as box:
            in_the_film(box)
            box.fire(pause_playing())
            box.run_for(2)
            box.fire(outputs_found((RIGHT,), ""))
            box.run_for(20, step_s=0.1)
            box.fire(resume_playing())
            for _ in range(100):
                assert box.heard == []
                box.run_for(0.1)
            assert speaker(box) == RIGHT.name

    def test_a_pause_in_the_middle_keeps_the_floor(self) -> None:
        """However long."""
        with box_with(bar(FILM)) as box:
            in_the_film(box)
            box.fire(pause_playing())
            box.run_for(60, step_s=0.1)
            assert box.told("give_floor") == []
            box.fire(resume_playing())
            box.run_for(10)
            assert box.heard == []
            assert len(aloud(box)) == 1
