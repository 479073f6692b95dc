"""When the hub is asked next, and that it is asked one question at a time.

While the live channel is up, the hub can wake the box, and what it wants of it comes at once.  So the
interval is stretched then.  Up or down, no change of it brings a question forward by more than chance.
"""

from collections.abc import Callable

from easyplayer.pacing import Pacing
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

SOON_S = Seconds(1.0)
"""What lies between two questions at least."""
PATIENCE_S = Seconds(150.0)
"""After so long an answer is not waited for any more, whatever trickles in."""
NEVER = Monotonic(float("-inf"))


class Interval:
    """Has the hub asked, again and again.

    :param ask: asks; :meth:`over` or :meth:`failed` must follow some time.
    :param give_up: breaks a question off that has been under way for too long; that makes it fail.
    """

    def __init__(
        self, pacing: Pacing, ticker: Ticker, ask: Callable[[], object], give_up: Callable[[], object]
    ) -> None:
        self._pacing = pacing
        self._ticker = ticker
        self._ask = ask
        self._give_up = give_up
        self._next: Deadline | None = None
        self._patience: Deadline | None = None
        self._asked_at = self._rests_until = NEVER
        self._busy = self._once_more = self._anew = False
        self._usual_s = self._stretched_s = Seconds(0.0)

    def begin(self) -> None:
        """Ask for the first time."""
        self._set(self._pacing.first_s())

    def end(self) -> None:
        """Ask nothing more."""
        for deadline in filter(None, (self._next, self._patience)):
            deadline.cancel()

    @property
    def fails(self) -> bool:
        """Whether the last question was not answered."""
        return self._pacing.failures > 0

    # -- what comes of a question ----------------------------------------------------------------

    def over(self) -> None:
        """Know that nothing is asked any more, and so that the next question may come."""
        self._busy = False
        if self._patience is not None:
            self._patience.cancel()

    def answered(self, wished_s: float, *, stretches: bool = True) -> None:
        """Ask as the answer wishes, once that is :meth:`over`.

        :param wished_s: when the hub wants to be asked again, while no channel is live.
        :param stretches: whether that may be later while one is.
        """
        self._usual_s, self._rests_until = Seconds(wished_s), NEVER
        live_s = self._stretched_s if stretches else 0.0
        self._set(self._pacing.after_answer(max(wished_s, live_s)))
        if self._once_more:
            self.soon()

    def failed(self, rest_s: float | None) -> None:
        """Know that there was none; whether a channel is live makes no difference then.

        Where all was to begin anew meanwhile, it says nothing of what comes now.

        :param rest_s: for how long the hub wants to be left alone, where it has said so.
        """
        self.over()
        self._pacing.expect(self._usual_s)
        wait_s = self._pacing.after_failure(rest_s)
        self._rests_until = NEVER if rest_s is None else Monotonic(self._ticker.clock() + wait_s)
        self._set(wait_s)
        if self._anew:
            self.begin_anew()

    # -- what is wished --------------------------------------------------------------------------

    def soon(self, *, although_it_failed: bool = False) -> None:
        """Ask before the hub's time, but not twice in a second, and not one that does not answer."""
        if not self.fails or although_it_failed:
            self._bring_forward(Seconds(0.0))

    def within(self, seconds: float) -> None:
        """Ask within so long, as one wishes that does answer; not while it wants to be left alone."""
        if self._ticker.clock() >= self._rests_until:
            self._bring_forward(self._pacing.within_s(seconds))

    def catch_up(self) -> None:
        """Ask within the usual time, although the channel is live: there is something to tell.

        No more often than usual, and at random, because it may be news for the whole fleet at once.
        """
        if self._stretched_s and self._ticker.clock() >= self._rests_until:
            due_s = self._asked_at + self._usual_s - self._ticker.clock()
            self._bring_forward(Seconds(max(due_s, self._pacing.within_s(self._usual_s))))

    def stretch(self, seconds: float) -> None:
        """Ask less often from the next answer on: the channel is live; what is set until then stays.

        One that did not answer does now, and is asked within its usual time.
        """
        self._stretched_s = Seconds(seconds)
        if self.fails:
            self.within(self._usual_s)

    def relax(self) -> None:
        """Ask as usual again: the channel is live no more."""
        if self._stretched_s:
            self._stretched_s = Seconds(0.0)
            wait_s = self._pacing.after_change(self._usual_s)
            if not self._busy and self._ticker.clock() >= self._rests_until:
                self._bring_forward(wait_s)

    def begin_anew(self) -> None:
        """Forget what has failed, and ask soon: the hub is another one, or is to be asked again."""
        self._pacing.forget()
        self._rests_until, self._anew = NEVER, self._busy
        self.soon()

    # -- the deadlines ---------------------------------------------------------------------------

    def _set(self, seconds: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = self._ticker.after(seconds, self._strike)

    def _bring_forward(self, seconds: float) -> None:
        if self._busy:
            self._once_more = True
            return
        at = max(self._ticker.clock() + seconds, self._asked_at + SOON_S)
        if self._next is None or not self._next.pending or at < self._next.at:
            self._set(at - self._ticker.clock())

    def _strike(self) -> None:
        if not self._busy:
            self._busy, self._asked_at = True, self._ticker.clock()
            self._once_more = self._anew = False
            self._patience = self._ticker.after(PATIENCE_S, self._give_up)
            self._ask()
