"""Keeps the hub's programs and their media, and says which of them the box plays by.

A box that has not heard of its hub for days plays on by what is here.
"""

import logging
from collections.abc import Callable
from functools import partial

from circuits import handler

from easyplayer.component import Background, BoxComponent
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent, take_program
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.hub_events import storage_switched, storage_told, storage_verified, switch_refused
from easyplayer.program_store import Kept, Store
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import is_playable, note_use, sweep, take_stock, to_play
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Seconds

log = logging.getLogger(__name__)

TELL_EVERY_S = Seconds(60.0)
TELL_AFTER_S = Seconds(2.0)
"""How long after a change it is told, together with all others that come meanwhile."""
SWEEP_EVERY_S = Seconds(6 * 3600.0)
MOST_REFUSED = 1000
MOST_REASONS = 3
MOST_LETTERS = 1000
"""So much of what is wrong is told."""


class Storage(BoxComponent):
    """Switches to another program in one step, and looks after what lies on the disk.

    :param wall: tells the wall clock's time.
    :param worker: the thread that looks at the disk; a thorough look may take it hours.
    """

    def __init__(
        self,
        store: Store,
        wall: Callable[[], Instant],
        ticker: Ticker,
        worker: Background,
    ) -> None:
        super().__init__()
        self._store = store.programs
        self._library = store.media
        self._wall = wall
        self._ticker = ticker
        self._worker = worker
        self._refused: dict[str, str] = {}
        self._disk_trouble = ""
        self._telling: Deadline | None = None
        self._left_out: frozenset[str] = frozenset()
        self._closed = False

    def open(self) -> None:
        """Say what to play by, without asking anybody."""
        self._worker.do(self._take_up)
        self._worker.do(self._sweep)
        self._tell_soon()
        self._ticker.every(TELL_EVERY_S, self._look)
        self._ticker.every(SWEEP_EVERY_S, lambda: self._worker.do(self._sweep))

    def _look(self) -> None:
        self._worker.do(self._play_more)
        self._tell_soon()

    def close(self) -> None:
        """Leave what takes long."""
        self._closed = True
        self._worker.close(0.0)

    # -- which program -------------------------------------------------------------------------

    @handler("switch_storage")
    def _on_switch(self, at_once: bool) -> None:
        self._worker.do(partial(self._switch, at_once=at_once))

    def _take_up(self) -> BoxEvent | None:
        """Go by the program that is kept; runs on the worker's thread."""
        kept = self._store.current
        if kept is None:
            return None
        self.fire(storage_switched(kept.head))
        return self._play(kept)

    def _switch(self, *, at_once: bool) -> BoxEvent:
        """Go by the program that is staged; runs on the worker's thread.

        Where that has happened already, what plays may still be of the one before: it gives way.
        """
        staged, current = self._store.staged, self._store.current
        if staged is None and current is not None and at_once:
            self.fire(storage_switched(current.head))
            return self._play(current, at_once=True)
        if staged is None:
            return switch_refused("no other program has come from the hub")
        if not is_playable(staged, self._library):
            return switch_refused(f"nothing of {staged.caption} is on the disk yet")
        try:
            note_use(self._store, self._library, self._wall())
            kept = self._store.switch()
        except StateError as error:
            return switch_refused(str(error))
        if kept is None:
            return switch_refused("the program that was to come has been withdrawn")
        self.fire(storage_switched(kept.head))
        return self._play(kept, at_once=at_once)

    def _play(self, kept: Kept, *, at_once: bool = False) -> BoxEvent:
        """Have a program played, without what is still missing of it; runs on the worker's thread."""
        program, self._left_out = to_play(kept, self._library)
        return take_program(program, at_once=at_once)

    def _play_more(self) -> BoxEvent | None:
        """Have more of the program played when more of it has come; runs on the worker's thread."""
        kept = self._store.current
        return None if kept is None or to_play(kept, self._library)[1] == self._left_out else self._play(kept)

    @handler("storage_switched")
    def _on_switched(self, head: ProgramHead) -> None:
        log.info("the hub's program: %s, version %d (revision %d)", head.name, head.version, head.revision)
        self._tell_soon()

    # -- how it stands -------------------------------------------------------------------------

    @handler("program_staged")
    def _on_staged(self, _head: ProgramHead) -> None:
        self._tell_soon()

    @handler("fetch_ended")
    def _on_fetch_ended(self, fetched: Fetched) -> None:
        """Learn whether the disk takes what comes."""
        if fetched.outcome is Outcome.FULL:
            self._disk_trouble = fetched.reason
        elif fetched.outcome is Outcome.FETCHED:
            self._disk_trouble = ""
            self._refused.pop(fetched.digest, None)
        self._tell_soon()

    @handler("media_refused")
    def _on_refused(self, sha256: str, reason: str) -> None:
        self._refused.pop(sha256, None)
        self._refused[sha256] = reason
        while len(self._refused) > MOST_REFUSED:
            self._refused.pop(next(iter(self._refused)))
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._telling is None or not self._telling.pending:
            self._telling = self._ticker.after(TELL_AFTER_S, self._tell)

    def _tell(self) -> None:
        self._worker.do(partial(self._take_stock, self._disk_trouble, dict(self._refused)))

    def _take_stock(self, disk_trouble: str, refused: dict[str, str]) -> BoxEvent | None:
        """Look how it stands; runs on the worker's thread."""
        named = self._store.named()
        trouble = _in_words(disk_trouble, {one: why for one, why in refused.items() if one in named})
        try:
            stock, autonomy = take_stock(self._store, self._library, self._wall(), trouble)
        except StateError as error:
            log.warning("%s", error)
            return None
        if self._left_out and not stock.missing:  # what is whole by now is not kept waiting
            self._worker.do(self._play_more)
        return storage_told(stock, autonomy)

    # -- what lies there -----------------------------------------------------------------------

    @handler("verify_storage")
    def _on_verify(self, thoroughly: bool) -> None:
        self._worker.do(partial(self._verify, thoroughly=thoroughly))

    def _verify(self, *, thoroughly: bool) -> BoxEvent | None:
        """Look at every medium, and throw away what is wrong; runs on the worker's thread."""
        good, bad = 0, []
        for sha256, size in self._store.named().items():
            there = self._library.size_of(sha256)
            if self._closed:
                return None
            if there is None:
                continue
            if there == size and not (thoroughly and not self._library.is_right(sha256, self._is_closed)):
                good += 1
            else:
                bad.append(sha256)
        try:
            for sha256 in bad:
                self._library.remove(sha256)
        except StateError as error:
            log.warning("%s", error)
        return storage_verified(good, tuple(bad))

    def _is_closed(self) -> bool:
        return self._closed

    @handler("storage_verified")
    def _on_verified(self, good: int, bad: tuple[str, ...]) -> None:
        if bad:
            log.warning("%d media on the disk were not right and are fetched anew; %d are", len(bad), good)
        self._tell_soon()

    def _sweep(self) -> None:
        """Throw away what nobody needs; runs on the worker's thread."""
        try:
            sweep(self._store, self._library, self._wall())
        except StateError as error:
            log.warning("%s", error)


def _in_words(disk_trouble: str, refused: dict[str, str]) -> str:
    """Say all that is wrong."""
    reasons = [f"{sha256[:12]}…: {reason}" for sha256, reason in refused.items()]
    more = len(reasons) - MOST_REASONS
    told = [disk_trouble, *reasons[:MOST_REASONS], f"and {more} more" if more > 0 else ""]
    return "; ".join(filter(None, told))[:MOST_LETTERS]
