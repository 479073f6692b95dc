"""From an item as it was written down to an item that a deck can play well.

Looking at a medium happens aside, and never delays sound: where nothing plays, an item goes out
unmeasured, and what analysis finds is told while it already plays.
"""

import logging
import threading
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.analysis import FactsCache, MediaFacts
from easyplayer.component import Background
from easyplayer.errors import AnalysisError, MediaError
from easyplayer.events import BoxEvent, item_left_out, item_prepared
from easyplayer.playout.items import Item, Origin, PreparedItem
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.units import Milliseconds, Seconds, to_seconds

log = logging.getLogger(__name__)

CONTINUOUS_S = Seconds(0.1)
"""Silence at a joint of an album that still counts as one recording going on."""


class Measured(Struct, frozen=True):
    """An item and what analysis found; ``facts`` is ``None`` where nothing was measured."""

    item: Item
    facts: MediaFacts | None


class Order(Struct, frozen=True):
    """An item that is to be made ready.

    :ivar before: the item that is played before it, if it is known.
    :ivar urgent: whether it is better unmeasured now than measured later.
    """

    item: Item
    origin: Origin | None
    before: Item | None = None
    urgent: bool = False


class Preparer:
    """Makes items ready on threads of its own.

    What came of an order is told by ``item_prepared`` or ``item_left_out``.

    :param errands: does what is urgent.
    :param analysis: does what may take long.
    """

    def __init__(self, facts: FactsCache, rules: Rules, errands: Background, analysis: Background) -> None:
        self._facts = facts
        self._rules = rules
        self._errands = errands
        self._analysis = analysis
        self._ending = threading.Event()

    def do(self, order: Order) -> None:
        """Make an item ready."""
        (self._errands if order.urgent else self._analysis).do(partial(self._look_at, order))

    def close(self) -> None:
        """Leave what is being analysed."""
        self._ending.set()

    def _look_at(self, order: Order) -> BoxEvent:
        """Look at an item; runs on a worker's thread."""
        item = order.item
        if item.endless:
            return self._told(order, None)
        path = Path(item.location)
        try:
            facts = self._facts.lookup(path)
            if facts is None and order.urgent:
                self._analysis.do(partial(self._look_at, structs.replace(order, urgent=False)))
                return self._told(order, None, measured=False)
            facts = facts or self._facts.analyse(path, stop=self._ending)
        except MediaError as error:
            return item_left_out(item.location, str(error))
        except AnalysisError as error:
            log.warning("%s", error)
            return self._told(order, None)
        if facts.is_silent:
            return item_left_out(item.location, "there is nothing but silence in it")
        return self._told(order, facts)

    def _told(self, order: Order, facts: MediaFacts | None, *, measured: bool = True) -> BoxEvent:
        before = self._measured(order.before) if facts is not None else None
        prepared = prepare(Measured(order.item, facts), before, self._rules)
        if prepared.cue_out_s is not None and prepared.cue_out_s < prepared.cue_in_s:
            return item_left_out(order.item.location, "it is over before its cue in; set the cue in earlier")
        return item_prepared(structs.replace(prepared, origin=order.origin), measured=measured)

    def _measured(self, item: Item | None) -> Measured | None:
        if item is None or item.endless:
            return None
        try:
            return Measured(item, self._facts.lookup(Path(item.location)))
        except MediaError:
            return None


def prepare(measured: Measured, before: Measured | None, rules: Rules) -> PreparedItem:
    """Make an item ready: what it says of itself goes first, then what was measured, then the rules.

    :param before: the item that is played before it, for albums that must not be faded.
    """
    item, facts = measured.item, measured.facts
    if facts is None:
        loudness, true_peak, cue_in_s, cue_out_s = None, None, Seconds(0.0), _own(item.duration_ms, None)
    else:
        loudness, true_peak = facts.loudness_lufs, facts.true_peak_dbtp
        cue_in_s, cue_out_s = facts.cue_in_s, facts.cue_out_s
    gain_db = loudness_gain(loudness, true_peak, rules) if item.gain_db is None else item.gain_db
    continues = before is not None and continues_album(before, measured)
    return PreparedItem(
        item=named(item, facts),
        cue_in_s=_own(item.cue_in_ms, cue_in_s) or Seconds(0.0),
        cue_out_s=_own(item.cue_out_ms, cue_out_s),
        fade_in_s=_own(item.fade_in_ms, None),
        fade_out_s=_own(item.fade_out_ms, None),
        gain_db=gain_db,
        follows=before.item.id if before is not None and continues else "",
    )


def continues_album(before: Measured, after: Measured) -> bool:
    """Tell whether one track continues the other on its album, without silence between."""
    if before.facts is None or after.facts is None or not after.facts.tags.album:
        return False
    first, second = before.facts.tags, after.facts.tags
    same_disc = (first.album, first.album_artist, first.disc_number) == (
        second.album,
        second.album_artist,
        second.disc_number,
    )
    if not same_disc or first.track_number is None or second.track_number != first.track_number + 1:
        return False
    return before.facts.duration_s - before.facts.cue_out_s <= CONTINUOUS_S >= after.facts.cue_in_s


def named(item: Item, facts: MediaFacts | None) -> Item:
    """Give an item the title and artist of its tags where it has none."""
    if facts is None:
        return item
    return structs.replace(
        item, title=item.title or facts.tags.title, artist=item.artist or facts.tags.artist
    )


def _own(own: Milliseconds | None, found: Seconds | None) -> Seconds | None:
    return found if own is None else to_seconds(own)
