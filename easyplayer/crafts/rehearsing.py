"""A rehearsal: the box behaves as if the hub were away, and tells how that went."""

from typing import Any

from easyplayer.crafts.craft import Bench, Craft
from easyplayer.crafts.ending import done
from easyplayer.events import BoxEvent, fallback_needed, item_left_out, silence_noticed, spot_missed
from easyplayer.hub_events import go_offline
from easyplayer.player_events import item_failed, item_started
from easyplayer.protocol.arguments import RehearseOffline
from easyplayer.units import Seconds

ENDING_MAY_TAKE_S = Seconds(30.0)


class Rehearse(Craft[RehearseOffline]):
    """``rehearse_offline``: be without the hub for a while, and count what happens."""

    def __init__(self, bench: Bench, *rest: Any) -> None:
        super().__init__(bench, *rest)
        self._seen = {"played": 0, "failed": 0, "fallbacks": 0, "silences": 0, "spots_missed": 0}
        self._running = False

    @property
    def limit(self) -> Seconds:
        """As long as it lasts."""
        return Seconds(self._seconds + ENDING_MAY_TAKE_S)

    @property
    def _seconds(self) -> Seconds:
        return Seconds(60.0 * self.args.minutes)

    def begin(self) -> None:
        """Take the hub away."""
        self._running = True
        self.bench.fire(go_offline(self._seconds))
        self.bench.ticker.after(self._seconds, self._end)

    def hear(self, fact: BoxEvent) -> None:
        """Count what happens meanwhile."""
        match fact:
            case item_started():
                self._count("played")
            case item_failed() | item_left_out():
                self._count("failed")
            case fallback_needed():
                self._count("fallbacks")
            case silence_noticed():
                self._count("silences")
            case spot_missed():
                self._count("spots_missed")

    def stop(self) -> None:
        """Have the hub back."""
        self._running = False
        self.bench.fire(go_offline(Seconds(0.0)))

    def _count(self, what: str) -> None:
        self._seen[what] += 1

    def _end(self) -> None:
        if self._running:
            self.stop()
            trouble = any(count for what, count in self._seen.items() if what != "played")
            text = "there was trouble" if trouble else "it played on as if nothing were"
            self.finish(done(text, **self._seen))
