"""The audio player: two decks that take turns, and a third one for what is said over the music.

How it goes: the Scheduler answers :class:`~easyplayer.player_events.item_wanted` with an item; how that
follows the one on air stands in :mod:`easyplayer.changeover`.  Spots that come on the second are the business
of :mod:`easyplayer.talkover`; how the music makes room for them, and for clips that sound in its place, in
:mod:`easyplayer.yielding`.  What a person does at once (skip, pause, fade out) moves the strips' faders.

What it does when something breaks stands in :mod:`easyplayer.recovery`.
"""

import logging
from functools import partial

from circuits import handler

from easyplayer.changeover import QUICK_FADE_S
from easyplayer.desk import Desk
from easyplayer.drivers.deck import DeckAdvanced, DeckEnded, DeckFailed, DeckFault, DeckMaker, DeckReady
from easyplayer.drivers.deck import DeckReport as Report
from easyplayer.events import deck_reported
from easyplayer.lineup import SpotCue
from easyplayer.player import Handling
from easyplayer.player_events import (
    item_advanced,
    spot_advanced,
    spot_finished,
    spot_started,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.machine import SOUNDING, Cause, PlayerState
from easyplayer.playout.transition import Rules
from easyplayer.strip import BUFFERED_S, TAIL_S, Strip
from easyplayer.talkover import FloorFree, News, SpotBegan, SpotOver, SpotWentOn, Talkover
from easyplayer.ticker import Deadline, Repeating, Ticker
from easyplayer.units import Linear, Monotonic, Seconds
from easyplayer.yielding import YieldingPlayer

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.25)
RESTING_FADE_S = Seconds(1.5)
"""How long the music takes to go that a program ends which is only to be seen."""
SPOTS = "S"
"""Name of the deck for spots."""


class AudioPlayer(YieldingPlayer):
    """Drives two decks with the switch from one song to the next, and a third one with spots over them.

    :param make_deck: makes a deck, given its name and a taker of its reports.
    :param rules: the house rules for transitions.
    """

    def __init__(self, make_deck: DeckMaker, rules: Rules, handling: Handling, ticker: Ticker) -> None:
        def report(deck: str, news: Report) -> None:
            self.fire(deck_reported(deck, news))

        desk = Desk(make_deck, report, rules, ticker)
        super().__init__(desk, handling, ticker)
        make_strip = partial(Strip, SPOTS, make_deck, partial(report, SPOTS), ticker)
        self._talkover = Talkover(make_strip, desk, ticker, lambda: self.state, self._on_talkover)
        self._stopping: Deadline | None = None
        self._may_play = False
        self._rests = ""
        self._watch: Repeating | None = None

    def open(self) -> None:
        """Turn the volume to where it starts, and watch the decks."""
        self._on_turn_volume(self._handling.volume)
        self._watch = self._ticker.every(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """End all decks."""
        if self._watch is not None:
            self._watch.cancel()
        for strip in self._desk.strips.values():
            strip.close()
        self._talkover.close()

    # -- what it is told -----------------------------------------------------------------------

    @handler("turn_volume")
    def _on_turn_volume(self, volume: float) -> None:
        self._desk.turn(volume)
        self._talkover.turn(volume)

    @handler("cue_spot")
    def _on_cue_spot(self, prepared: PreparedItem, at: Monotonic, over: Over, ducking: Ducking) -> None:
        self._talkover.cue(SpotCue(prepared, at, over, ducking))

    @handler("item_prepared")
    def _on_prepared(self, prepared: PreparedItem, _measured: bool) -> None:
        """Learn more of what is on a deck already, or will be: where it ends, above all."""
        self._cued, self._interrupted = (
            cue and cue.learn(prepared) for cue in (self._cued, self._interrupted)
        )
        self._begun = [prepared if one.item.id == prepared.item.id else one for one in self._begun]
        self._desk.learn(prepared)
        self._plan_change()

    # -- what the decks tell -------------------------------------------------------------------

    @handler("deck_reported")
    def _on_deck(self, deck: str, report: Report) -> None:
        strip = self._talkover.strip if deck == SPOTS else self._desk.strips[deck]
        if strip is None or not strip.take(report):
            return
        on_air = strip is self._desk.air
        match report:
            case DeckFailed(fault=DeckFault.OUTPUT, detail=detail):
                self._lose_sound(detail)
            case DeckFailed(detail=detail):
                self._give_up(strip, detail)
            case _ if deck == SPOTS:
                self._talkover.follow(report)
            case DeckReady():
                self._on_ready(strip)
            case DeckAdvanced() if on_air:
                self._on_advanced(strip)
            case DeckEnded() if on_air:
                self._on_ended(strip)

    def _on_ready(self, strip: Strip) -> None:
        if strip is self._desk.air:
            if self.state in SOUNDING and not self._desk.hushed:
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

    def _look(self) -> None:
        super()._look()
        self._talkover.look()

    # -- what is said over the music -----------------------------------------------------------

    def _on_talkover(self, news: News) -> None:
        match news:
            case SpotBegan(cue):
                self._make_room(cue.over)
                self.fire(spot_started(cue.prepared))
            case SpotWentOn(cue, position_s):
                self.fire(spot_advanced(cue.prepared, position_s))
            case SpotOver(cue, why):
                self.fire(spot_finished(cue.prepared, why))
            case FloorFree():
                self._take_up()

    @handler("play_emergency")
    def _on_emergency(self, _item: Item) -> None:
        """Have it heard by itself, and as loud as it is: who pays for a spot does not go over it."""
        self._talkover.break_off(QUICK_FADE_S)

    # -- nothing to be heard -------------------------------------------------------------------

    @handler("start_playing", "fade_out", priority=1)
    def _on_word(self, *silenced: object) -> None:
        """Remember whether it would play if there were anything to be heard."""
        self._may_play = not silenced

    @handler("rest_music")
    def _on_rest(self, reason: str, at_once: bool) -> None:
        self._rests = reason
        self._cued, self._wanting = None, False
        if self._desk.cue is not None:
            self._desk.drop()
        waits = self.state in {PlayerState.WAITING, PlayerState.NO_SOUND}
        if (waits or (at_once and self.state in SOUNDING)) and self._move(Cause.FADE_OUT, reason):
            self._fade_away(RESTING_FADE_S)

    @handler("wake_music")
    def _on_wake(self) -> None:
        rested, self._rests = self._rests, ""
        if rested and self._may_play and self.state in {PlayerState.STOPPED, PlayerState.FADING}:
            self._on_start()
        elif rested and self.state in SOUNDING and self._desk.cue is None:
            self._want()

    # -- start, stop, hold ---------------------------------------------------------------------

    def _begin(self, was: PlayerState) -> None:
        self._forget_stop()
        if self._rests and was is PlayerState.STOPPED:
            self._move(Cause.FADE_OUT, self._rests)
        elif was in {PlayerState.FADING, PlayerState.PAUSED}:
            self._go_on()
        elif not self._desk.sink:
            self._move(Cause.SOUND_LOST, "no output yet")
        else:
            self._seek_next()

    def _fade_away(self, seconds: Seconds) -> None:
        self._forget_stop()
        self._talkover.fade(seconds)
        if self.state is PlayerState.STOPPED:
            self._be_stopped()
        else:
            self._desk.fade_all(seconds)
            self._stopping = self._ticker.after(seconds, self._be_stopped)

    def _forget_stop(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()

    def _be_stopped(self) -> None:
        self._tell_all_over()
        self._desk.clear()
        self._cued = self._interrupted = None
        self._wanting = self._skipping = False
        self._move(Cause.FADED, self._rests or "faded out")

    def _hold(self) -> None:
        self._skipping = False
        self._desk.cancel_change()
        self._talkover.hold()
        if self._desk.leaving:
            leaving = self._desk.free
            leaving.ramp(Linear(0.0), QUICK_FADE_S, lambda: self._finish(leaving, Ended.PLAYED))
        self._desk.air.ramp(Linear(0.0), QUICK_FADE_S, self._desk.air.hold)

    def _go_on(self) -> None:
        self._talkover.go_on()
        if self._desk.air.prepared is None:
            self._go_on_with_nothing()
        elif self._desk.hushed:
            self._hold_for_clip()
            self._desk.air.set_fader(Linear(0.0))
        else:
            self._play_on()

    def _go_on_with_nothing(self) -> None:
        """Bring what was interrupted before the pause, or in it; what was to follow it still does."""
        self._move(Cause.RAN_OUT, "nothing was on air")
        if not self._desk.sink:
            self._move(Cause.SOUND_LOST, "no output yet")
            return
        if self._interrupted is not None and self._cued is None:
            self._cued = self._desk.cue
        self._return_to_item()
