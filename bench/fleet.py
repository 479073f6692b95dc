"""A fleet of boxes, and a hub that publishes a program for all of them and is killed: how it carries that.

``python -m bench.fleet`` simulates 10,000 boxes beside a real hub, on SQLite or with ``--postgresql``, and
writes ``docs/benchmarks/fleet.md``; ``--both`` measures both.
"""

import argparse
import asyncio
import math
import os
import platform
import random
import statistics
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop
from sqlalchemy import insert

from bench.fleet_box import FETCH_MAY_TAKE_S, FleetBox, Tally
from bench.heartbeats import VENUE, Sender, settle
from bench.hub_server import Server, databases
from easyplayer.hub.app import build_hub
from easyplayer.hub.content_views import PublicationWanted, Target
from easyplayer.hub.db.schema import groups, program_versions, programs, venue_groups
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import publishing
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.hub.settings import HubSettings

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "fleet.md"
BOXES = 10_000
INTERVAL_S = 30
STEADY_S = 40.0
AWAY_S = (5.0, 10.0)
MOST_S = 300.0
"""What has not come by then is not waited for."""
AFTERWARDS_S = 60.0
"""For how long a restart is watched at least: two rounds."""
LOOK_EVERY_S = 0.25
GROUP = PROGRAM = "bench"
AIM_RATIO = 2.0
MACHINE = (
    f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
    f"Python {platform.python_version()}."
)


class Phase(NamedTuple):
    """What was measured in one phase.

    :ivar span_s: how long it took, or how long until it was reached.
    :ivar cpu_s: what the hub's process used.
    """

    tally: Tally
    span_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """How many heartbeats came to the hub in a second."""
        return len(self.tally.asked) / self.span_s

    @property
    def cpu_us(self) -> float:
        """What one heartbeat cost, in microseconds of the processor."""
        return self.cpu_s / max(len(self.tally.answered), 1) * 1e6

    @property
    def p99_ms(self) -> float:
        """In how many milliseconds 99 of 100 were answered, with the connection made for them."""
        return statistics.quantiles(self.tally.took_s, n=100)[98] * 1000


class Figures(NamedTuple):
    """What was measured of one database.

    :ivar publish_s: how long publishing itself took.
    :ivar told_s: how long until all boxes had been told of the program, and ``have_s`` until the hub knew
        that all have it.
    :ivar away_s: how long the hub was away, with its start.
    :ivar back_s: how long from then until it had heard every box.
    """

    database: str
    steady: Phase
    publishing: Phase
    publish_s: float
    told_s: float
    have_s: float
    restart: Phase
    away_s: float
    back_s: float
    peak_per_s: int

    @property
    def ratio(self) -> float:
        """By how much the peak after the restart is above what is usual."""
        return self.peak_per_s / self.steady.per_s


class Watch:
    """Measures phases: each begins with a tally of its own."""

    def __init__(self, tallies: list[Tally], server: Server) -> None:
        self.server = server
        self._tallies = tallies
        self._began = 0.0
        self._cpu_s = 0.0

    def begin(self) -> Tally:
        """Begin a phase."""
        self._tallies.append(Tally())
        self._began, self._cpu_s = time.monotonic(), self.server.cpu_s()
        return self._tallies[-1]

    def end(self) -> Phase:
        """Tell of the phase."""
        span_s, cpu_s = time.monotonic() - self._began, self.server.cpu_s() - self._cpu_s
        return Phase(self._tallies[-1], span_s, cpu_s)


async def until(reached: Callable[[], bool]) -> float:
    """Wait for something; gives how long it took, and infinity where that would be too long."""
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > MOST_S:
            return math.inf
        await asyncio.sleep(LOOK_EVERY_S)
    return time.monotonic() - began


def publish(hub: Hub) -> float:
    """Publish a program for all boxes; gives how long that took."""
    now, by = hub.now(), Caller(user="bench", grants={ALL: Role.ADMIN}, address="")
    program = {"id": PROGRAM, "name": "Bench", "draft": "{}", "version": 1, "revised": now}
    version = {"program": PROGRAM, "version": 1, "digest": "ab" * 32, "body": b'{"zone": "UTC"}'}
    with hub.database.write() as connection:
        connection.execute(insert(groups).values(id=GROUP, name=GROUP))
        connection.execute(insert(venue_groups).values(venue=VENUE, group=GROUP))
        connection.execute(insert(programs).values(**program))
        connection.execute(insert(program_versions).values(**version, created=now, by=by.user))
    began = time.monotonic()
    with hub.database.write() as connection:
        wanted = PublicationWanted(target=Target.GROUP, target_id=GROUP, version=1)
        publishing.publish(connection, by, now, PROGRAM, wanted)
    return time.monotonic() - began


async def measure(name: str, hub: Hub, fleet: Sequence[tuple[str, str]], server: Server) -> Figures:
    """Measure one database."""
    chance = random.Random(2)
    tallies: list[Tally] = []
    watch = Watch(tallies, server)
    tally = watch.begin()
    senders = [Sender(box, token, full=False) for box, token in fleet]
    boxes = [FleetBox(number, one, server.port, tallies) for number, one in enumerate(senders)]
    lives = [asyncio.create_task(box.live(chance.uniform(0.0, INTERVAL_S))) for box in boxes]
    for life in lives:
        life.add_done_callback(_see_alive)
    await until(lambda: len(tally.heard) == len(boxes))
    watch.begin()
    await asyncio.sleep(STEADY_S)
    steady = watch.end()
    _tell(f"{name}: steady {steady.per_s:.0f}/s, {steady.cpu_us:.0f} us, {_trouble(steady.tally)}")

    tally = watch.begin()
    publish_s = await asyncio.to_thread(publish, hub)
    told_s = await until(lambda: len(tally.told) == len(boxes))
    have_s = told_s + await until(lambda: len(tally.have) == len(boxes))
    published = watch.end()
    _tell(f"{name}: publish {publish_s:.2f} s, told {told_s:.1f} s, have {have_s:.1f} s, {_trouble(tally)}")
    _tell(f"{name}: {published.cpu_s / published.span_s:.2f} cores, {published.cpu_us:.0f} us")

    went = time.monotonic()
    server.kill()
    await asyncio.sleep(chance.uniform(*AWAY_S))
    watch.server = await asyncio.to_thread(Server, server.state, str(hub.settings.database), server.port)
    away_s, tally = time.monotonic() - went, watch.begin()
    back_s = await until(lambda: len(tally.heard) == len(boxes))
    await asyncio.sleep(max(AFTERWARDS_S - back_s, 0.0))
    restart = watch.end()
    peak = max(Counter(map(int, tally.asked)).values())
    _tell(f"{name}: away {away_s:.1f} s, all heard {back_s:.1f} s, peak {peak}/s, {_trouble(tally)}")
    for life in lives:
        life.cancel()
    watch.server.end()
    return Figures(name, steady, published, publish_s, told_s, have_s, restart, away_s, back_s, peak)


def run(name: str, url: str, state: Path, count: int) -> Figures:
    """Make a hub and a fleet, and measure them."""
    state.mkdir()
    hub = build_hub(HubSettings(state=str(state), database=url))
    fleet = settle(hub, count, random.Random(1).randbytes)
    server = Server(state, url)
    try:
        return uvloop.run(measure(name, hub, fleet, server))
    finally:
        hub.database.close()
        server.end()


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boxes", type=int, default=BOXES)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--both", action="store_true", help="on both, one after the other")
    wanted = parser.parse_args()
    names = ("SQLite", "PostgreSQL") if wanted.both else ("PostgreSQL" if wanted.postgresql else "SQLite",)
    before = _load()
    with tempfile.TemporaryDirectory() as home, databases(Path(home)) as found:
        results = [run(one, found[one], Path(home) / one, wanted.boxes) for one in names if one in found]
    PAGE.write_text(page(results, wanted.boxes, before))


def page(results: Sequence[Figures], boxes: int, before: str) -> str:
    """Write the page, in Markdown."""
    names = " | ".join(one.database for one in results)
    table = "\n".join(f"| {what} | {' | '.join(map(tell, results))} |" for what, tell in ROWS)
    worst = max(one.ratio for one in results)
    return f"""# A fleet

Made by `python -m bench.fleet --both`: {boxes:,} simulated boxes and a real hub (`serve`) of one process.
The boxes pace themselves by the very code of the real ones, and connect anew where the hub has closed
the line. {MACHINE}
Load averages before it: {before}; after it: {_load()}.
The boxes ran on the same machine, and so did all else that it had to do: the processor's time is the figure
to trust.

First they go on for {STEADY_S:.0f} s. Then a program is published for all of them at once: each box is told
at its next heartbeat, fetches it within {FETCH_MAY_TAKE_S:.0f} s, and says that it has it. Then the hub is
killed, and started {AWAY_S[0]:.0f} to {AWAY_S[1]:.0f} s later. "Refused" is 503: come back later.

| | {names} |
|---|{"---:|" * len(results)}
{table}

Aim: the peak after the restart is less than {AIM_RATIO:.0f} times what is usual:
{_verdict(worst < AIM_RATIO)} ({worst:.1f} at the most).
"""


ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("**as usual**: heartbeats a second", lambda one: f"{one.steady.per_s:.0f}"),
    ("hub µs for each", lambda one: f"{one.steady.cpu_us:.0f}"),
    ("p99 ms, with its connection", lambda one: f"{one.steady.p99_ms:.0f}"),
    ("**a new program**: s to publish it", lambda one: f"{one.publish_s:.2f}"),
    ("s until every box was told", lambda one: f"{one.told_s:.0f}"),
    ("s until every box has said that it has it", lambda one: f"{one.have_s:.0f}"),
    ("heartbeats meanwhile", lambda one: f"{len(one.publishing.tally.asked):,}"),
    ("hub µs for each", lambda one: f"{one.publishing.cpu_us:.0f}"),
    ("% of a core", lambda one: f"{one.publishing.cpu_s / one.publishing.span_s * 100:.0f}"),
    ("p99 ms, with its connection", lambda one: f"{one.publishing.p99_ms:.0f}"),
    ("refused", lambda one: f"{one.publishing.tally.busy}"),
    ("**a restart**: s away, with the start", lambda one: f"{one.away_s:.0f}"),
    ("s until every box was heard again", lambda one: f"{one.back_s:.0f}"),
    ("most heartbeats in one second", lambda one: f"{one.peak_per_s}"),
    ("times what is usual", lambda one: f"{one.ratio:.2f}"),
    ("hub µs for each", lambda one: f"{one.restart.cpu_us:.0f}"),
    ("refused", lambda one: f"{one.restart.tally.busy}"),
)
"""What the table has: words, and how to tell it."""


def _see_alive(life: asyncio.Task[None]) -> None:
    """Tell what has ended a box that was not cancelled: that is a fault of the simulator's."""
    if not life.cancelled():
        traceback.print_exception(life.exception())


def _trouble(tally: Tally) -> str:
    return f"{tally.busy} refused, {tally.lost} lost"


def _tell(line: str) -> None:
    print(line, flush=True)


def _load() -> str:
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


if __name__ == "__main__":
    main()
