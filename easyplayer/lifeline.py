"""Keeps a line open to the hub: when it is opened, given up, and opened again.

A line that ends is opened again after a while that is drawn at random, ever longer where it fails or flaps.
When a hub goes down, all lines of a fleet end in the same second, and the heartbeats become more frequent
just then.  So the first while is three intervals of the heartbeat: both together stay below twice the load of
a fleet that has no lines at all.

While the heartbeat finds nobody there, no line is tried.
"""

from collections.abc import Callable
from enum import StrEnum

from easyplayer.drivers.live_line import LineEnded, LiveLine
from easyplayer.pacing import LONGEST_S, Pacing
from easyplayer.ticker import Deadline, Ticker
from easyplayer.transport_choice import TransportChoice
from easyplayer.units import Monotonic, Seconds

SPREAD_OVER = 3
"""Over so many intervals of the heartbeat lines are spread that are opened again."""
OPENING_MAY_TAKE_S = Seconds(90.0)
"""With a session to be opened first, and a second way where the first does not get through."""
WELCOME_MAY_TAKE_S = Seconds(30.0)
HELD_S = Seconds(60.0)
"""A line that was live for so long does not flap: what failed before is forgotten."""
REFUSED_REST_S = Seconds(900.0)
"""For so long a hub is left alone that has no live channel, or will not have this box there."""
NOT_FOR_US = {403, 404, 405, 410, 501}


class State(StrEnum):
    """What there is of a line."""

    IDLE = "idle"
    """None is wanted."""
    WAITING = "waiting"
    """The next one is opened when its time has come."""
    OPENING = "opening"
    OPEN = "open"
    """The hub has let the box in, and has not welcomed it yet."""
    LIVE = "live"


class Turn(StrEnum):
    """What happens to it."""

    WANTED = "wanted"
    UNWANTED = "unwanted"
    NOBODY_THERE = "nobody there"
    """The heartbeat finds no hub."""
    DUE = "due"
    OPENED = "opened"
    WELCOMED = "welcomed"
    ENDED = "ended"
    """The line is over, or was given up."""


TURNS: dict[tuple[State, Turn], State] = {
    (State.IDLE, Turn.WANTED): State.WAITING,
    (State.WAITING, Turn.DUE): State.OPENING,
    (State.WAITING, Turn.NOBODY_THERE): State.IDLE,
    (State.OPENING, Turn.OPENED): State.OPEN,
    (State.OPENING, Turn.ENDED): State.WAITING,
    (State.OPEN, Turn.WELCOMED): State.LIVE,
    (State.OPEN, Turn.ENDED): State.WAITING,
    (State.LIVE, Turn.WELCOMED): State.LIVE,
    (State.LIVE, Turn.ENDED): State.WAITING,
    **{(state, Turn.UNWANTED): State.IDLE for state in State if state is not State.IDLE},
}
"""What follows from what; what is not here changes nothing."""


class Lifeline:
    """Keeps one line.

    :param make_line: makes a line; it is given the number by which its reports are told from those of a line
        that was given up.
    :param may_open: whether the hub may be asked now, and knows the box.
    :param on_end: is told why there is no line any more, or none yet.
    :param choice: hears whether lines have held; where it changes, the next line is another one.
    :ivar state: what there is of it.
    :ivar number: of the line that is heeded now.
    """

    def __init__(
        self,
        make_line: Callable[[int], LiveLine],
        may_open: Callable[[], bool],
        on_end: Callable[[str], object],
        pacing: Pacing,
        ticker: Ticker,
        *,
        choice: TransportChoice,
    ) -> None:
        self._make_line = make_line
        self._may_open = may_open
        self._on_end = on_end
        self._pacing = pacing
        self._ticker = ticker
        self._choice = choice
        self._line: LiveLine | None = None
        self._deadline: Deadline | None = None
        self._rests_until = Monotonic(float("-inf"))
        self._tried = self._held = self._nobody_there = False
        self.state = State.IDLE
        self.number = 0

    # -- what is wanted --------------------------------------------------------------------------

    def want(self, heartbeat_s: Seconds) -> None:
        """Keep a line from now on: the hub has answered.

        :param heartbeat_s: the usual interval of the heartbeat.
        """
        self._nobody_there = False
        self._pacing.expect(SPREAD_OVER * heartbeat_s)
        if self._may_open() and self._turn(Turn.WANTED):
            self._wait(self._pacing.again_s() if self._tried else self._pacing.first_s())

    def stand_by(self) -> None:
        """Try none until one is wanted again: nobody is there.  One that is open may well stay so."""
        self._nobody_there = True
        if self._turn(Turn.NOBODY_THERE):
            self._drop_deadline()
            if self._choice.forgive():
                self._let_go()

    def give_up(self, reason: str) -> None:
        """Have none, at once, until one is wanted again; that will be another story."""
        before = self.state
        if self._turn(Turn.UNWANTED):
            self._drop_line()
            self._pacing.forget()
            self._tried, self._rests_until = False, Monotonic(float("-inf"))
            self._held, self._choice.used = False, ""
            if before is State.LIVE:
                self._on_end(reason)

    # -- what the line tells ---------------------------------------------------------------------

    def opened(self) -> None:
        """Know that the hub has let the box in."""
        if self._turn(Turn.OPENED):
            self._within(WELCOME_MAY_TAKE_S, "the hub has not welcomed the box")

    def welcomed(self) -> bool:
        """Know that the hub has welcomed the box; tell whether that was to be expected."""
        before = self.state
        if not self._turn(Turn.WELCOMED):
            return False
        if before is State.OPEN:
            self._drop_deadline()
            self._deadline = self._ticker.after(HELD_S, self._hold)
        return True

    def ended(self, end: LineEnded) -> None:
        """Know that it is over, or has not come about."""
        if self._turn(Turn.ENDED):
            rest_s = min(end.rest_s or 0.0, LONGEST_S)
            if end.refused or end.status in NOT_FOR_US:
                rest_s = max(rest_s, REFUSED_REST_S)
            self._rests_until = Monotonic(self._ticker.clock() + rest_s)
            self._drop_deadline()
            self._wait(self._pacing.after_failure())
            if self._choice.over(held=self._held, by_hub=end.by_hub):
                self._let_go()
            if self._nobody_there:
                self.stand_by()
            self._held = False
            self._on_end(end.reason)

    def send(self, content: str) -> bool:
        """Send a message; tell whether it was taken."""
        return self.state is State.LIVE and self._line is not None and self._line.send(content)

    # -- the line and its deadlines --------------------------------------------------------------

    def _turn(self, turn: Turn) -> bool:
        """Go to the next state; tell whether the turn means anything in this one."""
        after = TURNS.get((self.state, turn))
        self.state = after or self.state
        return after is not None

    def _wait(self, seconds: float) -> None:
        rest_s = max(self._rests_until - self._ticker.clock(), 0.0)
        self._deadline = self._ticker.after(rest_s + seconds, self._open)

    def _open(self) -> None:
        if not self._may_open():
            self.give_up("")
        elif self._turn(Turn.DUE):
            self._tried = True
            self._within(OPENING_MAY_TAKE_S, "the hub does not answer")
            if self._line is None:
                self.number += 1
                self._line = self._make_line(self.number)
            self._line.open()

    def _hold(self) -> None:
        """Know that the line does not flap."""
        self._held = True
        self._pacing.forget()

    def _within(self, seconds: Seconds, else_because: str) -> None:
        self._drop_deadline()
        self._deadline = self._ticker.after(seconds, lambda: self._run_out(else_because))

    def _run_out(self, reason: str) -> None:
        self._drop_line()
        self.ended(LineEnded(reason=reason))

    def _drop_line(self) -> None:
        """Leave the line behind, whatever it does; nothing that it says is heeded any more."""
        self._drop_deadline()
        self._let_go()

    def _let_go(self) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            self.number += 1
            line.close()

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
