"""One run of mpv on an output, from its start to its end: what is the next picture, and what is shown.

Everything here happens on the screen's thread.  What cannot be mended without another run is raised as
:class:`StageFellError`.

Why it is built as it is (each measured, see decision 0065):

* The next picture replaces the one before in mpv's own list, which has one entry: a window keeps the last
  frame until there is another one.  In a list of two, mpv would go on by itself where the first one fails.
* mpv's clock of a clip is the clip itself: where frames cannot be drawn, the position stands still.
* What has no picture in it, or none that can be decoded, would be black, and is a failure.
* A list of addresses makes mpv play what it lists, under other numbers and without the picture's options.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from easyplayer.drivers.mpv_course import STREAM_ENDED, MpvCourse
from easyplayer.drivers.mpv_health import MpvHealth, StageFellError
from easyplayer.drivers.mpv_line import MpvLine, Said
from easyplayer.drivers.mpv_showing import NEVER, Showing, options_of
from easyplayer.drivers.picture_lead import PictureLead
from easyplayer.drivers.screen import (
    Picture,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    Report,
)
from easyplayer.units import Linear, Monotonic, Seconds

PRELOADING_MAY_TAKE_S = 10.0
OPENING_MAY_TAKE_S = 15.0
"""How long a file or stream may take until mpv knows what it is; it gives up by itself before that."""
DRAWING_MAY_TAKE_S = 6.0
"""How long its first frame may take after that."""
CUBIC = 1 / 3
"""Exponent from an amplitude factor to mpv's volume."""
NO_PICTURE = "there is no picture in it"
NOT_DECODED = "nothing in it can be decoded: it is damaged, or of a kind that the player does not know"
A_LIST = "it is a list of addresses; write down the one that is to be shown"
UNAVAILABLE = "property unavailable"
"""What mpv answers where there is nothing to be told."""
NOT_DRAWN = f"its first frame was not drawn within {DRAWING_MAY_TAKE_S:.0f} s"
NOT_READ = f"the file could not be read within {PRELOADING_MAY_TAKE_S:.0f} s"
NOT_OPENED = f"it could not be opened within {OPENING_MAY_TAKE_S:.0f} s"
EOF_NUMBER = 100
"""Our number for the one property that is observed here."""


class MpvStage:
    """See the module.

    :param line: to an mpv that was just started.
    :param report: takes the reports.
    :param lead: what is known of how long changes take.
    """

    def __init__(self, line: MpvLine, report: Report, lead: PictureLead) -> None:
        self._line = line
        self._report = report
        self._lead = lead
        self._health = MpvHealth(line, report)
        self._course = MpvCourse(line, report, lambda showing, detail: self._fail(showing.picture, detail))
        self._eof = False
        self._next: Picture | None = None
        self._show_at = self._ready_until = NEVER
        self._coming: Showing | None = None
        self._playing = 0
        self._handlers: dict[str, Callable[[Said], None]] = {
            "property-change": self._learn,
            "start-file": self._begun,
            "file-loaded": self._opened,
            "playback-restart": self._seen,
            "end-file": self._ended,
            "log-message": self._health.complained,
            "line-cut": self._health.cut,
        }
        line.ask(["observe_property", EOF_NUMBER, "eof-reached"])

    # -- what is asked of it ------------------------------------------------------------------------

    def load(self, picture: Picture) -> None:
        """Make a picture the next one."""
        self._next, self._show_at = picture, NEVER
        self._ready_until = Monotonic(time.monotonic() + PRELOADING_MAY_TAKE_S)

    def preloaded(self, ticket: int, trouble: str) -> None:
        """Take in what a look at the next picture has shown."""
        picture = self._next
        if picture is None or picture.ticket != ticket:
            return
        self._ready_until = NEVER
        if trouble:
            self._next, self._show_at = None, NEVER
            self._fail(picture, trouble)
        else:
            self._report(PictureReady(ticket))

    def show(self, ticket: int, at: Monotonic | None) -> None:
        """Cut to the next picture at an instant."""
        if self._next is not None and self._next.ticket == ticket:
            self._show_at = at if at is not None else Monotonic(time.monotonic())

    def clear(self) -> None:
        """Show black."""
        self._next, self._show_at = None, NEVER
        self._stop()

    def hold(self, held: bool) -> None:
        """Hold what is shown, or let it go on."""
        self._course.hold(held)
        self._line.ask(["set_property", "pause", held])

    def set_gain(self, gain: Linear) -> None:
        """Set the gain of all sound."""
        self._line.ask(["set_property", "volume", 100 * gain**CUBIC])

    def draw(self, command: dict[str, Any]) -> None:
        """Pass a layer on."""
        self._line.ask(command)

    def screenshot(self, path: Path, what: str, done: Callable[[str], object]) -> None:
        """Write what is seen to a file.

        :param what: ``window`` for all that is drawn, which not every driver can; ``video`` for the frame.
        """

        def answered(said: Said) -> None:
            done("" if said.good else f"mpv could not take a screenshot ({said.error})")

        self._line.ask(["screenshot-to-file", str(path), what], answered, later=True)

    # -- how it goes on -----------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether something can be shown."""
        return self._health.up

    @property
    def ticket(self) -> int | None:
        """The ticket of what is shown, or is to be."""
        showing = self._coming or self._course.shown
        return showing.picture.ticket if showing is not None else None

    @property
    def due(self) -> Monotonic:
        """When :meth:`tick` is to be called next, at the latest."""
        coming = self._coming
        return min(
            self._health.due,
            self._change_at,
            self._ready_until if self._next is not None else NEVER,
            coming.until if coming is not None else NEVER,
            self._course.due,
        )

    def tick(self, now: Monotonic) -> None:
        """Do what is due by now.

        :raises StageFellError: the player does not answer, or cannot show anything.
        """
        self._health.tick(now, moving=self._course.moving)
        if self._next is not None and now >= self._ready_until:
            self.preloaded(self._next.ticket, NOT_READ)
        if self._next is not None and now >= self._change_at:
            self._change(self._next, now)
        if self._coming is not None and now >= self._coming.until:
            self._give_up(self._coming)
        self._course.tick(now)

    def take(self, said: Said) -> None:
        """Take in what mpv says.

        :raises StageFellError: that is the end of this run.
        """
        event = self._line.take(said)
        if event is None:
            return
        handle = self._handlers.get(event.event)
        if handle is not None:
            handle(event)

    # -- from the next to the shown -----------------------------------------------------------------

    @property
    def _change_at(self) -> Monotonic:
        if self._next is None or self._ready_until != NEVER:
            return NEVER
        return Monotonic(self._show_at - self._lead.of(self._next))

    def _change(self, picture: Picture, now: Monotonic) -> None:
        self._next, self._show_at = None, NEVER
        self._course.leave()
        coming = Showing(picture=picture, asked_at=now, until=Monotonic(now + OPENING_MAY_TAKE_S))
        self._coming = coming
        location = picture.location if "://" in picture.location else str(Path(picture.location).absolute())
        options = options_of(picture)
        command = {"name": "loadfile", "url": location, "flags": "replace", "options": options}
        self._line.ask(command, partial(self._taken, coming))

    def _taken(self, coming: Showing, said: Said) -> None:
        if said.good:
            coming.entry = said.data["playlist_entry_id"]
        elif self._coming is coming:
            self._coming = None
            self._fail(coming.picture, f"mpv refused it ({said.error})")

    def _begun(self, event: Said) -> None:
        self._playing, self._eof = event.playlist_entry_id, False

    def _opened(self, _: Said) -> None:
        coming = self._coming
        if coming is not None and coming.entry == self._playing:
            coming.opened, coming.until = True, Monotonic(time.monotonic() + DRAWING_MAY_TAKE_S)
            self._line.ask(["get_property", "vid"], partial(self._inspected, coming))

    def _inspected(self, coming: Showing, said: Said) -> None:
        if coming in (self._coming, self._course.shown) and said.good and said.data in {False, "no"}:
            self._take_off(coming.picture, NO_PICTURE)

    def _seen(self, _: Said) -> None:
        """Take in that mpv plays; it says so even where there was nothing that it could decode."""
        coming = self._coming
        if coming is not None and coming.entry == self._playing:
            seen_at = Monotonic(time.monotonic())
            self._line.ask(["get_property", "video-dec-params"], partial(self._decoded, coming, seen_at))

    def _decoded(self, coming: Showing, seen_at: Monotonic, said: Said) -> None:
        if coming is not self._coming:
            return
        if said.error == UNAVAILABLE and not coming.picture.start_s:  # else it may be over where it begins
            self._take_off(coming.picture, NOT_DECODED)
            return
        self._coming = None
        self._lead.learn(coming.picture, Seconds(seen_at - coming.asked_at))
        self._course.follow(coming, seen_at)
        self._report(PictureShown(coming.picture.ticket, seen_at))
        if self._eof:
            self._course.end()

    def _give_up(self, coming: Showing) -> None:
        if coming.opened:
            raise StageFellError(NOT_DRAWN, stuck=True)
        self._take_off(coming.picture, NOT_OPENED)

    def _take_off(self, picture: Picture, detail: str) -> None:
        self._stop()
        self._fail(picture, detail)

    def _stop(self) -> None:
        self._coming = None
        self._course.leave()
        self._line.ask(["stop"])

    # -- what mpv tells -----------------------------------------------------------------------------

    def _learn(self, event: Said) -> None:
        if event.name != "eof-reached":
            self._health.learn(event)
            return
        self._eof = bool(event.data)
        shown = self._course.shown
        if self._eof and shown is not None and shown.entry == self._playing:
            self._course.end()

    def _ended(self, event: Said) -> None:
        coming = self._coming
        if event.reason == "redirect" and coming is not None and coming.entry == event.playlist_entry_id:
            self._take_off(coming.picture, A_LIST)
        if event.reason not in {"error", "eof"}:
            return
        detail = event.file_error or STREAM_ENDED
        for showing in (self._coming, self._course.shown):
            if showing is not None and showing.entry == event.playlist_entry_id and not showing.ended:
                showing.ended = True
                self._coming = None if showing is self._coming else self._coming
                self._fail(showing.picture, detail)

    def _fail(self, picture: Picture, detail: str) -> None:
        self._report(PictureFailed(picture.ticket, PictureFault.MEDIUM, detail))
