"""Whether circusd does what it is there for: one that answers, and starts nothing anew, is not well."""

from collections.abc import Callable, Collection

from msgspec import Struct

from easyplayer.units import Monotonic, Seconds

ANSWERS = 3
"""So many answers in a row must name no process: the news of a new one may be on its way."""
IDLE_FOR_S = Seconds(20.0)
"""circusd starts anew what has ended within ``check_delay``, a second; this is long after it."""
RESTARTING_MAY_TAKE_S = Seconds(60.0)
"""A watcher that was to be restarted, and runs nothing after so long, only another circusd starts."""


class _Case(Struct):
    """A watcher that runs, and has no process."""

    since: Monotonic
    answers: int = 0
    asked_at: Monotonic | None = None
    is_hopeless: bool = False


class Idleness:
    """Watchers that circusd takes for running though no process of theirs does.

    :param clock: the monotonic clock.
    """

    def __init__(self, clock: Callable[[], Monotonic]) -> None:
        self._clock = clock
        self._cases: dict[str, _Case] = {}

    def judge(self, watcher: str, *, has_processes: bool) -> bool:
        """Take an answer of circusd; tell whether it is to be asked now to restart the watcher."""
        if has_processes:
            self._cases.pop(watcher, None)
            return False
        now = self._clock()
        case = self._cases.setdefault(watcher, _Case(now))
        case.answers += 1
        if case.answers < ANSWERS or now - case.since < IDLE_FOR_S:
            return False
        if case.asked_at is not None:
            if now - case.asked_at < RESTARTING_MAY_TAKE_S:
                return False
            case.is_hopeless = True
        case.asked_at = now
        return True

    def keep_only(self, watchers: Collection[str]) -> None:
        """Forget all watchers but these, which are to run."""
        self._cases = {watcher: case for watcher, case in self._cases.items() if watcher in watchers}

    @property
    def hopeless(self) -> list[str]:
        """Name those that circusd does not start, whatever it is asked."""
        return sorted(watcher for watcher, case in self._cases.items() if case.is_hopeless)
