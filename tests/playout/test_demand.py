"""What a program demands of a disk, and which of it soonest."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.playout.catalogue import (
    Daypart,
    EachMinutes,
    Hours,
    Pictures,
    Program,
    Sharp,
    Slot,
    Spot,
    Weekday,
)
from easyplayer.playout.demand import (
    A_FEW,
    can_begin,
    fallback_alone,
    first_comings,
    media_of,
    needed_soon,
    soonest_first,
)
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode, encode
from easyplayer.playout.timeline import HORIZON_S
from easyplayer.units import Instant, Milliseconds
from tests.fakes.hub_media import content, digest_of, item, playlist, program_of
from tests.playout.good_programs import programs
from tests.playout.programs import utc

pytestmark = pytest.mark.slow

NOON = utc("2027-03-05T12:00")
NOON_DATE = date(2027, 3, 5)
EVENING = utc("2027-03-05T18:30")
DAYS, NIGHTS = ("d1", "d2", "d3", "d4", "d5"), ("n1", "n2", "n3", "n4", "n5")
BAR = program_of("bar", *DAYS, evening=NIGHTS)
NAMES = {digest_of(content(name)): name for name in (*DAYS, *NIGHTS, "call", "idle", "i1", "i2", "i3", "i4")}


def order(program: Program, now: Instant) -> list[str]:
    """Name the media in the order in which they are fetched."""
    return [NAMES[sha256] for sha256 in soonest_first(program, now)]


def with_spot(program: Program, when: Any, **fields: Any) -> Program:
    """Add a spot to a program."""
    spot = Spot(id="call", items=("call",), when=when, **fields)
    return structs.replace(program, items=(*program.items, item("call")), spots=(spot,))


def test_what_plays_now_comes_first_and_a_few_of_what_follows_before_the_rest() -> None:
    """So that no hour is without music, whatever becomes of the line."""
    assert order(BAR, NOON) == ["d1", "d2", "d3", "n1", "n2", "n3", "d4", "d5", "n4", "n5"]
    assert order(BAR, EVENING) == ["n1", "n2", "n3", "d1", "d2", "d3", "n4", "n5", "d4", "d5"]
    assert A_FEW == 3


def test_what_the_days_to_come_do_not_need_comes_last() -> None:
    """It is fetched all the same."""
    idle = structs.replace(BAR, items=(item("idle"), *BAR.items))
    assert order(idle, NOON)[-1] == "idle"


def test_spot_comes_before_its_time() -> None:
    """One at noon of tomorrow before the music of tomorrow evening, and one that is due now first of all."""
    tomorrow = with_spot(BAR, Sharp(at=(time(11),)))
    assert order(tomorrow, NOON).index("call") == 6
    assert order(with_spot(BAR, EachMinutes(minutes=30)), NOON)[0] == "call"


def test_closed_hours_need_nothing() -> None:
    """The evening's music waits where the venue closes before it."""
    hours = (Hours(slot=Slot(starts=time(9), ends=time(17))),)
    assert order(structs.replace(BAR, hours=hours), NOON)[:5] == list(DAYS)


@settings(max_examples=40)
@given(programs(), st.floats(1.77e9, 1.83e9))
def test_all_media_are_fetched_once_whatever_the_program(program: Program, now: float) -> None:
    """Nothing is lost for the sake of the order, and nothing else comes in."""
    ranked = soonest_first(program, Instant(now))
    assert ranked == media_of(program)
    files = [one for one in program.items if one.owned and one.media]
    assert set(ranked) == {one.media.sha256 for one in files if one.media}


@settings(max_examples=40)
@given(programs(), st.floats(1.77e9, 1.83e9))
def test_first_coming_of_a_spot_is_in_the_window(program: Program, now: float) -> None:
    """Each at most once."""
    window = Instant(now), Instant(now + HORIZON_S)
    comings = [*first_comings(program, *window)]
    assert all(window[0] <= at < window[1] for at, _ in comings)
    assert len({spot.id for _, spot in comings}) == len(comings) <= len(program.spots)


@pytest.mark.parametrize(
    ("there", "now", "begins"),
    [
        (("d4",), NOON, True),
        (("n1",), NOON, False),
        (("n1",), EVENING, True),
        (("d1",), EVENING, False),
        ((), NOON, False),
    ],
)
def test_program_begins_with_something_of_what_is_due(
    there: tuple[str, ...], now: Instant, *, begins: bool
) -> None:
    """Not with what is for another time of day."""
    assert can_begin(BAR, now, lambda one: one.id in there) is begins


def test_closed_venue_begins_with_what_it_opens_with() -> None:
    """The music for the morning, where it is closed at noon."""
    hours = (Hours(slot=Slot(starts=time(18), ends=time(20))),)
    evening_only = structs.replace(BAR, hours=hours)
    assert can_begin(evening_only, NOON, lambda one: one.id == "n5")
    assert not can_begin(evening_only, NOON, lambda one: one.id == "d1")


def test_program_that_plans_nothing_begins_with_anything() -> None:
    """Whatever of its items can be played is played then."""
    bare = structs.replace(BAR, dayparts=(), fallback="")
    assert can_begin(bare, NOON, lambda one: one.id == "n5")
    assert not can_begin(bare, NOON, lambda _one: False)


def test_spot_whose_days_do_not_come_is_not_needed() -> None:
    """A campaign that is over, or hours that the venue is closed in."""
    over = with_spot(BAR, EachMinutes(minutes=5), slot=Slot(last=NOON_DATE))
    assert [*first_comings(over, Instant(NOON + 2 * 86_400), Instant(NOON + HORIZON_S))] == []
    later = with_spot(BAR, EachMinutes(minutes=5), slot=Slot(days=(Weekday.SUNDAY,), starts=time(10)))
    ((at, _),) = first_comings(later, NOON, Instant(NOON + HORIZON_S))
    assert at == utc("2027-03-07T10:00")
    shut = structs.replace(with_spot(BAR, Sharp(at=(time(11),))), hours=(Hours(slot=Slot(starts=time(17))),))
    assert [*first_comings(shut, NOON, Instant(NOON + HORIZON_S))] == []


def test_streams_and_local_files_are_not_fetched() -> None:
    """Whatever a program says of them."""
    stream = structs.replace(item("s"), kind=ItemKind.STREAM)
    local = structs.replace(item("l"), kind=ItemKind.LOCAL)
    plain = Item(id="p", location="p.flac")
    assert media_of(Program(name="x", zone="UTC", items=(stream, local, plain))) == {}


def test_fallback_is_ready_right_after_the_next_hour() -> None:
    """Whatever the evening needs: silence is never acceptable."""
    idle = playlist("idle", *map(item, ("i1", "i2", "i3", "i4")))
    bar = structs.replace(
        BAR,
        items=(*BAR.items, *map(item, ("i1", "i2", "i3", "i4"))),
        playlists=(*BAR.playlists, idle),
        dayparts=(*BAR.dayparts, Daypart(id="day", slot=Slot(ends=time(18)), playlist="day")),
        fallback="idle",
    )
    assert order(bar, NOON)[:9] == ["d1", "d2", "d3", "i1", "i2", "i3", "n1", "n2", "n3"]
    late = Instant(utc("2027-03-05T17:30"))
    assert order(bar, late)[:9] == ["d1", "d2", "d3", "n1", "n2", "n3", "i1", "i2", "i3"]
    assert order(bar, NOON)[-1] == "i4"


class TestSoon:
    """What the next two hours need."""

    def soon(self, program: Program, now: Instant) -> set[str]:
        """Name it."""
        return {NAMES[sha256] for sha256 in needed_soon(program, now)}

    def test_it_is_what_has_the_word_in_them_and_a_few_of_the_fallback(self) -> None:
        """Not what comes later."""
        assert self.soon(BAR, NOON) == {*DAYS}
        assert self.soon(BAR, EVENING) == {*NIGHTS, "d1", "d2", "d3"}
        assert self.soon(BAR, Instant(NOON + 4.5 * 3600)) == {*DAYS, *NIGHTS}
        assert self.soon(with_spot(BAR, EachMinutes(minutes=30)), NOON) == {*DAYS, "call"}

    def test_long_playlist_is_needed_for_as_long_as_two_hours_are(self) -> None:
        """An item that does not say how long it is counts as a song of three minutes."""
        hours = [structs.replace(one, duration_ms=Milliseconds(3_600_000)) for one in map(item, DAYS)]
        long = structs.replace(BAR, items=tuple(hours), playlists=BAR.playlists[:1], dayparts=())
        assert self.soon(structs.replace(long, fallback="day"), NOON) == {"d1", "d2", "d3"}
        many = tuple(f"m{number}" for number in range(100))
        assert len(needed_soon(program_of("many", *many), NOON)) == 40

    @settings(max_examples=10)
    @given(programs(), st.floats(1.77e9, 1.83e9))
    def test_it_is_of_the_program_whatever_that_is(self, program: Program, now: float) -> None:
        """And what is needed at this moment is among it."""
        assert needed_soon(program, Instant(now)) <= set(media_of(program))


class TestFallback:
    """The part of a program that plays when nothing else is planned."""

    def test_it_is_a_program_of_its_own(self) -> None:
        """With the venue's hours and volume, and nothing but the fallback's items."""
        hours = (Hours(slot=Slot(starts=time(9), ends=time(17))),)
        alone = fallback_alone(structs.replace(with_spot(BAR, Sharp(at=(time(11),))), hours=hours))
        assert alone is not None
        assert [one.id for one in alone.items] == [*DAYS]
        assert (alone.hours, alone.dayparts, alone.spots, alone.fallback) == (hours, (), (), "day")
        assert decode(encode(alone)) == alone

    def test_there_may_be_none(self) -> None:
        """Or an empty one."""
        assert fallback_alone(structs.replace(BAR, fallback="")) is None
        assert fallback_alone(structs.replace(BAR, playlists=(playlist("day"),))) is None

    @settings(max_examples=10)
    @given(programs())
    def test_it_can_be_read_again_whatever_the_program(self, program: Program) -> None:
        """It is kept on the disk as a program is."""
        alone = fallback_alone(program)
        if alone is not None:
            assert decode(encode(alone)) == alone


# -- pictures --------------------------------------------------------------------------------------


def picture(name: str, kind: ItemKind = ItemKind.STILL) -> Item:
    """Make a picture whose medium the hub has."""
    return structs.replace(item(name), kind=kind)


WALL = structs.replace(
    BAR,
    items=(*BAR.items, *map(picture, ("i1", "i2", "i3", "i4")), picture("idle", ItemKind.CLIP)),
    playlists=(*BAR.playlists, playlist("wall", *map(item, ("i1", "i2", "i3", "i4")))),
    screen=Pictures(fallback="wall"),
)
"""The same music, with pictures at all times, and one that only a spot shows."""


def test_pictures_are_fetched_as_music_is_but_behind_it() -> None:
    """What is heard now comes before what is seen now, and that before the music of the evening."""
    assert media_of(WALL).keys() >= {digest_of(content("i1")), digest_of(content("idle"))}
    assert order(WALL, NOON)[:9] == ["d1", "d2", "d3", "i1", "i2", "i3", "n1", "n2", "n3"]
    spot = structs.replace(with_spot(WALL, EachMinutes(minutes=30)).spots[0], pictures=("idle",))
    spoken = structs.replace(WALL, items=(*WALL.items, item("call")), spots=(spot,))
    assert order(spoken, NOON)[:5] == ["call", "d1", "d2", "d3", "idle"]


def test_pictures_are_needed_soon_for_as_long_as_they_are_shown() -> None:
    """Ten seconds each: as many as there are; where each is shown for an hour, two of them."""
    soon = {NAMES[sha256] for sha256 in needed_soon(WALL, NOON)}
    assert soon == {*DAYS, "i1", "i2", "i3", "i4"}
    slow = structs.replace(WALL, screen=structs.replace(WALL.screen, still_s=3600))
    assert {NAMES[sha256] for sha256 in needed_soon(slow, NOON)} == {*DAYS, "i1", "i2"}


def test_music_does_not_wait_for_pictures() -> None:
    """A program that has nothing else waits for those."""
    assert can_begin(WALL, NOON, lambda one: one.id == "d1")
    assert not can_begin(WALL, NOON, lambda one: one.id == "i1")
    silent = structs.replace(
        WALL,
        items=tuple(one for one in WALL.items if one.showing),
        playlists=WALL.playlists[-1:],
        dayparts=(),
        fallback="",
    )
    assert can_begin(silent, NOON, lambda one: one.id == "i1")
    assert not can_begin(silent, NOON, lambda one: one.id == "idle")


def test_fallback_alone_shows_nothing() -> None:
    """It is for a disk that has no room."""
    alone = fallback_alone(WALL)
    assert alone is not None
    assert {one.id for one in alone.items} == {*DAYS}
    assert decode(encode(alone)) == alone
