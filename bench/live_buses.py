"""The bus between three workers is killed and started again: nothing wedges, and what was lost costs 10 s.

``python -m bench.live_buses`` holds 1,000 lines at a hub on PostgreSQL, once with the database as its bus and
once with NATS, and writes its part of ``docs/benchmarks/live-fleet.md``.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop

from bench.heartbeats import settle
from bench.hub_server import Server
from bench.live_bench import allow_files
from bench.live_fleet_page import put, table
from bench.live_lines import BoxLine, Desk, RefusedError, hold, to_one
from easyplayer.hub.app import build_hub
from easyplayer.hub.settings import HubSettings
from tests.hub import postgres
from tests.hub.live.buses import free_port

LINES, WORKERS = 1000, 3
COMMANDS = 60
"""How many are given, one after the other, while all is well."""
AWAY_S = 20.0
EVERY_S = 1.0
"""How often one is given while the bus is away, and until all is well again."""
WELL_S = 1.0
WELL_IN_A_ROW = 15
"""So many in a row that were there within ``WELL_S``, from any worker to any: the bus is back."""
MAY_TAKE_S = 120.0


class Figures(NamedTuple):
    """What was measured of one bus.

    :ivar before_s: how long commands took while all was well; ``away_s`` while the bus was away, and
        ``again_s`` from its start on until all was well again.
    :ivar refused: how many the API did not take meanwhile.
    :ivar back_s: how long after its start the first one was given since which all are well.
    """

    bus: str
    before_s: list[float]
    away_s: list[float]
    again_s: list[float]
    refused: int
    back_s: float
    lines_lost: int
    log: list[str]


class Bus:
    """A bus that can be killed and started again; the database is one, too."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._is_nats = name == "NATS"
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"nats://127.0.0.1:{self._port}" if self._is_nats else ""
        if self._is_nats:
            self.start()

    def start(self) -> None:
        """Start it."""
        if self._is_nats:
            command = ["nats-server", "-a", "127.0.0.1", "-p", str(self._port)]
            nowhere = subprocess.DEVNULL
            self._server = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
        else:
            self._server = postgres.start(self._folder)

    def kill(self) -> None:
        """Kill it, as a power cut does."""
        if self._is_nats:
            self.end()
        else:
            first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(first, signal.SIGQUIT)

    def end(self) -> None:
        """End it, if it was started from here."""
        if self._server is not None and self._is_nats:
            self._server.kill()
            self._server.wait()
        elif self._server is not None:
            postgres.end(self._server)


class Giving:
    """Commands that are given, one every second, each to another box."""

    def __init__(self, desk: Desk, boxes: list[tuple[str, BoxLine]]) -> None:
        self._desk = desk
        self._boxes = boxes
        self.took_s: list[float] = []
        self.refused = 0
        self.well = 0
        """How many in a row were there soon."""

    async def go_on(self, most_s: float, until_well: int) -> float:
        """Give them for so long, or until so many in a row were well; tells how long that was."""
        began = time.monotonic()
        self.took_s, self.well = [], 0
        async with asyncio.TaskGroup() as tasks:
            while (span_s := time.monotonic() - began) < most_s and self.well < until_well:
                tasks.create_task(self._give())
                await asyncio.sleep(EVERY_S)
        return span_s

    async def _give(self) -> None:
        try:
            async with asyncio.timeout(MAY_TAKE_S):
                self.took_s.append(await to_one(self._desk, *self._boxes.pop()))
        except RefusedError:
            self.refused, self.well = self.refused + 1, 0
        else:
            self.well = self.well + 1 if self.took_s[-1] < WELL_S else 0


async def measure(bus: Bus, name: str, server: Server, fleet: Sequence[tuple[str, str]]) -> Figures:
    """Measure one bus."""
    lines = await hold(server.port, [token for _, token in fleet])
    boxes = [(box, line) for (box, _), line in zip(fleet, lines, strict=True)]
    random.Random(4).shuffle(boxes)
    desk = Desk(server.url, server.state, anew=True)
    before = [await to_one(desk, *boxes.pop()) for _ in range(COMMANDS)]
    giving = Giving(desk, boxes)
    bus.kill()
    await giving.go_on(AWAY_S, COMMANDS)
    away = giving.took_s
    bus.start()
    span_s = await giving.go_on(MAY_TAKE_S, WELL_IN_A_ROW)
    return Figures(
        bus=name,
        before_s=before,
        away_s=away,
        again_s=giving.took_s,
        refused=giving.refused,
        back_s=max(span_s - WELL_IN_A_ROW * EVERY_S, 0.0),
        lines_lost=sum(not line.is_held for line in lines),
        log=[one for one in server.log().splitlines() if not one.startswith(("INFO", "hub listens"))],
    )


def _times(took_s: Sequence[float]) -> str:
    if not took_s:
        return "none came"
    return f"{statistics.median(took_s):.2f} / {max(took_s):.2f} ({len(took_s)})"


ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("all is well", lambda one: _times(one.before_s)),
    ("the bus is away", lambda one: _times(one.away_s)),
    ("from its start on, until all is well", lambda one: _times(one.again_s)),
    ("commands that the API did not take meanwhile", lambda one: f"{one.refused}"),
    ("s from its start until all is well", lambda one: f"{one.back_s:.0f}"),
    ("lines lost", lambda one: f"{one.lines_lost}"),
)
"""What the table has: words, and how to tell it."""


def run(name: str, home: Path, many: int) -> Figures:
    """Make a hub with a bus, and measure it."""
    state = home / name
    state.mkdir()
    with postgres.cluster() as folder:
        postgres.run(folder, "CREATE DATABASE bench")
        url = postgres.url(folder, "bench")
        hub = build_hub(HubSettings(state=str(state), database=url))
        fleet = settle(hub, many, random.Random(1).randbytes)
        hub.database.close()
        bus = Bus(folder, name)
        server = Server(state, url, workers=WORKERS, bus=bus.url)
        try:
            figures = uvloop.run(measure(bus, name, server, fleet))
            code = server.end()
        finally:
            server.kill()
            bus.end()
    print(figures._replace(log=[]), f"exit code {code}", flush=True)
    print("\n".join(figures.log[:60]), flush=True)
    return figures


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    wanted = parser.parse_args()
    allow_files(3 * wanted.lines)
    with tempfile.TemporaryDirectory() as home:
        found = [run(name, Path(home), wanted.lines) for name in ("NATS", "PostgreSQL")]
    rows = [(what, *map(tell, found)) for what, tell in ROWS]
    body = f"""
{wanted.lines:,} lines at a hub of {WORKERS} workers on PostgreSQL. Commands are given to single boxes, at any
of the workers: two of three have to go to another one. The bus is killed, away for {AWAY_S:.0f} s or a little
more, and started again; where the database is the bus, all else is away with it, and nothing can be given.
Told is how many seconds it took from giving a command until the box had it: median / longest (how many).
What is lost on the bus is found within 10 s. A bus that is away is tried again after 30 s at the longest.

{table(["", *(one.bus for one in found)], rows)}
"""
    put("The bus is away", body)


if __name__ == "__main__":
    main()
