"""The clock by which tornado's loop counts, in circusd as in the WatchDog: one that nobody can set.

circusd looks after its processes by a callback that tornado strikes each second of the wall clock.  Where
that is set back, the next strike lies as far ahead as it was set back by, and nothing that ends is started
anew until then.
"""

import time

from circus.plugins import ioloop


def count_by_monotonic_clock() -> None:
    """Have every loop of this process count by the monotonic clock; to be done before one of them begins.

    Deadlines are given to a loop in its own time, and it waits for how far they are ahead of that: to all
    who use it, it is the same which clock that is.
    """
    ioloop.IOLoop.time = _monotonic


def _monotonic(_loop: object) -> float:
    return time.monotonic()
