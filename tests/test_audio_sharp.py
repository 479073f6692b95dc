"""Items that start on an instant of their own: what is on air gives way, and what breaks does not matter."""

import pytest

from easyplayer.desk import GIVE_WAY_S
from easyplayer.fade import Curve, shape
from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Monotonic, Seconds
from tests.fakes.deck import Medium
from tests.house import STEP_S, Booth, song, stream

SHOW = song("show", 30.0)
RADIO = stream("radio")
MEDIA = {"radio": Medium(length_s=None, loading_s=1.0)}


def playing(length_s: float = 30.0, media: dict[str, Medium] | None = None) -> Booth:
    """Let the first of four songs play for two seconds; a show and a radio can be had."""
    named = {**MEDIA, **(media or {})}
    booth = Booth(*(song(name, length_s) for name in "abcd"), SHOW, RADIO, media=named)
    while len(booth.supplier.items) > 4:
        booth.supplier.items.pop()
    booth.play_until_heard("a")
    booth.run_for(2)
    return booth


def cue(
    booth: Booth, in_s: float | None, prepared: PreparedItem = SHOW, start_s: float | None = None
) -> float:
    """Cue an item for an instant from now, or for when what is on air is over; give the instant."""
    at = None if in_s is None else Monotonic(booth.clock() + in_s)
    booth.fire(cue_item(prepared, None if start_s is None else Seconds(start_s), at))
    return at or 0.0


def silence_until(booth: Booth, name: str) -> float:
    """Let time pass until an item is heard alone; give how long nothing was heard before."""
    silent = 0
    while booth.heard != [name]:
        booth.run_for(STEP_S)
        silent += not booth.heard
    return silent * STEP_S


# -- on the second ---------------------------------------------------------------------------------


def test_item_starts_on_its_instant_and_what_is_on_air_gives_way() -> None:
    """The show is at full level at once, and the song is gone within a second, told as cut."""
    booth = playing()

    at = cue(booth, 5.0)
    booth.run_until(lambda: "show" in booth.heard)
    level = booth.deck_with("show").level
    booth.run_until(lambda: booth.heard == ["show"])
    gone_s = booth.clock() - at
    booth.run_for(0.3)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)
    assert level == 1.0
    assert gone_s <= GIVE_WAY_S + STEP_S
    assert booth.last("item_finished").args == [song("a", 30.0), Ended.CUT]
    assert booth.state is PlayerState.PLAYING


def test_song_that_gives_way_falls_with_equal_power() -> None:
    """Its fade is that of a crossfade."""
    booth = playing()
    at = cue(booth, 3.0)
    booth.run_until(lambda: "show" in booth.heard)

    levels = []
    for _ in range(45):
        booth.run_for(STEP_S)
        levels.append((booth.clock() - at, booth.deck_with("a").level))

    falls = [shape(Curve.EQUAL_POWER, 1 - passed_s / GIVE_WAY_S) for passed_s, _ in levels]
    assert [level for _, level in levels] == pytest.approx(falls, abs=0.04)


def test_own_fade_in_of_a_sharp_item_is_kept() -> None:
    """An item that wishes to come softly does."""
    booth = playing()
    soft = song("show", 30.0, fade_in_s=2.0)

    cue(booth, 3.0, soft)
    booth.run_for(4.0)

    assert booth.deck_with("show").level == pytest.approx(0.707, abs=0.03)


def test_sharp_item_that_starts_in_its_middle_does_so_without_a_click() -> None:
    """Where it does not start at its own beginning it rises for an instant."""
    booth = playing()

    cue(booth, 3.0, start_s=12.0)
    booth.run_for(3.0)

    fade_in = booth.deck_with("show").loads[-1].fade_in
    assert fade_in is not None
    assert (fade_in.start_s, fade_in.length_s) == (12.0, 0.05)


def test_sharp_item_takes_the_place_of_what_was_held() -> None:
    """The song that was held is not heard, and after the show comes what is asked for then."""
    booth = playing()
    held = booth.deck_with("b").ready

    cue(booth, 5.0)
    booth.run_until(lambda: "c" in booth.names("item_started"), within_s=60)

    assert held
    assert booth.names("item_started") == ["a", "show", "c"]


def test_plain_item_takes_the_place_of_a_sharp_one() -> None:
    """What was to start on its instant does not, and the song is heard to its end."""
    booth = playing(length_s=10.0)

    cue(booth, 4.0)
    booth.run_for(1)
    cue(booth, None)
    booth.run_until(lambda: "show" in booth.names("item_started"))

    assert booth.deck_with("a").position_s == pytest.approx(8.0, abs=STEP_S)


def test_sharp_item_is_held_for_as_long_as_it_takes() -> None:
    """A show that is cued long before plays no sooner."""
    booth = playing(length_s=600.0)

    at = cue(booth, 300.0)
    booth.run_for(299, step_s=0.1)
    before = booth.heard
    booth.run_for(2)

    assert before == ["a"]
    assert booth.started("show").at == pytest.approx(at, abs=0.1)


def test_stream_on_air_gives_way_like_a_song() -> None:
    """What has no end of its own ends there, too."""
    booth = Booth(RADIO, SHOW, media={"radio": Medium(length_s=None)})
    booth.supplier.items.clear()
    booth.supplier.items.append(RADIO)
    booth.play_until_heard("radio")

    at = cue(booth, 4.0)
    booth.run_for(6)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)
    assert booth.heard == ["show"]
    assert booth.last("item_finished").args == [RADIO, Ended.CUT]


def test_planned_fade_of_the_song_on_air_is_taken_back() -> None:
    """A song that was to cross into another just before does not fade before its time."""
    booth = playing(length_s=30.0)
    booth.run_for(18)

    at = cue(booth, 9.0)
    booth.run_until(lambda: booth.clock() >= at - 2 * STEP_S)

    assert booth.deck_with("a").position_s == pytest.approx(29.0, abs=0.2)
    assert booth.deck_with("a").level == 1.0


# -- late, or early --------------------------------------------------------------------------------


def test_item_whose_instant_has_passed_crosses_in_as_soon_as_it_is_ready() -> None:
    """It rises for as long as the other falls, and the level stays."""
    booth = playing()

    cue(booth, -10.0)
    began = booth.clock()
    booth.run_until(lambda: "show" in booth.names("item_started"))
    started_s = booth.clock() - began
    levels = []
    for _ in range(60):
        booth.run_for(STEP_S)
        levels.append(booth.music_db)

    assert started_s < 0.15
    assert max(map(abs, levels)) < 0.7
    assert booth.heard == ["show"]
    assert booth.last("item_finished").args[1] is Ended.CUT


def test_song_that_runs_out_before_the_instant_is_followed_at_once() -> None:
    """Nobody waits in silence for the second of a show; and the song is not cut."""
    booth = playing(length_s=10.0)

    at = cue(booth, 12.0)
    silent_s = silence_until(booth, "show")
    booth.run_for(0.3)

    assert silent_s <= 0.1
    assert booth.started("show").at < at - 3
    assert booth.last("item_finished").args == [song("a", 10.0), Ended.PLAYED]


def test_truncated_song_is_followed_by_the_sharp_item_at_once() -> None:
    """Also where nobody knew that it would run out."""
    booth = playing(media={"a": Medium(length_s=6.0)})

    cue(booth, 12.0)

    assert silence_until(booth, "show") <= 0.1


def test_sharp_item_starts_at_once_where_nothing_sounds() -> None:
    """A player that waits takes what comes."""
    booth = playing()
    booth.supplier.late = True
    booth.deck_with("a").fail()
    booth.settle()
    booth.deck_with("b").fail()
    booth.settle()
    waiting = booth.state

    cue(booth, 12.0)
    booth.run_for(0.2)

    assert waiting is PlayerState.WAITING
    assert booth.heard == ["show"]


def test_skip_before_the_instant_starts_the_sharp_item() -> None:
    """A person who wants the next one gets the next one."""
    booth = playing()
    cue(booth, 8.0)
    booth.run_for(1)

    booth.fire(skip_item())
    booth.run_for(0.8)

    assert booth.heard == ["show"]
    assert booth.last("item_finished").args[1] is Ended.SKIPPED


# -- in the way ------------------------------------------------------------------------------------


def test_song_that_hangs_gives_way_on_the_instant_all_the_same() -> None:
    """Also while it is being loaded anew; and it is told as cut, once."""
    booth = playing(media={"a": Medium(stands_at_s=4.0, loading_s=1.5)})
    at = cue(booth, 5.0)
    booth.run_until(lambda: len(booth.deck_with("a").loads) == 2)

    booth.run_for(3)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)
    assert [args[1] for args in booth.told("item_finished")] == [Ended.CUT]
    assert booth.heard == ["show"]


@pytest.mark.parametrize("before_s", [0.2, 1.0, 1.9])
@pytest.mark.parametrize("in_s", [0.1, 1.0, 2.0, 5.0])
def test_songs_that_cross_make_room_in_time(before_s: float, in_s: float) -> None:
    """Both decks are busy when the show is cued; one is free for it by its instant, or soon after."""
    booth = playing(length_s=10.0)
    booth.run_until(lambda: booth.state is PlayerState.MIXING)
    booth.run_for(before_s)

    at = cue(booth, in_s)
    booth.run_until(lambda: "show" in booth.names("item_started"))
    late_s = booth.clock() - at
    booth.run_for(1.5)

    assert late_s <= (0.5 if in_s < 1 else STEP_S)
    assert booth.heard == ["show"]
    assert booth.names("item_finished") == ["a", "b"]


def test_item_that_cannot_be_loaded_changes_nothing() -> None:
    """The song goes on, the failure is told, and another item is asked for and follows it."""
    booth = playing()
    del booth.decks.media["/music/show.flac"]
    wishes = len(booth.told("item_wanted"))

    cue(booth, 3.0)
    booth.run_for(6)

    assert booth.names("item_failed") == ["show"]
    assert booth.heard == ["a"]
    assert booth.told("item_wanted")[wishes:] == [[False]]
    booth.run_until(lambda: booth.heard == ["c"], within_s=40)


def test_held_item_that_fails_before_its_instant_changes_nothing() -> None:
    """What breaks while it is held is left out."""
    booth = playing()
    cue(booth, 3.0)
    booth.run_for(1)

    booth.deck_with("show").fail()
    booth.run_for(5)

    assert booth.names("item_failed") == ["show"]
    assert booth.names("item_started") == ["a"]


def test_paused_player_starts_nothing_until_it_is_resumed() -> None:
    """Then the show starts at once: its instant has come."""
    booth = playing()
    cue(booth, 3.0)
    booth.fire(pause_playing())
    booth.run_for(10)
    paused = booth.heard

    booth.fire(resume_playing())
    booth.run_for(1.3)

    assert paused == []
    assert booth.heard == ["show"]


def test_venue_that_closes_starts_nothing() -> None:
    """While it fades, and when it is stopped, no instant counts."""
    booth = playing()
    cue(booth, 2.0)

    booth.fire(fade_out(Seconds(3.0), "closed"))
    booth.run_for(6)

    assert "show" not in booth.names("item_started")
    assert booth.state is PlayerState.STOPPED


def test_fade_that_is_taken_back_keeps_the_instant() -> None:
    """A venue that opens again hears the show on its second."""
    booth = playing()
    at = cue(booth, 4.0)
    booth.fire(fade_out(Seconds(3.0), "closed"))
    booth.run_for(1)

    booth.fire(start_playing())
    booth.run_for(5)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)


def test_lost_output_does_not_lose_the_sharp_item() -> None:
    """Back, the song goes on until the instant; when that has passed, the show gives it no time."""
    booth = playing()
    at = cue(booth, 8.0)
    booth.pull_output()
    booth.run_for(2)

    booth.plug_output()
    booth.run_for(8)

    assert booth.started("show").at == pytest.approx(at, abs=STEP_S)
    assert booth.heard == ["show"]


def test_instant_that_passes_while_the_output_is_away_counts_when_it_is_back() -> None:
    """The show is heard soon after."""
    booth = playing()
    cue(booth, 3.0)
    booth.pull_output()
    booth.run_for(10)

    booth.plug_output()
    booth.run_for(2)

    assert booth.heard == ["show"]


# -- streams ---------------------------------------------------------------------------------------


def test_music_goes_on_until_the_stream_is_there() -> None:
    """A stream that is cued for now is heard once it is connected, and nothing is silent before."""
    booth = playing()

    at = cue(booth, 0.0, RADIO)
    silent_s = silence_until(booth, "radio")

    assert silent_s == 0
    assert booth.started("radio").at - at == pytest.approx(1.0, abs=0.1)


def test_stream_that_does_not_answer_changes_nothing() -> None:
    """After six seconds it is given up, and its deck is as good as before."""
    booth = playing(media={"radio": Medium(length_s=None, loading_s=None)})

    cue(booth, 0.0, RADIO)
    booth.run_for(7)

    assert booth.names("item_failed") == ["radio"]
    assert booth.heard == ["a"]
    assert len(booth.decks.made) == 2


def test_sharp_stream_is_connected_to_shortly_before_its_instant() -> None:
    """A stream that is held for long goes stale."""
    booth = playing(length_s=600.0)

    at = cue(booth, 60.0, RADIO)
    booth.run_for(45)
    early = [deck.loaded for deck in booth.decks.made].count(None)
    booth.run_until(lambda: "radio" in booth.names("item_started"))

    assert early == 1
    assert booth.clock() == pytest.approx(at, abs=STEP_S)
