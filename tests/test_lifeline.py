"""When a line to the hub is opened, given up, and opened again."""

from random import Random

import pytest

from easyplayer.drivers.live_line import POLLING, WEBSOCKET, LineEnded
from easyplayer.lifeline import (
    HELD_S,
    OPENING_MAY_TAKE_S,
    REFUSED_REST_S,
    SPREAD_OVER,
    TURNS,
    WELCOME_MAY_TAKE_S,
    Lifeline,
    State,
    Turn,
)
from easyplayer.pacing import FIRST_S, LONGEST_WAIT_S, Pacing
from easyplayer.transport_choice import TransportChoice
from easyplayer.units import Seconds
from tests.house import Stage

BEAT_S = Seconds(30.0)
FIRST_WINDOW_S = SPREAD_OVER * BEAT_S
END = LineEnded(reason="the hub has closed the line")


class Rope:
    """A line that does nothing by itself."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = False
        self.sent: list[str] = []

    def open(self) -> None:
        """Count it."""
        self.opened += 1

    def send(self, content: str) -> bool:
        """Take a message."""
        self.sent.append(content)
        return True

    def close(self) -> None:
        """Note it."""
        self.closed = True


class Line(Stage):
    """A lifeline, and the ropes it has made.

    :ivar may: whether the hub may be asked.
    :ivar ends: why there was no line, each time that was told.
    """

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        self.may = True
        self.ends: list[str] = []
        self.ropes: list[Rope] = []
        self.choice = TransportChoice((WEBSOCKET, POLLING))
        self.lifeline = Lifeline(
            self._make,
            lambda: self.may,
            self.ends.append,
            Pacing(Random(seed)),
            self.ticker,
            choice=self.choice,
        )

    def _make(self, _number: int) -> Rope:
        self.ropes.append(Rope())
        return self.ropes[-1]

    @property
    def state(self) -> State:
        """What there is of it."""
        return self.lifeline.state

    @property
    def opened(self) -> int:
        """How often a line was opened."""
        return sum(rope.opened for rope in self.ropes)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run_for(seconds, min(seconds, 1.0))

    def brought_to(self, state: State) -> "Line":
        """Bring it to a state, by the shortest way."""
        if state is not State.IDLE:
            self.lifeline.want(BEAT_S)
        if state not in {State.IDLE, State.WAITING}:
            self.wait(FIRST_S + 1)
        if state in {State.OPEN, State.LIVE}:
            self.lifeline.opened()
        if state is State.LIVE:
            self.lifeline.welcomed()
        assert self.state is state
        return self

    def seconds_until_opened(self) -> float:
        """Let time pass until a line is opened; tell how long that took."""
        before, since = self.opened, self.clock()
        while self.opened == before and self.clock() < since + 2 * LONGEST_WAIT_S:
            self.wait(1.0)
        assert self.opened == before + 1
        return self.clock() - since


def make(line: Line, turn: Turn) -> None:
    """Let something happen to a lifeline."""
    match turn:
        case Turn.WANTED:
            line.lifeline.want(BEAT_S)
        case Turn.UNWANTED:
            line.lifeline.give_up("it is forgotten")
        case Turn.NOBODY_THERE:
            line.lifeline.stand_by()
        case Turn.DUE:
            line.wait(FIRST_S + 1)
        case Turn.OPENED:
            line.lifeline.opened()
        case Turn.WELCOMED:
            line.lifeline.welcomed()
        case Turn.ENDED:
            line.lifeline.ended(END)


@pytest.mark.parametrize("turn", Turn)
@pytest.mark.parametrize("state", State)
def test_every_turn_leads_where_the_table_says(state: State, turn: Turn) -> None:
    """And what is not in the table changes nothing."""
    line = Line().brought_to(state)
    make(line, turn)
    assert line.state is TURNS.get((state, turn), state)


class TestOpening:
    """A line that is wanted."""

    def test_the_first_one_is_opened_within_seconds(self) -> None:
        """Not at the same instant on all boxes of a street that has its power back."""
        waits = set()
        for seed in range(9):
            line = Line(seed)
            line.lifeline.want(BEAT_S)
            waits.add(line.seconds_until_opened())

        assert len(waits) > 1
        assert max(waits) <= FIRST_S + 1

    def test_one_line_is_opened_however_often_it_is_wanted(self) -> None:
        """Each heartbeat that is answered says so."""
        line = Line().brought_to(State.OPENING)
        for _ in range(5):
            line.lifeline.want(BEAT_S)
            line.wait(5)
        assert line.opened == 1

    def test_one_that_may_not_be_asked_is_not(self) -> None:
        """Nor is one that may not any more when its time has come."""
        line = Line()
        line.may = False
        line.lifeline.want(BEAT_S)
        assert line.state is State.IDLE
        line.may = True
        line.lifeline.want(BEAT_S)
        line.may = False
        line.wait(FIRST_S + 1)

        assert (line.state, line.opened) == (State.IDLE, 0)

    @pytest.mark.parametrize(
        ("state", "patience_s", "reason"),
        [
            (State.OPENING, OPENING_MAY_TAKE_S, "the hub does not answer"),
            (State.OPEN, WELCOME_MAY_TAKE_S, "the hub has not welcomed the box"),
        ],
    )
    def test_one_that_does_not_come_up_is_left_behind(
        self, state: State, patience_s: float, reason: str
    ) -> None:
        """The next one is another line, for the thread of this one may hang."""
        line = Line().brought_to(state)
        number = line.lifeline.number
        line.wait(patience_s + 1)

        assert line.ends == [reason]
        assert line.ropes[0].closed
        assert line.lifeline.number != number
        line.seconds_until_opened()
        assert len(line.ropes) == 2

    def test_it_is_opened_again_after_it_has_ended(self) -> None:
        """The same one, for it has said that it is over."""
        line = Line().brought_to(State.LIVE)
        line.lifeline.ended(END)
        assert line.seconds_until_opened() <= FIRST_WINDOW_S + 1
        assert (len(line.ropes), line.ropes[0].opened, line.ends) == (1, 2, [END.reason])

    def test_what_is_sent_goes_only_while_it_is_live(self) -> None:
        """A box that is not welcomed has nothing to say."""
        line = Line().brought_to(State.OPEN)
        assert not line.lifeline.send("early")
        line.lifeline.welcomed()
        assert line.lifeline.send("well")
        assert line.ropes[0].sent == ["well"]


class TestBackOff:
    """A line that does not last."""

    def test_one_that_flaps_is_opened_ever_less_often(self) -> None:
        """Though it comes up each time, and heartbeats are answered all the while."""
        waits = []
        for seed in range(20):
            line = Line(seed).brought_to(State.LIVE)
            for _ in range(5):
                line.lifeline.ended(END)
                line.lifeline.want(BEAT_S)
                waits.append(line.seconds_until_opened())
                line.lifeline.opened()
                line.lifeline.welcomed()
                line.wait(3)

        firsts, lasts = waits[::5], waits[4::5]
        assert max(firsts) <= FIRST_WINDOW_S + 1
        assert sum(lasts) > 2 * sum(firsts)
        assert max(waits) <= LONGEST_WAIT_S + 1

    def test_one_that_has_held_for_a_minute_does_not_flap(self) -> None:
        """The next wait is as short as the first."""
        waits = []
        for seed in range(20):
            line = Line(seed).brought_to(State.LIVE)
            for _ in range(4):
                line.lifeline.ended(END)
                line.seconds_until_opened()
                line.lifeline.opened()
                line.lifeline.welcomed()
            line.wait(HELD_S + 1)
            line.lifeline.ended(END)
            waits.append(line.seconds_until_opened())

        assert max(waits) <= FIRST_WINDOW_S + 1

    @pytest.mark.parametrize("lasted_s", [1.0, HELD_S - 1.0, HELD_S + 1.0])
    def test_a_websocket_that_does_not_hold_is_followed_by_polls(self, lasted_s: float) -> None:
        """By a new line, of which the old one's words are told apart."""
        line = Line().brought_to(State.LIVE)
        line.choice.used = WEBSOCKET
        before = line.lifeline.number
        line.wait(lasted_s)
        line.lifeline.ended(END)
        line.seconds_until_opened()
        held = lasted_s > HELD_S
        assert line.choice.now == ((WEBSOCKET, POLLING) if held else (POLLING, WEBSOCKET))
        assert [rope.opened for rope in line.ropes] == ([2] if held else [1, 1])
        assert (line.lifeline.number == before) is held

    def test_a_hub_that_was_away_is_no_reason_for_polls(self) -> None:
        """The heartbeat finds nobody either."""
        line = Line().brought_to(State.LIVE)
        line.choice.used = WEBSOCKET
        line.lifeline.ended(END)
        line.lifeline.stand_by()
        assert line.choice.now == (WEBSOCKET, POLLING)

    def test_one_over_which_no_welcome_comes_is_followed_by_polls(self) -> None:
        """A network that lets a WebSocket come up, and nothing through it."""
        line = Line().brought_to(State.OPEN)
        line.choice.used = WEBSOCKET
        line.wait(WELCOME_MAY_TAKE_S + 1)
        assert line.choice.now == (POLLING, WEBSOCKET)

    def test_one_that_is_not_wanted_any_more_has_not_failed(self) -> None:
        """So the next one is tried as ever."""
        line = Line().brought_to(State.LIVE)
        line.choice.used = WEBSOCKET
        line.lifeline.give_up("it is forgotten")
        line.brought_to(State.OPEN).lifeline.ended(END)
        assert line.choice.now == (WEBSOCKET, POLLING)

    def test_one_that_wants_to_be_left_alone_is(self) -> None:
        """For as long as it said."""
        line = Line().brought_to(State.OPENING)
        line.lifeline.ended(LineEnded(reason="busy", status=503, rest_s=Seconds(500.0)))
        line.wait(499)
        assert line.opened == 1
        line.wait(FIRST_WINDOW_S + 2)
        assert line.opened == 2

    @pytest.mark.parametrize(
        "end",
        [
            LineEnded(reason="there is no such thing", status=404),
            LineEnded(reason="the hub will not have this box", status=401, refused=True),
        ],
        ids=lambda end: str(end.status),
    )
    def test_a_hub_without_a_channel_for_this_box_is_asked_seldom(self, end: LineEnded) -> None:
        """It may have one after its next update; also if its heartbeats are lost in between."""
        line = Line().brought_to(State.OPENING)
        line.lifeline.ended(end)
        for _ in range(14):
            line.lifeline.stand_by()
            line.lifeline.want(BEAT_S)
            line.wait(60)
        assert line.opened == 1
        line.wait(REFUSED_REST_S)
        assert line.opened >= 2


class TestAbsence:
    """A hub that is away."""

    def test_nothing_is_tried_while_the_heartbeat_finds_nobody(self) -> None:
        """The line is wanted again by the first answer, and comes when chance wants it."""
        line = Line().brought_to(State.LIVE)
        line.lifeline.ended(END)
        line.lifeline.stand_by()
        line.wait(3600)
        assert (line.state, line.opened) == (State.IDLE, 1)
        line.lifeline.want(BEAT_S)

        assert line.seconds_until_opened() <= FIRST_WINDOW_S + 1

    @pytest.mark.parametrize("state", [State.OPENING, State.OPEN, State.LIVE])
    def test_one_that_ends_later_is_not_tried_again_either(self, state: State) -> None:
        """What the heartbeat has said holds until it is answered."""
        line = Line().brought_to(state)
        line.lifeline.stand_by()
        line.lifeline.ended(END)
        line.wait(3600)
        assert (line.state, line.opened) == (State.IDLE, 1)
        line.lifeline.want(BEAT_S)
        assert line.seconds_until_opened() <= FIRST_WINDOW_S + 1
        line.lifeline.ended(END)

        assert line.seconds_until_opened() <= LONGEST_WAIT_S + 1

    def test_a_line_that_holds_is_better_than_what_the_heartbeat_says(self) -> None:
        """It stays."""
        line = Line().brought_to(State.LIVE)
        line.lifeline.stand_by()
        assert line.state is State.LIVE
        assert not line.ropes[0].closed


class TestGivingUp:
    """A line that is not wanted any more."""

    @pytest.mark.parametrize("state", [State.OPENING, State.OPEN, State.LIVE])
    def test_it_is_closed_at_once_and_not_opened_again(self, state: State) -> None:
        """What it still says counts for nothing."""
        line = Line().brought_to(state)
        number = line.lifeline.number
        line.lifeline.give_up("the hub is forgotten")
        line.wait(600)

        assert line.ropes[0].closed
        assert line.lifeline.number != number
        assert line.opened == 1
        assert line.ends == (["the hub is forgotten"] if state is State.LIVE else [])

    def test_the_next_one_begins_anew(self) -> None:
        """Another line, with nothing that has failed before it, and no rest."""
        line = Line().brought_to(State.OPENING)
        line.lifeline.ended(LineEnded(reason="no", refused=True))
        line.lifeline.give_up("the hub is forgotten")
        line.lifeline.want(BEAT_S)

        assert line.seconds_until_opened() <= FIRST_S + 1
