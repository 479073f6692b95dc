"""From one item to the next: what is cued, when it starts, and how the one before it leaves.

The next item is put on the free deck and held.  The deck on air tells where it is three times a
second; from that follows the instant at which the held one starts.  An item with an instant of its own
starts then, and what is on air gives way; where that runs out before, it starts at once.  The planned
fades are in the decks' own filter chains; what gives way at once is faded at the strip.
"""

import logging

from circuits import handler

from easyplayer.desk import GIVE_WAY_S, Cue, Desk
from easyplayer.player import Handling
from easyplayer.player_events import item_wanted
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import SOUNDING, Cause, DeckPhase, PlayerState
from easyplayer.recovery import ResilientPlayer
from easyplayer.strip import BUFFERED_S, TAIL_S, Strip
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Linear, Monotonic, Seconds

log = logging.getLogger(__name__)

STREAM_AHEAD_S = Seconds(10.0)
"""How long before its time a stream is connected to."""
DROP_FADE_S = Seconds(0.05)
QUICK_FADE_S = Seconds(0.25)
DECK_FREE_S = Seconds(1.5)
"""How long before its instant an item needs a deck, even if another one still leaves it."""


class ChangingPlayer(ResilientPlayer):
    """A player at a desk, that goes from one item to the next."""

    def __init__(self, desk: Desk, handling: Handling, ticker: Ticker) -> None:
        super().__init__(desk, ticker)
        self._handling = handling
        self._wanting = False
        self._leaves = Ended.PLAYED
        self._finishing: Deadline | None = None

    @handler("skip_item")
    def _on_skip(self) -> None:
        if self.state is PlayerState.MIXING:
            self._desk.free.ramp(Linear(0.0), DROP_FADE_S)
            self._ticker.after(DROP_FADE_S, self._skip_after_change)
        elif self.state is PlayerState.PLAYING:
            self._skip()

    @handler("cue_item")
    def _on_cue(self, prepared: PreparedItem, start_s: Seconds | None, at: Monotonic | None) -> None:
        if self.state is PlayerState.STOPPED:
            return  # it answers a wish of before the stop; what is to be played next is another question
        self._wanting = False
        self._cued = Cue(prepared, start_s, at)
        self._load_cued()
        if self._cued is not None and at is not None and self._desk.leaving:
            self._ticker.at(Monotonic(at - DECK_FREE_S), self._free_deck)

    # -- what is cued --------------------------------------------------------------------------

    def _load_cued(self) -> None:
        """Put the next item on the free deck, as soon as that is free and there is an output."""
        cue = self._cued
        if cue is None or self._desk.leaving or self.state in {PlayerState.STOPPED, PlayerState.NO_SOUND}:
            return
        about_to_start = self.state is PlayerState.WAITING and self._desk.free.phase is DeckPhase.LOADING
        if about_to_start and cue.at is None:
            return
        if self._is_too_soon(cue):
            if self._desk.cue is not None:
                self._desk.drop()
            return
        self._cued = None
        self._desk.load(cue, fade_s=self._handling.skip_fade_s if self._skipping else None)

    def _is_too_soon(self, cue: Cue) -> bool:
        """Tell whether an item is better loaded later: a stream that is held for long goes stale."""
        if not cue.prepared.item.endless or self.state not in SOUNDING or self._skipping:
            return False
        left_s = self._desk.air.left_s()
        ahead_s = None if cue.at is None else cue.at - self._ticker.clock()
        return all(one is None or one > STREAM_AHEAD_S for one in (left_s, ahead_s))

    def _free_deck(self) -> None:
        """Let what leaves be gone sooner, because its deck is needed for what is due."""
        cue, leaving = self._cued, self._desk.free
        soon = self._ticker.clock() + DECK_FREE_S
        if self._desk.leaving and cue is not None and cue.at is not None and cue.at <= soon:
            leaving.ramp(Linear(0.0), QUICK_FADE_S, lambda: self._finish(leaving, self._leaves))

    def _seek_next(self) -> None:
        """See to it that something comes: what is held or cued, or else what the Scheduler answers."""
        if self.state is PlayerState.WAITING and self._desk.held:
            self._change_over()
            return
        self._load_cued()
        if self._desk.cue is None:
            self._want(urgent=self.state is PlayerState.WAITING)

    def _want(self, *, urgent: bool = False) -> None:
        if self._cued is None and (urgent or not self._wanting):
            self._wanting = True
            self.fire(item_wanted(urgent=urgent))

    # -- the change ----------------------------------------------------------------------------

    def _plan_change(self) -> None:
        if self.state in SOUNDING:
            self._desk.plan_change(self._change_over)

    def _change_over(self) -> None:
        """Start what is held; what was on air leaves."""
        if not self._desk.held:
            return
        outgoing = self._desk.air.prepared
        why = self._reason_to_leave()
        leaving = self._desk.change_over()
        if self._desk.leaving:
            self._leaves = why
            self._move(Cause.MIX, self._desk.air.caption)
            leaving_s = self._leaving_s(leaving, why)
            self._finishing = self._ticker.after(leaving_s + TAIL_S, lambda: self._finish(leaving, why))
        else:
            self._move(Cause.ON_AIR, self._desk.air.caption)
            self._tell_over(outgoing, why)
        self._announce_start()
        self._want()
        self._load_cued()

    def _reason_to_leave(self) -> Ended:
        skipped, self._skipping = self._skipping, False
        if skipped:
            return Ended.SKIPPED
        return Ended.CUT if self._desk.overdue else Ended.PLAYED

    def _leaving_s(self, leaving: Strip, why: Ended) -> Seconds:
        """Tell for how long a strip that leaves is still heard."""
        if why is Ended.SKIPPED:
            return self._handling.skip_fade_s
        left_s = leaving.left_s()
        if why is Ended.CUT:
            return GIVE_WAY_S if left_s is None else Seconds(min(max(left_s, 0.0), GIVE_WAY_S))
        return BUFFERED_S if left_s is None else Seconds(max(left_s, 0.0))

    def _finish(self, leaving: Strip, why: Ended) -> None:
        """Take off the item that has left, and make room for the one after the next."""
        if leaving is not self._desk.free or not self._desk.leaving:
            return
        if self._finishing is not None:
            self._finishing.cancel()
        self._tell_over(leaving.prepared, why)
        leaving.eject()
        self._move(Cause.MIXED, self._desk.air.caption)
        self._load_cued()

    def _announce_start(self) -> None:
        air = self._desk.air
        self._stuck, self._stuck_at_s = 0, air.held_s
        if air.prepared is not None:
            self._tell_start(air.prepared, air.position_s())

    # -- skipped, or over ----------------------------------------------------------------------

    def _skip(self) -> None:
        """Leave the item on air at once; the next comes as soon as it is held for a short fade."""
        self._skipping = True
        fade_s = self._handling.skip_fade_s
        self._desk.cancel_change()
        self._desk.air.ramp(Linear(0.0), fade_s, self._end_skip)
        coming = self._desk.cue
        if coming is not None:
            self._desk.load(Cue(coming.prepared, coming.start_s), fade_s=fade_s)
        else:
            self._load_cued()
            self._want(urgent=self._desk.cue is None)

    def _skip_after_change(self) -> None:
        self._finish(self._desk.free, Ended.SKIPPED)
        if self.state is PlayerState.PLAYING:
            self._skip()

    def _end_skip(self) -> None:
        """Where nothing has come after the skipped item, wait for what does."""
        if self._skipping:
            self._skipping = False
            self._run_out(Ended.SKIPPED)

    def _run_out_of(self, strip: Strip, load: int) -> None:
        if strip is self._desk.air and strip.ticket == load and self.state in SOUNDING:
            self._run_out(Ended.PLAYED)

    def _run_out(self, why: Ended) -> None:
        """Nothing sounds any more: take the next item as soon as it is there."""
        self._tell_over(self._desk.air.prepared, why)
        self._desk.cancel_change()
        self._desk.air.eject()
        if self._desk.hushed and self._desk.cue is not None:
            self._desk.load(self._desk.cue)  # there is time to load it for a soft start
        self._move(Cause.RAN_OUT, f"the item on air is over ({why})")
        if self.state is PlayerState.WAITING:
            self._seek_next()
