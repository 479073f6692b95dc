"""Commands about the hub itself: talk to it now, and be unpaired."""

from typing import ClassVar

from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import done
from easyplayer.events import BoxEvent
from easyplayer.hub_events import hub_answered, sync_with_hub
from easyplayer.protocol.arguments import Arguments
from easyplayer.units import Seconds


class Sync(Craft[Arguments]):
    """``sync_now``: send a heartbeat and deliver the log now."""

    limit_s: ClassVar[Seconds] = Seconds(120.0)

    def begin(self) -> None:
        """Have it done."""
        self.bench.fire(sync_with_hub())

    def hear(self, fact: BoxEvent) -> None:
        """Wait until the hub has answered."""
        match fact:
            case hub_answered():
                self.finish(done("the hub has answered"))


class Forget(Craft[Arguments]):
    """``forget``: be unpaired, which the Workshop sees to as soon as the hub has the result."""

    def begin(self) -> None:
        """Say so."""
        self.finish(done("the box unpairs when the hub has this; the music goes on"))
