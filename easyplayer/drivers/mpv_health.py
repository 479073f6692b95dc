"""Whether an mpv can show something: it has an output, it answers, and somebody draws.

mpv's own thread waits for the thread that draws whenever it asks it something.  Where nothing moves, nobody
would notice that nothing can be drawn any more: so something is drawn that cannot be seen, and then mpv is
asked for what only the thread that draws can tell.
"""

import time
from typing import Any

from easyplayer.drivers.mpv_layers import overlay
from easyplayer.drivers.mpv_line import MpvLine, Said
from easyplayer.drivers.screen import OutputUp, Report
from easyplayer.units import Monotonic

PULSE_EVERY_S = 2.0
STARTING_MAY_TAKE_S = 20.0
LAST_WORDS_S = 2.0
"""An error that mpv told longer before its end has nothing to do with that."""
NOTHING = "null"
"""mpv's name for what draws nothing, and has no size."""
NOT_STARTED = "the display does not answer"
NOT_UP = "mpv has ended before it could show anything: there is no display, or none that it can use"
OBSERVED = ("current-vo", "osd-dimensions", "vo-configured")


class StageFellError(Exception):
    """A run of the player is over.

    :ivar detail: in words.
    :ivar stuck: whether it stands still, and did not end by itself.
    """

    def __init__(self, detail: str, *, stuck: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.stuck = stuck


class MpvHealth:
    """Looks after one run of mpv.

    :param line: to an mpv that was just started.
    :param report: is told when the output is up, and when that changes.
    """

    def __init__(self, line: MpvLine, report: Report) -> None:
        now = time.monotonic()
        self._line = line
        self._report = report
        self._told: OutputUp | None = None
        self._known: dict[str, Any] = {}
        self._start_until = Monotonic(now + STARTING_MAY_TAKE_S)
        self._pulse_at = Monotonic(now + PULSE_EVERY_S)
        self._complaint, self._complained_at = "", now
        self._strokes = 0
        line.ask(["request_log_messages", "error"])
        for number, name in enumerate(OBSERVED, start=1):
            line.ask(["observe_property", number, name])

    @property
    def up(self) -> bool:
        """Whether something can be shown."""
        return self._told is not None

    @property
    def due(self) -> Monotonic:
        """When :meth:`tick` is to be called next, at the latest."""
        return min(self._line.due, self._pulse_at) if self.up else self._start_until

    def tick(self, now: Monotonic, *, moving: bool) -> None:
        """Look whether all answers came in time, and feel the pulse.

        :param moving: whether something moves by itself, which is looked at anyway.
        :raises StageFellError: the player does not answer.
        """
        if not self.up:
            if now >= self._start_until:
                raise StageFellError(self._complaint or NOT_STARTED)
            return
        if command := self._line.overdue(now):
            message = f"mpv does not answer ({command})"
            raise StageFellError(message, stuck=True)
        if now >= self._pulse_at:
            self._pulse_at = Monotonic(now + PULSE_EVERY_S)
            if not moving:
                self._feel_pulse()

    def learn(self, event: Said) -> None:
        """Take in what a property is now."""
        self._known[event.name] = event.data
        size, drawn_by = self._known.get("osd-dimensions") or {}, self._known.get("current-vo")
        up = OutputUp(size.get("w", 0), size.get("h", 0), str(drawn_by or ""))
        has_a_size = bool(up.width and up.height) or up.driver == NOTHING
        if self._known.get("vo-configured") and up.driver and has_a_size and up != self._told:
            self._told = up
            self._report(up)

    def complained(self, event: Said) -> None:
        """Take in an error that mpv tells of."""
        self._complaint, self._complained_at = f"{event.prefix}: {event.text.strip()}", time.monotonic()

    def cut(self, _: Said) -> None:
        """Take in that mpv has ended.

        :raises StageFellError: always.
        """
        just_now = time.monotonic() - self._complained_at < LAST_WORDS_S
        last_words = self._complaint if just_now else ""
        message = f"mpv has ended ({last_words or 'it did not say why'})"
        raise StageFellError(message if self.up or last_words else NOT_UP)

    def _feel_pulse(self) -> None:
        self._strokes += 1
        self._line.ask(overlay(0, f"{{\\alpha&HFF&}}{self._strokes}"))
        self._line.ask(["get_property", "display-names"])
