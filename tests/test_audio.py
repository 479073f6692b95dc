"""The audio player: one item gives way to the next, and a person's hand is obeyed at once."""

from itertools import pairwise

import pytest

from easyplayer.events import item_prepared
from easyplayer.player import Handling
from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
    turn_volume,
)
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Linear, Monotonic, Percent, Seconds, to_decibels
from tests.fakes.deck import Medium
from tests.house import CROSSFADE_S, SINK, STEP_S, Booth, song, stream

CLOSING_S = Seconds(3.0)
CLOSE = (CLOSING_S, "closed")


def four_songs(crossfade_s: float = CROSSFADE_S) -> Booth:
    return Booth(*(song(name, 10.0) for name in "abcd"), crossfade_s=crossfade_s)


def run_into_mix(booth: Booth) -> Booth:
    """Let the first song play until it gives way to the second."""
    booth.play().run_until(lambda: booth.state is PlayerState.MIXING)
    booth.run_for(0.5)
    return booth


def last_position_heard(booth: Booth, name: str) -> float:
    """Let time pass until an item is finished; tell which position of it was heard last."""
    position_s = 0.0
    while name not in booth.names("item_finished"):
        booth.run_for(STEP_S)
        if name in booth.heard:
            position_s = booth.deck_with(name).position_s
    return position_s


# -- from one item to the next ---------------------------------------------------------------------


def test_first_item_sounds_as_soon_as_a_deck_has_it() -> None:
    """Started, the player takes the first item urgently and plays it once a deck is ready."""
    booth = four_songs().play()

    booth.run_for(0.1)

    assert booth.heard == ["a"]
    assert booth.state is PlayerState.PLAYING
    assert booth.names("item_started") == ["a"]
    assert booth.witness.all("item_wanted")[0].args == [True]


def test_next_item_is_held_ready_long_before_it_is_due() -> None:
    """Soon after a song has begun, the next one waits on the other deck, silent."""
    booth = four_songs().play_until_heard("a")

    booth.run_for(0.3)

    assert booth.deck_with("b").ready
    assert booth.heard == ["a"]


def test_song_crosses_into_the_next_at_the_mix_point() -> None:
    """Two seconds before the end the next one starts, and both sound until the first is over."""
    booth = four_songs().play()

    booth.run_until(lambda: "b" in booth.names("item_started"))
    mixed_at_s = booth.deck_with("a").position_s
    booth.run_for(1.0)
    during, state = booth.heard, booth.state
    booth.run_for(1.2)

    assert mixed_at_s == pytest.approx(8.0, abs=STEP_S)
    assert sorted(during) == ["a", "b"]
    assert state is PlayerState.MIXING
    assert booth.heard == ["b"]
    assert booth.state is PlayerState.PLAYING
    assert booth.last("item_finished").args[1] == "played"


def test_level_stays_while_one_song_crosses_into_the_next() -> None:
    """The summed power of both decks keeps within 0.7 dB all through the crossfade."""
    booth = four_songs().play_until_heard("a")
    levels = []

    for _ in range(600):
        booth.run_for(STEP_S)
        levels.append(to_decibels(booth.decks.sound(SINK) or Linear(0.0)))

    assert max(levels) <= 0.7
    assert min(levels[10:]) >= -0.7


def test_songs_follow_one_another_for_as_long_as_there_are_any() -> None:
    """Each deck takes its turn, and every song is told as started and as played, in order."""
    booth = four_songs().play()

    booth.run_for(33)

    assert booth.names("item_started") == ["a", "b", "c", "d"]
    assert booth.names("item_finished") == ["a", "b", "c"]
    assert [deck.name for deck in booth.decks.made] == ["A", "B"]


def test_next_item_begins_where_the_last_is_over_if_nothing_is_to_cross() -> None:
    """With a crossfade of none, the change leaves neither a gap nor an overlap that is heard."""
    booth = four_songs(crossfade_s=0).play_until_heard("a")

    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert booth.clock() - booth.started("a").at == pytest.approx(10.0, abs=2 * STEP_S)
    assert booth.heard == ["b"]


def test_album_goes_on_without_a_fade() -> None:
    """A track that continues the one before it is neither faded in, nor is that one faded out."""
    booth = Booth(song("a", 10.0), song("b", 10.0, follows="a")).play_until_heard("a")

    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert booth.clock() - booth.started("a").at == pytest.approx(10.0, abs=2 * STEP_S)
    assert booth.deck_with("b").level == 1.0
    assert all(deck.fades == [] for deck in booth.decks.made)


def test_own_fade_of_an_item_goes_before_the_rules() -> None:
    """A song that wishes to fade out for four seconds starts the next one four seconds early."""
    booth = Booth(song("a", 20.0, fade_out_s=4.0), song("b", 20.0)).play()

    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert booth.deck_with("a").position_s == pytest.approx(16.0, abs=STEP_S)


def test_items_of_a_second_follow_one_another_without_silence() -> None:
    """Jingles of one second each are all heard, each for its time, and never is there silence."""
    jingles = [song(f"jingle {number}", 1.0) for number in range(12)]
    booth = Booth(*jingles).play_until_heard("jingle 0")

    silent = 0
    while len(booth.names("item_started")) < len(jingles):
        booth.run_for(STEP_S)
        silent += not booth.decks.audible

    starts = [seen.at for seen in booth.witness.all("item_started")]
    assert silent == 0
    apart = [later - earlier for earlier, later in pairwise(starts)]
    assert apart == pytest.approx([0.65] * 11, abs=3 * STEP_S)


def test_stream_is_left_only_when_somebody_asks() -> None:
    """A stream has no end: an hour later it still sounds, and a skip leaves it."""
    radio = stream("one")
    booth = Booth(radio, song("b"), media={"one": Medium(length_s=None)}).play_until_heard("one")

    booth.run_for(3600, step_s=0.5)
    still = booth.heard
    booth.fire(skip_item())
    booth.run_for(1)

    assert still == ["one"]
    assert booth.heard == ["b"]


def test_stream_is_connected_to_shortly_before_its_time() -> None:
    """A stream that is held for long goes stale: it is loaded ten seconds before, and crosses in time."""
    booth = Booth(song("a", 60.0), stream("one"), media={"one": Medium(length_s=None)}).play_until_heard("a")

    booth.run_for(45)
    early = [deck.loaded for deck in booth.decks.made].count(None)
    booth.run_until(lambda: "one" in booth.names("item_started"))

    assert early == 1
    assert booth.deck_with("a").position_s == pytest.approx(58.0, abs=STEP_S)


def test_length_that_is_learnt_before_it_is_loaded_is_used() -> None:
    """An item that is cued while both decks are busy may be measured before one is free for it."""
    booth = Booth(song("a", 10.0), song("b", 20.0)).play()
    booth.decks.media["/music/c.flac"] = Medium(length_s=12.0)
    booth.run_until(lambda: booth.state is PlayerState.MIXING)

    booth.fire(cue_item(song("c", None)))
    booth.fire(item_prepared(song("c", 12.0), measured=True))
    booth.run_until(lambda: booth.heard == ["c"], within_s=40)

    assert booth.deck_with("c").loads[-1].end_s == 12.0


def test_skip_to_an_item_that_was_measured_meanwhile_knows_its_length() -> None:
    """What is held is loaded anew for the skip, with what has been learnt of it."""
    booth = Booth(song("a", 30.0), song("b", None)).play_until_heard("a")
    booth.run_for(1)

    booth.fire(item_prepared(song("b", 12.0), measured=True))
    booth.fire(skip_item())
    booth.run_for(1)

    assert booth.deck_with("b").loads[-1].end_s == 12.0


def test_skip_to_an_item_that_was_to_start_in_its_middle_starts_it_there() -> None:
    """Skipped or not, it starts where it was cued."""
    booth = Booth(song("a", 30.0)).play_until_heard("a")
    booth.decks.media["/music/b.flac"] = Medium()
    booth.fire(cue_item(song("b", 30.0), Seconds(12.0)))
    booth.run_for(1)

    booth.fire(skip_item())
    booth.run_for(1)

    assert booth.started("b").args[1] == pytest.approx(12.0, abs=0.1)


def test_item_that_is_cued_while_stopped_is_not_the_next_of_another_day() -> None:
    """It answers a wish of before the stop: at the next start another one is asked for."""
    booth = four_songs().play_until_heard("a")
    booth.fire(fade_out(*CLOSE))
    booth.run_for(5)

    booth.fire(cue_item(song("late", 10.0)))
    booth.fire(start_playing())
    booth.run_for(1)

    assert booth.heard == ["c"]


def test_new_item_takes_the_place_of_the_one_that_is_held() -> None:
    """The Scheduler has thought better of it; the song on air is not disturbed."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.decks.media["/music/better.flac"] = Medium()

    booth.fire(cue_item(song("better", 20.0)))
    booth.run_until(lambda: "better" in booth.names("item_started"))

    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)
    assert booth.names("item_started") == ["a", "better"]


def test_stream_that_is_cued_long_before_its_time_takes_the_place_of_what_is_held() -> None:
    """It is not connected to yet, and yet it is what follows."""
    media = {"one": Medium(length_s=None)}
    booth = Booth(song("a", 60.0), song("b", 60.0), stream("one"), media=media)
    booth.supplier.items.pop()
    booth.play_until_heard("a")
    booth.run_for(2)

    booth.fire(cue_item(stream("one")))
    booth.run_until(lambda: "one" in booth.names("item_started"))

    assert booth.names("item_started") == ["a", "one"]
    assert booth.deck_with("a").position_s == pytest.approx(58.0, abs=STEP_S)


@pytest.mark.parametrize("at", [None, 0.0])
def test_item_that_is_about_to_start_is_left_for_what_is_due_only(at: float | None) -> None:
    """While the first item is loaded another one comes after it, unless that is to start at once."""
    booth = Booth(song("a", 10.0), media={"a": Medium(length_s=10.0, loading_s=1.0)}).play()
    booth.decks.media["/music/b.flac"] = Medium(length_s=10.0)
    booth.run_for(0.2)

    booth.fire(cue_item(song("b", 10.0), None, None if at is None else Monotonic(at)))
    booth.run_until(lambda: booth.heard == ["b"])

    assert booth.names("item_started") == (["a", "b"] if at is None else ["b"])


def test_pause_while_it_waits_is_a_pause() -> None:
    """What gets ready meanwhile is not heard until the player is resumed."""
    booth = Booth(song("a"), media={"a": Medium(loading_s=1.0)}).play()

    booth.fire(pause_playing())
    booth.run_for(5)
    paused = booth.state, booth.heard
    booth.fire(resume_playing())
    booth.run_for(0.2)

    assert paused == (PlayerState.PAUSED, [])
    assert booth.heard == ["a"]


def test_stream_that_follows_a_song_of_unknown_length_leaves_no_gap() -> None:
    """As soon as the end of the song is known the stream is connected to."""
    media = {"a": Medium(length_s=10.0), "one": Medium(length_s=None, loading_s=0.5)}
    booth = Booth(song("a", None), stream("one"), media=media).play_until_heard("a")
    silent = 0

    while booth.heard != ["one"]:
        booth.run_for(STEP_S)
        silent += not booth.heard

    assert silent * STEP_S < 0.2


def test_skip_to_a_stream_connects_to_it_at_once() -> None:
    """Whoever skips does not want to wait for the last ten seconds."""
    media = {"one": Medium(length_s=None, loading_s=0.3)}
    booth = Booth(song("a", 60.0), stream("one"), media=media).play_until_heard("a")
    booth.run_for(2)

    booth.fire(skip_item())
    booth.run_for(1)

    assert booth.heard == ["one"]


def test_item_starts_where_it_is_told_to() -> None:
    """What was cued with a position starts there; the item after it starts at its cue in."""
    booth = Booth(song("b", 20.0, cue_in_s=1.5))
    booth.supplier.late = True
    booth.play()
    booth.decks.media["/music/a.flac"] = Medium(length_s=20.0)

    booth.fire(cue_item(song("a", 20.0), Seconds(12.0)))
    booth.supplier.late = False
    booth.run_for(10)

    assert booth.started("a").args[1] == pytest.approx(12.0, abs=0.1)
    assert booth.started("b").args[1] == pytest.approx(1.5, abs=0.1)


def test_length_that_is_learnt_while_it_plays_is_used() -> None:
    """An unmeasured song crosses into the next at its mix point, once that has been told."""
    unmeasured = song("a", None)
    booth = Booth(unmeasured, song("b"), media={"a": Medium(length_s=10.0)}).play_until_heard("a")

    booth.run_for(3)
    booth.fire(item_prepared(song("a", 10.0), measured=True))
    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)


def test_song_of_unknown_length_is_heard_to_its_end() -> None:
    """Where nobody ever told the length, the next starts at the end, and the last second is not cut."""
    booth = Booth(song("a", None), song("b"), media={"a": Medium(length_s=10.0)}).play_until_heard("a")

    last_heard_s = last_position_heard(booth, "a")

    assert last_heard_s == pytest.approx(10.0, abs=2 * STEP_S)
    assert booth.heard == ["b"]


def test_song_that_ends_before_its_time_gives_way_at_once() -> None:
    """A truncated file is followed without silence, and what there is of it is heard to its end."""
    booth = Booth(song("a", 30.0), song("b"), media={"a": Medium(length_s=12.0)}).play_until_heard("a")
    silent = 0

    while "b" not in booth.heard:
        booth.run_for(STEP_S)
        silent += not booth.decks.audible

    assert silent == 0
    assert booth.clock() - booth.started("a").at <= 12.1


@pytest.mark.parametrize("crossfade_s", [0.0, 2.0])
def test_what_is_left_of_a_truncated_song_is_not_cut(crossfade_s: float) -> None:
    """The second that a deck has still to play when it tells an early end is heard."""
    truncated = {"a": Medium(length_s=12.0)}
    booth = Booth(song("a", 30.0), song("b"), media=truncated, crossfade_s=crossfade_s).play_until_heard("a")

    last_heard_s = last_position_heard(booth, "a")

    assert last_heard_s == pytest.approx(12.0, abs=2 * STEP_S)


def test_player_waits_for_an_item_that_comes_late_and_plays_it_at_once() -> None:
    """Where nothing has been cued at the end of a song, the next one sounds as soon as it comes."""
    booth = four_songs()
    booth.play()
    booth.supplier.late = True
    booth.run_for(13)
    waiting, wanted = booth.state, booth.last("item_wanted").args

    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_for(0.1)

    assert waiting is PlayerState.WAITING
    assert wanted == [True]
    assert booth.heard == ["b"]
    assert booth.names("item_finished") == ["a"]


def test_song_that_plays_alone_is_heard_to_its_end() -> None:
    """With nothing to follow it, a song is not faded and not cut."""
    booth = Booth(song("a", 10.0)).play_until_heard("a")

    booth.run_until(lambda: booth.heard == [])

    assert booth.clock() - booth.started("a").at == pytest.approx(10.0, abs=2 * STEP_S)


# -- skipped ---------------------------------------------------------------------------------------


def test_skip_leaves_the_song_at_once() -> None:
    """The next song comes within the short fade, and the skipped one is told as skipped."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.fire(skip_item())
    booth.run_for(0.7)

    assert booth.heard == ["b"]
    assert booth.deck_with("b").level == pytest.approx(1.0)
    assert booth.last("item_finished").args == [song("a", 10.0), "skipped"]


def test_skip_leaves_no_silence_between() -> None:
    """Something sounds all the time from the skip on."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.fire(skip_item())
    heard = []
    for _ in range(50):
        booth.run_for(STEP_S)
        heard.append(bool(booth.decks.audible))

    assert all(heard)


def test_skip_while_nothing_is_held_takes_the_next_item_as_soon_as_it_comes() -> None:
    """The song fades, silence is kept short by an urgent wish, and what comes plays at once."""
    booth = four_songs()
    booth.play()
    booth.supplier.late = True
    booth.run_for(2)

    booth.fire(skip_item())
    booth.run_for(1)
    between = booth.state
    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_for(0.2)

    assert between is PlayerState.WAITING
    assert booth.last("item_wanted").args != []
    assert booth.heard == ["b"]


def test_skip_while_songs_cross_leaves_both() -> None:
    """A person who skips in a crossfade means the song that comes in: the third one follows."""
    booth = run_into_mix(four_songs())

    booth.fire(skip_item())
    booth.run_for(2)

    assert booth.heard == ["c"]
    assert booth.names("item_finished") == ["a", "b"]


def test_skip_at_the_very_end_of_a_crossfade_counts() -> None:
    """A skip is obeyed even if the leaving song is over before its quick fade is."""
    booth = four_songs().play()
    booth.run_until(lambda: booth.state is PlayerState.MIXING)
    booth.run_for(2.06)
    assert booth.state is PlayerState.MIXING

    booth.fire(skip_item())
    booth.run_for(2)

    assert booth.heard == ["c"]


@pytest.mark.parametrize("pause_s", [0.0, 0.02, 0.1, 0.3, 0.5, 0.6, 0.9])
def test_skip_and_skip_again_ends_in_one_song(pause_s: float) -> None:
    """However quickly a person skips twice, one song plays in the end, and goes on to the next."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(1)

    booth.fire(skip_item())
    booth.run_for(pause_s)
    booth.fire(skip_item())
    booth.run_for(3)

    assert booth.state is PlayerState.PLAYING
    assert booth.heard in (["b"], ["c"])


def test_many_skips_in_a_row_end_in_one_song() -> None:
    """A person who leans on the button skips many songs, and the last one plays."""
    booth = Booth(*(song(f"{number}", 10.0) for number in range(40))).play()
    booth.run_for(1)

    for _ in range(20):
        booth.fire(skip_item())
        booth.run_for(0.24)
    booth.run_for(3)

    assert booth.state is PlayerState.PLAYING
    assert len(booth.heard) == 1


@pytest.mark.parametrize("state", [PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.FADING])
def test_skip_means_nothing_where_nothing_plays(state: PlayerState) -> None:
    """Nothing is started by a skip."""
    booth = four_songs()
    if state is not PlayerState.STOPPED:
        booth.play_until_heard("a").fire(pause_playing() if state is PlayerState.PAUSED else fade_out(*CLOSE))

    booth.fire(skip_item())
    booth.run_for(0.2)

    assert booth.state is state
    assert "b" not in booth.heard


# -- held ------------------------------------------------------------------------------------------


def test_pause_is_silent_and_keeps_the_position() -> None:
    """Within a quarter of a second it is quiet, and an hour later the song is still where it was."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.fire(pause_playing())
    booth.run_for(0.4)
    held_s, heard = booth.deck_with("a").position_s, booth.heard
    booth.run_for(3600, step_s=1)

    assert heard == []
    assert booth.deck_with("a").position_s == held_s == pytest.approx(2.3, abs=0.1)
    assert booth.state is PlayerState.PAUSED


def test_resume_goes_on_where_it_was_and_crosses_in_time() -> None:
    """After a pause the song goes on, at full level, and gives way at its mix point."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.fire(pause_playing())
    booth.run_for(100, step_s=0.1)

    booth.fire(resume_playing())
    booth.run_for(0.5)
    level = booth.deck_with("a").level
    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert level == pytest.approx(1.0)
    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=2 * STEP_S)


def test_pause_and_resume_in_one_breath_leave_the_song_alone() -> None:
    """A pause that is taken back within its fade holds nothing."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.fire(pause_playing())
    booth.run_for(0.1)
    booth.fire(resume_playing())
    booth.run_for(1)

    assert booth.deck_with("a").position_s == pytest.approx(3.1, abs=0.05)
    assert booth.deck_with("a").level == pytest.approx(1.0)


def test_pause_while_songs_cross_goes_on_with_the_one_that_came() -> None:
    """The leaving song is over with the pause; the other is held, and goes on alone."""
    booth = run_into_mix(four_songs())

    booth.fire(pause_playing())
    booth.run_for(1)
    quiet = booth.heard
    booth.fire(resume_playing())
    booth.run_for(1)

    assert quiet == []
    assert booth.heard == ["b"]
    assert booth.names("item_finished") == ["a"]


def test_position_that_arrives_after_the_pause_does_not_count() -> None:
    """A reading that was under way when the song was held must not move the mix point."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.fire(pause_playing())
    booth.run_for(0.3)

    booth.deck_with("a").report_late(2.3)
    booth.settle()
    booth.run_for(60)
    booth.fire(resume_playing())
    booth.run_for(1)

    assert booth.heard == ["a"]


@pytest.mark.parametrize("crossfade_s", [0.0, 2.0])
@pytest.mark.parametrize("before_end_s", [0.9, 0.5, 0.1])
def test_pause_in_the_last_second_is_followed_by_music(crossfade_s: float, before_end_s: float) -> None:
    """Whenever a song is paused, even when its deck has told the end, music goes on after the resume."""
    booth = four_songs(crossfade_s=crossfade_s).play_until_heard("a")
    booth.run_until(lambda: booth.deck_with("a").position_s >= 10.0 - before_end_s)

    booth.fire(pause_playing())
    booth.run_for(5)
    booth.fire(resume_playing())
    booth.run_for(4)

    assert booth.heard == ["b"]
    assert booth.state is PlayerState.PLAYING


def test_pause_in_the_last_second_of_the_last_song_is_followed_by_what_comes() -> None:
    """Paused at its very end with nothing to follow, the player waits, and plays what comes."""
    booth = four_songs()
    booth.play()
    booth.supplier.late = True
    booth.run_until(lambda: booth.deck_with("a").position_s >= 9.5)

    booth.fire(pause_playing())
    booth.run_for(5)
    booth.fire(resume_playing())
    booth.run_for(3)
    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_for(1)

    assert booth.heard == ["b"]


def test_paused_player_starts_nothing_when_its_song_is_over() -> None:
    """An end that is told within the fade of the pause does not start the next song."""
    booth = Booth(song("a", None), song("b"), media={"a": Medium(length_s=10.0)}).play_until_heard("a")
    booth.run_until(lambda: booth.deck_with("a").position_s >= 8.9)

    booth.fire(pause_playing())
    booth.run_for(5)

    assert booth.state is PlayerState.PAUSED
    assert booth.heard == []


# -- started and stopped ---------------------------------------------------------------------------


def test_fade_out_ends_in_silence_after_its_time() -> None:
    """The song falls for three seconds; then nothing is on any deck."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(1.5)
    half_way = booth.deck_with("a").level
    booth.run_for(1.6)

    assert 0.1 < half_way < 0.9
    assert booth.state is PlayerState.STOPPED
    assert booth.last("item_finished").args[1] == "stopped"
    assert all(deck.loaded is None for deck in booth.decks.made)


def test_both_songs_are_over_when_the_player_is_stopped_in_a_mix() -> None:
    """Each is told once: the one that leaves, and the one that came."""
    booth = Booth(*(song(name, 10.0) for name in "abc")).play()
    booth.run_until(lambda: booth.state is PlayerState.MIXING)

    booth.fire(fade_out(Seconds(1.0), "closed"))
    booth.run_for(4)

    assert [(one.item.id, str(why)) for one, why in booth.told("item_finished")] == [
        ("a", "stopped"),
        ("b", "stopped"),
    ]


def test_fade_out_falls_without_a_step() -> None:
    """Between two settings of the gain it moves by less than what is heard as a click."""
    booth = four_songs().play_until_heard("a")

    booth.fire(fade_out(*CLOSE))
    booth.run_for(3.1)

    gains = [gain for at, gain in booth.decks.newest("B").gains if at > booth.started("a").at]
    assert max(abs(one - other) for one, other in pairwise(gains)) < 0.05


def test_fade_out_while_songs_cross_takes_both() -> None:
    """Neither of the two songs is left."""
    booth = run_into_mix(four_songs())

    booth.fire(fade_out(*CLOSE))
    booth.run_for(3.1)

    assert booth.heard == []
    assert booth.state is PlayerState.STOPPED


def test_song_that_is_over_during_the_fade_starts_no_other() -> None:
    """While the venue closes, the end of the song is the end."""
    booth = four_songs(crossfade_s=0).play_until_heard("a")
    booth.run_until(lambda: booth.deck_with("a").position_s >= 8.0)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(4)

    assert booth.names("item_started") == ["a"]
    assert booth.state is PlayerState.STOPPED


def test_start_while_it_fades_goes_on_with_the_song() -> None:
    """A venue that opens again within the fade hears the same song rise, and then the next."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(2)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    booth.fire(start_playing())
    booth.run_for(1)
    level = booth.deck_with("a").level
    booth.run_until(lambda: booth.heard == ["b"])

    assert level == pytest.approx(1.0)
    assert booth.names("item_started") == ["a", "b"]


def test_second_fade_out_takes_its_own_time() -> None:
    """The end of a fade that was taken back does not cut the next one short."""
    booth = Booth(song("a", 30.0)).play_until_heard("a")
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)
    booth.fire(start_playing())
    booth.run_for(1)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(1.5)
    during = booth.state
    booth.run_for(1.6)

    assert during is PlayerState.FADING
    assert booth.state is PlayerState.STOPPED


@pytest.mark.parametrize("between_s", [0.0, 0.2, 1.0, 2.9, 3.1, 10.0])
def test_paused_player_that_is_stopped_starts_again_like_any_other(between_s: float) -> None:
    """However soon after it, the next song plays, and plays to its end."""
    booth = four_songs().play_until_heard("a")
    booth.fire(pause_playing())
    booth.run_for(1)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(between_s)

    booth.fire(start_playing())
    booth.run_for(7)

    assert booth.state is PlayerState.PLAYING
    assert len(booth.names("item_started")) == 2
    assert len(booth.heard) == 1


def test_skip_after_a_fade_in_a_crossfade_that_was_taken_back_goes_forward() -> None:
    """The song that was leaving when the fade began is not played again."""
    booth = run_into_mix(four_songs())
    booth.fire(fade_out(*CLOSE))
    booth.run_for(0.2)
    booth.fire(start_playing())
    booth.run_for(0.1)

    booth.fire(skip_item())
    booth.run_for(3)

    assert booth.heard == ["c"]


def test_player_starts_anew_after_it_has_been_stopped() -> None:
    """Stopped and started again, it goes on with the list, and forgets what it had held."""
    booth = four_songs().play_until_heard("a")
    booth.run_for(1)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(5)

    booth.fire(start_playing())
    booth.run_for(1)

    assert booth.heard == ["c"]
    assert booth.state is PlayerState.PLAYING


@pytest.mark.parametrize("late", [True, False])
def test_fade_out_while_waiting_stops_at_once(late: bool) -> None:
    """Where nothing sounds yet there is nothing to fade, and what was cued is forgotten."""
    booth = four_songs()
    booth.supplier.late = late
    booth.play()

    booth.fire(fade_out(*CLOSE))
    booth.run_for(5)

    assert booth.state is PlayerState.STOPPED
    assert booth.heard == []


def test_stopped_player_asks_for_nothing() -> None:
    """Before its start, and after its stop, the player wants no items."""
    booth = four_songs()

    booth.run_for(5)

    assert booth.witness.all("item_wanted") == []


def test_resume_means_nothing_where_nothing_is_held() -> None:
    """A resume neither starts a stopped player nor disturbs one that plays."""
    booth = four_songs()
    booth.fire(resume_playing())
    stopped = booth.state

    booth.play_until_heard("a").fire(resume_playing())

    assert stopped is PlayerState.STOPPED
    assert booth.heard == ["a"]


# -- volume ----------------------------------------------------------------------------------------


def test_volume_is_turned_as_it_is_told() -> None:
    """On the cubic scale that sound servers use, and finer than whole percents."""
    booth = Booth(song("a")).play_until_heard("a")

    booth.fire(turn_volume(62.5))
    booth.run_for(0.1)

    assert booth.deck_with("a").level == pytest.approx(0.625**3)
    assert booth.told("volume_changed") == []


def test_volume_holds_for_every_song() -> None:
    """The song after the next one is as loud as the one during which the volume was turned."""
    booth = four_songs().play_until_heard("a")

    booth.fire(turn_volume(50.0))
    booth.run_until(lambda: booth.heard == ["c"])
    booth.run_for(0.1)

    assert booth.deck_with("c").level == pytest.approx(0.125)


def test_player_is_as_loud_as_it_starts_until_it_is_told() -> None:
    """Before anybody has turned the volume it is that of the settings."""
    booth = Booth(song("a"), handling=Handling(volume=Percent(50))).play_until_heard("a")

    booth.run_for(0.1)

    assert booth.deck_with("a").level == pytest.approx(0.125)


def test_item_prepared_for_another_does_not_touch_what_plays() -> None:
    """News of an item that is on no deck changes nothing."""
    booth = four_songs().play_until_heard("a")
    other: PreparedItem = song("z", 2.0)

    booth.fire(item_prepared(other, measured=True))
    booth.run_for(5)

    assert booth.heard == ["a"]
