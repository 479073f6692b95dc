"""How the music makes room: for spots that pause or cut it, and for clips that sound in its place.

Who has the floor is noted at the desk, and while anybody has it no music starts.  What sounded is held and
goes on where it was; what came on its instant meanwhile follows in its place.
"""

import logging

from circuits import handler

from easyplayer.changeover import QUICK_FADE_S, ChangingPlayer
from easyplayer.desk import Speaker
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Over
from easyplayer.playout.items import ClipSound, PreparedItem
from easyplayer.playout.machine import SOUNDING, DeckPhase, PlayerState
from easyplayer.screen_events import give_floor
from easyplayer.units import Linear, Monotonic, Seconds

log = logging.getLogger(__name__)

CLIP_MAY_STAND_S = Seconds(20.0)
"""A clip that has the floor, and was not heard of for so long, has lost it."""


class YieldingPlayer(ChangingPlayer):
    """A player whose music makes room, and comes back."""

    _clip_heard_at = Monotonic(0.0)

    # -- a spot --------------------------------------------------------------------------------

    def _make_room(self, over: Over) -> None:
        """Hold the music for a spot, or end it; it is not heard any more."""
        if over is Over.DUCK or self.state not in SOUNDING:
            return
        self._let_leaving_go()
        if over is Over.PAUSE and self._desk.air.phase is DeckPhase.ON_AIR:
            self._desk.air.hold()
        elif over is Over.CUT:
            self._skipping = False
            self._run_out(Ended.CUT)

    def _let_leaving_go(self) -> None:
        self._desk.cancel_change()
        if self._desk.leaving:
            self._finish(self._desk.free, self._leaves)

    def _take_up(self, fade_s: Seconds = QUICK_FADE_S) -> None:
        """Go on with the music once nobody has the floor: with what was held, or with what comes next."""
        if self._desk.hushed:
            return
        if self.state is PlayerState.WAITING:
            self._seek_next()
        elif self.state in SOUNDING and self._desk.air.held and self._desk.overdue:
            self._run_out(Ended.CUT)
        elif self.state in SOUNDING and self._desk.air.held:
            self._play_on(fade_s)
        else:
            self._plan_change()

    # -- a clip --------------------------------------------------------------------------------

    @handler("take_floor")
    def _on_take_floor(self, seconds: Seconds) -> None:
        """Let the music fade out, and hold it."""
        self._clip_heard_at = self._ticker.clock()
        if Speaker.CLIP in self._desk.floor:
            return
        log.info("a clip sounds in place of the music")
        self._desk.floor.add(Speaker.CLIP)
        self._desk.cancel_change()
        if self.state not in SOUNDING:
            return
        self._skipping = False
        if self._desk.leaving:
            leaving = self._desk.free
            leaving.ramp(Linear(0.0), seconds, lambda: self._finish(leaving, self._leaves))
        self._desk.air.ramp(Linear(0.0), seconds, self._hold_for_clip)

    def _hold_for_clip(self) -> None:
        if Speaker.CLIP in self._desk.floor and self._desk.air.phase is DeckPhase.ON_AIR:
            self._desk.air.hold()

    @handler("give_floor")
    def _on_give_floor(self, seconds: Seconds) -> None:
        """Let the music go on where it was held."""
        if Speaker.CLIP not in self._desk.floor:
            return
        log.info("the music comes back after a clip")
        self._desk.floor.discard(Speaker.CLIP)
        air = self._desk.air
        if self.state in SOUNDING and air.phase is DeckPhase.ON_AIR and not air.held:
            air.ramp(Linear(1.0), seconds)  # it had not gone yet
        self._take_up(seconds)

    @handler("picture_advanced")
    def _on_picture(self, prepared: PreparedItem, _position_s: Seconds) -> None:
        if prepared.item.clip_sound is ClipSound.REPLACE:
            self._clip_heard_at = self._ticker.clock()

    def _look(self) -> None:
        """Take the floor back from a clip that nobody hears of any more: silence is the worst of all."""
        super()._look()
        still_s = self._ticker.clock() - self._clip_heard_at
        if self.state is PlayerState.PAUSED:
            self._clip_heard_at = self._ticker.clock()
        elif Speaker.CLIP in self._desk.floor and still_s > CLIP_MAY_STAND_S:
            log.warning("the clip is not heard of any more")
            self._clip_heard_at = self._ticker.clock()
            self.fire(give_floor(QUICK_FADE_S))

    def _play_on(self, fade_s: Seconds = QUICK_FADE_S) -> None:
        """Let the item on air go on from where it was held."""
        air = self._desk.air
        if air.ended:
            self._run_out(Ended.PLAYED)
        elif air.phase is DeckPhase.LOADING:
            air.set_fader(Linear(1.0))
        else:
            air.play()
            air.ramp(Linear(1.0), fade_s)
            self._plan_change()
