"""Keeps the as-run log: what is really played, when, for how long, and why it ends.

A row is begun when an item begins to sound and told to its end; what a power cut leaves open is ended
at the next start, where it was last known to be heard.  Nothing waits for the disk.

What is over goes to the hub, in order; WebClient brings it there, and what comes back is written down here.
"""

import logging
from collections.abc import Iterable
from functools import partial

import msgspec
from circuits import handler

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.asrun_facts import (
    ClockRead,
    EntryPoisoned,
    Fact,
    LogLeft,
    OldForgotten,
    RowBegun,
    RowsLeft,
    RowTold,
)
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.wall_clock import WallClock, read_both
from easyplayer.events import BoxEvent, state_kept, state_refused
from easyplayer.hub_events import log_ready
from easyplayer.playout.asrun import Ended
from easyplayer.playout.clock import STEP_S, Anchor, ClockTrust
from easyplayer.playout.hearing import Hearing
from easyplayer.playout.items import PreparedItem, masked
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.heartbeat import Place
from easyplayer.scribe import Scribe
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(30.0)
"""How often what is known of an open row is written down: so much a power cut may take."""
DRIFT_S = Seconds(0.05)
"""A wall clock that has gone so far astray is noted anew."""
NEXT_S = 1e-6
"""What lies between two rows that begin at the same instant, for that is their name."""
DAY_S = Seconds(86_400.0)
KEPT_S = Seconds(400 * DAY_S)
"""So long a log is kept that the hub has received: a year, and time to ask for it."""
STANDING = {PlayerState.PAUSED, PlayerState.NO_SOUND}


class Ledger(BoxComponent):
    """Writes down what the players and the clock tell.

    :param disk: the thread that writes.
    """

    def __init__(self, store: AsRunStore, wall: WallClock, ticker: Ticker, disk: Background) -> None:
        super().__init__()
        self._scribe = Scribe(store)
        self._path = store.path
        self._wall = wall
        self._ticker = ticker
        self._disk = disk
        self._items: list[Hearing] = []
        self._spots: list[Hearing] = []
        self._started = Monotonic(float("-inf"))
        self._trust = ClockTrust.UNKNOWN
        self._noted: Anchor | None = None
        self._asked = self._asked_before = 0
        self._disk_hangs = False
        self._zone = ""
        self._repeating: list[Repeating] = []

    def open(self) -> None:
        """End what a power cut left open, and begin."""
        self._write(RowsLeft(before=self._ticker.clock(), ended=Ended.STOPPED))
        self._repeating = [
            self._ticker.every(LOOK_EVERY_S, self._look),
            self._ticker.every(DAY_S, self._forget_old),
        ]

    def close(self) -> None:
        """End what still sounds, and let the database go."""
        for repeating in self._repeating:
            repeating.cancel()
        self._end_all()
        self._disk.do(self._scribe.close)

    # -- what sounds ---------------------------------------------------------------------------

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Begin a row; an item that was held meanwhile goes on in the row that it has."""
        held = [hearing for hearing in self._items if hearing.held]
        resumed = _first(reversed(held), prepared)
        for hearing in held:
            if hearing is not resumed:
                self._end(self._items, hearing, Ended.STOPPED)
        if resumed is not None:
            resumed.go_on(position_s, self._ticker.clock())
        else:
            for hearing in self._items:
                hearing.leave()
            self._items.append(Hearing(prepared, self._begin(prepared), position_s))

    @handler("item_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Go on in the row; that it sounds at all is written down at once."""
        hearing = _first(reversed(self._items), prepared)
        if hearing is not None:
            is_news = not hearing.sounded
            hearing.advance(prepared, position_s, self._ticker.clock())
            if is_news:
                self._write(_told(hearing, self._ticker.clock()))

    @handler("item_finished")
    def _on_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._end(self._items, _first(self._items, prepared), why)

    @handler("spot_started")
    def _on_spot_started(self, prepared: PreparedItem) -> None:
        self._spots.append(Hearing(prepared, self._begin(prepared), prepared.cue_in_s, told=False))

    @handler("spot_finished")
    def _on_spot_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._end(self._spots, _first(self._spots, prepared), why)

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state is PlayerState.STOPPED:
            self._end_all()
        for hearing in self._items:
            if state in STANDING:
                hearing.held = True
            elif state is PlayerState.FADING:
                hearing.leave()

    def _begin(self, prepared: PreparedItem) -> Monotonic:
        """Begin a row, and give the instant by which it is known."""
        self._started = Monotonic(max(self._ticker.clock(), self._started + NEXT_S))
        self._write(_begun(prepared, self._started, self._zone))
        return self._started

    def _end(self, among: list[Hearing], hearing: Hearing | None, why: Ended) -> None:
        if hearing is not None:
            among.remove(hearing)
            self._write(_told(hearing, self._ticker.clock(), why))

    def _end_all(self) -> None:
        for among in (self._items, self._spots):
            for hearing in tuple(among):
                self._end(among, hearing, Ended.STOPPED)

    @handler("level_heard")
    def _on_level(self, level: Level) -> None:
        for hearing in (*self._items, *self._spots):
            hearing.hear(level.mean_db)

    @handler("box_placed")
    def _on_placed(self, place: Place) -> None:
        self._zone = place.zone

    # -- the clock -----------------------------------------------------------------------------

    @handler("clock_judged")
    def _on_judged(self, trust: ClockTrust) -> None:
        self._trust = trust
        self._note_clock()
        self._forget_old()

    @handler("clock_stepped")
    def _on_stepped(self, _by_s: Seconds) -> None:
        """Note the clock as soon as it is known whether it is still trusted."""
        self._ticker.after(0.0, self._note_clock)

    def _note_clock(self) -> None:
        now = self._noted = self._read_clock()
        self._write(ClockRead(at=now.at, wall=now.wall, trust=now.trust))

    def _follow_clock(self) -> None:
        """Note a clock that goes astray; one that somebody has set must be judged first."""
        if self._noted is not None:
            astray_s = abs(self._read_clock().offset_s - self._noted.offset_s)
            if DRIFT_S < astray_s < STEP_S:
                self._note_clock()

    def _read_clock(self) -> Anchor:
        reading = read_both(self._ticker.clock, self._wall)
        return Anchor(at=reading.at, wall=reading.wall, trust=self._trust)

    # -- the hub -------------------------------------------------------------------------------

    @handler("log_received")
    def _on_received(self, receipt: Receipt) -> None:
        self._write(receipt)

    @handler("entry_poisoned")
    def _on_poisoned(self, number: int, reason: str, log_id: str) -> None:
        self._write(EntryPoisoned(number=number, reason=reason, log=log_id))

    @handler("forget_hub")
    def _on_forgotten(self, reason: str) -> None:
        """Begin another log: what the next hub hears is not what this one has heard already."""
        self._write(LogLeft(reason=reason))

    def _forget_old(self) -> None:
        """Keep no more what is old; only who certainly knows the time can tell what that is."""
        if self._trust is ClockTrust.TRUSTED:
            self._write(OldForgotten(before=Instant(self._wall.now() - KEPT_S)))

    # -- the disk ------------------------------------------------------------------------------

    def _write(self, *facts: Fact) -> None:
        self._asked += 1
        self._disk.do(partial(self._write_now, facts))

    def _write_now(self, facts: tuple[Fact, ...]) -> BoxEvent | None:
        """Have facts written, and tell what came of it; runs on the disk's thread."""
        written = self._scribe.write(facts)
        if written.head is not None:
            self.fire(log_ready(written.head))
        if written.refused:
            return state_refused(written.refused)
        return state_kept(self._path) if written.kept else None

    def _look(self) -> None:
        """Write down what is known of the open rows, and try again what was refused."""
        hangs = self._scribe.done < self._asked_before
        self._asked_before = self._asked
        if hangs and not self._disk_hangs:
            reason = "the disk does not answer; what is played is remembered until it does"
            log.warning("%s", reason)
            self.fire(state_refused(reason))
        self._disk_hangs = hangs
        if not hangs:
            self._follow_clock()
            going_on = (one for one in (*self._items, *self._spots) if not one.held)
            self._write(*(_told(hearing, self._ticker.clock()) for hearing in going_on))


def _first(hearings: Iterable[Hearing], prepared: PreparedItem) -> Hearing | None:
    return next((one for one in hearings if one.prepared.item.id == prepared.item.id), None)


def _begun(prepared: PreparedItem, started: Monotonic, zone: str) -> RowBegun:
    origin = prepared.origin
    whence = {} if origin is None else msgspec.structs.asdict(origin)
    return RowBegun(started=started, item=_snapshot(prepared), zone=zone, **whence)


def _told(hearing: Hearing, now: Monotonic, ended: Ended | None = None) -> RowTold:
    over, heard_s = hearing.until(now, ended)
    return RowTold(
        started=hearing.started,
        over=max(over, hearing.started),
        heard_s=heard_s,
        ended=ended,
        level_db=hearing.level_db,
        item=_snapshot(hearing.prepared),
    )


def _snapshot(prepared: PreparedItem) -> str:
    """Write down what an item is, as it is known now, without the password of a stream."""
    item = prepared.item
    shown = msgspec.structs.replace(item, id=masked(item.id), location=masked(item.location))
    return msgspec.json.encode(shown).decode()
