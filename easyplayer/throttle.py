"""No more bytes in a second than somebody allows, however many threads bring them."""

import threading

from easyplayer.component import Clock
from easyplayer.units import Monotonic, Seconds

BURST_S = Seconds(0.5)
"""So long a line may have been idle for the time to be made up for."""
BURST_LEAST_BYTES = 256 * 1024
"""At least so much may come at once."""


class Bucket:
    """Tells how long bytes have to wait, without waiting.

    What passes in any span of time is no more than rate times span and one burst; where one piece is larger
    than a burst, than that piece.  It is the virtual scheduling algorithm of ITU-T I.371.

    :param rate: bytes a second, more than 0.
    :param burst: so many bytes may come at once after a while without any.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst_s = burst / rate
        self._due = Monotonic(float("-inf"))

    def take(self, count: int, now: Monotonic) -> Seconds:
        """Count bytes in; give how long they have to wait before they may pass.

        >>> bucket = Bucket(rate=100.0, burst=50.0)
        >>> bucket.take(50, Monotonic(0.0)), bucket.take(50, Monotonic(0.0))
        (0.0, 0.5)
        """
        self._due = Monotonic(max(self._due, now - self._burst_s) + count / self._rate)
        return Seconds(max(self._due - now, 0.0))


class Throttle:
    """Lets the bytes of several threads pass; each waits in its own.

    :param rate: bytes a second of all together; 0 is no limit.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        burst = max(rate * BURST_S, BURST_LEAST_BYTES)
        self._bucket = Bucket(rate, burst) if rate else None

    def let(self, count: int, stop: threading.Event) -> bool:
        """Wait until bytes that have come may pass; ``False``, at once, where that is stopped."""
        if self._bucket is None:
            return not stop.is_set()
        with self._lock:
            wait_s = self._bucket.take(count, self._clock())
        return not (stop.wait(wait_s) if wait_s else stop.is_set())
