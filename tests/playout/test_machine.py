"""A player and its decks go where their tables lead them, and nowhere else."""

import doctest
from collections.abc import Mapping
from itertools import product
from typing import TypeVar

import pytest

from easyplayer.playout import machine
from easyplayer.playout.machine import DECK, PLAYER, Cause, DeckPhase, DeckStep, PlayerState, after

State = TypeVar("State", PlayerState, DeckPhase)
Step = TypeVar("Step", Cause, DeckStep)

STOPPED, WAITING, PLAYING, MIXING, PAUSED, FADING, NO_SOUND = PlayerState
EMPTY, LOADING, READY, ON_AIR, LEAVING = DeckPhase

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
    (PAUSED, Cause.RAN_OUT): WAITING,
    # A person holds it, and lets it go on; a venue that opens is as good as a person.
    (PLAYING, Cause.PAUSE): PAUSED,
    (MIXING, Cause.PAUSE): PAUSED,
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


@pytest.mark.parametrize("names", [PlayerState, DeckPhase, Cause, DeckStep], ids=lambda kind: kind.__name__)
def test_names_in_logs_are_those_of_the_code(names: type[PlayerState]) -> None:
    """What a technician reads in the status can be found in the source."""
    assert [one.value for one in names] == [one.name.lower().replace("_", "-") for one in names]
