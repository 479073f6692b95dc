"""The talkover: what is said over the music, on a deck of its own, and how the music makes room for it.

A spot is loaded as soon as it is known, and held.  Shortly before its instant the music goes down, so
that it is down when the spot begins; after the spot it comes back.  What is due while a spot sounds
follows right after it, and the music stays down between the two.

Where the music is to be silent meanwhile, because it pauses or is cut, the desk is hushed: nothing
starts on it until the floor is free again.
"""

import logging
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from easyplayer.desk import Desk, Speaker
from easyplayer.drivers.deck import DeckAdvanced, DeckEnded, DeckReady, DeckReport
from easyplayer.fade import Fade
from easyplayer.lineup import Lineup, SpotCue
from easyplayer.playout.asrun import Ended
from easyplayer.playout.machine import SPOT, DeckPhase, PlayerState, SpotPhase, SpotStep, after
from easyplayer.strip import BUFFERED_S, LOOKS_TO_BE_SURE, TAIL_S, Strip
from easyplayer.ticker import Action, Deadline, Ticker
from easyplayer.units import Linear, Monotonic, Seconds, volume_to_linear

log = logging.getLogger(__name__)

HOLD_FADE_S = Seconds(0.25)
MAY_BE_LATE_S = Seconds(60.0)
"""How late a spot may come that a pause or a lost output has kept back."""

SPEAKS = {PlayerState.PLAYING, PlayerState.MIXING, PlayerState.WAITING}
LOADS = SPEAKS | {PlayerState.PAUSED}
SILENT = {PlayerState.STOPPED, PlayerState.FADING}
NOT_BEGUN = {SpotPhase.LOADING, SpotPhase.HELD, SpotPhase.COMING}


class SpotBegan(Struct, frozen=True):
    """A spot sounds from now on."""

    cue: SpotCue


class SpotWentOn(Struct, frozen=True):
    """The spot that sounds is at a position by now."""

    cue: SpotCue
    position_s: Seconds


class SpotOver(Struct, frozen=True):
    """A spot is over, or does not come about."""

    cue: SpotCue
    why: Ended


class FloorFree(Struct, frozen=True):
    """The music may go on."""


News = SpotBegan | SpotWentOn | SpotOver | FloorFree


class Talkover:
    """Plays spots over the music of a desk, one after the other.

    :param make_strip: makes its strip, when there is a spot for the first time.
    :param state: tells what the player is doing.
    :param tell: takes the news.
    :ivar phase: how far it has come with the spot that is next, or is heard.
    :ivar strip: its strip; ``None`` until there has been a spot.
    """

    def __init__(
        self,
        make_strip: Callable[[], Strip],
        desk: Desk,
        ticker: Ticker,
        state: Callable[[], PlayerState],
        tell: Callable[[News], object],
    ) -> None:
        self.phase = SpotPhase.IDLE
        self.strip: Strip | None = None
        self._make_strip = make_strip
        self._desk = desk
        self._ticker = ticker
        self._state = state
        self._tell = tell
        self._master = Linear(1.0)
        self._lineup = Lineup()
        self._cue: SpotCue | None = None
        self._below: SpotCue | None = None
        self._next: Deadline | None = None
        self._breaks_off = False
        self._looks_still = 0

    # -- what it is told -----------------------------------------------------------------------

    def cue(self, cue: SpotCue) -> None:
        """Play a spot at its instant."""
        waiting = self._cue if self.phase in {SpotPhase.LOADING, SpotPhase.HELD} else None
        if waiting is not None and cue.at < waiting.at:
            self._put_back(waiting)
        self._lineup.put(cue)
        self._load_next()

    def follow(self, report: DeckReport) -> None:
        """Go on after what the strip has taken from its deck."""
        match report:
            case DeckReady() if self._step(SpotStep.LOADED):
                self._await()
            case DeckAdvanced(_, position_s) if self._cue is not None and self._goes_on:
                self._tell(SpotWentOn(self._cue, position_s))
            case DeckEnded() if self.strip is not None and not self.strip.held:
                self._await_end(self.strip)

    def turn(self, volume: float) -> None:
        """Turn the volume."""
        self._master = volume_to_linear(volume)
        if self.strip is not None:
            self.strip.set_master(self._master)

    def hold(self) -> None:
        """Hold the spot that sounds; let none begin."""
        if self._breaks_off:
            return
        if self.phase is SpotPhase.COMING:
            self._cancel()
            self._step(SpotStep.KEEP_BACK)
            self._give_back()
        elif self.phase is SpotPhase.SOUNDING and self.strip is not None:
            self.strip.ramp(Linear(0.0), HOLD_FADE_S, self._hold_spot)
        elif self.phase is SpotPhase.AFTER:
            self._leave()

    def go_on(self) -> None:
        """Go on after a pause, or after a fade that was taken back."""
        if self._breaks_off:
            return
        if self.phase is SpotPhase.HELD:
            self._await()
        elif self.phase is SpotPhase.SOUNDING and self.strip is not None:
            self.strip.play()
            self.strip.ramp(Linear(1.0), HOLD_FADE_S)
            if self.strip.ended:
                self._await_end(self.strip)

    def fade(self, seconds: Seconds) -> None:
        """Fade the spot that sounds, and forget all others."""
        others = self._lineup.take_until()
        if self.phase is SpotPhase.SOUNDING and self.strip is not None:
            self.strip.ramp(Linear(0.0), seconds, partial(self._drop, Ended.STOPPED))
        elif self.phase in NOT_BEGUN:
            self._drop(Ended.STOPPED)
        self._refuse(others, Ended.STOPPED)

    def break_off(self, seconds: Seconds) -> None:
        """Fade the spot that sounds, forget all others, and bring the music up: nothing is to be said now.

        Neither a pause nor its end meanwhile keeps the spot from going.
        """
        self.fade(seconds)
        if self.phase is SpotPhase.AFTER:
            self._leave()
        self._breaks_off = self.phase is SpotPhase.SOUNDING
        self._desk.music.move(Linear(1.0), seconds)

    def lose_sound(self) -> None:
        """Break off what sounds, and keep the others until there is an output again."""
        if self._cue is not None and self.phase in NOT_BEGUN:
            self._put_back(self._cue)
            self._proceed()
        else:
            self._drop(Ended.FAILED)

    def give_up(self, reason: str) -> None:
        """Leave a spot that cannot be played, or cannot go on."""
        if self._cue is not None:
            log.warning("%s: %s", self._cue.prepared.item.caption, reason)
            self._drop(Ended.FAILED)

    def look(self) -> None:
        """Notice what does not go on, and what comes too late."""
        still = self.phase is SpotPhase.SOUNDING and self.strip is not None and self.strip.stuck
        self._looks_still = self._looks_still + 1 if still else 0
        if self._looks_still >= LOOKS_TO_BE_SURE:
            self.give_up("its position stands still")
        self._drop_late()
        self._load_next()

    def unanswered(self) -> Strip | None:
        """Give its strip if that was told to load and has not answered in time."""
        return self.strip if self.strip is not None and self.strip.unanswered else None

    def close(self) -> None:
        """End the deck."""
        self._cancel()
        if self.strip is not None:
            self.strip.close()

    # -- one spot ------------------------------------------------------------------------------

    def _load_next(self) -> None:
        if self._cue is not None or not self._desk.sink or self._state() not in LOADS:
            return
        self._cue = self._lineup.take()
        if self._cue is None:
            return
        if self.strip is None:
            self.strip = self._make_strip()
            self.strip.set_master(self._master)
        self._step(SpotStep.LOAD)
        prepared = self._cue.prepared
        fade_in = Fade(prepared.cue_in_s, prepared.fade_in_s) if prepared.fade_in_s else None
        self.strip.load(prepared, prepared.cue_in_s, fade_in, self._desk.sink)

    def _await(self) -> None:
        if self._cue is not None:
            self._wait(self._cue.leads_at, self._come)

    def _come(self) -> None:
        """Let the music go down, in time for the spot."""
        cue = self._cue
        if cue is None or self._state() not in SPEAKS:
            return
        self._step(SpotStep.COME)
        begins_at = cue.at
        if self._desk.music.gain > cue.left:
            self._desk.music.move(cue.left, cue.attack_s)
            begins_at = max(cue.at, Monotonic(self._ticker.clock() + cue.attack_s))
        if cue.silences:
            self._desk.floor.add(Speaker.SPOT)
        self._below = cue
        self._wait(begins_at, self._begin)

    def _begin(self) -> None:
        if self._cue is None or self.strip is None:
            return
        self._step(SpotStep.BEGIN)
        self.strip.play()
        prepared = self._cue.prepared
        if prepared.fade_out_s and prepared.cue_out_s is not None:
            self.strip.fade_out(Fade(Seconds(prepared.cue_out_s - prepared.fade_out_s), prepared.fade_out_s))
        self._tell(SpotBegan(self._cue))

    @property
    def _goes_on(self) -> bool:
        """Whether a spot sounds; while it fades for a pause it counts as held already."""
        return self.phase is SpotPhase.SOUNDING and self._state() is not PlayerState.PAUSED

    def _hold_spot(self) -> None:
        if self.phase is SpotPhase.SOUNDING and self.strip is not None:
            self._cancel()
            self.strip.hold()

    def _await_end(self, strip: Strip) -> None:
        left_s = strip.left_s()
        left_s = BUFFERED_S if left_s is None or left_s > BUFFERED_S else left_s
        self._wait(Monotonic(self._ticker.clock() + left_s), self._end)

    def _end(self) -> None:
        """Leave the music down for as long as it is to stay, or until the next spot is due."""
        cue, now = self._cue, self._ticker.clock()
        if cue is None or not self._step(SpotStep.END):
            return
        self._tell(SpotOver(cue, Ended.PLAYED))
        until = now + cue.hold_s
        if self._lineup.first is not None:
            until = min(until, self._lineup.first.leads_at)
        self._wait(Monotonic(max(until, now + TAIL_S)), self._leave)

    def _leave(self) -> None:
        self._empty()
        self._proceed()

    def _drop(self, why: Ended) -> None:
        """Take off what is on the deck, whatever it is doing."""
        cue, told = self._cue, self.phase is SpotPhase.AFTER
        if cue is None:
            return
        self._empty()
        if not told:
            self._tell(SpotOver(cue, why))
        self._proceed()

    def _put_back(self, cue: SpotCue) -> None:
        self._empty()
        self._lineup.put(cue)

    def _empty(self) -> None:
        self._cancel()
        self._cue = None
        self._breaks_off = False
        self._step(SpotStep.DROP)
        if self.strip is not None:
            self.strip.eject()

    # -- the music, and the next spot ----------------------------------------------------------

    def _proceed(self) -> None:
        """Go on to the next spot; the music comes up before, unless it would have to go down at once."""
        if self._below is not None and not self._follows_soon(self._below):
            self._give_back()
        self._load_next()

    def _follows_soon(self, last: SpotCue) -> bool:
        following = self._lineup.first
        if following is None or self._state() not in SPEAKS:
            return False
        spare_s = 0.0 if self._desk.hushed else last.release_s
        return following.leads_at <= self._ticker.clock() + spare_s

    def _give_back(self) -> None:
        """Let the music come back; what starts anew is at full level at once."""
        if self._below is None:
            return
        release_s, self._below = self._below.release_s, None
        if self._desk.air.phase is DeckPhase.ON_AIR and not self._desk.overdue:
            self._desk.music.move(Linear(1.0), release_s)
        else:
            self._desk.music.set(Linear(1.0))
        self._desk.floor.discard(Speaker.SPOT)
        self._tell(FloorFree())

    def _drop_late(self) -> None:
        """Refuse what is due where nothing may sound, and what has been kept back for too long."""
        state, now = self._state(), self._ticker.clock()
        if state in SPEAKS:
            return
        limit = Monotonic(now if state in SILENT else now - MAY_BE_LATE_S)
        why = Ended.FAILED if state is PlayerState.NO_SOUND else Ended.STOPPED
        waiting = self._cue if self.phase in {SpotPhase.LOADING, SpotPhase.HELD} else None
        late = self._lineup.take_until(limit)
        if waiting is not None and waiting.at <= limit:
            self._drop(why)
        self._refuse(late, why)

    def _refuse(self, cues: tuple[SpotCue, ...], why: Ended) -> None:
        for cue in cues:
            self._tell(SpotOver(cue, why))

    def _wait(self, at: Monotonic, action: Action) -> None:
        self._cancel()
        self._next = self._ticker.at(at, action)

    def _cancel(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _step(self, step: SpotStep) -> bool:
        phase = after(SPOT, self.phase, step)
        if phase is not None:
            self.phase = phase
        return phase is not None
