"""The Director: the right picture at every instant, whatever the program, the clock and the people do."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from easyplayer.clip_loudness import ClipLoudness
from easyplayer.director import Director
from easyplayer.events import (
    clock_judged,
    clock_stepped,
    end_emergency,
    play_emergency,
    program_taken,
    take_program,
)
from easyplayer.player_events import (
    cue_spot,
    fade_out,
    item_finished,
    item_started,
    pause_playing,
    resume_playing,
    spot_finished,
    spot_started,
    start_playing,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import (
    Daypart,
    Ducking,
    EachSongs,
    Entry,
    Order,
    Over,
    Overlay,
    Pictures,
    Playlist,
    Program,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import ClipSound, Item, Layer, Origin, PreparedItem
from easyplayer.playout.pictures import prepare_picture
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.screen_events import outputs_found, picture_started
from easyplayer.units import Monotonic, Percent, Seconds
from easyplayer.video import VideoPlayer
from tests.cinema import WINDOW, camera, clip, films_of, name_of, still
from tests.fakes.clock import HeldWall
from tests.fakes.fake_screen import FakeScreen, FakeScreens
from tests.fakes.work import FakeFacts, HeldWorker, facts
from tests.house import Stage, song

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 3, 1, 12, tzinfo=PARIS)


def playlist(name: str, *items: Item) -> Playlist:
    """Make a playlist that goes round in order."""
    entries = tuple(Entry(item=item.id) for item in items)
    return Playlist(id=name, entries=entries, order=Order.SEQUENTIAL)


def program(items: Iterable[Item], *playlists: Playlist, **fields: Any) -> Program:
    """Make a program for the screen alone; the first playlist is its fallback."""
    return Program(
        name="bar",
        zone="Europe/Paris",
        items=tuple(items),
        playlists=playlists,
        **{"screen": Pictures(fallback=playlists[0].id if playlists else ""), **fields},
    )


ROUND = (still("a", 10), still("b", 10))
SPOKEN = still("offer", 5)


def spoken(name: str = "call", layer: Layer = Layer.SHARP_SPOT) -> PreparedItem:
    """Make the sound of a spot."""
    return structs.replace(song(name, 12.0), origin=Origin(layer=layer, source="spot"))


def with_spot(*pictures: Item, items: Iterable[Item] = ROUND, **fields: Any) -> Program:
    """Make a program that shows pictures with a spot."""
    spot = Spot(
        id="spot",
        items=("call",),
        when=Sharp(at=(time(18),)),
        pictures=tuple(picture.id for picture in pictures),
    )
    everything = (*items, *pictures)
    return program(everything, playlist("round", *items), spots=(spot,), **fields)


class Studio(Stage):
    """Director and video player, in a venue in Paris; it is noon, and the test is the rest of the box."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__()
        self.wall = HeldWall(self.clock, at.timestamp())
        self.screens = FakeScreens(self.clock, {})
        self.surround(self.screens.pump)
        self.facts = FakeFacts()
        worker = HeldWorker(self.root.fire, "clips")
        self.surround(worker.pump)
        self.director = Director(ClipLoudness(self.facts, Rules(), worker), self.ticker, self.wall.now)
        self.open(VideoPlayer(self.screens, Percent(100), self.ticker), self.director)
        self.fire(clock_judged(ClockTrust.TRUSTED))
        self.fire(outputs_found((WINDOW,), ""))
        self.fire(start_playing())

    def take(self, wanted: Program, *, at_once: bool = False, films: bool = True) -> None:
        """Let the box play by a program, as the Scheduler does."""
        if films:
            self.screens.footage.update(films_of(wanted.items))
        self.fire(take_program(wanted, at_once=at_once))
        self.fire(program_taken(wanted))

    def show(self, wanted: Program) -> "Studio":
        """Take a program, and give it time to be seen."""
        self.take(wanted)
        self.run_for(1)
        return self

    def run_to(self, clock: str) -> None:
        """Let time pass until the clock on the venue's wall shows something."""
        now = datetime.fromtimestamp(self.wall.now(), PARIS)
        then = datetime.combine(now.date(), time.fromisoformat(clock), PARIS)
        assert then >= now
        self.run_for((then - now).total_seconds())

    def step(self, by_s: float) -> None:
        """Set the clock, and let the box notice."""
        self.wall.step(by_s)
        self.fire(clock_stepped(Seconds(by_s)))

    def call(self, in_s: float, said: PreparedItem | None = None) -> Monotonic:
        """Cue a spot over the music."""
        at = Monotonic(self.clock() + in_s)
        self.fire(cue_spot(said or spoken(), at, Over.DUCK, Ducking()))
        return at

    @property
    def screen(self) -> FakeScreen:
        """The newest of the screens."""
        return self.screens.made[-1]

    @property
    def seen(self) -> str:
        """What is seen now; empty is black."""
        return name_of(self.screen)

    @property
    def cards(self) -> list[str]:
        """The cards that were shown, one after the other."""
        return [args[0] for args in self.told("show_card")]

    def started(self) -> list[str]:
        """Give what was seen, one after the other."""
        return [args[0].item.id for args in self.told("picture_started")]

    def seen_at(self, name: str) -> float:
        """Tell the wall clock's time at which a picture was last seen first."""
        at = [seen.at for seen in self.witness.all("picture_started") if seen.args[0].item.id == name][-1]
        return at - self.clock() + self.wall.now()


class TestPlaylists:
    """What a program shows at all times."""

    def test_the_pictures_of_the_fallback_go_round(self) -> None:
        """Each for as long as it says, and then from the top again."""
        studio = Studio()
        studio.take(program(ROUND, playlist("round", *ROUND)))
        studio.run_for(35)
        assert studio.started() == ["a", "b", "a", "b"]
        assert studio.told("picture_failed") == []

    def test_a_still_without_a_length_is_shown_as_long_as_the_program_says(self) -> None:
        """Ten seconds, where that says nothing either."""
        bare = structs.replace(still("bare"), duration_ms=None)
        studio = Studio()
        wanted = program([bare], playlist("round", bare), screen=Pictures(fallback="round", still_s=3))
        studio.take(wanted)
        studio.run_for(7)
        assert studio.started() == ["bare", "bare", "bare"]

    def test_one_picture_alone_comes_again(self) -> None:
        """There is nothing else."""
        studio = Studio()
        studio.take(program(ROUND[:1], playlist("round", ROUND[0])))
        studio.run_for(25)
        assert studio.started() == ["a", "a", "a"]

    def test_a_clip_that_nobody_measured_is_shown_to_its_end(self) -> None:
        """And what follows it is ready by then."""
        unknown = clip("long", None)
        studio = Studio()
        studio.take(program([unknown, *ROUND], playlist("round", unknown, *ROUND)))
        studio.screens.footage[unknown.location].length_s = 20.0
        studio.run_for(19)
        assert studio.seen == "long"
        assert studio.screen.next is not None
        studio.run_for(2)
        assert studio.seen == "a"


class TestDayparts:
    """From one part of the day to the next."""

    def evening(self, *day: Item) -> Program:
        """Make a program with an evening from 12:01 on."""
        night = still("evening", 10)
        slot = Slot(starts=time(12, 1), ends=time(13))
        return program(
            [*day, night],
            playlist("day", *day),
            playlist("night", night),
            dayparts=(Daypart(id="evening", slot=slot, screen="night"),),
        )

    def test_a_still_gives_way_on_the_second(self) -> None:
        """Nothing is lost where an image goes."""
        studio = Studio()
        studio.take(self.evening(still("day", 25)))
        studio.run_to("12:00:59.9")
        assert studio.seen == "day"
        studio.run_to("12:01:00.2")
        assert studio.seen == "evening"

    def test_a_clip_is_shown_to_its_end(self) -> None:
        """It is over ten seconds after the evening has begun."""
        studio = Studio()
        studio.take(self.evening(clip("day", 70)))
        studio.run_to("12:01:09")
        assert studio.seen == "day"
        studio.run_to("12:01:12")
        assert studio.seen == "evening"

    def test_a_stream_gives_way_on_the_second(self) -> None:
        """It has no end of its own."""
        studio = Studio()
        studio.take(self.evening(camera("door")))
        studio.run_to("12:00:59")
        assert studio.seen == "door"
        studio.run_to("12:01:00.3")
        assert studio.seen == "evening"

    @pytest.mark.parametrize("day", [still("menu", 25), still("long", 3600), camera("door")])
    def test_where_nothing_follows_the_screen_goes_dark(self, day: Item) -> None:
        """A picture does not stand there for ever, and no card is shown: it was planned so."""
        slot = Slot(starts=time(11), ends=time(12, 1))
        wanted = program(
            [day],
            playlist("day", day),
            dayparts=(Daypart(id="day", slot=slot, screen="day"),),
            screen=Pictures(),
        )
        studio = Studio()
        studio.take(wanted)
        studio.run_to("12:00:50")
        assert studio.seen == day.id
        studio.run_to("12:01:20")
        assert studio.seen == ""
        assert studio.cards == []

    @pytest.mark.parametrize("day", [still("long", 3600), camera("door")])
    def test_between_two_dayparts_the_screen_is_dark(self, day: Item) -> None:
        """And what comes then comes in its time."""
        night = still("night", 10)
        spans = {"day": (time(11), time(12, 1)), "night": (time(12, 2), time(13))}
        wanted = program(
            [day, night],
            playlist("day", day),
            playlist("night", night),
            dayparts=tuple(
                Daypart(id=name, slot=Slot(starts=starts, ends=ends), screen=name)
                for name, (starts, ends) in spans.items()
            ),
            screen=Pictures(),
        )
        studio = Studio().show(wanted)
        assert studio.seen == day.id
        studio.run_to("12:01:02")
        assert studio.seen == ""
        studio.run_to("12:02:01")
        assert studio.seen == "night"


class TestShows:
    """What comes on its date."""

    def gala(self, start: Start, *day: Item, ends: timedelta = timedelta(minutes=5)) -> Program:
        """Make a program with a show at 12:01."""
        star = clip("star", 30)
        begins = NOON.replace(minute=1, tzinfo=None)
        show = Show(id="gala", starts=begins, ends=begins + ends, screen="gala", start=start)
        return program([*day, star], playlist("day", *day), playlist("gala", star), shows=(show,))

    def test_a_hard_show_begins_on_the_second(self) -> None:
        """It is held before, and what is shown gives way."""
        studio = Studio()
        studio.take(self.gala(Start.HARD, clip("day", 200)))
        studio.run_to("12:00:55")
        assert studio.screen.next is not None
        assert studio.seen == "day"
        studio.run_to("12:01:02")
        assert studio.seen_at("star") == pytest.approx((NOON + timedelta(minutes=1)).timestamp(), abs=0.05)

    def test_a_hard_show_cuts_into_a_clip_of_unknown_length(self) -> None:
        """Whose end nobody can wait for."""
        studio = Studio()
        studio.take(self.gala(Start.HARD, clip("day", None)))
        studio.run_to("12:01:00.2")
        assert studio.seen == "star"

    def test_a_soft_show_waits_for_the_clip(self) -> None:
        """As long as it takes, within its patience."""
        studio = Studio()
        studio.take(self.gala(Start.SOFT, clip("day", 80)))
        studio.run_to("12:01:15")
        assert studio.seen == "day"
        studio.run_to("12:01:22")
        assert studio.seen == "star"

    def test_a_clock_that_is_set_back_moves_the_show(self) -> None:
        """It was cued already, for an instant that is another one now."""
        studio = Studio()
        studio.take(self.gala(Start.HARD, clip("day", 200)))
        studio.run_to("12:00:50")
        studio.step(-5)
        studio.run_to("12:00:58")
        assert studio.seen == "day"
        studio.run_to("12:01:01")
        assert studio.seen_at("star") == pytest.approx((NOON + timedelta(minutes=1)).timestamp(), abs=0.05)

    def test_a_clock_that_is_set_ahead_shows_what_is_due_at_once(self) -> None:
        """Even where a clip would go on for long."""
        studio = Studio()
        studio.take(self.gala(Start.HARD, clip("day", 200)))
        studio.run_for(10)
        studio.step(120)
        studio.run_for(0.5)
        assert studio.seen == "star"

    def test_a_clock_that_is_set_far_back_takes_the_show_off(self) -> None:
        """And it comes again in its time."""
        studio = Studio()
        studio.take(self.gala(Start.HARD, clip("day", 200)))
        studio.run_to("12:01:05")
        studio.step(-3600)
        studio.run_for(0.5)
        assert studio.seen == "day"


class TestSpots:
    """What is shown while a spot sounds."""

    def test_a_spots_picture_comes_with_it_and_goes_with_it(self) -> None:
        """On the instant at which it is to sound."""
        studio = Studio().show(with_spot(SPOKEN))
        at = studio.call(in_s=5.0)
        studio.run_for(4.9)
        assert studio.seen == "a"
        studio.run_for(0.2)
        studio.fire(spot_started(spoken()))
        assert studio.seen == "offer"
        assert studio.last("picture_started").at == pytest.approx(at, abs=0.05)
        studio.run_for(2)
        studio.fire(spot_finished(spoken(), Ended.PLAYED))
        studio.run_for(0.3)
        assert studio.seen in {"a", "b"}

    def test_its_pictures_come_in_turn(self) -> None:
        """And round again until the spot is over."""
        studio = Studio().show(with_spot(still("one", 2), still("two", 2)))
        studio.call(in_s=1.0)
        studio.run_for(1)
        studio.fire(spot_started(spoken()))
        studio.run_for(7)
        assert studio.started()[1:] == ["one", "two", "one", "two"]

    def test_a_spot_between_two_songs_shows_its_picture_too(self) -> None:
        """As soon as it sounds."""
        studio = Studio().show(with_spot(SPOKEN))
        soft = spoken(layer=Layer.SOFT_SPOT)
        studio.fire(item_started(soft, Seconds(0.0)))
        studio.run_for(0.3)
        assert studio.seen == "offer"
        studio.fire(item_finished(soft, Ended.PLAYED))
        studio.run_for(0.3)
        assert studio.seen != "offer"

    def test_a_spot_that_does_not_come_about_shows_nothing(self) -> None:
        """What is shown goes on."""
        studio = Studio().show(with_spot(SPOKEN))
        studio.call(in_s=5.0)
        studio.run_for(2)
        studio.fire(spot_finished(spoken(), Ended.FAILED))
        studio.run_for(30)
        assert "offer" not in studio.started()

    def test_a_spot_without_pictures_changes_nothing(self) -> None:
        """Most have none."""
        studio = Studio().show(with_spot())
        studio.call(in_s=2.0)
        studio.run_for(2)
        studio.fire(spot_started(spoken()))
        studio.run_for(3)
        assert studio.seen == "a"

    def test_a_clip_that_a_spot_broke_off_goes_on_where_it_was(self) -> None:
        """Nobody sees its first minute again and again."""
        studio = Studio().show(with_spot(SPOKEN, items=(clip("film", 60),)))
        studio.run_for(20)
        studio.call(in_s=1.0)
        studio.run_for(1)
        studio.fire(spot_started(spoken()))
        studio.run_for(6)
        studio.fire(spot_finished(spoken(), Ended.PLAYED))
        studio.run_for(0.5)
        assert studio.seen == "film"
        assert studio.screen.position_s == pytest.approx(22.5, abs=1.0)

    def test_a_clip_whose_length_nobody_knows_goes_on_as_well(self) -> None:
        """That is what a clip says of itself by default, and a mute one is not measured."""
        film = clip("film", None)
        studio = Studio()
        studio.take(with_spot(SPOKEN, items=(film,)))
        studio.screens.footage[film.location].length_s = 600.0
        studio.run_for(20)
        studio.call(in_s=1.0)
        studio.run_for(1)
        studio.fire(spot_started(spoken()))
        studio.run_for(6)
        studio.fire(spot_finished(spoken(), Ended.PLAYED))
        studio.run_for(0.5)
        assert studio.seen == "film"
        assert studio.screen.position_s == pytest.approx(21.5, abs=1.0)

    def test_a_spots_clip_is_mute(self) -> None:
        """What is said is the sound of it."""
        loud = clip("offer", 20, ClipSound.REPLACE)
        studio = Studio().show(with_spot(loud))
        studio.call(in_s=1.0)
        studio.run_for(1.5)
        assert studio.seen == "offer"
        assert studio.told("take_floor") == []

    def test_where_its_picture_fails_the_program_goes_on(self) -> None:
        """The spot is heard all the same."""
        studio = Studio().show(with_spot(SPOKEN))
        del studio.screens.footage[SPOKEN.location]
        studio.call(in_s=1.0)
        studio.run_for(1)
        studio.fire(spot_started(spoken()))
        studio.run_for(20)
        assert studio.seen in {"a", "b"}

    def test_where_one_of_its_pictures_fails_the_next_comes_with_the_spot(self) -> None:
        """On the instant at which it is to sound, however long a clip would go on."""
        bad = still("bad", 5)
        studio = Studio()
        studio.take(with_spot(bad, SPOKEN, items=(clip("film", 300),)))
        del studio.screens.footage[bad.location]
        studio.run_for(20)
        at = studio.call(in_s=8.0)
        studio.run_for(7.8)
        assert studio.seen == "film"
        studio.run_for(0.5)
        assert studio.seen == "offer"
        assert studio.last("picture_started").at == pytest.approx(at, abs=0.05)

    def test_an_output_that_falls_before_a_spot_shows_the_program_until_then(self) -> None:
        """The spot's picture comes no sooner for it, and nobody looks at black meanwhile."""
        studio = Studio().show(with_spot(SPOKEN, items=(clip("film", 300),)))
        at = studio.call(in_s=8.0)
        studio.run_for(2)
        studio.screen.fall()
        studio.run_for(2)
        assert studio.seen == "film"
        studio.run_for(4.2)
        assert studio.seen == "offer"
        assert studio.last("picture_started").at == pytest.approx(at, abs=0.05)

    def test_a_clip_that_a_spot_broke_off_does_not_come_back_where_it_was_changed(self) -> None:
        """A new program has come meanwhile, with another file of this name."""
        film = clip("film", 60)
        studio = Studio().show(with_spot(SPOKEN, items=(film,)))
        studio.run_for(20)
        studio.call(in_s=1.0)
        studio.run_for(2)
        studio.fire(spot_started(spoken()))
        studio.take(with_spot(SPOKEN, items=(structs.replace(film, location="/pictures/new.mp4"),)))
        studio.run_for(1)
        studio.fire(spot_finished(spoken(), Ended.PLAYED))
        studio.run_for(0.5)
        assert (studio.seen, studio.screen.position_s) == ("new", pytest.approx(0.5, abs=0.5))


class TestPrograms:
    """A new program comes."""

    def test_what_both_have_is_shown_to_its_end(self) -> None:
        """And what follows is the new one's."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        new = still("new", 10)
        studio.take(program([ROUND[0], new], playlist("round", new, ROUND[0])))
        studio.run_for(5)
        assert studio.seen == "a"
        studio.run_for(5)
        assert studio.seen == "new"

    def test_what_the_new_one_does_not_have_gives_way(self) -> None:
        """Its file may be gone in a moment."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        new = still("new", 10)
        studio.take(program([new], playlist("round", new)))
        studio.run_for(0.5)
        assert studio.seen == "new"

    def test_what_lies_elsewhere_by_now_gives_way(self) -> None:
        """It has the same name, and is another picture."""
        changed = structs.replace(ROUND[0], location="/pictures/new.png")
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        studio.take(program([changed, ROUND[1]], playlist("round", changed, ROUND[1])))
        studio.run_for(0.5)
        assert studio.seen == "b"
        studio.run_for(10)
        assert studio.seen == "new"

    def test_what_comes_next_and_lies_elsewhere_by_now_is_held_anew(self) -> None:
        """What is shown goes on."""
        changed = structs.replace(ROUND[1], location="/pictures/new.png")
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        assert studio.screen.next is not None
        studio.take(program([ROUND[0], changed], playlist("round", ROUND[0], changed)))
        studio.run_for(12)
        assert [Path(picture.location).stem for _, picture in studio.screen.seen] == ["a", "new"]

    def test_one_that_comes_at_once_gives_nothing_time(self) -> None:
        """Whatever it has."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        new = still("new", 10)
        studio.take(program([ROUND[0], new], playlist("round", new)), at_once=True)
        studio.run_for(0.5)
        assert studio.seen == "new"

    def test_one_without_pictures_leaves_a_card(self) -> None:
        """It says that there are none."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        studio.take(program([], screen=Pictures()))
        studio.run_for(4)
        assert studio.seen == ""
        assert studio.cards == ["nothing"]

    def test_one_with_nothing_but_an_overlay_leaves_none(self) -> None:
        """The clock on black is what was wanted."""
        studio = Studio()
        studio.take(program([], screen=Pictures(overlay=Overlay(clock=True))))
        studio.run_for(10)
        assert studio.cards in ([], ["waiting", ""])

    def test_before_there_is_any_a_card_says_so(self) -> None:
        """After a moment, for most have one at once; and it goes with the first picture."""
        studio = Studio()
        studio.run_for(2)
        assert studio.cards == []
        studio.run_for(2)
        assert studio.cards == ["waiting"]
        studio.show(program(ROUND, playlist("round", *ROUND)))
        assert studio.cards == ["waiting", ""]


class TestFaults:
    """Pictures that cannot be shown."""

    def test_one_that_fails_is_left_out_for_a_while(self) -> None:
        """And tried again later."""
        studio = Studio()
        studio.take(program(ROUND, playlist("round", *ROUND)), films=False)
        studio.screens.footage.update(films_of(ROUND[:1]))
        studio.run_for(50)
        assert len(studio.told("picture_failed")) == 1
        assert set(studio.started()) == {"a"}
        studio.screens.footage.update(films_of(ROUND))
        studio.run_for(600)
        assert "b" in studio.started()

    def test_where_all_fail_a_card_says_so(self) -> None:
        """Until one can be shown again."""
        studio = Studio()
        studio.take(program(ROUND, playlist("round", *ROUND)), films=False)
        studio.run_for(10)
        assert studio.cards == ["failed"]
        studio.screens.footage.update(films_of(ROUND))
        studio.run_for(620)
        assert studio.cards == ["failed", ""]

    @pytest.mark.parametrize("how", ["paused", "closed", "pulled"])
    def test_no_card_is_shown_where_nothing_is_wrong_with_the_pictures(self, how: str) -> None:
        """A pause, closed doors and a missing display are no fault of theirs."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        begin, end = {
            "paused": (pause_playing(), resume_playing()),
            "closed": (fade_out(Seconds(1.0), "closed"), start_playing()),
            "pulled": (outputs_found((), "pulled"), outputs_found((WINDOW,), "")),
        }[how]
        studio.fire(begin)
        studio.run_for(60)
        studio.fire(end)
        studio.run_for(1)
        assert studio.seen in {"a", "b"}
        assert studio.cards == []

    def test_a_clip_that_an_output_broke_off_goes_on_where_it_was(self) -> None:
        """The player's end was not the clip's fault."""
        film = clip("film", 300)
        studio = Studio().show(program([film, *ROUND], playlist("round", film, *ROUND)))
        studio.run_for(60)
        studio.screen.fall()
        studio.run_for(2)
        assert studio.seen == "film"
        assert studio.screen.position_s == pytest.approx(62, abs=2.5)

    @pytest.mark.parametrize("below", [still("below", 10), still("long", 3600), camera("yard")])
    def test_a_stream_that_failed_comes_back(self, below: Item) -> None:
        """As soon as it can be had again; meanwhile the layer below is shown."""
        door = camera("door")
        slot = Slot(starts=time(11), ends=time(13))
        wanted = program(
            [door, below],
            playlist("below", below),
            playlist("live", door),
            dayparts=(Daypart(id="live", slot=slot, screen="live"),),
        )
        studio = Studio().show(wanted)
        assert studio.seen == "door"
        studio.screens.footage[door.location].breaks_at_s = 5.0
        studio.run_for(8)
        assert studio.seen == below.id
        studio.screens.footage[door.location].breaks_at_s = None
        studio.run_for(20)
        assert studio.seen == "door"


class TestVenue:
    """Emergencies, and the venue's hours."""

    def test_an_emergency_leaves_nothing_but_a_card(self) -> None:
        """And pictures come back after it."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        studio.fire(play_emergency(Item(id="alarm", location="/alarm.flac")))
        studio.run_for(30)
        assert studio.seen == ""
        assert studio.cards[-1] == "emergency"
        studio.fire(end_emergency())
        studio.run_for(0.5)
        assert studio.seen in {"a", "b"}
        assert studio.cards[-1] == ""

    def slow_camera(self) -> Studio:
        """Have a camera shown from 12:01 on that takes four seconds to be seen; nothing is due before."""
        door = camera("door")
        slot = Slot(starts=time(12, 1), ends=time(13))
        wanted = program(
            [door],
            playlist("live", door),
            dayparts=(Daypart(id="live", slot=slot, screen="live"),),
            screen=Pictures(),
        )
        studio = Studio()
        studio.take(wanted)
        studio.screens.footage[door.location].changing_s = 4.0
        return studio

    @pytest.mark.parametrize("clock", ["12:01:02", "12:01:03.5"])
    def test_what_was_on_its_way_when_an_emergency_came_is_not_seen(self, clock: str) -> None:
        """Not even the first picture after a time without any."""
        studio = self.slow_camera()
        studio.run_to(clock)
        assert studio.screen.loads != []
        assert studio.started() == []
        studio.fire(play_emergency(Item(id="alarm", location="/alarm.flac")))
        studio.run_for(20)
        assert studio.seen == ""
        assert studio.cards[-1] == "emergency"

    def test_what_is_seen_in_an_emergency_all_the_same_gives_way_to_the_card(self) -> None:
        """It was seen a moment before it was told."""
        studio = Studio().show(program(ROUND, playlist("round", *ROUND)))
        studio.fire(play_emergency(Item(id="alarm", location="/alarm.flac")))
        studio.run_for(1)
        dropped = len(studio.told("drop_picture"))
        seen = prepare_picture(ROUND[0], None)
        studio.fire(picture_started(seen, Seconds(0.0)))
        studio.run_for(1)
        assert len(studio.told("drop_picture")) == dropped + 1
        assert studio.cards[-1] == "emergency"

    def test_after_closing_hours_the_right_picture_comes(self) -> None:
        """That of the morning, and not the one that was cued at night."""
        night, morning = still("night", 3600), still("morning", 10)
        slot = Slot(starts=time(13), ends=time(14))
        wanted = program(
            [night, morning],
            playlist("night", night),
            playlist("morning", morning),
            dayparts=(Daypart(id="morning", slot=slot, screen="morning"),),
        )
        studio = Studio().show(wanted)
        studio.fire(fade_out(Seconds(1.0), "closed"))
        studio.run_for(2)
        assert studio.seen == ""
        studio.wall.step(3700)
        studio.fire(start_playing())
        studio.run_for(0.5)
        assert studio.seen == "morning"

    def test_while_nobody_knows_the_time_the_likeliest_is_shown(self) -> None:
        """A box with a dead clock is no box without pictures."""
        studio = Studio()
        studio.fire(clock_judged(ClockTrust.UNKNOWN))
        studio.show(program(ROUND, playlist("round", *ROUND)))
        assert studio.seen == "a"

    def test_a_spot_between_songs_does_not_disturb_an_emergency(self) -> None:
        """Nothing does."""
        studio = Studio().show(with_spot(SPOKEN))
        studio.fire(play_emergency(Item(id="alarm", location="/alarm.flac")))
        studio.fire(spot_started(spoken()))
        studio.run_for(3)
        assert studio.seen == ""


class TestLoudness:
    """Clips that are heard."""

    def test_a_clip_is_as_loud_as_the_music(self) -> None:
        """As soon as that is measured; what the item says goes first."""
        loud, own = clip("loud", 5, ClipSound.MIX), clip("own", 5, ClipSound.MIX, gain_db=-3.0)
        studio = Studio()
        for one in (loud, own):
            studio.facts.to_find[Path(one.location)] = facts(5.0, loudness_lufs=-9.0)
        studio.take(program([loud, own], playlist("round", loud, own)))
        studio.run_for(12)
        assert [load.gain_db for load in studio.screen.loads[:2]] == [-7.0, -3.0]

    def test_a_clip_that_cannot_be_measured_is_shown_all_the_same(self) -> None:
        """At the gain of a song of which nobody knows more."""
        strange = clip("strange", 5, ClipSound.MIX)
        studio = Studio().show(program([strange], playlist("round", strange)))
        assert studio.seen == "strange"
        assert studio.screen.loads[0].gain_db == loudness_gain(None, None, Rules())

    def test_what_nobody_hears_is_not_measured(self) -> None:
        """It would take its time."""
        mute = clip("mute", 5)
        studio = Studio().show(program([mute, *ROUND], playlist("round", mute, *ROUND)))
        assert studio.seen == "mute"
        assert studio.facts.analysed == []


def test_soft_spots_are_counted_by_songs_not_by_pictures() -> None:
    """The screen's engine knows no spots."""
    spot = Spot(id="each", items=("call",), when=EachSongs(songs=1))
    studio = Studio()
    studio.take(program(ROUND, playlist("round", *ROUND), spots=(spot,)))
    studio.run_for(35)
    assert set(studio.started()) == {"a", "b"}
