"""What an mpv shows, and how far that has come: asked twice a second, until it is over or stands still.

Everything here happens on the screen's thread.
"""

import time
from collections.abc import Callable
from functools import partial

from easyplayer.drivers.mpv_health import StageFellError
from easyplayer.drivers.mpv_line import MpvLine, Said
from easyplayer.drivers.mpv_showing import NEVER, Showing
from easyplayer.drivers.picture_watch import STARVED, PictureWatch
from easyplayer.drivers.screen import STARVED_AFTER_S, PictureAdvanced, PictureEnded, Report
from easyplayer.units import Monotonic, Seconds

READING_EVERY_S = 0.5
STREAM_ENDED = "the stream ended"


class MpvCourse:
    """Follows what is shown.

    :param line: to the mpv that shows it.
    :param report: takes the reports.
    :param fail: takes what has failed, and why.
    :ivar shown: what is shown; ``None`` is nothing.
    """

    def __init__(self, line: MpvLine, report: Report, fail: Callable[[Showing, str], object]) -> None:
        self.shown: Showing | None = None
        self._line = line
        self._report = report
        self._fail = fail
        self._held = self._waits_for_data = False
        self._watch = PictureWatch(Monotonic(0.0))
        self._read_at = NEVER

    def follow(self, shown: Showing, now: Monotonic) -> None:
        """Follow what can be seen from now on."""
        self.shown, shown.since = shown, now
        self._watch = watch = PictureWatch(now)
        self._read_at = Monotonic(now + READING_EVERY_S)

        def answered(said: Said) -> None:
            if isinstance(said.data, int | float):
                watch.pace(said.data)

        self._line.ask(["get_property", "container-fps"], answered)

    def leave(self) -> None:
        """Follow nothing any more."""
        self.shown, self._read_at = None, NEVER

    def hold(self, held: bool) -> None:
        """Learn that what is shown is held, or goes on."""
        now, shown = Monotonic(time.monotonic()), self.shown
        if shown is not None and held != self._held:
            shown.shown_s, shown.since = shown.time_shown(now, self._held), now
        self._held = held
        self._watch.excuse(now)

    @property
    def moving(self) -> bool:
        """Whether something is shown that moves by itself, so often that its standing still tells soon."""
        shown = self.shown
        stands = shown is None or shown.picture.still or shown.ended or self._held
        return not stands and self._watch.tells_soon

    @property
    def due(self) -> Monotonic:
        """When :meth:`tick` is to be called next, at the latest."""
        over_at = self.shown.over_at(self._held) if self.shown is not None else NEVER
        return min(over_at, self._read_at)

    def tick(self, now: Monotonic) -> None:
        """Do what is due by now."""
        if self.shown is not None and now >= self.shown.over_at(self._held):
            self.end()
        if now >= self._read_at:
            self._read(now)

    def end(self) -> None:
        """Tell that what is shown is over; a stream that ends before its time has failed."""
        shown = self.shown
        if shown is None or shown.ended:
            return
        in_time = Monotonic(time.monotonic()) >= shown.over_at(self._held)
        shown.ended = True
        if shown.picture.endless and not in_time:
            self._fail(shown, STREAM_ENDED)
        else:
            self._report(PictureEnded(shown.picture.ticket))

    def _read(self, now: Monotonic) -> None:
        """Ask where the picture is, and whether there is still somebody who draws."""
        shown = self.shown
        self._read_at = Monotonic(now + READING_EVERY_S) if shown is not None else NEVER
        if shown is None or shown.ended or self._held:
            return
        if shown.picture.still:
            position_s = shown.time_shown(now, self._held)
            self._report(PictureAdvanced(shown.picture.ticket, position_s, now))
        else:
            self._line.ask(["get_property", "eof-reached"], partial(self._look_for_the_end, shown))
            self._line.ask(["get_property", "paused-for-cache"], self._look_at_the_cache)
            self._line.ask(["get_property", "time-pos"], partial(self._look, shown))

    def _look_for_the_end(self, shown: Showing, said: Said) -> None:
        """End a picture that was over so soon after another one that mpv saw no change in that."""
        if said.data is True and shown is self.shown:
            self.end()

    def _look_at_the_cache(self, said: Said) -> None:
        self._waits_for_data = bool(said.data)

    def _look(self, shown: Showing, said: Said) -> None:
        now = Monotonic(time.monotonic())
        if shown is not self.shown or shown.ended or self._held:
            return
        position_s = Seconds(said.data) if isinstance(said.data, int | float) else None
        stood_s = self._watch.look(position_s, now)
        if position_s is not None:
            self._report(PictureAdvanced(shown.picture.ticket, position_s, now))
        if self._waits_for_data:
            if stood_s > STARVED_AFTER_S:
                shown.ended = True
                self._fail(shown, STARVED)
        elif stood_s > self._watch.patience_s:
            raise StageFellError(self._watch.stuck, stuck=True)
