"""The way in for support: open for a limited time, shown to everybody, and closed by itself."""

import logging
from collections.abc import Callable

from easyplayer.drivers.tunnel import Tunnel, TunnelClosed, TunnelMaker, TunnelOpened, TunnelReport
from easyplayer.events import BoxEvent
from easyplayer.hub_events import support_closed, support_opened, tunnel_reported
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

TIME_OVER = "its time is over"


class SupportDoor:
    """Opens and closes the tunnel.

    :param make_tunnel: makes the tunnel, given a taker of its reports.
    :ivar why: for whom it is open, and why; empty while it is closed.
    :ivar port: where support finds it on its server.
    :ivar ticket: counts how often it was to be opened.
    """

    def __init__(self, make_tunnel: TunnelMaker, fire: Callable[[BoxEvent], object], ticker: Ticker) -> None:
        self.why = ""
        self.port = 0
        self._fire = fire
        self._ticker = ticker
        self.tunnel: Tunnel = make_tunnel(lambda report: fire(tunnel_reported(report)))
        self._wanted = ""
        self._seconds = Seconds(0.0)
        self.ticket = 0
        self._end: Deadline | None = None

    def open(self, why: str, seconds: Seconds) -> None:
        """Open it for some time; whether it is open is told by the tunnel's reports."""
        self._wanted, self._seconds = why, seconds
        self._forget_end()
        self._end = self._ticker.after(seconds, self._time_over)
        self.ticket += 1
        self.tunnel.open(seconds, self.ticket)

    def close(self, reason: str) -> None:
        """Close it, whether it is open or on the way to be."""
        if self._wanted:
            self._wanted = ""
            self.tunnel.close()
            self._fire(tunnel_reported(TunnelClosed(self.ticket, reason)))

    def take(self, report: TunnelReport) -> None:
        """Learn what the tunnel has told."""
        match report:
            case TunnelOpened(ticket=self.ticket, port=port) if self._wanted:
                self.why, self.port = self._wanted, port
                log.warning(
                    "the way in for support is open for %.0f minutes: %s", self._seconds / 60, self.why
                )
                self._fire(support_opened(self.why, self._seconds))
            case TunnelClosed(ticket=self.ticket, reason=reason):
                self._note_closed(reason)

    def _time_over(self) -> None:
        self.close(TIME_OVER)

    def _note_closed(self, reason: str) -> None:
        self._wanted = ""
        self._forget_end()
        if self.why:
            self.why, self.port = "", 0
            log.warning("the way in for support is closed: %s", reason)
            self._fire(support_closed(reason))

    def _forget_end(self) -> None:
        if self._end is not None:
            self._end.cancel()
