"""Keeps the as-run log: what is really played and shown, when, for how long, and why it ends.

A row is begun when an item begins to sound, or a picture is shown, and told to its end; what a power cut
leaves open is ended at the next start, where it was last known to be heard.  Nothing waits for the disk.

What is over goes to the hub, in order; WebClient brings it there, and what comes back is written down here.
"""

from collections.abc import Iterable

from circuits import handler

from easyplayer.component import Background
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.log_keeping import LogKeeper
from easyplayer.log_rows import begun, first, told
from easyplayer.playout.asrun import Ended
from easyplayer.playout.hearing import Hearing
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.viewing import Viewing, has_sound
from easyplayer.protocol.heartbeat import Place
from easyplayer.screen_view import ScreenView
from easyplayer.ticker import Ticker
from easyplayer.units import Monotonic, Seconds

NEXT_S = 1e-6
"""What lies between two rows that begin at the same instant, for that is their name."""
STANDING = {PlayerState.PAUSED, PlayerState.NO_SOUND}


class Ledger(LogKeeper):
    """Writes down what the players and the screen tell."""

    def __init__(self, store: AsRunStore, wall: WallClock, ticker: Ticker, disk: Background) -> None:
        super().__init__(store, wall, ticker, disk)
        self._items: list[Hearing] = []
        self._spots: list[Hearing] = []
        self._pictures: list[Viewing] = []
        self._screens: tuple[str, ...] = ()
        self._has_sound = False
        self._started = Monotonic(float("-inf"))
        self._zone = ""

    # -- what sounds ---------------------------------------------------------------------------

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Begin a row; an item that was held meanwhile goes on in the row that it has."""
        held = [hearing for hearing in self._items if hearing.held]
        resumed = first(reversed(held), prepared)
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
        self._advance(first(reversed(self._items), prepared), prepared, position_s)

    @handler("item_finished")
    def _on_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._end(self._items, first(self._items, prepared), why)

    @handler("spot_started")
    def _on_spot_started(self, prepared: PreparedItem) -> None:
        self._spots.append(Hearing(prepared, self._begin(prepared), prepared.cue_in_s))

    @handler("spot_advanced")
    def _on_spot_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._advance(first(self._spots, prepared), prepared, position_s)

    @handler("spot_finished")
    def _on_spot_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._end(self._spots, first(self._spots, prepared), why)

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state is PlayerState.STOPPED:
            self._end_sounding()
        elif state in STANDING:
            for hearing in (*self._items, *self._spots):
                hearing.held = True
        elif state is PlayerState.FADING:
            for hearing in self._items:
                hearing.leave()

    def _advance(self, hearing: Hearing | None, prepared: PreparedItem, position_s: Seconds) -> None:
        if hearing is not None:
            is_news = not hearing.sounded
            hearing.advance(prepared, position_s, self._ticker.clock())
            if is_news:
                self._write(told(hearing, self._ticker.clock()))

    def _begin(self, prepared: PreparedItem) -> Monotonic:
        """Begin a row, and give the instant by which it is known."""
        self._write(begun(prepared, self._next_instant(), self._zone))
        return self._started

    def _next_instant(self) -> Monotonic:
        self._started = Monotonic(max(self._ticker.clock(), self._started + NEXT_S))
        return self._started

    def _end(self, among: list[Hearing], hearing: Hearing | None, why: Ended) -> None:
        if hearing is not None:
            among.remove(hearing)
            self._write(told(hearing, self._ticker.clock(), why))

    def _end_sounding(self) -> None:
        for among in (self._items, self._spots):
            for hearing in tuple(among):
                self._end(among, hearing, Ended.STOPPED)

    def _going_on(self) -> Iterable[Hearing]:
        return (one for one in (*self._items, *self._spots, *self._pictures) if not one.held)

    def _end_all(self) -> None:
        self._end_sounding()
        for viewing in tuple(self._pictures):
            self._end_picture(viewing, Ended.STOPPED)

    @handler("level_heard")
    def _on_level(self, level: Level) -> None:
        aloud = (one for one in self._pictures if one.aloud)
        for hearing in (*self._items, *self._spots, *aloud):
            hearing.hear(level.mean_db)

    @handler("box_placed")
    def _on_placed(self, place: Place) -> None:
        self._zone = place.zone

    # -- what is shown -------------------------------------------------------------------------

    @handler("picture_started")
    def _on_picture(self, prepared: PreparedItem, position_s: Seconds) -> None:
        """Begin a row; a picture that was dark meanwhile goes on in the row that it has."""
        dark = [viewing for viewing in self._pictures if viewing.held]
        resumed = first(reversed(dark), prepared)
        for viewing in dark:
            if viewing is not resumed:
                self._end_picture(viewing, Ended.STOPPED)
        if resumed is None:
            aloud = self._has_sound and has_sound(prepared.item)
            started = self._next_instant()
            self._jot(begun(prepared, started, self._zone, picture=True))
            self._pictures.append(Viewing(prepared, started, position_s, aloud=aloud))
        else:
            resumed.go_on(position_s, self._ticker.clock())
        (resumed or self._pictures[-1]).light(self._screens)

    @handler("picture_advanced")
    def _on_picture_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        viewing = first(reversed(self._pictures), prepared)
        if viewing is not None:
            viewing.advance(prepared, position_s, self._ticker.clock())

    @handler("picture_finished")
    def _on_picture_finished(self, prepared: PreparedItem, why: Ended) -> None:
        self._end_picture(first(self._pictures, prepared), why)

    @handler("screen_told")
    def _on_screen(self, view: ScreenView) -> None:
        """Count what is shown only while a screen is up, and meant to be."""
        self._screens = tuple(output.name for output in view.outputs if output.up) if view.on else ()
        for viewing in self._pictures:
            viewing.light(self._screens)

    @handler("sound_found")
    def _on_sound(self, _sink: str, _private: bool) -> None:
        self._has_sound = True

    @handler("sound_lost")
    def _on_sound_lost(self, _reason: str) -> None:
        self._has_sound = False
        for viewing in self._pictures:
            viewing.silence(self._ticker.clock())

    def _end_picture(self, viewing: Viewing | None, why: Ended) -> None:
        if viewing is not None:
            self._pictures.remove(viewing)
            self._jot(told(viewing, self._ticker.clock(), why))
