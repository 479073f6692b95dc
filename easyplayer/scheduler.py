"""What plays next: for now a list of music, round and round.

The seam to the players is three events: :class:`~easyplayer.events.item_wanted` asks,
:class:`~easyplayer.events.cue_item` answers, and ``item_failed`` tells what could not be played.

Looking at a medium happens aside, and never delays sound: where nothing plays, an item goes out
unmeasured, and what analysis finds is told while it already plays.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from circuits import handler
from msgspec import Struct

from easyplayer.analysis import FactsCache, MediaFacts
from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import AnalysisError, MediaError, StateError
from easyplayer.events import (
    BoxEvent,
    cue_item,
    fallback_found,
    fallback_needed,
    item_left_out,
    item_prepared,
    music_gathered,
    shut_down,
    state_kept,
    state_refused,
)
from easyplayer.playout.catalogue import Item, ItemKind, PreparedItem, masked
from easyplayer.playout.rotation import Sequential
from easyplayer.playout.transition import Rules
from easyplayer.preparing import Measured, prepare
from easyplayer.sources import Gathered
from easyplayer.ticker import Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

KEEP_EVERY_S = Seconds(5.0)
FILE_TRIED_AGAIN_AFTER_S = Seconds(600.0)
STREAM_TRIED_AGAIN_AFTER_S = Seconds(30.0)
NOTHING_PLAYS_S = Seconds(1.0)
IN_VAIN_AFTER = 2
SILENT_TOO_LONG_S = Seconds(4.0)
"""Items that fail in a row, and take so long for it, lie on a dead disk or share."""
WRITING_MAY_TAKE_S = 0.5

Gather = Callable[[], Gathered]


class Bookmark(Struct, frozen=True, kw_only=True):
    """Where the box was, to go on from there after a power cut.

    :ivar places: the places that the music came from; others make the bookmark void.
    """

    places: tuple[str, ...]
    item: Item
    position_s: Seconds


class Music(Struct, frozen=True, kw_only=True):
    """What there is to play, and how it is found.

    :ivar places: as the settings name them.
    :ivar gather: searches, one after the other; each result replaces the one before it.
    :ivar fallback: makes what is played when nothing else can be; it may take seconds.
    :ivar repeat: whether to begin anew at the end; if not, the box ends.
    """

    places: tuple[str, ...]
    gather: tuple[Gather, ...]
    fallback: Gather
    repeat: bool = True


class Workers(Struct, frozen=True):
    """Threads for what may take long: short errands, long analysis, and the disk."""

    errands: Background
    analysis: Background
    disk: Background

    def close(self) -> None:
        """Let what is being written be finished, and leave the rest."""
        self.disk.close(WRITING_MAY_TAKE_S)
        self.errands.close(0.0)
        self.analysis.close(0.0)


class Scheduler(BoxComponent):
    """Hands the player prepared items, and keeps the place in the list on the disk."""

    def __init__(
        self,
        music: Music,
        facts: FactsCache,
        bookmark: StateFile[Bookmark] | None,
        rules: Rules,
        ticker: Ticker,
        *,
        workers: Workers,
    ) -> None:
        super().__init__()
        self._music = music
        self._facts = facts
        self._file = bookmark
        self._rules = rules
        self._ticker = ticker
        self._workers = workers
        self._list = Sequential((), repeat=music.repeat)
        self._gathered = 0
        self._last: Item | None = None
        self._before: Item | None = None
        self._resume: Bookmark | None = None
        self._wanted: bool | None = None
        self._asked: tuple[Item, Seconds | None] | None = None
        self._failed: dict[str, Monotonic] = {}
        self._fallback: Sequential | None = None
        self._falling_back = False
        self._failed_in_row = 0
        self._heard_at = ticker.clock()
        self._ever_started = False
        self._ending = threading.Event()
        self._began_at = self._kept_at = Monotonic(float("-inf"))

    def open(self) -> None:
        """Read the bookmark, and begin to search for music."""
        bookmark = self._file.load() if self._file is not None else None
        if bookmark is not None and bookmark.places == self._music.places:
            self._resume = bookmark
        for gather in self._music.gather:
            self._workers.analysis.do(partial(_search, gather))

    def close(self) -> None:
        """Let the threads end."""
        self._ending.set()
        self._workers.close()

    # -- the list ------------------------------------------------------------------------------

    @handler("music_gathered")
    def _on_gathered(self, gathered: Gathered) -> None:
        for problem in gathered.problems:
            self.fire(item_left_out(problem.place, problem.reason))
        self._gathered += 1
        self._list = Sequential(gathered.items, repeat=self._music.repeat)
        self._list.go_behind(self._last)
        log.info("%d items to play", len(self._list))
        self._answer()

    @handler("item_wanted")
    def _on_wanted(self, urgent: bool) -> None:
        self._wanted = urgent or bool(self._wanted)
        self._answer()

    def _answer(self) -> None:
        """Answer the player's wish as soon as there is something to answer it with."""
        if self._wanted is None:
            return
        if self._asked is not None:
            if self._wanted:
                self._ask(*self._asked)
            return
        start_s = None
        if self._resume is not None:
            item, start_s = self._resume.item, self._resume.position_s
            self._resume = None
            self._list.go_behind(item)
        else:
            searching = self._gathered < len(self._music.gather)
            wait = searching and not (self._wanted and len(self._list))
            following = None if wait else self._following()
            if following is None:
                return
            item = following
        self._ask(item, start_s)

    def _ask(self, item: Item, start_s: Seconds | None) -> None:
        urgent, self._wanted = bool(self._wanted), None
        self._asked = item, start_s
        if item is not self._last:
            self._before, self._last = self._last, item
        worker = self._workers.errands if urgent else self._workers.analysis
        worker.do(partial(self._look_at, item, self._before, urgent))

    def _following(self) -> Item | None:
        """Take the next item that is worth a try: of the list, else of the fallback."""
        following = None if self._tried_in_vain() else self._list.take(self._worth_a_try)
        if following is not None:
            self._falling_back = False
            return following
        if self._music.repeat:
            return self._from_fallback()
        if self._wanted:
            self.fire(shut_down(0 if self._ever_started else MediaError.exit_code))
        return None

    def _tried_in_vain(self) -> bool:
        """Tell whether the list has been tried for too long: something from elsewhere plays first."""
        silent_s = self._ticker.clock() - self._heard_at
        often = self._failed_in_row >= IN_VAIN_AFTER
        return often and silent_s > SILENT_TOO_LONG_S and self._music.repeat

    def _from_fallback(self) -> Item | None:
        """Take what the firmware brings along; what failed is tried again when its time comes."""
        if not self._falling_back:
            self._falling_back = True
            self.fire(fallback_needed("nothing that was asked for can be played"))
        if self._fallback is None:
            self._fallback = Sequential((), repeat=True)
            self._workers.errands.do(lambda: fallback_found(self._music.fallback()))
            return None
        following = self._fallback.take(self._worth_a_try)
        if following is None:
            self._ticker.after(NOTHING_PLAYS_S, self._try_again)
        return following

    def _try_again(self) -> None:
        """Forget the failures of the fallback, give the list a chance again, and answer anew."""
        self._failed_in_row = 0
        if self._fallback is not None:
            self._fallback.forgive(self._failed)
        self._answer()

    @handler("fallback_found")
    def _on_fallback(self, gathered: Gathered) -> None:
        self._fallback = Sequential(gathered.items, repeat=True)
        self._answer()

    @handler("fallback_needed")
    def _on_falling_back(self, reason: str) -> None:
        log.warning("%s: playing what the firmware brings along", reason)

    def _worth_a_try(self, item: Item) -> bool:
        failed_at = self._failed.get(item.id)
        rest_s = STREAM_TRIED_AGAIN_AFTER_S if item.kind is ItemKind.STREAM else FILE_TRIED_AGAIN_AFTER_S
        return failed_at is None or self._ticker.clock() - failed_at > rest_s

    # -- one item ------------------------------------------------------------------------------

    def _look_at(self, item: Item, before: Item | None, urgent: bool) -> BoxEvent:
        """Look at an item; runs on a worker's thread."""
        if item.kind is ItemKind.STREAM:
            return item_prepared(prepare(Measured(item, None), None, self._rules), measured=True)
        path = Path(item.location)
        try:
            facts = self._facts.lookup(path)
            if facts is None and urgent:
                self._workers.analysis.do(partial(self._look_at, item, before, False))
                return item_prepared(prepare(Measured(item, None), None, self._rules), measured=False)
            facts = facts or self._facts.analyse(path, stop=self._ending)
        except MediaError as error:
            return item_left_out(item.location, str(error))
        except AnalysisError as error:
            log.warning("%s", error)
            return item_prepared(prepare(Measured(item, None), None, self._rules), measured=True)
        if facts.is_silent:
            return item_left_out(item.location, "there is nothing but silence in it")
        return self._prepared(item, facts, before)

    def _prepared(self, item: Item, facts: MediaFacts, before: Item | None) -> BoxEvent:
        prepared = prepare(Measured(item, facts), self._measured(before), self._rules)
        return item_prepared(prepared, measured=True)

    def _measured(self, item: Item | None) -> Measured | None:
        if item is None or item.kind is ItemKind.STREAM:
            return None
        try:
            return Measured(item, self._facts.lookup(Path(item.location)))
        except MediaError:
            return None

    @handler("item_prepared")
    def _on_prepared(self, prepared: PreparedItem, _measured: bool) -> None:
        if self._asked is not None and self._asked[0].id == prepared.item.id:
            start_s, self._asked = self._asked[1], None
            self.fire(cue_item(prepared, start_s))

    @handler("item_left_out")
    def _on_left_out(self, location: str, reason: str) -> None:
        log.warning("left out %s: %s", masked(location), reason)
        if self._asked is not None and self._asked[0].location == location:
            self._give_up(self._asked[0])
            self._asked = None
            self._wanted = True
            self._answer()

    @handler("item_failed")
    def _on_failed(self, prepared: PreparedItem, _reason: str) -> None:
        self._failed_in_row += 1
        self._give_up(prepared.item)

    def _give_up(self, item: Item) -> None:
        self._failed[item.id] = self._ticker.clock()

    # -- the place in the list -----------------------------------------------------------------

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        log.info("plays %s", prepared.item.caption)
        self._ever_started = True
        if self._ticker.clock() - self._began_at >= KEEP_EVERY_S:
            self._began_at = self._ticker.clock()
            self._keep(prepared, position_s)

    @handler("item_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Keep the place each five seconds, and where an item starts: a disk wears."""
        self._failed_in_row = 0
        self._heard_at = self._ticker.clock()
        if self._ticker.clock() - self._kept_at >= KEEP_EVERY_S:
            self._keep(prepared, position_s)

    def _keep(self, prepared: PreparedItem, position_s: Seconds) -> None:
        if self._file is None:
            return
        self._kept_at = self._ticker.clock()
        bookmark = Bookmark(places=self._music.places, item=prepared.item, position_s=position_s)
        self._workers.disk.do(partial(keep, self._file, bookmark))


def _search(gather: Gather) -> BoxEvent:
    return music_gathered(gather())


def keep(file: StateFile[Bookmark], bookmark: Bookmark) -> BoxEvent:
    """Put the bookmark on the disk; runs on the disk's thread."""
    try:
        file.save(bookmark)
    except StateError as error:
        log.warning("%s", error)
        return state_refused(str(error))
    return state_kept(file.path)
