"""The live channel: a line that stays open to the hub, so that what it wants comes at once.

Nothing depends on it.  Commands that come by it come with the next heartbeat as well, and all that must not
be lost goes by the heartbeat.  While the channel is up, the hub can wake the box, and so heartbeats are sent
less often; while somebody watches the box, it tells twice a second how it is.
"""

import logging
from functools import partial
from random import Random

from circuits import handler
from msgspec import structs

from easyplayer.component import BoxComponent
from easyplayer.drivers.live_line import (
    LineEnded,
    LineHeard,
    LineMaker,
    LineOpened,
    LineReport,
    LineSpec,
    LineUpgraded,
    LiveLine,
)
from easyplayer.errors import ProtocolError
from easyplayer.hub_events import (
    heartbeat_wanted,
    line_reported,
    live_closed,
    live_opened,
    orders_received,
)
from easyplayer.lifeline import Lifeline, State
from easyplayer.membership import Membership
from easyplayer.pacing import Pacing
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import Reply
from easyplayer.protocol.live import FromHub, Orders, Wake, Watch, Welcome, read_from_hub
from easyplayer.showing import Look, Showing
from easyplayer.ticker import Ticker
from easyplayer.transport_choice import TransportChoice
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

AT_ONCE = Seconds(0.0)


class LiveChannel(BoxComponent):
    """Keeps the channel, and tells the other parts what comes by it.

    :param spec: what line is wanted.
    :param look: tells how the box is, for those who watch it.
    :param chance: spreads the load; no secret comes of it.
    """

    def __init__(
        self,
        make_line: LineMaker,
        spec: LineSpec,
        membership: Membership,
        look: Look,
        ticker: Ticker,
        *,
        chance: Random | None = None,
    ) -> None:
        super().__init__()
        self._make_line = make_line
        self._spec = spec
        self._membership = membership
        self._showing = Showing(look, ticker.clock)
        self._choice = TransportChoice(spec.transports)
        self._lifeline = Lifeline(
            self._new_line,
            self._may_open,
            self._on_end,
            Pacing(chance or Random()),  # noqa: S311 - it only spreads the load
            ticker,
            choice=self._choice,
        )
        self._closed = False
        self._not_live = self._nonsense = ""
        self._heartbeat_s = Seconds(0.0)

    def close(self) -> None:
        """Close the channel; what hangs is left behind."""
        self._closed = True
        self._lifeline.give_up("the box ends")

    def _new_line(self, number: int) -> LiveLine:
        spec = structs.replace(self._spec, transports=self._choice.now)
        return self._make_line(spec, partial(self._report, number))

    def _report(self, number: int, report: LineReport) -> None:
        """Bring a report to the loop; called from the line's thread."""
        self.fire(line_reported(number, report))

    def _may_open(self) -> bool:
        return not self._closed and self._membership.kept.claimed and not self._membership.away

    # -- whether there is to be one --------------------------------------------------------------

    @handler("hub_answered")
    def _on_answer(self, reply: Reply) -> None:
        self._lifeline.want(reply.next_s)

    @handler("hub_lost")
    def _on_lost(self, _reason: str) -> None:
        self._lifeline.stand_by()

    @handler("forget_hub")
    def _on_forget(self, _reason: str) -> None:
        self._lifeline.give_up("the hub is forgotten")

    @handler("claim_code_shown")
    def _on_claim_code(self, code: str) -> None:
        if code:
            self._lifeline.give_up("the hub does not know this box any more")

    @handler("go_offline")
    def _on_offline(self, seconds: Seconds) -> None:
        if seconds:
            self._lifeline.give_up("the box rehearses being offline")

    # -- what the line tells ---------------------------------------------------------------------

    @handler("line_reported")
    def _on_report(self, line: int, report: LineReport) -> None:
        if line != self._lifeline.number:
            return
        match report:
            case LineOpened(transport=transport):
                self._choice.used = transport
                self._lifeline.opened()
            case LineUpgraded(transport=transport):
                self._choice.used = transport
                if self._lifeline.state is State.LIVE:
                    self._tell()
            case LineHeard(content=content):
                self._hear(content)
            case LineEnded():
                self._lifeline.ended(report)

    def _on_end(self, reason: str) -> None:
        if reason != self._not_live:
            self._not_live = reason
            log.info("no live channel: %s", reason)
            self.fire(live_closed(reason))

    def _tell(self) -> None:
        self._not_live = ""
        log.info("the live channel is up, by %s", self._choice.used)
        self.fire(live_opened(self._choice.used, self._heartbeat_s))

    # -- what the hub says -----------------------------------------------------------------------

    def _hear(self, content: str) -> None:
        try:
            message = read_from_hub(content)
        except ProtocolError as error:
            if str(error) != self._nonsense:
                self._nonsense = str(error)
                log.warning("the hub says by the live channel what cannot be read: %s", error)
            return
        if isinstance(message, Welcome):
            self._on_welcome(message)
        elif message is not None and self._lifeline.state is State.LIVE:
            self._heed(message)

    def _on_welcome(self, welcome: Welcome) -> None:
        if self._lifeline.welcomed():
            self._heartbeat_s = welcome.heartbeat_s
            self._showing.begin()
            self._tell()

    def _heed(self, message: FromHub) -> None:
        match message:
            case Orders(commands=commands):
                self.fire(orders_received(commands))
            case Wake(within_s=within_s):
                self.fire(heartbeat_wanted(within_s))
            case Watch(seconds=seconds):
                self._showing.watch(seconds)

    # -- how the box is --------------------------------------------------------------------------

    @handler("status_published")
    def _on_status(self, _status: object) -> None:
        if self._lifeline.state is not State.LIVE:
            return
        report = self._showing.report()
        if report is not None and not self._lifeline.send(encode(report).decode()):
            self._showing.lost()
        if self._showing.has_news():
            self.fire(heartbeat_wanted(AT_ONCE))
