"""What a heartbeat costs the hub: server CPU and delays, on SQLite and on PostgreSQL, in one run.

``python -m bench.heartbeat_bench`` starts a hub for each, sends heartbeats from a process of its own, and
writes ``docs/benchmarks/hub.md``.
"""

import argparse
import os
import platform
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop

from bench.heartbeat_load import CONNECTIONS, Load, at_a_rate, at_full_speed
from bench.heartbeats import Sender, settle
from bench.hub_server import Server, databases
from easyplayer.hub.app import build_hub
from easyplayer.hub.settings import HubSettings

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "hub.md"
BOXES = 20_000
RATE_PER_S = 500
SPAN_S = 15.0
WARM_UP_S = 3.0
INTERVAL_S = 30
MACHINE = (
    f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
    f"Python {platform.python_version()}."
)
AIM_PER_CORE_S = 5000
AIM_P99_MS = 50.0


class Figures(NamedTuple):
    """What was measured of one database and one kind of heartbeat."""

    database: str
    kind: str
    steady: Load
    steady_cpu_s: float
    full: Load
    full_cpu_s: float
    database_cpu_s: float

    @property
    def per_core_s(self) -> float:
        """How many heartbeats one core of the server answers in a second."""
        return self.full.sent / self.full_cpu_s


def measure(name: str, url: str, state: Path, span_s: float) -> Iterator[Figures]:
    """Measure one database."""
    state.mkdir()
    hub = build_hub(HubSettings(state=str(state), database=url))
    fleet = settle(hub, BOXES, random.Random(1).randbytes)
    hub.database.close()
    server = Server(state, url)
    try:
        for kind in ("short", "whole status"):
            senders = [Sender(box, token, full=kind != "short") for box, token in fleet]
            uvloop.run(at_full_speed(server.port, senders, WARM_UP_S))
            before = server.cpu_s()
            steady = uvloop.run(at_a_rate(server.port, senders, RATE_PER_S, span_s))
            between, others = server.cpu_s(), _postgres_cpu_s()
            full = uvloop.run(at_full_speed(server.port, senders, span_s))
            after = server.cpu_s()
            yield Figures(
                name, kind, steady, between - before, full, after - between, _postgres_cpu_s() - others
            )
    finally:
        server.end()


def page(results: list[Figures], before: str) -> str:
    """Write the page, in Markdown.

    :param before: how busy the machine was before the run.
    """
    rows = "\n".join(map(_row, results))
    return f"""# The hub

Made in one run of `python -m bench.heartbeat_bench` with {BOXES:,} boxes.
{MACHINE} Load averages before it: {before}; after it: {_load()}.
The senders ran on the same machine, and so did all else that it had to do: the processor's time is the figure
to trust, delays are those of a busy machine.

## Heartbeats

At {RATE_PER_S} heartbeats a second: how busy one core is, and in how many milliseconds they were answered.
Then as many as {CONNECTIONS} connections can send: what each costs the hub, and the database beside it,
in microseconds of the processor; how many that makes for a second of one core; and how many boxes one
process carries if each comes every {INTERVAL_S} s and half of a core is kept free.

| | heartbeat | core % | median ms | p99 ms | hub µs | database µs | per core second | boxes |
|---|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

A heartbeat is short (about 500 bytes) where the hub has the box's status already, and else brings all of it
(about 2 kB). "Database" is what all PostgreSQL processes of the machine used, also those of others; the
measured one ran with `fsync = off`. SQLite works within the hub.

Aims: {AIM_PER_CORE_S:,} heartbeats for a second of one core:
{_verdict(_least(results) >= AIM_PER_CORE_S)} ({_least(results):,.0f} at the least).
Under {AIM_P99_MS:.0f} ms for 99 of 100 at {RATE_PER_S} a second:
{_verdict(_slowest(results) < AIM_P99_MS)} ({_slowest(results):.0f} ms at the most).
"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SPAN_S, help="how long each measurement takes")
    span_s = parser.parse_args().seconds
    results: list[Figures] = []
    before = _load()
    with tempfile.TemporaryDirectory() as home, databases(Path(home)) as found:
        for name, url in found.items():
            for figures in measure(name, url, Path(home) / name, span_s):
                print(_row(figures), flush=True)
                results.append(figures)
    PAGE.write_text(page(results, before))


def _row(figures: Figures) -> str:
    busy = figures.steady_cpu_s / figures.steady.span_s * 100
    failed = figures.steady.failed + figures.full.failed
    if failed:
        message = f"{figures.database}: {failed} heartbeats were not answered well"
        raise SystemExit(message)
    hub_us, database_us = (
        cpu / figures.full.sent * 1e6 for cpu in (figures.full_cpu_s, figures.database_cpu_s)
    )
    boxes = figures.per_core_s * INTERVAL_S / 2
    return (
        f"| {figures.database} | {figures.kind} | {busy:.0f} | {figures.steady.percentile_ms(50):.1f} "
        f"| {figures.steady.percentile_ms(99):.0f} | {hub_us:.0f} | {database_us:.0f} "
        f"| {figures.per_core_s:,.0f} | {boxes:,.0f} |"
    )


def _load() -> str:
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def _postgres_cpu_s() -> float:
    """Tell how much processor time all PostgreSQL processes of this machine have used."""
    total = 0.0
    for process in psutil.process_iter(["name", "cpu_times"]):
        times = process.info["cpu_times"]
        if process.info["name"] == "postgres" and times is not None:
            total += times.user + times.system
    return total


def _least(results: list[Figures]) -> float:
    return min(figures.per_core_s for figures in results)


def _slowest(results: list[Figures]) -> float:
    return max(figures.steady.percentile_ms(99) for figures in results)


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


if __name__ == "__main__":
    main()
