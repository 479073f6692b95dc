"""A channel strip: one deck, what is on it, its clock, and its faders."""

import logging
from functools import partial

from msgspec import structs

from easyplayer.drivers.deck import (
    Deck,
    DeckAdvanced,
    DeckEnded,
    DeckLoad,
    DeckMaker,
    DeckReady,
    DeckReport,
    Report,
)
from easyplayer.fade import Fade
from easyplayer.fader import Fader
from easyplayer.playout.deckclock import DeckClock
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import DECK, DeckPhase, DeckStep, after
from easyplayer.ticker import Action, Ticker
from easyplayer.units import Linear, Monotonic, Seconds

log = logging.getLogger(__name__)

LOADING_MAY_TAKE_S = Seconds(2.0)
STREAM_LOADING_MAY_TAKE_S = Seconds(6.0)
STUCK_AFTER_S = Seconds(1.0)
STREAM_STUCK_AFTER_S = Seconds(3.0)
MOST_PATIENCE = 4.0
"""A machine that is slow is given so many times as long; a new deck would make it slower still."""

BUFFERED_S = Seconds(1.3)
"""What may still be heard, at the most, when a deck says that its medium has ended."""
TAIL_S = Seconds(0.1)
"""How long after its planned end something is taken off its deck: the clock's uncertainty."""
LOOKS_TO_BE_SURE = 2
"""When the whole machine stood still, the first look comes before the readings that were under way."""
TAKEN_BACK_BEFORE_S = Seconds(1.0)
"""How long before its start a planned fade can be taken back; later its sound is on the way already."""


class Strip:
    """One deck of a player, as the player's desk sees it.

    Its gain is the product of three: the master, which all share; its own fader; and the talkover,
    which turns the music down below what is said over it.

    :ivar name: names the deck in events and logs.
    :ivar phase: what the deck is there for at the moment.
    :ivar prepared: what is on it, or ``None``.
    :ivar ticket: number of the load; each load has another one.
    :ivar ended: whether the medium is decoded to its end (and up to a second still to be heard).
    :ivar held: whether it is held, and not to sound.
    :ivar held_s: the position it is held at, or was last read at.
    :ivar moved_at: when its position last went on.
    """

    def __init__(self, name: str, make_deck: DeckMaker, report: Report, ticker: Ticker) -> None:
        self.name = name
        self.phase = DeckPhase.EMPTY
        self.prepared: PreparedItem | None = None
        self.ended = False
        self.held_s = Seconds(0.0)
        self.moved_at: Monotonic = ticker.clock()
        self._make_deck = partial(make_deck, name, report)
        self._deck: Deck = self._make_deck()
        self._ticker = ticker
        self._clock = DeckClock()
        self.ticket = 0
        self.held = True
        self._patience = 1.0
        self._fade_out: Fade | None = None
        self._master = Linear(1.0)
        self._talkover = Linear(1.0)
        self._fader = Fader(ticker, lambda _gain: self._turn())

    def load(self, prepared: PreparedItem, start_s: Seconds, fade_in: Fade | None, sink: str) -> None:
        """Put an item on, to be held at a position until :meth:`play`."""
        self._step(DeckStep.LOAD)
        self.ticket += 1
        self.prepared = prepared
        self.ended = False
        self.moved_at = self._ticker.clock()
        self.held_s = start_s
        self.held = True
        self._fade_out = None
        self._clock.forget()
        self.set_fader(Linear(1.0))
        self._deck.load(
            DeckLoad(
                ticket=self.ticket,
                location=prepared.item.location,
                start_s=start_s,
                end_s=prepared.cue_out_s,
                gain_db=prepared.gain_db,
                fade_in=fade_in,
                sink=sink,
                endless=prepared.item.endless,
            )
        )

    def take(self, report: DeckReport) -> bool:
        """Take in what the deck says; tell whether it is about what is on it now."""
        if report.ticket != self.ticket or self.prepared is None:
            return False
        match report:
            case DeckReady():
                self._calm_down()
                return self._step(DeckStep.LOADED)
            case DeckAdvanced() if self.held:  # it was under way when the deck was held
                return False
            case DeckAdvanced():
                if report.position_s > self.held_s:
                    self.moved_at = self._ticker.clock()
                self.held_s = report.position_s
                self._clock.read(report.position_s, report.at)
            case DeckEnded():
                self.ended = True
        return True

    def play(self) -> None:
        """Let it sound from where it is held."""
        self._step(DeckStep.PLAY)
        self.held = False
        self.moved_at = self._ticker.clock()
        self._clock.read(self.held_s, self.moved_at)
        self._deck.play()

    def hold(self) -> None:
        """Hold it where it is."""
        self.held_s = self.position_s()
        self.held = True
        self._clock.forget()
        self._deck.pause()

    def leave(self) -> None:
        """From now on it is the one that goes."""
        self._step(DeckStep.LEAVE)

    def fade_out(self, fade: Fade) -> None:
        """Fade the item out over positions of its own."""
        self._fade_out = fade
        self._deck.fade_out(fade)

    def stay(self) -> None:
        """Take a planned fade out back, where there is still time."""
        if self._fade_out is not None and self.position_s() < self._fade_out.start_s - TAKEN_BACK_BEFORE_S:
            self._fade_out = None
            self._deck.fade_out(None)

    def eject(self) -> None:
        """Take the item off."""
        self._step(DeckStep.EJECT)
        self.ticket += 1
        self._fader.stay()
        self.prepared = None
        self._clock.forget()
        self._deck.eject()

    def replace_deck(self) -> None:
        """Leave a deck that does not answer to itself, and take a new one; the item is not on it."""
        log.warning("deck %s does not answer: taking a new one", self.name)
        self._patience = min(2 * self._patience, MOST_PATIENCE)
        self._deck.release()
        self._deck = self._make_deck()
        self.ticket += 1
        self._turn()

    def set_master(self, master: Linear) -> None:
        """Set the volume that all of the player is turned to."""
        self._master = master
        self._turn()

    def set_talkover(self, gain: Linear) -> None:
        """Set how far it is turned down below what is said over it."""
        self._talkover = gain
        self._turn()

    def set_fader(self, gain: Linear) -> None:
        """Set this strip's own fader, at once."""
        self._fader.set(gain)

    def ramp(self, gain: Linear, seconds: Seconds, then: Action | None = None) -> None:
        """Move the fader to a gain with equal power, and then do something."""
        self._fader.move(gain, seconds, then)

    def position_s(self) -> Seconds:
        """Tell where in the medium it sounds now."""
        return self._clock.position_s(self._ticker.clock()) if self._clock.known else self.held_s

    def left_s(self) -> Seconds | None:
        """Tell for how long it still sounds, or ``None`` where that is not known."""
        end_s = self.prepared.cue_out_s if self.prepared else None
        return None if end_s is None else Seconds(end_s - self.position_s())

    def end_at(self, position_s: Seconds) -> None:
        """Learn that the item on it is over at a position, whatever was believed before."""
        if self.prepared is not None:
            self.prepared = structs.replace(self.prepared, cue_out_s=position_s)

    @property
    def endless(self) -> bool:
        """Whether what is on it goes on until something else is wanted."""
        return self.prepared is not None and self.prepared.item.endless

    @property
    def stuck(self) -> bool:
        """Whether it is on air, should go on, and does not."""
        on_air = self.phase is DeckPhase.ON_AIR and not self.ended and not self.held
        patience_s = STREAM_STUCK_AFTER_S if self.endless else STUCK_AFTER_S
        return on_air and self._still_s > patience_s * self._patience

    @property
    def unanswered(self) -> bool:
        """Whether its deck was told to load and has not answered in time."""
        patience_s = STREAM_LOADING_MAY_TAKE_S if self.endless else LOADING_MAY_TAKE_S
        return self.phase is DeckPhase.LOADING and self._still_s > patience_s * self._patience

    @property
    def caption(self) -> str:
        """What a person calls the item that is on it."""
        return self.prepared.item.caption if self.prepared else "nothing"

    def when(self, position_s: Seconds) -> Monotonic | None:
        """Tell when a position will be heard; ``None`` before the deck has told where it is."""
        return self._clock.when(position_s) if self._clock.known else None

    def close(self) -> None:
        """End the deck."""
        self._fader.stay()
        self._deck.close()

    def _calm_down(self) -> None:
        """Be less patient, where a deck was as quick as it should be."""
        if self._still_s < LOADING_MAY_TAKE_S / 2:
            self._patience = max(self._patience / 2, 1.0)

    @property
    def _still_s(self) -> Seconds:
        return Seconds(self._ticker.clock() - self.moved_at)

    def _turn(self) -> None:
        self._deck.set_gain(Linear(self._master * self._fader.gain * self._talkover))

    def _step(self, step: DeckStep) -> bool:
        phase = after(DECK, self.phase, step)
        if phase is None:
            log.debug("deck %s: %s means nothing while %s", self.name, step, self.phase)
            return False
        self.phase = phase
        return True
