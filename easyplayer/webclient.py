"""The box's side of the talk with the hub: heartbeats, commands in the answers, and pairing.

Nothing here waits: the hub is asked on threads of their own, one for heartbeats and one for the as-run log,
and what it answers comes back to the loop.  While the hub is away, the rest of the box does not notice.
"""

import logging
from collections.abc import Callable
from random import Random
from secrets import token_hex
from urllib.parse import urlsplit

from circuits import handler
from circuits.core.events import Event

from easyplayer.answers import Answers
from easyplayer.asking import Answered, Asking, Self
from easyplayer.component import Background, BoxComponent
from easyplayer.delivering import Courier, LogSource
from easyplayer.drivers.hub_link import LinkMaker
from easyplayer.errands import Errands
from easyplayer.errors import EasyplayerError, LinkError
from easyplayer.events import time_told
from easyplayer.heartbeats import FULL_EVERY_S, Draft
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
from easyplayer.membership import NOWHERE, Membership
from easyplayer.pacing import Pacing
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.heartbeat import Identity, LogHead, Place, Reply
from easyplayer.protocol.pairing import Pairing
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage_events import program_offered
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

SOON_S = Seconds(1.0)
"""What lies between two heartbeats at least."""
POLL_S = Seconds(5.0)
"""How often to ask whether the box has been claimed, where the hub does not say."""
PATIENCE_S = Seconds(150.0)
"""After so long an answer is not waited for any more, whatever trickles in."""
COMPARE_CLOCKS_EVERY_S = Seconds(3600.0)
ENDING_MAY_TAKE_S = 0.2
"""How long each thread may take to end; one that hangs is left behind."""
NEVER = Monotonic(float("-inf"))
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
        self._pacing = Pacing(chance)
        self._asking = Asking(membership, make_link, me, ticker.clock)
        self._answers = Answers(membership, me, ticker.clock)
        self._errands = Errands(make_worker(self.fire, "hub"))
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
        self._next: Deadline | None = None
        self._patience: Deadline | None = None
        self._busy = self._closed = False
        self._asked_at = self._known_at = self._compared_at = NEVER
        self._reached = False
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
        self._ask_in(self._pacing.first_s())

    def close(self) -> None:
        """Ask nothing more; what hangs is left behind."""
        self._closed = True
        for deadline in (self._next, self._patience):
            if deadline is not None:
                deadline.cancel()
        self._courier.close()
        self._asking.end()
        for errands in (self._errands, self._deliveries):
            errands.close(ENDING_MAY_TAKE_S)

    # -- asking ----------------------------------------------------------------------------------

    def _ask_in(self, seconds: float) -> None:
        if self._forgetting and not self._pacing.failures:
            seconds = min(seconds, SOON_S)
        if self._next is not None:
            self._next.cancel()
        self._next = self._ticker.after(seconds, self._ask)

    def _ask_soon(self, *, although_it_failed: bool = False) -> None:
        """Ask before the hub's time, but not twice in a second, and not one that wants to be left alone."""
        if self._busy or (self._pacing.failures and not although_it_failed):
            return
        in_s = max(self._asked_at + SOON_S - self._ticker.clock(), 0.0)
        if self._next is None or not self._next.pending or self._ticker.clock() + in_s < self._next.at:
            self._ask_in(in_s)

    def _ask(self) -> None:
        """Ask what is next to be asked; the answer has the next deadline set."""
        if self._busy:
            return
        self._busy, self._asked_at = True, self._ticker.clock()
        self._patience = self._ticker.after(PATIENCE_S, self._asking.drop_link)
        if self._forgetting:
            self._errands.run_one(self._membership.forget, self._on_forgotten, self._on_failure)
        elif self._membership.kept.claimed:
            draft = self._draft()
            self._errands.run_one(
                lambda: self._asking.beat(draft), lambda one: self._on_answer(draft, one), self._on_failure
            )
        else:
            self._errands.run_one(self._asking.pair, self._on_pairing, self._on_failure)

    def _draft(self) -> Draft:
        now, status = self._me.report()
        self._sequence += 1
        return Draft(
            boot=self._me.boot,
            run=self._run_id,
            sequence=self._sequence,
            revision=self._membership.kept.revision,
            now=now,
            status=self._answers.completed(status),
            results=self._answers.orders.waiting(),
            log=self._courier.head,
            known=self._known if self._ticker.clock() - self._known_at < FULL_EVERY_S else "",
        )

    @handler("hub_asked")
    def _on_asked(self, proceed: Callable[[], object]) -> None:
        if not self._closed:
            proceed()

    def _end_asking(self) -> None:
        self._busy = False
        if self._patience is not None:
            self._patience.cancel()

    def _on_failure(self, error: EasyplayerError) -> None:
        self._end_asking()
        reason = str(error)
        if reason != self._lost_for:
            self._lost_for, self._reached = reason, False
            log.warning("the hub cannot be asked: %s", reason)
            self.fire(hub_lost(reason))
        rest_s = error.retry_after_s if isinstance(error, LinkError) else None
        self._ask_in(self._pacing.after_failure(rest_s))

    def _note_answer(self) -> None:
        self._end_asking()
        if not self._reached:
            self._reached, self._lost_for = True, ""
            log.info("the hub at %s answers", self._membership.hub)
            self.fire(hub_reached(self._membership.hub))

    # -- pairing ---------------------------------------------------------------------------------

    def _on_pairing(self, pairing: Pairing) -> None:
        self._note_answer()
        if pairing.claimed:
            log.info("claimed at %s: this box is %s", self._membership.hub, pairing.box)
            self._pacing.forget()
            self._show("")
            self._ask_soon()
            self._courier.go(now=True)
        else:
            self._show(pairing.claim_code)
            self._ask_in(self._pacing.after_answer(pairing.next_s or POLL_S))

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
        self._pacing.forget()
        self._ask_soon()

    def _on_forgotten(self, _nothing: None) -> None:
        self._end_asking()
        self._forgetting = self._known = ""
        self._asking.drop_link()
        self._answers.forget()
        self._pacing.forget()
        self._heed("", NOWHERE)
        self._ask_soon()

    # -- answers ---------------------------------------------------------------------------------

    def _on_answer(self, draft: Draft, answered: Answered) -> None:
        self._note_answer()
        reply = answered.reply
        if draft.known != answered.digest:
            self._known_at = self._ticker.clock()
        self._known = "" if reply.wants_status else answered.digest
        self.fire(hub_answered(reply))
        if reply.identity is Identity.CLONED:
            self.fire(forget_hub("another machine has the same key as this box, and had it before"))
            return
        self._ask_in(self._pacing.after_answer(reply.next_s))
        self._heed(reply.blocked, reply.place or self._place)
        self._answers.hear(reply, answered.hub)
        self._settle(draft, reply)
        if (head := self._answers.program(reply)) is not None:
            self.fire(program_offered(head))
        self._catch_up(draft.log, reply.acknowledged)
        self._compare_clocks()

    def _settle(self, draft: Draft, reply: Reply) -> None:
        """Let go of the results that have arrived, and take in the commands that have come."""
        held = self._answers.orders.confirm(reply.confirmed, draft.results)
        if held:
            self.fire(results_confirmed(held))
        for command in self._answers.commands(reply):
            self.fire(carry_out(command))
        if self._answers.orders.has_more_than(draft.results):
            self._ask_soon()

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

    def _compare_clocks(self) -> None:
        """Ask for the time where nobody else keeps the clock right."""
        due = self._ticker.clock() - self._compared_at >= COMPARE_CLOCKS_EVERY_S
        if due and not self._me.wall.synchronised():
            self._compared_at = self._ticker.clock()
            self._errands.run_one(
                self._asking.time,
                lambda told: self.fire(time_told(told)),
                lambda error: log.warning("the hub does not tell the time: %s", error),
            )

    # -- what the box wants ----------------------------------------------------------------------

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        self._compared_at = NEVER

    @handler("command_finished")
    def _on_command_finished(self, result: CommandResult) -> None:
        self._answers.orders.put(result)
        self._ask_soon()

    @handler("sync_with_hub")
    def _on_sync(self) -> None:
        self._ask_soon(although_it_failed=True)
        self._courier.go(now=True)

    @handler("go_offline")
    def _on_offline(self, seconds: Seconds) -> None:
        self._membership.stay_away(seconds)
        self._ticker.after(seconds, self._come_back)

    def _come_back(self) -> None:
        if not self._membership.away:
            self._pacing.forget()
            self._ask_soon()
            self._courier.go(now=True)

    @handler("storage_switched")
    def _on_switched(self, head: ProgramHead) -> None:
        self._errands.run_one(
            lambda: self._membership.have_program(head),
            lambda _: self._ask_soon(),
            lambda error: log.warning("%s", error),
        )

    @handler("log_received")
    def _on_received(self, _receipt: Receipt) -> None:
        """Learn from the courier that the hub is back."""
        if self._pacing.failures:
            self._ask_soon(although_it_failed=True)

    @handler("log_ready")
    def _on_log(self, head: LogHead) -> None:
        self._courier.hear(head)
