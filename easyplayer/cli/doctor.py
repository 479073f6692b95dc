"""``easyplayer doctor``: what is wrong on this machine, and what to do about it."""

import argparse
import ctypes.util
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from easyplayer import settings
from easyplayer.cli.hub_store import store_of
from easyplayer.cli.machine_checks import look_at_machine, look_for_hub
from easyplayer.cli.screen_checks import look_at_screens
from easyplayer.cli.storage_words import disk_words
from easyplayer.cli.telling import tell_encoded
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.sound_server import ServerDown, ServerReport, ServerUp
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.wall_clock import SystemClock, boot_id
from easyplayer.errors import SettingsError, StateError
from easyplayer.guard import Guard, Level, left_s, level_at
from easyplayer.guard import sound as sound_guard
from easyplayer.playout.items import masked
from easyplayer.playout.standing import MADE_ON
from easyplayer.protocol.foreign_text import tidied
from easyplayer.protocol.heartbeat import Health as DiskHealth
from easyplayer.sound import NULL, choose
from easyplayer.ticker import monotonic
from easyplayer.units import Monotonic

SOUND_MAY_TAKE_S = 3.0
NETWORK_MAY_TAKE_S = 3.0
LITTLE_SPACE_MB = 500
SLOW_SYNC_S = 1.0
ZONE_FILE = Path("/etc/localtime")


class Health(StrEnum):
    """How something is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


class Finding(Struct, frozen=True):
    """What was found in one place.

    :ivar advice: what to do; empty where nothing is to be done.
    """

    place: str
    health: Health
    what: str
    advice: str = ""


class _Trial(Struct):
    """Something small to write to the disk."""

    at: float


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--sink", metavar="NAME", help="output that the box is to play on")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and tell; 1 if anything is bad."""
    findings = list(examine(arguments))
    if arguments.json:
        tell_encoded(msgspec.json.encode(findings))
    else:
        _show(findings)
    return int(any(finding.health is Health.BAD for finding in findings))


def examine(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Look at one thing after the other."""
    given = {
        "box": {"state": arguments.state} if arguments.state else {},
        "sound": {"sink": arguments.sink} if arguments.sink else {},
    }
    try:
        wanted = settings.load(arguments.settings, command_line=given)
    except SettingsError as error:
        for problem in error.problems:
            yield Finding("settings", Health.BAD, problem, "correct the line")
        wanted = settings.Settings()
    else:
        yield Finding("settings", Health.GOOD, "all can be used")
    yield from programs()
    yield from sound(wanted.sound.sink)
    yield disk(wanted.state)
    yield supervision(GuardFile(wanted.state).load(), boot_id(), monotonic())
    if wanted.hub.url:
        yield from storage(wanted)
    yield clock(date.today())  # noqa: DTZ011 - the machine's zone is meant
    yield from network(wanted.music.places)
    looks = (*look_at_screens(wanted.screen), *look_for_hub(wanted), *look_at_machine())
    for place, health, what, advice in looks:
        yield Finding(place, Health(health), what, advice)


def programs() -> Iterator[Finding]:
    """Look whether all that the box calls is installed."""
    if ctypes.util.find_library("mpv"):
        yield Finding("mpv", Health.GOOD, "libmpv is installed")
    else:
        yield Finding("mpv", Health.BAD, "libmpv is missing: nothing can play", "apt install libmpv2")
    for name in ("ffmpeg", "ffprobe"):
        if shutil.which(name):
            yield Finding(name, Health.GOOD, "is installed")
        else:
            yield Finding(name, Health.BAD, "is missing: media cannot be measured", "apt install ffmpeg")


def sound(wanted: str) -> Iterator[Finding]:
    """Look whether there is a sound server, and which output the box would play on."""
    if wanted == NULL:
        yield Finding("sound", Health.DOUBTFUL, "a silent output is set: nobody hears it", "unset sound.sink")
        return
    server = ask_server()
    if isinstance(server, ServerDown):
        yield Finding(
            "sound",
            Health.BAD,
            f"no sound server answers ({server.reason}): the box would play where nobody hears it",
            "start PulseAudio or PipeWire for this user, or set PULSE_SERVER",
        )
        return
    sink = choose(server, wanted)
    if sink is None:
        yield Finding("sound", Health.BAD, "the sound server has no output", "connect a sound card")
        return
    yield Finding("sound", Health.GOOD, f"would play on {sink.name} ({sink.description})")
    if wanted and sink.name != wanted:
        names = ", ".join(one.name for one in server.sinks)
        yield Finding("sound", Health.BAD, f"output {wanted} is not there", f"choose one of: {names}")
    if sink.muted or sink.volume == 0:
        yield Finding("sound", Health.BAD, f"{sink.name} is turned off", f"pactl set-sink-mute {sink.name} 0")


def ask_server() -> ServerUp | ServerDown:
    """Ask the sound server for its outputs, with a time limit."""
    from easyplayer.drivers.pulse_server import PulseServer

    answered = threading.Event()
    answers: list[ServerReport] = []

    def take(report: ServerReport) -> None:
        answers.append(report)
        answered.set()

    server = PulseServer(take)
    server.open()
    answered.wait(SOUND_MAY_TAKE_S)
    server.close()
    return answers[0] if answers else ServerDown(f"it has not answered for {SOUND_MAY_TAKE_S:.0f} s")


def disk(state: Path) -> Finding:
    """Look whether the state directory can be written, how fast, and how much room there is."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        took_s = _timed(lambda: StateFile(state / "doctor.json", _Trial).save(_Trial(time.time())))
        (state / "doctor.json").unlink()
        free_mb = shutil.disk_usage(state).free // 2**20
    except (OSError, StateError) as error:
        return Finding("disk", Health.BAD, f"{state} cannot be written: {error}", "name another --state")
    told = f"{state}: {free_mb} MB free, a write takes {1000 * took_s:.0f} ms"
    if free_mb < LITTLE_SPACE_MB:
        return Finding("disk", Health.DOUBTFUL, told, "make room")
    if took_s > SLOW_SYNC_S:
        return Finding("disk", Health.DOUBTFUL, told, "replace the disk or card: it is worn")
    return Finding("disk", Health.GOOD, told)


def supervision(guard: Guard, boot: str, now: Monotonic) -> Finding:
    """Look how often the box has ended badly, and whether it is in safe mode."""
    level, known = level_at(guard, boot, now), sound_guard(guard, boot, now)
    told = f"killed {known.kills} times, crashed {known.crashes} times since the machine started"
    if known.last:
        told = f"{told}; the last one ever: {known.last[-1].text}"
    advice = "read what the log says of it: journalctl -u easyplayer"
    if level is not Level.FULL:
        left_min = left_s(guard, boot, now) / 60
        return Finding(
            "supervision",
            Health.BAD,
            f"safe mode ({level.name.lower()}) for {left_min:.0f} min; {told}",
            advice,
        )
    if known.unguarded:
        words = f"nobody starts the box anew if it hangs: {known.unguarded}; {told}"
        return Finding("supervision", Health.BAD, words, "look at circus.ini, and at who has the port")
    if known.kills or known.crashes:
        return Finding("supervision", Health.DOUBTFUL, told, advice)
    return Finding("supervision", Health.GOOD, told)


def storage(wanted: settings.Settings) -> Iterator[Finding]:
    """Look at each disk that is to take the hub's media."""
    library = store_of(wanted).media
    for one in library.disks():
        told = disk_words(one)
        match one.health:
            case DiskHealth.WELL:
                yield Finding("storage", Health.GOOD, told)
            case DiskHealth.FULL:
                yield Finding(
                    "storage", Health.DOUBTFUL, told, "make room: easyplayer storage gc, or add a disk"
                )
            case DiskHealth.MISSING:
                yield Finding(
                    "storage", Health.BAD, told, "plug it in and mount it, or correct storage.disks"
                )
            case _:
                yield Finding("storage", Health.BAD, told, "look at the disk: its plug, its mount, its age")
    library.close()


def clock(today: date, is_kept: Callable[[], bool] = lambda: SystemClock().synchronised()) -> Finding:
    """Look whether the wall clock can be right."""
    zone = os.environ.get("TZ") or (os.path.realpath(ZONE_FILE) if ZONE_FILE.exists() else "UTC")
    if today < MADE_ON:
        return Finding("clock", Health.BAD, f"stands at {today}", "set it, or give the box a time server")
    told = f"{today}, zone {zone.rpartition('zoneinfo/')[2]}"
    if not is_kept():
        return Finding(
            "clock", Health.DOUBTFUL, f"{told}; no time server keeps it right", "see the guide: the clock"
        )
    return Finding("clock", Health.GOOD, f"{told}; a time server keeps it right")


def network(places: tuple[str, ...]) -> Iterator[Finding]:
    """Look whether the servers of the streams can be reached; without streams none is needed."""
    servers = sorted(
        {(url.hostname, url.port or _port(url.scheme)) for url in map(urlsplit, places) if url.hostname}
    )
    if not servers:
        yield Finding("network", Health.GOOD, "not needed: no streams are set")
    for host, port in servers:
        try:
            socket.create_connection((host, port), NETWORK_MAY_TAKE_S).close()
        except OSError as error:
            what = f"{masked(host or '')}:{port} cannot be reached ({error.strerror or error})"
            yield Finding("network", Health.BAD, what, "check cable, address and firewall")
        else:
            yield Finding("network", Health.GOOD, f"{host}:{port} answers")


def _port(scheme: str) -> int:
    return {"https": 443, "rtsp": 554}.get(scheme, 80)


def _timed(action: Callable[[], None]) -> float:
    before = time.monotonic()
    action()
    return time.monotonic() - before


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {Health.GOOD: "green", Health.DOUBTFUL: "yellow", Health.BAD: "red"}
    table = Table("", "", "what was found", "what to do", box=None)
    for finding in findings:
        place, what, advice = (Text(tidied(one)) for one in (finding.place, finding.what, finding.advice))
        table.add_row(place, Text(finding.health, style=colours[finding.health]), what, advice)
    Console().print(table)
