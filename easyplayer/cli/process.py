"""The box as a process: real drivers, the log, the live line, and an exit code."""

import ctypes
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from circuits.core.events import signal as signalled
from msgspec import structs

from easyplayer import log as logs
from easyplayer.backstage import Music
from easyplayer.cli.machine_notes import troubles
from easyplayer.cli.music_first import MusicFirst
from easyplayer.cli.refuge import Home
from easyplayer.component import BoxComponent
from easyplayer.core import Drivers, build
from easyplayer.drivers.device_watch import DeviceWatchMaker
from easyplayer.drivers.monitor import PulseMonitor
from easyplayer.drivers.mpv_deck import MpvDeck
from easyplayer.drivers.private_server import PrivateServer
from easyplayer.drivers.shared_libraries import know_them
from easyplayer.drivers.system_hands import end_sound_server, has_hands
from easyplayer.drivers.wall_clock import SystemClock
from easyplayer.ground import HubParts, ScreenParts, Stage
from easyplayer.guard import Level
from easyplayer.settings import Settings

log = logging.getLogger(__name__)

ENDING_MAY_TAKE_S = 2.8
"""From the signal to the end of the process, whatever hangs."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""What the GNU C library calls its settings, from ``malloc.h``."""
LARGE_BYTES = 128 * 1024
HUNG = 70
"""Exit code of a box that had to be ended, after ``sysexits.h``: an internal error."""


def real_drivers(ahead_s: float = 0.0, hub: HubParts | None = None) -> Drivers:
    """Give the box the real world.

    :param ahead_s: how far its wall clock is to be ahead of the machine's, to rehearse another time.
    :param hub: builds what a box with a hub has beside it.
    """
    know_them()
    from easyplayer.drivers.pulse_server import PulseServer  # it asks for libpulse as it is loaded

    wall = SystemClock(ahead_s)
    return Drivers(
        make_deck=MpvDeck,
        make_server=PulseServer,
        own_server=PrivateServer(),
        end_sound_server=end_sound_server if has_hands() else None,
        make_monitor=PulseMonitor,
        local_time=lambda: datetime.fromtimestamp(wall.now()),  # noqa: DTZ006 - the machine's zone is meant
        wall=wall,
        hub=hub,
    )


def parts_for_hub(ring: logs.Ring, music_first: MusicFirst) -> HubParts:
    """Give what builds a box's parts for its hub, over the real world; a box without a hub loads none of it.

    :param music_first: what the way to the hub waits for, as the libraries for it take their time.
    """
    from easyplayer.crafts import Tools
    from easyplayer.drivers.host import Host
    from easyplayer.drivers.power import SystemdPower, guardian
    from easyplayer.drivers.recording import PulseRecorder
    from easyplayer.drivers.tunnel import SshTunnel
    from easyplayer.hub_parts import HubDrivers, hub_parts

    tools = Tools(recorder=PulseRecorder(), power=SystemdPower(), ring=ring, guardian=guardian)
    drivers = HubDrivers(
        make_link=music_first.make_link,
        make_line=music_first.make_line,
        make_tunnel=SshTunnel,
        host=Host(),
        tools=tools,
    )
    return partial(hub_parts, drivers)


def parts_for_screen() -> ScreenParts:
    """Give what builds a box's parts for its screen, over the real world; without one, none is loaded."""

    def build_them(settings: Settings, stage: Stage) -> Iterable[BoxComponent]:
        from easyplayer.drivers import screens_found
        from easyplayer.drivers.mpv_screen import MpvScreen
        from easyplayer.drivers.panels_found import panels_of
        from easyplayer.screen_parts import ScreenDrivers, screen_parts

        drivers = ScreenDrivers(
            make_screen=MpvScreen,
            look=screens_found.look,
            find_panels=partial(panels_of, cec=settings.screen.cec),
        )
        return screen_parts(drivers, settings, stage)

    return build_them


def watch_maker(settings: Settings) -> DeviceWatchMaker:
    """Give a box what sees devices come and go."""
    from easyplayer.drivers.mounting import place_for_sticks
    from easyplayer.drivers.udev_watch import UdevWatch, WatchSpec

    folders = (settings.state, *(Path(folder).expanduser() for folder in settings.storage.disks))
    sticks = settings.devices.sticks and bool(settings.hub.url)
    return partial(UdevWatch, WatchSpec(place=place_for_sticks(settings.state), kept=folders, sticks=sticks))


def run_box(
    settings: Settings,
    music: Music,
    *,
    verbosity: int,
    keeps_place: bool = True,
    ahead_s: float = 0.0,
    heeds: bool = False,
    home: Home | None = None,
    extra: Sequence[BoxComponent] = (),
) -> int:
    """Run a box until it ends.

    :param ahead_s: how far its wall clock is to be ahead of the machine's.
    :param heeds: whether it ends where there should be more of it, or less.
    :param home: where it keeps what it keeps, and how much of it there is to be; without it, that is all.
    :param extra: parts beside those of every box.

    SIGUSR1 writes what every thread is doing to standard error.  SIGHUP has the program's file read
    anew; at a terminal it ends the box, as it does whenever a terminal goes.

    :returns: the exit code.
    """
    ring = logs.set_up(verbosity)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    _keep_small()
    music_first = MusicFirst()
    level = home.level if home is not None else Level.FULL
    hub = parts_for_hub(ring, music_first) if settings.hub.url and level is not Level.BARE else None
    away = (home.trouble,) if home is not None and home.trouble else ()
    beforehand = (*away, *troubles())
    for text in beforehand:
        log.warning("before the start: %s", text)
    drivers = structs.replace(
        real_drivers(ahead_s, hub),
        make_watch=watch_maker(settings) if level is Level.FULL else None,
        screen=parts_for_screen() if keeps_place else None,
        beforehand=beforehand,
    )
    # a box that is away is careful whatever the WatchDog says, and ends when it can go back
    app = build(settings, music, drivers, keeps_place=keeps_place, level=level, heeds=heeds and not away)
    app.furnish(music_first, *extra)
    if home is not None:
        home.go_back(app.fire)
    if sys.stderr.isatty():
        from easyplayer.cli.keys import Keys, has_keys
        from easyplayer.cli.now_playing import NowPlaying

        app.furnish(NowPlaying())
        if has_keys():
            app.furnish(Keys())
    elif music.watched:
        signal.signal(signal.SIGHUP, lambda number, frame: app.fire(signalled(number, frame)))
    with _ending_in_time():
        app.run()
    log.info("ended with exit code %d", app.exit_code)
    return app.exit_code


def _keep_small() -> None:
    """Let all threads share two heaps, and give large pieces back at once: together 15 MB less."""
    with suppress(AttributeError):  # only the GNU library has this
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, 2)
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)


@contextmanager
def _ending_in_time() -> Iterator[None]:
    """End the process some seconds after SIGTERM or SIGINT, even if its loop hangs.

    The signal's number is written to a pipe by the interpreter's own handler in C, whatever the
    main thread is doing; a thread waits there.
    """
    listen, tell = os.pipe()
    os.set_blocking(tell, False)
    before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_end_after_signal, args=(listen,), name="last-resort", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


def _end_after_signal(listen: int) -> None:
    while os.read(listen, 1)[0] not in {signal.SIGTERM, signal.SIGINT}:
        pass
    time.sleep(ENDING_MAY_TAKE_S)
    log.error("the box did not end in %.1f s: ending it", ENDING_MAY_TAKE_S)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(HUNG)
