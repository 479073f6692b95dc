"""What a person wants said now: made ready, measured if that is quick, and handed to the player."""

import logging
from collections.abc import Callable

from msgspec import Struct

from easyplayer.events import BoxEvent
from easyplayer.player_events import cue_spot
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

BY_HAND = "by hand"
"""Where such a spot comes from, in place of the id of one of the program's."""
MEASURING_MAY_TAKE_S = Seconds(3.0)
"""How long an announcement waits to be as loud as the music: longer is not "now" any more."""
LOADING_TAKES_S = Seconds(0.5)
"""How far ahead it is cued: its deck loads meanwhile, and the music goes down."""


class _Call(Struct):
    """An item that is being made ready.

    :ivar patience: when it is played as it is; ``None`` until it is ready at all.
    """

    item: Item
    over: Over
    prepared: PreparedItem | None = None
    patience: Deadline | None = None


class Herald:
    """Hands announcements to the player.

    :param fire: fires an event into the box.
    :param ask: has an item made ready; it comes back to :meth:`ready`, or to :meth:`give_up`.
    """

    def __init__(
        self, ticker: Ticker, fire: Callable[[BoxEvent], object], ask: Callable[[Item, Origin], object]
    ) -> None:
        self._ticker = ticker
        self._fire = fire
        self._ask = ask
        self._calls: list[_Call] = []

    def announce(self, item: Item, over: Over) -> None:
        """Have an item said as soon as it is ready."""
        log.info("announces %s", item.caption)
        self._calls.append(_Call(item, over))
        self._ask(item, Origin(layer=Layer.SHARP_SPOT, source=BY_HAND))

    def ready(self, prepared: PreparedItem, ducking: Ducking, *, measured: bool) -> bool:
        """Take what is ready; tell whether it was announced, and not one of the program's spots."""
        if prepared.origin is None or prepared.origin.source != BY_HAND:
            return False
        call = next((one for one in self._calls if one.item.id == prepared.item.id), None)
        if call is not None:
            call.prepared = prepared
            if call.patience is not None:
                call.patience.cancel()
            if measured:
                self._cue(call, ducking)
            else:
                call.patience = self._ticker.after(MEASURING_MAY_TAKE_S, lambda: self._cue(call, ducking))
        return True

    def give_up(self, location: str) -> None:
        """Leave out what cannot be played."""
        for call in [one for one in self._calls if one.item.location == location]:
            if call.patience is not None:
                call.patience.cancel()
            self._calls.remove(call)

    def hush(self) -> None:
        """Say nothing that the player does not have yet, for there is an emergency."""
        for call in self._calls:
            if call.patience is not None:
                call.patience.cancel()
        self._calls.clear()

    def _cue(self, call: _Call, ducking: Ducking) -> None:
        self._calls.remove(call)
        if call.prepared is not None:
            at = Monotonic(self._ticker.clock() + LOADING_TAKES_S)
            self._fire(cue_spot(call.prepared, at, call.over, ducking))
