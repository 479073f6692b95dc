"""The audio player is never silent by failure: what breaks gives way, and what is lost is waited for."""

import pytest

from easyplayer.events import sound_found
from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.machine import DeckPhase, PlayerState
from easyplayer.units import Seconds
from tests.fakes.deck import Medium
from tests.house import SINK, STEP_S, Booth, song, stream

CLOSE = (Seconds(3.0), "closed")


def over(booth: Booth) -> list[tuple[str, Ended]]:
    """Tell how each song ended that has."""
    return [(prepared.item.id, why) for prepared, why in booth.told("item_finished")]


def four_songs(**options: object) -> Booth:
    return Booth(*(song(name, 10.0) for name in "abcd"), **options)  # type: ignore[arg-type]


# -- a medium that cannot be played ----------------------------------------------------------------


def test_medium_that_cannot_be_loaded_gives_way_to_the_next_at_the_start() -> None:
    """The first item is missing: that is told, and the second sounds at once."""
    booth = four_songs()
    del booth.decks.media["/music/a.flac"]

    booth.play().run_for(0.3)

    assert booth.names("item_failed") == ["a"]
    assert booth.heard == ["b"]


def test_medium_that_cannot_be_loaded_is_passed_over_while_another_plays() -> None:
    """The song before it crosses into the song after it, as if it had not been listed."""
    booth = four_songs()
    del booth.decks.media["/music/b.flac"]

    booth.play().run_until(lambda: "c" in booth.names("item_started"))

    assert booth.names("item_failed") == ["b"]
    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)


def test_held_medium_that_fails_is_replaced_in_time() -> None:
    """What is held ready and then breaks is left out; another is held instead."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(1)

    booth.deck_with("b").fail()
    booth.run_until(lambda: "c" in booth.names("item_started"))

    assert booth.names("item_failed") == ["b"]
    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)


@pytest.mark.parametrize("before_end_s", [2.1, 1.0, 0.5, 0.1])
def test_held_medium_that_fails_at_the_last_moment_is_replaced_still(before_end_s: float) -> None:
    """Even after the end of the song has been told, another song follows."""
    booth = four_songs(crossfade_s=0.0).play_until_heard("a")
    booth.run_until(lambda: booth.deck_with("a").position_s >= 10.0 - before_end_s)

    booth.deck_with("b").fail()
    booth.run_for(before_end_s + 0.5)

    assert booth.heard == ["c"]


def test_medium_that_breaks_on_air_gives_way_to_what_is_held() -> None:
    """The next song starts at once, and the broken one is told as failed."""
    booth = four_songs(media={"a": Medium(length_s=10.0, breaks_at_s=4.0)}).play_until_heard("a")

    booth.run_until(lambda: "b" in booth.names("item_started"))
    broken_at, started_at = booth.last("item_failed").at, booth.started("b").at
    booth.run_for(0.3)

    assert started_at - broken_at <= 2 * STEP_S
    assert booth.last("item_finished").args == [song("a", 10.0), "failed"]
    assert booth.state is PlayerState.PLAYING


def test_medium_that_breaks_on_air_with_nothing_held_is_followed_by_what_comes() -> None:
    """The player waits, urgently, and plays what comes at once."""
    booth = four_songs(media={"a": Medium(length_s=10.0, breaks_at_s=4.0)})
    booth.play()
    booth.supplier.late = True
    booth.run_for(5)
    waiting = booth.state

    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_for(0.1)

    assert waiting is PlayerState.WAITING
    assert booth.heard == ["b"]


def test_medium_that_breaks_while_it_leaves_disturbs_nobody() -> None:
    """The song that comes in goes on alone."""
    booth = four_songs(media={"a": Medium(length_s=10.0, breaks_at_s=8.5)}).play_until_heard("a")

    booth.run_until(lambda: booth.heard == ["b"])
    booth.run_for(3)

    assert booth.heard == ["b"]
    assert booth.state is PlayerState.PLAYING


def test_song_that_comes_and_breaks_in_the_crossfade_gives_way_to_a_third() -> None:
    """Where the incoming song breaks while the other still leaves, the third is taken."""
    booth = four_songs(media={"b": Medium(length_s=10.0, breaks_at_s=0.5)}).play_until_heard("a")

    booth.run_until(lambda: booth.heard == ["c"], within_s=15)
    booth.run_for(1)

    assert booth.state is PlayerState.PLAYING


def test_medium_that_breaks_while_it_is_paused_starts_no_other() -> None:
    """A pause stays a pause; resumed, the player goes on with the next song."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.fire(pause_playing())
    booth.run_for(1)

    booth.deck_with("a").fail()
    booth.run_for(3)
    paused = booth.state, booth.heard
    booth.fire(resume_playing())
    booth.run_for(0.5)

    assert paused == (PlayerState.PAUSED, [])
    assert booth.heard == ["b"]
    assert booth.names("item_finished") == ["a"]


def test_medium_that_breaks_while_it_fades_starts_no_other() -> None:
    """A venue that closes hears no next song."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    booth.deck_with("a").fail()
    booth.run_for(5)

    assert booth.names("item_started") == ["a"]
    assert booth.state is PlayerState.STOPPED


def test_song_plays_to_its_end_at_full_level_when_what_was_held_has_failed() -> None:
    """The fade into a song that does not come is taken back."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.supplier.late = True

    booth.deck_with("b").fail()
    booth.run_until(lambda: booth.deck_with("a").position_s >= 9.9)

    assert booth.deck_with("a").level == 1.0


def test_list_of_broken_media_is_gone_through_until_one_plays() -> None:
    """A hundred broken files in a row hold nobody up."""
    broken = [song(f"broken {number}") for number in range(100)]
    booth = Booth(*broken, song("good"))
    for one in broken:
        del booth.decks.media[one.item.location]

    booth.play().run_until_heard("good", within_s=30)

    assert len(booth.names("item_failed")) == 100


def test_stream_that_ends_is_a_failure() -> None:
    """A stream knows no end: when its server hangs up the next item follows, and that is told."""
    booth = Booth(stream("one"), song("b"), media={"one": Medium(length_s=20.0)}).play_until_heard("one")

    booth.run_until(lambda: booth.heard == ["b"], within_s=21)

    assert booth.names("item_failed") == ["one"]


@pytest.mark.parametrize("length_s", [0.02, 0.1, 0.3, 0.5, 0.7, 1.0, 1.5])
def test_item_however_short_is_followed_by_the_next(length_s: float) -> None:
    """The shortest sounds are played and left, one after the other."""
    booth = Booth(*(song(f"{number}", length_s) for number in range(5)), song("long")).play()

    booth.run_until_heard("long", within_s=5 * length_s + 2)

    assert booth.names("item_started") == ["0", "1", "2", "3", "4", "long"]


def test_stream_whose_data_stops_gives_way_to_what_comes() -> None:
    """After five seconds without any data the stream is left, whatever is still buffered."""
    radio = {"one": Medium(length_s=None, starves_at_s=20.0)}
    booth = Booth(stream("one"), song("b"), media=radio).play_until_heard("one")
    began = booth.clock()

    booth.run_until(lambda: booth.heard == ["b"], within_s=40)

    assert booth.clock() - began - 20.0 < 5.5
    assert booth.names("item_failed") == ["one"]
    assert booth.last("item_finished").args[1] == "failed"


def test_stream_that_stands_still_gives_way_at_once() -> None:
    """A stream is not loaded anew in its place: after three seconds of silence another item follows."""
    radio = {"one": Medium(length_s=None, stands_at_s=20.0)}
    booth = Booth(stream("one"), song("b"), media=radio).play_until_heard("one")
    began = booth.clock()

    booth.run_until(lambda: booth.heard == ["b"], within_s=40)

    assert booth.clock() - began - 20.0 < 4.0
    assert sum(load.endless for deck in booth.decks.made for load in deck.loads) == 1
    assert booth.names("item_failed") == ["one"]


def test_stream_that_does_not_answer_costs_no_deck() -> None:
    """Servers that hang are many; after six seconds the next item plays on the same deck."""
    silent = [stream(f"radio {number}") for number in range(25)]
    media = {one.item.id: Medium(loading_s=None) for one in silent}
    booth = Booth(*silent, song("b"), media=media).play()

    booth.run_until_heard("b", within_s=25 * 6.5)

    assert len(booth.decks.made) == 2
    assert booth.told("shut_down") == []


# -- a position that stands still ------------------------------------------------------------------


def test_song_whose_position_stands_still_is_loaded_twice_and_then_left() -> None:
    """A medium that hangs in one place is tried there twice anew, and then gives way."""
    booth = four_songs(media={"a": Medium(length_s=10.0, stands_at_s=4.0)}).play_until_heard("a")

    booth.run_until(lambda: booth.heard == ["b"], within_s=15)

    loads = [load for deck in booth.decks.made for load in deck.loads if load.location == "/music/a.flac"]
    assert [load.start_s for load in loads] == pytest.approx([0.0, 4.0, 4.0], abs=0.01)
    assert booth.names("item_failed") == ["a"]


def test_song_that_stood_still_once_goes_on_where_it_was() -> None:
    """Where the second load helps, nothing is lost, and the crossfade comes in time."""
    booth = four_songs(media={"a": Medium(length_s=10.0, stands_at_s=4.0)}).play_until_heard("a")
    booth.run_for(5)

    booth.medium("a").stands_at_s = None
    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert booth.names("item_failed") == []
    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=2 * STEP_S)


def test_song_that_stands_still_now_and_then_is_not_left_for_it() -> None:
    """Only standing still in one place counts towards giving up."""
    booth = Booth(song("a", 100.0), song("b")).play_until_heard("a")

    for number in range(1, 6):
        booth.medium("a").stands_at_s = 10.0 * number
        booth.run_for(12)
        booth.medium("a").stands_at_s = None
        booth.run_for(1)

    assert booth.heard == ["a"]
    assert booth.names("item_failed") == []


def test_music_is_quiet_for_no_longer_than_it_takes_to_notice() -> None:
    """A song that hangs is left after five seconds at the most."""
    booth = four_songs(media={"a": Medium(length_s=10.0, stands_at_s=4.0)}).play_until_heard("a")
    booth.run_for(4)

    booth.run_until(lambda: booth.heard == ["b"], within_s=5)


def test_pause_while_a_song_is_loaded_anew_stays_a_pause() -> None:
    """A deck that gets ready while the player is paused is not played, until the player resumes."""
    hangs = {"a": Medium(length_s=10.0, stands_at_s=4.0, loading_s=0.5)}
    booth = four_songs(media=hangs).play_until_heard("a")
    booth.run_until(lambda: len(booth.deck_with("a").loads) == 2)
    booth.medium("a").stands_at_s = None

    booth.fire(pause_playing())
    booth.run_for(3)
    paused = booth.state, booth.heard
    booth.fire(resume_playing())
    booth.run_for(0.5)

    assert paused == (PlayerState.PAUSED, [])
    assert booth.heard == ["a"]
    assert booth.deck_with("a").position_s == pytest.approx(4.5, abs=0.2)


def test_pause_and_resume_while_a_song_is_loaded_anew_play_it() -> None:
    """A resume that comes before the deck is ready does not play a deck that is not."""
    hangs = {"a": Medium(length_s=10.0, stands_at_s=4.0, loading_s=1.0)}
    booth = four_songs(media=hangs).play_until_heard("a")
    booth.run_until(lambda: len(booth.deck_with("a").loads) == 2)
    booth.medium("a").stands_at_s = None

    booth.fire(pause_playing())
    booth.run_for(0.4)
    booth.fire(resume_playing())
    booth.run_for(2)

    assert booth.heard == ["a"]
    assert booth.names("item_failed") == []


def test_skip_while_a_song_is_loaded_anew_takes_the_next() -> None:
    """Not the song that hangs, but the next one is played, and no deck is told to play unready."""
    hangs = {"a": Medium(length_s=10.0, stands_at_s=4.0, loading_s=0.1), "b": Medium(loading_s=0.3)}
    booth = four_songs(media=hangs).play_until_heard("a")
    booth.run_until(lambda: len(booth.deck_with("a").loads) == 2)

    booth.fire(skip_item())
    booth.run_for(1.5)

    assert booth.heard == ["b"]
    assert booth.names("item_failed") == []


def test_song_that_cannot_be_loaded_anew_gives_way_to_what_is_held() -> None:
    """A file that vanished while it hung is told once, and the next song plays alone."""
    booth = four_songs(media={"a": Medium(length_s=10.0, stands_at_s=4.0)}).play_until_heard("a")
    booth.run_for(4.5)

    del booth.decks.media["/music/a.flac"]
    booth.run_until(lambda: booth.heard == ["b"], within_s=5)
    booth.run_for(3)

    assert booth.names("item_failed") == ["a"]
    assert booth.state is PlayerState.PLAYING
    assert booth.deck_with("c").ready


def test_suspended_output_does_not_cost_the_song() -> None:
    """While an output sleeps for a second all stands still; woken, the song goes on."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.server.suspend(SINK)
    booth.run_for(1.5)
    booth.server.wake(SINK)
    booth.run_for(1)

    assert booth.heard == ["a"]
    assert booth.names("item_failed") == []


# -- a deck that does not answer -------------------------------------------------------------------


def test_deck_that_never_answers_is_replaced_at_the_start() -> None:
    """Two seconds after the start another deck plays the next song."""
    booth = four_songs(media={"a": Medium(loading_s=None)}).play()

    booth.run_until_heard("b", within_s=3)

    assert booth.names("item_failed") == ["a"]


def test_deck_that_never_answers_is_replaced_while_the_other_plays() -> None:
    """The song on air is not disturbed, and crosses into the song after the one that hung."""
    booth = four_songs(media={"b": Medium(loading_s=None)}).play_until_heard("a")

    booth.run_until(lambda: "c" in booth.names("item_started"))

    assert booth.names("item_failed") == ["b"]
    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)


def test_deck_that_hangs_on_air_is_replaced_and_the_next_song_plays() -> None:
    """A player that answers nothing any more is given up, once, and left to itself."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.decks.newest("B").hanging = True
    booth.run_until(lambda: booth.heard == ["b"], within_s=6)
    booth.run_for(3)

    assert booth.names("item_failed") == ["a"]
    assert booth.state is PlayerState.PLAYING
    assert len(booth.decks.made) == 3


def test_deck_that_was_replaced_lets_go_when_it_wakes_up() -> None:
    """Whenever a deck that was given up answers again, it plays nothing and holds nothing."""
    booth = four_songs(media={"b": Medium(loading_s=None)}).play_until_heard("a")
    booth.run_for(4)
    given_up = booth.decks.made[0]

    booth.decks.media["/music/b.flac"] = Medium()
    booth.run_for(1)

    assert given_up.loaded is None
    assert given_up not in booth.decks.audible


def test_deck_that_hangs_now_and_then_ends_nothing() -> None:
    """Music that has played since then makes up for it."""
    items = [song(f"{'dead' if number % 2 else 'good'} {number}", 10.0) for number in range(20)]
    hung = {one.item.id: Medium(loading_s=None) for one in items if "dead" in one.item.id}
    booth = Booth(*items, media=hung).play()

    booth.run_for(80)

    assert booth.told("shut_down") == []
    assert len(booth.names("item_failed")) >= 8


def test_new_deck_is_as_loud_as_the_old_one() -> None:
    """A deck that takes another's place is turned to the same volume."""
    booth = four_songs(media={"a": Medium(loading_s=None)}).play()

    booth.run_until_heard("b", within_s=3)
    booth.run_for(0.2)

    assert booth.deck_with("b").level == pytest.approx(1.0)


def test_box_ends_after_too_many_decks_have_hung() -> None:
    """Decks that hang cannot be taken back; after twenty a new start is better than one more.

    Each is given more time than the one before, up to four times as much: the machine may just be slow.
    """
    names = [f"song {number}" for number in range(25)]
    booth = Booth(*map(song, names), media={name: Medium(loading_s=None) for name in names}).play()

    booth.run_for(180)

    assert booth.told("shut_down")[0] == [69]
    assert len(booth.decks.made) == 2 + 20


def test_stream_may_take_its_time_to_load() -> None:
    """A slow stream is waited for much longer than a file."""
    booth = Booth(stream("one"), song("b"), media={"one": Medium(length_s=None, loading_s=5.0)}).play()

    booth.run_until_heard("one", within_s=6)

    assert booth.names("item_failed") == []


# -- an output that goes and comes -----------------------------------------------------------------


def test_output_that_is_lost_and_found_costs_nothing_but_time() -> None:
    """The song goes on where it was, at most half a second before, and the list stays in order."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)

    booth.pull_output()
    booth.run_for(60)
    lost = booth.state
    booth.plug_output()
    booth.run_for(0.2)
    again_s = booth.last("item_started").args[1]
    booth.run_until(lambda: len(booth.names("item_started")) == 5)

    assert lost is PlayerState.NO_SOUND
    assert again_s == pytest.approx(2.9, abs=0.3)
    assert booth.names("item_started") == ["a", "a", "b", "c", "d"]


@pytest.mark.parametrize("at_s", [0.0, 0.02, 0.06, 0.1, 5.0, 8.02, 8.5, 9.5, 10.02, 10.1, 10.3])
@pytest.mark.parametrize("for_s", [0.0, 0.02, 0.4, 0.6, 3.0])
def test_output_may_be_lost_at_any_instant(at_s: float, for_s: float) -> None:
    """Whether it loads, plays or crosses, the player plays again soon after the output is back."""
    booth = four_songs().play()
    booth.run_for(at_s)

    booth.pull_output()
    booth.run_for(for_s)
    booth.plug_output()
    booth.run_for(1.3)

    assert booth.state in {PlayerState.PLAYING, PlayerState.MIXING}
    assert booth.heard != []
    assert booth.names("item_failed") == []


def test_output_lost_in_a_crossfade_goes_on_with_the_song_that_came() -> None:
    """What was leaving is over; the other goes on, and the next after it is the third."""
    booth = four_songs().play()
    booth.run_until(lambda: booth.state is PlayerState.MIXING)
    booth.run_for(1)

    booth.pull_output()
    booth.run_for(1)
    booth.plug_output()
    booth.run_for(30)

    assert booth.names("item_started") == ["a", "b", "b", "c", "d"]


def test_output_lost_while_paused_is_missed_by_nobody() -> None:
    """The player stays paused; resumed, the song goes on where it was held."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    booth.fire(pause_playing())
    booth.run_for(1)

    booth.pull_output()
    booth.run_for(5)
    booth.plug_output()
    booth.run_for(5)
    still = booth.state, booth.heard
    booth.fire(resume_playing())
    booth.run_for(0.5)

    assert still == (PlayerState.PAUSED, [])
    assert booth.heard == ["a"]
    assert booth.last("item_started").args[1] == pytest.approx(3.2, abs=0.4)


def test_resume_without_an_output_waits_for_one() -> None:
    """Resumed while the output is still away, the player says so, and plays once it is back."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    booth.fire(pause_playing())
    booth.run_for(1)
    booth.pull_output()

    booth.fire(resume_playing())
    booth.run_for(3)
    waiting = booth.state
    booth.plug_output()
    booth.run_for(1)

    assert waiting is PlayerState.NO_SOUND
    assert booth.heard == ["a"]


def test_output_lost_while_it_fades_stops_it() -> None:
    """A closing box that loses its output is stopped, and starts with the next song another day."""
    booth = four_songs().play_until_heard("a")
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    booth.pull_output()
    booth.run_for(5)
    stopped = booth.state
    booth.plug_output()
    booth.fire(start_playing())
    booth.run_for(1)

    assert stopped is PlayerState.STOPPED
    assert booth.state is PlayerState.PLAYING
    assert booth.heard != ["a"]


def test_output_that_goes_and_comes_while_stopped_starts_nothing() -> None:
    """A stopped player stays stopped."""
    booth = four_songs()
    booth.fire(sound_found(SINK, private=False))

    booth.pull_output()
    booth.run_for(1)
    booth.plug_output()
    booth.run_for(5)

    assert booth.state is PlayerState.STOPPED
    assert booth.heard == []


def test_start_without_an_output_waits_for_one() -> None:
    """A box that comes up before its sound card plays as soon as that is there."""
    booth = four_songs()
    booth.server.unplug(SINK)
    booth.fire(start_playing())
    booth.run_for(10)
    waiting = booth.state

    booth.plug_output()
    booth.run_for(0.2)

    assert waiting is PlayerState.NO_SOUND
    assert booth.heard == ["a"]


def test_output_that_only_the_decks_miss_is_tried_again_and_again() -> None:
    """Where the server lists an output that cannot be opened, the player tries each half second."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.server.unplug(SINK)
    booth.run_for(10)
    tries = sum(len(deck.loads) for deck in booth.decks.made)
    booth.server.plug(SINK)
    booth.run_for(1)

    assert 10 <= tries <= 45
    assert booth.heard == ["a"]
    assert booth.names("item_failed") == []


def test_song_moves_to_another_output() -> None:
    """When the output is another one, the song goes on there where it was."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)

    booth.plug_output("spare")
    booth.run_for(0.3)

    assert booth.deck_with("a").loads[-1].sink == "spare"
    assert booth.deck_with("a").position_s == pytest.approx(3.1, abs=0.3)
    assert booth.heard == ["a"]


def test_same_output_told_again_changes_nothing() -> None:
    """News of the output that is in use already disturbs no song."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)

    booth.fire(sound_found(SINK, private=False))
    booth.run_for(0.5)

    assert booth.deck_with("a").position_s == pytest.approx(3.5, abs=0.05)


def test_sound_lost_in_a_skip_does_not_lose_the_next_song() -> None:
    """After a skip and a loss in one breath, what was held is played, or what was skipped; no third."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)

    booth.fire(skip_item())
    booth.pull_output()
    booth.run_for(1)
    booth.plug_output()
    booth.run_for(1)

    assert booth.heard in (["a"], ["b"])


def test_player_that_lost_all_at_once_still_plays_in_the_end() -> None:
    """A deck that hangs, a broken song and a lost output together are mended one by one."""
    booth = four_songs(media={"b": Medium(breaks_at_s=0.2)}).play_until_heard("a")
    booth.run_for(3)

    booth.decks.newest("B").hanging = True
    booth.run_for(1.5)
    booth.pull_output()
    booth.run_for(1)
    booth.plug_output()
    booth.run_for(8)

    assert booth.state is PlayerState.PLAYING
    assert len(booth.heard) == 1
    phases = [strip.phase for strip in booth.player._desk.strips.values()]
    assert DeckPhase.LEAVING not in phases


# -- what is cut off is told as over ---------------------------------------------------------------


def test_what_leaves_when_the_output_is_lost_is_over_and_what_came_goes_on() -> None:
    """The one is told at once, the other when it has been heard to its end, and once."""
    booth = four_songs().play()
    booth.run_until(lambda: booth.state is PlayerState.MIXING)

    booth.pull_output()
    at_once = over(booth)
    booth.run_for(5)
    booth.plug_output()
    booth.run_until(lambda: "c" in booth.names("item_started"))
    booth.run_for(3)

    assert at_once == [("a", Ended.STOPPED)]
    assert over(booth) == [("a", Ended.STOPPED), ("b", Ended.PLAYED)]


@pytest.mark.parametrize("paused", [False, True])
def test_what_a_lost_output_cut_off_is_over_when_the_box_is_stopped(paused: bool) -> None:
    """It does not go on when the box starts again, and nothing stays behind as if it sounded."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    if paused:
        booth.fire(pause_playing())
        booth.run_for(1)

    booth.pull_output()
    booth.run_for(2)
    before = over(booth)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(4)

    assert before == []
    assert over(booth) == [("a", Ended.STOPPED)]
    assert booth.state is PlayerState.STOPPED


def test_what_was_about_to_go_on_is_over_when_the_box_is_stopped() -> None:
    """The output is back, and the song is being loaded where it was."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    booth.pull_output()
    booth.medium("a").loading_s = 1.5
    booth.plug_output()
    booth.run_for(1)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    assert booth.names("item_started") == ["a"]
    assert over(booth) == [("a", Ended.STOPPED)]


def test_song_that_cannot_go_on_after_a_lost_output_is_over() -> None:
    """Its file went with the output, as on a stick; the next song is told to have begun after that."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    booth.pull_output()
    del booth.decks.media["/music/a.flac"]

    booth.plug_output()
    booth.run_until_heard("b")

    assert over(booth) == [("a", Ended.FAILED)]
    assert booth.names("item_started") == ["a", "b"]


def test_song_that_gives_way_before_it_could_go_on_is_over() -> None:
    """The output is back just when something is due."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(3)
    booth.pull_output()
    booth.medium("a").loading_s = 1.5
    booth.plug_output()
    booth.decks.media["/music/show.flac"] = Medium()

    booth.fire(cue_item(song("show", 30.0), None, booth.clock()))
    booth.run_until_heard("show")

    assert over(booth) == [("a", Ended.STOPPED)]


def test_output_that_is_lost_while_two_songs_fade_out_ends_both() -> None:
    """Both were heard, and neither is any more."""
    booth = four_songs().play()
    booth.run_until(lambda: booth.state is PlayerState.MIXING)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    booth.pull_output()

    assert sorted(over(booth)) == [("a", Ended.STOPPED), ("b", Ended.STOPPED)]
    assert booth.state is PlayerState.STOPPED
