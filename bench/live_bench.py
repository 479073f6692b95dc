"""Our Engine.IO server beside python-engineio and the reference server from npm, in one run.

``python -m bench.live_bench`` starts each as a process of its own, round after round, loads it from this one,
and writes ``docs/benchmarks/live.md``.
"""

import argparse
import asyncio
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import uvloop

from bench.live_load import Flow, Line, broadcasts, echoes, lines, polled_echoes
from bench.live_page import (
    AT_ONCE,
    CONTENDERS,
    ECHOING,
    HELD,
    MANY_HELD,
    POLLING,
    WARM_UP,
    Contender,
    Figures,
    Rounds,
    load_averages,
    page,
)
from tests.interop.servers import Peer

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "live.md"
ROUNDS = 3
BROADCASTS, MANY_BROADCASTS = 150, 20
SPAN_S = 3.0
SETTLING_S = 1.0
MOST_FILES = 2 * MANY_HELD
KB = 1000


class Watched:
    """A server that runs, and what it uses."""

    def __init__(self, peer: Peer) -> None:
        self.port = peer.port
        self._process = psutil.Process(peer.pid)

    def rss(self) -> int:
        """Tell the bytes of its resident memory."""
        return int(self._process.memory_info().rss)

    def cpu_s(self) -> float:
        """Tell how much processor time it has used, with all its threads."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    async def rate(self, make: Callable[[], Awaitable[Flow]]) -> tuple[float, Flow]:
        """Let messages flow; give how many there were for a second of its processor time."""
        before = self.cpu_s()
        flow = await make()
        return flow.messages / (self.cpu_s() - before), flow


async def hold(server: Watched, many: int) -> tuple[list[Line], float, float]:
    """Open sessions; give them, the kB each takes, and how many a second of the processor opens."""
    warm = await lines(server.port, WARM_UP)
    await echoes(warm, 0.1, 1)
    for line in warm:
        line.close()
    await asyncio.sleep(SETTLING_S)
    rss, cpu_s = server.rss(), server.cpu_s()
    held = await lines(server.port, many)
    used_s = server.cpu_s() - cpu_s
    await asyncio.sleep(SETTLING_S)
    return held, (server.rss() - rss) / many / KB, many / used_s


async def measure(contender: Contender) -> Figures:
    """Measure one server once."""
    with Peer(contender.kind, loop=contender.loop) as peer:
        server = Watched(peer)
        held, held_kb, connects = await hold(server, HELD)
        broadcast, flow = await server.rate(lambda: broadcasts(held, BROADCASTS))
        echoing = held[:ECHOING]
        echo, _ = await server.rate(lambda: echoes(echoing, SPAN_S, 1))
        echo_at_once, _ = await server.rate(lambda: echoes(echoing, SPAN_S, AT_ONCE))
        echo_polled, _ = await server.rate(lambda: polled_echoes(server.port, POLLING, SPAN_S))
        for line in held:
            line.close()
    with Peer(contender.kind, loop=contender.loop) as peer:
        server = Watched(peer)
        held, many_held_kb, _ = await hold(server, MANY_HELD)
        many_broadcast, many_flow = await server.rate(lambda: broadcasts(held, MANY_BROADCASTS))
        for line in held:
            line.close()
    return Figures(
        held_kb=held_kb,
        many_held_kb=many_held_kb,
        connects=connects,
        broadcast=broadcast,
        broadcast_p50_ms=flow.percentile_ms(50),
        broadcast_p99_ms=flow.percentile_ms(99),
        many_broadcast=many_broadcast,
        many_broadcast_p99_ms=many_flow.percentile_ms(99),
        echo=echo,
        echo_at_once=echo_at_once,
        echo_polled=echo_polled,
    )


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kind", action="append", help="only such; the page stays as it is then")
    given = parser.parse_args()
    allow_files(MOST_FILES)
    load_before = load_averages()
    chosen = [one for one in CONTENDERS if not given.kind or one.kind in given.kind]
    rounds: Rounds = {contender: [] for contender in chosen}
    for turn in range(given.rounds):
        for contender in chosen:
            figures = uvloop.run(measure(contender))
            rounds[contender].append(figures)
            told = ", ".join(f"{name} {value:,.1f}" for name, value in figures._asdict().items())
            print(f"{turn + 1} {contender.name}: {told}", flush=True)
        if not given.kind:
            PAGE.write_text(page(rounds, load_before), encoding="utf-8")


def allow_files(many: int) -> None:
    """Let this process, and those that it starts, have so many files open at once.

    :raises SystemExit: if the machine does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < many:
        message = f"the machine allows {hard} open files; {many} are needed (ulimit -Hn)"
        raise SystemExit(message)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, many), hard))


if __name__ == "__main__":
    main()
