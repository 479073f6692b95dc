"""Clips that go on and on: one after the other on a real screen, from its beginning to its end."""

import itertools
import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TypeVar

from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.screen import (
    Output,
    OutputUp,
    Picture,
    PictureEnded,
    PictureReady,
    PictureShown,
    ScreenReport,
)
from easyplayer.units import Monotonic

WITHIN_S = 20.0
ENDING_MAY_TAKE_S = 5.0

Kind = TypeVar("Kind", bound=ScreenReport)


class Projector:
    """Shows clips in a loop, without their sound, as the video player does.

    :param length_s: of each clip, where it is known: the cut to the next one is on the instant.  ``None``:
        the next one comes when the screen has told that one is over.
    :ivar shown: how many have been seen.
    """

    def __init__(self, output: Output, clips: Sequence[Path], length_s: float | None = None) -> None:
        self.shown = 0
        self._output = output
        self._clips = clips
        self._length_s = length_s
        self._reports: queue.SimpleQueue[ScreenReport | None] = queue.SimpleQueue()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="projector", daemon=True)

    def __enter__(self) -> Self:
        self._screen = MpvScreen(self._output, self._reports.put)
        self._thread.start()
        assert self._begun.wait(WITHIN_S), "no clip was seen"
        return self

    def __exit__(self, *_: object) -> None:
        self._reports.put(None)
        self._thread.join(ENDING_MAY_TAKE_S)
        self._screen.close()

    def _go_on(self) -> None:
        at = None
        if self._wait_for(OutputUp) is None:
            return
        for ticket, clip in enumerate(itertools.cycle(self._clips), start=1):
            self._screen.load(Picture(ticket=ticket, location=str(clip)))
            if at is None and self.shown and self._wait_for(PictureEnded) is None:
                return
            if not self.shown and self._wait_for(PictureReady) is None:
                return
            self._screen.show(ticket, at)
            seen = self._wait_for(PictureShown)
            if seen is None:
                return
            self.shown += 1
            self._begun.set()
            at = None if self._length_s is None else Monotonic(seen.at + self._length_s)

    def _wait_for(self, kind: type[Kind]) -> Kind | None:
        """Wait for a report of a kind; ``None`` is the end."""
        while (report := self._reports.get()) is not None:
            if isinstance(report, kind):
                return report
        return None
