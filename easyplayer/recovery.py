"""What a player does when something breaks, so that it is never silent by failure.

A medium that breaks gives way to the next; a position that stands still is loaded anew, but that of a
stream gives way; a deck that does not answer is replaced; an output that is lost is waited for, and the
item goes on where it was.
"""

import logging
from abc import abstractmethod

from circuits import handler

from easyplayer.desk import Cue, Desk
from easyplayer.errors import SoundError
from easyplayer.events import shut_down
from easyplayer.player import MediaPlayer
from easyplayer.player_events import item_failed, item_finished, item_started
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import SOUNDING, Cause, DeckPhase, PlayerState
from easyplayer.strip import LOOKS_TO_BE_SURE, Strip
from easyplayer.talkover import Talkover
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

SOUND_RETRY_S = Seconds(0.5)
STUCK_TRIES = 2
MOST_NEW_DECKS = 20
"""Each deck that hangs stays in memory, some 5 MB; after so many a new start is better than one more."""
NOT_IN_TIME = "it could not be loaded in time"
UNSTUCK_S = Seconds(2.0)
"""How far a position that stood still has to go on before it counts as mended."""


class ResilientPlayer(MediaPlayer):
    """A player at a desk, that goes on whatever breaks."""

    def __init__(self, desk: Desk, ticker: Ticker) -> None:
        super().__init__(ticker)
        self._desk = desk
        self._talkover: Talkover
        self._cued: Cue | None = None
        self._interrupted: Cue | None = None
        self._begun: list[PreparedItem] = []
        self._skipping = False
        self._stuck = 0
        self._stuck_at_s = Seconds(0.0)
        self._looks_still = 0
        self._replaced = 0

    @handler("sound_found")
    def _on_sound_found(self, sink: str, _private: bool) -> None:
        moved = self._desk.sink not in {"", sink}
        self._desk.sink = sink
        if moved:
            self._lose_sound("the output is another one")
        if self.state is PlayerState.NO_SOUND:
            self._return_to_sound()
        else:
            self._load_cued()

    @handler("sound_lost")
    def _on_sound_lost(self, reason: str) -> None:
        self._desk.sink = ""
        self._lose_sound(reason)

    def _look(self) -> None:
        """Notice what does not come: a position that stands still, a deck that does not answer."""
        still = self.state in SOUNDING and self._desk.air.stuck
        self._looks_still = self._looks_still + 1 if still else 0
        silent = self._desk.unanswered() or self._talkover.unanswered()
        if silent is not None and silent.endless:
            self._give_up(silent, NOT_IN_TIME)
        elif silent is not None:
            self._replace(silent)
        elif self._looks_still >= LOOKS_TO_BE_SURE:
            self._looks_still = 0
            self._mend_stuck()
        elif self.state is PlayerState.WAITING and self._desk.free.phase is DeckPhase.EMPTY:
            self._seek_next()

    def _replace(self, strip: Strip) -> None:
        """Take a new deck for one that does not answer; after many, let the box be started anew."""
        self._replaced += 1
        if self._replaced > MOST_NEW_DECKS:
            log.error("too many decks have hung: the box ends, to be started anew")
            self.fire(shut_down(SoundError.exit_code))
            return
        strip.replace_deck()
        self._give_up(strip, NOT_IN_TIME)

    def _mend_stuck(self) -> None:
        air = self._desk.air
        self._stuck += 1
        self._stuck_at_s = air.held_s
        if self._stuck > STUCK_TRIES or air.endless:
            self._stuck = 0
            self._give_up(air, "its position stands still")
        else:
            log.warning("%s stands still at %.1f s: loading it anew", air.caption, air.held_s)
            self._desk.reload(air.held_s)

    def _give_up(self, strip: Strip, reason: str) -> None:
        """Leave an item that cannot be played, or cannot go on."""
        if strip is self._talkover.strip:
            self._talkover.give_up(reason)
            return
        if strip.prepared is None:
            return
        log.warning("%s: %s", strip.caption, reason)
        self.fire(item_failed(strip.prepared, reason))
        if strip is not self._desk.air and self._desk.leaving:
            self._finish(strip, Ended.FAILED)
        elif strip is not self._desk.air:
            if self.state is PlayerState.WAITING:
                self._tell_over(strip.prepared, Ended.FAILED)  # what a lost output cut off cannot go on
            self._desk.drop()
            self._seek_next()
        elif self._desk.held and self.state in SOUNDING:
            self._tell_over(strip.prepared, Ended.FAILED)
            strip.eject()
            self._change_over()
        else:
            self._run_out(Ended.FAILED)

    def _lose_sound(self, reason: str) -> None:
        """Remember where it was, and wait for an output."""
        air, coming = self._desk.air, self._desk.cue
        if air.prepared is not None:
            self._interrupted = Cue(air.prepared, air.held_s)
        if self.state is PlayerState.WAITING:
            self._interrupted = coming or self._interrupted
        elif self._cued is None:
            self._cued = coming
        self._skipping = False
        if self._desk.leaving:
            self._tell_over(self._desk.free.prepared, Ended.STOPPED)
        self._desk.clear()
        self._move(Cause.SOUND_LOST, reason)
        self._talkover.lose_sound()
        if self.state is PlayerState.NO_SOUND:
            self._ticker.after(SOUND_RETRY_S, self._return_to_sound)
        elif self.state is PlayerState.STOPPED:
            self._tell_all_over()
            self._cued = self._interrupted = None

    def _return_to_sound(self) -> None:
        lost = self.state is PlayerState.NO_SOUND and self._desk.sink
        if lost and self._move(Cause.SOUND_BACK, f"plays on {self._desk.sink}"):
            self._return_to_item()

    def _return_to_item(self) -> None:
        """Go on with the item that was interrupted, where it was; or with another."""
        interrupted, self._interrupted = self._interrupted, None
        if interrupted is None:
            self._seek_next()
        else:
            self._desk.load(interrupted)

    def _note_progress(self, strip: Strip) -> None:
        """Count what stood still as mended once it has gone on for a while."""
        if strip.held_s > self._stuck_at_s + UNSTUCK_S:
            self._stuck = 0

    # -- what it tells of it -------------------------------------------------------------------

    def _tell_start(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Tell what sounds from now on, and what does not come back of all that was cut off before."""
        cut_off = () if self._desk.leaving else tuple(self._begun)
        resumed = next((one for one in cut_off if one.item.id == prepared.item.id), None)
        for one in cut_off:
            if one is not resumed:
                self._tell_over(one, Ended.STOPPED)
        if resumed is None:
            self._begun.append(prepared)
        self.fire(item_started(prepared, position_s))

    def _tell_over(self, prepared: PreparedItem | None, why: Ended) -> None:
        """Tell that something sounds no more, once, and only if it was told that it does."""
        begun = (one for one in self._begun if prepared is not None and one.item.id == prepared.item.id)
        over = next(begun, None)
        if prepared is not None and over is not None:
            self._begun.remove(over)
            self.fire(item_finished(prepared, why))

    def _tell_all_over(self) -> None:
        """Tell that all has been stopped: what is on air, what leaves it, and what was to go on."""
        for one in tuple(self._begun):
            self._tell_over(one, Ended.STOPPED)

    @abstractmethod
    def _load_cued(self) -> None:
        """Put the next item on the free deck, as soon as that can be."""

    @abstractmethod
    def _seek_next(self) -> None:
        """See to it that something comes."""

    @abstractmethod
    def _change_over(self) -> None:
        """Start what is held; what was on air leaves."""

    @abstractmethod
    def _finish(self, leaving: Strip, why: Ended) -> None:
        """Take off the item that has left."""

    @abstractmethod
    def _run_out(self, why: Ended) -> None:
        """Nothing sounds any more: take the next item as soon as it is there."""
