"""``easyplayer status``: how the running box is."""

import argparse
import time
from datetime import datetime
from pathlib import Path

import msgspec

from easyplayer import settings
from easyplayer.cli.now_playing import clock
from easyplayer.cli.storage_words import about
from easyplayer.cli.telling import tell_encoded
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError
from easyplayer.guard import GuardView, Level
from easyplayer.protocol.foreign_text import tidied
from easyplayer.status_view import HubView, Playing, Status

STALE_AFTER_S = 5.0
HANGS = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--json", action="store_true", help="the whole status as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Ask the box and show its status; 1 if the box answers but hangs."""
    given = {"box": {"state": arguments.state}} if arguments.state else {}
    answer = ask(settings.load(arguments.settings, command_line=given).state)
    try:
        status = msgspec.json.decode(answer, type=Status)
    except msgspec.MsgspecError as error:
        message = "the box has only just started, or is of another version: ask again"
        raise BoxSilentError(message) from error
    age_s = time.time() - status.at
    if arguments.json:
        tell_encoded(answer)
    else:
        _show(status, age_s)
    return HANGS if age_s > STALE_AFTER_S else 0


def _show(status: Status, age_s: float) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in rows(status, age_s):
        table.add_row(Text(name, style="bold"), Text(tidied(value)))
    Console().print(table)


def rows(status: Status, age_s: float) -> list[tuple[str, str]]:
    """Put a status into words, name by name."""
    heard = "never" if status.audible_ago_s is None else f"{status.audible_ago_s:.0f} s ago"
    silent = " (a silent one: nobody hears it)" if status.silent_sink else ""
    found = [
        ("state", f"{status.state} ({status.reason})"),
        ("plays", _item(status.item, f"{clock(status.position_s)} of ")),
        ("next", _item(status.next)),
        ("program", status.program or "none yet"),
        ("allowed", f"{'yes' if status.allowed else 'no'} ({status.verdict})"),
        ("output", f"{status.sink or 'none'}{silent}, volume {status.volume}"),
        ("level", f"{status.level_db:.0f} dBFS, last audible {heard}"),
        ("running", f"{status.uptime_s / 3600:.1f} h, process {status.pid}, version {status.version}"),
        ("failures", str(status.failures)),
    ]
    found[-1:-1] = [*_screen(status), *_hub(status.hub), *(about(status.storage) if status.storage else ())]
    found[-1:-1] = _guard(status.guard)
    if age_s > STALE_AFTER_S:
        found.insert(0, ("HANGS", f"the box has not told anything for {age_s:.0f} s"))
    return found + [(_time_of_day(problem.at), problem.text) for problem in status.problems]


def _screen(status: Status) -> list[tuple[str, str]]:
    """Put what is to be seen into words; nothing where there is no screen, and nothing for one."""
    screen = status.screen
    if not (screen.outputs or status.screen_wanted):
        return []
    shows = f"shows {screen.item}" if screen.item else screen.reason or "shows nothing"
    told = [("screen", shows if screen.outputs else f"NONE, and the program has pictures: {shows}")]
    for output in screen.outputs:
        size = f"{output.width} by {output.height} by {output.driver}" if output.width else output.driver
        trouble = "" if output.up else output.trouble or "shows nothing"
        told.append(("display", f"{output.name}: {', '.join(filter(None, (trouble, size)))}"))
    if screen.restarts or screen.stuck:
        told.append(("screen was", f"{screen.restarts} times started anew, {screen.stuck} times stuck"))
    return told


def _hub(hub: HubView) -> list[tuple[str, str]]:
    """Put what there is between the box and its hub into words; nothing where it has none."""
    answer = f"{hub.url} does not answer: {hub.trouble}" if hub.trouble else f"{hub.url} answers"
    told = [
        ("hub", answer.strip() if hub.url else hub.trouble),
        ("live", f"by {hub.live}" if hub.live else hub.not_live and f"no: {hub.not_live}"),
        ("claim code", hub.claim_code),
        ("place", hub.place),
        ("support", f"has a way in: {hub.support}" if hub.support else ""),
        ("fetches", hub.fetching),
    ]
    return [(name, text) for name, text in told if text]


def _guard(guard: GuardView) -> list[tuple[str, str]]:
    """Put what the WatchDog has seen into words; nothing where it has seen nothing."""
    told = []
    if guard.safe:
        name = Level(guard.safe).name.lower()
        minutes = guard.safe_left_s / 60
        left = f"for {minutes:.0f} min more" if minutes else "until its state is back"
        told.append(("SAFE MODE", f"{name}, {left}"))
    if guard.kills_ever or guard.crashes_ever:
        counts = f"killed {guard.kills} times, crashed {guard.crashes} times since the machine started"
        told.append(("bad ends", f"{counts}; the last one: {guard.last}"))
    if guard.unguarded:
        told.append(("UNGUARDED", f"nobody starts the box anew if it hangs: {guard.unguarded}"))
    return told


def _time_of_day(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def _item(item: Playing | None, position: str = "") -> str:
    if item is None:
        return "nothing"
    name = f"{item.artist} - {item.title}" if item.artist and item.title else item.title or item.location
    why = f", {item.why}" if item.why else ""
    return f"{name} ({position}{clock(item.length_s) if item.length_s else '…'}){why}"
