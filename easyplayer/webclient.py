"""The box's side of the talk with the hub: heartbeats, commands in the answers, and pairing.

Nothing here waits: the hub is asked on threads of their own, one for heartbeats and one for the as-run log,
and what it answers comes back to the loop.  While the hub is away, the rest of the box does not notice.
"""

import logging
from collections.abc import Callable, Iterable
from random import Random
from secrets import token_hex
from urllib.parse import urlsplit

from circuits import handler
from circuits.core.events import Event

from easyplayer.answers import Answers
from easyplayer.asking import Answered, Asking, Self
from easyplayer.clock_comparison import ClockComparison
from easyplayer.component import Background, BoxComponent
from easyplayer.delivering import Courier, LogSource
from easyplayer.drivers.hub_link import LinkMaker
from easyplayer.errands import Errands
from easyplayer.errors import EasyplayerError, LinkError
from easyplayer.events import time_told
from easyplayer.heartbeats import FULL_EVERY_S, Draft, coarse
from easyplayer.hub_events import (
    box_blocked,
    box_placed,
    carry_out,
    claim_code_shown,
    forget_hub,
    hub_answered,
    hub_lost,
    hub_reached,
    log_received,
    results_confirmed,
)
from easyplayer.interval import NEVER, Interval
from easyplayer.membership import NOWHERE, Membership
from easyplayer.pacing import Pacing
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.heartbeat import Identity, LogHead, Now, Place, Reply, Status
from easyplayer.protocol.pairing import Pairing
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.storage_events import program_offered
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

POLL_S = Seconds(5.0)
"""How often to ask whether the box has been claimed, where the hub does not say."""
ENDING_MAY_TAKE_S = 0.2
"""How long each thread may take to end; one that hangs is left behind."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class WebClient(BoxComponent):
    """Talks with the hub.

    :param me: what is known of the box.
    :param source: the as-run log.
    :param chance: spreads the load; no secret comes of it.
    """

    def __init__(
        self,
        membership: Membership,
        make_link: LinkMaker,
        me: Self,
        source: LogSource,
        ticker: Ticker,
        *,
        make_worker: Callable[[Callable[[Event], object], str], Background] = Background,
        chance: Random | None = None,
    ) -> None:
        super().__init__()
        chance = chance or Random()  # noqa: S311 - it only spreads the load
        self._membership = membership
        self._me = me
        self._ticker = ticker
        self._asking = Asking(membership, make_link, me, ticker.clock)
        self._interval = Interval(Pacing(chance), ticker, self._ask, self._asking.drop_link)
        self._answers = Answers(membership, me, ticker.clock)
        self._errands = Errands(make_worker(self.fire, "hub"))
        self._comparison = ClockComparison(
            self._asking, self._errands, me.wall, ticker.clock, lambda told: self.fire(time_told(told))
        )
        self._deliveries = Errands(make_worker(self.fire, "courier"))
        self._courier = Courier(
            source,
            self._asking.link,
            self._deliveries,
            may_go=lambda: membership.kept.claimed,
            fire=self.fire,
            ticker=ticker,
            pacing=Pacing(chance),
        )
        self._run_id, self._sequence = token_hex(8), 0
        self._reached = self._closed = False
        self._known_at = NEVER
        self._told: Status | None = None
        self._known = self._lost_for = self._code = self._forgetting = self._blocked = ""
        self._place = NOWHERE

    def open(self) -> None:
        """Tell what is kept of the hub, and begin to ask it."""
        self._membership.open()
        kept = self._membership.kept
        self._blocked, self._place = kept.blocked, kept.place
        self.fire(box_placed(kept.place))
        self.fire(box_blocked(kept.blocked))
        address = urlsplit(self._membership.hub)
        if address.scheme == "http" and address.hostname not in LOOPBACK:
            log.warning(
                "the way to %s is not encrypted: use https, or a network of your own", address.hostname
            )
        self._interval.begin()

    def close(self) -> None:
        """Ask nothing more; what hangs is left behind."""
        self._closed = True
        self._interval.end()
        self._courier.close()
        self._asking.end()
        for errands in (self._errands, self._deliveries):
            errands.close(ENDING_MAY_TAKE_S)

    # -- asking ----------------------------------------------------------------------------------

    def report(self) -> tuple[Now, Status]:
        """Tell how the box is, as a heartbeat does, but for the machine."""
        now, status = self._me.report()
        return now, self._answers.completed(status)

    def _ask(self) -> None:
        """Ask what is next to be asked."""
        if self._forgetting:
            self._errands.run_one(self._membership.forget, self._on_forgotten, self._on_failure)
        elif self._membership.kept.claimed:
            draft = self._draft()
            self._errands.run_one(
                lambda: self._asking.beat(draft), lambda one: self._on_answer(draft, one), self._on_failure
            )
        else:
            self._errands.run_one(self._asking.pair, self._on_pairing, self._on_failure)

    @handler("status_published")
    def _on_status(self, _status: object) -> None:
        """See to it that the hub's picture of the box gets no older while a live channel is up."""
        if self._told is not None and coarse(self.report()[1]) != self._told:
            self._told = None
            self._interval.catch_up()

    def _draft(self) -> Draft:
        now, status = self.report()
        self._sequence += 1
        return Draft(
            boot=self._me.boot,
            run=self._run_id,
            sequence=self._sequence,
            revision=self._membership.kept.revision,
            now=now,
            status=status,
            results=self._answers.orders.waiting(),
            log=self._courier.head,
            known=self._known if self._ticker.clock() - self._known_at < FULL_EVERY_S else "",
        )

    @handler("hub_asked")
    def _on_asked(self, proceed: Callable[[], object]) -> None:
        if not self._closed:
            proceed()

    def _on_failure(self, error: EasyplayerError) -> None:
        reason = str(error)
        if reason != self._lost_for:
            self._lost_for, self._reached = reason, False
            log.warning("the hub cannot be asked: %s", reason)
            self.fire(hub_lost(reason))
        self._interval.failed(error.retry_after_s if isinstance(error, LinkError) else None)

    def _note_answer(self) -> None:
        self._interval.over()
        if not self._reached:
            self._reached, self._lost_for = True, ""
            log.info("the hub at %s answers", self._membership.hub)
            self.fire(hub_reached(self._membership.hub))

    # -- pairing ---------------------------------------------------------------------------------

    def _on_pairing(self, pairing: Pairing) -> None:
        self._note_answer()
        if pairing.claimed:
            log.info("claimed at %s: this box is %s", self._membership.hub, pairing.box)
            self._show("")
            self._interval.begin_anew()
            self._courier.go(now=True)
        else:
            self._show(pairing.claim_code)
            self._interval.answered(pairing.next_s or POLL_S)

    def _show(self, code: str) -> None:
        if code != self._code:
            self._code = code
            if code:
                log.warning(">>> claim code %s <<< type it at %s", code, self._membership.hub)
            self.fire(claim_code_shown(code))

    @handler("forget_hub")
    def _on_forget(self, reason: str) -> None:
        log.warning("forgetting the hub: %s", reason)
        self._forgetting = reason
        self._asking.drop_link()
        self._interval.begin_anew()

    def _on_forgotten(self, _nothing: None) -> None:
        self._interval.over()
        self._forgetting = self._known = ""
        self._asking.drop_link()
        self._answers.forget()
        self._heed("", NOWHERE)
        self._interval.begin_anew()

    # -- answers ---------------------------------------------------------------------------------

    def _on_answer(self, draft: Draft, answered: Answered) -> None:
        self._note_answer()
        reply = answered.reply
        if draft.known != answered.digest:
            self._known_at = self._ticker.clock()
        self._known, self._told = "" if reply.wants_status else answered.digest, coarse(draft.status)
        self.fire(hub_answered(reply))
        if reply.identity is Identity.CLONED:
            self.fire(forget_hub("another machine has the same key as this box, and had it before"))
            return
        self._interval.answered(reply.next_s, stretches=not reply.wants_status)
        self._heed(reply.blocked, reply.place or self._place)
        self._answers.hear(reply, answered.hub)
        self._settle(draft, reply)
        if (head := self._answers.program(reply)) is not None:
            self.fire(program_offered(head))
        self._catch_up(draft.log, reply.acknowledged)
        self._comparison.go()

    def _settle(self, draft: Draft, reply: Reply) -> None:
        """Let go of the results that have arrived, and take in the commands that have come."""
        held = self._answers.orders.confirm(reply.confirmed, draft.results)
        if held:
            self.fire(results_confirmed(held))
        self._take(reply.commands)
        if self._answers.orders.has_more_than(draft.results):
            self._interval.soon()

    def _take(self, orders: Iterable[Signed], *, early: bool = False) -> None:
        for command in self._answers.commands(orders, early=early):
            self.fire(carry_out(command))

    def _heed(self, blocked: str, place: Place) -> None:
        if blocked != self._blocked:
            self._blocked = blocked
            self.fire(box_blocked(blocked))
        if place != self._place:
            self._place = place
            self.fire(box_placed(place))

    def _catch_up(self, said: LogHead | None, number: int | None) -> None:
        """Go on with the log from where the hub has it: one that was restored has less than it had.

        :param said: how far the log had come, and what the hub had, when the heartbeat was sent.
        """
        if said is not None and number is not None and self._courier.is_to_go_on_from(number, said):
            self.fire(log_received(Receipt(log=said.log, acknowledged=number)))
            self._courier.go_on_from(number)
        self._courier.go()

    # -- what the box wants ----------------------------------------------------------------------

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        self._comparison.begin_anew()

    @handler("command_finished")
    def _on_command_finished(self, result: CommandResult) -> None:
        self._answers.orders.put(result)
        self._interval.soon()

    @handler("sync_with_hub")
    def _on_sync(self) -> None:
        self._interval.soon(although_it_failed=True)
        self._courier.go(now=True)

    @handler("go_offline")
    def _on_offline(self, seconds: Seconds) -> None:
        self._membership.stay_away(seconds)
        self._ticker.after(seconds, self._come_back)

    def _come_back(self) -> None:
        if not self._membership.away:
            self._interval.begin_anew()
            self._courier.go(now=True)

    @handler("storage_switched")
    def _on_switched(self, head: ProgramHead) -> None:
        self._errands.run_one(
            lambda: self._membership.have_program(head),
            lambda _: self._interval.soon(),
            lambda error: log.warning("%s", error),
        )

    @handler("log_received")
    def _on_received(self, _receipt: Receipt) -> None:
        """Learn from the courier that the hub is back."""
        if self._interval.fails:
            self._interval.soon(although_it_failed=True)

    @handler("log_ready")
    def _on_log(self, head: LogHead) -> None:
        self._courier.hear(head)

    # -- the live channel ------------------------------------------------------------------------

    @handler("live_opened")
    def _on_live(self, _transport: str, heartbeat_s: Seconds) -> None:
        self._interval.stretch(heartbeat_s)

    @handler("live_closed")
    def _on_live_over(self, _reason: str) -> None:
        self._interval.relax()

    @handler("heartbeat_wanted")
    def _on_wanted(self, within_s: Seconds) -> None:
        self._interval.within(within_s)

    @handler("orders_received")
    def _on_orders(self, commands: tuple[Signed, ...]) -> None:
        self._take(commands, early=True)
        if self._answers.orders.waiting():
            self._interval.soon()
