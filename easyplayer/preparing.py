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
from easyplayer.playout.items import Item, Origin
from easyplayer.playout.preparation import Measured, prepare
from easyplayer.playout.transition import Rules

log = logging.getLogger(__name__)


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
