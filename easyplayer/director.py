"""What the screen shows: by the same program as the music, and by the same time law.

The seam to VideoPlayer is three events: :class:`~easyplayer.screen_events.picture_wanted` asks,
:class:`~easyplayer.screen_events.cue_picture` answers, and ``picture_failed`` tells what could not be shown.

What follows a picture is decided for the instant at which that will be over, and anew whenever that instant
moves.  Shows and spots take the screen as they take the sound; an emergency leaves a card on it.
"""

import logging
from collections.abc import Callable

from circuits import handler
from msgspec import structs

from easyplayer.clip_loudness import ClipLoudness, Heard
from easyplayer.component import BoxComponent
from easyplayer.gallery import Gallery
from easyplayer.interlude import BrokenOff, Interlude
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, PreparedItem
from easyplayer.playout.pictures import (
    on_screen,
    prepare_picture,
    shown_with,
)
from easyplayer.repertoire import OnAir
from easyplayer.rundown import Coming, Rundown
from easyplayer.screen_events import cue_picture, drop_picture, uncue_picture
from easyplayer.ticker import Ticker
from easyplayer.units import Instant, Monotonic, Seconds
from easyplayer.vacancy import EMERGENCY, Vacancy

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(0.5)
NO_PICTURE = "nothing is due"


class Director(BoxComponent):
    """Keeps the screen in pictures.

    :param loudness: knows how loud clips are.
    :param wall: tells the wall clock's time.
    """

    def __init__(self, loudness: ClipLoudness, ticker: Ticker, wall: Callable[[], Instant]) -> None:
        super().__init__()
        self._loudness = loudness
        self._ticker = ticker
        self._wall = wall
        self._gallery = Gallery(ticker.clock)
        self._rundown = Rundown(self._gallery, ticker.clock, wall)
        self._program: Program | None = None
        self._interlude: Interlude | None = None
        self._broken_off = BrokenOff(ticker.clock)
        self._emergency = False
        self._at_once = False
        self._wanted: bool | None = None
        self._cued = self._dropped = False
        self._vacancy = Vacancy(ticker.clock, self.fire)

    def open(self) -> None:
        """Begin to look at the clock."""
        self._ticker.every(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """Measure nothing any more."""
        self._loudness.close()

    # -- the program ---------------------------------------------------------------------------

    @handler("take_program")
    def _on_take_program(self, _program: Program, at_once: bool) -> None:
        self._at_once = at_once

    @handler("program_taken")
    def _on_program(self, program: Program) -> None:
        """Show by a program from now on; what it does not have any more gives way at once."""
        self._program = program
        at_once, self._at_once = self._at_once, False
        part = on_screen(program)
        if part is None:
            self._gallery.close()
        else:
            self._gallery.take_program(part)
            self._loudness.measure(part.items)
        on_air, coming = self._rundown.on_air, self._rundown.coming
        if on_air is not None and (at_once or not self._gallery.has(on_air.decision.item)):
            self._replace()
        elif coming is not None and not self._gallery.has(coming.decision.item):
            self._settle_anew()
        else:
            self._reconsider()
        self._answer()

    @handler("clip_measured")
    def _on_measured(self, item: str, heard: Heard) -> None:
        self._loudness.learn(item, heard)

    @handler("play_emergency")
    def _on_emergency(self, _item: Item) -> None:
        self._emergency = True
        self._interlude = None
        self._broken_off.forget()
        self._clear_for_emergency()
        self._vacancy.show(EMERGENCY)

    def _clear_for_emergency(self) -> None:
        """Show no picture, and none either that is on its way and cannot be seen yet."""
        self._dropped = False
        self._drop("an emergency sounds")

    @handler("end_emergency")
    def _on_emergency_over(self) -> None:
        self._emergency = False
        self._vacancy.show("")
        self._answer()

    # -- the clock -----------------------------------------------------------------------------

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._gallery.blind = trust is ClockTrust.UNKNOWN
        self._reconsider()

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        """Show what is due by the new time; an instant that was cued is another one by now."""
        on_air, coming = self._rundown.on_air, self._rundown.coming
        if self._interlude is not None:
            return
        if on_air is not None and not self._rundown.is_due(on_air.decision):
            self._replace()
        elif coming is not None and coming.gives_way_at is not None:
            self._settle_anew()
        else:
            self._reconsider()

    def _monotonic(self, instant: Instant) -> Monotonic:
        return Monotonic(self._ticker.clock() + instant - self._wall())

    # -- what comes next -----------------------------------------------------------------------

    @handler("picture_wanted")
    def _on_wanted(self, urgent: bool) -> None:
        self._wanted = urgent or bool(self._wanted)
        if self._wanted:
            self._vacancy.begin()
        self._cued = False
        self._rundown.coming = None
        self._answer()

    def _answer(self) -> None:
        """Answer the wish as soon as there is something to answer it with."""
        if self._wanted is None or self._emergency or self._gallery.engine is None:
            return
        interlude = self._interlude
        if interlude is not None and not self._can_wait(interlude):
            self._cue_interlude(interlude)
            return
        goes_on = self._broken_off.take(self._is_right) if self._wanted else None
        found, coming = (True, goes_on) if goes_on else self._rundown.settle(urgent=self._wanted)
        if coming is not None:
            self._cue(coming)
        elif not found and self._wanted:
            self._drop(NO_PICTURE)

    def _is_right(self, decision: Decision) -> bool:
        """Tell whether something that was broken off may go on."""
        return self._gallery.has(decision.item) and self._rundown.is_due(decision)

    def _reconsider(self) -> None:
        """Settle anew what comes next, and have that held in place of what is."""
        if self._interlude is not None or self._emergency:
            return
        coming = self._rundown.resettle()
        if coming is not None:
            self._cue(coming)

    def _settle_anew(self) -> None:
        """Take back what was cued; VideoPlayer asks for something else."""
        self._rundown.coming = None
        if self._cued:
            self._cued = False
            self.fire(uncue_picture())

    def _replace(self) -> None:
        """Show what is due now in place of what is shown."""
        now = None if self._emergency else self._rundown.now()
        if now is None:
            self._drop(NO_PICTURE)
        else:
            self._cue(now)

    def _cue(self, coming: Coming, *, now: bool = False) -> None:
        """Hand a picture to VideoPlayer.

        :param now: whether it comes at once, whatever is shown.
        """
        self._wanted, self._cued, self._dropped = None, True, False
        self._vacancy.end()
        self._rundown.coming = structs.replace(coming, cued=True)
        decision = coming.decision
        heard = self._loudness.of(decision.item)
        prepared = prepare_picture(decision.item, heard.length_s, decision.origin)
        prepared = structs.replace(prepared, gain_db=heard.gain_db)
        at = None if coming.gives_way_at is None else self._monotonic(coming.gives_way_at)
        start_s = prepared.cue_in_s if coming.start_s is None else coming.start_s
        self.fire(cue_picture(prepared, start_s, self._ticker.clock() if now else at))

    def _drop(self, reason: str) -> None:
        """Show no picture any more."""
        self._settle_anew()
        on_air = self._rundown.on_air
        if on_air is not None:
            self._rundown.finish(on_air.prepared)
        if not self._dropped:
            self._dropped = True
            self.fire(drop_picture(reason))

    # -- what is shown -------------------------------------------------------------------------

    @handler("picture_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._gallery.hear()
        if self._emergency:
            self._clear_for_emergency()
            return
        self._cued = self._dropped = False
        self._vacancy.show("")
        interlude = self._interlude
        if interlude is not None and interlude.start(prepared, prepared.origin):
            return
        self._rundown.start(prepared, position_s)

    @handler("picture_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._rundown.advance(prepared, position_s)

    @handler("picture_finished")
    def _on_finished(self, prepared: PreparedItem, why: Ended) -> None:
        on_air = self._rundown.on_air
        if on_air is not None and on_air.prepared.item.id == prepared.item.id:
            spot = why is Ended.CUT and self._interlude is not None
            output = why is Ended.FAILED and not self._gallery.unavailable(on_air.decision.item)
            if spot or output:
                self._broken_off.remember(on_air)
        self._rundown.finish(prepared)

    @handler("picture_failed")
    def _on_failed(self, prepared: PreparedItem, _reason: str) -> None:
        """Leave it alone for a while; VideoPlayer asks for another one."""
        self._gallery.give_up(prepared.item, played=True)
        coming = self._rundown.coming
        if coming is not None and coming.decision.item.id == prepared.item.id:
            self._rundown.coming = None

    # -- spots ---------------------------------------------------------------------------------

    @handler("cue_spot")
    def _on_cue_spot(self, prepared: PreparedItem, at: Monotonic, _over: Over, _ducking: Ducking) -> None:
        if self._interlude is None:
            self._begin_interlude(prepared, at)

    @handler("spot_started")
    def _on_spot_started(self, prepared: PreparedItem) -> None:
        if self._interlude is None or self._interlude.spot != prepared.item.id:
            self._begin_interlude(prepared, self._ticker.clock())

    @handler("item_started")
    def _on_item_started(self, prepared: PreparedItem, _position_s: Seconds) -> None:
        if prepared.origin is not None and prepared.origin.layer is Layer.SOFT_SPOT:
            self._begin_interlude(prepared, self._ticker.clock())

    @handler("spot_finished", "item_finished")
    def _on_spot_finished(self, prepared: PreparedItem, _why: Ended) -> None:
        if self._interlude is not None and self._interlude.spot == prepared.item.id:
            self._end_interlude()

    def _begin_interlude(self, spot: PreparedItem, at: Monotonic) -> None:
        """Have a spot's pictures shown from an instant on, where it has any."""
        source = spot.origin.source if spot.origin is not None else ""
        pictures = shown_with(self._program, source) if self._program is not None and source else ()
        if not pictures or self._emergency:
            return
        self._interlude = Interlude(spot, pictures, at)
        self._cue_interlude(self._interlude)

    def _can_wait(self, interlude: Interlude) -> bool:
        """Tell whether there is something else for a screen that is dark until a spot begins."""
        ahead = interlude.at is not None and interlude.at > self._ticker.clock()
        return ahead and bool(self._wanted) and self._gallery.next(self._wall()) is not None

    def _cue_interlude(self, interlude: Interlude) -> None:
        prepared = interlude.next(self._gallery.unavailable)
        if prepared is None:
            self._end_interlude()
            return
        self._wanted, self._cued, self._dropped = None, True, False
        self._vacancy.end()
        self._rundown.coming = None
        self.fire(cue_picture(prepared, prepared.cue_in_s, interlude.at))

    def _end_interlude(self) -> None:
        """Go back to the program, at once where a picture of the spot is seen."""
        interlude, self._interlude = self._interlude, None
        if interlude is None or not interlude.seen:
            self._settle_anew()
            return
        now = self._broken_off.take(self._is_right) or self._rundown.now()
        if now is None:
            self._drop(NO_PICTURE)
        else:
            self._cue(now, now=True)

    # -- twice a second ------------------------------------------------------------------------

    def _look(self) -> None:
        """Look at the clock: whether what comes next is still right, and whether there is anything."""
        if not self._emergency:
            self._vacancy.mind(self._program, lambda: self._gallery.nothing_due(self._wall()))
        if self._emergency or self._interlude is not None:
            return
        if self._wanted is not None and self._rundown.coming is None:
            self._answer()
        elif self._rundown.has_moved():
            self._reconsider()
        if not self._wanted:
            self._mind_what_is_due()

    def _mind_what_is_due(self) -> None:
        """Bring a stream back that failed; take off what would stand there for ever with nothing due."""
        back = self._rundown.stream_back()
        on_air = self._rundown.on_air
        if back is not None:
            self._cue(back)
        elif on_air is not None and _stands(on_air) and self._gallery.next(self._wall()) is None:
            self._drop(NO_PICTURE)


def _stands(on_air: OnAir) -> bool:
    """Tell whether something stays until something else comes."""
    return on_air.decision.item.still or on_air.decision.item.endless
