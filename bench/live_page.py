"""The page of the live channel's benchmark: tables, aims, and what the figures are worth."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

import msgspec

from bench.live_load import ECHO_SIZE
from tests.interop import node
from tests.interop.servers import REFERENCE
from tests.interop.words import BROADCAST_SIZE

HELD, MANY_HELD = 1000, 5000
WARM_UP = 50
ECHOING, AT_ONCE, POLLING = 100, 20, 50


class Contender(NamedTuple):
    """One server that is measured."""

    name: str
    kind: str
    loop: str = "uvloop"


RAW = Contender("easyplayer, own port, uvloop", "raw")
ASGI = Contender("easyplayer, ASGI, uvloop", "asgi")
LIBRARY = Contender("python-engineio, ASGI, uvloop", "library")
CONTENDERS = (
    RAW,
    Contender("easyplayer, own port, uvloop, plain handler", "raw_plain"),
    Contender("easyplayer, own port, asyncio", "raw", "asyncio"),
    ASGI,
    Contender("easyplayer, ASGI, asyncio", "asgi", "asyncio"),
    Contender("easyplayer, ASGI, uvloop, uvicorn's own WebSocket", "asgi_websockets"),
    LIBRARY,
    Contender("python-engineio, ASGI, asyncio", "library", "asyncio"),
    Contender("engine.io from npm", REFERENCE),
)


class Figures(NamedTuple):
    """What one round gave of one server."""

    held_kb: float
    """Resident memory for each of 1000 idle WebSockets."""
    many_held_kb: float
    """The same for each of 5000."""
    connects: float
    """Sessions opened over WebSocket for a second of the server's processor time; so are the next ones."""
    broadcast: float
    broadcast_p50_ms: float
    broadcast_p99_ms: float
    many_broadcast: float
    many_broadcast_p99_ms: float
    echo: float
    echo_at_once: float
    echo_polled: float


Rounds = dict[Contender, list[Figures]]


class Column(NamedTuple):
    """One figure of a table."""

    title: str
    pick: Callable[[Figures], float]
    digits: int = 0
    less_is_better: bool = False

    def median(self, rounds: list[Figures]) -> float:
        """Give the median of a figure."""
        return statistics.median(map(self.pick, rounds))

    def cell(self, rounds: list[Figures]) -> str:
        """Write a figure as its median and its range."""
        values = sorted(map(self.pick, rounds))
        low, middle, high = (
            f"{value:,.{self.digits}f}" for value in (values[0], statistics.median(values), values[-1])
        )
        return middle if low == high else f"{middle} ({low} to {high})"


MEMORY = Column(f"kB, {HELD} held", lambda one: one.held_kb, 1, less_is_better=True)
BROADCAST = Column(f"to {HELD}", lambda one: one.broadcast)
COSTS = (
    MEMORY,
    Column(f"kB, {MANY_HELD} held", lambda one: one.many_held_kb, 1, less_is_better=True),
    Column("opened", lambda one: one.connects),
    BROADCAST,
    Column(f"to {MANY_HELD}", lambda one: one.many_broadcast),
    Column("echo", lambda one: one.echo),
    Column(f"echo, {AT_ONCE} at once", lambda one: one.echo_at_once),
    Column("echo by polling", lambda one: one.echo_polled),
)
DELAYS = (
    Column(f"to {HELD}: median ms", lambda one: one.broadcast_p50_ms, 1),
    Column("p99 ms", lambda one: one.broadcast_p99_ms, 1),
    Column(f"to {MANY_HELD}: p99 ms", lambda one: one.many_broadcast_p99_ms, 1),
)


class Aim(NamedTuple):
    """What is to be reached: at most so much, where less is better, else at least."""

    what: str
    whose: Contender
    column: Column
    limit: Callable[[Rounds], float]


AIMS = (
    Aim("kB at most for an idle WebSocket, on a port of its own", RAW, MEMORY, lambda _: 4.0),
    Aim("kB at most for one, within ASGI", ASGI, MEMORY, lambda _: 20.0),
    Aim(
        "broadcast messages at least for a second of the processor, on a port of its own",
        RAW,
        BROADCAST,
        lambda _: 50_000.0,
    ),
    Aim(
        "at least within ASGI, which is twice what python-engineio does",
        ASGI,
        BROADCAST,
        lambda rounds: 2 * BROADCAST.median(rounds[LIBRARY]),
    ),
)


def load_averages() -> str:
    """Tell how busy the machine is."""
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def page(rounds: Rounds, load_before: str) -> str:
    """Write the page, in Markdown.

    :param load_before: how busy the machine was before the run.
    """
    turns = max(map(len, rounds.values()))
    return f"""# The live channel

Made in one run of `python -m bench.live_bench`: {turns} rounds, in each of which every server had its turn;
medians, with the lowest and the highest.
Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()},
Node {_node()}. python-engineio {version("python-engineio")}, uvicorn {version("uvicorn")} (httptools, and
websockets {version("websockets")} where nothing else is said), engine.io {_reference()}.
Load averages before it: {load_before}; after it: {load_averages()}. The clients ran on the same
machine, and so did all else that it had to do: **processor time and memory are the figures to trust**,
delays are those of a busy machine.

## What a session and a message cost

Resident memory of the server for each idle WebSocket; then how many sessions were opened, and messages sent,
for one second of its processor time.

{_table(rounds, COSTS)}

How many times better than python-engineio on uvloop, more sent or less memory taken:

{_multiples(rounds)}

## How long a broadcast takes

From the word that made the server send to the moment at which a client had it, over all clients.

{_table(rounds, DELAYS)}

## Aims

{chr(10).join(_aim(aim, rounds) for aim in AIMS)}

## How to read it

{NOTES}"""


NOTES = f"""\
- All servers are treated alike: the same application (`tests/interop/words.py`), a process of its own, pings
  each 25 s, the loopback, no TLS. The clients are a few lines over a socket each, offer no compression, and
  live in one process.
- **Memory** is by how much the resident memory (RSS) grows from a server that has had {WARM_UP} sessions to
  one that holds the others, a second after the last of them was opened. What the kernel keeps for a socket is
  not in it. That of Node depends on when it last collected its garbage.
- **Broadcast**: {BROADCAST_SIZE} bytes to all, the next when all have the one before. Ours and
  python-engineio encode the message once, as their interfaces allow; the reference server is asked to `send`
  to each client, as its pages show.
- **Echo**: {ECHOING} sessions, {ECHO_SIZE} bytes, one message on its way in each, or {AT_ONCE} written at
  once. By polling: {POLLING} sessions, each message a POST and a GET over one connection.
- Handlers are coroutine functions, for each of whose messages our server and python-engineio make a task;
  where it says "plain handler", it is a plain function, as it is with the reference server. That counts with
  echoes.
- "uvicorn's own WebSocket" is our server where uvicorn has not been given our WebSocket class.
"""


def _table(rounds: Rounds, columns: tuple[Column, ...]) -> str:
    rows = [[one.name, *(column.cell(figures) for column in columns)] for one, figures in rounds.items()]
    return _markdown(["", *(column.title for column in columns)], rows)


def _multiples(rounds: Rounds) -> str:
    base = rounds[LIBRARY]
    rows = [
        [one.name, *(f"{_times(column, figures, base):.1f}" for column in COSTS)]
        for one, figures in rounds.items()
        if one != LIBRARY
    ]
    return _markdown(["times", *(column.title for column in COSTS)], rows)


def _times(column: Column, figures: list[Figures], base: list[Figures]) -> float:
    ratio = column.median(figures) / column.median(base)
    return 1 / ratio if column.less_is_better else ratio


def _aim(aim: Aim, rounds: Rounds) -> str:
    value, limit = aim.column.median(rounds[aim.whose]), aim.limit(rounds)
    met = value <= limit if aim.column.less_is_better else value >= limit
    digits = aim.column.digits
    return f"- {limit:,.{digits}f} {aim.what}: {value:,.{digits}f}, {'met' if met else '**not met**'}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _node() -> str:
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.strip().removeprefix("v")


def _reference() -> str:
    package = msgspec.json.decode((node.HERE / "package.json").read_bytes())
    return str(package["dependencies"]["engine.io"])
