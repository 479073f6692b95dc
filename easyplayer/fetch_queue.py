"""What is fetched next, and when: order, patience and giving up; no clock is read here and nothing done.

Several attempts may be under way at one time.  Those that fail together are one failure of the hub: a box
that brings three media at once waits no longer than one that brings them one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TypeAlias

from msgspec import Struct, field

from easyplayer.units import Monotonic, Seconds

WRONG_MOST = 3
"""So often a medium may come in and not be what it should be."""
STUCK_MOST = 10
"""So often a medium may not come although the hub says that it does."""
REFUSED_FOR_S = Seconds(3600.0)
"""After how long what cannot be had is asked for once more."""
FULL_FOR_S, IN_VAIN_MOST_S = Seconds(60.0), Seconds(3600.0)
"""How long is waited for a disk that takes nothing; where something has come over the line for nothing, twice
as long each further time, up to the other."""
BACKOFF_S, BACKOFF_MOST_S = Seconds(2.0), Seconds(300.0)
"""How long is waited after a first failure at most, and twice as long after each further one; up to this."""
BUSY_FOR_S = Seconds(3.0)
"""After how long something is looked at again that somebody else is bringing."""
NOT_LONGER_S = Seconds(0.0)


class Outcome(Enum):
    """What has become of an attempt."""

    FETCHED = "fetched"
    WRONG = "wrong"
    """Something else came in than was asked for."""
    REFUSED = "refused"
    """The hub does not have it, or will not give it."""
    FAILED = "failed"
    """The hub cannot be reached, or does not answer as one."""
    STUCK = "stuck"
    """The hub says where it is, and not a byte of it comes from there."""
    FULL = "full"
    """The disk has no room for it, or does not take it."""
    BUSY = "busy"
    """Somebody else is bringing it: another process, or a stick."""
    CANCELLED = "cancelled"
    """The box itself has broken it off."""
    DECLINED = "declined"
    """The box does not want it: a person has gone back from it, or a newer one is here."""


LONG_AGO, NEVER = Monotonic(float("-inf")), Monotonic(float("inf"))

_MOST = {Outcome.WRONG: WRONG_MOST, Outcome.STUCK: STUCK_MOST, Outcome.REFUSED: 1}
_NOT_COME = {Outcome.FAILED, Outcome.STUCK}
_SAYS_NOTHING = {Outcome.FULL, Outcome.CANCELLED, Outcome.DECLINED}
"""These tell nothing of the medium, nor of whether it can be had."""

May: TypeAlias = Callable[[str], bool]
"""Tells what may be fetched at the moment."""


class _Attempts(Struct):
    """What is known of one thing.

    :ivar counts: how often what has become of it.
    :ivar not_before: when it may be tried again.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    not_before: Monotonic = LONG_AGO


class FetchQueue:
    """The order of what is wanted, and what has become of it.

    :param draw: draws evenly from 0 to 1, so that not all boxes come back at once.
    """

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw
        self._order: dict[str, None] = {}
        self._fresh: dict[str, None] = {}
        self._attempts: dict[str, _Attempts] = {}
        self._given_up: set[str] = set()
        self._failed_in_row = 0
        self._failed_at = LONG_AGO
        self._resume_at = LONG_AGO
        self._in_vain_in_row = 0
        self._disk_waits_until = LONG_AGO

    def __contains__(self, digest: str) -> bool:
        """Tell whether something is wanted."""
        return digest in self._order

    def __iter__(self) -> Iterator[str]:
        """Give all that is wanted, in order."""
        return iter(self._order)

    def want(self, digests: Iterable[str]) -> None:
        """Say all that is wanted now, in order; what was tried of it before is still known."""
        self._order = dict.fromkeys(digests)
        self._attempts = {digest: one for digest, one in self._attempts.items() if digest in self._order}
        self._given_up &= self._order.keys()
        self._sort_out()

    def ask_again(self, digest: str) -> None:
        """Forget what was tried of one thing, and do not wait: it is news that it is wanted."""
        self._attempts.pop(digest, None)
        self._given_up.discard(digest)
        self._sort_out()
        self._resume_at = self._disk_waits_until = LONG_AGO

    def take_heart(self) -> None:
        """Forget the waits: the hub is there again."""
        self._failed_in_row = 0
        self._failed_at = self._resume_at = LONG_AGO
        for digest, attempts in [*self._attempts.items()]:
            if digest not in self._given_up and not attempts.counts[Outcome.FULL]:
                attempts.not_before = LONG_AGO
                del attempts.counts[Outcome.FAILED]
                if not attempts.counts:
                    del self._attempts[digest]
        self._sort_out()

    def next(self, now: Monotonic, may: May) -> str | None:
        """Give what is to be fetched now, if anything is; what has failed least comes first."""
        if self.waits(now):
            return None
        untried = self._untried(may)
        if untried is not None:
            return untried
        ready = (one for one in self._order if self._ready_at(one) <= now and may(one))
        return min(ready, key=lambda one: self._attempts[one].counts.total(), default=None)

    def is_ready(self, digest: str, now: Monotonic) -> bool:
        """Tell whether one thing is to be fetched now, without looking at all the others."""
        attempts = self._attempts.get(digest)
        tried = attempts is not None and now < attempts.not_before
        return digest in self._order and not self.waits(now) and not tried

    def wake_at(self, may: May) -> Monotonic | None:
        """Tell when there is something to fetch; ``None`` where nothing is wanted that may be fetched."""
        resume_at = max(self._resume_at, self._disk_waits_until)
        if self._untried(may) is not None:
            return resume_at
        soonest = min((one.not_before for name, one in self._attempts.items() if may(name)), default=None)
        return None if soonest is None else max(soonest, resume_at)

    def waits(self, now: Monotonic) -> bool:
        """Tell whether nothing at all is fetched at the moment, because something has failed."""
        return now < self._resume_at or self.disk_waits(now)

    def disk_waits(self, now: Monotonic) -> bool:
        """Tell whether that is because the disk has taken nothing."""
        return now < self._disk_waits_until

    def _untried(self, may: May) -> str | None:
        return next((one for one in self._fresh if may(one)), None)

    def _sort_out(self) -> None:
        """Find what was never tried: not for each one that comes, for there may be a hundred thousand."""
        self._fresh = {one: None for one in self._order if one not in self._attempts}

    def _ready_at(self, digest: str) -> Monotonic:
        attempts = self._attempts.get(digest)
        return NEVER if attempts is None else attempts.not_before

    @property
    def given_up(self) -> set[str]:
        """What cannot be had at the moment."""
        return self._given_up.copy()

    def has_given_up(self, digest: str) -> bool:
        """Tell whether one thing cannot be had at the moment."""
        return digest in self._given_up

    @property
    def settled(self) -> bool:
        """Whether all that can be had has come."""
        return len(self._order) == len(self._given_up)

    def note(
        self,
        digest: str,
        outcome: Outcome,
        now: Monotonic,
        at_least_s: Seconds = NOT_LONGER_S,
        begun: Monotonic | None = None,
        *,
        in_vain: bool = False,
    ) -> None:
        """Learn what has become of an attempt.

        Where something comes that could not be had, the others that could not are tried again, too.

        :param at_least_s: how long the hub wants to be left alone.
        :param begun: when the attempt began; without it, after all those that have failed.
        :param in_vain: whether it came, and the disk did not keep it.
        """
        if outcome is Outcome.FULL:
            self._wait_for_the_disk(digest, now, in_vain=in_vain)
        elif outcome in _NOT_COME:
            self._wait(now, at_least_s, begun)
        elif outcome not in {Outcome.BUSY, *_SAYS_NOTHING}:
            self._failed_in_row = 0
        if outcome is Outcome.FETCHED:
            self._in_vain_in_row = 0
            for known in (self._attempts, self._order, self._fresh):
                known.pop(digest, None)
            if digest in self._given_up:
                self._hope_again()
        elif digest in self._order and outcome not in _SAYS_NOTHING:
            self._fresh.pop(digest, None)
            self._look_at(digest, outcome, now)

    def _hope_again(self) -> None:
        """Forget what was tried of all that was given up."""
        for digest in self._given_up:
            self._attempts.pop(digest, None)
        self._given_up.clear()
        self._sort_out()

    def _wait_for_the_disk(self, digest: str, now: Monotonic, *, in_vain: bool) -> None:
        """Leave the disk alone; what comes over the line for nothing, more and more seldom."""
        self._in_vain_in_row += in_vain
        wait_s = _in_vain_for_s(self._in_vain_in_row) if in_vain else FULL_FOR_S
        self._disk_waits_until = max(self._disk_waits_until, Monotonic(now + wait_s))
        if in_vain and digest in self._order:
            self._fresh.pop(digest, None)
            attempts = self._attempts.setdefault(digest, _Attempts())
            attempts.counts[Outcome.FULL] += 1
            attempts.not_before = Monotonic(now + _in_vain_for_s(attempts.counts[Outcome.FULL]))

    def _wait(self, now: Monotonic, at_least_s: Seconds, begun: Monotonic | None) -> None:
        """Leave the hub alone; for longer than before, unless it was not known yet when this began."""
        wait_s = at_least_s
        if begun is None or begun > self._failed_at:
            self._failed_in_row += 1
            self._failed_at = now
            wait_s = max(self._backoff_s(self._failed_in_row), at_least_s)
        self._resume_at = max(self._resume_at, Monotonic(now + wait_s))

    def _look_at(self, digest: str, outcome: Outcome, now: Monotonic) -> None:
        """Decide when something is tried again that has not come, and whether it is given up."""
        attempts = self._attempts.setdefault(digest, _Attempts())
        if outcome is Outcome.BUSY:
            attempts.not_before = Monotonic(now + BUSY_FOR_S)
            return
        attempts.counts[outcome] += 1
        times = attempts.counts[outcome]
        if times >= _MOST.get(outcome, times + 1):
            self._given_up.add(digest)
        if digest in self._given_up:
            attempts.not_before = Monotonic(now + REFUSED_FOR_S)
        else:
            attempts.not_before = Monotonic(now + self._backoff_s(times))

    def _backoff_s(self, failures: int) -> Seconds:
        """Draw how long to wait: anything from half of the longest wait to all of it."""
        longest = min(BACKOFF_S * 2.0 ** min(failures - 1, 16), BACKOFF_MOST_S)
        return Seconds(longest * (0.5 + self._draw() / 2))


def _in_vain_for_s(times: int) -> Seconds:
    return Seconds(min(FULL_FOR_S * 2.0 ** min(times - 1, 16), IN_VAIN_MOST_S))
