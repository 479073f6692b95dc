"""Bad ends are counted, too many of them make the box careful, and it comes back by itself."""

import math

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.guard import (
    FIRST_PAUSE_S,
    HIGHEST,
    LONGEST_PAUSE_S,
    LONGEST_SAFE_S,
    MOST_KEPT,
    WELL_AFTER_S,
    BadEnd,
    Guard,
    Level,
    Remedy,
    SafeRules,
    Tries,
    left_s,
    level_at,
    may_try,
    noted,
    safe_for,
    sound,
    tried,
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


def rebooted(guard: Guard, at: float) -> Guard:
    """Tell what is known after the machine was to be started anew."""
    return tried(guard, Remedy.REBOOT, Monotonic(at), Instant(1.8e9), "the machine is started anew")


def may_reboot(guard: Guard, at: float) -> bool:
    """Tell whether the machine may be started anew."""
    return may_try(guard, Remedy.REBOOT, Monotonic(at))


def test_a_machine_that_has_only_just_started_is_not_started_anew() -> None:
    """Where nothing can be written down that is all that keeps it from a loop."""
    assert not may_reboot(FRESH, FIRST_PAUSE_S - 1)
    assert may_reboot(FRESH, FIRST_PAUSE_S)


def test_each_new_start_of_the_machine_makes_the_pause_before_the_next_twice_as_long() -> None:
    """Also over the new start itself; and it is never longer than some hours."""
    guard, pauses = FRESH, []
    for number in range(8):
        pause_s = next(s for s in range(0, 20_000, 600) if may_reboot(guard, s))
        pauses.append(pause_s)
        guard = sound(rebooted(guard, pause_s), f"run {number}", Monotonic(1.0))

    assert pauses == [600, 1200, 2400, 4800, 9600, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_a_new_start_that_did_not_come_is_not_asked_for_again_at_once() -> None:
    """Who refuses it now refuses it in ten seconds."""
    guard = rebooted(FRESH, 700.0)

    assert not may_reboot(guard, 710.0)
    assert may_reboot(guard, 700.0 + 2 * FIRST_PAUSE_S)


def test_a_day_without_it_makes_the_next_new_start_the_first() -> None:
    """What was wrong then was something else."""
    guard = rebooted(structs.replace(FRESH, reboots=Tries(5)), WELL_AFTER_S)

    assert guard.reboots == Tries(1, WELL_AFTER_S)
    assert guard.last[-1].text == "the machine is started anew"


def test_circusd_is_replaced_at_once_and_then_with_pauses() -> None:
    """Each time something is left behind, which a new start of the machine clears away."""
    assert may_try(FRESH, Remedy.REPLACE, Monotonic(1.0))
    guard = tried(FRESH, Remedy.REPLACE, Monotonic(1.0), Instant(0.0), "x")

    assert not may_try(guard, Remedy.REPLACE, Monotonic(FIRST_PAUSE_S))
    assert may_try(guard, Remedy.REPLACE, Monotonic(1.0 + 2 * FIRST_PAUSE_S))
    assert sound(guard, "another run", Monotonic(1.0)).replacements == Tries()


@given(count=st.integers(), at=st.floats(allow_nan=False), boot=st.sampled_from([BOOT, "another run"]))
def test_no_file_forbids_a_new_start_for_good(count: int, at: float, boot: str) -> None:
    """Whatever stands in it."""
    guard = sound(Guard(boot=boot, reboots=Tries(count, at)), BOOT, Monotonic(5.0))

    assert may_reboot(guard, 5.0 + LONGEST_PAUSE_S)
    assert 0 <= guard.reboots.count <= HIGHEST
