"""From one picture to the next: what the outputs hold, when they cut to it, and how the one before it ends.

The next picture is held behind what is shown.  An item with an instant of its own is seen then, and what is
shown gives way; all others are seen when what is shown is over.  What is over stays until the next one is
there, so that there is no black between two pictures.
"""

import logging
from collections import Counter

from circuits import handler

from easyplayer.exhibit import Exhibit
from easyplayer.pane import Wanted
from easyplayer.panes import Panes
from easyplayer.player import MediaPlayer
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import Cause, PlayerState
from easyplayer.screen_events import picture_failed, picture_finished, picture_started, picture_wanted
from easyplayer.screen_sound import ScreenSound
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

STREAM_AHEAD_S = Seconds(10.0)
"""How long before its time a stream is connected to."""
OTHERS_MAY_TAKE_S = Seconds(0.5)
"""How long the first outputs that hold a picture wait for the others."""
AHEAD_S = Seconds(0.25)
"""How long before its instant the outputs are told to cut, so that each can do so on it."""
TAIL_S = Seconds(0.1)
"""A picture that has no more than this before it has been shown to its end."""
SHOWING = {PlayerState.WAITING, PlayerState.PLAYING}
_NEVER = Monotonic(float("inf"))


class PicturePlayer(MediaPlayer):
    """A player that goes from one picture to the next, on all outputs at the same time."""

    def __init__(self, panes: Panes, ticker: Ticker) -> None:
        super().__init__(ticker)
        self._panes = panes
        self._sound = ScreenSound(ticker, panes.set_gain, self.fire)
        self._sink = ""
        self._air: Exhibit | None = None
        self._leaving: tuple[Exhibit, Ended] | None = None
        self._next: Exhibit | None = None
        self._tickets = 0
        self._wanting = False
        self._asked_at = Monotonic(float("-inf"))
        self._some_since = _NEVER
        self._cut_at: Monotonic | None = None
        self._change: Deadline | None = None
        self._crashes: dict[str, Counter[str]] = {}

    # -- what it is told -----------------------------------------------------------------------

    @handler("cue_picture")
    def _on_cue(self, prepared: PreparedItem, start_s: Seconds, at: Monotonic | None) -> None:
        self._wanting = False
        if self.state not in SHOWING | {PlayerState.PAUSED}:
            return  # it answers a wish of before; what is to be shown next is another question
        self._tickets += 1
        self._next = Exhibit(self._tickets, prepared, start_s, at)
        self._bring_on()

    @handler("uncue_picture")
    def _on_uncue(self) -> None:
        self._next, self._wanting = None, False
        self._cancel()
        self._want(urgent=self._is_over())

    @handler("drop_picture")
    def _on_drop(self, reason: str) -> None:
        """Show nothing but the layers; what is cued is held anew, and still comes."""
        self._panes.clear()
        if self._air is not None:
            self._end_air(Ended.CUT)
            self._run_out(reason)

    # -- from one picture to the next ----------------------------------------------------------

    def _bring_on(self) -> None:
        """Have the outputs hold what comes next, and change to it where its time has come."""
        now, air, coming = self._ticker.clock(), self._air, self._next
        if coming is not None and not self._is_too_soon(coming):
            following: Wanted | None = coming.wanted(now, self._sink)
        else:
            following = None
        at = None if air is None or air.seen else self._cut_at
        self._panes.settle(None if air is None else air.wanted(now, self._sink), following, at)
        self._plan_change()

    def _is_too_soon(self, coming: Exhibit) -> bool:
        """Tell whether a picture is better loaded later: a stream that is held for long goes stale."""
        due = self._due(coming)
        return coming.endless and (due is None or due - self._ticker.clock() > STREAM_AHEAD_S)

    def _due(self, coming: Exhibit) -> Monotonic | None:
        """Tell when the next picture is to be seen; ``None`` while nobody knows."""
        air = self._air
        if coming.at is not None:
            return coming.at
        if air is None or air.ended:
            return self._ticker.clock()
        return None if air.endless else air.ends_at

    def _plan_change(self) -> None:
        coming, now = self._next, self._ticker.clock()
        self._cancel()
        under_way = self._air is not None and not self._air.seen
        if coming is None or under_way or self.state not in SHOWING:
            return
        due = self._due(coming)
        if due is not None and due - AHEAD_S > now:
            self._change = self._ticker.at(Monotonic(due - AHEAD_S), self._plan_change)
        elif due is not None and self._is_held(coming):
            self._change_over(coming, due)

    def _is_held(self, coming: Exhibit) -> bool:
        """Tell whether all outputs hold it, or some have waited for the others for long enough."""
        some, every_one = self._panes.hold_ready(coming.ticket)
        now = self._ticker.clock()
        if not some:
            self._some_since = _NEVER
            return False
        self._some_since = min(self._some_since, now)
        return every_one or now - self._some_since >= OTHERS_MAY_TAKE_S

    def _change_over(self, coming: Exhibit, due: Monotonic) -> None:
        """Have all outputs cut to what they hold, at its instant or, where that has passed, now."""
        self._some_since = _NEVER
        air, self._air, self._next = self._air, coming, None
        if air is not None:
            ends_at = air.ends_at
            is_over = air.ended or (ends_at is not None and ends_at <= due + TAIL_S)
            self._leaving = air, Ended.PLAYED if is_over else Ended.CUT
        self._cut_at = due if due > self._ticker.clock() else None
        self._move(Cause.ON_AIR, coming.caption)
        self._bring_on()

    def _on_shown(self, ticket: int, at: Monotonic) -> None:
        air = self._air
        if air is None or air.ticket != ticket or air.seen:
            return
        air.be_seen(at, held=self.state is PlayerState.PAUSED)
        self._finish_leaving()
        self._mind_floor()
        log.info("shows %s", air.caption)
        self.fire(picture_started(air.prepared, air.position_s(self._ticker.clock())))
        self._want()

    def _finish_leaving(self) -> None:
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            exhibit, why = leaving
            self._crashes.pop(exhibit.prepared.item.id, None)
            self.fire(picture_finished(exhibit.prepared, why))

    def _on_ended(self, ticket: int) -> None:
        air = self._air
        if air is None or air.ticket != ticket:
            return
        if air.endless:
            self._give_up(ticket, "the stream ended")
            return
        air.ended = True
        if self._next is None:
            self._want(urgent=True)

    def _exhibit(self, ticket: int) -> Exhibit | None:
        return next(
            (one for one in (self._air, self._next) if one is not None and one.ticket == ticket), None
        )

    def _give_up(self, ticket: int, reason: str) -> None:
        """Leave a picture that cannot be shown, or cannot go on."""
        exhibit = self._exhibit(ticket)
        if exhibit is None:
            return
        log.warning("%s: %s", exhibit.caption, reason)
        self.fire(picture_failed(exhibit.prepared, reason))
        if exhibit is self._next:
            self._next = None
            self._want(urgent=self._is_over())
        else:
            self._end_air(Ended.FAILED)
            self._run_out(reason)

    def _end_air(self, why: Ended) -> None:
        """Tell that what is shown is shown no more."""
        self._finish_leaving()
        air, self._air = self._air, None
        if air is not None and air.seen:
            self.fire(picture_finished(air.prepared, why))
        self._mind_floor()

    def _clear_away(self, why: Ended) -> None:
        """Show nothing, and forget what was to come."""
        self._next, self._wanting = None, False
        self._cancel()
        self._end_air(why)

    def _run_out(self, reason: str) -> None:
        if self.state is PlayerState.FADING:
            return  # the veil comes down over nothing
        self._move(Cause.RAN_OUT, reason)
        self._seek_next()

    def _seek_next(self) -> None:
        if self._next is None:
            self._want(urgent=True)
        self._bring_on()

    def _is_over(self) -> bool:
        """Tell whether nothing is shown, or only what is over."""
        return self._air is None or self._air.ended

    def _want(self, *, urgent: bool = False) -> None:
        if self._next is None and self.state in SHOWING and (urgent or not self._wanting):
            self._wanting = True
            self._asked_at = self._ticker.clock()
            self.fire(picture_wanted(urgent=urgent))

    def _cancel(self) -> None:
        if self._change is not None:
            self._change.cancel()

    # -- the floor -----------------------------------------------------------------------------

    def _mind_floor(self) -> None:
        """Have the music make room for a clip as long as that is really heard, and no longer."""
        now, cut_at = self._ticker.clock(), self._cut_at
        before_the_cut = cut_at is not None and now < cut_at
        leaving = self._leaving[0] if self._leaving is not None and before_the_cut else None
        heard = next((one for one in (leaving, self._air) if one and self._is_heard(one, now)), None)
        coming = self._next if self._air is None or self._air.is_over(now) else self._air
        awaited = coming is not None and self._sound.replaces(coming)
        self._sound.follow(heard, awaited=awaited, held=self.state is PlayerState.PAUSED)

    def _is_heard(self, exhibit: Exhibit, now: Monotonic) -> bool:
        """Tell whether a picture is heard in place of the music."""
        under_way = self._sound.replaces(exhibit) and exhibit.seen and not exhibit.is_over(now)
        return under_way and self._panes.is_heard(exhibit.wanted(now, self._sink))
