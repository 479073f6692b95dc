"""The live channel's soak: lines come and go, are cut, watched and commanded, and nothing may stay behind.

``make live-soak`` runs it for 15 minutes.  It fails where the hub's memory, tasks or sockets grow, where a
register of the live channel is not empty once everybody has gone, where a command has got no result, or where
the hub has logged an error.  What happens comes from ``--seed``.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import msgspec
import uvloop
from sqlalchemy import create_engine, func, select

from bench.heartbeats import settle
from bench.hub_server import Server
from bench.live_bench import allow_files
from bench.live_box import Where
from bench.live_census import PLACE, Census
from bench.live_chaos import Chaos
from bench.live_fleet_page import put, table
from easyplayer.hub.app import build_hub
from easyplayer.hub.db.schema import commands
from easyplayer.hub.settings import HubSettings

BOXES = 300
PER_S = 10.0
"""How many things are done in a second."""
MINUTES = 15.0
HEARTBEAT_S, LIVE_HEARTBEAT_S = 3, 30
"""So seldom is nothing that the minutes are too short for it."""
SAMPLE_EVERY_S = 5.0
BACK_MAY_TAKE_S = 120.0
RESULTS_MAY_TAKE_S = 60.0
LEAVING_MAY_TAKE_S = 75.0
"""A line that has fallen silent is noticed after 45 s."""
CENSUS_MAY_TAKE_S = 30.0
MOST_GROWTH_MIB = 8.0
"""SQLite's caches grow with its file, in each of its connections."""
MOST_MORE_OBJECTS = 10_000
"""What Python has loaded by then, and keeps: as many after half a minute as after a quarter of an hour."""
STAYS = ("Counts.", "RefusalLog.", "Figures.", "Handlers.", "Router.", "Presence.", "Pace.", "_Queue.")
"""What is no register: figures by name, and addresses of whom was said that they were refused."""
WIDTH = 100
TROUBLE = ("ERROR", "CRITICAL", "Traceback")


class Sample(NamedTuple):
    """What the hub had at an instant."""

    at_s: float
    memory_mib: float
    descriptors: int
    threads: int
    live: int


class Run(NamedTuple):
    """What came of it.

    :ivar before: what there was before anybody had come, and ``after`` everybody had gone.
    :ivar open_commands: how many commands have got no result, of ``commands``.
    """

    samples: list[Sample]
    before: Census
    after: Census
    done: dict[str, int]
    seen: dict[str, int]
    all_back: bool
    commands: int
    open_commands: int
    code: int
    log: str

    @property
    def growth_mib(self) -> float:
        """By how much the memory of the last third is above that of the second."""
        third = max(len(self.samples) // 3, 1)
        second, last = self.samples[third : 2 * third], self.samples[2 * third :]
        return statistics.median(one.memory_mib for one in last) - statistics.median(
            one.memory_mib for one in second or last
        )

    @property
    def left_behind(self) -> dict[str, int]:
        """What is in registers that was not there before."""
        more = {name: many - self.before.kept.get(name, 0) for name, many in self.after.kept.items()}
        return {name: many for name, many in more.items() if many > 0 and not name.startswith(STAYS)}


class Soak:
    """One hub, and what happens to it."""

    def __init__(self, home: Path, boxes: int, seed: int) -> None:
        self._home = home
        self._seed = seed
        self._url = f"sqlite:///{home / 'hub.sqlite'}"
        hub = build_hub(HubSettings(state=str(home), database=self._url))
        self._fleet = settle(hub, boxes, random.Random(seed).randbytes)
        hub.database.close()
        self._census = home / "census.json"
        os.environ[PLACE] = str(self._census)
        self._server = Server(
            home,
            self._url,
            program=("-m", "bench.live_census"),
            heartbeat_s=HEARTBEAT_S,
            live_heartbeat_s=LIVE_HEARTBEAT_S,
        )
        self._numbers = 0
        self._samples: list[Sample] = []

    def end(self) -> None:
        """End the hub, whatever it does."""
        self._server.kill()

    async def run(self, span_s: float) -> Run:
        """Let it happen."""
        server, admin = self._server, (self._home / "admin.token").read_text().strip()
        where = Where(server.port, server.url, ("websocket",))
        chaos = Chaos(self._fleet, where, admin, random.Random(self._seed))
        before = await self._counted()
        began = time.monotonic()
        chaos.begin(HEARTBEAT_S)
        sampling = asyncio.create_task(self._sample(chaos, began))
        await chaos.rage(span_s, PER_S)
        sampling.cancel()
        chaos.calm()
        all_back = await _until(lambda: chaos.live == len(self._fleet), BACK_MAY_TAKE_S)
        await _until(lambda: self._commands()[1] == 0, RESULTS_MAY_TAKE_S)
        given, open_ones = self._commands()
        await chaos.leave()
        after = await self._counted()
        deadline = time.monotonic() + LEAVING_MAY_TAKE_S
        while time.monotonic() < deadline and (after.kept != before.kept or after.tasks > before.tasks):
            await asyncio.sleep(1.0)
            after = await self._counted()
        code = await asyncio.to_thread(server.end)
        return Run(
            samples=self._samples,
            before=before,
            after=after,
            done=chaos.done,
            seen=chaos.seen,
            all_back=all_back,
            commands=given,
            open_commands=open_ones,
            code=code,
            log=server.log(),
        )

    async def _sample(self, chaos: Chaos, began: float) -> None:
        while True:
            await asyncio.sleep(SAMPLE_EVERY_S)
            process = Path(f"/proc/{self._server.pid}")
            files, threads = (len(list((process / name).iterdir())) for name in ("fd", "task"))
            sample = Sample(time.monotonic() - began, self._server.memory_mib(), files, threads, chaos.live)
            self._samples.append(sample)
            print(
                f"{sample.at_s:6.0f} s  {sample.memory_mib:6.1f} MiB  {files} files  {threads} threads  "
                f"{sample.live} live  operators heard {dict(chaos.heard)}",
                flush=True,
            )

    async def _counted(self) -> Census:
        """Have the hub count what it has."""
        self._numbers += 1
        self._server.signal(signal.SIGUSR1)
        deadline = time.monotonic() + CENSUS_MAY_TAKE_S
        while time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            if self._census.exists():
                census = msgspec.json.decode(self._census.read_bytes(), type=Census)
                if census.number == self._numbers:
                    return census
        raise SystemExit(f"the hub does not count what it has:\n{self._server.log()}")

    def _commands(self) -> tuple[int, int]:
        """Tell how many commands there are, and how many of them have no result."""
        engine = create_engine(self._url)
        try:
            with engine.connect() as connection:
                every = select(func.count()).select_from(commands)
                given = connection.execute(every).scalar() or 0
                return given, connection.execute(every.where(commands.c.finished.is_(None))).scalar() or 0
        finally:
            engine.dispose()


async def _until(reached: Callable[[], bool], most_s: float) -> bool:
    deadline = time.monotonic() + most_s
    while not (there := reached()) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return there


def wrong(run: Run) -> list[str]:
    """Tell what is not as it should be."""
    trouble = [line for line in run.log.splitlines() if line.startswith(TROUBLE)]
    found = {
        f"memory grows by {run.growth_mib:.1f} MiB": run.growth_mib > MOST_GROWTH_MIB,
        f"left behind: {run.left_behind}": bool(run.left_behind),
        f"tasks: {run.before.tasks}, then {run.after.tasks}": run.after.tasks > run.before.tasks,
        f"sockets: {run.before.sockets}, then {run.after.sockets}": run.after.sockets > run.before.sockets,
        f"Python objects: {run.before.objects}, then {run.after.objects}": run.after.objects
        > run.before.objects + MOST_MORE_OBJECTS,
        "not all boxes have come back": not run.all_back,
        f"{run.open_commands} commands have got no result": run.open_commands > 0,
        "no command was given": run.commands == 0,
        f"the hub has ended with {run.code}": run.code != 0,
        f"the hub's log: {trouble[:5]}": bool(trouble),
    }
    return [what for what, is_so in found.items() if is_so]


def tell(run: Run, boxes: int, minutes: float, seed: int) -> None:
    """Write the section."""
    third = max(len(run.samples) // 3, 1)
    thirds = (run.samples[:third], run.samples[third : 2 * third], run.samples[2 * third :])
    rows = [
        ("MiB, median", *(f"{statistics.median(one.memory_mib for one in some):.1f}" for some in thirds)),
        ("open files", *(_span([one.descriptors for one in some]) for some in thirds)),
        ("threads", *(_span([one.threads for one in some]) for some in thirds)),
        ("boxes that are live", *(_span([one.live for one in some]) for some in thirds)),
    ]
    before, after = run.before, run.after
    ends = [
        ("tasks", f"{before.tasks}", f"{after.tasks}"),
        ("open sockets", f"{before.sockets}", f"{after.sockets}"),
        ("Python objects", f"{before.objects:,}", f"{after.objects:,}"),
        ("in registers of the live channel", "", f"{sum(run.left_behind.values())} more"),
    ]
    seen = Counter(run.seen)
    deeds = ", ".join(f"{what} {many:,}" for what, many in sorted(run.done.items()) if "API" not in what)
    body = f"""
`make live-soak`, {minutes:.0f} minutes, seed {seed}: {boxes} boxes of all transports at a hub on SQLite
(heartbeats every {HEARTBEAT_S} s, live every {LIVE_HEARTBEAT_S} s). What was done, and how often:
{fill(deeds, WIDTH)}.

Lines of boxes have come up {seen["live"]:,} times; {seen["heartbeat"]:,} heartbeats and {seen["reported"]:,}
reports were sent. {run.commands:,} commands were given; {run.open_commands} of them have got no result.

{table(["", "first third", "second", "last"], rows)}

{table(["", "before anybody came", "when all had gone"], ends)}

Wrong: {"; ".join(wrong(run)) or "nothing"}.
"""
    put("Soak", body)


def _span(values: list[int]) -> str:
    return f"{min(values)} to {max(values)}" if values else "-"


def main() -> int:
    """Let it happen, and judge; 0 if all was well."""
    parser = argparse.ArgumentParser(prog="bench.live_soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--boxes", type=int, default=BOXES)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--page", action="store_true", help="write docs/benchmarks/live-fleet.md")
    given = parser.parse_args()
    print(f"--seed {given.seed}", flush=True)
    allow_files(8 * given.boxes + 500)
    with tempfile.TemporaryDirectory() as home:
        soak = Soak(Path(home), given.boxes, given.seed)
        try:
            run = uvloop.run(soak.run(60 * given.minutes))
        finally:
            soak.end()
    for what in sorted(run.done):
        print(f"{what:30}{run.done[what]}")
    for what in sorted(run.seen):
        print(f"box: {what:25}{run.seen[what]}")
    for census in (run.before, run.after):
        print(f"census: {census.tasks} tasks, {census.sockets} sockets, {census.objects} objects")
    print(f"commands {run.commands}, without a result {run.open_commands}")
    for line in (found := wrong(run)):
        print(f"WRONG: {line}")
    if given.page:
        tell(run, given.boxes, given.minutes, given.seed)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
