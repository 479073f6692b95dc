"""What every player shares: it moves by the table, tells each move, and obeys only what has a meaning."""

from collections.abc import Callable
from functools import partial

import pytest
from circuits.core.events import Event

from easyplayer.player import MediaPlayer
from easyplayer.player_events import fade_out, pause_playing, resume_playing, start_playing
from easyplayer.playout.machine import PLAYER, Cause, PlayerState
from easyplayer.units import Seconds
from tests.house import Stage

COMMANDS: dict[str, tuple[Callable[[], Event], Cause]] = {
    "start": (start_playing, Cause.START),
    "fade_out": (partial(fade_out, Seconds(3.0), "closed"), Cause.FADE_OUT),
    "pause": (pause_playing, Cause.PAUSE),
    "resume": (resume_playing, Cause.RESUME),
}
DUTIES = {"start": "begin", "fade_out": "fade away", "pause": "hold", "resume": "go on"}


class Dummy(MediaPlayer):
    """A player that only notes what it was to do."""

    def __init__(self, stage: Stage, state: PlayerState) -> None:
        super().__init__(stage.ticker)
        self.state = state
        self.done: list[str] = []
        self.was: PlayerState | None = None
        self.faded_s: float | None = None

    def _begin(self, was: PlayerState) -> None:
        self.done.append("begin")
        self.was = was

    def _fade_away(self, seconds: Seconds) -> None:
        self.done.append("fade away")
        self.faded_s = seconds

    def _hold(self) -> None:
        self.done.append("hold")

    def _go_on(self) -> None:
        self.done.append("go on")


def told(command: str, state: PlayerState) -> tuple[Stage, Dummy]:
    """Tell a player in a state a command."""
    stage = Stage()
    player = Dummy(stage, state)
    stage.open(player)
    stage.fire(COMMANDS[command][0]())
    return stage, player


PAIRS = [(command, state) for command in COMMANDS for state in PlayerState]
MEANT = [(command, state) for command, state in PAIRS if COMMANDS[command][1] in PLAYER[state]]
MEANINGLESS = [pair for pair in PAIRS if pair not in MEANT]


@pytest.mark.parametrize(("command", "state"), MEANT)
def test_command_that_has_a_meaning_is_obeyed_and_told(command: str, state: PlayerState) -> None:
    """The player goes where the table leads, does its duty once, and tells the new state."""
    stage, player = told(command, state)

    assert player.state is PLAYER[state][COMMANDS[command][1]]
    assert player.done == [DUTIES[command]]
    assert [new for new, _why in stage.told("player_changed")] == [player.state]


@pytest.mark.parametrize(("command", "state"), MEANINGLESS)
def test_command_without_a_meaning_is_let_pass(command: str, state: PlayerState) -> None:
    """Nothing is done, nothing is told, and nothing fails."""
    stage, player = told(command, state)

    assert player.state is state
    assert player.done == []
    assert stage.told("player_changed") == []


def test_start_knows_from_where_it_starts() -> None:
    """A player that was fading goes on; one that was stopped begins: the player is told which."""
    _, player = told("start", PlayerState.FADING)

    assert player.was is PlayerState.FADING


def test_fade_out_passes_its_length_and_its_reason_on() -> None:
    """The player fades for so long, and whoever listens learns why."""
    stage, player = told("fade_out", PlayerState.PLAYING)

    assert player.faded_s == 3.0
    assert stage.told("player_changed") == [[PlayerState.FADING, "closed"]]
