"""A whole day of a whole box, and what was foretold of it: every item, at its time."""

from datetime import datetime, time, timedelta
from itertools import zip_longest

import pytest
from msgspec import structs

from easyplayer.playout.asrun import AsRun
from easyplayer.playout.catalogue import (
    Daypart,
    EachMinutes,
    EachSongs,
    Hours,
    Order,
    Over,
    PastHour,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.preparation import Measured, prepare
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.transition import Rules
from easyplayer.playout.virtual_clock import VirtualClock
from easyplayer.ticker import Ticker
from easyplayer.units import Instant, Milliseconds, to_seconds
from tests.fakes.clock import HeldClock
from tests.fakes.deck import Medium
from tests.fakes.work import facts
from tests.house import FakeBox
from tests.test_program_box import playlist, program, wall

BEGUN = HeldClock()()
OPENS = "2027-03-01T07:00"
SONGS = [f"song {number}" for number in range(60)]
CALLS = ["noon", "soup", "wine", "bell", "gong"]
LENGTHS = {
    **{name: 97.0 + 7.3 * number for number, name in enumerate(SONGS)},
    **{name: 4.0 + number for number, name in enumerate(CALLS)},
}


def venue() -> Program:
    """Make a program with something of everything."""
    apart = Separation(title_songs=3, item_minutes=30)
    lists = (
        structs.replace(playlist("morning", *SONGS[:25], order=Order.SHUFFLE), separation=apart),
        structs.replace(playlist("evening", *SONGS[20:50], order=Order.WEIGHTED), separation=apart),
        playlist("party", *SONGS[40:]),
        playlist("house", *SONGS[50:], order=Order.SHUFFLE),
    )
    return program(
        *lists,
        more=CALLS,
        dayparts=(
            Daypart(id="morning", slot=Slot(starts=time(7), ends=time(12)), playlist="morning"),
            Daypart(id="evening", slot=Slot(starts=time(16), ends=time(1)), playlist="evening"),
        ),
        shows=(
            show("matinee", "2027-03-01T14:00", Start.HARD, hours=1),
            show("party", "2027-03-01T21:30", Start.SOFT, hours=2),
        ),
        spots=(
            sharp("noon", Over.DUCK, 12),
            sharp("bell", Over.PAUSE, 17),
            sharp("gong", Over.CUT, 18),
            Spot(
                id="soup", items=("soup",), when=EachSongs(songs=4), slot=Slot(starts=time(11), ends=time(15))
            ),
            Spot(id="wine", items=("wine",), when=PastHour(minute=20), per_day=3, apart_minutes=5),
            Spot(id="any", items=("wine", "soup"), when=EachMinutes(minutes=45), per_hour=1),
        ),
        hours=(Hours(slot=Slot(starts=time(7), ends=time(2))),),
        fallback="house",
    )


def show(name: str, begins: str, start: Start, hours: int) -> Show:
    first = datetime.fromisoformat(begins)
    ends = first + timedelta(hours=hours)
    return Show(id=name, starts=first, ends=ends, playlist="party", start=start, longest_wait_s=90)


def sharp(name: str, over: Over, hour: int) -> Spot:
    return Spot(id=name, items=(name,), when=Sharp(at=(time(hour),), over=over))


def foretold(venue: Program, start: Instant, end: Instant, rules: Rules) -> list[AsRun]:
    """Tell what the simulator says of a span."""

    def ready(item: Item, _before: Item | None) -> PreparedItem:
        return prepare(Measured(item, facts(LENGTHS[item.id])), None, rules)

    world = World(clock=VirtualClock(starts=start), prepare=ready, rules=rules)
    happenings = VirtualVenue(Engine(venue), world).run(end)
    rows = [one for one in happenings if isinstance(one, AsRun)]
    return sorted(rows, key=lambda row: (row.started, row.origin.layer))


def played(box: FakeBox, start: Instant) -> list[tuple[str, str, str, float]]:
    """Tell what the box played: item, layer, source and instant."""
    found = [
        (
            seen.args[0].item.id,
            str(seen.args[0].origin.layer),
            seen.args[0].origin.source,
            seen.at - BEGUN + start,
        )
        for name in ("item_started", "spot_started")
        for seen in box.witness.all(name)
    ]
    return sorted(found, key=lambda one: (one[3], one[1]))


def let_pass(box: FakeBox, seconds: float) -> None:
    """Let the time leap from one thing that happens to the next."""
    ticker, end = box.part(Ticker), box.clock() + seconds
    while box.clock() < end:
        now = box.clock()
        times = [at for at, _, deadline in ticker._heap if deadline.pending]
        times += [at for deck in box.decks.made for at in (deck._next_reading_at, deck._ready_at)]
        following = min((at for at in times if at > now), default=end)
        box.clock.advance(max(min(following, end) - now, 1e-6))
        box.settle()


@pytest.mark.slow
def test_box_plays_all_day_what_was_foretold() -> None:
    """What `easyplayer explain` says of an instant is what is heard then: all of it."""
    start = wall(OPENS)
    end = Instant(start + 20 * 3600)
    media = {name: Medium(length_s=length) for name, length in LENGTHS.items()}
    with FakeBox(media, program=venue(), wall=start) as box:
        let_pass(box, end - start)
        heard = played(box, start)
    rules = Rules(crossfade_s=to_seconds(Milliseconds(2000)))
    told = [
        (row.item.id, str(row.origin.layer), row.origin.source, row.started)
        for row in foretold(venue(), start, end, rules)
    ]
    differing = [
        (ours, theirs)
        for ours, theirs in zip_longest(heard, told)
        if ours is None or theirs is None or ours[:3] != theirs[:3] or abs(ours[3] - theirs[3]) > 2.0
    ]
    assert len(heard) > 200
    assert differing[:3] == []
