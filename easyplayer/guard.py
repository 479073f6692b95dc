"""What the WatchDog has seen of the box, and when a box that ends badly again and again is to be careful.

A box that crashes or hangs three times within some minutes does not mend by being started a fourth time.
It is started with less instead: :attr:`Level.CAREFUL`, and if that does not last either, :attr:`Level.BARE`.
After a while the whole box is tried again, and each such while is twice as long as the one before it.

All instants are of the machine's monotonic clock, which every process reads alike and nobody can set; they
mean nothing in another run of the machine, which begins with the whole box.
"""

import math
from enum import Enum, IntEnum

from msgspec import Struct, structs

from easyplayer.units import Instant, Monotonic, Seconds

MOST_KEPT = 5
"""How many verdicts are kept in words."""
WELL_AFTER_S = Seconds(24 * 3600.0)
"""A box that has run for so long without ending badly is taken for mended."""
HIGHEST = 2**31
"""No count goes on above it: JSON takes no number of any size, whatever a file says."""
LONGEST_SAFE_S = Seconds(24 * 3600.0)
"""No safe mode lasts longer, whatever a file says."""
FIRST_PAUSE_S = Seconds(600.0)
"""So long after the start of the machine a remedy may be tried; after each time it is twice as long."""
LONGEST_PAUSE_S = Seconds(4 * 3600.0)
"""It is never longer: a box that is silent for good is worse than a machine that starts anew."""


class Level(IntEnum):
    """How much of itself the box dares to start."""

    FULL = 0
    CAREFUL = 1
    """It plays what the firmware brings along, in the program's hours, and hears what the hub wants of it."""
    BARE = 2
    """It plays that, and does nothing else: it reads nothing of its state, and knows no hub."""


class SafeRules(Struct, frozen=True, kw_only=True):
    """When safe mode comes, and how long it lasts.

    :ivar count: so many bad ends within ``window_s`` are too many.
    :ivar first_s: how long it lasts at first; each time twice as long as before, up to ``longest_s``.
    """

    count: int = 3
    window_s: Seconds = Seconds(300.0)
    first_s: Seconds = Seconds(600.0)
    longest_s: Seconds = Seconds(4 * 3600.0)


class Verdict(Struct, frozen=True):
    """One bad end, in words.

    :ivar at: what the wall clock showed.
    """

    at: Instant
    text: str


class Remedy(Enum):
    """What is left where a process cannot be killed; each is named by its field of :class:`Guard`."""

    REBOOT = "reboots"
    """The machine is started anew."""
    REPLACE = "replacements"
    """circusd, and all that it runs, is replaced by systemd."""


class Tries(Struct, frozen=True):
    """How often in a row a remedy was tried, and when last; 0 is the start of the machine."""

    count: int = 0
    at: float = 0.0


class Guard(Struct, frozen=True, kw_only=True):
    """All that is known of bad ends; what ``guard.json`` in the state directory holds.

    :ivar boot: names the run of the machine that all instants, and the counts without ``ever``, are of.
    :ivar bad_ends: when the box ended badly lately.
    :ivar last_at: when it did last; 0 is the start of the machine.
    :ivar level: how much it dares until ``until``.
    :ivar spells: how often in a row safe mode has come.
    :ivar kills: how often a process was silent and was killed.
    :ivar crashes: how often one ended badly by itself.
    :ivar last: the last verdicts, the newest at the end.
    :ivar reboots: how often in a row the machine was started anew because a process could not be killed.
    :ivar replacements: how often in a row, in this run of the machine, circusd was to be replaced for that.
    :ivar unguarded: why nobody is guarded just now; empty where all is well.
    """

    boot: str = ""
    bad_ends: tuple[float, ...] = ()
    last_at: float = 0.0
    level: int = 0
    until: float = 0.0
    spells: int = 0
    kills: int = 0
    crashes: int = 0
    kills_ever: int = 0
    crashes_ever: int = 0
    last: tuple[Verdict, ...] = ()
    reboots: Tries = Tries()
    replacements: Tries = Tries()
    unguarded: str = ""


class GuardView(Struct, frozen=True, kw_only=True):
    """What the WatchDog has seen, as the status shows it.

    :ivar safe: how much of itself the box has started: 0 is all, 1 careful, 2 bare.
    :ivar safe_left_s: for how much longer safe mode lasts.
    :ivar kills: how often since the machine started it was silent, and killed; ``kills_ever`` before, too.
    :ivar crashes: how often since the machine started it ended badly by itself; ``crashes_ever`` before, too.
    :ivar last: the last time, in words.
    :ivar unguarded: why nobody would notice if it hung; empty where all is well.
    """

    safe: int = 0
    safe_left_s: Seconds = Seconds(0.0)
    kills: int = 0
    crashes: int = 0
    kills_ever: int = 0
    crashes_ever: int = 0
    last: str = ""
    unguarded: str = ""


class BadEnd(Struct, frozen=True, kw_only=True):
    """One process that ended badly.

    :ivar killed: whether it was silent and was killed; if not, it crashed.
    :ivar text: what happened, in words.
    """

    at: Monotonic
    wall: Instant
    killed: bool
    text: str


def sound(guard: Guard, boot: str, now: Monotonic) -> Guard:
    """Give what still counts in this run of the machine, whatever a file has said."""
    counts = {
        name: _within(getattr(guard, name))
        for name in ("kills", "crashes", "kills_ever", "crashes_ever", "spells")
    }
    last = guard.last[-MOST_KEPT:]
    if guard.boot != boot:
        fresh = {**counts, "kills": 0, "crashes": 0}
        anew = Guard(boot=boot, last=last, reboots=Tries(_within(guard.reboots.count)))
        return structs.replace(anew, **fresh)
    level = level_at(guard, boot, now)
    return structs.replace(
        guard,
        bad_ends=tuple(at for at in guard.bad_ends if 0.0 <= at <= now),
        last_at=min(max(guard.last_at, 0.0), now),
        level=int(level),
        until=0.0 if level is Level.FULL else guard.until,
        last=last,
        reboots=_sound_tries(guard.reboots, now),
        replacements=_sound_tries(guard.replacements, now),
        **counts,
    )


def _within(count: int) -> int:
    return min(max(count, 0), HIGHEST)


def _sound_tries(tries: Tries, now: Monotonic) -> Tries:
    return Tries(_within(tries.count), min(max(tries.at, 0.0), now))


def level_at(guard: Guard, boot: str, now: Monotonic) -> Level:
    """Tell how much of itself a box may start at an instant."""
    lasts = guard.boot == boot and now < guard.until <= now + LONGEST_SAFE_S
    return Level(guard.level) if lasts and guard.level in set(Level) else Level.FULL


def left_s(guard: Guard, boot: str, now: Monotonic) -> Seconds:
    """Tell for how much longer safe mode lasts; 0 where there is none."""
    careful = level_at(guard, boot, now) is not Level.FULL
    return Seconds(guard.until - now if careful else 0.0)


def noted(guard: Guard, end: BadEnd, rules: SafeRules) -> Guard:
    """Take down a bad end; where there were too many, safe mode comes, or a stricter one.

    :param guard: what is known, and sound in this run of the machine.
    """
    recent = (*(at for at in guard.bad_ends if end.at - at < rules.window_s), end.at)
    spells = guard.spells if end.at - guard.last_at < WELL_AFTER_S else 0
    after = structs.replace(
        guard,
        bad_ends=recent,
        last_at=end.at,
        spells=spells,
        last=(*guard.last, Verdict(end.wall, end.text))[-MOST_KEPT:],
        kills=guard.kills + end.killed,
        kills_ever=guard.kills_ever + end.killed,
        crashes=guard.crashes + (not end.killed),
        crashes_ever=guard.crashes_ever + (not end.killed),
    )
    return _stricter(after, end.at, rules) if len(recent) >= rules.count else after


def _stricter(guard: Guard, now: Monotonic, rules: SafeRules) -> Guard:
    before = level_at(guard, guard.boot, now)
    spells = guard.spells + (before is Level.FULL)
    return structs.replace(
        guard,
        bad_ends=(),
        level=min(before + 1, max(Level)),
        until=now + safe_for(spells, rules),
        spells=spells,
    )


def safe_for(spells: int, rules: SafeRules) -> Seconds:
    """Tell how long safe mode lasts when it comes for the first time, the second, and so on.

    >>> safe_for(1, SafeRules()), safe_for(2, SafeRules()), safe_for(99, SafeRules())
    (600.0, 1200.0, 14400.0)
    """
    doublings = min(max(spells - 1, 0), math.ceil(math.log2(LONGEST_SAFE_S)))
    return Seconds(min(rules.first_s * 2**doublings, rules.longest_s, LONGEST_SAFE_S))


def may_try(guard: Guard, remedy: Remedy, now: Monotonic) -> bool:
    """Tell whether a remedy may be tried now.

    Each time, the pause before the next one is twice as long.  The first reboot has one before it, too, from
    the start of the machine: what cannot be written down is forgotten, and must not become a loop.

    :param guard: what is known, and sound in this run of the machine.
    """
    tries: Tries = getattr(guard, remedy.value)
    if remedy is Remedy.REPLACE and tries.count == 0:
        return True
    return now - tries.at >= pause_s(tries.count)


def pause_s(count: int) -> Seconds:
    """Tell how long a pause is after so many times in a row.

    >>> pause_s(0), pause_s(1), pause_s(99)
    (600.0, 1200.0, 14400.0)
    """
    doublings = min(max(count, 0), math.ceil(math.log2(LONGEST_PAUSE_S)))
    return Seconds(min(FIRST_PAUSE_S * 2**doublings, LONGEST_PAUSE_S))


def tried(guard: Guard, remedy: Remedy, now: Monotonic, wall: Instant, text: str) -> Guard:
    """Take down that a remedy is tried; after a day without it is the first time again.

    :param text: what happens, in words.
    """
    before: Tries = getattr(guard, remedy.value)
    count = before.count if now - before.at < WELL_AFTER_S else 0
    last = (*guard.last, Verdict(wall, text))[-MOST_KEPT:]
    return structs.replace(guard, last=last, **{remedy.value: Tries(_within(count + 1), now)})
