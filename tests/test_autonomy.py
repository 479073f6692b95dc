"""For how long a box plays on by itself, and what it could not play."""

from collections.abc import Collection
from datetime import time

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.autonomy import AHEAD_S, MOST_TOLD, autonomy
from easyplayer.playout.catalogue import Daypart, Hours, Program, Sharp, Slot, Spot
from easyplayer.playout.items import ItemKind
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import Autonomy
from easyplayer.units import Instant
from tests.fakes.hub_media import item, playlist, program_of
from tests.playout.good_programs import programs
from tests.playout.programs import utc

NOON = utc("2027-03-05T12:00")
SIX = utc("2027-03-05T18:00")
BAR = program_of("bar", "d1", "d2", evening=("n1", "n2"))
ALL = ("d1", "d2", "n1", "n2", "call")


def told(program: Program, there: Collection[str], now: Instant = NOON) -> Autonomy:
    """Tell how it is where some items are on the disk."""
    return autonomy(program, now, lambda one: one.id in there)


def test_box_that_has_everything_plays_on() -> None:
    """As far as it looks ahead."""
    assert told(BAR, ALL) == Autonomy()


def test_it_ends_where_something_is_planned_that_is_not_there() -> None:
    """The evening's music misses a song, so that up to six all is well."""
    assert told(BAR, ("d1", "d2", "n1")) == Autonomy(
        until=SIX,
        uncovered=("daypart evening, from Fri 2027-03-05 18:00 UTC: 1 of its 2 items are not on the disk",),
    )


def test_what_has_the_word_now_ends_it_at_once() -> None:
    """And what has nothing at all says so."""
    now = told(BAR, ("n1", "n2"))
    assert now.until == NOON
    assert now.uncovered == (
        "fallback, from Fri 2027-03-05 12:00 UTC: all of its 2 items are not on the disk",
    )


def test_stream_ends_it_and_is_no_gap() -> None:
    """Without a network it is not heard; with one it is."""
    radio = structs.replace(item("n1"), kind=ItemKind.STREAM, location="http://radio/n1", media=None)
    items = tuple(radio if one.id == "n1" else one for one in BAR.items)
    assert told(structs.replace(BAR, items=items), ALL) == Autonomy(until=SIX)


def test_spot_that_is_missing_is_told_with_its_time() -> None:
    """On the second, or from when it may come."""
    spot = Spot(id="call", title="Last orders", items=("call",), when=Sharp(at=(time(23),)))
    bar = structs.replace(BAR, items=(*BAR.items, item("call")), spots=(spot,))
    assert told(bar, ALL) == Autonomy()
    gap = told(bar, ("d1", "d2", "n1", "n2"))
    assert gap.until == utc("2027-03-05T23:00")
    assert gap.uncovered == (
        "spot Last orders, from Fri 2027-03-05 23:00 UTC: all of its 1 items are not on the disk",
    )


def test_closed_hours_end_nothing() -> None:
    """What would play then is not heard anyway."""
    early = structs.replace(BAR, hours=(Hours(slot=Slot(starts=time(9), ends=time(18))),))
    assert told(early, ("d1", "d2")) == Autonomy()


def test_so_much_is_told_and_no_more() -> None:
    """A box without any media says what it says in one message of bounded size."""
    lists = [playlist(f"p{number}", item(f"i{number}")) for number in range(30)]
    parts = [
        Daypart(
            id=one.id,
            title="x" * 900,
            slot=Slot(starts=time(0, number), ends=time(0, number + 1)),
            playlist=one.id,
        )
        for number, one in enumerate(lists)
    ]
    items = tuple(item(f"i{number}") for number in range(30))
    program = Program(name="x", zone="UTC", items=items, playlists=tuple(lists), dayparts=tuple(parts))
    uncovered = told(program, ()).uncovered
    assert len(uncovered) == MOST_TOLD + 1
    assert uncovered[-1] == "and 10 more"
    assert decode(encode(told(program, ())), Autonomy).uncovered == uncovered


@given(programs(), st.floats(1.77e9, 1.83e9), st.sets(st.integers(0, 5)))
def test_whatever_is_planned_is_within_what_is_looked_at(
    program: Program, now: float, gone: set[int]
) -> None:
    """A gap ends it; and one more item on the disk never ends it sooner."""
    items = [one.id for one in program.items]
    there = {name for number, name in enumerate(items) if number not in gone}
    fewer, all_there = told(program, there, Instant(now)), told(program, items, Instant(now))
    assert fewer.until is None or now <= fewer.until < now + AHEAD_S
    assert (fewer.until or Instant(now + AHEAD_S)) <= (all_there.until or Instant(now + AHEAD_S))
    assert not all_there.uncovered or all_there.until is None or all_there.until >= now


def test_pictures_that_are_missing_are_told_and_end_it() -> None:
    """They are kept on the disk as the music is."""
    poster = structs.replace(item("poster"), kind=ItemKind.STILL)
    bar = structs.replace(
        BAR,
        items=(*BAR.items, poster),
        playlists=(*BAR.playlists, playlist("wall", poster)),
        dayparts=(*BAR.dayparts, Daypart(id="late", slot=Slot(starts=time(22)), screen="wall")),
    )
    assert told(bar, (*ALL, "poster")) == Autonomy()
    assert told(bar, ALL) == Autonomy(
        until=utc("2027-03-05T22:00"),
        uncovered=(
            "screen of daypart late, from Fri 2027-03-05 22:00 UTC: all of its 1 items are not on the disk",
        ),
    )


def test_pictures_of_a_spot_are_told_with_it() -> None:
    """From when it may come first."""
    poster = structs.replace(item("poster"), kind=ItemKind.STILL)
    spot = Spot(id="call", items=("d1",), when=Sharp(at=(time(18),)), pictures=("poster",))
    bar = structs.replace(BAR, items=(*BAR.items, poster), spots=(spot,))
    assert told(bar, ALL).uncovered == (
        "screen of spot call, from Fri 2027-03-05 18:00 UTC: all of its 1 items are not on the disk",
    )
