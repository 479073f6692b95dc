"""``docs/benchmarks/live-fleet.md``: its head, and the section about restarts."""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.sections import write_section

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "live-fleet.md"
HEAD = """# A live fleet

Made by `make bench-live-fleet`, each section by a program of its own: simulated boxes beside a real hub
(`serve`). The boxes decide by the very code of the real ones when they send a heartbeat and when they open a
line, and hold their lines over the real client. They ran on the same machine, and so did all else that it
had to do.
"""
AIM_RATIO = 2.0
SHOWN_S, BIN_S = 240, 2
"""How much of a return is drawn, and how many seconds are one character."""
BLOCKS = " ▁▂▃▄▅▆▇█"


class Steady(NamedTuple):
    """A fleet that is live, and left alone.

    :ivar per_s: heartbeats in a second.
    """

    per_s: float
    cpu_percent: float
    memory_mib: float


class Return(NamedTuple):
    """How a fleet came back.

    :ivar away_s: how long the hub did not answer.
    :ivar busiest: the most heartbeats and lines in one second, wherever that begins.
    :ivar busiest_second: the same of the seconds counted from the fall on.
    :ivar came: heartbeats and lines in each second since the fall; ``knocks`` are the lines of them.
    :ivar back_s: after how many seconds half, nine of ten, and all boxes were live again.
    :ivar tries: how many lines came to the hub since it was back; of them ``opened`` have become live.
    :ivar refused: heartbeats and lines that were not answered well, though the hub was there, or seemed so.
    :ivar cpu_s: what the hub used in ``span_s`` seconds since it was back.
    """

    name: str
    away_s: float
    busiest: int
    busiest_second: int
    came: tuple[int, ...]
    knocks: tuple[int, ...]
    back_s: tuple[float, ...]
    tries: int
    opened: int
    refused: int
    cpu_s: float
    span_s: float
    memory_mib: float


ROWS: tuple[tuple[str, Callable[[Return], str]], ...] = (
    ("s away, with the start", lambda one: f"{one.away_s:.0f}"),
    ("**most in one second**", lambda one: f"**{one.busiest}**"),
    ("of whole seconds since the fall", lambda one: f"{one.busiest_second}"),
    ("of them lines, at the most", lambda one: f"{max(one.knocks)}"),
    ("s until 50 % are live again", lambda one: f"{one.back_s[0]:.0f}"),
    ("90 %", lambda one: f"{one.back_s[1]:.0f}"),
    ("100 %", lambda one: f"{one.back_s[2]:.0f}"),
    ("lines tried / live", lambda one: f"{one.tries} / {one.opened}"),
    ("not answered well", lambda one: f"{one.refused}"),
    ("hub CPU s, in so many s", lambda one: f"{one.cpu_s:.1f} / {one.span_s:.0f}"),
    ("hub MiB, once all are live", lambda one: f"{one.memory_mib:.0f}"),
)
"""What the table has: words, and how to tell it."""


def machine() -> str:
    """Tell on what it was measured."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load averages at the end: {load}."
    )


def put(title: str, body: str) -> None:
    """Write a section of the page."""
    write_section(PAGE, title, f"{body.strip()}\n\n{machine()}", HEAD)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table, in Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(met: bool) -> str:
    """Say whether an aim was met."""
    return "met" if met else "**not met**"


def drawn(counts: Sequence[int], most: float) -> str:
    """Draw counts of seconds, as many times ``BIN_S`` of them as are shown; the full block is ``most``."""
    bins = [max(counts[at : at + BIN_S], default=0) for at in range(0, SHOWN_S, BIN_S)]
    return "".join(BLOCKS[min(round(one / most * (len(BLOCKS) - 1)), len(BLOCKS) - 1)] for one in bins)


class Told(NamedTuple):
    """What a section tells of one hub.

    :ivar usual_per_s: heartbeats in a second of such a fleet where no box has a line.
    :ivar errors: how many lines of the hub's log are errors.
    """

    name: str
    workers: int
    boxes: int
    usual_per_s: float
    before: Steady
    returns: Sequence[Return]
    errors: int


def tell_restarts(told: Told) -> None:
    """Write the section about the restarts of one hub."""
    most = AIM_RATIO * told.usual_per_s
    rows = [(what, *map(tell, told.returns)) for what, tell in ROWS]
    pictures = "\n\n".join(
        f"{one.name}\n  all  |{drawn(one.came, most)}|\n  lines|{drawn(one.knocks, most)}|"
        for one in told.returns
    )
    before, worst = told.before, max(one.busiest for one in told.returns)
    processes = "one process" if told.workers == 1 else f"{told.workers} workers"
    body = f"""
{told.boxes:,} boxes, a hub on {told.name} ({processes}). Live, and left alone, they send
{before.per_s:.1f} heartbeats a second (every 300 s each). The hub takes {before.cpu_percent:.1f} % of a core
for that, for the lines' pings and for noting that the boxes are there; it has {before.memory_mib:.0f} MiB.
Without lines they would send {told.usual_per_s:.0f} a second: by that steady rate the returns are judged.

{table(["", *(one.name for one in told.returns)], rows)}

"Most in one second" are heartbeats and requests for a line that came to the hub, in the worst second,
wherever it begins. Since the fall, {BIN_S} s for each character; the full block is {most:.0f} in a second:

```text
{pictures}
```

Aim: no second above twice the steady rate ({most:.0f}): {verdict(worst <= most)} ({worst} at the most).
Errors in the hub's log: {told.errors}.
"""
    put(f"Restarts, {told.name}", body)
