"""Commands for the way in for support: open it, and close it."""

from typing import ClassVar

from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import Ending, done, failed, not_now, unavailable
from easyplayer.drivers.tunnel import TunnelClosed, TunnelOpened
from easyplayer.events import BoxEvent
from easyplayer.hub_events import tunnel_reported
from easyplayer.protocol.arguments import Arguments, OpenSupport
from easyplayer.units import Seconds


class Open(Craft[OpenSupport]):
    """``open_support``: a way in by SSH, for a limited time."""

    limit_s: ClassVar[Seconds] = Seconds(60.0)

    def at_once(self) -> Ending | None:
        """There must be a server, and no other way in."""
        door = self.bench.door
        why_not = door.tunnel.why_not()
        if why_not:
            return unavailable(why_not)
        return not_now(f"it is open already: {door.why}") if door.why else None

    def begin(self) -> None:
        """Open it."""
        self.bench.door.open(self.args.why, Seconds(60.0 * self.args.minutes))

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it is open, or will not be."""
        ticket = self.bench.door.ticket
        match fact:
            case tunnel_reported(args=[TunnelOpened(ticket=reported, port=port)]) if reported == ticket:
                text = f"port {port} of the support server leads here for {self.args.minutes} minutes"
                self.finish(done(text, port=port))
            case tunnel_reported(args=[TunnelClosed(ticket=reported, reason=reason)]) if reported == ticket:
                self.finish(failed(reason))

    def stop(self) -> None:
        """Leave nothing half open."""
        self.bench.door.close("it was not open in time")


class Close(Craft[Arguments]):
    """``close_support``: there is no way in any more."""

    def begin(self) -> None:
        """Close it."""
        why = self.bench.door.why
        self.bench.door.close("closed from the hub")
        self.finish(done(f"it is closed: {why}" if why else "it was not open"))
