"""Bad ends are counted, too many of them make the box careful, and it comes back by itself."""

import math

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from easyplayer.guard import (
    LONGEST_SAFE_S,
    MOST_KEPT,
    WELL_AFTER_S,
    BadEnd,
    Guard,
    Level,
    SafeRules,
    left_s,
    level_at,
    noted,
    safe_for,
    sound,
)
from easyplayer.units import Instant, Monotonic

BOOT = "this run"
RULES = SafeRules()
FRESH = Guard(boot=BOOT)


def crash(at: float, *, killed: bool = False) -> BadEnd:
    """Make a bad end."""
    return BadEnd(at=Monotonic(at), wall=Instant(1.8e9 + at), killed=killed, text=f"ended badly at {at}")


def after(*ends: float, guard: Guard = FRESH) -> Guard:
    """Tell what is known after some bad ends."""
    for at in ends:
        guard = noted(guard, crash(at), RULES)
    return guard


def level(guard: Guard, at: float) -> Level:
    """Tell the level at an instant of this run of the machine."""
    return level_at(guard, BOOT, Monotonic(at))


def test_two_bad_ends_are_bad_luck() -> None:
    """The whole box is started again."""
    assert level(after(100, 200), 201) is Level.FULL


def test_three_within_minutes_make_the_box_careful() -> None:
    """The third one brings safe mode, for ten minutes."""
    guard = after(100, 200, 300)

    assert level(guard, 301) is Level.CAREFUL
    assert left_s(guard, BOOT, Monotonic(301)) == RULES.first_s - 1


def test_three_within_a_day_do_not() -> None:
    """Only those count that are close together."""
    assert level(after(0, 4000, 8000, 12000), 12001) is Level.FULL


def test_safe_mode_ends_by_itself() -> None:
    """When its time is over the whole box is tried again."""
    assert level(after(1, 2, 3), 3 + RULES.first_s) is Level.FULL


def test_a_careful_box_that_ends_badly_too_becomes_bare() -> None:
    """Three more, and it does nothing but play; there is nothing below that."""
    bare = after(1, 2, 3, 4, 5, 6)

    assert level(bare, 7) is Level.BARE
    assert level(after(7, 8, 9, guard=bare), 10) is Level.BARE


def test_each_time_lasts_twice_as_long_up_to_a_limit() -> None:
    """A box that cannot be helped tries the whole of itself a few times a day."""
    guard, at, lasted = FRESH, 0.0, []
    for _ in range(7):
        guard = after(at + 1, at + 2, at + 3, guard=guard)
        lasted.append(left_s(guard, BOOT, Monotonic(at + 3)))
        at = guard.until

    assert lasted == [600, 1200, 2400, 4800, 9600, 14400, 14400]


def test_a_day_without_a_bad_end_is_a_new_beginning() -> None:
    """Safe mode lasts as long as the first time, then."""
    again = [at + WELL_AFTER_S for at in (100, 200, 300)]

    assert left_s(after(1, 2, 3, *again), BOOT, Monotonic(again[-1])) == RULES.first_s


def test_another_run_of_the_machine_begins_with_the_whole_box() -> None:
    """Pulling the plug is what people do, and it is a try like any other; what was ever is still known."""
    guard = sound(after(1, 2, 3), "the next run", Monotonic(5))

    assert level_at(guard, "the next run", Monotonic(5)) is Level.FULL
    assert (guard.crashes, guard.crashes_ever, guard.spells) == (0, 3, 1)
    assert guard.last[-1].text == "ended badly at 3"


def test_kills_and_crashes_are_told_apart() -> None:
    """A box that hangs is another matter than one that falls."""
    guard = noted(after(1), crash(2, killed=True), RULES)

    assert (guard.kills, guard.crashes, guard.kills_ever, guard.crashes_ever) == (1, 1, 1, 1)


def test_only_the_last_verdicts_are_kept() -> None:
    """The file does not grow."""
    guard = after(*range(0, 100_000, 1000))

    assert len(guard.last) == MOST_KEPT
    assert len(guard.bad_ends) <= RULES.count


numbers = st.one_of(st.floats(allow_nan=False), st.integers(-(2**60), 2**60).map(float))
foreign = st.builds(
    Guard,
    boot=st.sampled_from([BOOT, "", "another"]),
    bad_ends=st.lists(numbers, max_size=20).map(tuple),
    last_at=numbers,
    level=st.integers(-5, 10),
    until=numbers,
    spells=st.integers(-5, 10**9),
    kills=st.integers(-5, 10**30),
)


@given(foreign, st.floats(0, 1e9))
def test_whatever_a_file_says_the_whole_box_comes_back(guard: Guard, now: float) -> None:
    """No file keeps a box in safe mode for longer than a day."""
    known = sound(guard, BOOT, Monotonic(now))

    assert level(known, now + LONGEST_SAFE_S) is Level.FULL
    assert all(at <= now for at in known.bad_ends)
    assert msgspec.json.encode(known)


@example(Guard(boot=BOOT, bad_ends=(-math.inf,), last_at=-math.inf, until=math.inf), [])
@given(foreign, st.lists(st.tuples(st.floats(0, 20_000), st.booleans()), max_size=40))
def test_bad_ends_in_any_number_never_end_in_a_dead_loop(
    guard: Guard, ends: list[tuple[float, bool]]
) -> None:
    """Whatever comes: levels are levels, safe mode ends, counts go up, and it can be written down."""
    now = 1e6
    known = sound(guard, BOOT, Monotonic(now))
    for later, killed in ends:
        before, now = known, now + later
        known = noted(known, crash(now, killed=killed), RULES)
        assert known.kills + known.crashes == before.kills + before.crashes + 1
        assert level(known, now) >= (level(before, now))
        assert level(known, now + LONGEST_SAFE_S) is Level.FULL
        assert len(known.bad_ends) < RULES.count
    assert msgspec.json.decode(msgspec.json.encode(known), type=Guard) == known


@given(st.integers(-10, 10**12))
def test_safe_mode_is_never_endless(spells: int) -> None:
    """However often it has come."""
    assert 0 < safe_for(spells, RULES) <= RULES.longest_s
    assert math.isfinite(safe_for(spells, SafeRules(longest_s=LONGEST_SAFE_S)))
