"""A venue in simulated time: what is heard in it, when, and why."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from easyplayer.playout.asrun import AsRun, Ended
from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import (
    Daypart,
    EachSongs,
    Entry,
    Hours,
    Order,
    Over,
    PastHour,
    Pictures,
    Playlist,
    Program,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.chronicle import Happening, Heard, Missed, Silence
from easyplayer.playout.engine import Engine, EngineState
from easyplayer.playout.items import Item, ItemKind, Layer, PreparedItem
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.timeline import SharpEvent, Timeline
from easyplayer.playout.transition import Rules
from easyplayer.playout.virtual_clock import scripted
from easyplayer.units import Instant, Milliseconds, Seconds
from tests.playout.programs import DAY_S, HOUR_S, Night, at, nights

PARIS = "Europe/Paris"
SONG_S = 600.0
SPOT_S = 20.0
BUTT = Rules(crossfade_s=Seconds(0.0))
"""Songs follow one another without a fade, so that their times are round."""
fewer = settings(max_examples=settings().max_examples // 3)


def song(name: str, length_s: float = SONG_S, **fields: Any) -> Item:
    """Make a song."""
    return Item(
        id=name, location=f"/music/{name}.flac", duration_ms=Milliseconds(round(1000 * length_s)), **fields
    )


def radio(name: str) -> Item:
    """Make a stream."""
    return Item(id=name, location=f"http://radio/{name}", kind=ItemKind.STREAM)


def listing(name: str, *items: str, order: Order = Order.SEQUENTIAL) -> Playlist:
    """Make a playlist, of three songs of its name if nothing else is said."""
    entries = tuple(Entry(item=item) for item in items or [f"{name} {number}" for number in (1, 2, 3)])
    return Playlist(id=name, entries=entries, order=order)


def house(*playlists: Playlist, items: Sequence[Item] = (), **fields: Any) -> Program:
    """Make a program; items that are not given are songs, and the first playlist is the fallback."""
    named = {entry.item for one in playlists for entry in one.entries} - {item.id for item in items}
    given = {"zone": PARIS, "fallback": playlists[0].id, **fields}
    everything = (*items, *map(song, sorted(named)))
    return Program(name="house", items=everything, playlists=playlists, **given)


def called(name: str, *times: str, over: Over = Over.DUCK, **fields: Any) -> Spot:
    """Make a spot that comes on the second; its item has its name."""
    clocks = tuple(time.fromisoformat(clock) for clock in times)
    return Spot(id=name, items=(name,), when=Sharp(at=clocks, over=over, **fields))


def prepared(item: Item, _before: Item | None) -> PreparedItem:
    """Make an item ready that is as long as it says."""
    end_s = None if item.duration_ms is None else Seconds(item.duration_ms / 1000)
    return PreparedItem(item=item, cue_out_s=end_s)


def day(clock: str) -> Instant:
    """Give a time of the fifth of March 2027, or of any other date."""
    return at(PARIS, clock if " " in clock else f"2027-03-05 {clock}")


class Venue:
    """A venue from one time to another, and all that happened in it.

    :ivar heard: the rows of the log.
    """

    def __init__(
        self,
        program: Program,
        since: str = "12:00",
        until: str = "14:00",
        *script: str,
        missing: Sequence[str] = (),
        rules: Rules = BUTT,
        state: EngineState | None = None,
    ) -> None:
        self.engine = Engine(program, state)
        world = World(
            clock=scripted(day(since), script),
            prepare=prepared,
            rules=rules,
            unavailable=lambda item: "it is not there" if item.id in missing else "",
        )
        self.venue = VirtualVenue(self.engine, world)
        self.all: list[Happening] = list(self.venue.run(day(until)))
        self.heard = [one for one in self.all if isinstance(one, Heard)]

    @property
    def log(self) -> list[str]:
        """What began when, and how it ended if it was not heard to its end."""
        return [
            f"{clock(row.started)} {row.item.id}{'' if row.ended is Ended.PLAYED else f' {row.ended}'}"
            for row in self.heard
        ]

    def seconds(self, name: str) -> list[float]:
        """Tell for how long an item was heard, each time."""
        return [row.over - row.started for row in self.heard if row.item.id == name]

    def told(self, kind: type[Missed | Silence]) -> list[str]:
        """Tell when something else happened."""
        return [clock(one.started) for one in self.all if isinstance(one, kind)]


def clock(instant: Instant) -> str:
    """Write a time of day; seconds only where there are any."""
    local = local_time(Instant(round(instant, 3)), zone_of(PARIS))
    return f"{local:%H:%M:%S}".removesuffix(":00")


# -- songs -----------------------------------------------------------------------------------------


def test_songs_follow_one_another() -> None:
    """What plays at the end is told as stopped."""
    venue = Venue(house(listing("a")), "12:00", "12:45")
    assert venue.log == ["12:00 a 1", "12:10 a 2", "12:20 a 3", "12:30 a 1", "12:40 a 2 stopped"]
    assert venue.seconds("a 2") == [600, 300]


def test_songs_cross_as_long_as_the_rules_say() -> None:
    """The next one begins before the one before is over."""
    venue = Venue(house(listing("a")), rules=Rules(crossfade_s=Seconds(30.0)), until="12:30")
    assert venue.log[:3] == ["12:00 a 1", "12:09:30 a 2", "12:19 a 3"]
    assert venue.seconds("a 1")[0] == 600


def test_song_that_leaves_the_air_when_the_venue_closes_is_stopped_with_the_one_that_comes() -> None:
    """Nothing is heard after closing time."""
    hours = (Hours(slot=Slot(starts=time(12), ends=time(12, 9, 45))),)
    venue = Venue(house(listing("a"), hours=hours), rules=Rules(crossfade_s=Seconds(30.0)))
    assert venue.log == ["12:00 a 1 stopped", "12:09:30 a 2 stopped"]
    assert {row.over for row in venue.heard} == {day("12:09:45")}


def test_item_with_nothing_in_it_does_not_stop_the_time() -> None:
    """Nor does a list of such items."""
    venue = Venue(house(listing("a"), items=[song("a 1", 0), song("a 2", 0), song("a 3", 0)]), until="12:01")
    assert len(venue.heard) == 120


def test_log_says_why_each_item_was_played() -> None:
    """The decision behind it is there, for whoever asks."""
    program = house(listing("a"), dayparts=(daypart("lunch", "12:00", "13:00", "a"),))
    row = Venue(program).heard[1]
    assert (row.origin.layer, row.origin.source) == (Layer.DAYPART, "lunch")
    assert row.decision.at == row.started == day("12:10")
    assert [rival.layer for rival in row.decision.otherwise] == [Layer.FALLBACK]


def daypart(name: str, starts: str, ends: str, plays: str) -> Daypart:
    """Make a daypart of every day."""
    slot = Slot(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))
    return Daypart(id=name, slot=slot, playlist=plays)


def test_daypart_begins_when_the_song_before_it_is_over() -> None:
    """Songs are not cut by the clock."""
    program = house(listing("a"), listing("b"), dayparts=(daypart("tea", "12:15", "12:25", "b"),))
    assert Venue(program, until="12:40").log == ["12:00 a 1", "12:10 a 2", "12:20 b 1", "12:30 a 3"]


def test_spot_between_songs_comes_between_songs() -> None:
    """And its length counts."""
    spot = Spot(id="ad", items=("ad",), when=EachSongs(songs=2))
    venue = Venue(house(listing("a"), items=[song("ad", SPOT_S)], spots=(spot,)), until="12:50")
    assert venue.log[:4] == ["12:00 a 1", "12:10 a 2", "12:20 ad", "12:20:20 a 3"]


# -- shows -----------------------------------------------------------------------------------------


def show(starts: str, ends: str, plays: str = "b", **fields: Any) -> Show:
    """Make a show of one day."""
    span = (datetime.fromisoformat(f"2027-03-05T{edge}") for edge in (starts, ends))
    return Show(id="show", starts=next(span), ends=next(span), playlist=plays, **fields)


def test_hard_show_begins_on_its_second() -> None:
    """What plays gives way, and is told as cut."""
    program = house(listing("a"), listing("b"), shows=(show("12:14:30", "12:30", start=Start.HARD),))
    log = ["12:00 a 1", "12:10 a 2 cut", "12:14:30 b 1", "12:24:30 b 2", "12:34:30 a 3"]
    assert Venue(program, until="12:44:30").log == log


def test_hard_show_begins_on_its_second_though_a_spot_is_due() -> None:
    """The spot comes between its first two songs."""
    ad = Spot(id="ad", items=("ad",), when=PastHour(minute=14))
    shows = (show("12:14:30", "12:40", start=Start.HARD),)
    program = house(listing("a"), listing("b"), items=[song("ad", SPOT_S)], shows=shows, spots=(ad,))
    log = ["12:00 a 1", "12:10 a 2 cut", "12:14:30 b 1", "12:24:30 ad", "12:24:50 b 2"]
    assert Venue(program, until="12:34:50").log == log


def test_soft_show_waits_for_the_song_but_not_for_ever() -> None:
    """Where the song is longer than the wait, it is cut."""
    soft = show("12:14:30", "12:30", longest_wait_s=600)
    program = house(listing("a"), listing("b"), shows=(soft,))
    assert Venue(program, until="12:40").log[:3] == ["12:00 a 1", "12:10 a 2", "12:20 b 1"]

    hasty = house(listing("a"), listing("b"), shows=(show("12:14:30", "12:30", longest_wait_s=60),))
    assert Venue(hasty, until="12:40").log[:3] == ["12:00 a 1", "12:10 a 2 cut", "12:15:30 b 1"]


# -- streams ---------------------------------------------------------------------------------------


def test_stream_ends_when_its_daypart_does() -> None:
    """It has no end of its own."""
    program = house(
        listing("a"),
        listing("b", "radio"),
        items=[radio("radio")],
        dayparts=(daypart("tea", "12:10", "13:05", "b"),),
    )
    assert Venue(program, until="13:10").log == ["12:00 a 1", "12:10 radio cut", "13:05 a 2 stopped"]


def test_stream_that_plays_for_days_still_ends() -> None:
    """What comes then was out of sight when it began."""
    program = house(
        listing("a", "radio"),
        listing("b"),
        items=[radio("radio")],
        shows=(show("12:00", "13:00", start=Start.HARD),),
    )
    venue = Venue(program, "2027-03-01 09:00", "2027-03-05 12:15")
    assert venue.log == ["09:00 radio cut", "12:00 b 1", "12:10 b 2 stopped"]


def test_spot_over_a_stream_leaves_it_on() -> None:
    """It is turned down meanwhile."""
    program = house(
        listing("a", "radio"), items=[radio("radio"), song("bell", SPOT_S)], spots=(called("bell", "12:30"),)
    )
    assert Venue(program, until="13:00").log == ["12:00 radio stopped", "12:30 bell"]


# -- spots on the second ---------------------------------------------------------------------------


def test_spot_comes_on_its_second_over_the_music() -> None:
    """Nothing else moves."""
    program = house(listing("a"), items=[song("bell", SPOT_S)], spots=(called("bell", "12:15", "12:20"),))
    assert Venue(program, until="12:30").log == [
        "12:00 a 1",
        "12:10 a 2",
        "12:15 bell",
        "12:20 bell",
        "12:20 a 3",
    ]


def test_spot_that_pauses_the_music_makes_the_song_later() -> None:
    """What follows is later by its length, too."""
    spot = called("bell", "12:15", over=Over.PAUSE)
    venue = Venue(house(listing("a"), items=[song("bell", SPOT_S)], spots=(spot,)), until="12:30:20")
    assert venue.log == ["12:00 a 1", "12:10 a 2", "12:15 bell", "12:20:20 a 3"]
    assert venue.seconds("a 2") == [600 + SPOT_S]


def test_spot_that_cuts_the_song_is_followed_by_the_next() -> None:
    """The rest of the song is not heard."""
    spot = called("bell", "12:15", over=Over.CUT)
    venue = Venue(house(listing("a"), items=[song("bell", SPOT_S)], spots=(spot,)), until="12:25:20")
    assert venue.log == ["12:00 a 1", "12:10 a 2 cut", "12:15 bell", "12:15:20 a 3"]


def test_hard_show_waits_for_a_spot_that_pauses_the_music() -> None:
    """Nothing begins below it."""
    spot = called("bell", "12:15", over=Over.PAUSE)
    program = house(
        listing("a"),
        listing("b"),
        items=[song("bell", SPOT_S)],
        spots=(spot,),
        shows=(show("12:15:10", "12:30", start=Start.HARD),),
    )
    log = ["12:00 a 1", "12:10 a 2 cut", "12:15 bell", "12:15:20 b 1"]
    assert Venue(program, until="12:25:20").log == log


def test_spots_that_come_at_once_come_one_after_the_other() -> None:
    """Nobody understands two who speak at a time."""
    spots = (called("bell", "12:15"), called("call", "12:15"))
    program = house(listing("a"), items=[song("bell", SPOT_S), song("call", SPOT_S)], spots=spots)
    assert Venue(program, until="12:20").log[2:] == ["12:15 bell", "12:15:20 call"]


def test_spot_of_which_nothing_can_be_played_is_missed() -> None:
    """The music does not mind."""
    program = house(listing("a"), items=[song("bell", SPOT_S)], spots=(called("bell", "12:15"),))
    venue = Venue(program, until="12:20", missing=["bell"])
    assert venue.log == ["12:00 a 1", "12:10 a 2"]
    assert venue.told(Missed) == ["12:15"]


def test_spot_comes_with_the_next_item_where_one_is_missing() -> None:
    """It has several, which come in turn."""
    spot = Spot(id="bell", items=("low", "high"), when=Sharp(at=(time(12, 15),)))
    program = house(listing("a"), items=[song("low", SPOT_S), song("high", SPOT_S)], spots=(spot,))
    assert Venue(program, until="12:20", missing=["low"]).log[-1] == "12:15 high"


def test_spot_on_the_second_comes_no_more_often_than_it_may() -> None:
    """In one hour and on one date, as any other; what is too much is told, and why."""
    bell = msgspec.structs.replace(called("bell", "12:15", "12:30", "13:15", "14:15"), per_hour=1, per_day=2)
    program = house(listing("a"), items=[song("bell", SPOT_S)], spots=(bell,))
    venue = Venue(program, until="15:00")
    assert [clock(row.started) for row in venue.heard if row.item.id == "bell"] == ["12:15", "13:15"]
    assert [(clock(one.started), one.reason) for one in venue.all if isinstance(one, Missed)] == [
        ("12:30", "it has come as often as it may in this hour"),
        ("14:15", "it has come as often as it may on this date"),
    ]


def test_comings_that_wait_for_one_another_count_as_having_come() -> None:
    """A clock that is set on makes two of them due at once, beside the spot that is heard just then."""
    bell = msgspec.structs.replace(called("bell", "12:16", "12:18", tolerance_s=3600), per_hour=1)
    spots = called("call", "12:15"), bell
    program = house(listing("a"), items=[song("bell", SPOT_S), song("call", SPOT_S)], spots=spots)
    venue = Venue(program, "12:00", "12:40", "set +10m after 15.1m")
    assert [row.item.id for row in venue.heard if row.item.id in {"bell", "call"}] == ["call", "bell"]
    assert len(venue.told(Missed)) == 1


# -- opening hours ---------------------------------------------------------------------------------


def test_venue_is_silent_on_purpose_while_it_is_closed() -> None:
    """The song that plays is stopped when it closes; a spot does not come meanwhile, and none is kept."""
    spots = (called("bell", "08:00", "10:00", "11:00"),)
    program = house(
        listing("a"),
        items=[song("bell", SPOT_S)],
        spots=spots,
        hours=(Hours(slot=Slot(starts=time(10), ends=time(10, 25))),),
    )
    venue = Venue(program, "07:00", "12:00")
    assert venue.log == ["10:00 bell", "10:00 a 1", "10:10 a 2", "10:20 a 3 stopped"]
    assert venue.told(Missed) == ["08:00", "11:00"]
    assert venue.told(Silence) == []


def test_silence_of_a_program_that_is_only_to_be_seen_is_meant() -> None:
    """Unlike that of one whose music is missing."""
    poster = Item(id="poster", location="poster.png", kind=ItemKind.STILL)
    wall = Playlist(id="wall", entries=(Entry(item="poster"),))
    pictures = Pictures(fallback="wall")
    seen = Program(name="wall", zone=PARIS, items=(poster,), playlists=(wall,), screen=pictures)
    assert Venue(seen).all == []
    assert Venue(msgspec.structs.replace(seen, fallback="wall")).told(Silence) == ["12:00"]


# -- what is missing -------------------------------------------------------------------------------


def test_missing_items_fall_through_the_layers() -> None:
    """From the show to the daypart, to the fallback, and to whatever is there; then it is silent."""
    layers = house(
        listing("a", "a"),
        listing("b", "b"),
        listing("c", "c"),
        items=[song("d")],
        dayparts=(daypart("day", "08:00", "20:00", "b"),),
        shows=(show("10:00", "20:00", plays="c"),),
    )
    missing = [[], ["c"], ["c", "b"], ["c", "b", "a"], ["c", "b", "a", "d"]]
    venues = [Venue(layers, until="13:00", missing=names) for names in missing]
    layers_heard = [{row.origin.layer for row in venue.heard} for venue in venues]
    assert layers_heard == [{Layer.SHOW}, {Layer.DAYPART}, {Layer.FALLBACK}, {Layer.STORAGE}, set()]
    assert venues[-1].all == [Silence(day("12:00"), day("13:00"))]


def test_silence_ends_when_something_can_be_played() -> None:
    """And what can be played goes on for as long as there is nothing else."""
    program = house(
        listing("a", "a"), listing("b", "radio"), items=[radio("radio")], shows=(show("12:30", "13:00"),)
    )
    venue = Venue(program, until="13:10", missing=["a"])
    assert venue.log == ["12:30 radio stopped"]
    assert venue.told(Silence) == ["12:00"]
    assert venue.all[0] == Silence(day("12:00"), day("12:30"))


def test_week_without_any_music_is_over_soon() -> None:
    """Nobody looks for it each second."""
    venue = Venue(house(listing("a")), "2027-03-01 00:00", "2027-03-08 00:00", missing=["a 1", "a 2", "a 3"])
    assert len(venue.all) == 1


# -- the clock -------------------------------------------------------------------------------------

HOURLY = tuple(f"{hour:02}:00" for hour in range(24))
CHIMES = house(
    listing("a"),
    listing("b"),
    items=[song("bell", SPOT_S)],
    spots=(called("bell", *HOURLY),),
    dayparts=(daypart("noon", "11:00", "15:00", "b"),),
)


def test_clock_that_starts_in_1970_is_set_and_goes_back_disturbs_nothing() -> None:
    """No song is interrupted, no spot comes twice, and until it is set the log says that it is blind."""
    venue = Venue(CHIMES, "11:00", "15:00", "1970 for 30m", "set -1h after 150m")
    assert {row.ended for row in venue.heard[:-1]} == {Ended.PLAYED}
    assert venue.told(Silence) == []
    assert [row.origin.blind for row in venue.heard[:4]] == [True, True, True, False]
    bells = [clock(row.started) for row in venue.heard if row.item.id == "bell"]
    assert bells == ["12:00", "13:00", "15:00"][:2]
    assert [clock(row.decision.at) for row in venue.heard if row.item.id == "bell"] == bells


def test_clock_that_is_set_back_brings_the_events_after_those_that_have_come() -> None:
    """By what it shows then."""
    venue = Venue(CHIMES, "11:30", "15:30", "set -1h after 60m", "set right after 3h")
    bells = [(clock(row.started), clock(row.decision.at)) for row in venue.heard if row.item.id == "bell"]
    assert bells == [("12:00", "12:00"), ("14:00", "13:00"), ("15:00", "15:00")]
    assert venue.told(Missed) == ["14:30"]


def test_clock_that_is_set_to_just_behind_an_event_brings_it_late() -> None:
    """By less than its tolerance; by more, it is missed."""
    late = Venue(CHIMES, "11:30", "12:10", "set +30s after 29.6m")
    assert [clock(row.started) for row in late.heard if row.item.id == "bell"] == ["11:59:36"]
    missed = Venue(CHIMES, "11:30", "12:10", "set +2m after 29.6m")
    assert missed.told(Missed) == ["11:59:36"]
    assert "bell" not in [row.item.id for row in missed.heard]


def test_clock_that_drifts_brings_everything_with_it() -> None:
    """A spot comes when the clock shows its time."""
    venue = Venue(CHIMES, "2027-03-05 00:30", "2027-03-06 00:30", "drift 1000ppm")
    bells = [row.started for row in venue.heard if row.item.id == "bell"]
    assert len(bells) == 24
    assert bells[-1] == pytest.approx(day("2027-03-06 00:00") - 23.5 * 3.6, abs=0.1)


def test_hard_show_comes_when_the_clock_shows_it_after_it_was_set() -> None:
    """What was decided before the clock was set is decided anew."""
    program = house(listing("a"), listing("b"), shows=(show("12:14:30", "12:40", start=Start.HARD),))
    ahead = Venue(program, "12:00", "12:30", "set +2m after 11m")
    assert ahead.log[:3] == ["12:00 a 1", "12:10 a 2 cut", "12:12:30 b 1"]
    past = Venue(program, "12:00", "12:30", "set +5m after 11m")
    assert past.log[:3] == ["12:00 a 1", "12:10 a 2", "12:20 b 1"]


# -- going on --------------------------------------------------------------------------------------


def test_emergency_is_all_there_is() -> None:
    """Above songs, spots and shows."""
    state = EngineState(emergency=song("leave the house", 60))
    venue = Venue(CHIMES, "11:58", "12:02", state=state)
    assert venue.log == [f"{minute} leave the house" for minute in ("11:58", "11:59", "12:00", "12:01")]


def test_venue_goes_on_with_what_is_on_air() -> None:
    """From where it is; what follows is as if nobody had looked."""
    first = Venue(house(listing("a")), "12:00", "12:04")
    later = VirtualVenue(first.engine, World(clock=scripted(day("12:04"), ()), prepare=prepared, rules=BUTT))
    later.go_on_with(first.heard[0].decision, Seconds(240.0))
    rows = [row for row in later.run(day("12:30")) if isinstance(row, Heard)]
    assert [f"{clock(row.started)} {row.item.id}" for row in rows] == ["12:00 a 1", "12:10 a 2", "12:20 a 3"]


def test_what_sounds_can_be_seen_at_any_instant() -> None:
    """The song, and the spot over it; what is due at the instant itself has not come yet."""
    program = house(listing("a"), items=[song("bell", SPOT_S)], spots=(called("bell", "12:05"),))
    world = World(clock=scripted(day("12:00"), ()), prepare=prepared, rules=BUTT)
    venue = VirtualVenue(Engine(program), world)
    assert list(venue.go_on(day("12:05"))) == []
    assert venue.spot is None
    assert list(venue.go_on(Instant(day("12:05") + 1))) == []
    assert venue.music is not None
    assert venue.spot is not None
    assert (venue.music.decision.item.id, venue.spot.decision.item.id) == ("a 1", "bell")
    assert venue.spot.decision.why == "at 12:05:00"


# -- any program, any night ------------------------------------------------------------------------

lengths = st.floats(300, 4000)


def lasting(length_s: float) -> Callable[[Item, Item | None], PreparedItem]:
    """Give items lengths that differ."""

    def prepare(item: Item, _before: Item | None) -> PreparedItem:
        return PreparedItem(item=item, cue_out_s=Seconds(length_s + 10 * len(item.id)))

    return prepare


def run(night: Night, length_s: float, script: Sequence[str] = ()) -> list[Happening]:
    """Run a night."""
    world = World(clock=scripted(night.start, script), prepare=lasting(length_s))
    return list(VirtualVenue(Engine(night.program), world).run(night.end))


def music(happenings: Sequence[Happening]) -> list[Heard]:
    """Leave out the spots on the second."""
    rows = (one for one in happenings if isinstance(one, Heard))
    return [row for row in rows if row.origin.layer is not Layer.SHARP_SPOT]


@fewer
@given(nights(), lengths)
def test_it_is_never_silent_in_open_hours_and_always_in_closed_ones(night: Night, length_s: float) -> None:
    """Whatever the program and the night: music covers every open span, to the second."""
    happenings = run(night, length_s)
    assert not [one for one in happenings if isinstance(one, Silence)]
    covered = list(_spans(music(happenings)))
    segments = list(Timeline(night.program).segments(night.start, night.end))
    opened = list(_joined((one.start, one.end) for one in segments if one.open))
    assert [pytest.approx(span, abs=0.01) for span in covered] == opened


def _spans(rows: Sequence[Heard]) -> Iterator[tuple[float, float]]:
    yield from _joined((row.started, row.over) for row in rows)


def _joined(spans: Iterator[tuple[Any, Any]]) -> Iterator[tuple[float, float]]:
    """Join the spans that touch or overlap."""
    begun: tuple[float, float] | None = None
    for start, end in spans:
        if begun is not None and start <= begun[1] + 0.01:
            begun = begun[0], max(begun[1], end)
        else:
            if begun is not None:
                yield begun
            begun = start, end
    if begun is not None:
        yield begun


@fewer
@given(nights(), lengths)
def test_every_spot_on_the_second_comes_once_or_is_told_as_missed(night: Night, length_s: float) -> None:
    """In nights that are cut or sewn as in all others."""
    happenings = run(night, length_s)
    heard = [one.decision for one in happenings if isinstance(one, Heard) and one not in music(happenings)]
    told = [(one.origin.source, one.at) for one in heard]
    told += [(one.event.spot.id, one.event.at) for one in happenings if isinstance(one, Missed)]
    wanted = [(one.spot.id, one.at) for one in Timeline(night.program).sharp(night.start, night.end)]
    late = [(name, when) for name, when in told if when < night.start]
    assert sorted(told) == sorted(wanted + late)


@fewer
@given(nights(), lengths, st.lists(st.tuples(st.integers(0, 48), st.integers(-7, 7)), max_size=3))
def test_clock_that_is_set_brings_no_spot_twice_and_no_silence(
    night: Night, length_s: float, steps: list[tuple[int, int]]
) -> None:
    """However it is set; the rows of the log stay in order."""
    script = ["1970 for 45m", *(f"set {by:+}h after {hour}h" for hour, by in steps)]
    happenings = run(night, length_s, script)
    assert not [one for one in happenings if isinstance(one, Silence)]
    assert [one.started for one in happenings] == sorted(one.started for one in happenings)
    spots = [one for one in happenings if isinstance(one, Heard) and one not in music(happenings)]
    came = [(one.origin.source, one.decision.at, one.decision.why) for one in spots]
    assert len(came) == len(set(came))
    for before, after in pairwise(music(happenings)):
        if before.ended is Ended.PLAYED:
            assert after.started <= before.over + 0.01


@fewer
@given(nights(), lengths, st.floats(0.05, 0.95))
def test_span_that_is_split_anywhere_gives_the_same_log(night: Night, length_s: float, where: float) -> None:
    """What is remembered in between is written down and read again; only what leaves the air is not."""
    whole = run(night, length_s)
    middle = Instant(night.start + where * (night.end - night.start))
    engine = Engine(night.program)
    venue = VirtualVenue(engine, World(clock=scripted(night.start, ()), prepare=lasting(length_s)))
    rows = list(venue.go_on(middle))
    assume(venue.spot is None)
    assume(venue.music is None or middle - venue.music.began > Rules().crossfade_s)

    kept = msgspec.json.decode(msgspec.json.encode(engine.state), type=EngineState)
    world = World(clock=scripted(middle, ()), prepare=lasting(length_s))
    later = VirtualVenue(Engine(night.program, kept), world)
    if venue.music is not None:
        later.go_on_with(venue.music.decision, Seconds(middle - venue.music.started))
    rows += later.run(night.end)

    assert [_row(one) for one in rows] == [_row(one) for one in whole]


def _row(happening: Happening) -> tuple[object, ...]:
    """Give a row with its times rounded, because seconds since 1970 leave little room behind the point."""
    if isinstance(happening, AsRun):
        times = round(happening.started, 2), round(happening.over, 2)
        return *times, happening.item.id, happening.origin, happening.ended
    event: SharpEvent | None = happening.event if isinstance(happening, Missed) else None
    return round(happening.started, 2), event


def test_week_is_over_in_no_time() -> None:
    """Half a thousand songs a second are slow on any machine."""
    venue = Venue(CHIMES, "2027-03-05 00:00", "2027-03-12 00:00")
    assert len(venue.heard) == 7 * (DAY_S / SONG_S + DAY_S / HOUR_S)
