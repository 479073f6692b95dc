"""A whole box that plays by a program: the engine, the players and the clock together.

The box is real but for its drivers; time is the test's own.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from easyplayer.events import clock_judged, end_emergency, play_emergency, program_refused, take_program
from easyplayer.player_events import skip_item
from easyplayer.playout.calendar import instant_of, zone_of
from easyplayer.playout.catalogue import (
    Daypart,
    EachMinutes,
    Entry,
    Hours,
    Order,
    Over,
    PastHour,
    Playlist,
    Program,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, ItemKind, Layer
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Instant
from tests.fakes.deck import Medium
from tests.house import FakeBox, item_of, location_of

SONG_S = 40.0
FM = "http://radio/fm"


def songs(*names: str, length_s: float = SONG_S) -> dict[str, Medium]:
    return {name: Medium(length_s=length_s) for name in names}


def item(name: str) -> Item:
    return Item(id=name, location=location_of(name), kind=ItemKind.LOCAL, title=name, artist=name[:1])


def playlist(name: str, *items: str, order: Order = Order.SEQUENTIAL) -> Playlist:
    return Playlist(id=name, entries=tuple(Entry(item=one) for one in items), order=order)


def program(
    *playlists: Playlist, streams: Sequence[str] = (), more: Sequence[str] = (), **fields: Any
) -> Program:
    names = dict.fromkeys([*(entry.item for one in playlists for entry in one.entries), *more])
    items = [item(name) for name in names if name not in streams]
    live = [Item(id=name, location=name, kind=ItemKind.STREAM) for name in streams]
    return Program(name="venue", zone="UTC", items=(*items, *live), playlists=playlists, **fields)


def wall(text: str) -> Instant:
    return instant_of(datetime.fromisoformat(text), zone_of("UTC"))


DAY = playlist("day", "a", "b", "c")
NIGHT = playlist("night", "n", "o")
SOUNDS = songs("a", "b", "c", "n", "o", "spot")
BY_DAY = Daypart(id="by day", slot=Slot(starts=time(8), ends=time(20)), playlist="day")
VENUE = program(DAY, NIGHT, dayparts=(BY_DAY,), fallback="night", more=("spot",))


def box_at(
    when: str, venue: Program = VENUE, sounds: dict[str, Medium] | None = None, **fields: Any
) -> FakeBox:
    return FakeBox(sounds or SOUNDS, program=venue, wall=wall(when), **fields)


def played(box: FakeBox) -> list[str]:
    """Tell the names of all that started, in order."""
    return box.names("item_started")


def starts(box: FakeBox) -> list[tuple[str, float]]:
    """Tell what started, and how many seconds after the test's clock began."""
    return [(seen.args[0].item.id, round(seen.at - 1000.0, 1)) for seen in box.witness.all("item_started")]


# -- the program -----------------------------------------------------------------------------------


def test_box_plays_what_the_program_says_for_the_time_of_day() -> None:
    """By day the one playlist, by night the other; a song is heard to its end."""
    with box_at("2027-03-01T19:58:50") as box:
        box.run_for(200, step_s=0.1)

        assert played(box)[:5] == ["a", "b", "n", "o", "n"]
        assert [seen.args[0].origin.layer for seen in box.witness.all("item_started")][1:3] == [
            Layer.DAYPART,
            Layer.FALLBACK,
        ]


def test_box_is_silent_in_closed_hours_and_opens_on_the_second() -> None:
    """Closed hours are silence on purpose."""
    hours = (Hours(slot=Slot(starts=time(8), ends=time(20))),)
    with box_at("2027-03-01T07:59:30", msgspec.structs.replace(VENUE, hours=hours)) as box:
        box.run_for(29, step_s=0.1)
        assert (played(box), box.player.state) == ([], PlayerState.STOPPED)
        assert "closed until Monday 08:00" in box.last("allowance_changed").args[1]

        box.run_for(2)

        assert played(box) == ["a"]


@pytest.mark.parametrize("by_s", [10.0, -10.0])
def test_show_that_is_held_starts_on_the_second_of_a_clock_that_is_set(by_s: float) -> None:
    """The player has been told an instant already; it is another one now."""
    show = Show(
        id="noon",
        starts=datetime.fromisoformat("2027-03-01T12:00:30"),
        ends=datetime.fromisoformat("2027-03-01T12:10:00"),
        playlist="night",
        start=Start.HARD,
    )
    long = songs("a", "b", "c", "n", "o", length_s=100.0)
    with box_at("2027-03-01T12:00", msgspec.structs.replace(VENUE, shows=(show,)), long) as box:
        box.run_for(10, step_s=0.1)
        box.wall.step(by_s)
        box.run_for(19.5 - by_s, step_s=0.1)
        assert played(box) == ["a"]
        box.run_for(1.5, step_s=0.1)
        assert played(box) == ["a", "n"]


def test_clock_that_nobody_trusts_closes_nothing_and_plays_what_is_right_most_often() -> None:
    """A box whose battery died starts in 1970, and makes music."""
    hours = (Hours(slot=Slot(starts=time(8), ends=time(20))),)
    with FakeBox(SOUNDS, program=msgspec.structs.replace(VENUE, hours=hours), wall=3600.0) as box:
        box.run_for(10)

        assert played(box) == ["a"]
        assert box.last("item_started").args[0].origin.blind


def test_another_program_takes_effect_at_the_end_of_the_song() -> None:
    """Nobody hears the change but by what comes next."""
    with box_at("2027-03-01T12:00") as box:
        box.run_for(10)
        box.fire(take_program(program(NIGHT, fallback="night")))
        box.run_for(60, step_s=0.1)

        assert played(box) == ["a", "n"]
        assert [why for _, why in box.told("item_finished")] == ["played"]


def test_another_program_takes_effect_at_once_if_told_so() -> None:
    """Then what plays gives way."""
    with box_at("2027-03-01T12:00") as box:
        box.run_for(10)
        box.fire(take_program(program(NIGHT, fallback="night"), at_once=True))
        box.run_for(3)

        assert played(box) == ["a", "n"]
        assert [why for _, why in box.told("item_finished")] == ["cut"]


def test_emergency_comes_at_once_and_again_until_it_is_over() -> None:
    """Then the program goes on."""
    with box_at("2027-03-01T12:00", sounds=SOUNDS) as box:
        box.run_for(10)
        box.fire(play_emergency(item("spot")))
        box.run_for(60, step_s=0.1)
        assert played(box) == ["a", "spot", "spot"]

        box.fire(end_emergency())
        box.run_for(3)

        assert played(box)[-1] == "b"


def test_emergency_is_heard_although_the_box_has_no_program() -> None:
    """And what it brings along when that is over; a program that comes meanwhile changes nothing of it."""
    with FakeBox(SOUNDS, from_hub=True, wall=wall("2027-03-01T12:00"), fallback=songs("house")) as box:
        box.fire(program_refused("nothing of the hub's can be used"))
        box.run_for(10, step_s=0.1)
        box.fire(play_emergency(item("spot")))
        box.run_for(60, step_s=0.1)
        assert played(box) == ["house", "spot", "spot"]

        box.fire(take_program(VENUE))
        box.run_for(60, step_s=0.1)
        assert set(played(box)[1:]) == {"spot"}

        box.fire(end_emergency())
        box.run_for(3)
        assert played(box)[-1] == "a"


def test_emergency_is_remembered_over_a_restart_without_a_program(tmp_path: Path) -> None:
    """It was declared before there was one, and sounds before there is one."""
    for _ in range(2):
        with FakeBox(SOUNDS, from_hub=True, state=tmp_path, wall=wall("2027-03-01T12:00")) as box:
            box.run_for(2)
            if not box.told("play_emergency"):
                box.fire(play_emergency(item("spot")))
            box.run_for(100, step_s=0.1)

            assert set(played(box)) == {"spot"}


def test_emergency_goes_before_the_song_that_was_on_air_before_a_restart(tmp_path: Path) -> None:
    """Also where all that plays is a list."""
    long = songs("a", "b", length_s=100.0)
    with FakeBox(long, state=tmp_path) as box:
        box.run_for(20, step_s=0.1)
        box.fire(play_emergency(item_of("b")))
    with FakeBox(long, state=tmp_path) as again:
        again.run_for(20, step_s=0.1)

        assert played(again) == ["b"]


def test_emergency_sounds_in_closed_hours_and_after_a_restart(tmp_path: Path) -> None:
    """Until somebody ends it; then the venue is closed again."""
    hours = (Hours(slot=Slot(starts=time(14), ends=time(20))),)
    closed = msgspec.structs.replace(VENUE, hours=hours)
    with box_at("2027-03-01T12:00", closed, state=tmp_path) as box:
        box.run_for(2)
        box.fire(play_emergency(item("spot")))
        box.run_for(5)
        assert played(box) == ["spot"]
    with box_at("2027-03-01T12:01", closed, state=tmp_path) as again:
        again.run_for(5)
        assert played(again) == ["spot"]

        again.fire(end_emergency())
        again.run_for(5)

        assert again.player.state is PlayerState.STOPPED


def test_skip_plays_what_should_come_now_and_not_what_should_come_later() -> None:
    """What was held for the time after the daypart is not heard before it."""
    with box_at("2027-03-01T19:59:30") as box:
        box.run_for(10)
        box.fire(skip_item())
        box.run_for(5)

        assert played(box) == ["a", "b"]


# -- shows -----------------------------------------------------------------------------------------


def show(starts_at: str, start: Start, wait_s: int = 600, plays: str = "night") -> Show:
    begins = datetime.fromisoformat(starts_at)
    return Show(
        id="party",
        starts=begins,
        ends=begins + timedelta(minutes=10),
        playlist=plays,
        start=start,
        longest_wait_s=wait_s,
    )


def test_hard_show_starts_on_its_second() -> None:
    """The song on air gives way to it."""
    venue = msgspec.structs.replace(VENUE, shows=(show("2027-03-01T12:01:00", Start.HARD),))
    with box_at("2027-03-01T12:00", venue) as box:
        box.run_for(70)

        assert dict(starts(box))["n"] == pytest.approx(60.0, abs=0.1)
        assert ("b", "cut") in [(prepared.item.id, why) for prepared, why in box.told("item_finished")]


def test_soft_show_starts_when_the_song_is_over() -> None:
    """Nothing is cut for it."""
    venue = msgspec.structs.replace(VENUE, shows=(show("2027-03-01T12:01:00", Start.SOFT),))
    with box_at("2027-03-01T12:00", venue) as box:
        box.run_for(100)

        assert played(box)[:3] == ["a", "b", "n"]
        assert {str(why) for _, why in box.told("item_finished")} == {"played"}


def test_soft_show_does_not_wait_longer_than_it_should() -> None:
    """A long mix gives way."""
    venue = msgspec.structs.replace(VENUE, shows=(show("2027-03-01T12:01:00", Start.SOFT, wait_s=30),))
    long = {**SOUNDS, "a": Medium(length_s=3600.0)}
    with box_at("2027-03-01T12:00", venue, long) as box:
        box.run_for(100)

        assert starts(box)[1] == ("n", pytest.approx(90.0, abs=0.1))


# -- spots on the second ---------------------------------------------------------------------------


def noon(over: Over = Over.DUCK, tolerance_s: int = 60) -> Spot:
    when = Sharp(at=(time(12),), over=over, tolerance_s=tolerance_s)
    return Spot(id="noon call", title="Noon", items=("spot",), when=when)


WITH_NOON = msgspec.structs.replace(VENUE, spots=(noon(),))


def spots(box: FakeBox) -> list[float]:
    return [round(seen.at - 1000.0, 1) for seen in box.witness.all("spot_started")]


def test_spot_comes_on_its_second_over_the_music() -> None:
    """The music goes on below it."""
    with box_at("2027-03-01T11:59:30", WITH_NOON) as box:
        box.run_for(60)

        assert spots(box) == [30.0]
        assert played(box) == ["a", "b"]


@pytest.mark.parametrize(("late_s", "comes"), [(30, True), (90, False)])
def test_spot_whose_time_the_clock_was_set_past_comes_late_or_is_told_as_missed(
    late_s: float, comes: bool
) -> None:
    """By less than its tolerance it is still heard; no song is interrupted for it."""
    with box_at("2027-03-01T11:59:30", WITH_NOON) as box:
        box.run_for(5)
        box.wall.step(25 + late_s)
        box.run_for(5)

        assert bool(spots(box)) is comes
        assert bool(box.told("spot_missed")) is not comes
        assert played(box) == ["a"]


def test_spot_comes_once_however_often_the_clock_is_set_back() -> None:
    """Nothing is played twice."""
    with box_at("2027-03-01T11:59:50", WITH_NOON) as box:
        for _ in range(3):
            box.run_for(60, step_s=0.1)
            box.wall.step(-60)

        assert len(spots(box)) == 1


def test_spot_comes_once_although_the_box_is_started_anew(tmp_path: Path) -> None:
    """It was written down before it sounded."""
    with box_at("2027-03-01T11:59:50", WITH_NOON, state=tmp_path) as box:
        box.run_for(11)
        assert len(spots(box)) == 1
    with box_at("2027-03-01T12:00:05", WITH_NOON, state=tmp_path) as again:
        again.run_for(30)

        assert spots(again) == []


def test_spot_that_comes_while_the_venue_is_closed_is_told_as_missed() -> None:
    """And nothing is heard."""
    hours = (Hours(slot=Slot(starts=time(14), ends=time(20))),)
    with box_at("2027-03-01T11:59:50", msgspec.structs.replace(WITH_NOON, hours=hours)) as box:
        box.run_for(30)

        assert spots(box) == []
        assert "closed" in box.told("spot_missed")[0][1]


THREE_TIMES = Sharp(at=(time(12, 0, 30), time(12, 2), time(12, 3, 30)), over=Over.DUCK)
NOW_AND_THEN = Spot(id="call", items=("spot", "o"), when=THREE_TIMES)


def with_spots(*spots: Spot, **fields: Any) -> Program:
    return msgspec.structs.replace(VENUE, spots=spots, **fields)


def missed(box: FakeBox) -> list[str]:
    return [reason for _title, reason in box.told("spot_missed")]


def called(box: FakeBox) -> list[tuple[str, float]]:
    """Tell which spots sounded, and how many seconds after the test's clock began."""
    return [(seen.args[0].item.id, round(seen.at - 1000.0, 1)) for seen in box.witness.all("spot_started")]


HALF_PAST = Spot(id="half past", items=("spot",), when=Sharp(at=(time(12, 0, 30),), over=Over.PAUSE))
LONG = {**SOUNDS, **songs("a", length_s=240.0), **songs("spot", length_s=20.0)}


LATE = playlist("late", "n", "o", "b", "c")
"""A show whose first songs no deck can load: that is known of the third only when its second has come."""


def make_slow(box: FakeBox, *names: str) -> None:
    """Let no look at a file come back, and no deck load some of them."""
    box.workers["analysis"].busy = True
    for name in names:
        box.decks.media[location_of(name)] = Medium(loading_s=None)


SOON = Spot(id="soon", items=("spot",), when=EachMinutes(minutes=1))


@pytest.mark.parametrize("reconsidered", [False, True])
def test_hard_show_starts_on_its_second_though_a_spot_is_due(reconsidered: bool) -> None:
    """The spot comes between its songs; also where what comes is settled anew at that very instant."""
    venue = with_spots(SOON, shows=(show("2027-03-01T12:01:30", Start.HARD),))
    with box_at("2027-03-01T12:00", venue, LONG) as box:
        box.run_for(85, step_s=0.1)
        if reconsidered:
            box.wall.step(5.2)
            box.settle()
            box.fire(clock_judged(ClockTrust.TRUSTED))
        box.run_for(10, step_s=0.1)
        assert played(box) == ["a", "n"]
        assert starts(box)[1][1] == pytest.approx(85.3 if reconsidered else 90.0, abs=0.8)

        box.run_for(40, step_s=0.1)
        assert played(box)[:3] == ["a", "n", "spot"]


def test_hard_show_whose_first_song_fails_starts_with_the_next_though_a_spot_is_due() -> None:
    """At once: it would have begun by then."""
    noon = Spot(id="noon", items=("spot",), when=PastHour(minute=0))
    hard = show("2027-03-01T12:00:10", Start.HARD, plays="late")
    venue = msgspec.structs.replace(with_spots(noon), shows=(hard,), playlists=(DAY, NIGHT, LATE))
    with box_at("2027-03-01T11:59:40", venue, LONG) as box:
        make_slow(box, "n", "o", "b")
        box.run_for(45, step_s=0.1)

        assert played(box) == ["a", "c"]


def test_hard_show_is_heard_as_soon_as_the_spot_is_over_that_paused_the_music() -> None:
    """Its second came meanwhile: the song that was held gives way to it, however long that is."""
    venue = with_spots(HALF_PAST, shows=(show("2027-03-01T12:00:40", Start.HARD),))
    with box_at("2027-03-01T12:00", venue, LONG) as box:
        box.run_until(lambda: bool(box.told("spot_finished")), within_s=60)
        box.run_for(1)

        assert played(box) == ["a", "n"]


def test_program_that_comes_at_once_does_so_after_the_spot_that_paused_the_music() -> None:
    """Also where the clock is set back meanwhile: it was to come now."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(35, step_s=0.1)
        box.fire(take_program(program(NIGHT, fallback="night"), at_once=True))
        box.wall.step(-3600.0)
        box.run_until(lambda: bool(box.told("spot_finished")), within_s=60)
        box.run_for(1)

        assert played(box) == ["a", "n"]


def test_emergency_is_heard_as_soon_as_the_spot_is_over_that_paused_the_music() -> None:
    """It never waits for the end of the song."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(35, step_s=0.1)
        box.fire(play_emergency(item("o")))
        box.run_until(lambda: bool(box.told("spot_finished")), within_s=60)
        box.run_for(1)

        assert played(box) == ["a", "o"]


def test_show_that_comes_on_its_second_does_so_although_its_first_song_fails_then() -> None:
    """Another one of it comes in its place, and does not wait for the song on air."""
    hard = show("2027-03-01T12:00:30", Start.HARD, plays="late")
    venue = msgspec.structs.replace(VENUE, shows=(hard,), playlists=(DAY, NIGHT, LATE))
    with box_at("2027-03-01T12:00", venue, LONG) as box:
        make_slow(box, "n", "o", "b")
        box.run_for(45, step_s=0.1)

        assert played(box) == ["a", "c"]


def test_show_comes_on_its_second_although_its_first_song_takes_long_to_measure() -> None:
    """It goes out unmeasured in time, and is not waited for."""
    venue = msgspec.structs.replace(VENUE, shows=(show("2027-03-01T12:00:30", Start.HARD),))
    with box_at("2027-03-01T12:00", venue, LONG) as box:
        box.workers["analysis"].busy = True
        box.run_for(32, step_s=0.1)
        box.workers["analysis"].busy = False

        assert starts(box)[1] == ("n", 30.0)


def test_spot_that_is_not_heard_yet_makes_way_for_an_emergency() -> None:
    """It is told as missed, and never comes."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(25, step_s=0.1)
        box.fire(play_emergency(item("o")))
        box.run_for(60, step_s=0.1)

        assert called(box) == []
        assert missed(box) == ["an emergency was declared"]


def test_spot_that_is_still_being_measured_makes_way_for_an_emergency() -> None:
    """The player does not have it yet, and does not get it."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.workers["analysis"].busy = True
        box.run_for(25, step_s=0.1)
        box.fire(play_emergency(item("o")))
        box.run_for(20, step_s=0.1)

        assert box.told("cue_spot") == []
        assert missed(box) == ["an emergency was declared"]


def test_spot_comes_with_another_of_its_items_where_a_file_is_missing() -> None:
    """Each time: the turn of the one that is missing does not stop the others."""
    with box_at("2027-03-01T12:00", with_spots(NOW_AND_THEN), LONG) as box:
        del box.facts.to_find[Path(location_of("spot"))]
        box.run_for(220, step_s=0.1)

        assert called(box) == [("o", 30.0), ("o", 120.0), ("o", 210.0)]
        assert missed(box) == []


def test_spot_comes_with_another_of_its_items_where_the_player_cannot_load_one() -> None:
    """There is time for that, because it is loaded some seconds ahead."""
    with box_at("2027-03-01T12:00", with_spots(NOW_AND_THEN), LONG) as box:
        del box.decks.media[location_of("spot")]
        box.run_for(40, step_s=0.1)

        assert called(box) == [("o", 30.0)]
        assert missed(box) == []


def test_spot_of_which_nothing_can_be_played_is_told_as_missed() -> None:
    """Whoever pays for it learns of it."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        del box.decks.media[location_of("spot")]
        box.run_for(40, step_s=0.1)

        assert called(box) == []
        assert missed(box) == ["it could not be played"]


def test_spot_that_comes_while_there_is_no_output_is_told_as_missed() -> None:
    """With what the player says of it."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(10, step_s=0.1)
        box.server.unplug("venue")
        box.run_for(120, step_s=0.5)

        assert called(box) == []
        assert [title for title, _reason in box.told("spot_missed")] == ["half past"]


def test_spot_is_measured_before_it_is_heard_the_first_time() -> None:
    """There are seconds for that."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(31, step_s=0.1)

        (cued,) = box.told("cue_spot")
        assert cued[0].cue_out_s == 20.0
        assert called(box) == [("spot", 30.0)]


def test_spot_that_cannot_be_measured_in_time_comes_as_it_is() -> None:
    """On its second all the same."""
    with box_at("2027-03-01T12:00", with_spots(HALF_PAST), LONG) as box:
        box.run_for(5, step_s=0.1)
        box.workers["analysis"].busy = True
        box.run_for(26, step_s=0.1)

        assert called(box) == [("spot", 30.0)]


# -- a disk that hangs -----------------------------------------------------------------------------


@pytest.mark.parametrize("dead", [False, True], ids=["slow", "dead"])
def test_box_plays_on_where_nobody_comes_back_from_a_look_at_a_file(dead: bool) -> None:
    """A share may hang for ever: what is wanted goes out without a look, or the firmware's own comes."""
    with box_at("2027-03-01T12:00", fallback=songs("house", length_s=15.0)) as box:
        box.run_for(10, step_s=0.1)
        hanging = [box.workers[name] for name in ("looks", "analysis")]
        for worker in hanging:
            worker.busy = True
        for name in "abcno":
            if dead:
                box.decks.media[location_of(name)] = Medium(length_s=SONG_S, loading_s=None)
        box.run_for(300, step_s=0.1)

        began = [10.0, *(at for _name, at in starts(box) if at > 10.0)]
        assert began[-1] > 250
        assert max(after - before for before, after in pairwise(began)) < SONG_S + 20
        assert all(len(worker._waiting) <= 8 for worker in hanging)
        assert ("house" in played(box)) is dead
        for worker in hanging:
            worker.busy = False


def test_file_that_nobody_could_look_at_is_looked_at_again_once_that_is_possible() -> None:
    """The share is back, and all is measured as before."""
    with box_at("2027-03-01T12:00") as box:
        box.workers["looks"].busy = box.workers["analysis"].busy = True
        box.run_for(5, step_s=0.1)
        assert played(box) == ["a"]

        box.workers["looks"].busy = box.workers["analysis"].busy = False
        box.run_for(60, step_s=0.1)

        assert box.last("cue_item").args[0].cue_out_s == SONG_S


# -- streams ---------------------------------------------------------------------------------------


def test_stream_that_fails_gives_way_to_the_layer_below_and_comes_back() -> None:
    """As soon as it can be heard again it takes its place."""
    lists = playlist("fm", FM), DAY
    venue = program(
        *lists,
        streams=(FM,),
        dayparts=(Daypart(id="radio", slot=Slot(), playlist="fm"),),
        fallback="day",
    )
    with box_at("2027-03-01T12:00", venue, {**SOUNDS, FM: Medium(length_s=None)}) as box:
        box.decks.media[FM] = Medium(length_s=None)
        box.run_until(lambda: played(box) == [FM])
        box.run_for(20)
        box.decks.media.pop(FM)
        next(deck for deck in box.decks.made if deck.audible).fail()
        box.run_for(10)
        assert played(box) == [FM, "a"]

        box.decks.media[FM] = Medium(length_s=None)
        box.run_for(15)

        assert played(box) == [FM, "a", FM]


def test_stream_gives_way_when_its_daypart_is_over() -> None:
    """On the second, for it has no end of its own."""
    radio = Daypart(id="radio", slot=Slot(starts=time(8), ends=time(20)), playlist="fm")
    venue = program(playlist("fm", FM), NIGHT, streams=(FM,), dayparts=(radio,), fallback="night")
    with box_at("2027-03-01T19:59", venue, {**SOUNDS, FM: Medium(length_s=None)}) as box:
        box.decks.media[FM] = Medium(length_s=None)
        box.run_for(70)

        assert starts(box)[-1] == ("n", pytest.approx(60.0, abs=0.1))


# -- after a power cut -----------------------------------------------------------------------------


def test_song_goes_on_after_a_power_cut_where_it_still_belongs(tmp_path: Path) -> None:
    """And the playlist goes on behind it."""
    with box_at("2027-03-01T12:00", state=tmp_path) as box:
        box.run_for(50)
    with box_at("2027-03-01T12:02", state=tmp_path) as again:
        again.run_for(50)

        assert played(again) == ["b", "c"]
        assert again.witness.all("item_started")[0].args[1] > 5


def test_song_of_another_daypart_does_not_come_back(tmp_path: Path) -> None:
    """Who switches the box on in the evening does not hear the end of a song of the morning."""
    with box_at("2027-03-01T12:00", state=tmp_path) as box:
        box.run_for(20)
    with box_at("2027-03-01T21:00", state=tmp_path) as again:
        again.run_for(5)

        assert played(again) == ["n"]


def test_shuffled_bag_goes_on_after_power_cuts(tmp_path: Path) -> None:
    """All once before any twice, however often the plug is pulled."""
    names = [f"s{number}" for number in range(12)]
    venue = program(playlist("all", *names, order=Order.SHUFFLE), fallback="all")
    heard: list[str] = []
    for minute in range(12):
        (tmp_path / "bookmark.json").unlink(missing_ok=True)
        with box_at(f"2027-03-01T12:{minute:02}", venue, songs(*names, length_s=20), state=tmp_path) as box:
            box.run_for(6)
            heard += played(box)
    assert sorted(heard) == sorted(names)


# -- the clock, as bad as it comes -----------------------------------------------------------------


def test_music_goes_on_whatever_the_clock_does(tmp_path: Path) -> None:
    """From 1970 to now, and back an hour: no song is interrupted, and the spot comes once."""
    with FakeBox(SOUNDS, program=WITH_NOON, wall=100.0, state=tmp_path) as box:
        box.run_for(30)
        box.wall.set_to(wall("2027-03-01T11:59:00"), in_sync=True)
        box.run_for(120, step_s=0.1)
        box.wall.step(-3600, in_sync=True)
        box.run_for(120, step_s=0.1)

        assert {str(why) for _, why in box.told("item_finished")} == {"played"}
        assert len(spots(box)) == 1
        began = [at for _, at in starts(box)]
        assert max(after - before for before, after in pairwise(began)) < SONG_S
