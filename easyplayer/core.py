"""The application: the tree of parts in reading order, how it starts, and how it ends.

::

    App
    ├── Ticker           deadlines on the monotonic clock
    ├── Timekeeper       how far the wall clock can be trusted
    ├── Sound            which output, and whether there is one
    ├── Meter            what the output really carries
    ├── AudioPlayer      two decks and the switch between them, and spots over both
    ├── VolumeControl    how loud it is
    ├── ProgramWatch     the program's file, where there is one
    ├── Scheduler        what plays next
    ├── Ledger           what was played: the as-run log
    ├── Devices          what is plugged in: sticks, sound cards, displays
    ├── Warden           what the WatchDog has seen of it, and safe mode
    ├── StatusBoard      how the box is
    │                    and, where there is a hub:
    ├── Storage          its programs and media, and which one is played
    ├── DownloadManager  makes the next storage complete
    ├── Scrubber         reads all of it again, slowly, to find what has gone bad
    ├── Reporter         how the box is, in the hub's terms
    ├── Porter           what a stick brings, and what is left on it
    ├── Workshop         carries out what the hub wants done
    ├── WebClient        heartbeats, commands, and the log on its way
    ├── LiveChannel      a line that stays open to the hub, so that what it wants comes at once
    └── Pulse            tells the guardians that it makes progress

Each part stands on those above it here.  They start in this order, bottom-up as the house is built,
and end the other way round; they know nothing of each other and meet in :mod:`easyplayer.events`.  Those of a
box that has a hub are built in :mod:`easyplayer.hub_parts`.
"""

import logging
import signal as signals
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from circuits import handler
from circuits.core.events import Event
from circuits.core.pollers import EPoll
from msgspec import Struct

from easyplayer.analysis import FactsCache
from easyplayer.audio import AudioPlayer
from easyplayer.component import Background, BoxComponent, Clock
from easyplayer.devices import Devices
from easyplayer.drivers import deck, monitor, sound_server
from easyplayer.drivers.device_watch import DeviceWatchMaker
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.errors import EasyplayerError
from easyplayer.events import (
    allowance_changed,
    check_allowed,
    fade_out,
    handler_failed,
    shut_down,
    start_playing,
)
from easyplayer.ground import Ground, HubParts
from easyplayer.guard import Level
from easyplayer.keeping import Keeping
from easyplayer.ledger import Ledger
from easyplayer.meter import Meter
from easyplayer.playout.catalogue import Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.standing import CLOCK_WRONG, EMERGENCY, Standing, VenueHours, Verdict, judge
from easyplayer.preparing import Preparer
from easyplayer.program_watch import ProgramWatch
from easyplayer.pulse import Pulse
from easyplayer.repertoire import Repertoire
from easyplayer.scheduler import Backstage, Music, Scheduler, Workers
from easyplayer.settings import Settings
from easyplayer.sound import OwnServer, Sound
from easyplayer.status import StatusBoard
from easyplayer.ticker import Deadline, Ticker, monotonic
from easyplayer.timekeeper import Timekeeper
from easyplayer.tracker import Tracker
from easyplayer.units import Instant, Seconds
from easyplayer.volume import VolumeControl
from easyplayer.warden import Warden
from easyplayer.wishes import handling, limits, standing, transition_rules, wish

log = logging.getLogger(__name__)

CHECK_EVERY_S = Seconds(60.0)
CLOSING_FADE_S = Seconds(3.0)
"""How long the music takes to go when the venue closes."""
ENDING_FADE_S = Seconds(0.6)
ENDING_MAY_TAKE_S = Seconds(1.2)
"""How long the players may take to be silent before the parts are closed all the same."""
FAILED = 70
"""Exit code after an uncaught error, after ``sysexits.h``: an internal error."""


class Drivers(Struct, frozen=True, kw_only=True):
    """The world as the box is given it: the real one, or a fake one in tests.

    :ivar make_watch: makes what sees devices come and go; ``None`` sees none.
    :ivar hub: builds what a box with a hub has beside it; ``None`` where it has none, whatever is set.
    :ivar beforehand: what went wrong on the machine before the box started.
    :ivar end_sound_server: ends a sound server that hangs; ``None`` where the machine does not let us.
    """

    make_deck: deck.DeckMaker
    make_server: Callable[[sound_server.Report], sound_server.SoundServer]
    own_server: OwnServer
    make_monitor: Callable[[monitor.Report], monitor.Monitor]
    local_time: Callable[[], datetime]
    wall: WallClock
    clock: Clock = monotonic
    make_worker: Callable[[Callable[[Event], object], str], Background] = Background
    make_facts: Callable[[Path], FactsCache] = FactsCache
    make_watch: DeviceWatchMaker | None = None
    hub: HubParts | None = None
    beforehand: tuple[str, ...] = ()
    end_sound_server: Callable[[], None] | None = None


class App(BoxComponent):
    """The root of the tree.

    :param standing: everything that decides whether the box may play.
    :param local_time: tells the local time of the machine.
    :param wall: tells the world's time.
    :ivar exit_code: what the process is to exit with.
    """

    def __init__(
        self,
        ticker: Ticker,
        standing: Standing,
        local_time: Callable[[], datetime],
        wall: Callable[[], Instant],
    ) -> None:
        super().__init__()
        EPoll().register(self)
        ticker.register(self)
        self._ticker = ticker
        self._parts: tuple[BoxComponent, ...] = ()
        self._opened: list[BoxComponent] = []
        self._standing = standing
        self._local_time = local_time
        self._wall = wall
        self._hours: VenueHours | None = None
        self._blind = False
        self._emergency = False
        self._blocked = ""
        self._verdict: Verdict | None = None
        self._failures = 0
        self._end: Deadline | None = None
        self.exit_code = 0

    def furnish(self, *parts: BoxComponent) -> None:
        """Put the parts into the tree, each after those it stands on."""
        self._parts = (*self._parts, *parts)
        for part in parts:
            part.register(self)

    # -- from start to end ---------------------------------------------------------------------

    @handler("started", channel="*")
    def _on_started(self, _root: object) -> None:
        for part in self._parts:
            part.open()
            self._opened.append(part)
        self._ticker.every(CHECK_EVERY_S, lambda: self.fire(check_allowed()))
        self.fire(check_allowed())

    @handler("signal", channel="*")
    def _on_signal(self, number: int, _frame: object) -> None:
        if number in {signals.SIGINT, signals.SIGTERM}:
            log.info("%s: ending", signals.Signals(number).name)
            self.fire(shut_down(0))

    @handler("shut_down")
    def _on_shut_down(self, exit_code: int) -> None:
        self.exit_code = self.exit_code or exit_code
        if self._end is None:
            self._end = self._ticker.after(ENDING_MAY_TAKE_S, self._close_all)
            self.fire(fade_out(ENDING_FADE_S, "the box ends"))

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state is PlayerState.STOPPED and self._end is not None and self._end.pending:
            self._end.cancel()
            self._ticker.after(0.0, self._close_all)

    def _close_all(self) -> None:
        while self._opened:
            part = self._opened.pop()
            try:
                part.close()
            except Exception:  # whatever one part does, the others must be closed
                log.exception("%s did not close well", type(part).__name__)
                self.exit_code = self.exit_code or FAILED
        self.stop()

    # -- may the box play? ---------------------------------------------------------------------

    @handler("check_allowed")
    def _on_check_allowed(self) -> None:
        verdict = self._judge()
        if self._end is not None or verdict == self._verdict:
            return
        turned = self._verdict is None or self._verdict.allowed is not verdict.allowed
        self._verdict = verdict
        self.fire(allowance_changed(allowed=verdict.allowed, reason=verdict.reason))
        if turned:
            log.info("may play: %s" if verdict.allowed else "may not play: %s", verdict.reason)
            self.fire(start_playing() if verdict.allowed else fade_out(CLOSING_FADE_S, verdict.reason))

    def _judge(self) -> Verdict:
        if self._emergency:
            return EMERGENCY
        if self._blocked:
            return Verdict(False, f"blocked by the hub: {self._blocked}")
        if self._blind:
            return CLOCK_WRONG
        verdict = judge(self._standing, self._local_time())
        if not verdict.allowed or self._hours is None:
            return verdict
        now = self._wall()
        change_s = self._hours.change_after(now) - now
        if change_s <= CHECK_EVERY_S:
            self._ticker.after(change_s, lambda: self.fire(check_allowed()))
        return self._hours.judge(now)

    @handler("program_taken")
    def _on_program_taken(self, program: Program) -> None:
        self._hours = VenueHours(program)
        self.fire(check_allowed())

    @handler("play_emergency")
    def _on_emergency(self, _item: Item) -> None:
        self._emergency = True
        self.fire(check_allowed())

    @handler("end_emergency")
    def _on_emergency_over(self) -> None:
        self._emergency = False
        self.fire(check_allowed())

    @handler("box_blocked")
    def _on_blocked(self, reason: str) -> None:
        self._blocked = reason
        self.fire(check_allowed())

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._blind = trust is ClockTrust.UNKNOWN
        self.fire(check_allowed())

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        self.fire(check_allowed())

    # -- what fails ----------------------------------------------------------------------------

    @handler("exception", channel="*")
    def _on_exception(  # the one handler of failures; it must never fail itself
        self,
        kind: type[BaseException],
        error: BaseException,
        _trace: object,
        handler: Any = None,
        fevent: Event | None = None,
    ) -> None:
        self._failures += 1
        self.exit_code = self.exit_code or (error.exit_code if isinstance(error, EasyplayerError) else FAILED)
        where = f"{getattr(handler, '__qualname__', handler)} on {getattr(fevent, 'name', fevent)}"
        log.error("%s failed: %s: %s", where, kind.__name__, error, exc_info=error)
        self.fire(handler_failed(self._failures, f"{where} failed: {kind.__name__}: {error}"))
        if getattr(fevent, "name", "") == "started":
            self._close_all()


def build(
    settings: Settings,
    music: Music,
    drivers: Drivers,
    *,
    keeps_place: bool = True,
    level: Level = Level.FULL,
    heeds: bool = False,
) -> App:
    """Build a box after its settings.

    :param keeps_place: whether it goes on where it was, and answers to its state directory; if not,
        it only shares what is known of the media, and has no hub.
    :param level: how much of it there is; in safe mode its place is left as it is, for later.
    :param heeds: whether it ends where the WatchDog wants more of it, or less.
    """
    ticker = Ticker(drivers.clock)
    app = App(ticker, standing(settings), drivers.local_time, drivers.wall.now)
    workers = Workers(*(drivers.make_worker(app.fire, name) for name in ("errands", "analysis", "disk")))
    home = Keeping(settings.state, settings.storage) if keeps_place else None
    kept = home if level is not Level.BARE else None
    place = home if level is Level.FULL else None
    devices = Devices(drivers.make_watch) if drivers.make_watch is not None and place is not None else None
    sound, guard, wall = settings.sound, settings.watchdog, drivers.wall
    app.furnish(
        Timekeeper(wall, kept.time if kept else None, ticker, workers.disk),
        Sound(
            drivers.make_server,
            drivers.own_server,
            wish(sound),
            ticker,
            workers.errands,
            end_server=drivers.end_sound_server,
        ),
        Meter(drivers.make_monitor, ticker),
        AudioPlayer(drivers.make_deck, transition_rules(settings.rules), handling(settings), ticker),
        VolumeControl(limits(sound), wall.now, ticker),
        *(ProgramWatch(path, kept.program if kept else None, ticker, workers.disk) for path in music.watched),
        Scheduler(music, backstage(settings, music, drivers, workers, place), ticker, wall.now),
        *([Ledger(kept.as_run, wall, ticker, workers.disk)] if kept else []),
        *([devices] if devices else []),
        *([Warden(home.watch(level, heeds=heeds), ticker, workers.disk)] if home else []),
        StatusBoard(ticker, home.status if home else None, beforehand=drivers.beforehand),
    )
    if kept is not None and drivers.hub is not None and settings.hub.url:
        ground = Ground(
            kept=kept,
            plays=music.from_hub,
            devices=devices,
            wall=wall,
            clock=drivers.clock,
            ticker=ticker,
            fire=app.fire,
            make_worker=drivers.make_worker,
            disk=workers.disk,
            level=level,
        )
        app.furnish(*drivers.hub(settings, ground))
    app.furnish(Pulse((guard.host, guard.port) if guard.port else None, Seconds(guard.every_s), ticker))
    return app


def backstage(
    settings: Settings, music: Music, drivers: Drivers, workers: Workers, kept: Keeping | None
) -> Backstage:
    """Put together who works for the Scheduler."""
    rules = transition_rules(settings.rules)
    facts = drivers.make_facts(settings.state / "analysis")
    return Backstage(
        Repertoire(rules, drivers.clock, once=not music.repeat),
        Preparer(facts, rules, workers.errands, workers.analysis),
        Tracker(kept.place if kept else None, music.places, drivers.clock, workers.disk),
        workers,
    )
