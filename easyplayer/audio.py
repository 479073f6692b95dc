"""The audio player: two decks, and the switch from one song to the next.

How it goes: the Scheduler answers :class:`~easyplayer.events.item_wanted` with an item; it is put
on the free deck and held.  The deck on air tells where it is three times a second; from that follows
the instant at which the held one starts.  The planned fades are in the decks' own filter chains;
what a person does at once (skip, pause, fade out) moves the strips' faders.

What it does when something breaks stands in :mod:`easyplayer.recovery`.
"""

import logging

from circuits import handler
from msgspec import Struct

from easyplayer.desk import Desk
from easyplayer.drivers.deck import DeckAdvanced, DeckEnded, DeckFailed, DeckFault, DeckMaker, DeckReady
from easyplayer.drivers.deck import DeckReport as Report
from easyplayer.events import (
    deck_reported,
    fade_out,
    item_advanced,
    item_finished,
    item_started,
    item_wanted,
    volume_changed,
)
from easyplayer.player import MediaPlayer
from easyplayer.playout.catalogue import ItemKind, PreparedItem
from easyplayer.playout.machine import Cause, DeckPhase, PlayerState
from easyplayer.playout.transition import Rules
from easyplayer.recovery import SOUNDING, ResilientPlayer
from easyplayer.strip import Strip
from easyplayer.ticker import Deadline, Repeating, Ticker
from easyplayer.units import Linear, Percent, Seconds

__all__ = ["AudioPlayer", "Handling", "MediaPlayer", "fade_out"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.25)
BUFFERED_S = Seconds(1.3)
"""What may still be heard, at the most, when a deck says that its medium has ended."""
STREAM_AHEAD_S = Seconds(10.0)
"""How long before its time a stream is connected to."""
TAIL_S = Seconds(0.1)
"""How long after its planned end a leaving deck is taken off: the clock's uncertainty."""
HOLD_FADE_S = Seconds(0.25)
DROP_FADE_S = Seconds(0.05)


class Handling(Struct, frozen=True, kw_only=True):
    """How a person may handle the player.

    :ivar volume: what it starts at; volumes are 0 to 100.
    :ivar lowest: nobody can turn it below this.
    :ivar highest: nobody can turn it above this.
    :ivar skip_fade_s: how long a skipped item takes to go, and the next to come.
    """

    volume: Percent = Percent(80)
    lowest: Percent = Percent(0)
    highest: Percent = Percent(100)
    skip_fade_s: Seconds = Seconds(0.5)

    def keep(self, volume: Percent) -> Percent:
        """Bring a volume within the limits."""
        return Percent(min(max(volume, self.lowest), self.highest))


class AudioPlayer(ResilientPlayer):
    """Drives two decks and schedules the switch from one song to the next, with crossfade.

    :param make_deck: makes a deck, given its name and a taker of its reports.
    :param rules: the house rules for transitions.
    :ivar volume: 0 to 100.
    """

    def __init__(self, make_deck: DeckMaker, rules: Rules, handling: Handling, ticker: Ticker) -> None:
        super().__init__(
            Desk(make_deck, lambda deck, news: self.fire(deck_reported(deck, news)), rules, ticker), ticker
        )
        self._handling = handling
        self.volume = handling.keep(handling.volume)
        self._wanting = False
        self._finishing: Deadline | None = None
        self._stopping: Deadline | None = None
        self._watch: Repeating | None = None

    def open(self) -> None:
        """Turn the volume to where it starts, and watch the decks."""
        self._desk.turn(self.volume)
        self.fire(volume_changed(self.volume))
        self._watch = self._ticker.every(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """End both decks."""
        if self._watch is not None:
            self._watch.cancel()
        for strip in self._desk.strips.values():
            strip.close()

    # -- what it is told -----------------------------------------------------------------------

    @handler("set_volume")
    def _on_set_volume(self, volume: Percent) -> None:
        self.volume = self._handling.keep(volume)
        self._desk.turn(self.volume)
        self.fire(volume_changed(self.volume))

    @handler("skip_item")
    def _on_skip(self) -> None:
        if self.state is PlayerState.MIXING:
            self._desk.free.ramp(Linear(0.0), DROP_FADE_S)
            self._ticker.after(DROP_FADE_S, self._skip_after_change)
        elif self.state is PlayerState.PLAYING:
            self._skip()

    @handler("cue_item")
    def _on_cue(self, prepared: PreparedItem, start_s: Seconds | None) -> None:
        self._wanting = False
        self._cued = prepared, start_s
        self._load_cued()

    @handler("item_prepared")
    def _on_prepared(self, prepared: PreparedItem, _measured: bool) -> None:
        """Learn more of what is on a deck already: where it ends, above all."""
        for strip in self._desk.strips.values():
            if strip.prepared is not None and strip.prepared.item.id == prepared.item.id:
                strip.prepared = prepared
        self._plan_change()

    # -- what the decks tell -------------------------------------------------------------------

    @handler("deck_reported")
    def _on_deck(self, deck: str, report: Report) -> None:
        strip = self._desk.strips[deck]
        if not strip.take(report):
            return
        on_air = strip is self._desk.air
        match report:
            case DeckReady():
                self._on_ready(strip)
            case DeckAdvanced() if on_air:
                self._on_advanced(strip)
            case DeckEnded() if on_air:
                self._on_ended(strip)
            case DeckFailed(fault=DeckFault.OUTPUT, detail=detail):
                self._lose_sound(detail)
            case DeckFailed(detail=detail):
                self._give_up(strip, detail)

    def _on_ready(self, strip: Strip) -> None:
        if strip is self._desk.air:
            if self.state in SOUNDING:
                strip.play()
                self._plan_change()
        elif self.state is PlayerState.WAITING or self._skipping:
            self._change_over()
        else:
            self._plan_change()

    def _on_advanced(self, strip: Strip) -> None:
        if self.state in SOUNDING and strip.prepared is not None:
            self._note_progress(strip)
            self.fire(item_advanced(strip.prepared, strip.position_s()))
            self._desk.set_instant(self._change_over)
            self._load_cued()

    def _on_ended(self, strip: Strip) -> None:
        """Tell a planned end, which comes a second before it is heard, from an early one."""
        if self.state not in SOUNDING:
            return
        left_s = strip.left_s()
        if left_s is None or left_s > BUFFERED_S:
            log.log(logging.WARNING if left_s else logging.DEBUG, "%s ended early", strip.caption)
            left_s = BUFFERED_S
            strip.end_at(Seconds(strip.position_s() + left_s))
            if self._desk.held:
                self._change_over()
                return
            self._load_cued()
        load = strip.ticket
        self._ticker.after(left_s + TAIL_S, lambda: self._run_out_of(strip, load))

    # -- from one item to the next -------------------------------------------------------------

    def _load_cued(self) -> None:
        """Put the next item on the free deck, as soon as that is free and there is an output."""
        if (
            self._cued is None
            or self._desk.leaving
            or self.state in {PlayerState.STOPPED, PlayerState.NO_SOUND}
        ):
            return
        if self.state is PlayerState.WAITING and self._desk.free.phase is DeckPhase.LOADING:
            return
        if self._is_too_soon(self._cued[0]):
            return
        (prepared, start_s), self._cued = self._cued, None
        self._desk.load(prepared, start_s, fade_s=self._handling.skip_fade_s if self._skipping else None)

    def _is_too_soon(self, prepared: PreparedItem) -> bool:
        """Tell whether an item is better loaded later: a stream that is held for long goes stale."""
        if prepared.item.kind is not ItemKind.STREAM or self.state not in SOUNDING or self._skipping:
            return False
        left_s = self._desk.air.left_s()
        return left_s is None or left_s > STREAM_AHEAD_S

    def _plan_change(self) -> None:
        if self.state in SOUNDING:
            self._desk.plan_change(self._change_over)

    def _change_over(self) -> None:
        """Start what is held; what was on air leaves."""
        skipped, self._skipping = self._skipping, False
        outgoing = self._desk.air.prepared
        leaving = self._desk.change_over()
        why = "skipped" if skipped else "played"
        if self._desk.leaving:
            self._move(Cause.MIX, self._desk.air.caption)
            left_s = leaving.left_s()
            leaving_s = BUFFERED_S if left_s is None else Seconds(max(left_s, 0.0))
            leaving_s = self._handling.skip_fade_s if skipped else leaving_s
            self._finishing = self._ticker.after(leaving_s + TAIL_S, lambda: self._finish(leaving, why))
        else:
            self._move(Cause.ON_AIR, self._desk.air.caption)
            if outgoing is not None:
                self.fire(item_finished(outgoing, why))
        self._announce_start()
        self._want()
        self._load_cued()

    def _finish(self, leaving: Strip, why: str) -> None:
        """Take off the item that has left, and make room for the one after the next."""
        if leaving is not self._desk.free or not self._desk.leaving:
            return
        if self._finishing is not None:
            self._finishing.cancel()
        if leaving.prepared is not None:
            self.fire(item_finished(leaving.prepared, why))
        leaving.eject()
        self._move(Cause.MIXED, self._desk.air.caption)
        self._load_cued()

    def _skip(self) -> None:
        """Leave the item on air at once; the next comes as soon as it is held for a short fade."""
        self._skipping = True
        fade_s = self._handling.skip_fade_s
        self._desk.cancel_change()
        self._desk.air.ramp(Linear(0.0), fade_s, self._end_skip)
        coming = self._desk.coming
        if coming is not None:
            self._desk.load(coming, None, fade_s=fade_s)
        else:
            self._load_cued()
            self._want(urgent=self._desk.coming is None)

    def _skip_after_change(self) -> None:
        self._finish(self._desk.free, "skipped")
        self._skip()

    def _end_skip(self) -> None:
        """Where nothing has come after the skipped item, wait for what does."""
        if self._skipping:
            self._skipping = False
            self._run_out("skipped")

    def _run_out_of(self, strip: Strip, load: int) -> None:
        if strip is self._desk.air and strip.ticket == load and self.state in SOUNDING:
            self._run_out("played")

    def _run_out(self, why: str) -> None:
        """Nothing sounds any more: take the next item as soon as it is there."""
        if self._desk.air.prepared is not None:
            self.fire(item_finished(self._desk.air.prepared, why))
        self._desk.cancel_change()
        self._desk.air.eject()
        if not self._move(Cause.RAN_OUT, f"the item on air is over ({why})"):
            return
        if self._desk.held:
            self._change_over()
        else:
            self._seek_next()

    # -- start, stop, hold ---------------------------------------------------------------------

    def _begin(self, was: PlayerState) -> None:
        self._forget_stop()
        if was in {PlayerState.FADING, PlayerState.PAUSED}:
            self._go_on()
        elif not self._desk.sink:
            self._move(Cause.SOUND_LOST, "no output yet")
        else:
            self._seek_next()

    def _fade_away(self, seconds: Seconds) -> None:
        self._forget_stop()
        if self.state is PlayerState.STOPPED:
            self._be_stopped()
        else:
            self._desk.fade_all(seconds)
            self._stopping = self._ticker.after(seconds, self._be_stopped)

    def _forget_stop(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()

    def _be_stopped(self) -> None:
        if self._desk.air.prepared is not None:
            self.fire(item_finished(self._desk.air.prepared, "stopped"))
        self._desk.clear()
        self._cued = self._interrupted = None
        self._wanting = self._skipping = False
        self._move(Cause.FADED, "faded out")

    def _hold(self) -> None:
        self._skipping = False
        self._desk.cancel_change()
        if self._desk.leaving:
            leaving = self._desk.free
            leaving.ramp(Linear(0.0), HOLD_FADE_S, lambda: self._finish(leaving, "played"))
        self._desk.air.ramp(Linear(0.0), HOLD_FADE_S, self._desk.air.hold)

    def _go_on(self) -> None:
        if self._desk.air.prepared is None:
            self._move(Cause.RAN_OUT, "the output was lost meanwhile")
            self._return_to_item()
            return
        if self._desk.air.ended:
            self._run_out("played")
        elif self._desk.air.phase is DeckPhase.LOADING:
            self._desk.air.set_fader(Linear(1.0))
        else:
            self._desk.air.play()
            self._desk.air.ramp(Linear(1.0), HOLD_FADE_S)
            self._plan_change()

    def _seek_next(self) -> None:
        """See to it that something comes: what is cued, or else what the Scheduler answers."""
        self._load_cued()
        if self._desk.coming is None:
            self._want(urgent=self.state is PlayerState.WAITING)

    # -- what it tells -------------------------------------------------------------------------

    def _want(self, *, urgent: bool = False) -> None:
        if self._cued is None and (urgent or not self._wanting):
            self._wanting = True
            self.fire(item_wanted(urgent=urgent))

    def _announce_start(self) -> None:
        air = self._desk.air
        self._stuck, self._stuck_at_s = 0, air.held_s
        if air.prepared is not None:
            self.fire(item_started(air.prepared, air.position_s()))
