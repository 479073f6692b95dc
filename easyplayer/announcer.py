"""Spots that come on the second: claimed, made ready and handed to the player some seconds ahead."""

import logging
from collections.abc import Callable

from msgspec import Struct

from easyplayer.events import BoxEvent, spot_missed
from easyplayer.player_events import cue_spot
from easyplayer.playout.catalogue import Sharp
from easyplayer.playout.engine import Engine, Unavailable
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.playout.timeline import SharpEvent
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

AHEAD_S = Seconds(8.0)
"""How long before its time a spot is claimed and made ready."""


class Call(Struct, frozen=True):
    """A spot that is being made ready."""

    event: SharpEvent
    item: Item


class Announcer:
    """Hands the sharp spots of a program to the player.

    A spot is claimed, and that is on its way to the disk, before it sounds: whatever happens then,
    it does not sound a second time.

    :param at: turns an instant of the wall clock into one of the monotonic clock.
    :param fire: fires an event into the box.
    :param ask: has an item made ready; it comes back to :meth:`ready`, or to :meth:`give_up`.
    """

    def __init__(
        self,
        at: Callable[[Instant], Monotonic],
        fire: Callable[[BoxEvent], object],
        ask: Callable[[Item, Origin], object],
    ) -> None:
        self._at = at
        self._fire = fire
        self._ask = ask
        self._calls: list[Call] = []

    def look(self, engine: Engine, now: Instant, unavailable: Unavailable, silent: str) -> bool:
        """Claim what is due; tell whether anything was.

        :param silent: why nothing may sound, or the empty string; a spot may still come when its time has.
        """
        look = engine.sharp.look(now, AHEAD_S)
        for event in look.missed:
            self._miss(event, "its time was passed over: the box was off, or the clock was set")
        due = [event for event in look.due if not silent or event.at <= now]
        for event in due:
            engine.sharp.claim(event)
            item = engine.spots.item_of(event.spot, unavailable)
            reason = silent or ("" if item else "none of its items can be played")
            if reason or item is None:
                self._miss(event, reason)
            else:
                log.info("spot %s comes in %.1f s", _title(event), event.at - now)
                self._calls.append(Call(event, item))
                self._ask(item, Origin(layer=Layer.SHARP_SPOT, source=event.spot.id))
        return bool(due)

    def ready(self, prepared: PreparedItem, engine: Engine) -> None:
        """Hand a spot that is ready to the player."""
        for call in self._calls:
            sharp = call.event.spot.when
            if call.item.id == prepared.item.id and isinstance(sharp, Sharp):
                self._calls.remove(call)
                self._fire(cue_spot(prepared, self._at(call.event.at), sharp.over, engine.program.ducking))
                return

    def give_up(self, location: str, reason: str) -> None:
        """Leave out the spots whose item cannot be played."""
        for call in [one for one in self._calls if one.item.location == location]:
            self._calls.remove(call)
            self._miss(call.event, reason)

    def _miss(self, event: SharpEvent, reason: str) -> None:
        log.warning("spot %s was missed: %s", event.key, reason)
        self._fire(spot_missed(_title(event), reason))


def _title(event: SharpEvent) -> str:
    return event.spot.title or event.spot.id
