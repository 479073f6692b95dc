"""Keeps the hub's programs and their media, and says which of them the box plays by.

A box that has not heard of its hub for days plays on by what is here.
"""

import logging
from collections.abc import Callable
from functools import partial

from circuits import handler
from msgspec import structs

from easyplayer.component import Background, BoxComponent
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent, take_program
from easyplayer.fetching import Fetched
from easyplayer.findings import DiskHealth, Findings, Found
from easyplayer.in_decks import InDecks
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import PreparedItem
from easyplayer.program_store import Kept, Store
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download
from easyplayer.protocol.heartbeat import Storage as Told
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Shelf, is_playable, take_stock, to_play
from easyplayer.storage_events import (
    disk_changed,
    storage_switched,
    storage_told,
    storage_verified,
    switch_refused,
)
from easyplayer.sweeping import inspect, note_use, sweep
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Seconds

log = logging.getLogger(__name__)

TELL_EVERY_S = Seconds(60.0)
TELL_AFTER_S = Seconds(2.0)
"""How long after a change it is told, together with all others that come meanwhile."""
TELLING_SHARE = 0.05
"""No more of the time than this is spent with looking how it stands, however many media there are."""
TELL_PROGRESS_EVERY_S = Seconds(10.0)
SWEEP_EVERY_S = Seconds(6 * 3600.0)

NO_PROGRAM = ProgramHead(box="", revision=0, digest="", size=0, name="", version=0)
"""Stands for the current program where none can be used, so that the hub sends it anew."""
OWN_PROGRAM = "this box plays a program of its own, and none of the hub's"


class Storage(BoxComponent):
    """Switches to another program in one step, and looks after what lies on the disk.

    :param hub: base URL of the hub; what another one has sent does not keep its programs from coming.
    :param wall: tells the wall clock's time.
    :param worker: the thread that looks at the disk.
    :param inspector: the one that looks at every medium, which may take it hours.
    :param plays: whether the box plays by the hub's programs; if not, it only keeps media here.
    """

    def __init__(
        self,
        store: Store,
        wall: Callable[[], Instant],
        ticker: Ticker,
        worker: Background,
        *,
        inspector: Background,
        hub: str,
        plays: bool = True,
    ) -> None:
        super().__init__()
        self._store = store.programs
        self._library = store.media
        self._wall = wall
        self._ticker = ticker
        self._worker = worker
        self._inspector = inspector
        self._hub = hub
        self._plays = plays
        self._findings = Findings()
        self._disks = DiskHealth()
        self._decks = InDecks()
        self._telling: Deadline | None = None
        self._progress: Deadline | None = None
        self._told: tuple[Told, Autonomy | None] | None = None
        self._left_out: frozenset[str] = frozenset()
        self._moved = self._look_is_due = False
        self._closed = False
        self._look_took_s = 0.0

    def open(self) -> None:
        """Say what to play by, without asking anybody."""
        self._worker.do(self._take_up)
        self._worker.do(self._sweep)
        self._tell_soon()
        self._ticker.every(TELL_EVERY_S, self._on_changed)
        self._ticker.every(SWEEP_EVERY_S, lambda: self._worker.do(self._sweep))

    def close(self) -> None:
        """Leave what takes long."""
        self._closed = True
        self._worker.close(0.0)
        self._inspector.close(0.0)

    # -- which program -------------------------------------------------------------------------

    @handler("switch_storage")
    def _on_switch(self, at_once: bool) -> None:
        self._worker.do(partial(self._switch, at_once=at_once))

    @handler("roll_back")
    def _on_roll_back(self) -> None:
        self._worker.do(self._roll_back)

    @handler("forget_hub")
    def _on_forget(self, _reason: str) -> None:
        self._worker.do(self._store.forget_refusal)

    def _take_up(self) -> BoxEvent | None:
        """Go by the program that is kept; where it is damaged, by what is in reserve."""
        self._store.belong_to(self._hub)
        current, fallback = self._store.current, self._store.fallback
        if not self._plays:
            return None
        if current is not None:
            return self._go_by(current)
        if fallback is None and not self._store.is_damaged:
            return None
        self.fire(storage_switched(NO_PROGRAM))
        return None if fallback is None else self._play(fallback)

    def _switch(self, *, at_once: bool) -> BoxEvent:
        """Go by the program that is staged; where that is done, what plays of the one before gives way."""
        staged, current = self._store.staged, self._store.current
        if staged is None and current is not None and at_once and self._plays:
            return self._go_by(current, at_once=True)
        if staged is None:
            return switch_refused("no other program has come from the hub")
        return self._change(staged, self._store.switch, at_once=at_once)

    def _roll_back(self) -> BoxEvent:
        """Go back to the program before the current one; runs on the worker's thread."""
        previous = self._store.previous
        if previous is None:
            return switch_refused("the box keeps no program before this one to go back to")
        return self._change(previous, self._store.roll_back, at_once=True)

    def _change(self, wanted: Kept, change: Callable[[], Kept | None], *, at_once: bool) -> BoxEvent:
        if not self._plays:
            return switch_refused(OWN_PROGRAM)
        if not is_playable(wanted, self._library):
            return switch_refused(f"nothing of {wanted.caption} is on the disk")
        try:
            note_use(self._store, self._library, self._wall(), wanted.program)
            kept = change()
        except StateError as error:
            self._findings.hinder(str(error))
            return switch_refused(str(error))
        if kept is None:
            return switch_refused("the program that was to come has been withdrawn")
        return self._go_by(kept, at_once=at_once)

    def _go_by(self, kept: Kept, *, at_once: bool = False) -> BoxEvent:
        self.fire(storage_switched(kept.head))
        return self._play(kept.program, at_once=at_once)

    def _play(self, program: Program, *, at_once: bool = False) -> BoxEvent:
        """Have a program played, without what is still missing of it; runs on the worker's thread."""
        there, self._left_out = to_play(program, self._library)
        self._moved = False
        return take_program(there, at_once=at_once)

    def _play_more(self) -> BoxEvent | None:
        """Have more of the program played when more of it has come; runs on the worker's thread."""
        kept = self._store.current
        if kept is None or not self._plays:
            return None
        as_before = Shelf(kept.program, self._library).missing == self._left_out
        return None if as_before and not self._moved else self._play(kept.program)

    @handler("storage_switched")
    def _on_switched(self, head: ProgramHead) -> None:
        if head == NO_PROGRAM:
            log.error(
                "no program of the hub's can be used: playing what is in reserve until it has come anew"
            )
        else:
            log.info(
                "the hub's program: %s, version %d (revision %d)", head.name, head.version, head.revision
            )
        self._tell_soon()

    # -- how it stands -------------------------------------------------------------------------

    @handler("fetch_ended")
    def _on_fetch_ended(self, fetched: Fetched) -> None:
        self._findings.fetch(fetched)
        self._tell_soon()

    @handler("switch_refused")
    def _on_switch_refused(self, _reason: str) -> None:
        self._tell_soon()

    @handler("media_refused")
    def _on_refused(self, sha256: str, reason: str) -> None:
        self._findings.refuse(sha256, reason)
        self._tell_soon()

    @handler("storage_scrubbed")
    def _on_scrubbed(self, _right: int, bad: tuple[str, ...]) -> None:
        self._findings.spoil(bad)
        self._tell_soon()

    @handler("download_progressed")
    def _on_progressed(self, download: Download) -> None:
        self._findings.progress(download)
        if self._progress is None or not self._progress.pending:
            self._progress = self._ticker.after(TELL_PROGRESS_EVERY_S, self._tell_progress)

    @handler("storage_changed", "program_staged")
    def _on_changed(self, *_what: ProgramHead) -> None:
        self._look_is_due = True
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._telling is None or not self._telling.pending:
            after_s = max(TELL_AFTER_S, self._look_took_s / TELLING_SHARE)
            self._telling = self._ticker.after(after_s, self._tell)

    def _tell(self) -> None:
        look, self._look_is_due = self._look_is_due, False
        self._worker.do(partial(self._take_stock, self._findings.so_far(), look=look))

    def _tell_progress(self) -> None:
        """Tell the same once more, and how far the downloads are, without looking at the disk."""
        if self._told is not None:
            told, autonomy = self._told
            download = self._findings.so_far().download
            self.fire(storage_told(structs.replace(told, download=download), autonomy))

    def _take_stock(self, found: Found, *, look: bool) -> BoxEvent | None:
        """Look how it stands; runs on the worker's thread.

        :param look: whether to look for more to play, too.
        """
        began_at = self._ticker.clock()
        try:
            disks = self._look_at_disks()
            self._store.pin_fallback()
            stock, autonomy = take_stock(self._store, self._library, self._wall(), disks)
        except StateError as error:
            log.warning("%s", error)
            return None
        self._look_took_s = self._ticker.clock() - began_at
        is_whole_now = self._left_out and not stock.missing
        if look or self._moved or is_whole_now:
            self._worker.do(self._play_more)
        told = found.added_to(stock, self._store.named())
        return storage_told(told, autonomy if self._plays else None)

    def _look_at_disks(self) -> tuple[Disk, ...]:
        """Look at the disks, and tell of each that is another than before."""
        disks = self._library.disks()
        for disk in self._disks.changed(disks):
            self.fire(disk_changed(disk))
            self._moved = True
        return disks

    @handler("storage_told")
    def _on_told(self, told: Told, autonomy: Autonomy | None) -> None:
        self._told = told, autonomy
        self._findings.settle(told)

    # -- what lies there -----------------------------------------------------------------------

    @handler("cue_item", "cue_spot")
    def _on_given(self, prepared: PreparedItem, *_how: object) -> None:
        self._store.in_use = self._decks.give(prepared.item)

    @handler("item_started", "spot_started")
    def _on_started(self, prepared: PreparedItem, *_where: object) -> None:
        self._store.in_use = self._decks.start(prepared.item)

    @handler("item_finished", "spot_finished", "item_failed")
    def _on_finished(self, prepared: PreparedItem, *_why: object) -> None:
        self._store.in_use = self._decks.finish(prepared.item)

    @handler("verify_storage")
    def _on_verify(self, thoroughly: bool) -> None:
        self._inspector.do(partial(self._verify, thoroughly=thoroughly))

    def _verify(self, *, thoroughly: bool) -> BoxEvent | None:
        """Look at every medium, and throw away what is wrong; runs on the inspector's thread."""
        found = inspect(self._store, self._library, self._wall, lambda: self._closed, thoroughly=thoroughly)
        return None if self._closed else storage_verified(found.good, found.bad)

    @handler("storage_verified")
    def _on_verified(self, good: int, bad: tuple[str, ...]) -> None:
        if bad:
            log.warning("%d media on the disk were not right and are fetched anew; %d are", len(bad), good)
        self._findings.spoil(bad)
        self._tell_soon()

    def _sweep(self) -> None:
        """Throw away what nobody needs; runs on the worker's thread."""
        try:
            sweep(self._store, self._library, self._wall())
        except StateError as error:
            log.warning("%s", error)
