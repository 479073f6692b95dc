"""Spots over the music: they come on the second, the music makes room for them, and it always comes back."""

from itertools import pairwise

import pytest

from easyplayer.audio import SPOTS
from easyplayer.events import play_emergency
from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
    turn_volume,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Decibels, Milliseconds, Monotonic, Seconds
from tests.fakes.deck import Medium
from tests.house import SINK, STEP_S, Booth, song, stream

CLOSE = (Seconds(3.0), "closed")
ATTACK_S, HOLD_S, RELEASE_S, DOWN_DB = 0.4, 0.2, 1.5, -15.0
"""Of the default ducking."""
CALL = song("call", 4.0)
OTHER = song("other", 3.0)
SILENT_DB = -60.0
every_over = pytest.mark.parametrize("over", Over)


def playing(length_s: float = 60.0, crossfade_s: float = 2.0, **media: Medium) -> Booth:
    """Let the first of four songs play for two seconds."""
    songs = (song(name, length_s) for name in "abcd")
    booth = Booth(*songs, media=media, crossfade_s=crossfade_s).play_until_heard("a")
    booth.run_for(2)
    return booth


def speaking(over: Over, length_s: float = 60.0) -> Booth:
    """Let a spot sound for a second over the first of four songs."""
    booth = playing(length_s)
    booth.call(CALL, 1.0, over)
    booth.run_until(lambda: "call" in booth.heard)
    booth.run_for(1.0)
    return booth


def declare(booth: Booth) -> Monotonic:
    """Declare an emergency, as the Scheduler does: its item starts now; give the instant."""
    alarm, now = song("alarm", 30.0), booth.clock()
    booth.decks.media[alarm.item.location] = Medium(length_s=30.0)
    booth.fire(play_emergency(alarm.item))
    booth.fire(cue_item(alarm, None, now))
    return now


def levels(booth: Booth, seconds: float) -> list[tuple[float, float]]:
    """Let time pass; give each instant and the level of the music then."""
    given = []
    for _ in range(round(seconds / STEP_S)):
        booth.run_for(STEP_S)
        given.append((booth.clock(), booth.music_db))
    return given


def ended(booth: Booth) -> dict[str, Ended]:
    """Tell how each spot ended that has."""
    return {prepared.item.id: why for prepared, why in booth.told("spot_finished")}


def music_is_back(booth: Booth) -> bool:
    """Let the music come back; tell whether one song is heard as loud as it is."""
    booth.run_for(HOLD_S + RELEASE_S + 1.0)
    return len(booth.heard) == 1 and booth.heard != ["call"] and booth.music_db == 0.0


def began(booth: Booth, name: str = "call") -> float:
    """Tell when a spot has begun."""
    return next(seen.at for seen in booth.witness.all("spot_started") if seen.args[0].item.id == name)


# -- the spot, and the music below it --------------------------------------------------------------


@pytest.mark.parametrize("in_s", [0.5, 1.0, 7.77, 60.0])
def test_spot_begins_on_its_instant_and_is_told(in_s: float) -> None:
    """Cued long before or shortly, it is heard from its instant to its end, once."""
    booth = playing(120.0)

    at = booth.call(CALL, in_s)
    booth.run_until(lambda: "call" in booth.heard, within_s=70)
    heard_at = booth.clock()
    booth.run_until(lambda: "call" not in booth.heard)
    booth.run_for(1)

    assert heard_at == pytest.approx(at, abs=STEP_S)
    assert began(booth) == pytest.approx(at, abs=STEP_S)
    assert booth.told("spot_started") == [[CALL]]
    assert booth.told("spot_finished") == [[CALL, Ended.PLAYED]]
    assert booth.last("spot_finished").at == pytest.approx(at + 4.0, abs=0.1)


def test_music_is_down_when_the_spot_begins_and_comes_back_after_it() -> None:
    """It goes down in its time, stays for the spot and a moment longer, and is as loud as before."""
    booth = playing()

    at = booth.call(CALL, 2.0)
    course = levels(booth, 9.0)

    before = [db for now, db in course if now < at - ATTACK_S - 2 * STEP_S]
    below = [db for now, db in course if at <= now < at + 4.0 + HOLD_S]
    after = [db for now, db in course if now > at + 4.0 + HOLD_S + RELEASE_S + 0.15]
    assert set(before) == {0.0}
    assert below == pytest.approx([DOWN_DB] * len(below))
    assert set(after) == {0.0}
    assert booth.names("item_started") == ["a"]


def test_music_goes_down_and_up_without_a_step() -> None:
    """Between two settings it moves by less than what is heard as a click."""
    booth = playing()

    booth.call(CALL, 2.0)
    booth.run_for(9.0)

    gains = [gain for _, gain in booth.deck_with("a").gains]
    assert max(abs(one - other) for one, other in pairwise(gains)) < 0.08


def test_ducking_is_that_of_the_program() -> None:
    """Depth and all three times are as they are written."""
    booth = playing()
    ducking = Ducking(
        depth_db=Decibels(-30.0),
        attack_ms=Milliseconds(2000),
        hold_ms=Milliseconds(3000),
        release_ms=Milliseconds(5000),
    )

    at = booth.call(CALL, 4.0, Over.DUCK, ducking)
    course = dict(levels(booth, 20.0))

    low = [now for now, db in course.items() if db < -0.01]
    lowest = [now for now, db in course.items() if db == pytest.approx(-30.0)]
    assert (low[0], low[-1]) == (
        pytest.approx(at - 2.0, abs=0.2),
        pytest.approx(at + 12.0, abs=0.3),
    )
    assert (lowest[0], lowest[-1]) == (pytest.approx(at, abs=0.05), pytest.approx(at + 7.0, abs=0.05))


def test_spot_has_its_own_gain_cues_and_fades() -> None:
    """It is loaded as any item is."""
    booth = playing()
    spot = song("call", 6.0, cue_in_s=1.0, gain_db=-3.0, fade_in_s=0.5, fade_out_s=1.0)

    booth.call(spot, 1.0)
    booth.run_for(1.5)

    deck = booth.deck_with("call")
    load = deck.loads[-1]
    assert (load.start_s, load.end_s, load.gain_db, load.sink) == (1.0, 6.0, -3.0, SINK)
    assert load.fade_in is not None
    assert (load.fade_in.start_s, load.fade_in.length_s) == (1.0, 0.5)
    assert [(fade.start_s, fade.length_s) for fade in deck.fades if fade] == [(5.0, 1.0)]


def test_box_without_spots_has_two_decks_and_one_with_spots_three() -> None:
    """A third player costs memory; it is made for the first spot, and kept."""
    booth = playing()
    before = [deck.name for deck in booth.decks.made]

    for _ in range(3):
        booth.call(CALL, 1.0)
        booth.run_for(8)

    assert sorted(before) == ["A", "B"]
    assert sorted(deck.name for deck in booth.decks.made) == ["A", "B", SPOTS]
    assert len(booth.told("spot_finished")) == 3


def test_spot_is_as_loud_as_the_player_is_turned() -> None:
    """The volume counts for a spot, whether it is turned before the first one or while it sounds."""
    booth = playing()
    booth.fire(turn_volume(50.0))

    booth.call(CALL, 1.0)
    booth.run_for(1.5)
    first = booth.deck_with("call").level
    booth.fire(turn_volume(100.0))
    booth.run_for(0.1)

    assert first == pytest.approx(0.125)
    assert booth.deck_with("call").level == pytest.approx(1.0)
    assert booth.music_db == pytest.approx(DOWN_DB)


def test_songs_that_cross_under_a_spot_stay_down() -> None:
    """What starts under a spot is as low as what was there before, and so is the crossfade between."""
    booth = playing(10.0)

    at = booth.call(song("call", 6.0), 4.5)
    course = [db for now, db in levels(booth, 10.0) if at <= now < at + 6.0]

    assert booth.heard == ["b", "call"]
    assert max(course) <= DOWN_DB + 0.7
    assert min(course) >= DOWN_DB - 0.7


@every_over
def test_spot_that_is_cued_too_late_comes_as_soon_as_the_music_is_down(over: Over) -> None:
    """A spot whose instant has passed is heard all the same."""
    booth = playing()

    booth.call(CALL, -5.0, over)
    booth.run_for(0.7)

    assert booth.heard[-1] == "call"
    assert booth.music_db == pytest.approx(DOWN_DB) if over is Over.DUCK else booth.music_db < SILENT_DB


def test_spot_of_unknown_length_is_heard_to_its_end() -> None:
    """Where nobody has measured it the deck tells when it is over."""
    booth = playing()
    booth.decks.media["/music/call.flac"] = Medium(length_s=5.0)

    at = booth.call(song("call", None), 1.0)
    booth.run_until(lambda: "call" in ended(booth), within_s=10)

    assert booth.clock() == pytest.approx(at + 5.3, abs=0.1)
    assert music_is_back(booth)


def test_truncated_spot_does_not_keep_the_music_down() -> None:
    """A spot that is over before its time is over."""
    booth = playing()
    booth.decks.media["/music/call.flac"] = Medium(length_s=2.0)

    at = booth.call(CALL, 1.0)
    booth.run_until(lambda: "call" in ended(booth), within_s=10)

    assert booth.clock() <= at + 2.5
    assert music_is_back(booth)


def test_spot_is_heard_where_no_music_is() -> None:
    """Also a player that waits for music speaks; what comes under the spot is down."""
    booth = Booth(song("a", 60.0))
    booth.supplier.late = True
    booth.play()
    booth.call(CALL, 1.0)
    booth.run_for(2)
    alone = booth.heard

    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_for(0.5)

    assert alone == ["call"]
    assert booth.music_db == pytest.approx(DOWN_DB)
    booth.run_for(3)
    assert music_is_back(booth)


# -- the music pauses, or is cut -------------------------------------------------------------------


def test_music_that_pauses_for_a_spot_goes_on_where_it_was() -> None:
    """Silent from the spot's first sound on, it is held, and comes back after the spot."""
    booth = playing()

    at = booth.call(CALL, 2.0, Over.PAUSE)
    course = levels(booth, 2.5)
    held_s = booth.deck_with("a").position_s
    booth.run_for(3.0)
    still_s = booth.deck_with("a").position_s

    assert all(db < SILENT_DB for now, db in course if now >= at)
    assert held_s == still_s
    assert music_is_back(booth)
    assert booth.deck_with("a").position_s == pytest.approx(held_s + booth.clock() - at - 4.3, abs=0.15)
    assert booth.state is PlayerState.PLAYING
    assert booth.names("item_started") == ["a"]


def test_song_that_is_held_for_a_spot_does_not_count_as_stuck() -> None:
    """However long the spot is, the song is not loaded anew, and its mix point is kept."""
    booth = playing(20.0)

    booth.call(song("call", 30.0), 1.0, Over.PAUSE)
    booth.run_until(lambda: "b" in booth.names("item_started"), within_s=60)

    assert len(booth.deck_with("a").loads) == 1
    assert booth.deck_with("a").position_s == pytest.approx(18.0, abs=2 * STEP_S)
    assert booth.names("item_failed") == []


def test_songs_that_cross_when_the_music_pauses_go_on_as_one() -> None:
    """The song that left is over; the other goes on after the spot."""
    booth = playing(10.0)
    booth.run_until(lambda: booth.state is PlayerState.MIXING)

    booth.call(CALL, 0.7, Over.PAUSE)
    booth.run_for(2)
    during = booth.heard, booth.names("item_finished")
    booth.run_for(3)

    assert during == (["call"], ["a"])
    assert music_is_back(booth)
    assert booth.heard == ["b"]


def test_music_that_is_cut_gives_way_to_the_next_song() -> None:
    """The song is over when the spot begins, and the next one follows the spot within a moment."""
    booth = playing()

    at = booth.call(CALL, 2.0, Over.CUT)
    booth.run_until(lambda: "a" in booth.names("item_finished"))
    cut_at, why = booth.clock(), booth.last("item_finished").args[1]
    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert (cut_at, why) == (pytest.approx(at, abs=STEP_S), Ended.CUT)
    assert booth.clock() == pytest.approx(at + 4.0, abs=0.2)
    booth.run_for(0.2)
    assert booth.heard == ["b"]
    assert booth.music_db == 0.0


def test_next_song_is_asked_for_at_once_where_none_is_held() -> None:
    """There are as many seconds to find one as the spot has."""
    booth = playing()
    booth.deck_with("b").fail()
    booth.supplier.late = True
    booth.settle()

    at = booth.call(CALL, 2.0, Over.CUT)
    booth.run_for(3.0)
    wish = booth.last("item_wanted").args
    booth.supplier.late = False
    booth.supplier.answer()
    booth.run_until(lambda: booth.heard == ["c"])

    assert wish == [True]
    assert booth.clock() - (at + 4.0) < 0.3


@pytest.mark.parametrize("over", [Over.PAUSE, Over.CUT])
def test_nothing_starts_while_a_spot_has_the_floor(over: Over) -> None:
    """A song that breaks, and one that comes, wait for the end of the spot."""
    booth = speaking(over)
    if over is Over.PAUSE:
        booth.deck_with("a").fail()

    heard = []
    while "call" not in ended(booth):
        booth.run_for(STEP_S)
        heard.append(booth.heard)

    assert {name for names in heard[:-1] for name in names} == {"call"}
    booth.run_for(0.5)
    assert booth.heard == ["b"]
    assert booth.music_db == 0.0


def test_song_that_is_loaded_anew_when_a_spot_takes_the_floor_waits() -> None:
    """A song that hung is not heard below a spot for which the music pauses; it goes on after it."""
    booth = playing()
    booth.call(CALL, 3.0, Over.PAUSE)
    booth.medium("a").stands_at_s = 3.3
    booth.medium("a").loading_s = 1.0
    booth.run_until(lambda: len(booth.deck_with("a").loads) == 2)
    booth.medium("a").stands_at_s = None

    booth.run_until(lambda: "call" in booth.heard)
    booth.run_for(3)
    heard, played = booth.heard, booth.deck_with("a").sounding

    assert (heard, played) == (["call"], False)
    assert music_is_back(booth) or music_is_back(booth)
    assert booth.heard == ["a"]
    assert booth.names("item_failed") == []


def test_song_that_would_start_in_the_lead_of_a_spot_waits() -> None:
    """Where the music is to be silent in a moment, no song begins for that moment."""
    booth = playing(10.0)
    booth.run_until(lambda: booth.deck_with("a").position_s >= 7.0)

    booth.call(CALL, 1.2, Over.PAUSE)
    booth.run_for(3)
    during = booth.names("item_started")
    booth.run_for(4)

    assert during == ["a"]
    assert booth.names("item_started") == ["a", "b"]
    assert music_is_back(booth)


# -- one after the other ---------------------------------------------------------------------------


def test_spots_come_in_the_order_of_their_instants() -> None:
    """However they were cued, each comes on its own."""
    booth = playing()

    later = booth.call(OTHER, 15.0)
    first = booth.call(CALL, 3.0)
    booth.run_for(22)

    assert booth.names("spot_started") == ["call", "other"]
    assert (began(booth), began(booth, "other")) == (
        pytest.approx(first, abs=STEP_S),
        pytest.approx(later, abs=STEP_S),
    )
    assert booth.music_db == 0.0


@every_over
@pytest.mark.parametrize("apart_s", [0.0, 2.0, 3.9, 4.1])
def test_spot_that_is_due_while_one_sounds_follows_right_after_it(over: Over, apart_s: float) -> None:
    """Between the two the music stays where it is."""
    booth = playing()

    at = booth.call(CALL, 2.0, over)
    booth.call(OTHER, 2.0 + apart_s, over)
    course = levels(booth, 12.0)

    assert began(booth, "other") == pytest.approx(at + 4.0, abs=0.45)
    both = [db for now, db in course if at <= now < began(booth, "other") + 3.0]
    assert max(both) <= DOWN_DB + 0.001
    assert booth.names("spot_finished") == ["call", "other"]
    assert music_is_back(booth)


def test_music_does_not_come_up_for_a_moment_only() -> None:
    """Where the next spot is due before the music would be back, it stays down."""
    booth = playing()

    at = booth.call(CALL, 2.0)
    second = booth.call(OTHER, 2.0 + 4.0 + 1.5)
    course = levels(booth, 12.0)

    assert began(booth, "other") == pytest.approx(second, abs=STEP_S)
    assert {round(db) for now, db in course if at <= now < second + 3.0} == {DOWN_DB}


def test_spot_that_follows_may_want_more_room() -> None:
    """After one below which the music goes on, one for which it pauses."""
    booth = playing()

    booth.call(CALL, 2.0, Over.DUCK)
    booth.call(OTHER, 3.0, Over.PAUSE)
    booth.run_until(lambda: "other" in booth.heard)
    booth.run_for(0.1)
    silent = booth.music_db

    assert silent < SILENT_DB
    assert booth.names("item_finished") == []
    booth.run_for(3)
    assert music_is_back(booth)
    assert booth.heard == ["a"]


def test_music_that_is_silent_stays_so_for_a_spot_that_wants_less() -> None:
    """After a cut nothing starts until the last spot of a row is over."""
    booth = playing()

    booth.call(CALL, 2.0, Over.CUT)
    booth.call(OTHER, 3.0, Over.DUCK)
    booth.run_until(lambda: "other" in booth.heard)
    between = booth.names("item_started")
    booth.run_until(lambda: "b" in booth.names("item_started"))

    assert between == ["a"]
    assert ended(booth) == {"call": Ended.PLAYED, "other": Ended.PLAYED}
    booth.run_for(0.1)
    assert booth.music_db == 0.0


# -- what breaks -----------------------------------------------------------------------------------


@every_over
@pytest.mark.parametrize(
    "broken",
    [None, Medium(loading_s=None), Medium(breaks_at_s=1.0), Medium(stands_at_s=1.0)],
    ids=["missing", "hangs", "breaks", "stands still"],
)
def test_spot_that_cannot_be_played_gives_the_floor_back(broken: Medium | None, over: Over) -> None:
    """It is told as failed, the music is as before, and the next spot is heard."""
    booth = playing()
    at = booth.call(song("dead", 4.0), 1.0, over)
    booth.decks.media.pop("/music/dead.flac")
    if broken is not None:
        booth.decks.media["/music/dead.flac"] = broken

    booth.run_until(lambda: "dead" in ended(booth), within_s=5)
    assert ended(booth) == {"dead": Ended.FAILED}
    assert booth.clock() - at < 3.0
    assert music_is_back(booth)
    booth.call(CALL, 1.0)
    booth.run_for(8)
    assert ended(booth)["call"] is Ended.PLAYED
    assert music_is_back(booth)


def test_spot_that_cannot_be_loaded_leaves_the_music_alone() -> None:
    """Nothing goes down for what does not come."""
    booth = playing()
    booth.call(CALL, 2.0)
    booth.decks.media.pop("/music/call.flac")

    course = levels(booth, 4.0)

    assert {db for _, db in course} == {0.0}
    assert booth.names("item_failed") == []


@every_over
def test_deck_that_hangs_in_a_spot_is_left_and_later_replaced(over: Over) -> None:
    """The music comes back, and another deck plays the spots after."""
    booth = speaking(over)

    booth.decks.newest(SPOTS).hanging = True
    booth.run_until(lambda: "call" in ended(booth), within_s=3)
    back = music_is_back(booth)
    booth.call(OTHER, 1.0)
    booth.run_for(6)
    booth.call(song("third", 2.0), 1.0)
    booth.run_for(5)

    assert back
    assert ended(booth) == {"call": Ended.FAILED, "other": Ended.FAILED, "third": Ended.PLAYED}
    assert [deck.name for deck in booth.decks.made].count(SPOTS) == 2


@every_over
@pytest.mark.parametrize("at_s", [0.0, 1.7, 2.5, 6.05, 6.3])
def test_output_that_is_lost_leaves_the_music_neither_silent_nor_low(over: Over, at_s: float) -> None:
    """Whether a spot waits, comes, sounds or is just over: the music is as loud as before, and plays."""
    booth = playing()
    booth.call(CALL, 2.0, over)
    booth.run_for(at_s)

    booth.pull_output()
    booth.run_for(1)
    booth.plug_output()
    booth.run_for(8)

    assert booth.music_db == 0.0
    assert len(booth.heard) == 1
    assert len(booth.told("spot_finished")) == 1


def test_spot_that_waits_comes_in_time_after_an_output_was_lost() -> None:
    """What had not begun is not lost with the output."""
    booth = playing()
    at = booth.call(CALL, 8.0)
    booth.pull_output()
    booth.run_for(3)

    booth.plug_output()
    booth.run_for(10)

    assert began(booth) == pytest.approx(at, abs=STEP_S)
    assert ended(booth) == {"call": Ended.PLAYED}


def test_spot_that_an_output_kept_back_for_long_does_not_come() -> None:
    """Nobody wants to hear the call for noon at one."""
    booth = playing()
    booth.call(CALL, 2.0)
    booth.pull_output()

    booth.run_for(70, step_s=0.25)
    booth.plug_output()
    booth.run_for(3)

    assert ended(booth) == {"call": Ended.FAILED}
    assert booth.told("spot_started") == []


def test_spot_whose_output_fails_is_no_fault_of_the_spot_alone() -> None:
    """The deck of the spot may be the first to notice that the output is gone; all go on together."""
    booth = speaking(Over.PAUSE)

    booth.server.unplug(SINK)
    booth.run_for(1)
    lost = booth.state
    booth.server.plug(SINK)
    booth.run_for(3)

    assert lost is PlayerState.NO_SOUND
    assert booth.heard == ["a"]
    assert booth.music_db == 0.0


# -- people ----------------------------------------------------------------------------------------


@every_over
def test_pause_holds_the_spot_too(over: Over) -> None:
    """An hour later it goes on where it was, the music below it as before, and comes back after it."""
    booth = speaking(over)

    booth.fire(pause_playing())
    booth.run_for(0.5)
    held_s, heard = booth.deck_with("call").position_s, booth.heard
    booth.run_for(3600, step_s=1.0)
    booth.fire(resume_playing())
    booth.run_for(0.5)
    again = booth.heard

    assert heard == []
    assert booth.deck_with("call").position_s == pytest.approx(held_s + 0.5, abs=0.1)
    assert again == (["a", "call"] if over is Over.DUCK else ["call"])
    booth.run_for(3)
    assert ended(booth) == {"call": Ended.PLAYED}
    assert music_is_back(booth)
    assert booth.heard == (["b"] if over is Over.CUT else ["a"])


@every_over
@pytest.mark.parametrize("at_s", [1.0, 1.7, 1.95, 5.3, 5.9, 6.05, 6.15, 6.3])
@pytest.mark.parametrize("for_s", [0.0, 0.1, 3.0])
def test_pause_at_any_instant_leaves_music_and_spot_as_they_should_be(
    over: Over, at_s: float, for_s: float
) -> None:
    """Before, in the lead, at the end and after it: the spot is heard once, and the music comes back."""
    booth = playing()
    booth.call(CALL, 2.0, over)
    booth.run_for(at_s)

    booth.fire(pause_playing())
    booth.run_for(for_s)
    booth.fire(resume_playing())
    booth.run_for(8)

    assert ended(booth) == {"call": Ended.PLAYED}
    assert len(booth.told("spot_started")) == 1
    assert booth.state is PlayerState.PLAYING
    assert music_is_back(booth)


def test_spot_that_a_pause_kept_back_comes_after_it() -> None:
    """Within a minute."""
    booth = playing()
    booth.call(CALL, 2.0)
    booth.fire(pause_playing())
    booth.run_for(30)
    quiet = booth.heard

    booth.fire(resume_playing())
    booth.run_for(1)

    assert quiet == []
    assert "call" in booth.heard


def test_spot_that_a_pause_kept_back_for_long_does_not_come() -> None:
    """After a minute it is told as stopped, whether it was the first to wait or not."""
    booth = playing()
    booth.call(CALL, 2.0)
    booth.call(OTHER, 4.0)
    booth.fire(pause_playing())
    booth.run_for(70, step_s=0.25)

    booth.fire(resume_playing())
    booth.run_for(3)

    assert ended(booth) == {"call": Ended.STOPPED, "other": Ended.STOPPED}
    assert booth.heard == ["a"]
    assert booth.music_db == 0.0


@every_over
def test_skip_leaves_the_song_and_not_the_spot(over: Over) -> None:
    """The spot is heard to its end; then, or below it, the next song plays."""
    booth = speaking(over)
    booth.fire(skip_item())
    booth.run_for(1)
    during = booth.heard
    booth.run_for(2.1)

    assert during == (["b", "call"] if over is Over.DUCK else ["call"])
    assert ended(booth) == {"call": Ended.PLAYED}
    assert music_is_back(booth)
    assert booth.heard == ["b"]
    assert booth.names("item_finished") == ["a"]


@every_over
@pytest.mark.parametrize("at_s", [1.5, 1.6, 1.7, 1.95, 2.1])
def test_skip_around_the_begin_of_a_spot_harms_neither(over: Over, at_s: float) -> None:
    """One song plays in the end, at full level."""
    booth = playing()
    booth.call(CALL, 2.0, over)
    booth.run_for(at_s)

    booth.fire(skip_item())
    booth.run_for(6)

    assert ended(booth) == {"call": Ended.PLAYED}
    assert music_is_back(booth)
    assert booth.state is PlayerState.PLAYING


@every_over
def test_fade_out_fades_the_spot_too(over: Over) -> None:
    """All that sounds falls for three seconds, and the spot is told as stopped."""
    booth = playing()
    booth.call(song("call", 20.0), 1.0, over)
    booth.call(OTHER, 30.0)
    booth.run_for(2)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(1.5)
    half_way = booth.deck_with("call").level
    booth.run_for(1.6)

    assert 0.1 < half_way < 0.9
    assert booth.heard == []
    assert booth.state is PlayerState.STOPPED
    assert ended(booth) == {"call": Ended.STOPPED, "other": Ended.STOPPED}


@every_over
@pytest.mark.parametrize("at_s", [1.0, 1.7, 2.5, 5.0, 6.05, 6.3])
@pytest.mark.parametrize("fades_s", [1.0, 3.5])
def test_player_that_starts_again_is_as_loud_as_before(over: Over, at_s: float, fades_s: float) -> None:
    """Whether the fade is taken back or not, no spot leaves the music down."""
    booth = playing()
    booth.call(CALL, 2.0, over)
    booth.run_for(at_s)

    booth.fire(fade_out(*CLOSE))
    booth.run_for(fades_s)
    booth.fire(start_playing())
    booth.run_for(5)

    assert music_is_back(booth)
    assert booth.state is PlayerState.PLAYING


def test_spot_that_is_due_while_the_player_is_stopped_is_told_as_stopped() -> None:
    """Nothing sounds where nothing may, and nothing piles up."""
    booth = playing()
    booth.fire(fade_out(*CLOSE))
    booth.run_for(4)

    booth.call(CALL, 2.0)
    booth.run_for(1)
    early = ended(booth)
    booth.run_for(2)

    assert early == {}
    assert ended(booth) == {"call": Ended.STOPPED}
    assert booth.heard == []


def test_spot_that_is_cued_just_before_the_start_is_heard() -> None:
    """It is loaded once the player may play."""
    booth = Booth(song("a"))
    at = booth.call(CALL, 5.0)
    booth.run_for(1)

    booth.play().run_for(5)

    assert began(booth) == pytest.approx(at, abs=STEP_S)


# -- with items on an instant of their own, and with streams ---------------------------------------


def test_item_that_starts_under_a_spot_starts_on_its_instant() -> None:
    """Below a spot the change is as sharp as without, and as low as the music."""
    booth = speaking(Over.DUCK)
    show = song("show", 30.0)
    booth.decks.media["/music/show.flac"] = Medium()

    at = Monotonic(booth.clock() + 1.0)
    booth.fire(cue_item(show, None, at))
    booth.run_for(1.1)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)
    assert booth.deck_with("show").level == pytest.approx(10 ** (DOWN_DB / 20))
    booth.run_for(3)
    assert music_is_back(booth)
    assert booth.heard == ["show"]


@pytest.mark.parametrize("over", [Over.PAUSE, Over.CUT])
@pytest.mark.parametrize("in_s", [2.0, 1.99, 2.01, 3.0])
def test_item_that_is_due_while_the_music_is_silent_starts_after_the_spot(over: Over, in_s: float) -> None:
    """A show of the same second is heard from its beginning, once the spot is over; the song is cut."""
    booth = playing()
    booth.decks.media["/music/show.flac"] = Medium()
    at = booth.call(CALL, 2.0, over)
    booth.fire(cue_item(song("show", 30.0), None, Monotonic(booth.clock() + in_s)))

    booth.run_for(7)

    assert booth.started("show").at == pytest.approx(at + 4.0, abs=0.45)
    assert booth.names("item_started") == ["a", "show"]
    assert booth.last("item_finished").args == [song("a", 60.0), Ended.CUT]
    assert booth.heard == ["show"]
    assert booth.music_db == 0.0


@every_over
def test_spot_over_a_stream_is_like_one_over_a_song(over: Over) -> None:
    """The stream is low, silent or over, and what follows is as loud as before."""
    radio = stream("radio")
    booth = Booth(radio, song("b", 60.0), media={"radio": Medium(length_s=None)}).play_until_heard("radio")
    booth.run_for(1)

    booth.call(CALL, 1.0, over)
    booth.run_for(6)

    assert ended(booth) == {"call": Ended.PLAYED}
    assert music_is_back(booth)
    assert booth.heard == (["b"] if over is Over.CUT else ["radio"])


# -- in an emergency -------------------------------------------------------------------------------


@every_over
@pytest.mark.parametrize("in_s", [-2.0, -0.05, 0.1, 0.3, 0.5, 5.0])
def test_no_spot_goes_over_an_emergency_nor_holds_it(over: Over, in_s: float) -> None:
    """Whether it sounds, is about to or is lined up: within 2 s the alarm is heard alone, at its level."""
    booth = playing()
    booth.call(song("call", 20.0), 3.0, over)
    booth.call(OTHER, 25.0, over)
    booth.run_for(3.0 - in_s)

    declare(booth)
    booth.run_for(2.0)
    course = levels(booth, 20.0)

    assert booth.heard == ["alarm"]
    assert {db for _, db in course} == {0.0}
    assert ended(booth) == {"call": Ended.STOPPED, "other": Ended.STOPPED}
    assert len(booth.told("spot_finished")) == 2


@every_over
def test_emergency_waits_for_no_release_of_the_house(over: Over) -> None:
    """A program may have the music come back in half a minute; an alarm cannot wait for that."""
    slow = Ducking(hold_ms=Milliseconds(10_000), release_ms=Milliseconds(30_000))
    booth = playing()
    booth.call(CALL, 1.0, over, slow)
    booth.run_until(lambda: "call" in ended(booth))
    booth.run_for(1.0)

    declare(booth)
    booth.run_for(2.0)

    assert booth.heard == ["alarm"]
    assert booth.music_db == 0.0
    assert ended(booth) == {"call": Ended.PLAYED}


@pytest.mark.parametrize("over", [Over.DUCK, Over.PAUSE])
def test_spot_that_was_paused_does_not_come_back_with_an_emergency(over: Over) -> None:
    """A person has paused the box; the alarm wakes it, and not what was said then."""
    booth = speaking(over)
    booth.fire(pause_playing())
    booth.run_for(5)

    declare(booth)
    booth.fire(start_playing())
    booth.run_for(2.0)

    assert booth.heard == ["alarm"]
    assert booth.music_db == 0.0
    assert ended(booth) == {"call": Ended.STOPPED}


def test_spot_that_fades_with_the_closing_venue_does_not_come_back_with_an_emergency() -> None:
    """The fade is taken back for the alarm alone."""
    booth = speaking(Over.DUCK)
    booth.fire(fade_out(*CLOSE))
    booth.run_for(1)

    declare(booth)
    booth.fire(start_playing())
    booth.run_for(2.0)

    assert booth.heard == ["alarm"]
    assert ended(booth) == {"call": Ended.STOPPED}


def test_pause_right_after_an_emergency_keeps_no_spot() -> None:
    """What was to go has gone, and does not go on with the music."""
    booth = speaking(Over.DUCK)
    declare(booth)
    booth.run_for(0.1)

    booth.fire(pause_playing())
    booth.run_for(2)
    booth.fire(resume_playing())
    booth.run_for(2)

    assert booth.heard == ["alarm"]
    assert ended(booth) == {"call": Ended.STOPPED}


def test_spots_come_again_after_an_emergency() -> None:
    """The next one goes over the music as ever."""
    booth = speaking(Over.DUCK)
    declare(booth)
    booth.run_for(3)

    booth.call(OTHER, 1.0)
    booth.run_for(2)

    assert booth.heard == ["alarm", "other"]
    assert booth.music_db == pytest.approx(DOWN_DB)
    booth.run_for(3)
    assert music_is_back(booth)
