"""The root of the tree: how the application starts and ends, whether it may play, and what comes of failures.

Which parts there are, and what each stands on, is told in :mod:`easyplayer.core`.
"""

import logging
import signal as signals
from collections.abc import Callable
from datetime import datetime
from typing import Any

from circuits import handler
from circuits.core.events import Event
from circuits.core.pollers import EPoll

from easyplayer.component import BoxComponent
from easyplayer.errors import EasyplayerError
from easyplayer.events import allowance_changed, check_allowed, handler_failed, shut_down
from easyplayer.player_events import fade_out, start_playing
from easyplayer.playout.catalogue import Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.standing import CLOCK_WRONG, EMERGENCY, Standing, VenueHours, Verdict, judge
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Seconds

log = logging.getLogger(__name__)

CHECK_EVERY_S = Seconds(60.0)
CLOSING_FADE_S = Seconds(3.0)
"""How long the music takes to go when the venue closes."""
ENDING_FADE_S = Seconds(0.6)
ENDING_MAY_TAKE_S = Seconds(1.2)
"""How long the players may take to be silent before the parts are closed all the same."""
FAILED = 70
"""Exit code after an uncaught error, after ``sysexits.h``: an internal error."""


class App(BoxComponent):
    """The root of the tree.

    :param standing: everything that decides whether the box may play.
    :param local_time: tells the local time of the machine.
    :param wall: tells the world's time.
    """

    def __init__(
        self,
        ticker: Ticker,
        standing: Standing,
        local_time: Callable[[], datetime],
        wall: Callable[[], Instant],
    ) -> None:
        super().__init__()
        EPoll().register(self)
        ticker.register(self)
        self._ticker = ticker
        self._parts: tuple[BoxComponent, ...] = ()
        self._opened: list[BoxComponent] = []
        self._standing = standing
        self._local_time = local_time
        self._wall = wall
        self._hours: VenueHours | None = None
        self._blind = False
        self._emergency = False
        self._blocked = ""
        self._verdict: Verdict | None = None
        self._failures = 0
        self._failure_code = 0
        self._wanted_code = 0
        self._end: Deadline | None = None

    @property
    def exit_code(self) -> int:
        """What the process is to exit with: what it was ended with, or, where that was 0, what failed first.

        A failure of long ago makes no bad end of one that was wanted for the box to be started anew.
        """
        return self._wanted_code or self._failure_code

    def furnish(self, *parts: BoxComponent) -> None:
        """Put the parts into the tree, each after those it stands on."""
        self._parts = (*self._parts, *parts)
        for part in parts:
            part.register(self)

    # -- from start to end ---------------------------------------------------------------------

    @handler("started", channel="*")
    def _on_started(self, _root: object) -> None:
        for part in self._parts:
            part.open()
            self._opened.append(part)
        self._ticker.every(CHECK_EVERY_S, lambda: self.fire(check_allowed()))
        self.fire(check_allowed())

    @handler("signal", channel="*")
    def _on_signal(self, number: int, _frame: object) -> None:
        if number in {signals.SIGINT, signals.SIGTERM}:
            log.info("%s: ending", signals.Signals(number).name)
            self.fire(shut_down(0))

    @handler("shut_down")
    def _on_shut_down(self, exit_code: int) -> None:
        self._wanted_code = self._wanted_code or exit_code
        if self._end is None:
            self._end = self._ticker.after(ENDING_MAY_TAKE_S, self._close_all)
            self.fire(fade_out(ENDING_FADE_S, "the box ends"))

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state is PlayerState.STOPPED and self._end is not None and self._end.pending:
            self._end.cancel()
            self._ticker.after(0.0, self._close_all)

    def _close_all(self) -> None:
        while self._opened:
            part = self._opened.pop()
            try:
                part.close()
            except Exception:  # whatever one part does, the others must be closed
                log.exception("%s did not close well", type(part).__name__)
                self._failure_code = self._failure_code or FAILED
        self.stop()

    # -- may the box play? ---------------------------------------------------------------------

    @handler("check_allowed")
    def _on_check_allowed(self) -> None:
        verdict = self._judge()
        if self._end is not None or verdict == self._verdict:
            return
        turned = self._verdict is None or self._verdict.allowed is not verdict.allowed
        self._verdict = verdict
        self.fire(allowance_changed(allowed=verdict.allowed, reason=verdict.reason))
        if turned:
            log.info("may play: %s" if verdict.allowed else "may not play: %s", verdict.reason)
            self.fire(start_playing() if verdict.allowed else fade_out(CLOSING_FADE_S, verdict.reason))

    def _judge(self) -> Verdict:
        if self._emergency:
            return EMERGENCY
        if self._blocked:
            return Verdict(False, f"blocked by the hub: {self._blocked}")
        if self._blind:
            return CLOCK_WRONG
        verdict = judge(self._standing, self._local_time())
        if not verdict.allowed or self._hours is None:
            return verdict
        now = self._wall()
        change_s = self._hours.change_after(now) - now
        if change_s <= CHECK_EVERY_S:
            self._ticker.after(change_s, lambda: self.fire(check_allowed()))
        return self._hours.judge(now)

    @handler("program_taken")
    def _on_program_taken(self, program: Program) -> None:
        self._hours = VenueHours(program)
        self.fire(check_allowed())

    @handler("play_emergency")
    def _on_emergency(self, _item: Item) -> None:
        self._emergency = True
        self.fire(check_allowed())

    @handler("end_emergency")
    def _on_emergency_over(self) -> None:
        self._emergency = False
        self.fire(check_allowed())

    @handler("box_blocked")
    def _on_blocked(self, reason: str) -> None:
        self._blocked = reason
        self.fire(check_allowed())

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._blind = trust is ClockTrust.UNKNOWN
        self.fire(check_allowed())

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        self.fire(check_allowed())

    # -- what fails ----------------------------------------------------------------------------

    @handler("exception", channel="*")
    def _on_exception(  # the one handler of failures; it must never fail itself
        self,
        kind: type[BaseException],
        error: BaseException,
        _trace: object,
        handler: Any = None,
        fevent: Event | None = None,
    ) -> None:
        self._failures += 1
        code = error.exit_code if isinstance(error, EasyplayerError) else FAILED
        self._failure_code = self._failure_code or code
        where = f"{getattr(handler, '__qualname__', handler)} on {getattr(fevent, 'name', fevent)}"
        log.error("%s failed: %s: %s", where, kind.__name__, error, exc_info=error)
        self.fire(handler_failed(self._failures, f"{where} failed: {kind.__name__}: {error}"))
        if getattr(fevent, "name", "") == "started":
            self._close_all()
