"""The states of a player, of a deck and of a talkover, as tables: what may follow what, and why.

A pair that is not in its table is not an error: it is a request that has no meaning just now
(resume what is not paused), and :func:`after` says so by returning ``None``.
"""

from enum import StrEnum
from typing import TypeVar


class PlayerState(StrEnum):
    """What a player is doing."""

    STOPPED = "stopped"
    """Silent on purpose, until told to start."""

    WAITING = "waiting"
    """Wants to play, and waits for an item to be ready."""

    PLAYING = "playing"
    """One item sounds."""

    MIXING = "mixing"
    """One item gives way to the next; both may sound."""

    PAUSED = "paused"
    """Held at its position by a person."""

    FADING = "fading"
    """On the way to stopped."""

    NO_SOUND = "no-sound"
    """Wants to play, and there is no sound server or output to play on."""


class Cause(StrEnum):
    """What moves a player from one state to another."""

    START = "start"
    ON_AIR = "on-air"
    MIX = "mix"
    MIXED = "mixed"
    RAN_OUT = "ran-out"
    PAUSE = "pause"
    RESUME = "resume"
    FADE_OUT = "fade-out"
    FADED = "faded"
    SOUND_LOST = "sound-lost"
    SOUND_BACK = "sound-back"


class DeckPhase(StrEnum):
    """What a deck is there for at the moment."""

    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    ON_AIR = "on-air"
    LEAVING = "leaving"


class DeckStep(StrEnum):
    """What moves a deck from one phase to another."""

    LOAD = "load"
    LOADED = "loaded"
    PLAY = "play"
    LEAVE = "leave"
    EJECT = "eject"


class SpotPhase(StrEnum):
    """How far a talkover has come with the spot that is next, or is heard."""

    IDLE = "idle"
    """There is none on its deck."""

    LOADING = "loading"
    HELD = "held"
    """Ready, until its time comes."""

    COMING = "coming"
    """The music goes down for it."""

    SOUNDING = "sounding"
    AFTER = "after"
    """It is over, and the music stays down for a moment longer."""


class SpotStep(StrEnum):
    """What moves a talkover from one phase to another."""

    LOAD = "load"
    LOADED = "loaded"
    COME = "come"
    KEEP_BACK = "keep-back"
    BEGIN = "begin"
    END = "end"
    DROP = "drop"


_Player = PlayerState
_AUDIBLE: dict[Cause, PlayerState] = {
    Cause.PAUSE: _Player.PAUSED,
    Cause.FADE_OUT: _Player.FADING,
    Cause.RAN_OUT: _Player.WAITING,
    Cause.SOUND_LOST: _Player.NO_SOUND,
}

PLAYER: dict[PlayerState, dict[Cause, PlayerState]] = {
    _Player.STOPPED: {Cause.START: _Player.WAITING},
    _Player.WAITING: {
        Cause.ON_AIR: _Player.PLAYING,
        Cause.PAUSE: _Player.PAUSED,
        Cause.FADE_OUT: _Player.STOPPED,
        Cause.SOUND_LOST: _Player.NO_SOUND,
    },
    _Player.PLAYING: {**_AUDIBLE, Cause.MIX: _Player.MIXING},
    _Player.MIXING: {**_AUDIBLE, Cause.MIXED: _Player.PLAYING, Cause.MIX: _Player.MIXING},
    _Player.PAUSED: {
        Cause.RESUME: _Player.PLAYING,
        Cause.START: _Player.PLAYING,
        Cause.FADE_OUT: _Player.STOPPED,
    },
    _Player.FADING: {
        Cause.START: _Player.PLAYING,
        Cause.RAN_OUT: _Player.STOPPED,
        Cause.SOUND_LOST: _Player.STOPPED,
        Cause.FADED: _Player.STOPPED,
    },
    _Player.NO_SOUND: {
        Cause.SOUND_BACK: _Player.WAITING,
        Cause.PAUSE: _Player.PAUSED,
        Cause.FADE_OUT: _Player.STOPPED,
    },
}
"""Where each cause leads a player from each state."""

DECK: dict[DeckPhase, dict[DeckStep, DeckPhase]] = {
    DeckPhase.EMPTY: {DeckStep.LOAD: DeckPhase.LOADING, DeckStep.EJECT: DeckPhase.EMPTY},
    DeckPhase.LOADING: {
        DeckStep.LOAD: DeckPhase.LOADING,
        DeckStep.LOADED: DeckPhase.READY,
        DeckStep.EJECT: DeckPhase.EMPTY,
    },
    DeckPhase.READY: {
        DeckStep.LOAD: DeckPhase.LOADING,
        DeckStep.PLAY: DeckPhase.ON_AIR,
        DeckStep.EJECT: DeckPhase.EMPTY,
    },
    DeckPhase.ON_AIR: {
        DeckStep.LOAD: DeckPhase.LOADING,
        DeckStep.LEAVE: DeckPhase.LEAVING,
        DeckStep.EJECT: DeckPhase.EMPTY,
    },
    DeckPhase.LEAVING: {DeckStep.LOAD: DeckPhase.LOADING, DeckStep.EJECT: DeckPhase.EMPTY},
}
"""Where each step leads a deck from each phase."""

SPOT: dict[SpotPhase, dict[SpotStep, SpotPhase]] = {
    SpotPhase.IDLE: {SpotStep.LOAD: SpotPhase.LOADING},
    SpotPhase.LOADING: {SpotStep.LOADED: SpotPhase.HELD, SpotStep.DROP: SpotPhase.IDLE},
    SpotPhase.HELD: {SpotStep.COME: SpotPhase.COMING, SpotStep.DROP: SpotPhase.IDLE},
    SpotPhase.COMING: {
        SpotStep.BEGIN: SpotPhase.SOUNDING,
        SpotStep.KEEP_BACK: SpotPhase.HELD,
        SpotStep.DROP: SpotPhase.IDLE,
    },
    SpotPhase.SOUNDING: {SpotStep.END: SpotPhase.AFTER, SpotStep.DROP: SpotPhase.IDLE},
    SpotPhase.AFTER: {SpotStep.DROP: SpotPhase.IDLE},
}
"""Where each step leads a talkover from each phase."""

_State = TypeVar("_State")
_Step = TypeVar("_Step")


def after(table: dict[_State, dict[_Step, _State]], state: _State, step: _Step) -> _State | None:
    """Tell the state that follows, or ``None`` where the step means nothing in this state.

    >>> after(PLAYER, PlayerState.PLAYING, Cause.PAUSE)
    <PlayerState.PAUSED: 'paused'>
    """
    return table[state].get(step)


SOUNDING = frozenset({PlayerState.PLAYING, PlayerState.MIXING})
"""The states in which there should be something to be heard."""

SILENT = frozenset({PlayerState.STOPPED, PlayerState.FADING, PlayerState.PAUSED})
"""The states in which silence is meant, or will be at once."""
