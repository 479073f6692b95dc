"""The application: the tree of parts in reading order, and how it is built.

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
    │                    and, where it may have a screen:
    ├── VideoPlayer      one picture after the other, on all outputs at the same time
    ├── Director         which picture is shown next
    ├── Captions         what is written over the pictures
    ├── Lamp             which outputs there are, and whether their displays are awake
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
and end the other way round, by :mod:`easyplayer.app`; they know nothing of each other and meet in
:mod:`easyplayer.events`.  Those of a box that has a screen are built in :mod:`easyplayer.screen_parts`, and
those of one that has a hub in :mod:`easyplayer.hub_parts`.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from circuits.core.events import Event
from msgspec import Struct

from easyplayer.analysis import FactsCache
from easyplayer.app import App
from easyplayer.audio import AudioPlayer
from easyplayer.backstage import Backstage, Music, Workers
from easyplayer.component import Background, Clock
from easyplayer.devices import Devices
from easyplayer.drivers import deck, monitor, sound_server
from easyplayer.drivers.device_watch import DeviceWatchMaker
from easyplayer.drivers.screens_found import NOTHING
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.ground import Ground, HubParts, ScreenParts, Stage
from easyplayer.guard import Level
from easyplayer.keeping import Keeping
from easyplayer.ledger import Ledger
from easyplayer.meter import Meter
from easyplayer.preparing import Preparer
from easyplayer.program_watch import ProgramWatch
from easyplayer.pulse import Pulse
from easyplayer.repertoire import Repertoire
from easyplayer.scheduler import Scheduler
from easyplayer.settings import Settings
from easyplayer.sound import OwnServer, Sound
from easyplayer.status import StatusBoard
from easyplayer.ticker import Ticker, monotonic
from easyplayer.timekeeper import Timekeeper
from easyplayer.tracker import Tracker
from easyplayer.units import Seconds
from easyplayer.volume import VolumeControl
from easyplayer.warden import Warden
from easyplayer.wishes import handling, limits, standing, transition_rules, wish


class Drivers(Struct, frozen=True, kw_only=True):
    """The world as the box is given it: the real one, or a fake one in tests.

    :ivar make_watch: makes what sees devices come and go; ``None`` sees none.
    :ivar screen: builds what a box with a screen has beside it; ``None`` where it has none, whatever is set.
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
    screen: ScreenParts | None = None
    hub: HubParts | None = None
    beforehand: tuple[str, ...] = ()
    end_sound_server: Callable[[], None] | None = None


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
    threads = "errands", "looks", "analysis", "disk"
    workers = Workers(*(drivers.make_worker(app.fire, name) for name in threads))
    home = Keeping(settings.state, settings.storage) if keeps_place else None
    kept = home if level is not Level.BARE else None
    place = home if level is Level.FULL else None
    devices = Devices(drivers.make_watch) if drivers.make_watch is not None and place is not None else None
    sound, guard, wall = settings.sound, settings.watchdog, drivers.wall
    has_screen = settings.screen.outputs != (NOTHING,)
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
        StatusBoard(
            ticker,
            home.status if home else None,
            beforehand=drivers.beforehand,
            has_screen=has_screen,
        ),
    )
    if drivers.screen is not None and has_screen and level is not Level.BARE:
        app.furnish(*drivers.screen(settings, stage(settings, drivers, ticker, app)))
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


def stage(settings: Settings, drivers: Drivers, ticker: Ticker, app: App) -> Stage:
    """Put together what the parts of a screen stand on."""
    return Stage(
        facts=drivers.make_facts(settings.state / "analysis"),
        wall=drivers.wall,
        ticker=ticker,
        local_time=drivers.local_time,
        fire=app.fire,
        make_worker=drivers.make_worker,
    )


def backstage(
    settings: Settings, music: Music, drivers: Drivers, workers: Workers, kept: Keeping | None
) -> Backstage:
    """Put together who works for the Scheduler."""
    rules = transition_rules(settings.rules)
    facts = drivers.make_facts(settings.state / "analysis")
    return Backstage(
        Repertoire(rules, drivers.clock, once=not music.repeat),
        Preparer(facts, rules, workers.looks, workers.analysis),
        Tracker(kept.place if kept else None, music.places, drivers.clock, workers.disk),
        workers,
    )
