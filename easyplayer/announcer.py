"""Spots that come on the second: claimed, made ready and handed to the player some seconds ahead."""

import logging
from collections.abc import Callable

from msgspec import Struct

from easyplayer.events import BoxEvent, spot_missed
from easyplayer.player_events import cue_spot
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over, Sharp
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.playout.sharp import tolerance_s
from easyplayer.playout.timeline import SharpEvent
from easyplayer.repertoire import Repertoire
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

AHEAD_S = Seconds(8.0)
"""How long before its time a spot is claimed and made ready."""
HANDED_ON_S = Seconds(2.0)
"""How long before its time the player gets a spot that has not been measured by then."""
EMERGENCY = "an emergency was declared"
BROKEN = "it could not be played"
UNPLAYABLE = "none of its items can be played"


class Call(Struct):
    """A spot that was claimed, and is not heard yet.

    :ivar item: with which of its items it comes.
    :ivar prepared: that item, as far as it has been looked at; ``None`` until it is ready at all.
    :ivar patience: when it is handed on unmeasured; ``None`` where that is not waited for.
    :ivar cued: whether the player has it.
    """

    event: SharpEvent
    item: Item
    prepared: PreparedItem | None = None
    patience: Deadline | None = None
    cued: bool = False

    def is_about(self, prepared: PreparedItem) -> bool:
        """Tell whether an item is that of this spot, and not the same recording in another one."""
        origin = prepared.origin
        return (
            origin is not None
            and (origin.layer, origin.source) == (Layer.SHARP_SPOT, self.event.spot.id)
            and prepared.item.id == self.item.id
        )

    def calm(self) -> None:
        """Wait for nothing any more."""
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None


class Announcer:
    """Hands the sharp spots of a program to the player.

    A spot is claimed, and that is on its way to the disk, before it sounds: whatever happens then,
    it does not sound a second time.  Where the item whose turn it is cannot be played, another one of the
    spot's comes in its place.

    :param repertoire: what there is to play.
    :param wall: tells the wall clock's time.
    :param fire: fires an event into the box.
    :param ask: has an item made ready; it comes back to :meth:`ready`, or to :meth:`give_up`.
    """

    def __init__(
        self,
        repertoire: Repertoire,
        ticker: Ticker,
        wall: Callable[[], Instant],
        fire: Callable[[BoxEvent], object],
        ask: Callable[[Item, Origin], object],
    ) -> None:
        self._repertoire = repertoire
        self._ticker = ticker
        self._wall = wall
        self._fire = fire
        self._ask = ask
        self._calls: list[Call] = []

    # -- before its time -----------------------------------------------------------------------

    def look(self, silent: str) -> bool:
        """Claim what is due; tell whether anything was.

        :param silent: why nothing may sound, or the empty string; a spot may still come when its time has.
        """
        engine, now = self._repertoire.engine, self._wall()
        if engine is None:
            return False
        look = engine.sharp.look(now, AHEAD_S)
        for event in look.missed:
            self._miss(event, "its time was passed over: the box was off, or the clock was set")
        due = [event for event in look.due if not silent or event.at <= now]
        for event in due:
            engine.sharp.claim(event)
            item = engine.spots.item_of(event.spot, self._repertoire.unavailable)
            reason = silent or self._limit(engine, event, now) or ("" if item else UNPLAYABLE)
            if reason or item is None:
                self._miss(event, reason)
            else:
                log.info("spot %s comes in %.1f s", _title(event), event.at - now)
                self._call(event, item)
        return bool(due)

    def ready(self, prepared: PreparedItem, ducking: Ducking, *, measured: bool) -> None:
        """Take a spot that is ready, and hand it to the player: measured, if that comes in time."""
        call = next((one for one in self._calls if not one.cued and one.is_about(prepared)), None)
        if call is None:
            return
        call.calm()
        call.prepared = prepared
        if measured:
            self._cue(call, ducking)
        else:
            handed_on_at = Monotonic(self._at(call.event) - HANDED_ON_S)
            call.patience = self._ticker.at(handed_on_at, lambda: self._cue(call, ducking))

    def give_up(self, location: str, reason: str) -> None:
        """Have another item come in place of one that cannot be played."""
        for call in [one for one in self._calls if not one.cued and one.item.location == location]:
            self._replace(call, reason)

    def hush(self) -> None:
        """Let nothing be said that the player does not have yet, for there is an emergency."""
        for call in [one for one in self._calls if not one.cued]:
            self._drop(call)
            self._miss(call.event, EMERGENCY)

    # -- what became of it ---------------------------------------------------------------------

    def start(self, prepared: PreparedItem) -> None:
        """Learn that a spot sounds."""
        call = self._cued(prepared)
        if call is not None:
            self._calls.remove(call)

    def finish(self, prepared: PreparedItem, why: Ended, silent: str) -> None:
        """Learn that a spot is over, or did not come about.

        :param silent: why nothing can be heard, or the empty string.
        """
        call = self._cued(prepared)
        if call is None:
            return
        if why is Ended.FAILED and not silent:
            self._replace(call, BROKEN)
        else:
            self._calls.remove(call)
            self._miss(call.event, silent or "the music was stopped")

    # ------------------------------------------------------------------------------------------

    def _limit(self, engine: Engine, event: SharpEvent, now: Instant) -> str:
        """Tell whether a spot has come as often as it may; its comings that are on their way count."""
        settled = [max(one.event.at, now) for one in self._calls if one.event.spot.id == event.spot.id]
        return engine.spots.limit(event.spot, max(event.at, now), settled)

    def _call(self, event: SharpEvent, item: Item) -> None:
        self._calls.append(Call(event, item))
        self._ask(item, Origin(layer=Layer.SHARP_SPOT, source=event.spot.id))

    def _cue(self, call: Call, ducking: Ducking) -> None:
        call.calm()
        call.cued = True
        sharp = call.event.spot.when
        over = sharp.over if isinstance(sharp, Sharp) else Over.DUCK
        if call.prepared is not None:
            self._fire(cue_spot(call.prepared, self._at(call.event), over, ducking))

    def _replace(self, call: Call, reason: str) -> None:
        """Take another item of a spot, while there is time for one."""
        self._drop(call)
        self._repertoire.give_up(call.item)
        event, engine = call.event, self._repertoire.engine
        in_time = self._wall() <= event.at + tolerance_s(event)
        item = None
        if engine is not None and in_time and engine.emergency is None:
            item = engine.spots.item_of(event.spot, self._repertoire.unavailable)
        if item is None:
            self._miss(event, reason)
        else:
            log.info("spot %s comes with another item: %s", _title(event), reason)
            self._call(event, item)

    def _drop(self, call: Call) -> None:
        call.calm()
        self._calls.remove(call)

    def _cued(self, prepared: PreparedItem) -> Call | None:
        return next((one for one in self._calls if one.cued and one.is_about(prepared)), None)

    def _at(self, event: SharpEvent) -> Monotonic:
        return Monotonic(self._ticker.clock() + event.at - self._wall())

    def _miss(self, event: SharpEvent, reason: str) -> None:
        log.warning("spot %s was missed: %s", event.key, reason)
        self._fire(spot_missed(_title(event), reason))


def _title(event: SharpEvent) -> str:
    return event.spot.title or event.spot.id
