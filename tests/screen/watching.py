"""A screen, and everything that it tells."""

import threading
import time
from typing import Self, TypeVar

from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.screen import Output, Picture, PictureShown, ScreenReport

WITHIN_S = 10.0

Kind = TypeVar("Kind", bound=ScreenReport)


class Watching:
    """An mpv screen that is closed when the context ends.

    :param options: options of mpv's that go over all others.
    :ivar screen: the screen.
    :ivar reports: what it has told.
    """

    def __init__(self, output: Output, options: dict[str, str] | None = None) -> None:
        self.reports: list[ScreenReport] = []
        self._news = threading.Condition()
        self._waited_for = 0
        self.screen = MpvScreen(output, self._take, options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.screen.close()

    def wait_for(self, kind: type[Kind], within_s: float = WITHIN_S) -> Kind:
        """Wait for the next report of a kind, from now on or already told and not yet waited for."""
        deadline = time.monotonic() + within_s
        with self._news:
            while True:
                for report in self.reports[self._waited_for :]:
                    self._waited_for += 1
                    if isinstance(report, kind):
                        return report
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no {kind.__name__} came, but {self.reports}"
                self._news.wait(left_s)

    def show(self, picture: Picture) -> PictureShown:
        """Show a picture now, and wait until it is seen."""
        self.screen.load(picture)
        self.screen.show(picture.ticket, None)
        shown = self.wait_for(PictureShown)
        assert shown.ticket == picture.ticket
        return shown

    def _take(self, report: ScreenReport) -> None:
        with self._news:
            self.reports.append(report)
            self._news.notify_all()
