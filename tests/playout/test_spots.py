"""Spots come between the songs when they are due, as often as they may, and each item in its turn."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.calendar import instant_of, local_time, zone_of
from easyplayer.playout.catalogue import EachMinutes, EachSongs, PastHour, Program, Sharp, Slot, Spot, Weekday
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.rotation import Passed
from easyplayer.playout.spots import MOST_STRANGERS, SpotDraw, Spots, SpotState
from easyplayer.units import Instant

PARIS = "Europe/Paris"
MINUTE, HOUR, DAY = 60, 3600, 86_400
SONG_S = 200
ITEMS = tuple(Item(id=name, location=f"/spots/{name}.flac") for name in "abcd")


def spot(when: object, name: str = "ad", items: tuple[str, ...] = ("a",), **fields: object) -> Spot:
    """Give a spot."""
    return Spot(id=name, items=items, when=when, **fields)  # type: ignore[arg-type]


def program(*spots: Spot, zone: str = PARIS, items: tuple[Item, ...] = ITEMS) -> Program:
    """Give a program that has nothing but spots."""
    return Program(name="bar", zone=zone, items=items, spots=spots)


def at(local: str, zone: str = PARIS) -> Instant:
    """Give the instant of a local time."""
    return instant_of(datetime.fromisoformat(local), zone_of(zone))


NOON = at("2026-11-21T12:00")


def later(seconds: float, since: Instant = NOON) -> Instant:
    """Give an instant some seconds later."""
    return Instant(since + seconds)


def run(
    spots: Spots, start: Instant, end: Instant, song_s: float = SONG_S, spot_s: float = 20
) -> Iterator[tuple[Instant, SpotDraw]]:
    """Play songs, and every spot that is due between them; tell the spots."""
    now = start
    while now < end:
        draw = spots.due(now)
        if draw is None:
            spots.song_started(now)
            now = later(song_s, now)
        else:
            spots.spot_started(draw.spot.id, draw.item.id, now)
            yield now, draw
            now = later(spot_s, now)


def heard(spots: Spots, start: str, end: str, zone: str = PARIS, song_s: float = 60) -> list[str]:
    """Play from one local time to another; tell the local times of the spots."""
    starts = [now for now, _ in run(spots, at(start, zone), at(end, zone), song_s, spot_s=60)]
    return [f"{local_time(now, zone_of(zone)):%H:%M}" for now in starts]


def came(spots: Spots, *instants: Instant, name: str = "ad", item: str = "a") -> Spots:
    """Have a spot come at some instants."""
    for instant in instants:
        spots.spot_started(name, item, instant)
    return spots


def due(spots: Spots, instant: Instant, coming: Instant | None = None) -> str:
    """Tell the id of the spot that is due; empty where none is."""
    draw = spots.due(instant, coming=coming)
    return draw.spot.id if draw else ""


class TestEachSongs:
    """A spot that comes after so many songs."""

    def test_it_comes_after_so_many_songs_and_again_after_as_many(self) -> None:
        """The first time it is counted from the first song."""
        spots, order = Spots(program(spot(EachSongs(songs=3)))), ""
        for step in range(12):
            draw = spots.due(later(step))
            order += "s" if draw is None else "!"
            (spots.song_started if draw is None else came_of(spots))(later(step))
        assert order == "sss!sss!sss!"

    def test_a_spot_that_is_new_in_the_program_waits_for_its_songs(self) -> None:
        """However many songs were played before."""
        old = Spots(program())
        for step in range(50):
            old.song_started(later(step))
        spots = Spots(program(spot(EachSongs(songs=2))), old.state)

        spots.song_started(later(60))
        early = due(spots, later(61))
        spots.song_started(later(62))

        assert (early, due(spots, later(63))) == ("", "ad")

    def test_it_says_why(self) -> None:
        """In words that the explanation shows."""
        spots = Spots(program(spot(EachSongs(songs=1))))
        spots.song_started(NOON)
        first = spots.due(later(10))
        came(spots, later(10)).song_started(later(20))
        second = spots.due(later(30))
        assert first is not None
        assert second is not None
        assert (first.why, second.why) == ("1 songs since the first song", "1 songs since it came last")


def came_of(spots: Spots) -> Callable[[Instant], object]:
    """Give what has the spot come."""
    return lambda instant: came(spots, instant)


class TestEachMinutes:
    """A spot that comes when so many minutes have passed."""

    def test_it_comes_when_the_minutes_have_passed(self) -> None:
        """Counted from the first song, and then from its own start."""
        spots = Spots(program(spot(EachMinutes(minutes=30))))
        assert heard(spots, "2026-11-21T12:00", "2026-11-21T14:00") == ["12:30", "13:00", "13:30"]

    def test_it_is_not_due_before_the_first_song(self) -> None:
        """A venue opens with music."""
        assert due(Spots(program(spot(EachMinutes(minutes=1)))), NOON) == ""

    def test_it_waits_for_the_end_of_the_song(self) -> None:
        """And its minutes count from when it came, not from when it was due."""
        spots = Spots(program(spot(EachMinutes(minutes=30))))
        times = heard(spots, "2026-11-21T12:00", "2026-11-21T14:00", song_s=7 * MINUTE)
        assert times == ["12:35", "13:11", "13:47"]


class TestPastHour:
    """A spot that comes once in each hour, at a minute or soon after it."""

    def test_it_comes_once_in_each_hour(self) -> None:
        """Between the first two songs that meet after its minute."""
        spots = Spots(program(spot(PastHour(minute=15))))
        times = heard(spots, "2026-11-21T11:50", "2026-11-21T15:00", song_s=4 * MINUTE)
        assert times == ["12:18", "13:15", "14:16"]

    @pytest.mark.parametrize(
        ("clock", "expected"),
        [
            ("11:54:59", ""),
            ("11:55", "ad"),
            ("12:00", "ad"),
            ("12:14:59", "ad"),
            ("12:15", ""),
            ("12:54", ""),
            ("12:55", "ad"),
        ],
    )
    def test_its_wait_goes_over_into_the_next_hour(self, clock: str, expected: str) -> None:
        """Who waits for a quarter of an hour from five to twelve waits until a quarter past."""
        spots = Spots(program(spot(PastHour(minute=55, wait_minutes=20))))
        assert due(spots, at(f"2026-11-21T{clock}")) == expected

    def test_one_that_came_over_the_hour_comes_for_the_next_minute_again(self) -> None:
        """What counts is the minute it waited for, not the hour in which it was heard."""
        spots = Spots(program(spot(PastHour(minute=55, wait_minutes=20))))
        came(spots, at("2026-11-21T12:10"))
        assert due(spots, at("2026-11-21T12:12")) == ""
        assert due(spots, at("2026-11-21T12:55")) == "ad"

    def test_one_that_sounds_a_little_early_has_come(self) -> None:
        """The song before it was skipped, so it was heard before its minute: once is enough."""
        spots = came(Spots(program(spot(PastHour(minute=0)))), at("2026-11-21T11:58"))
        assert due(spots, at("2026-11-21T12:03")) == ""
        assert due(spots, at("2026-11-21T13:00")) == "ad"

    def test_one_that_sounds_a_little_late_comes_for_the_next_minute_again(self) -> None:
        """It was drawn in time, and the song before it was longer than it said."""
        spots = came(Spots(program(spot(PastHour(minute=0)))), at("2026-11-21T12:16"))
        assert due(spots, at("2026-11-21T13:00")) == "ad"

    def test_an_hour_that_comes_twice_counts_twice(self) -> None:
        """The people who hear it have waited for an hour."""
        spots = Spots(program(spot(PastHour(minute=30, wait_minutes=10))))
        times = heard(spots, "2026-10-25T01:00", "2026-10-25T04:00")
        assert times == ["01:30", "02:30", "02:30", "03:30"]

    def test_an_hour_that_is_left_out_does_not_count(self) -> None:
        """Nothing is made up for that nobody has missed."""
        spots = Spots(program(spot(PastHour(minute=30, wait_minutes=10))))
        times = heard(spots, "2026-03-29T01:00", "2026-03-29T05:00")
        assert times == ["01:30", "03:30", "04:30"]

    @pytest.mark.parametrize(
        ("zone", "start", "end", "expected"),
        [
            ("Asia/Kathmandu", "2026-06-01T10:00", "2026-06-01T12:00", ["10:30", "11:30"]),
            (
                "America/New_York",
                "2026-11-01T00:00",
                "2026-11-01T03:00",
                ["00:30", "01:30", "01:30", "02:30"],
            ),
            (
                "America/New_York",
                "2026-03-08T00:00",
                "2026-03-08T05:00",
                ["00:30", "01:30", "03:30", "04:30"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T00:00",
                "2026-04-05T04:00",
                ["00:30", "01:30", "01:30", "02:30", "03:30"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04T00:00",
                "2026-10-04T04:00",
                ["00:30", "01:30", "02:30", "03:30"],
            ),
        ],
    )
    def test_its_minute_is_that_of_the_clock_on_the_wall(
        self, zone: str, start: str, end: str, expected: list[str]
    ) -> None:
        """In zones that are not whole hours from Greenwich, and where clocks are set by half an hour."""
        spots = Spots(program(spot(PastHour(minute=30, wait_minutes=10)), zone=zone))
        assert heard(spots, start, end, zone) == expected


class TestApart:
    """How far a spot keeps from the others."""

    def test_a_spot_keeps_from_every_other(self) -> None:
        """From the start of the other to its own."""
        spots = Spots(program(spot(EachSongs(songs=1), apart_minutes=10), spot(EachSongs(songs=99), "other")))
        spots.song_started(NOON)
        came(spots, NOON, name="other")
        assert due(spots, later(10 * MINUTE - 1)) == ""
        assert due(spots, later(10 * MINUTE)) == "ad"

    def test_a_spot_does_not_keep_from_itself(self) -> None:
        """For that it has its own interval."""
        spots = came(Spots(program(spot(EachSongs(songs=1), apart_minutes=10))), NOON)
        spots.song_started(NOON)
        assert due(spots, later(60)) == "ad"

    def test_a_spot_that_does_not_ask_follows_another_at_once(self) -> None:
        """Several in a row are a block."""
        spots = Spots(program(spot(EachSongs(songs=1)), spot(EachSongs(songs=1), "other")))
        spots.song_started(NOON)
        order = [draw.spot.id for _, draw in run(spots, later(180), later(240))]
        assert order == ["ad", "other"]

    def test_a_spot_keeps_from_one_on_the_second_that_was_heard(self) -> None:
        """Sharp ones do not ask, but they are asked for."""
        sharp = spot(Sharp(at=(time(12),)), "gong")
        spots = Spots(program(spot(EachSongs(songs=1), apart_minutes=10), sharp))
        spots.song_started(NOON)
        came(spots, NOON, name="gong")
        assert due(spots, later(5 * MINUTE)) == ""

    @pytest.mark.parametrize(("ahead_s", "expected"), [(599, ""), (0, ""), (600, "ad"), (-1, "ad")])
    def test_a_spot_keeps_from_one_on_the_second_that_is_to_come(self, ahead_s: int, expected: str) -> None:
        """What would come just before the gong comes after it."""
        spots = Spots(program(spot(EachSongs(songs=1), apart_minutes=10)))
        spots.song_started(NOON)
        assert due(spots, later(60), coming=later(60 + ahead_s)) == expected


class TestCaps:
    """How often a spot may come."""

    def test_it_comes_so_often_in_an_hour_of_the_clock(self) -> None:
        """And in the next one as often again."""
        spots = Spots(program(spot(EachMinutes(minutes=10), per_hour=2)))
        times = heard(spots, "2026-11-21T12:00", "2026-11-21T14:00")
        assert times == ["12:10", "12:20", "13:00", "13:10"]

    def test_it_comes_so_often_on_a_date(self) -> None:
        """The day is over at midnight, by the clock on the wall."""
        spots = Spots(program(spot(EachMinutes(minutes=10), per_day=2)))
        times = heard(spots, "2026-11-21T23:00", "2026-11-22T02:00")
        assert times == ["23:10", "23:20", "00:00", "00:10"]

    def test_each_of_two_hours_with_one_name_has_its_own_count(self) -> None:
        """An hour is an hour."""
        spots = Spots(program(spot(EachMinutes(minutes=20), per_hour=1)))
        times = heard(spots, "2026-10-25T01:30", "2026-10-25T03:59")
        assert times == ["01:50", "02:10", "02:00", "03:00"]


class TestSlot:
    """The days and hours in which a spot may come at all."""

    @pytest.mark.parametrize(
        ("local", "expected"),
        [
            ("2026-11-19T18:00", ""),
            ("2026-11-20T16:59", ""),
            ("2026-11-20T17:00", "ad"),
            ("2026-11-21T00:59", "ad"),
            ("2026-11-21T01:00", ""),
            ("2026-11-27T17:00", "ad"),
            ("2026-12-04T17:00", ""),
        ],
    )
    def test_a_campaign_has_its_days_and_hours(self, local: str, expected: str) -> None:
        """The night belongs to the day before."""
        fridays = Slot(
            days=(Weekday.FRIDAY,),
            starts=time(17),
            ends=time(1),
            first=date(2026, 11, 20),
            last=date(2026, 11, 27),
        )
        spots = Spots(program(spot(EachMinutes(minutes=1), slot=fridays)))
        spots.song_started(at("2026-11-01T12:00"))
        assert due(spots, at(local)) == expected


class TestRank:
    """Which of several comes."""

    def test_the_highest_priority_comes_first(self) -> None:
        """Whatever has waited for longer."""
        spots = Spots(program(spot(EachSongs(songs=1), "a"), spot(EachSongs(songs=1), "b", priority=1)))
        spots.song_started(NOON)
        assert due(came(spots, NOON, name="b"), later(60)) == "a"
        spots.song_started(later(60))
        assert due(spots, later(120)) == "b"

    def test_then_comes_the_one_that_was_heard_the_longest_ago(self) -> None:
        """So that two that are always due take turns."""
        spots = Spots(program(spot(EachMinutes(minutes=5), "a"), spot(EachMinutes(minutes=5), "b")))
        order = [draw.spot.id for _, draw in run(spots, NOON, later(30 * MINUTE), song_s=5 * MINUTE)]
        assert order[:6] == ["a", "b", "a", "b", "a", "b"]

    @given(st.permutations(range(6)), st.integers(0, 10**6))
    def test_the_order_of_listing_does_not_matter(self, order: list[int], seed: int) -> None:
        """Two programs that say the same play the same."""
        listed = some_spots(seed)
        one, other = (
            [
                (now, draw.spot.id, draw.item.id)
                for now, draw in run(Spots(program(*spots)), NOON, later(5 * HOUR))
            ]
            for spots in (listed, [listed[index] for index in order])
        )
        assert one == other


class TestTurn:
    """Which item of a spot comes."""

    def played(self, spots: Spots, unavailable: Callable[[Item], str], count: int) -> str:
        """Play a spot again and again."""
        order = ""
        for step in range(count):
            spots.song_started(later(2 * step))
            draw = spots.due(later(2 * step + 1), unavailable)
            assert draw is not None
            spots.spot_started("ad", draw.item.id, later(2 * step + 1))
            order += draw.item.id
        return order

    def test_items_come_in_turn(self) -> None:
        """Also where one is listed twice."""
        spots = Spots(program(spot(EachSongs(songs=1), items=("a", "b", "a", "c"))))
        assert self.played(spots, lambda _: "", 9) == "abacabaca"

    def test_one_that_cannot_be_played_is_passed_over(self) -> None:
        """The others go on in turn, and it is told why."""
        spots = Spots(program(spot(EachSongs(songs=1), items=("a", "b", "c"))))
        missing = {"b": "it is not downloaded yet"}
        assert self.played(spots, lambda item: missing.get(item.id, ""), 4) == "acac"

        spots.spot_started("ad", "a", later(20))
        spots.song_started(later(21))
        draw = spots.due(later(22), lambda item: missing.get(item.id, ""))
        assert draw is not None
        assert draw.passed == (Passed("b", "it is not downloaded yet"),)

    def test_a_spot_of_which_nothing_can_be_played_gives_way_to_the_next(self) -> None:
        """Its silence is told."""
        first = spot(EachSongs(songs=1), "first", ("a", "b"), priority=1)
        spots = Spots(program(first, spot(EachSongs(songs=1), "second", ("c",))))
        spots.song_started(NOON)
        draw = spots.due(later(1), lambda item: "gone" if item.id in "ab" else "")
        assert draw is not None
        assert (draw.spot.id, draw.passed) == ("second", (Passed("a", "gone"), Passed("b", "gone")))
        assert spots.due(later(1), lambda _: "gone") is None

    def test_what_cannot_be_heard_or_has_no_end_is_no_spot(self) -> None:
        """Nor is what the program does not have."""
        items = (
            Item(id="still", location="a.png", kind=ItemKind.STILL),
            Item(id="radio", location="http://radio.example", kind=ItemKind.STREAM),
            *ITEMS,
        )
        spots = Spots(program(spot(EachSongs(songs=1), items=("still", "radio", "lost", "a")), items=items))
        spots.song_started(NOON)
        draw = spots.due(later(1))
        assert draw is not None
        assert draw.item.id == "a"
        assert draw.passed == (
            Passed("still", "nothing of it can be heard: it is a still"),
            Passed("radio", "it has no end"),
            Passed("lost", "the program does not have it"),
        )

    def test_a_program_with_other_items_goes_on_behind_the_last_one(self) -> None:
        """Wherever that is listed now."""
        old = came(Spots(program(spot(EachSongs(songs=1), items=("a", "b", "c")))), NOON, item="b")
        new = spot(EachSongs(songs=1), items=("d", "c", "a", "b"))
        item = Spots(program(new), old.state).item_of(new)
        assert item is not None
        assert item.id == "d"

    def test_a_spot_on_the_second_has_its_turns_too(self) -> None:
        """The next item is the one that has not come."""
        gong = spot(Sharp(at=(time(12),)), items=("a", "b"))
        spots = came(Spots(program(gong)), NOON)
        following = spots.item_of(gong)
        other = spots.item_of(gong, lambda item: "gone" if item.id == "b" else "")
        assert following is not None
        assert other is not None
        assert (following.id, other.id) == ("b", "a")


class TestClock:
    """A wall clock that is set, or wrong."""

    def test_a_spot_is_not_heard_again_because_the_clock_was_set_back(self) -> None:
        """It came a moment ago, and waits for its interval once more: no less, and no longer."""
        spots = came(Spots(program(spot(EachMinutes(minutes=30)))), NOON)
        back = later(-HOUR)
        assert due(spots, later(10, back)) == ""
        spots.song_started(later(20, back))
        assert due(spots, later(30 * MINUTE + 19, back)) == ""
        assert due(spots, later(30 * MINUTE + 20, back)) == "ad"

    def test_a_minute_past_the_hour_that_comes_again_was_answered(self) -> None:
        """The clock was a little fast: what came for noon does not come for noon again."""
        spots = came(Spots(program(spot(PastHour(minute=0)))), later(30))
        spots.song_started(later(-30))
        assert [due(spots, later(seconds)) for seconds in (-20, 0, 300)] == ["", "", ""]
        assert due(spots, later(HOUR)) == "ad"

    @pytest.mark.parametrize("hours", [1, 2, 5, 20])
    def test_a_spot_of_each_hour_comes_again_within_two(self, hours: int) -> None:
        """However far the clock was set back, within a day."""
        spots = came(Spots(program(spot(PastHour(minute=0)))), later(30))
        back = later(-HOUR * hours + 40)
        starts = [now for now, _ in run(spots, back, later(4 * HOUR, back))]
        assert 0.5 * HOUR < starts[0] - back <= 2 * HOUR
        assert starts[1] - starts[0] == pytest.approx(HOUR, abs=SONG_S)

    def test_caps_hold_when_the_clock_is_set_back(self) -> None:
        """What was heard counts for the hour and the date that are shown now."""
        spots = Spots(program(spot(EachSongs(songs=1), per_hour=2)))
        midnight = at("2026-11-22T00:05")
        came(spots, midnight, midnight).song_started(later(-10 * MINUTE, midnight))
        assert due(spots, later(-9 * MINUTE, midnight)) == ""
        spots.song_started(later(-8 * MINUTE, midnight))
        assert due(spots, midnight) == "ad"

    def test_the_others_do_not_keep_apart_for_longer_than_they_ask(self) -> None:
        """From the first song after the clock was set."""
        spots = Spots(program(spot(EachSongs(songs=1), apart_minutes=10), spot(EachSongs(songs=99), "other")))
        spots.song_started(NOON)
        came(spots, NOON, name="other")
        spots.song_started(later(-HOUR))
        assert due(spots, later(-HOUR + 10 * MINUTE)) == "ad"

    @pytest.mark.parametrize("when", [EachMinutes(minutes=30), PastHour(minute=5), EachSongs(songs=1)])
    def test_a_time_that_cannot_be_blocks_nothing(self, when: object) -> None:
        """A clock that stood in another year has left times behind that nobody waits for."""
        spots = Spots(
            program(spot(when, apart_minutes=30, per_day=1), spot(when, "other", slot=Slot(dates=())))
        )
        future = at("2090-01-01T00:05:30")
        came(came(spots, future), future, name="other").song_started(later(5 * MINUTE))
        assert due(spots, later(6 * MINUTE)) == "ad"

    def test_a_start_in_1970_forgets_nothing(self) -> None:
        """The box is started with an empty battery, plays, and learns the time some songs later."""
        spots = came(Spots(program(spot(PastHour(minute=0), per_day=1))), NOON)
        for step in range(5):
            spots.song_started(Instant(200.0 * step))
        spots.song_started(later(5 * MINUTE))
        assert [due(spots, later(seconds)) for seconds in (6 * MINUTE, HOUR)] == ["", ""]


class TestState:
    """What is remembered."""

    @given(st.integers(0, 10**6))
    def test_a_restart_between_any_two_items_changes_nothing(self, seed: int) -> None:
        """What is remembered goes through JSON each time."""
        plan = program(*some_spots(seed))
        steady, told, expected = Spots(plan), [], []
        restarted, now = Spots(plan), NOON
        for _ in range(100):
            kept = msgspec.json.encode(restarted.state)
            restarted = Spots(plan, msgspec.json.decode(kept, type=SpotState))
            told.append(restarted.due(now))
            expected.append(steady.due(now))
            for spots in (restarted, steady):
                draw = expected[-1]
                if draw is None:
                    spots.song_started(now)
                else:
                    spots.spot_started(draw.spot.id, draw.item.id, now)
            now = later(SONG_S, now)
        assert told == expected
        assert restarted.state == steady.state

    def test_asking_changes_nothing(self) -> None:
        """Nor does asking twice."""
        spots = Spots(program(*some_spots(1)))
        [*run(spots, NOON, later(HOUR))]
        before = spots.state
        answers = [spots.due(later(2 * HOUR)) for _ in range(3)]
        assert answers[0] == answers[1] == answers[2] is not None
        assert spots.state == before

    def test_a_spot_that_left_the_program_is_remembered_for_a_while(self) -> None:
        """A program that goes, and comes back the same day, brings nothing twice."""
        plan = program(spot(EachMinutes(minutes=1), per_day=1))
        spots = came(Spots(plan), NOON)
        without = Spots(program(spot(EachSongs(songs=1), "other")), spots.state)
        came(without, later(60), name="other")
        assert due(Spots(plan, without.state), later(HOUR)) == ""

        came(without, later(3 * DAY), name="other")
        assert "ad" not in without.state.pasts

    def test_it_stays_small_whatever_happens(self) -> None:
        """Programs that change all the time leave no more behind than a few kilobytes."""
        state = SpotState()
        for number in range(3 * MOST_STRANGERS):
            spots = came(
                Spots(program(spot(EachSongs(songs=1), f"{number}")), state), later(number), name=f"{number}"
            )
            state = spots.state
        assert len(state.pasts) == MOST_STRANGERS + 1
        assert len(msgspec.json.encode(state)) < 20_000

    def test_a_spot_that_nobody_knows_is_heard_all_the_same(self) -> None:
        """It was on air when the program changed: the others keep apart from it."""
        spots = Spots(program(spot(EachSongs(songs=1), apart_minutes=10)))
        spots.song_started(NOON)
        came(spots, NOON, name="gone")
        assert due(spots, later(60)) == ""


def some_spots(seed: int, count: int = 6) -> list[Spot]:
    """Make up spots of all kinds."""
    chance = Random(seed)
    return [
        spot(
            chance.choice(
                [
                    EachSongs(songs=chance.randint(1, 8)),
                    EachMinutes(minutes=chance.randint(3, 50)),
                    PastHour(minute=chance.randrange(60), wait_minutes=chance.randint(1, 59)),
                ]
            ),
            f"spot {number}",
            tuple(chance.choices("abcd", k=chance.randint(1, 4))),
            slot=Slot(starts=time(chance.randrange(24)), ends=time(chance.randrange(24))),
            apart_minutes=chance.choice([0, 0, 5, 12]),
            per_hour=chance.choice([None, 1, 2]),
            per_day=chance.choice([None, 3, 9]),
            priority=chance.randint(0, 2),
        )
        for number in range(count)
    ]


zones = st.sampled_from(
    [PARIS, "Asia/Kathmandu", "America/New_York", "Africa/Casablanca", "America/St_Johns"]
)
"""Zones whose clocks are set by whole hours."""


class TestRules:
    """What holds for all spots, in every night of the year."""

    @given(st.integers(0, 10**6), zones, st.integers(0, 364), st.floats(30.0, 900.0))
    def test_every_rule_of_every_spot_holds(self, seed: int, zone: str, day: int, song_s: float) -> None:
        """Over half a day, whatever the others are."""
        start = later(DAY * day)
        spots = Spots(program(*some_spots(seed), zone=zone))
        told = [*run(spots, start, later(12 * HOUR, start), song_s)]
        for now, draw in told:
            others = [then for then, other in told if other.spot.id != draw.spot.id and then < now]
            assert now - max(others, default=-1) >= MINUTE * draw.spot.apart_minutes
        for one in {draw.spot for _, draw in told}:
            hold_its_own_rules(one, [now for now, draw in told if draw.spot == one], zone)

    @given(zones, st.integers(0, 365 * 24), st.integers(0, 59), st.integers(1, 59))
    def test_a_spot_of_each_hour_comes_in_each(self, zone: str, hours: int, minute: int, wait: int) -> None:
        """Where songs are short enough to leave it room, clocks are set or not."""
        spots = Spots(program(spot(PastHour(minute=minute, wait_minutes=wait)), zone=zone))
        start = later(HOUR * hours, at("2026-01-01T00:00", zone))
        told = [now for now, _ in run(spots, start, later(12 * HOUR, start), 40)]
        shown = [local_time(now, zone_of(zone)) for now in told]
        assert 12 <= len(told) <= 13
        assert all((local.minute - minute) % 60 < wait for local in shown)
        assert all(one.minute == minute for one in shown[1:])


def hold_its_own_rules(one: Spot, starts: list[Instant], zone: str) -> None:
    """Hold what one spot promises."""
    shown = [local_time(start, zone_of(zone)) for start in starts]
    days = [local.date() for local in shown]
    if isinstance(one.when, EachMinutes):
        assert all(after - before >= MINUTE * one.when.minutes for before, after in pairwise(starts))
    if isinstance(one.when, PastHour):
        assert all((local.minute - one.when.minute) % 60 < one.when.wait_minutes for local in shown)
    if one.per_day is not None:
        assert all(days.count(day) <= one.per_day for day in days)
    if one.per_hour is not None:
        begins = [
            round(start - MINUTE * local.minute - local.second - local.microsecond / 1e6)
            for start, local in zip(starts, shown, strict=True)
        ]
        assert all(begins.count(begin) <= one.per_hour for begin in begins)
