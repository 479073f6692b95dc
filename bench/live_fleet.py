"""A fleet of boxes that hold a line open, and a hub that is killed, restarted and away: how they come back.

``python -m bench.live_fleet`` simulates 2,000 boxes, by the rules and the client of the real ones, beside a
real hub, and writes its part of ``docs/benchmarks/live-fleet.md``: for SQLite, and for PostgreSQL with
two workers.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.heartbeats import settle
from bench.hub_server import Server, databases
from bench.live_bench import allow_files
from bench.live_box import FAILED, HEARTBEAT, KNOCK, LIVE, LOST, REFUSED, Where
from bench.live_crowd import Course, Crowd
from bench.live_fleet_page import Return, Steady, Told, tell_restarts
from easyplayer.hub.app import build_hub
from easyplayer.hub.settings import HubSettings

BOXES = 2000
USUAL_S = 30.0
"""How often a box without a line sends a heartbeat."""
LIVE_S = 300.0
"""How often one with a line does."""
WORKERS = {"SQLite": 1, "PostgreSQL": 2}
STEADY_S = 60.0
WATCH_S, MOST_S = 180.0, 900.0
"""For how long a return is watched, at the least and at the most."""
SETTLE_S = 75.0
"""So long lines are held before the next restart: what has failed before is forgotten then."""
FILES_EACH = 3


class Fall(NamedTuple):
    """One way in which a hub goes away and comes back.

    :ivar end: how it ends.
    """

    name: str
    end: Callable[[Server], object]
    away_s: float


FALLS = (
    Fall("killed, started 10 s later", Server.kill, 10.0),
    Fall("ended and started again", Server.end, 0.0),
    Fall("killed, away for 60 s", Server.kill, 60.0),
)


class Home(NamedTuple):
    """A hub that can be started again and again."""

    state: Path
    url: str
    workers: int

    def start(self, port: int = 0) -> Server:
        """Start it."""
        return Server(self.state, self.url, port, workers=self.workers)


def steady(crowd: Crowd, server: Server) -> Steady:
    """Measure a fleet that is live, and left alone."""
    since, cpu_s = time.monotonic(), server.cpu_s()
    crowd.follow(STEADY_S)
    course = Course(crowd.seen, since, time.monotonic())
    return Steady(
        per_s=sum(course.of(HEARTBEAT)) / STEADY_S,
        cpu_percent=100 * (server.cpu_s() - cpu_s) / STEADY_S,
        memory_mib=server.memory_mib(),
    )


def restart(fall: Fall, crowd: Crowd, home: Home, server: Server, boxes: int) -> tuple[Server, Return]:
    """Let a hub fall and come back, and watch its boxes do so."""
    fell = time.monotonic()
    fall.end(server)
    crowd.follow(fall.away_s)
    server = home.start(server.port)
    back, cpu_s = time.monotonic(), server.cpu_s()
    crowd.follow(WATCH_S)
    all_back = crowd.follow(MOST_S, lambda: len(crowd.live) == boxes)
    now = time.monotonic()
    cpu_s = server.cpu_s() - cpu_s
    whole, since = Course(crowd.seen, fell, now), Course(crowd.seen, back, now)
    found = Return(
        name=fall.name,
        away_s=back - fell,
        busiest=whole.busiest,
        busiest_second=max(whole.of(HEARTBEAT, KNOCK)),
        came=tuple(whole.of(HEARTBEAT, KNOCK)),
        knocks=tuple(whole.of(KNOCK)),
        back_s=tuple(since.back(share, boxes) for share in (0.5, 0.9, 1.0 if all_back else 2.0)),
        tries=since.count(KNOCK),
        opened=since.count(LIVE),
        refused=since.count(REFUSED) + since.words(FAILED).total(),
        cpu_s=cpu_s,
        span_s=now - back,
        memory_mib=server.memory_mib(),
    )
    print(fall.name, found._replace(came=(), knocks=()), flush=True)
    print("  ", since.words(FAILED), since.words(LOST), since.words(REFUSED), flush=True)
    crowd.follow(SETTLE_S)
    return server, found


def run(name: str, url: str, state: Path, boxes: int) -> None:
    """Measure one database, and write its section."""
    state.mkdir()
    hub = build_hub(HubSettings(state=str(state), database=url))
    fleet = settle(hub, boxes, random.Random(1).randbytes)
    hub.database.close()
    home = Home(state, url, WORKERS[name])
    server = home.start()
    try:
        with Crowd(fleet, Where(server.port, server.url, ("websocket", "polling")), LIVE_S) as crowd:
            if not crowd.follow(LIVE_S + MOST_S, lambda: len(crowd.live) == boxes):
                raise SystemExit(f"only {len(crowd.live)} of {boxes} boxes are live")
            crowd.follow(SETTLE_S)
            before = steady(crowd, server)
            print(name, before, flush=True)
            returns = []
            for fall in FALLS:
                server, found = restart(fall, crowd, home, server, boxes)
                returns.append(found)
    finally:
        server.kill()
    trouble = [line for line in server.log().splitlines() if line.startswith(("ERROR", "CRITICAL", "Trace"))]
    print("\n".join(trouble[:20]), flush=True)
    tell_restarts(Told(name, home.workers, boxes, boxes / USUAL_S, before, returns, len(trouble)))


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boxes", type=int, default=BOXES)
    parser.add_argument("--only", choices=WORKERS, help="on one of the databases only")
    wanted = parser.parse_args()
    allow_files(FILES_EACH * wanted.boxes)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and the hub with it
    with tempfile.TemporaryDirectory() as home, databases(Path(home)) as found:
        for name, url in found.items():
            if wanted.only in {None, name}:
                run(name, url, Path(home) / name, wanted.boxes)


if __name__ == "__main__":
    main()
