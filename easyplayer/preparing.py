"""From an item as it was written down to an item that a deck can play well.

Looking at a medium happens aside, and never delays sound: where nothing plays, an item goes out
unmeasured, and what analysis finds is told while it already plays.  Where its disk or share hangs, it goes
out without a look.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
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
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOKING_MAY_TAKE_S = Seconds(3.0)
"""How long a look at a medium that is wanted now is waited for: it takes milliseconds where nothing hangs."""
MOST_UNANALYSED = 8
"""How many items wait for their analysis at the most; it may be hanging."""


class Order(Struct, frozen=True):
    """An item that is to be made ready.

    :ivar before: the item that is played before it, if it is known.
    :ivar urgent: whether it is better unmeasured now than measured later.
    """

    item: Item
    origin: Origin | None
    before: Item | None = None
    urgent: bool = False


class Look(Struct):
    """A look at an item that was asked for; what became of it is written on the worker's thread.

    :ivar answered: whether it has brought anything.
    :ivar over: whether the worker is back, be it with nothing.
    """

    order: Order
    answered: bool = False
    over: bool = False


class Preparer:
    """Makes items ready on threads of its own.

    What came of an order is told by ``item_prepared`` or ``item_left_out``.

    :param looks: does what is urgent.
    :param analysis: does what may take long.
    """

    def __init__(self, facts: FactsCache, rules: Rules, looks: Background, analysis: Background) -> None:
        self._facts = facts
        self._rules = rules
        self._looks = looks
        self._analysis = analysis
        self._unanalysed: deque[Order] = deque()
        self._ending = threading.Event()

    def look(self, order: Order) -> Look:
        """Make an item ready that is wanted now."""
        look = Look(order)
        self._looks.do(partial(self._answer, look))
        return look

    def analyse(self, order: Order) -> None:
        """Make an item ready for later; not at all where too many wait for that."""
        if len(self._unanalysed) < MOST_UNANALYSED:
            self._unanalysed.append(order)
            self._analysis.do(self._analyse_next)

    def unseen(self, order: Order) -> BoxEvent:
        """Make an item ready without a look at its medium; never blocks."""
        return self._told(order, None, measured=order.item.endless)

    def close(self) -> None:
        """Leave what is being analysed."""
        self._ending.set()

    def _answer(self, look: Look) -> BoxEvent:
        """Look at an item; runs on a worker's thread, as all that follows."""
        try:
            outcome = self._look_at(look.order)
            look.answered = True
            return outcome
        finally:
            look.over = True

    def _analyse_next(self) -> BoxEvent:
        order = self._unanalysed[0]
        try:
            return self._look_at(structs.replace(order, urgent=False))
        finally:
            self._unanalysed.popleft()

    def _look_at(self, order: Order) -> BoxEvent:
        item = order.item
        if item.endless:
            return self._told(order, None)
        path = Path(item.location)
        try:
            facts = self._facts.lookup(path)
            if facts is None and order.urgent:
                self.analyse(order)
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


class Orders:
    """Has items made ready, and waits for no medium for long where one is wanted now.

    A disk or share that hangs holds whoever looks at it, for ever perhaps.  What is urgent then goes out
    without a look; until there is an answer nobody else is sent after the first.

    :param fire: fires an event into the box.
    """

    def __init__(self, preparer: Preparer, ticker: Ticker, fire: Callable[[BoxEvent], object]) -> None:
        self._preparer = preparer
        self._ticker = ticker
        self._fire = fire
        self._hanging: Look | None = None

    def give(self, order: Order) -> None:
        """Have an item made ready."""
        if not order.urgent:
            self._preparer.analyse(order)
        elif self._hanging is not None and not self._hanging.over:
            self._fire(self._preparer.unseen(order))
        else:
            look = self._preparer.look(order)
            self._ticker.after(LOOKING_MAY_TAKE_S, lambda: self._wait_no_more(look))

    def _wait_no_more(self, look: Look) -> None:
        if not look.answered:
            log.warning(
                "%s: its disk or share does not answer; it is tried as it is", look.order.item.caption
            )
            self._hanging = look
            self._fire(self._preparer.unseen(look.order))
