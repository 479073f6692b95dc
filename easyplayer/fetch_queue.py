"""What is fetched next, and when: order, patience and giving up; no clock is read here and nothing done."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum

from msgspec import Struct, field

from easyplayer.units import Monotonic, Seconds

WRONG_MOST = 3
"""So often a medium may come in and not be what it should be."""
STUCK_MOST = 10
"""So often a medium may not come although the hub says that it does."""
REFUSED_FOR_S = Seconds(3600.0)
"""After how long what cannot be had is asked for once more."""
FULL_FOR_S = Seconds(60.0)
BACKOFF_S, BACKOFF_MOST_S = Seconds(2.0), Seconds(300.0)
"""How long is waited after a first failure at most, and twice as long after each further one; up to this."""
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


LONG_AGO = Monotonic(float("-inf"))

_MOST = {Outcome.WRONG: WRONG_MOST, Outcome.STUCK: STUCK_MOST, Outcome.REFUSED: 1}
_NOT_COME = {Outcome.FAILED, Outcome.STUCK}


class _Attempts(Struct):
    """What is known of one thing.

    :ivar counts: how often what has become of it.
    :ivar not_before: when it may be tried again.
    :ivar given_up: whether it counts as what cannot be had.
    """

    counts: Counter[Outcome] = field(default_factory=Counter)
    not_before: Monotonic = LONG_AGO
    given_up: bool = False


class FetchQueue:
    """The order of what is wanted, and what has become of it.

    :param draw: draws evenly from 0 to 1, so that not all boxes come back at once.
    """

    def __init__(self, draw: Callable[[], float]) -> None:
        self._draw = draw
        self._order: dict[str, None] = {}
        self._attempts: dict[str, _Attempts] = {}
        self._failed_in_row = 0
        self._resume_at = LONG_AGO

    def want(self, digests: Iterable[str]) -> None:
        """Say all that is wanted now, in order; what was tried of it before is still known."""
        self._order = dict.fromkeys(digests)
        self._attempts = {digest: one for digest, one in self._attempts.items() if digest in self._order}

    def ask_again(self, digest: str) -> None:
        """Forget what was tried of one thing, and do not wait: it is news that it is wanted."""
        self._attempts.pop(digest, None)
        self._resume_at = LONG_AGO

    def take_heart(self) -> None:
        """Forget the waits: the hub is there again."""
        self._failed_in_row = 0
        self._resume_at = LONG_AGO
        for digest, attempts in [*self._attempts.items()]:
            if not attempts.given_up:
                attempts.not_before = LONG_AGO
                del attempts.counts[Outcome.FAILED]
                if not attempts.counts:
                    del self._attempts[digest]

    def next(self, now: Monotonic) -> str | None:
        """Give what is to be fetched now, if anything is; what has failed least comes first."""
        if now < self._resume_at:
            return None
        untried = self._untried()
        if untried is not None:
            return untried
        ready = [one for one in self._order if self._attempts[one].not_before <= now]
        return min(ready, key=lambda one: self._attempts[one].counts.total(), default=None)

    def wake_at(self) -> Monotonic | None:
        """Tell when there is something to fetch; ``None`` where nothing is wanted."""
        if self._untried() is not None:
            return self._resume_at
        soonest = min((one.not_before for one in self._attempts.values()), default=None)
        return None if soonest is None else max(soonest, self._resume_at)

    def _untried(self) -> str | None:
        return next((one for one in self._order if one not in self._attempts), None)

    @property
    def given_up(self) -> set[str]:
        """What cannot be had at the moment."""
        return {digest for digest, one in self._attempts.items() if one.given_up}

    @property
    def settled(self) -> bool:
        """Whether all that can be had has come."""
        return self._untried() is None and all(one.given_up for one in self._attempts.values())

    def note(self, digest: str, outcome: Outcome, now: Monotonic, at_least_s: Seconds = NOT_LONGER_S) -> None:
        """Learn what has become of an attempt.

        :param at_least_s: how long the hub wants to be left alone.
        """
        if outcome is Outcome.FULL:
            self._resume_at = Monotonic(now + FULL_FOR_S)
        elif outcome in _NOT_COME:
            self._failed_in_row += 1
            self._resume_at = Monotonic(now + max(self._backoff_s(self._failed_in_row), at_least_s))
        else:
            self._failed_in_row = 0
        if outcome is Outcome.FETCHED:
            self._attempts.pop(digest, None)
            self._order.pop(digest, None)
        elif digest in self._order and outcome is not Outcome.FULL:
            self._look_at(self._attempts.setdefault(digest, _Attempts()), outcome, now)

    def _look_at(self, attempts: _Attempts, outcome: Outcome, now: Monotonic) -> None:
        """Decide when something is tried again that has not come, and whether it is given up."""
        attempts.counts[outcome] += 1
        times = attempts.counts[outcome]
        attempts.given_up = attempts.given_up or times >= _MOST.get(outcome, times + 1)
        if attempts.given_up:
            attempts.not_before = Monotonic(now + REFUSED_FOR_S)
        else:
            attempts.not_before = Monotonic(now + self._backoff_s(times))

    def _backoff_s(self, failures: int) -> Seconds:
        """Draw how long to wait: anything from half of the longest wait to all of it."""
        longest = min(BACKOFF_S * 2.0 ** min(failures - 1, 16), BACKOFF_MOST_S)
        return Seconds(longest * (0.5 + self._draw() / 2))
