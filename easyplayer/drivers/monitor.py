"""The ear: listens to what a sink plays, and tells its level.

The proof of sound is taken where the sound leaves for the loudspeaker, not where it is made.
"""

import array
import logging
import operator
import threading
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from easyplayer.units import SILENCE, Decibels, Linear, to_decibels

log = logging.getLogger(__name__)

RATE_HZ = 8000
"""Enough to tell how loud music is; the server takes away what lies above."""
BLOCK = RATE_HZ // 3
FRAGMENT_BYTES = 2 * BLOCK
"""The server sends a whole block at a time: finer would keep processor and sound card awake."""
AUDIBLE_FROM_DB = Decibels(-60.0)
FULL_SCALE = 32768
RETRY_AFTER_S = 0.5
TOLD_AFTER_TRIES = 30
"""A source that cannot be read is told of in the log after so many tries: after 15 s, and once."""
CLOSING_MAY_TAKE_S = 0.3
MOST_LEFT_BEHIND = 8
"""So many threads may hang; each costs the server a stream, and one more would hang as well."""


class Level(Struct, frozen=True):
    """What a third of a second sounded like.

    :ivar peak_db: largest sample, in dB relative to full scale.
    :ivar mean_db: root mean square, in dB relative to full scale.
    """

    peak_db: Decibels
    mean_db: Decibels

    @property
    def audible(self) -> bool:
        """Whether a person in a quiet room would hear something."""
        return self.peak_db >= AUDIBLE_FROM_DB


Report = Callable[[Level], object]
"""Takes levels, three times a second; called from the monitor's thread."""


class Monitor(Protocol):
    """Listens to one sink at a time.  No method blocks for long or raises."""

    def listen(self, sink: str) -> None:
        """Listen to a sink, and to no other."""

    def close(self) -> None:
        """Listen to nothing any more."""


class PulseMonitor:
    """The contract :class:`Monitor`, kept by PulseAudio or PipeWire through libpulse-simple.

    Reading waits for the server and knows no time limit; each sink therefore has a thread of its
    own, and one that hangs is left behind.  Where too many hang, nothing is listened to until one ends.

    :param report: takes the levels, on the listening thread.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._current: _Listener | None = None
        self._left_behind: list[_Listener] = []

    def listen(self, sink: str) -> None:
        """Listen to a sink, and to no other."""
        if self._current is not None:
            self._current.let_go()
            self._left_behind.append(self._current)
            self._current = None
        self._left_behind = [one for one in self._left_behind if one.alive]
        if len(self._left_behind) < MOST_LEFT_BEHIND:
            self._current = _Listener(f"{sink}.monitor", self._report)

    def close(self) -> None:
        """Listen to nothing any more."""
        if self._current is not None:
            self._current.close()
            self._current = None


class _Listener:
    """One thread that reads one source until it is told to end."""

    def __init__(self, source: str, report: Report) -> None:
        self._source = source
        self._report = report
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="monitor", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def let_go(self) -> None:
        self._closing.set()

    def close(self) -> None:
        self.let_go()
        self._thread.join(CLOSING_MAY_TAKE_S)

    def _serve(self) -> None:
        import pasimple

        tries = 0
        while not self._closing.is_set():
            try:
                with self._connect() as stream:
                    while not self._closing.is_set():
                        self._report(level(stream.read(2 * BLOCK)))
                        tries = 0
            except pasimple.PaSimpleError as error:
                tries += 1
                told = logging.WARNING if tries == TOLD_AFTER_TRIES else logging.DEBUG
                log.log(told, "cannot listen to %s: %s", self._source, error)
                self._closing.wait(RETRY_AFTER_S)

    def _connect(self) -> Any:
        import pasimple

        return pasimple.PaSimple(
            pasimple.PA_STREAM_RECORD,
            pasimple.PA_SAMPLE_S16LE,
            channels=1,
            rate=RATE_HZ,
            app_name="easyplayer",
            stream_name="meter",
            device_name=self._source,
            fragsize=FRAGMENT_BYTES,
        )


def level(samples: bytes) -> Level:
    """Measure a block of 16-bit mono samples.

    >>> level(bytes(200)).peak_db
    -120.0
    """
    values = array.array("h", samples)
    if not values:
        return Level(SILENCE, SILENCE)
    highest, lowest = max(values), min(values)
    peak = max(highest, -lowest) / FULL_SCALE
    power = sum(map(operator.mul, values, values)) / len(values)
    return Level(to_decibels(Linear(peak)), to_decibels(Linear(power**0.5 / FULL_SCALE)))
