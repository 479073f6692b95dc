"""What plays next: asks the playout engine, and hands the player prepared items ahead of their time.

The seam to the player is three events: :class:`~easyplayer.player_events.item_wanted` asks,
:class:`~easyplayer.player_events.cue_item` answers, and ``item_failed`` tells what could not be played.

What follows is decided as soon as an item sounds, for the instant at which that will be over, and is
decided anew whenever that instant moves: a person pauses or skips, somebody sets the clock, another
program comes.  None of that interrupts what plays; only what is due on the second does.
"""

import logging
from collections.abc import Callable

from circuits import handler
from msgspec import structs

from easyplayer.announcer import EMERGENCY, Announcer
from easyplayer.backstage import Backstage, Gather, Music
from easyplayer.component import BoxComponent
from easyplayer.errors import MediaError
from easyplayer.events import (
    fallback_found,
    fallback_needed,
    item_left_out,
    item_prepared,
    music_gathered,
    play_emergency,
    program_taken,
    shut_down,
)
from easyplayer.herald import Herald
from easyplayer.player_events import cue_item, rest_music, wake_music
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem, masked
from easyplayer.playout.machine import SILENT, PlayerState
from easyplayer.preparing import Order, Orders
from easyplayer.rundown import Coming, Rundown
from easyplayer.sources import Gathered
from easyplayer.ticker import Ticker
from easyplayer.tracker import Bookmark
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

ONLY_SEEN = "the program is only to be seen"
LOOK_EVERY_S = Seconds(0.5)
NOTHING_PLAYS_S = Seconds(1.0)
MUSIC_MAY_TAKE_S = Seconds(15.0)
"""How long a program, or a first search, is waited for in silence; its disk or share may hang for ever."""


class Scheduler(BoxComponent):
    """Keeps the player in music.

    :param wall: tells the wall clock's time.
    """

    def __init__(
        self, music: Music, backstage: Backstage, ticker: Ticker, wall: Callable[[], Instant]
    ) -> None:
        super().__init__()
        self._music = music
        self._repertoire = backstage.repertoire
        self._preparer = backstage.preparer
        self._orders = Orders(backstage.preparer, ticker, self.fire)
        self._tracker = backstage.tracker
        self._workers = backstage.workers
        self._ticker = ticker
        self._wall = wall
        self._announcer = Announcer(backstage.repertoire, ticker, wall, self.fire, self._prepare_spot)
        self._herald = Herald(ticker, self.fire, self._prepare_spot)
        self._rundown = Rundown(backstage.repertoire, ticker.clock, wall)
        self._resume: Bookmark | None = None
        self._awaited = len(music.gather) + len(music.watched) + music.from_hub
        self._has_program = False
        self._wanted: bool | None = None
        self._learned: PreparedItem | None = None
        self._silent = self._mute = "the box may not play"
        self._ever_started = False
        self._reserve_asked = False

    def open(self) -> None:
        """Read what was remembered, and begin to search for music."""
        self._resume, remembered = self._tracker.load()
        self._repertoire.remember(remembered)
        if remembered.emergency is not None:
            self.fire(play_emergency(remembered.emergency))
        for gather in self._music.gather:
            self._search(gather)
        self._ticker.every(LOOK_EVERY_S, self._look)
        if self._music.repeat:
            self._ticker.after(MUSIC_MAY_TAKE_S, self._wait_no_more)

    def _search(self, gather: Gather) -> None:
        self._workers.analysis.do(lambda: music_gathered(gather()))

    def _wait_no_more(self) -> None:
        """Go on with what there is, be it the firmware's own; what comes later is taken when it comes."""
        self._awaited = 0
        self._answer()

    def close(self) -> None:
        """Let the threads end."""
        self._preparer.close()
        self._workers.close()

    # -- the program ---------------------------------------------------------------------------

    @handler("music_gathered")
    def _on_gathered(self, gathered: Gathered) -> None:
        for problem in gathered.problems:
            self.fire(item_left_out(problem.place, problem.reason))
        if self._has_program:
            return
        log.info("%d items to play", len(gathered.items))
        self._take_program(self._music.compose(gathered.items))

    @handler("take_program")
    def _on_take_program(self, program: Program, at_once: bool) -> None:
        if self._music.adapt is not None:
            program = self._music.adapt(program)
        log.info("plays by program %s, version %d", program.name, program.version)
        self._has_program = True
        self._take_program(program, at_once=at_once)
        if at_once and self._rundown.on_air is not None:
            self._ask(self._rundown.now())

    @handler("program_refused")
    def _on_refused(self, _reason: str) -> None:
        self._awaited = max(self._awaited - 1, 0)
        self._answer()

    def _take_program(self, program: Program, *, at_once: bool = False) -> None:
        self._awaited = max(self._awaited - 1, 0)
        self._repertoire.take_program(program)
        on_air = self._rundown.on_air
        if on_air is not None and not on_air.taken:
            self._repertoire.take(on_air, self._wall())
        self._tracker.note_state(self._repertoire.state)
        self.fire(program_taken(program))
        endless = on_air is not None and on_air.prepared.item.endless
        self._rest_or_wake(at_once=at_once or endless)
        self._reconsider()
        self._answer()

    def _rest_or_wake(self, *, at_once: bool = False) -> None:
        """Have the player be silent where a program is only seen, and ready to play by any other."""
        if self._repertoire.mute:
            self._rundown.coming = None
            self.fire(rest_music(ONLY_SEEN, at_once))
        else:
            self.fire(wake_music())

    @handler("play_emergency")
    def _on_emergency(self, item: Item) -> None:
        self._declare(item)

    @handler("end_emergency")
    def _on_emergency_over(self) -> None:
        self._declare(None)

    def _declare(self, item: Item | None) -> None:
        self._repertoire.declare(item)
        self._tracker.note_state(self._repertoire.state)
        if item is not None:
            self._announcer.hush()
            self._herald.hush()
        self._rest_or_wake(at_once=True)
        self._ask(self._rundown.now())

    # -- the clock -----------------------------------------------------------------------------

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._repertoire.blind = trust is ClockTrust.UNKNOWN
        self._reconsider()

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        """Settle anew what comes; what the player holds for an instant has another one by now."""
        coming = self._rundown.coming
        timed = coming is not None and coming.gives_way_at is not None and not coming.at_once
        self._ask(self._rundown.resettle() or (coming if timed else None))

    def _monotonic(self, instant: Instant) -> Monotonic:
        return Monotonic(self._ticker.clock() + instant - self._wall())

    # -- what comes next -----------------------------------------------------------------------

    @handler("item_wanted")
    def _on_wanted(self, urgent: bool) -> None:
        self._wanted = urgent or bool(self._wanted)
        self._answer()

    def _answer(self) -> None:
        """Answer the player's wish as soon as there is something to answer it with."""
        coming = self._rundown.coming
        if self._wanted is None:
            return
        if coming is not None and not coming.cued:
            hurries, self._wanted = self._wanted and not coming.urgent, None
            self._ask(structs.replace(coming, urgent=True) if hurries else None)
        elif not (self._music.planned and self._waits):
            self._ask(self._resumed() or self._settled())

    @property
    def _waits(self) -> bool:
        """Whether a program is still to come, and nothing has the word before."""
        repertoire = self._repertoire
        return bool(self._awaited) and repertoire.engine is None and repertoire.emergency is None

    def _resumed(self) -> Coming | None:
        """Go on with what was on air before the box was started anew, if it still may."""
        bookmark, self._resume = self._resume, None
        if bookmark is None or bookmark.decision.origin.layer is Layer.SOFT_SPOT:
            return None
        planned = self._music.planned or self._repertoire.emergency is not None
        if planned and not self._rundown.is_due(bookmark.decision):
            return None
        return Coming(bookmark.decision, start_s=bookmark.position_s, resumed=True)

    def _settled(self) -> Coming | None:
        """Settle what comes next; where there is nothing, see to it that there will be."""
        if self._waits or (self._awaited and not self._wanted):
            return None
        found, coming = self._rundown.settle(urgent=bool(self._wanted))
        self._see_to_reserve(missing=not found)
        if self._wanted and not found and self._repertoire.mute:
            self._rest_or_wake()
        elif self._wanted and not found and not self._music.repeat:
            self.fire(shut_down(0 if self._ever_started else MediaError.exit_code))
        elif self._wanted and not found and self._repertoire.reserve is not None:
            self._ticker.after(NOTHING_PLAYS_S, self._try_again)
        return coming

    def _see_to_reserve(self, *, missing: bool) -> None:
        """Have the firmware's music made as soon as it is needed."""
        if self._music.repeat and self._repertoire.falling_back and not self._reserve_asked:
            self._reserve_asked = True
            self.fire(fallback_needed("nothing that was asked for can be played"))
            if self._repertoire.reserve is None:
                self._workers.errands.do(lambda: fallback_found(self._music.fallback()))
        elif not missing and not self._repertoire.falling_back:
            self._reserve_asked = False

    def _try_again(self) -> None:
        self._repertoire.try_again()
        self._answer()

    @handler("fallback_found")
    def _on_fallback(self, gathered: Gathered) -> None:
        self._repertoire.take_reserve(gathered.items)
        self._answer()

    @handler("fallback_needed")
    def _on_falling_back(self, reason: str) -> None:
        log.warning("%s: playing what the firmware brings along", reason)

    def _reconsider(self) -> None:
        """Settle anew what comes next, and have the player take that in place of what it holds."""
        self._ask(self._rundown.resettle())

    # -- one item ------------------------------------------------------------------------------

    def _ask(self, coming: Coming | None) -> None:
        """Have the item that comes next made ready for the player."""
        if coming is None:
            return
        urgent = coming.urgent or bool(self._wanted) or self._rundown.is_overdue(coming)
        self._wanted = None
        on_air = self._rundown.on_air
        self._rundown.coming = structs.replace(coming, urgent=urgent, cued=False)
        before = on_air.decision.item if on_air else self._rundown.before
        self._orders.give(Order(coming.decision.item, coming.decision.origin, before, urgent))

    @handler("announce_item")
    def _on_announce(self, item: Item, over: Over) -> None:
        if self._repertoire.emergency is None:
            self._herald.announce(item, over)

    def _prepare_spot(self, item: Item, origin: Origin) -> None:
        self._orders.give(Order(item, origin, urgent=True))

    @handler("item_prepared")
    def _on_prepared(self, prepared: PreparedItem, measured: bool) -> None:
        engine, rundown = self._repertoire.engine, self._rundown
        ducking = Ducking() if engine is None else engine.program.ducking
        if self._herald.ready(prepared, ducking, measured=measured):
            return
        if prepared.origin is not None and prepared.origin.layer is Layer.SHARP_SPOT:
            self._announcer.ready(prepared, ducking, measured=measured)
        elif rundown.coming is not None and rundown.awaits(prepared):
            coming = rundown.coming = structs.replace(rundown.coming, cued=True)
            at = self._wall() if coming.at_once else coming.gives_way_at
            self.fire(cue_item(prepared, coming.start_s, None if at is None else self._monotonic(at)))
        elif rundown.on_air is not None and rundown.on_air.prepared.item.id == prepared.item.id:
            rundown.on_air.prepared = prepared
            self._reconsider()
        else:
            self._learned = prepared

    @handler("item_left_out")
    def _on_left_out(self, location: str, reason: str) -> None:
        log.warning("left out %s: %s", masked(location), reason)
        self._announcer.give_up(location, reason)
        self._herald.give_up(location)
        coming = self._rundown.coming
        if coming is not None and not coming.cued and coming.decision.item.location == location:
            self._repertoire.give_up(coming.decision.item)
            self._rundown.coming = None
            self._wanted = self._rundown.on_air is None
            self._ask(self._rundown.instead(coming))
            self._answer()

    @handler("item_failed")
    def _on_failed(self, prepared: PreparedItem, _reason: str) -> None:
        self._repertoire.give_up(prepared.item, played=True)
        coming = self._rundown.coming
        if coming is not None and coming.decision.item.id == prepared.item.id:
            self._rundown.coming = None
            self._ask(self._rundown.instead(coming))

    # -- what is on air ------------------------------------------------------------------------

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._ever_started = True
        on_air, engine = self._rundown.start(prepared, position_s), self._repertoire.engine
        if on_air is None:
            return
        log.info("plays %s", prepared.item.caption)
        learned, self._learned = self._learned, None
        if learned is not None and learned.item.id == prepared.item.id:
            self.fire(item_prepared(learned, measured=True))  # it was told before the player had the item
        if engine is not None:
            self._tracker.note_start(on_air.decision, position_s, self._wall(), engine.state)

    @handler("item_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._repertoire.hear()
        on_air = self._rundown.advance(prepared, position_s)
        if on_air is not None:
            self._tracker.note_position(on_air.decision, position_s, self._wall())

    @handler("item_finished")
    def _on_finished(self, prepared: PreparedItem, _why: Ended) -> None:
        self._rundown.finish(prepared)
        if self._rundown.held_up:
            self._reconsider()

    @handler("spot_started")
    def _on_spot_started(self, prepared: PreparedItem) -> None:
        engine, origin = self._repertoire.engine, prepared.origin
        if engine is not None and origin is not None:
            engine.spots.spot_started(origin.source, prepared.item.id, self._wall())
            self._tracker.note_state(engine.state)
        self._announcer.start(prepared)
        self._rundown.give_floor(prepared)
        self._reconsider()

    @handler("spot_finished")
    def _on_spot_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._announcer.finish(prepared, why, EMERGENCY if self._repertoire.emergency else self._mute)
        self._rundown.give_floor(None)
        self._reconsider()

    @handler("skip_item", priority=1)
    def _on_skip(self) -> None:
        """See whether what was to come later is also what should come now."""
        coming = self._rundown.coming
        now = None if coming is None or self._rundown.is_due(coming.decision) else self._rundown.now()
        if now is not None:
            self._wanted = True
            self._ask(structs.replace(now, gives_way_at=None, at_once=False))

    @handler("player_changed")
    def _on_player(self, state: PlayerState, reason: str) -> None:
        self._silent = reason if state in SILENT else ""
        self._mute = self._silent or (reason if state is PlayerState.NO_SOUND else "")
        if state is PlayerState.STOPPED:  # what should play when it starts again is another question
            self._rundown.coming = self._wanted = None

    # -- twice a second ------------------------------------------------------------------------

    def _look(self) -> None:
        """Look at the clock: what is due on the second, and whether what comes next is still right."""
        self._announce()
        if self._wanted is not None and self._rundown.coming is None:
            self._answer()
        elif self._rundown.has_moved():
            self._reconsider()
        else:
            self._ask(self._rundown.stream_back() or self._rundown.pressing())

    def _announce(self) -> None:
        held_back = self._repertoire.blind or self._repertoire.emergency is not None
        if not held_back and self._announcer.look(self._silent):
            self._tracker.note_state(self._repertoire.state)
