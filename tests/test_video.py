"""The video player: one picture after the other, on all outputs, and what comes of faults."""

from pathlib import Path

import pytest

from easyplayer.drivers.mpv_course import READING_EVERY_S
from easyplayer.drivers.mpv_stage import DRAWING_MAY_TAKE_S, OPENING_MAY_TAKE_S, PRELOADING_MAY_TAKE_S
from easyplayer.drivers.picture_watch import STUCK_AFTER_S
from easyplayer.drivers.screen import Output, PictureAdvanced
from easyplayer.events import sound_found, sound_lost
from easyplayer.pane import LOADING_MAY_TAKE_S, SHOWING_MAY_TAKE_S, STANDS_AFTER_S, UNHEARD_OF_AFTER_S
from easyplayer.picture_player import AHEAD_S
from easyplayer.player_events import (
    fade_out,
    pause_playing,
    resume_playing,
    spot_finished,
    spot_started,
    start_playing,
    turn_volume,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import ClipSound
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import (
    draw_overlay,
    drop_picture,
    outputs_found,
    screen_reported,
    take_screenshot,
    turn_screen,
    uncue_picture,
)
from easyplayer.screen_sound import KEPT_S
from easyplayer.units import Seconds, volume_to_linear
from easyplayer.veil import VEIL
from tests.cinema import LEFT, RIGHT, WINDOW, Cinema, camera, clip, name_of, ready, still
from tests.fakes.fake_screen import Footage
from tests.house import SINK, song

SPARE_S = 2.0
"""By how much a player has to be sooner: a slow machine is late with everything."""


class TestOneAfterTheOther:
    """From one picture to the next."""

    def test_pictures_follow_each_other_without_black(self) -> None:
        """Whatever they are, something is seen at every instant after the first one."""
        cinema = Cinema(still("a", 2), clip("b", 3), still("c", 2), clip("d", 1)).play_until_seen("a")

        for _ in range(round(7.5 / 0.02)):
            cinema.run_for(0.02)
            assert "" not in cinema.seen

        assert cinema.names("picture_started") == ["a", "b", "c", "d"]

    def test_a_still_is_shown_for_as_long_as_it_says(self) -> None:
        """To the clock's step."""
        cinema = Cinema(still("a", 4), still("b")).play_until_seen("a")
        began = cinema.last("picture_started").at

        cinema.run_until_seen("b")

        assert cinema.last("picture_started").at - began == pytest.approx(4.0, abs=0.05)
        assert cinema.ended() == [("a", "played")]

    def test_the_next_picture_is_held_behind_what_is_shown(self) -> None:
        """Long before it is seen."""
        cinema = Cinema(still("a", 9), clip("b")).play_until_seen("a")
        cinema.run_for(1)

        assert cinema.screen.next is not None
        assert cinema.screen.next.location.endswith("b.mp4")

    def test_a_clip_of_unknown_length_is_shown_to_its_own_end(self) -> None:
        """The screen tells when it is over."""
        cinema = Cinema(clip("a", None), still("b"), films={"a": Footage(length_s=3.0)}).play_until_seen("a")
        began = cinema.last("picture_started").at

        cinema.run_until_seen("b")

        assert cinema.last("picture_started").at - began == pytest.approx(3.0, abs=0.1)

    def test_a_clip_that_is_shorter_than_it_says_gives_way_at_its_end(self) -> None:
        """Nothing stands still for the rest."""
        cinema = Cinema(clip("a", 20), still("b"), films={"a": Footage(length_s=3.0)}).play_until_seen("a")
        cinema.run_for(3.2)
        assert cinema.seen == {"b"}

    def test_a_picture_with_an_instant_comes_on_it(self) -> None:
        """And what is shown gives way."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")

        at = cinema.cue(still("show"), in_s=4.0)
        cinema.run_until_seen("show")

        assert at is not None
        assert cinema.last("picture_started").at == pytest.approx(at, abs=0.05)
        assert cinema.ended() == [("a", "cut")]

    def test_what_is_over_stays_until_the_instant_of_the_next(self) -> None:
        """A show begins neither late nor early."""
        cinema = Cinema(clip("a", 2)).play_until_seen("a")
        at = cinema.cue(still("show"), in_s=4.0)
        cinema.run_for(3.5)
        assert cinema.seen == {"a"}
        cinema.run_until_seen("show")
        assert at is not None
        assert cinema.last("picture_started").at == pytest.approx(at, abs=0.05)

    def test_what_is_over_stays_while_nothing_follows(self) -> None:
        """There is no black for want of an answer, and the wish becomes urgent."""
        cinema = Cinema(still("a", 2)).play_until_seen("a")
        cinema.run_for(6)
        assert cinema.seen == {"a"}
        assert cinema.told("picture_wanted")[-1] == [True]

        cinema.reel.items.append(still("b"))
        cinema.screens.footage["/pictures/b.png"] = Footage()
        cinema.reel.answer()
        cinema.run_for(0.5)

        assert cinema.seen == {"b"}

    def test_another_picture_takes_the_place_of_the_one_that_was_cued(self) -> None:
        """The last word counts."""
        cinema = Cinema(still("a", 3), still("b")).play_until_seen("a")
        cinema.cue(still("c"))
        cinema.run_for(3.2)
        assert cinema.seen == {"c"}
        assert "b" not in cinema.names("picture_started")

    def test_what_was_taken_back_does_not_come(self) -> None:
        """Another one is wanted in its place."""
        cinema = Cinema(still("a", 30)).play_until_seen("a")
        cinema.cue(still("spot"), in_s=2.0)
        cinema.fire(uncue_picture())
        cinema.run_for(4)
        assert cinema.seen == {"a"}

    def test_a_stream_is_shown_until_something_else_is_due(self) -> None:
        """It has no end of its own."""
        cinema = Cinema(camera("door")).play_until_seen("door")
        cinema.run_for(100)
        assert cinema.seen == {"door"}
        cinema.cue(still("show"), in_s=1.0)
        cinema.run_for(1.5)
        assert cinema.seen == {"show"}

    def test_a_stream_is_not_connected_to_long_before_its_time(self) -> None:
        """What is held for long goes stale."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")
        cinema.cue(camera("door"), in_s=30.0)
        cinema.run_for(15)
        assert len(cinema.screen.loads) == 1
        cinema.run_for(8)
        assert len(cinema.screen.loads) == 2

    def test_a_stream_that_ends_has_failed(self) -> None:
        """And gives way."""
        cinema = Cinema(camera("door"), still("b")).play_until_seen("door")
        cinema.screens.footage["rtsp://camera/door"].breaks_at_s = 2.0
        cinema.run_until_seen("b")
        assert cinema.names("picture_failed") == ["door"]

    def test_a_picture_that_is_over_is_not_told_to_go_on(self) -> None:
        """Who counts what was shown, and who waits for it, would be deceived."""
        cinema = Cinema(clip("a", 5)).play_until_seen("a")
        cinema.run_for(5.3)
        told = len(cinema.told("picture_advanced"))
        cinema.run_for(10)
        assert cinema.seen == {"a"}
        assert len(cinema.told("picture_advanced")) == told

    def test_a_picture_of_which_nothing_is_heard_any_more_is_not_told_to_go_on(self) -> None:
        """That its time goes on proves nothing."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")
        cinema.run_for(5)
        cinema.screen.hanging = True
        cinema.run_for(UNHEARD_OF_AFTER_S + 0.5)
        told = len(cinema.told("picture_advanced"))
        cinema.run_for(10)
        assert len(cinema.told("picture_advanced")) == told
        cinema.screen.hanging = False
        cinema.run_for(2)
        assert len(cinema.told("picture_advanced")) > told

    def test_the_picture_goes_on_being_told(self) -> None:
        """Four times a second, with where it is."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")
        cinema.run_for(5)
        position_s = cinema.last("picture_advanced").args[1]
        assert position_s == pytest.approx(5.0, abs=0.3)


class TestManyOutputs:
    """Several outputs are one screen."""

    def test_all_outputs_show_the_same_at_the_same_time(self) -> None:
        """Also where one needs longer to load."""
        cinema = Cinema(still("a", 2), still("b", 2), still("c"), outputs=(LEFT, RIGHT)).play_until_seen("a")
        for _ in range(round(4.5 / 0.02)):
            cinema.run_for(0.02)
            assert len(cinema.seen) == 1
        assert cinema.seen == {"c"}

    def test_one_that_does_not_answer_holds_up_no_other(self) -> None:
        """The others wait for half a second."""
        cinema = Cinema(still("a", 2), still("b", 20), outputs=(LEFT, RIGHT)).play_until_seen("a")
        cinema.screens.newest(RIGHT.name).hanging = True
        cinema.run_for(0.1)
        cinema.cue(still("b", 20))
        cinema.run_for(3)
        assert name_of(cinema.screens.newest(LEFT.name)) == "b"

    def test_one_that_hangs_is_started_anew_and_joins_the_others(self) -> None:
        """Where they are by then."""
        cinema = Cinema(clip("a", 200), outputs=(LEFT, RIGHT)).play_until_seen("a")
        cinema.screens.newest(RIGHT.name).hanging = True
        cinema.cue(clip("b", 200), in_s=1.0)
        cinema.run_for(40)
        assert cinema.seen == {"b"}
        right, left = cinema.screens.newest(RIGHT.name), cinema.screens.newest(LEFT.name)
        assert right.position_s == pytest.approx(left.position_s, abs=0.5)

    def test_one_that_falls_costs_the_others_nothing(self) -> None:
        """It comes back to the picture that they show."""
        cinema = Cinema(clip("a", 60), outputs=(LEFT, RIGHT)).play_until_seen("a")
        cinema.run_for(5)
        cinema.screens.newest(LEFT.name).fall()
        cinema.settle()
        assert cinema.seen == {"a"}
        cinema.run_for(1)
        assert [name_of(screen) for screen in cinema.screens.made] == ["a", "a"]
        assert cinema.names("picture_started") == ["a"]
        assert cinema.view.restarts == 1

    def test_only_one_of_them_is_heard(self) -> None:
        """Two would be an echo."""
        cinema = Cinema(clip("a", 60, ClipSound.MIX), outputs=(LEFT, RIGHT)).play_until_seen("a")
        assert [screen.loads[0].mute for screen in cinema.screens.made] == [False, True]

    def test_an_output_that_comes_joins(self) -> None:
        """And one that goes is let go."""
        cinema = Cinema(clip("a", 60), outputs=(LEFT,)).play_until_seen("a")
        cinema.fire(outputs_found((LEFT, RIGHT), ""))
        cinema.run_for(1)
        assert [name_of(screen) for screen in cinema.screens.made] == ["a", "a"]

        cinema.fire(outputs_found((RIGHT,), ""))

        assert cinema.screens.newest(LEFT.name).closed
        assert [view.name for view in cinema.view.outputs] == [RIGHT.name]
        assert cinema.seen == {"a"}

    def test_an_output_in_another_mode_is_made_anew(self) -> None:
        """Its screen is another one."""
        cinema = Cinema(still("a", 60), still("b", 60), still("c", 60)).play_until_seen("a")
        cinema.fire(outputs_found((Output(name="window", mode="1280x720"),), ""))
        cinema.run_until_seen("c")
        assert len(cinema.screens.made) == 2


class TestFaults:
    """What breaks, and what comes of it."""

    def test_a_picture_that_is_not_there_is_passed_over(self) -> None:
        """The one after it comes in its time."""
        cinema = Cinema(still("a", 3), still("gone"), still("c")).play()
        del cinema.screens.footage["/pictures/gone.png"]
        cinema.run_until_seen("a")
        cinema.run_for(3.3)
        assert cinema.seen == {"c"}
        assert cinema.names("picture_failed") == ["gone"]

    def test_after_pictures_that_are_not_there_the_next_comes_at_once(self) -> None:
        """Nobody waits for what cannot be had."""
        cinema = Cinema(still("one"), still("two"), still("three"), still("c")).play()
        for name in ("one", "two", "three"):
            del cinema.screens.footage[f"/pictures/{name}.png"]
        cinema.run_for(0.8)
        assert cinema.seen == {"c"}

    def test_a_picture_that_breaks_gives_way_at_once(self) -> None:
        """It is told as failed, and as finished."""
        cinema = Cinema(clip("a", 30), still("b"), films={"a": Footage(length_s=30, breaks_at_s=2.0)})
        cinema.play_until_seen("a")
        cinema.run_for(2.2)
        assert cinema.seen == {"b"}
        assert cinema.ended() == [("a", "failed")]

    def test_where_the_only_output_falls_the_next_picture_comes(self) -> None:
        """As soon as it is back."""
        cinema = Cinema(clip("a", 30), still("b", 30), still("c", 30)).play_until_seen("a")
        cinema.screen.fall()
        cinema.settle()
        assert cinema.state is PlayerState.NO_SOUND
        assert cinema.ended() == [("a", "failed")]
        cinema.run_for(1)
        assert len(cinema.seen) == 1
        assert cinema.seen != {""}

    def test_a_picture_that_takes_the_player_with_it_twice_is_left_out(self) -> None:
        """Once may be chance."""
        cinema = Cinema(
            still("a", 30), clip("bad"), clip("bad"), still("b"), films={"bad": Footage(kills=True)}
        )
        cinema.play()
        cinema.run_for(20)
        assert cinema.names("picture_failed") == ["bad"]
        assert cinema.view.restarts == 2

    def test_outputs_that_fall_together_are_one_mishap(self) -> None:
        """A graphics driver that was reset says nothing of the picture."""
        cinema = Cinema(*[clip("a", 60)] * 3, outputs=(LEFT, RIGHT)).play_until_seen("a")
        cinema.run_for(2)
        for screen in cinema.screens.made:
            screen.fall()
        cinema.run_for(2)
        assert cinema.names("picture_failed") == []
        assert (cinema.seen, cinema.view.restarts) == ({"a"}, 2)

    def test_a_picture_that_takes_one_of_two_players_with_it_twice_is_left_out(self) -> None:
        """Though the other one shows it all the time."""
        cinema = Cinema(clip("a", 60), still("b", 60), outputs=(LEFT, RIGHT)).play_until_seen("a")
        for _ in range(2):
            cinema.run_for(2)
            cinema.screens.newest(RIGHT.name).fall()
        cinema.run_for(2)
        assert cinema.names("picture_failed") == ["a"]
        assert cinema.seen == {"b"}

    def test_no_password_of_a_stream_is_told(self, caplog: pytest.LogCaptureFixture) -> None:
        """Players repeat its address in their last words."""
        cinema = Cinema(camera("door"), still("b"), still("b")).play_until_seen("door")
        cinema.screen.fall("ffmpeg: rtsp://dj:secret@camera/door: broken")
        cinema.settle()
        assert cinema.view.outputs[0].trouble == "ffmpeg: rtsp://dj:***@camera/door: broken"
        cinema.screens.footage["/pictures/b.png"].unreadable = "not found: rtsp://dj:secret@camera/b"
        cinema.run_for(3)
        assert cinema.told("picture_failed")[0][1] == "not found: rtsp://dj:***@camera/b"
        assert "secret" not in caplog.text

    def test_a_picture_that_stands_still_is_counted(self) -> None:
        """Its output is started anew by the driver."""
        cinema = Cinema(clip("a", 30), still("b", 30), still("c", 30)).play_until_seen("a")
        cinema.screen.frozen = True
        cinema.run_for(6)
        assert (cinema.view.stuck, cinema.view.restarts) == (1, 1)
        assert cinema.state == PlayerState.PLAYING

    def test_a_stream_that_is_slow_is_waited_for(self) -> None:
        """For as long as its player waits: nobody takes that for one that hangs."""
        slow = Footage(length_s=None, changing_s=OPENING_MAY_TAKE_S + DRAWING_MAY_TAKE_S)
        cinema = Cinema(still("a", 3), camera("door"), films={"door": slow}).play_until_seen("a")
        cinema.run_until_seen("door")
        assert len(cinema.screens.made) == 1
        assert cinema.view.restarts == 0

    def test_players_give_up_before_they_are_given_up(self) -> None:
        """Else a file that is slow would cost a player, and with it all that is shown."""
        assert LOADING_MAY_TAKE_S > PRELOADING_MAY_TAKE_S + SPARE_S
        assert SHOWING_MAY_TAKE_S > AHEAD_S + OPENING_MAY_TAKE_S + DRAWING_MAY_TAKE_S + SPARE_S
        assert UNHEARD_OF_AFTER_S > STUCK_AFTER_S
        assert UNHEARD_OF_AFTER_S > READING_EVERY_S + SPARE_S

    def test_without_any_output_nothing_is_wanted(self) -> None:
        """And the view says why."""
        cinema = Cinema(still("a"), outputs=())
        cinema.fire(outputs_found((), "no display is plugged in"))
        cinema.fire(start_playing())
        cinema.run_for(10)
        assert cinema.told("picture_wanted") == []
        assert cinema.view.outputs == ()
        assert cinema.view.reason == "no display is plugged in"

    def test_a_display_that_is_plugged_in_late_shows_what_is_due(self) -> None:
        """It is asked for when there is something to show it on."""
        cinema = Cinema(still("a"), outputs=()).play()
        cinema.run_for(10)
        cinema.fire(outputs_found((WINDOW,), ""))
        cinema.run_for(1)
        assert cinema.seen == {"a"}


class TestStartAndStop:
    """What people do, and the venue's hours."""

    def test_the_picture_fades_to_black_when_the_venue_closes(self) -> None:
        """And nothing is seen, nor wanted, any more."""
        cinema = Cinema(*(still(name, 60) for name in "abc")).play_until_seen("a")
        cinema.fire(draw_overlay({"d-words": "hello"}))
        cinema.fire(fade_out(Seconds(3.0), "closed"))
        cinema.run_for(1.5)
        assert VEIL in cinema.screen.layers
        cinema.run_for(2)
        assert cinema.state is PlayerState.STOPPED
        assert cinema.seen == {""}
        assert cinema.screen.layers == {}
        assert cinema.ended() == [("a", "stopped")]

    def test_what_must_always_be_seen_stays(self) -> None:
        """A box that waits to be claimed says so, whatever the hour."""
        cinema = Cinema(still("a", 60)).play_until_seen("a")
        cinema.fire(draw_overlay({"x-claim": "code"}))
        cinema.fire(fade_out(Seconds(0.5), "closed"))
        cinema.run_for(1)
        assert cinema.screen.layers == {"x-claim": "code"}

    def test_it_comes_back_when_the_venue_opens(self) -> None:
        """With what is due by then, and the layers."""
        cinema = Cinema(still("a", 60), still("b", 60), still("c", 60)).play_until_seen("a")
        cinema.fire(draw_overlay({"d-words": "hello"}))
        cinema.fire(fade_out(Seconds(0.5), "closed"))
        cinema.run_for(5)
        cinema.fire(start_playing())
        cinema.run_for(1)
        assert cinema.state == PlayerState.PLAYING
        assert cinema.seen != {""}
        assert cinema.screen.layers == {"d-words": "hello"}

    def test_a_fade_can_be_taken_back(self) -> None:
        """The same picture goes on."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")
        cinema.fire(fade_out(Seconds(3.0), "closed"))
        cinema.run_for(1)
        cinema.fire(start_playing())
        cinema.run_for(5)
        assert cinema.seen == {"a"}
        assert VEIL not in cinema.screen.layers

    def test_a_pause_holds_the_picture_and_its_time(self) -> None:
        """A still, too, is shown for the rest of its time afterwards."""
        cinema = Cinema(still("a", 4), still("b", 60)).play_until_seen("a")
        cinema.run_for(2)
        cinema.fire(pause_playing())
        cinema.run_for(30)
        assert cinema.seen == {"a"}
        cinema.fire(resume_playing())
        cinema.run_for(1.7)
        assert cinema.seen == {"a"}
        cinema.run_for(0.5)
        assert cinema.seen == {"b"}

    def test_displays_that_sleep_have_no_players(self) -> None:
        """They let go of the graphics card at once, and come back when it is time."""
        cinema = Cinema(still("a", 60), still("b", 60), still("c", 60)).play_until_seen("a")
        cinema.fire(turn_screen(on=False, reason="off by its hours"))
        assert cinema.screen.closed
        assert (cinema.view.on, cinema.view.reason) == (False, "off by its hours")
        cinema.run_for(10)
        cinema.fire(turn_screen(on=True, reason=""))
        cinema.run_for(1)
        assert cinema.state == PlayerState.PLAYING

    def test_a_dropped_picture_leaves_black(self) -> None:
        """Until another one is cued."""
        cinema = Cinema(still("a", 60)).play_until_seen("a")
        cinema.fire(drop_picture("nothing is due"))
        cinema.run_for(1)
        assert cinema.seen == {""}
        assert cinema.ended() == [("a", "cut")]
        cinema.cue(still("b", 60))
        cinema.run_for(0.2)
        assert cinema.seen == {"b"}


class TestSound:
    """What is heard of the screen."""

    def test_a_clip_in_place_of_the_music_takes_the_floor_and_gives_it_back(self) -> None:
        """With the fades of its item."""
        loud = clip("a", 4, ClipSound.REPLACE, fade_in_ms=500, fade_out_ms=800)
        cinema = Cinema(loud, still("b")).play_until_seen("a")
        assert cinema.told("take_floor") == [[0.5]]
        cinema.run_until_seen("b")
        assert cinema.told("give_floor") == [[0.8]]

    def test_two_such_clips_keep_the_floor(self) -> None:
        """The music does not come back between them."""
        cinema = Cinema(
            clip("a", 2, ClipSound.REPLACE), clip("b", 2, ClipSound.REPLACE), still("c")
        ).play_until_seen("c")
        assert (len(cinema.told("take_floor")), len(cinema.told("give_floor"))) == (1, 1)

    def test_a_clip_beside_the_music_takes_no_floor(self) -> None:
        """It plays on the same output."""
        cinema = Cinema(clip("a", 4, ClipSound.MIX)).play_until_seen("a")
        assert cinema.told("take_floor") == []
        assert (cinema.screen.loads[0].mute, cinema.screen.loads[0].sink) == (False, SINK)

    @pytest.mark.parametrize("how", ["breaks", "falls", "closes", "sleeps"])
    def test_the_floor_is_given_back_however_the_clip_ends(self, how: str) -> None:
        """The music is never left silent by a screen."""
        cinema = Cinema(clip("a", 60, ClipSound.REPLACE), still("b", 60)).play_until_seen("a")
        cinema.reel.items.clear()
        cinema.fire(uncue_picture())
        if how == "breaks":
            cinema.screens.footage["/pictures/a.mp4"].breaks_at_s = 1.0
        elif how == "falls":
            cinema.screen.fall()
        elif how == "closes":
            cinema.fire(fade_out(Seconds(0.5), "closed"))
        else:
            cinema.fire(turn_screen(on=False, reason="night"))
        cinema.run_for(2)
        assert len(cinema.told("give_floor")) == 1

    def test_a_clip_that_gives_way_gives_the_floor_at_that_instant(self) -> None:
        """However long the other one takes: the player has left the clip by then."""
        slow = Footage(length_s=None, changing_s=9.0)
        cinema = Cinema(clip("a", 60, ClipSound.REPLACE)).play_until_seen("a")
        cinema.cue(camera("door"), in_s=2.0)
        cinema.screens.footage["rtsp://camera/door"] = slow
        cinema.run_for(1.9)
        assert cinema.told("give_floor") == []
        cinema.run_for(0.4)
        assert len(cinema.told("give_floor")) == 1

    def test_a_sink_that_is_lost_while_a_clip_comes_is_not_forgotten(self) -> None:
        """The clip is cut anew for it, and takes the floor only then."""
        slow = Footage(length_s=60, changing_s=1.0)
        cinema = Cinema(clip("a", 60, ClipSound.REPLACE), films={"a": slow}).play()
        cinema.run_for(0.8)
        cinema.fire(sound_lost("loose"))
        cinema.run_for(0.1)
        cinema.fire(sound_found(SINK, private=False))
        cinema.run_until_seen("a")
        assert cinema.told("take_floor") == []
        cinema.run_for(2)
        assert [load.mute for load in cinema.screen.loads] == [False, False]
        assert len(cinema.told("take_floor")) == 1

    def test_a_clip_that_is_over_is_not_heard_anew(self) -> None:
        """Whatever comes of the sink: its last picture stays as it is."""
        cinema = Cinema(clip("a", None, ClipSound.MIX), films={"a": Footage(length_s=3.0)}).play_until_seen(
            "a"
        )
        cinema.run_for(4)
        cinema.fire(sound_lost("loose"))
        cinema.fire(sound_found(SINK, private=False))
        cinema.run_for(10)
        assert len(cinema.screen.loads) == 1

    def test_a_clip_whose_position_stands_loses_the_floor(self) -> None:
        """A slide show may stand for some seconds; what stands for longer is none."""
        cinema = Cinema(clip("a", 600, ClipSound.REPLACE)).play_until_seen("a")
        cinema.run_for(2)
        cinema.screen.hanging = True
        for second in range(round(STANDS_AFTER_S + KEPT_S) + 2):
            assert len(cinema.told("give_floor")) == (second > STANDS_AFTER_S + KEPT_S)
            stands = PictureAdvanced(cinema.screen.loads[0].ticket, Seconds(2.0), cinema.clock())
            cinema.fire(screen_reported(WINDOW.name, stands))
            cinema.run_for(1)
        assert len(cinema.told("give_floor")) == 1

    def test_its_volume_is_the_venues(self) -> None:
        """And goes with it."""
        cinema = Cinema(clip("a", 60, ClipSound.MIX)).play_until_seen("a")
        cinema.fire(turn_volume(50.0))
        assert cinema.screen.gain == pytest.approx(volume_to_linear(50))

    def test_a_clip_is_turned_down_under_a_spot(self) -> None:
        """What is said comes first."""
        cinema = Cinema(clip("a", 60, ClipSound.MIX)).play_until_seen("a")
        cinema.fire(spot_started(song("spot")))
        cinema.run_for(1)
        assert cinema.screen.gain < 0.2
        cinema.fire(spot_finished(song("spot"), Ended.PLAYED))
        cinema.run_for(1)
        assert cinema.screen.gain == 1.0

    def test_without_an_output_for_sound_clips_are_mute(self) -> None:
        """They are shown all the same."""
        cinema = Cinema(still("a", 3), clip("b", 9, ClipSound.MIX)).play()
        cinema.fire(sound_lost("the card is gone"))
        cinema.run_until_seen("b")
        assert cinema.screen.loads[-1].sink == ""


class TestView:
    """What it tells of itself."""

    def test_the_view_names_the_picture_and_the_outputs(self) -> None:
        """As the status shows them."""
        cinema = Cinema(still("a", 60)).play_until_seen("a")
        cinema.run_for(0.5)
        view = cinema.view
        assert (view.item_id, view.item, view.on, view.up) == ("a", "a.png", True, True)
        assert [(one.name, one.width, one.driver) for one in view.outputs] == [("window", 1920, "fake")]

    def test_it_is_told_only_when_it_changes(self) -> None:
        """A screen that goes on says nothing."""
        cinema = Cinema(clip("a", 60)).play_until_seen("a")
        cinema.run_for(1)
        before = len(cinema.told("screen_told"))
        cinema.run_for(20)
        assert len(cinema.told("screen_told")) == before

    def test_no_event_of_the_music_is_fired(self) -> None:
        """Who listens to the audio player hears nothing of the screen."""
        cinema = Cinema(still("a", 2), still("b", 2)).play_until_seen("b")
        assert cinema.told("player_changed") == cinema.told("item_started") == []

    def test_a_screenshot_is_told_also_where_there_is_none(self, tmp_path: Path) -> None:
        """With the trouble in words."""
        cinema = Cinema(still("a", 60))
        cinema.fire(take_screenshot(tmp_path / "a.jpg"))
        assert cinema.last("screenshot_taken").args[1] == "no output of the screen is up"
        cinema.play_until_seen("a")
        cinema.fire(take_screenshot(tmp_path / "a.jpg"))
        assert cinema.last("screenshot_taken").args[1] == ""


def test_pictures_are_cued_as_they_are_prepared() -> None:
    """Position, length and gain reach the screen."""
    item = clip("a", 20, ClipSound.MIX, cue_in_ms=2000, cue_out_ms=9000)
    cinema = Cinema(item).play_until_seen("a")
    load = cinema.screen.loads[0]
    assert (load.start_s, load.length_s) == (2.0, 7.0)
    assert ready(item).cue_out_s == 9.0
