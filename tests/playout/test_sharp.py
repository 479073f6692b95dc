"""Spots that come on the second come once, whatever the clock does."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.catalogue import Program, Sharp, Slot, Spot
from easyplayer.playout.sharp import KEPT, LONGEST_GAP_S, Look, SharpState, SharpWatch
from easyplayer.playout.timeline import SharpEvent, Timeline
from easyplayer.units import Instant
from tests.playout.programs import DAY_S, HOUR_S, at, program_in

PARIS = "Europe/Paris"
HOURLY = tuple(time(hour) for hour in range(24))


def bell(*times: time, tolerance_s: int = 60, name: str = "bell", slot: Slot | None = None) -> Spot:
    """Make a spot that comes at some times of every day."""
    sharp = Sharp(at=times or HOURLY, tolerance_s=tolerance_s)
    return Spot(id=name, items=("calm",), when=sharp, slot=slot or Slot())


def house(*spots: Spot) -> Program:
    """Make a program with some spots, or with the bell of every hour."""
    return program_in(PARIS, spots=spots or (bell(),))


def watch(program: Program, state: SharpState | None = None) -> SharpWatch:
    """Watch for the spots of a program."""
    return SharpWatch(Timeline(program), state or SharpState())


def keys(events: tuple[SharpEvent, ...]) -> list[str]:
    """Name some events."""
    return [event.key.partition("T")[2] for event in events]


def clock(hour: str) -> Instant:
    """Give a time of one day."""
    return at(PARIS, f"2027-03-05 {hour}")


def come(watch: SharpWatch, hour: str, ahead_s: float = 0.0) -> Look:
    """Look, and have all come that is due."""
    look = watch.look(clock(hour), ahead_s)
    for event in look.due:
        watch.claim(event)
    return look


def test_event_comes_at_its_second_and_not_again() -> None:
    """However often one looks."""
    bells = watch(house())
    assert keys(come(bells, "11:59:59").due) == []
    assert keys(come(bells, "12:00:00").due) == ["12:00:00"]
    assert come(bells, "12:00:00.5") == come(bells, "12:00:59") == Look((), ())


def test_event_is_seen_so_many_seconds_ahead() -> None:
    """A box needs some to make it ready."""
    bells = watch(house())
    assert keys(come(bells, "11:59:51", ahead_s=8).due) == []
    assert keys(come(bells, "11:59:52", ahead_s=8).due) == ["12:00:00"]


def test_event_that_was_missed_by_less_than_its_tolerance_comes_late() -> None:
    """The clock went from before to behind it."""
    bells = watch(house())
    come(bells, "11:50")
    assert keys(come(bells, "12:01:00").due) == ["12:00:00"]


def test_event_that_was_missed_by_more_is_told_once_and_never_comes() -> None:
    """Nobody wants the noon chime at a quarter past."""
    bells = watch(house())
    come(bells, "11:50")
    look = come(bells, "13:01:01")
    assert (keys(look.due), keys(look.missed)) == ([], ["12:00:00", "13:00:00"])
    assert come(bells, "13:01:02") == Look((), ())


def test_event_that_passes_its_tolerance_unclaimed_is_missed_then() -> None:
    """Whoever looks and does not claim has not played it."""
    bells = watch(house())
    bells.look(clock("12:00"))
    assert keys(bells.look(clock("12:00:59")).due) == ["12:00:00"]
    assert keys(bells.look(clock("12:01:01")).missed) == ["12:00:00"]


def test_box_that_starts_for_the_first_time_has_missed_nothing() -> None:
    """It may come a little late to what is just due."""
    assert come(watch(house()), "12:10") == Look((), ())
    assert keys(come(watch(house()), "12:00:30").due) == ["12:00:00"]


def test_box_that_was_off_tells_what_it_missed() -> None:
    """Yesterday's chimes, but not those of a year ago."""
    bells = watch(house(bell(time(12))), SharpState(looked=at(PARIS, "2027-03-01 10:00")))
    assert len(come(bells, "13:00").missed) == 5

    long_off = watch(house(bell(time(12))), SharpState(looked=at(PARIS, "2026-03-01 10:00")))
    assert len(come(long_off, "13:00").missed) == LONGEST_GAP_S / DAY_S


def test_clock_that_is_set_back_brings_nothing_again() -> None:
    """In autumn, too, when nobody sets it by hand."""
    bells = watch(house())
    come(bells, "11:59:59")
    come(bells, "12:00:00")
    assert come(bells, "11:30") == come(bells, "12:00:01") == Look((), ())
    assert keys(come(bells, "13:00").due) == ["13:00:00"]


def test_event_that_was_passed_over_comes_if_the_clock_is_set_back_before_it() -> None:
    """It has been told as missed, but it has not been heard."""
    bells = watch(house())
    come(bells, "11:50")
    assert keys(come(bells, "12:10").missed) == ["12:00:00"]
    come(bells, "11:55")
    assert keys(come(bells, "12:00").due) == ["12:00:00"]


def test_next_event_is_told_unless_it_has_come() -> None:
    """So that nobody has to look each second."""
    bells = watch(house(bell(time(12), time(18))))
    assert bells.next_after(clock("11:00")) == clock("12:00")
    come(bells, "12:00")
    assert bells.next_after(clock("12:00")) == clock("18:00")
    assert watch(house(bell(slot=Slot(last=date(2020, 1, 1))))).next_after(clock("11:00")) is None


def test_so_many_are_remembered_and_no_more() -> None:
    """A year of chimes does not fill the disk."""
    bells, start = watch(house()), clock("00:00")
    for hour in range(5000):
        for event in bells.look(Instant(start + hour * HOUR_S)).due:
            bells.claim(event)
    assert len(bells.state.claimed) == KEPT
    assert len(msgspec.json.encode(bells.state)) < 10_000


steps = st.lists(
    st.floats(0, 300) | st.sampled_from((0.5, 59.0, 61.0, 3600.0, -3600.0, -7200.0, 7200.0, -DAY_S)),
    max_size=60,
)
"""By how much the clock goes on from look to look: by itself, or because somebody sets it."""


def walked(steps: list[float]) -> Iterator[Instant]:
    """Give what the clock shows at each look."""
    shown = clock("11:58")
    yield shown
    for step in steps:
        shown = Instant(shown + step)
        yield shown


@given(steps)
def test_whatever_the_clock_does_an_event_comes_at_most_once_and_in_time(steps: list[float]) -> None:
    """Never early, and never later than its tolerance."""
    bells, came = watch(house(bell(), bell(time(12), tolerance_s=0, name="noon"))), Counter[str]()
    for shown in walked(steps):
        for event in bells.look(shown).due:
            bells.claim(event)
            came[event.key] += 1
            assert -1e-5 <= shown - event.at <= (60 if event.spot.id == "bell" else 0)
    assert set(came.values()) <= {1}


@given(steps)
def test_whatever_the_clock_does_no_event_is_lost(steps: list[float]) -> None:
    """One whose second was seen on the clock, or soon after it, has come; one that was passed is told."""
    bells, came, missed = watch(house()), set[str](), set[str]()
    looks = [*walked(steps)]
    for shown in looks:
        look = bells.look(shown)
        for event in look.due:
            bells.claim(event)
        came |= {event.key for event in look.due}
        missed |= {event.key for event in look.missed}
    hours = bells_between(min(looks) - HOUR_S, max(looks))
    seen = {event.key for event in hours if any(0 <= shown - event.at <= 60 for shown in looks)}
    passed = {
        event.key
        for event in hours
        for before, after in pairwise(looks)
        if before <= event.at + 60 < after and not any(0 <= shown - event.at <= 60 for shown in looks)
    }
    assert seen <= came
    assert passed <= missed
    assert not (came - seen)


def bells_between(start: float, end: float) -> tuple[SharpEvent, ...]:
    """Give the bells of a span."""
    return Timeline(house()).sharp(Instant(start), Instant(end + 1))


@given(steps, st.integers(0, 60))
def test_watch_that_was_written_down_and_read_again_goes_on_the_same(steps: list[float], cut: int) -> None:
    """A restart makes no difference."""
    program = house()
    one, other = watch(program), watch(program)
    for number, shown in enumerate(walked(steps)):
        if number == cut:
            kept = msgspec.json.decode(msgspec.json.encode(other.state), type=SharpState)
            other = watch(program, kept)
        looks = one.look(shown, 8.0), other.look(shown, 8.0)
        assert looks[0] == looks[1]
        for event in looks[0].due:
            one.claim(event)
            other.claim(event)
