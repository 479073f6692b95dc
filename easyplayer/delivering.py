"""The as-run log on its way to the hub: in order, until all of it has been acknowledged."""

import logging
from collections.abc import Callable
from typing import Protocol

from circuits.core.events import Event
from msgspec import structs

from easyplayer.drivers.hub_link import HubLink
from easyplayer.errands import Errands
from easyplayer.errors import EasyplayerError, LinkError, LinkRefusedError
from easyplayer.hub_events import entry_poisoned, log_received
from easyplayer.pacing import Pacing
from easyplayer.protocol.asrun import MOST_ENTRIES, Batch, Receipt
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.ticker import Deadline, Ticker

log = logging.getLogger(__name__)

CANNOT_BE_READ = {400, 413, 422}
"""What a hub answers to a batch that it cannot take, however often it comes."""
HUB_FELL = 500
MOST_FALLS = 3
"""So often a batch may make the hub fail before it is held to be the batch's fault."""


class LogSource(Protocol):
    """The as-run log, as it is delivered; asked from any thread."""

    def next_batch(self, after: int) -> Batch | None:
        """Give the entries after a number, as many as go at once; ``None`` where there are none.

        :raises StateError: the log cannot be read.
        """


class Courier:
    """Delivers what the log has and the hub has not.

    A batch that the hub cannot take is halved, until it is one entry; that one is told as poisoned, and the
    rest go on.

    :param link: gives the way to the hub, on the errands' thread.
    :param may_go: tells whether the hub knows the box.
    """

    def __init__(
        self,
        source: LogSource,
        link: Callable[[], HubLink],
        errands: Errands,
        *,
        may_go: Callable[[], bool],
        fire: Callable[[Event], object],
        ticker: Ticker,
        pacing: Pacing,
    ) -> None:
        self._source = source
        self._link = link
        self._errands = errands
        self._may_go = may_go
        self._fire = fire
        self._ticker = ticker
        self._pacing = pacing
        self._head: LogHead | None = None
        self._after = 0
        self._sent: Batch | None = None
        self._under_way = False
        self._most = MOST_ENTRIES
        self._falls = 0
        self._forked = ""
        self._wait: Deadline | None = None

    @property
    def head(self) -> LogHead | None:
        """How far the log has come, and how much of it the hub has; ``None`` where there is none yet."""
        return None if self._head is None else structs.replace(self._head, acknowledged=self._after)

    def hear(self, head: LogHead) -> None:
        """Hear how far the log has come, and deliver what is new."""
        if self._head is None or self._head.log != head.log:
            self._after = head.acknowledged
        self._head = head
        self.go()

    def is_to_go_on_from(self, number: int, said: LogHead) -> bool:
        """Tell whether the hub has another part of the log than was thought.

        :param number: the hub has the log up to here.
        :param said: what was thought when it was asked; if it has got more since, its answer is an old one.
        """
        head = self.head
        return (
            head is not None
            and not self._under_way
            and (head.log, head.acknowledged) == (said.log, said.acknowledged)
            and number != head.acknowledged
            and number <= head.head
        )

    def go_on_from(self, number: int) -> None:
        """Know that the hub has the log up to a number, whatever was known before."""
        self._after = number
        self.go()

    def go(self, *, now: bool = False) -> None:
        """Deliver, if there is something to deliver.

        :param now: whether not to wait after a failure.
        """
        if now and self._wait is not None:
            self._wait.cancel()
        waits = self._wait is not None and self._wait.pending
        if waits or self._under_way or self._head is None or not self._may_go():
            return
        if self._head.head > self._after and self._head.log != self._forked:
            self._under_way = True
            log_id, after, most = self._head.log, self._after, self._most
            self._errands.run_one(
                lambda: self._deliver(log_id, after, most), self._on_receipt, self._on_failure
            )

    def close(self) -> None:
        """Deliver nothing more."""
        self._head = None
        if self._wait is not None:
            self._wait.cancel()

    def _deliver(self, log_id: str, after: int, most: int) -> Receipt | None:
        """Deliver one batch; on the errands' thread."""
        self._sent = None
        batch = self._source.next_batch(after)
        if batch is None or batch.log != log_id:
            return None
        self._sent = structs.replace(batch, entries=batch.entries[:most])
        return self._link().deliver(self._sent)

    def _on_receipt(self, receipt: Receipt | None) -> None:
        self._under_way = False
        if receipt is None or self._sent is None or self._head is None or receipt.log != self._head.log:
            return  # the log has nothing more, or is another one by now: it will be heard of
        self._falls = 0
        self._most = min(2 * self._most, MOST_ENTRIES)
        self._after = receipt.acknowledged
        for refusal in receipt.refused:
            log.warning("the hub has set entry %d of the log aside: %s", refusal.number, refusal.reason)
        if receipt.forked:
            log.error("another box writes a log of the same name: beginning a new one")
            self._forked = receipt.log
        self._fire(log_received(receipt))
        if receipt.acknowledged >= self._sent.entries[-1].number:
            self._pacing.forget()
            self.go()
        else:
            self._rest(self._pacing.after_failure())

    def _on_failure(self, error: EasyplayerError) -> None:
        self._under_way = False
        status = error.status if isinstance(error, LinkError) else 0
        self._falls = self._falls + 1 if status == HUB_FELL else 0
        refused = isinstance(error, LinkRefusedError) and status in CANNOT_BE_READ
        if self._sent is not None and (refused or self._falls >= MOST_FALLS):
            self._blame(self._sent, error)
        else:
            self._rest(self._pacing.after_failure(getattr(error, "retry_after_s", None)))

    def _blame(self, batch: Batch, error: EasyplayerError) -> None:
        """Find the entry that the hub cannot take."""
        self._falls = 0
        self._most = max(len(batch.entries) // 2, 1)
        if len(batch.entries) > 1:
            self.go()
            return
        number = batch.entries[0].number
        log.error("entry %d of the log cannot be delivered and is set aside: %s", number, error)
        self._fire(entry_poisoned(number, str(error), batch.log))
        self._rest(self._pacing.after_failure())

    def _rest(self, seconds: float) -> None:
        self._wait = self._ticker.after(seconds, self.go)
