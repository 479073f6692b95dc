"""A player, its decks and its talkover go where their tables lead them, and nowhere else."""

import doctest
from collections.abc import Mapping
from itertools import product
from typing import TypeVar

import pytest

from easyplayer.playout import machine
from easyplayer.playout.machine import (
    DECK,
    PLAYER,
    SPOT,
    Cause,
    DeckPhase,
    DeckStep,
    PlayerState,
    SpotPhase,
    SpotStep,
    after,
)

State = TypeVar("State", PlayerState, DeckPhase, SpotPhase)
Step = TypeVar("Step", Cause, DeckStep, SpotStep)

STOPPED, WAITING, PLAYING, MIXING, PAUSED, FADING, NO_SOUND = PlayerState
EMPTY, LOADING, READY, ON_AIR, LEAVING = DeckPhase
IDLE, SPOT_LOADING, HELD, COMING, SOUNDING, AFTER = SpotPhase

PLAYER_MOVES = {
    # The box may play, and then it plays.
    (STOPPED, Cause.START): WAITING,
    (WAITING, Cause.ON_AIR): PLAYING,
    # One song gives way to the next, perhaps before the one before it is quite gone.
    (PLAYING, Cause.MIX): MIXING,
    (MIXING, Cause.MIX): MIXING,
    (MIXING, Cause.MIXED): PLAYING,
    # There is nothing to go on with.
    (PLAYING, Cause.RAN_OUT): WAITING,
    (MIXING, Cause.RAN_OUT): WAITING,
    # A person holds it, and lets it go on; a venue that opens is as good as a person.
    (PLAYING, Cause.PAUSE): PAUSED,
    (MIXING, Cause.PAUSE): PAUSED,
    (WAITING, Cause.PAUSE): PAUSED,
    (NO_SOUND, Cause.PAUSE): PAUSED,
    (PAUSED, Cause.RESUME): PLAYING,
    (PAUSED, Cause.START): PLAYING,
    # It is to be silent: what sounds fades first, what does not is silent at once.
    (PLAYING, Cause.FADE_OUT): FADING,
    (MIXING, Cause.FADE_OUT): FADING,
    (WAITING, Cause.FADE_OUT): STOPPED,
    (PAUSED, Cause.FADE_OUT): STOPPED,
    (NO_SOUND, Cause.FADE_OUT): STOPPED,
    # However a fade ends, it ends in silence, unless the box may play again before that.
    (FADING, Cause.FADED): STOPPED,
    (FADING, Cause.RAN_OUT): STOPPED,
    (FADING, Cause.SOUND_LOST): STOPPED,
    (FADING, Cause.START): PLAYING,
    # There is no output.
    (WAITING, Cause.SOUND_LOST): NO_SOUND,
    (PLAYING, Cause.SOUND_LOST): NO_SOUND,
    (MIXING, Cause.SOUND_LOST): NO_SOUND,
    (NO_SOUND, Cause.SOUND_BACK): WAITING,
}

DECK_MOVES = {
    # A song's life on a deck.
    (EMPTY, DeckStep.LOAD): LOADING,
    (LOADING, DeckStep.LOADED): READY,
    (READY, DeckStep.PLAY): ON_AIR,
    (ON_AIR, DeckStep.LEAVE): LEAVING,
    (LEAVING, DeckStep.EJECT): EMPTY,
    # Whatever is on a deck may be taken off, and an empty deck stays empty.
    (EMPTY, DeckStep.EJECT): EMPTY,
    (LOADING, DeckStep.EJECT): EMPTY,
    (READY, DeckStep.EJECT): EMPTY,
    (ON_AIR, DeckStep.EJECT): EMPTY,
    # Whatever is on a deck may be replaced, even by itself.
    (LOADING, DeckStep.LOAD): LOADING,
    (READY, DeckStep.LOAD): LOADING,
    (ON_AIR, DeckStep.LOAD): LOADING,
    (LEAVING, DeckStep.LOAD): LOADING,
}

SPOT_MOVES = {
    # A spot's way, from the deck to the ear and off again.
    (IDLE, SpotStep.LOAD): SPOT_LOADING,
    (SPOT_LOADING, SpotStep.LOADED): HELD,
    (HELD, SpotStep.COME): COMING,
    (COMING, SpotStep.BEGIN): SOUNDING,
    (SOUNDING, SpotStep.END): AFTER,
    (AFTER, SpotStep.DROP): IDLE,
    # A person who pauses keeps it back.
    (COMING, SpotStep.KEEP_BACK): HELD,
    # Whatever it does, it can be taken off.
    (SPOT_LOADING, SpotStep.DROP): IDLE,
    (HELD, SpotStep.DROP): IDLE,
    (COMING, SpotStep.DROP): IDLE,
    (SOUNDING, SpotStep.DROP): IDLE,
}


def reached(table: Mapping[State, Mapping[Step, State]], begin: State) -> set[State]:
    """Tell all states that can be reached from one, itself among them."""
    known, news = {begin}, {begin}
    while news:
        news = {state for one in news for state in table[one].values()} - known
        known |= news
    return known


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(machine).failed == 0


class TestPlayer:
    """What a player does."""

    @pytest.mark.parametrize(("state", "cause"), [*product(PlayerState, Cause)])
    def test_every_cause_leads_where_it_should(self, state: PlayerState, cause: Cause) -> None:
        """What is not in the list above means nothing, and changes nothing."""
        assert after(PLAYER, state, cause) is PLAYER_MOVES.get((state, cause))

    def test_every_state_has_its_row(self) -> None:
        """No state is without an answer, be it that nothing matters there."""
        assert list(PLAYER) == list(PlayerState)

    def test_every_cause_matters_somewhere(self) -> None:
        """There is no cause that is never one."""
        assert {cause for row in PLAYER.values() for cause in row} == set(Cause)

    def test_every_state_can_be_reached(self) -> None:
        """A player begins stopped, and there is a way from there to everything it can do."""
        assert reached(PLAYER, STOPPED) == set(PlayerState)

    @pytest.mark.parametrize("state", PlayerState)
    def test_no_state_is_a_trap(self, state: PlayerState) -> None:
        """From wherever it is, a player can come to play again."""
        assert PLAYING in reached(PLAYER, state)

    @pytest.mark.parametrize("state", PlayerState)
    def test_a_venue_that_closes_is_silent_whatever_the_player_does(self, state: PlayerState) -> None:
        """Each state that is not silent for good goes towards silence when it is told to fade out."""
        assert state in {STOPPED, FADING} or after(PLAYER, state, Cause.FADE_OUT) in {STOPPED, FADING}

    @pytest.mark.parametrize("state", [PLAYING, MIXING, FADING])
    def test_no_state_sounds_without_an_output(self, state: PlayerState) -> None:
        """Whatever sounds is told when the output is lost."""
        assert after(PLAYER, state, Cause.SOUND_LOST) in {NO_SOUND, STOPPED}


class TestDeck:
    """What a deck is there for."""

    @pytest.mark.parametrize(("phase", "step"), [*product(DeckPhase, DeckStep)])
    def test_every_step_leads_where_it_should(self, phase: DeckPhase, step: DeckStep) -> None:
        """What is not in the list above means nothing, and changes nothing."""
        assert after(DECK, phase, step) is DECK_MOVES.get((phase, step))

    def test_every_phase_has_its_row(self) -> None:
        """No phase is without an answer."""
        assert list(DECK) == list(DeckPhase)

    def test_every_phase_can_be_reached(self) -> None:
        """A deck begins empty, and each step is good for something."""
        assert reached(DECK, EMPTY) == set(DeckPhase)
        assert {step for row in DECK.values() for step in row} == set(DeckStep)

    @pytest.mark.parametrize("phase", DeckPhase)
    def test_a_deck_can_always_be_emptied_and_loaded(self, phase: DeckPhase) -> None:
        """Whatever happens to a player, its decks can be used again."""
        assert after(DECK, phase, DeckStep.EJECT) is EMPTY
        assert after(DECK, phase, DeckStep.LOAD) is LOADING

    @pytest.mark.parametrize("phase", [EMPTY, LOADING, LEAVING])
    def test_only_what_is_held_can_be_started(self, phase: DeckPhase) -> None:
        """A deck that is not ready would begin too late, or with the wrong song."""
        assert after(DECK, phase, DeckStep.PLAY) is None


class TestTalkover:
    """How far a talkover has come with a spot."""

    @pytest.mark.parametrize(("phase", "step"), [*product(SpotPhase, SpotStep)])
    def test_every_step_leads_where_it_should(self, phase: SpotPhase, step: SpotStep) -> None:
        """What is not in the list above means nothing, and changes nothing."""
        assert after(SPOT, phase, step) is SPOT_MOVES.get((phase, step))

    def test_every_phase_can_be_reached(self) -> None:
        """A talkover begins idle, and each step is good for something."""
        assert list(SPOT) == list(SpotPhase)
        assert reached(SPOT, IDLE) == set(SpotPhase)
        assert {step for row in SPOT.values() for step in row} == set(SpotStep)

    @pytest.mark.parametrize("phase", SpotPhase)
    def test_no_phase_is_a_trap(self, phase: SpotPhase) -> None:
        """Whatever happens to a spot, the next one can be loaded."""
        assert phase is IDLE or after(SPOT, phase, SpotStep.DROP) is IDLE


NAMES = [PlayerState, DeckPhase, SpotPhase, Cause, DeckStep, SpotStep]


@pytest.mark.parametrize("names", NAMES, ids=lambda kind: kind.__name__)
def test_names_in_logs_are_those_of_the_code(names: type[PlayerState]) -> None:
    """What a technician reads in the status can be found in the source."""
    assert [one.value for one in names] == [one.name.lower().replace("_", "-") for one in names]
