"""The video player: one picture after the other, on all outputs at the same time.

How it goes: the Director answers :class:`~easyplayer.screen_events.picture_wanted` with a picture, which all
outputs hold behind what they show; they cut to it when that is over, or at the picture's own instant.  What
is over stays until the next one is there: there is no black between two pictures.

An output that fails is started anew by its driver, and joins the others; while none is up, nothing is
shown, and nothing is asked for.  The music waits for none of this.
"""

import logging
from collections import Counter
from pathlib import Path

from circuits import handler
from msgspec import structs

from easyplayer.clip_loudness import Heard
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputUp,
    PictureAdvanced,
    PictureEnded,
    PictureFailed,
    PictureFault,
    PictureShown,
    PictureStuck,
    ScreenMaker,
    ScreenReport,
)
from easyplayer.pane import Pane
from easyplayer.panes import Panes
from easyplayer.picture_player import PicturePlayer
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem, masked
from easyplayer.playout.machine import Cause, PlayerState
from easyplayer.screen_events import picture_advanced, screen_reported, screen_told, screenshot_taken
from easyplayer.screen_view import ScreenView
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Percent, Seconds
from easyplayer.veil import Layers, Veil

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.25)
ASKED_AGAIN_AFTER_S = Seconds(2.0)
MOST_CRASHES = 2
"""A picture with which so many players of one output have ended is left out."""


class VideoPlayer(PicturePlayer):
    """Drives all outputs of the screen.

    :param volume: how loud clips are at first, 0 to 100.
    """

    def __init__(self, make_screen: ScreenMaker, volume: Percent, ticker: Ticker) -> None:
        def report(output: str, news: ScreenReport) -> None:
            self.fire(screen_reported(output, news))

        super().__init__(Panes(make_screen, report, ticker.clock), ticker)
        self._veil = Veil(ticker, self._panes.draw)
        self._volume = volume
        self._outputs: tuple[Output, ...] = ()
        self._on = True
        self._reason = "no outputs have been looked for yet"
        self._watch: Repeating | None = None
        self._restarts = self._stuck = 0
        self._told: ScreenView | None = None

    def open(self) -> None:
        """Be as loud as it starts, and watch the outputs."""
        self._sound.turn(self._volume)
        self._watch = self._ticker.every(LOOK_EVERY_S, self._look)
        self._tell()

    def close(self) -> None:
        """End all outputs."""
        if self._watch is not None:
            self._watch.cancel()
        self._panes.close()

    # -- outputs -------------------------------------------------------------------------------

    @handler("outputs_found")
    def _on_outputs(self, outputs: tuple[Output, ...], reason: str) -> None:
        self._outputs, self._reason = outputs, reason
        self._use_outputs()

    @handler("turn_screen")
    def _on_turn(self, on: bool, reason: str) -> None:
        self._on, self._reason = on, reason
        self._use_outputs()

    def _use_outputs(self) -> None:
        self._panes.use(self._outputs if self._on else ())
        self._mind_loss(self._reason or "there is no output")
        self._tell()

    @handler("screen_reported")
    def _on_reported(self, output: str, told: ScreenReport) -> None:
        pane, report = self._panes.pane(output), _without_passwords(told)
        if pane is None:
            return
        if isinstance(report, OutputDown) and pane.up:
            self._mind_crash(pane, report.detail)
        self._panes.take(output, report)
        match report:
            case OutputUp():
                self._return()
            case OutputDown(detail):
                self._mind_loss(detail)
            case PictureStuck(_, detail):
                self._stuck += 1
                log.warning("screen %s: %s", output, detail)
            case _:
                self._mind_picture(pane, report)
        self._bring_on()
        self._mind_floor()
        self._tell()

    def _mind_picture(self, pane: Pane, report: ScreenReport) -> None:
        match report:
            case PictureShown(ticket, at):
                self._on_shown(ticket, at)
            case PictureAdvanced(ticket, position_s, at) if self._panes.first_with(ticket) is pane:
                if self._air is not None and self._air.ticket == ticket:
                    self._air.advance(Seconds(position_s + pane.passed_s), at)
            case PictureEnded(ticket):
                self._on_ended(ticket)
            case PictureFailed(ticket, PictureFault.MEDIUM, detail):
                self._give_up(ticket, detail)

    def _return(self) -> None:
        if self.state is PlayerState.NO_SOUND and self._move(Cause.SOUND_BACK, "an output is up"):
            self._seek_next()

    def _mind_loss(self, reason: str) -> None:
        """Where no output is up any more, forget what was shown: another picture will be due."""
        if self._panes.up or self.state is PlayerState.STOPPED:
            return
        self._clear_away(Ended.FAILED if self._on else Ended.STOPPED)
        if self.state is PlayerState.FADING:
            self._be_stopped()
        else:
            self._move(Cause.SOUND_LOST, reason)

    def _mind_crash(self, pane: Pane, detail: str) -> None:
        """Leave out a picture with which the same output's player has ended again and again.

        Where the players of two outputs end together, that was one mishap, such as a driver that was reset.
        """
        self._restarts += 1
        ticket = pane.held if pane.held and (pane.told or not pane.ready) else pane.shown
        exhibit = self._exhibit(ticket)
        log.warning("screen %s is down: %s", pane.output.name, detail)
        if exhibit is None:
            return
        item_id = exhibit.prepared.item.id
        crashes = self._crashes.setdefault(item_id, Counter())
        crashes[pane.output.name] += 1
        if crashes[pane.output.name] >= MOST_CRASHES:
            del self._crashes[item_id]
            self._give_up(ticket, f"the screen's player has ended with it: {detail}")

    # -- what it is told -----------------------------------------------------------------------

    @handler("draw_overlay")
    def _on_draw(self, layers: Layers) -> None:
        self._veil.take(layers)

    @handler("turn_volume")
    def _on_turn_volume(self, volume: float) -> None:
        self._sound.turn(volume)

    @handler("sound_found")
    def _on_sound_found(self, sink: str, _private: bool) -> None:
        self._sink = sink

    @handler("sound_lost")
    def _on_sound_lost(self, _reason: str) -> None:
        self._sink = ""
        self._panes.lose_sound()
        self._mind_floor()

    @handler("clip_measured")
    def _on_measured(self, item: str, heard: Heard) -> None:
        self._sound.learn(item, silent=heard.silent)

    @handler("spot_started")
    def _on_spot_started(self, _prepared: PreparedItem) -> None:
        self._sound.duck(down=True)

    @handler("spot_finished")
    def _on_spot_finished(self, _prepared: PreparedItem, _why: Ended) -> None:
        self._sound.duck(down=False)

    @handler("take_screenshot")
    def _on_screenshot(self, path: Path) -> None:
        self._panes.screenshot(path, lambda trouble: self.fire(screenshot_taken(path, trouble)))

    # -- four times a second -------------------------------------------------------------------

    def _look(self) -> None:
        """Tell how far the picture is, and notice what does not come."""
        air, now = self._air, self._ticker.clock()
        if air is not None and air.seen and self.state is PlayerState.PLAYING:
            if not air.is_over(now) and self._panes.goes_on(air.ticket):
                self.fire(picture_advanced(air.prepared, air.position_s(now)))
            air.ended = air.ended or (air.is_over(now) and self._next is None)
        for pane in self._panes.up:
            if pane.unanswered:
                self._mind_silence(pane)
        if self._is_over() and now - self._asked_at >= ASKED_AGAIN_AFTER_S:
            self._want(urgent=True)
        self._bring_on()
        self._mind_floor()
        self._tell()

    def _mind_silence(self, pane: Pane) -> None:
        """Take a new screen for one that does not answer."""
        trouble = "it did not answer in time"
        self._mind_crash(pane, trouble)
        self._panes.replace(pane.output.name)
        self._mind_loss(trouble)

    # -- start, stop, hold ---------------------------------------------------------------------

    def _tell_state(self, before: PlayerState, reason: str) -> None:
        log.debug("screen: %s → %s (%s)", before, self.state, reason)

    def _begin(self, was: PlayerState) -> None:
        self._veil.lift()
        self._sound.come_back()
        if was in {PlayerState.FADING, PlayerState.PAUSED}:
            self._go_on()
        elif not self._panes.up:
            self._move(Cause.SOUND_LOST, self._reason)
        else:
            self._seek_next()
        self._tell()

    def _fade_away(self, seconds: Seconds) -> None:
        self._cancel()
        if self.state is PlayerState.STOPPED:
            self._be_stopped()
        else:
            self._sound.fade(seconds)
            self._veil.come_down(seconds, self._be_stopped)

    def _be_stopped(self) -> None:
        self._clear_away(Ended.STOPPED)
        self._panes.resume()
        self._panes.clear()
        self._veil.stay_dark()
        self._move(Cause.FADED, "it is dark")
        self._tell()

    def _hold(self) -> None:
        self._cancel()
        self._panes.pause()
        if self._air is not None:
            self._air.hold(self._ticker.clock())

    def _go_on(self) -> None:
        self._panes.resume()
        if self._air is None:
            self._move(Cause.RAN_OUT, "nothing was shown")
            if self._panes.up:
                self._seek_next()
            else:
                self._move(Cause.SOUND_LOST, self._reason or "no output is up")
            return
        self._air.go_on(self._ticker.clock())
        self._want()
        self._bring_on()

    # -- how it is -----------------------------------------------------------------------------

    def _tell(self) -> None:
        air = self._air if self._air is not None and self._air.seen else None
        view = ScreenView(
            outputs=self._panes.views,
            on=self._on,
            reason=self._reason,
            item=air.caption if air is not None else "",
            item_id=air.prepared.item.id if air is not None else "",
            restarts=self._restarts,
            stuck=self._stuck,
        )
        if view != self._told:
            self._told = view
            self.fire(screen_told(view))


def _without_passwords(report: ScreenReport) -> ScreenReport:
    """Give a report that anybody may read: players repeat the address of a stream in their complaints."""
    if isinstance(report, OutputDown | PictureFailed | PictureStuck):
        return structs.replace(report, detail=masked(report.detail))
    return report
