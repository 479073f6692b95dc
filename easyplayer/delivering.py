"""The as-run log on its way to the hub: in order, until all of it has been acknowledged."""

import logging
from collections.abc import Callable
from typing import Protocol

from circuits.core.events import Event
from msgspec import Struct, structs

from easyplayer.drivers.hub_link import HubLink
from easyplayer.errands import Errands
from easyplayer.errors import EasyplayerError, LinkError, LinkRefusedError
from easyplayer.hub_events import entry_poisoned, log_received
from easyplayer.pacing import Pacing
from easyplayer.protocol.asrun import MOST_ENTRIES, Batch, Receipt, set_aside
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

TOO_LONG = 413
CANNOT_BE_READ = {400, TOO_LONG, 422}
"""What a hub answers to a batch that it cannot take, however often it comes."""
HUB_FELL = 500
MOST_FALLS = 3
"""So often a batch may make the hub fail before it is held to be the batch's fault."""
SHORT_FOR_S = Seconds(3600.0)
"""For so long no batch is longer than the half of one that somebody has found too long."""


class LogSource(Protocol):
    """The as-run log, as it is delivered; asked from any thread."""

    def next_batch(self, after: int) -> Batch | None:
        """Give the entries after a number, as many as go at once; ``None`` where there are none.

        :raises StateError: the log cannot be read.
        """


class _Trial(Struct, frozen=True):
    """What is to show whether an entry is to blame, or the hub fails over anything.

    :ivar batch: a placeholder, in place of the entry.
    :ivar reason: what is said against the entry.
    """

    batch: Batch
    reason: str


class Courier:
    """Delivers what the log has and the hub has not.

    A batch that the hub cannot take is halved, until it is one entry; that one is told as poisoned, and the
    rest go on.  Where the hub only fails, it may fail over anything: then a placeholder goes first, and the
    entry is told as poisoned if the hub takes that.

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
        self._most = self._most_for_now = MOST_ENTRIES
        self._short_until = Monotonic(float("-inf"))
        self._trial: _Trial | None = None
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
            self._after, self._trial = head.acknowledged, None
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
        self._after, self._trial = number, None
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
            log_id, after, most, trial = self._head.log, self._after, self._most, self._trial
            self._errands.run_one(
                lambda: self._deliver(log_id, after, most) if trial is None else self._try(trial),
                self._on_receipt,
                self._on_failure,
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

    def _try(self, trial: _Trial) -> Receipt:
        """Deliver a placeholder; on the errands' thread."""
        self._sent = trial.batch
        return self._link().deliver(trial.batch)

    def _on_receipt(self, receipt: Receipt | None) -> None:
        self._under_way = False
        trial, self._trial = self._trial, None
        if receipt is None or self._sent is None or self._head is None or receipt.log != self._head.log:
            return  # the log has nothing more, or is another one by now: it will be heard of
        self._falls = 0
        self._grow()
        self._after = receipt.acknowledged
        for refusal in receipt.refused:
            log.warning("the hub has set entry %d of the log aside: %s", refusal.number, refusal.reason)
        if receipt.forked:
            log.error("another box writes a log of the same name: beginning a new one")
            self._forked = receipt.log
        taken = receipt.acknowledged >= self._sent.entries[-1].number
        if trial is not None and taken:
            self._set_aside(trial.batch, trial.reason)
        self._fire(log_received(receipt))
        if taken:
            self._pacing.forget()
            self.go()
        else:
            self._rest(self._pacing.after_failure())

    def _on_failure(self, error: EasyplayerError) -> None:
        self._under_way = False
        trial, self._trial = self._trial, None
        status = error.status if isinstance(error, LinkError) else 0
        self._falls = self._falls + 1 if status == HUB_FELL else 0
        refused = isinstance(error, LinkRefusedError) and status in CANNOT_BE_READ
        if trial is not None or self._sent is None:
            self._rest_after(error)  # whatever the entry is: the hub does not take anything else either
        elif len(self._sent.entries) > 1 and (refused or status == TOO_LONG or self._falls >= MOST_FALLS):
            self._halve(len(self._sent.entries), for_now=status == TOO_LONG)
        elif refused:
            self._set_aside(self._sent, str(error))
            self._rest(self._pacing.after_failure())
        elif self._falls >= MOST_FALLS:
            self._doubt(self._sent, str(error))
        else:
            self._rest_after(error)

    def _halve(self, entries: int, *, for_now: bool) -> None:
        """Go on with half a batch.

        :param for_now: whether the whole would be too long also after this.
        """
        self._falls = 0
        self._most = entries // 2
        if for_now:
            self._most_for_now = self._most
            self._short_until = Monotonic(self._ticker.clock() + SHORT_FOR_S)
        self.go()

    def _grow(self) -> None:
        """Let the next batch be longer again."""
        short = self._ticker.clock() < self._short_until
        self._most = min(2 * self._most, self._most_for_now if short else MOST_ENTRIES)

    def _doubt(self, batch: Batch, reason: str) -> None:
        """Find out whether it is the entry that makes the hub fail."""
        self._falls = 0
        (entry,) = batch.entries
        instead = structs.replace(entry, body=set_aside(entry.body, reason))
        self._trial = _Trial(structs.replace(batch, entries=(instead,)), reason)
        self.go()

    def _set_aside(self, batch: Batch, reason: str) -> None:
        """Tell that the only entry of a batch is poisoned."""
        number = batch.entries[0].number
        log.error("entry %d of the log cannot be delivered and is set aside: %s", number, reason)
        self._fire(entry_poisoned(number, reason, batch.log))

    def _rest_after(self, error: EasyplayerError) -> None:
        self._rest(self._pacing.after_failure(getattr(error, "retry_after_s", None)))

    def _rest(self, seconds: float) -> None:
        self._wait = self._ticker.after(seconds, self.go)
