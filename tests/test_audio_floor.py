"""A clip sounds in place of the music: that fades, is held, and comes back; nothing is lost on the way."""

import pytest

from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
)
from easyplayer.playout.catalogue import Over
from easyplayer.playout.items import ClipSound, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import give_floor, picture_advanced, take_floor
from easyplayer.units import Monotonic, Seconds
from easyplayer.yielding import CLIP_MAY_STAND_S
from tests.cinema import clip, ready, still
from tests.fakes.deck import Medium
from tests.house import Booth, song

CLIP = ready(clip("clip", 60, ClipSound.REPLACE))


def playing(*songs: PreparedItem, at_s: float = 5.0) -> Booth:
    """Play for some seconds."""
    booth = Booth(*(songs or (song("a"), song("b"), song("c")))).play_until_heard("a")
    booth.run_for(at_s)
    return booth


def take(booth: Booth, fade_s: float = 1.0) -> None:
    """Let a clip take the floor, and the music go."""
    booth.fire(take_floor(Seconds(fade_s)))
    run_with_clip(booth, fade_s + 0.1)


def run_with_clip(booth: Booth, seconds: float) -> None:
    """Let a clip go on for some seconds."""
    for _ in range(max(round(seconds / 0.5), 1)):
        booth.run_for(min(seconds, 0.5))
        booth.fire(picture_advanced(CLIP, Seconds(0.0)))


def test_the_music_fades_and_is_held_and_comes_back_where_it_was() -> None:
    """With the fade that the clip asks for, both ways."""
    booth = playing()
    booth.fire(take_floor(Seconds(1.0)))
    booth.run_for(0.5)
    assert -6 < booth.music_db < -1
    run_with_clip(booth, 1.0)
    assert booth.heard == []
    held_s = booth.deck_with("a").position_s

    run_with_clip(booth, 15)
    assert booth.deck_with("a").position_s == held_s

    booth.fire(give_floor(Seconds(1.0)))
    booth.run_for(0.5)
    assert -6 < booth.music_db < -1
    booth.run_for(1)
    assert booth.heard == ["a"]
    assert booth.music_db == 0.0
    assert booth.names("item_started") == ["a"]
    assert booth.told("item_finished") == []


def test_no_song_starts_while_a_clip_has_the_floor() -> None:
    """Also where the one on air would have been over by now."""
    booth = playing(at_s=24.0)
    take(booth)
    run_with_clip(booth, 30)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_until_heard("b")
    assert booth.names("item_started") == ["a", "b"]


def test_a_clip_in_the_middle_of_a_crossfade_ends_it() -> None:
    """What leaves goes, and what has come is held."""
    booth = playing(at_s=28.3)
    assert booth.state is PlayerState.MIXING
    take(booth)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(1)
    assert booth.heard == ["b"]


def test_a_clip_that_is_over_at_once_leaves_no_hole() -> None:
    """The music turns round where it is."""
    booth = playing()
    booth.fire(take_floor(Seconds(1.0)))
    booth.run_for(0.4)
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(1)
    assert booth.heard == ["a"]
    assert booth.music_db == 0.0


def test_a_floor_is_taken_once_and_given_once() -> None:
    """Whoever says it again changes nothing."""
    booth = playing()
    take(booth)
    take(booth)
    booth.fire(give_floor(Seconds(0.1)))
    booth.fire(give_floor(Seconds(0.1)))
    booth.run_for(1)
    assert booth.heard == ["a"]


def test_an_output_that_dies_meanwhile_costs_no_music() -> None:
    """The song goes on where it was held, when the clip is over and the output is back."""
    booth = playing()
    take(booth)
    held_s = booth.deck_with("a").position_s
    booth.pull_output()
    run_with_clip(booth, 3)
    booth.plug_output()
    run_with_clip(booth, 3)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_until_heard("a", within_s=3)
    assert booth.deck_with("a").position_s == pytest.approx(held_s, abs=1.5)


def test_an_output_that_comes_back_after_the_clip_brings_the_music() -> None:
    """In whatever order the two end."""
    booth = playing()
    take(booth)
    booth.pull_output()
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(3)
    booth.plug_output()
    booth.run_until_heard("a", within_s=3)


def test_what_comes_on_the_second_meanwhile_follows_the_clip() -> None:
    """It is due by then, and the song that was held gives way."""
    booth = playing()
    take(booth)
    show = song("show")
    booth.decks.media[show.item.location] = Medium(length_s=30.0)
    booth.fire(cue_item(show, None, Monotonic(booth.clock() + 2.0)))
    run_with_clip(booth, 5)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_until_heard("show", within_s=2)


@pytest.mark.parametrize("over", Over)
def test_a_spot_comes_on_its_second_all_the_same(over: Over) -> None:
    """And the music stays where it is until the clip is over, too."""
    booth = playing()
    take(booth)
    at = booth.call(song("spot", 3.0), in_s=3.0, over=over)
    run_with_clip(booth, 4)
    assert booth.heard == ["spot"]
    assert booth.last("spot_started").at == pytest.approx(at, abs=0.1)
    run_with_clip(booth, 6)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(3)
    assert booth.heard == ["b" if over is Over.CUT else "a"]
    assert booth.music_db == 0.0


def test_a_clip_that_ends_under_a_spot_leaves_the_music_to_the_spot() -> None:
    """It comes back when both are over."""
    booth = playing()
    take(booth)
    booth.call(song("spot", 5.0), in_s=1.0, over=Over.PAUSE)
    run_with_clip(booth, 3)
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(2)
    assert booth.heard == ["spot"]
    booth.run_until_heard("a", within_s=5)


def test_a_pause_in_the_middle_of_a_clip_changes_nothing_for_the_music() -> None:
    """It is held already, and stays so after the pause."""
    booth = playing()
    take(booth)
    booth.fire(pause_playing())
    booth.run_for(60)
    booth.fire(resume_playing())
    run_with_clip(booth, 2)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(1.0)))
    booth.run_for(0.5)
    assert -6 < booth.music_db < -1
    booth.run_for(1)
    assert booth.heard == ["a"]
    assert booth.music_db == 0.0


@pytest.mark.parametrize("between_s", [0.0, 0.1, 0.5])
def test_a_pause_and_a_clip_at_the_same_time(between_s: float) -> None:
    """However they lie, the music is not heard before both are over."""
    booth = playing()
    booth.fire(take_floor(Seconds(0.5)))
    booth.run_for(0.1)
    booth.fire(pause_playing())
    booth.run_for(between_s)
    booth.fire(resume_playing())
    run_with_clip(booth, 1.5)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(1.5)
    assert booth.heard == ["a"]


def test_a_person_may_skip_what_is_held() -> None:
    """The next song comes after the clip."""
    booth = playing()
    take(booth)
    booth.fire(skip_item())
    run_with_clip(booth, 3)
    assert booth.heard == []
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_until_heard("b", within_s=3)


def test_a_venue_that_closes_meanwhile_is_silent_and_opens_again() -> None:
    """The screen has given the floor back by then."""
    booth = playing()
    take(booth)
    booth.fire(fade_out(Seconds(0.5), "closed"))
    booth.fire(give_floor(Seconds(0.5)))
    booth.run_for(2)
    assert booth.heard == []
    booth.fire(start_playing())
    booth.run_for(3)
    assert len(booth.heard) == 1


def test_a_clip_that_nobody_hears_of_any_more_loses_the_floor() -> None:
    """Whatever became of the screen, the music does not stay silent."""
    booth = playing()
    booth.fire(take_floor(Seconds(0.5)))
    booth.run_for(CLIP_MAY_STAND_S - 1)
    assert booth.heard == []
    booth.run_for(3)
    assert booth.heard == ["a"]
    assert len(booth.told("give_floor")) == 1  # so that all others know it, too


def test_other_pictures_do_not_vouch_for_a_clip() -> None:
    """What is seen after it says nothing of whether it is heard."""
    booth = playing()
    booth.fire(take_floor(Seconds(0.5)))
    for _ in range(round(CLIP_MAY_STAND_S) + 2):
        booth.run_for(1)
        booth.fire(picture_advanced(ready(still("menu")), Seconds(1.0)))
    assert booth.heard == ["a"]


def test_a_pause_without_an_output_outlasts_it() -> None:
    """Whoever holds the music does not want to be startled by it when the sound card is back."""
    booth = playing()
    booth.pull_output()
    booth.fire(pause_playing())
    assert booth.state is PlayerState.PAUSED
    booth.plug_output()
    booth.run_for(5)
    assert booth.heard == []
    booth.fire(resume_playing())
    booth.run_until_heard("a", within_s=2)
    booth.run_until_heard("b")


def test_a_pause_that_ends_before_there_is_an_output_waits_for_one() -> None:
    """And goes on where it was."""
    booth = playing()
    booth.fire(pause_playing())
    booth.run_for(1)
    booth.pull_output()
    booth.fire(resume_playing())
    booth.run_for(3)
    assert booth.state is PlayerState.NO_SOUND
    booth.plug_output()
    booth.run_until_heard("a", within_s=2)
    assert booth.deck_with("a").position_s == pytest.approx(5.5, abs=1.5)
    booth.run_until_heard("b")
