"""5,000 lines at one hub process: what they take, and how long commands take to them.

``python -m bench.live_hold`` holds them by the hub's own port and by ``live_port``, and writes its part of
``docs/benchmarks/live-fleet.md``.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench.heartbeats import VENUE, settle
from bench.hub_server import Server
from bench.live_bench import allow_files
from bench.live_fleet_page import put, table
from bench.live_lines import BoxLine, Desk, hold, to_one
from easyplayer.hub.app import build_hub
from easyplayer.hub.settings import HubSettings
from tests.hub.live.buses import free_port

LINES = 5000
WARM_UP = 300
SETTLING_S = 5.0
IDLE_S = 60.0
ALONE = 20
"""How many commands are given to single boxes."""
MAY_TAKE_S = 120.0
KIB = 1024


class Figures(NamedTuple):
    """What was measured by one way to the hub.

    :ivar before_mib: what the hub had before the lines came.
    :ivar opened_us: what of the processor each opening cost.
    :ivar pings: how many each line has answered in ``IDLE_S``.
    :ivar alone_ms: from giving a command to a box until it was there, while nothing else went on.
    :ivar all_answer_s: how long the API took to take a command for all.
    :ivar all_s: from giving it until the first, half, and the last box had it.
    :ivar amid_ms: from giving a command to one box, while that for all was on its way, until it was there.
    """

    way: str
    before_mib: float
    line_kib: float
    opened_s: float
    opened_us: float
    idle_percent: float
    pings: float
    alone_ms: float
    all_answer_s: float
    all_s: tuple[float, float, float]
    all_cpu_s: float
    amid_ms: float
    after_mib: float


async def measure(way: str, server: Server, port: int, fleet: Sequence[tuple[str, str]]) -> Figures:
    """Measure one way to the hub."""
    names, tokens = [box for box, _ in fleet], [token for _, token in fleet]
    for line in await hold(port, tokens[:WARM_UP]):
        line.close()
    await asyncio.sleep(SETTLING_S)
    before_mib, cpu_s, began = server.memory_mib(), server.cpu_s(), time.perf_counter()
    lines = await hold(port, tokens)
    opened_s, opened_cpu_s = time.perf_counter() - began, server.cpu_s() - cpu_s
    await asyncio.sleep(SETTLING_S)
    line_kib = (server.memory_mib() - before_mib) * KIB / len(lines)
    cpu_s, pings = server.cpu_s(), sum(line.pings for line in lines)
    await asyncio.sleep(IDLE_S)
    idle_percent = 100 * (server.cpu_s() - cpu_s) / IDLE_S
    pings = sum(line.pings for line in lines) - pings
    desk = Desk(server.url, server.state)
    alone = [await to_one(desk, names[number], lines[number]) for number in range(ALONE)]
    cpu_s = server.cpu_s()
    all_answer_s, all_s, amid_s = await _to_all(desk, names, lines)
    return Figures(
        way=way,
        before_mib=before_mib,
        line_kib=line_kib,
        opened_s=opened_s,
        opened_us=opened_cpu_s / len(lines) * 1e6,
        idle_percent=idle_percent,
        pings=pings / len(lines),
        alone_ms=statistics.median(alone) * 1000,
        all_answer_s=all_answer_s,
        all_s=all_s,
        all_cpu_s=server.cpu_s() - cpu_s,
        amid_ms=amid_s * 1000,
        after_mib=server.memory_mib(),
    )


async def _to_all(
    desk: Desk, names: Sequence[str], lines: Sequence[BoxLine]
) -> tuple[float, tuple[float, float, float], float]:
    """Give a command to all, and one more to one of those that have it first."""
    heard = [len(line.orders_at) for line in lines]
    given = time.perf_counter()
    coming = [asyncio.create_task(line.orders(before + 1)) for line, before in zip(lines, heard, strict=True)]
    taken = asyncio.create_task(desk.give(f"venues/{VENUE}"))
    async with asyncio.timeout(MAY_TAKE_S):
        done, _ = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
        first = coming.index(next(iter(done)))
        amid_s = await to_one(desk, names[first], lines[first])
        at = sorted(await asyncio.gather(*coming))
        answered_s = await taken - given
    return answered_s, (at[0] - given, statistics.median(at) - given, at[-1] - given), amid_s


ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("hub MiB before", lambda one: f"{one.before_mib:.0f}"),
    ("**kB for each line**", lambda one: f"**{one.line_kib:.1f}**"),
    ("s to open all", lambda one: f"{one.opened_s:.1f}"),
    ("hub µs for each opening", lambda one: f"{one.opened_us:.0f}"),
    (f"% of a core while idle, {IDLE_S:.0f} s", lambda one: f"{one.idle_percent:.1f}"),
    ("pings answered by each meanwhile", lambda one: f"{one.pings:.2f}"),
    ("ms until a command is with one box", lambda one: f"{one.alone_ms:.0f}"),
    ("**a command for all**: s until the API has taken it", lambda one: f"{one.all_answer_s:.1f}"),
    ("s until the first / half / all have it", lambda one: " / ".join(f"{at:.1f}" for at in one.all_s)),
    ("hub CPU s", lambda one: f"{one.all_cpu_s:.1f}"),
    ("ms until one for one box is there, amid that", lambda one: f"{one.amid_ms:.0f}"),
    ("hub MiB afterwards", lambda one: f"{one.after_mib:.0f}"),
)
"""What the table has: words, and how to tell it."""


def run(way: str, home: Path, many: int) -> Figures:
    """Make a hub, and measure it by one way."""
    state = home / way
    state.mkdir()
    url = f"sqlite:///{state / 'hub.sqlite'}"
    hub = build_hub(HubSettings(state=str(state), database=url))
    fleet = settle(hub, many, random.Random(1).randbytes)
    hub.database.close()
    live_port = free_port() if way == "live_port" else 0
    server = Server(state, url, live_port=live_port)
    try:
        figures = uvloop.run(measure(way, server, live_port or server.port, fleet))
    finally:
        server.end()
    print(figures, flush=True)
    print("\n".join(line for line in server.log().splitlines() if not line.startswith(("INFO", "hub"))))
    return figures


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    wanted = parser.parse_args()
    allow_files(3 * wanted.lines)
    with tempfile.TemporaryDirectory() as home:
        found = [run(way, Path(home), wanted.lines) for way in ("live_port", "the hub's port")]
    rows = [(what, *map(tell, found)) for what, tell in ROWS]
    body = f"""
{wanted.lines:,} lines of boxes at one process of a hub on SQLite, by `live_port` and by the hub's own port.
All of the hub is there: who has a line, who watches whom, the note that boxes are there, every ten seconds.

{table(["", *(one.way for one in found)], rows)}

The times of commands are from the request to the API until the message has come. The boxes answer nothing
here, so nothing else goes on.
"""
    put(f"{wanted.lines:,} lines", body)


if __name__ == "__main__":
    main()
