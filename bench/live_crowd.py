"""Many simulated boxes in a few processes, and what they have seen, gathered in one."""

import asyncio
import multiprocessing
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

import uvloop

from bench.heartbeats import Sender
from bench.live_box import ENDED, HEARTBEAT, KNOCK, LIVE, LiveBox, Seen, Where

PROCESSES = 2
TELL_EVERY_S = 0.25
LEAVING_MAY_TAKE_S = 5.0
END_MAY_TAKE_S = 20.0

Fleet = Sequence[tuple[str, str]]
"""Id and token of each box."""


class Crowd:
    """A fleet that runs, and all that has happened to it.

    :param over_s: their first heartbeats are spread over so long.
    :ivar seen: in about the order in which it happened.
    :ivar live: numbers of the boxes that are live now.
    """

    def __init__(self, fleet: Fleet, where: Where, over_s: float, processes: int = PROCESSES) -> None:
        self.seen: list[Seen] = []
        self.live: set[int] = set()
        context = multiprocessing.get_context("spawn")
        self._lines: list[Connection] = []
        self._processes = []
        for part in range(processes):
            ours, theirs = context.Pipe()
            numbers = range(part, len(fleet), processes)
            process = context.Process(target=_run, args=(theirs, fleet, numbers, where, over_s), daemon=True)
            process.start()
            theirs.close()
            self._lines.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for line in self._lines:
            with suppress(OSError):
                line.send(None)
        for process in self._processes:
            process.join(END_MAY_TAKE_S)
            if process.is_alive():
                process.kill()

    def follow(self, span_s: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Gather what happens for some time, or until something holds; tell whether it does."""
        deadline = time.monotonic() + span_s
        while not (reached := until()) and (left_s := deadline - time.monotonic()) > 0:
            for line in wait(self._lines, min(left_s, TELL_EVERY_S)):
                if isinstance(line, Connection):
                    self._take(line.recv())
        return reached

    def _take(self, some: list[Seen]) -> None:
        self.seen += some
        for one in some:
            if one.what == LIVE:
                self.live.add(one.box)
            elif one.what == ENDED:
                self.live.discard(one.box)


class Course:
    """What has happened to a fleet since an instant, second by second."""

    def __init__(self, seen: Sequence[Seen], since: float, up_to: float) -> None:
        self.since = since
        self.seconds = int(up_to - since)
        self._seen = [one for one in seen if since <= one.at < up_to]

    def of(self, *what: str) -> list[int]:
        """Tell how often such things have happened in each second."""
        counted = Counter(int(one.at - self.since) for one in self._seen if one.what in what)
        return [counted[second] for second in range(self.seconds)]

    @property
    def busiest(self) -> int:
        """The most heartbeats and lines that came to the hub in one second, wherever that begins."""
        came = sorted(one.at for one in self._seen if one.what in {HEARTBEAT, KNOCK})
        return max((bisect_left(came, at + 1.0) - place for place, at in enumerate(came)), default=0)

    def count(self, what: str) -> int:
        """Tell how often something has happened."""
        return sum(one.what == what for one in self._seen)

    def words(self, what: str) -> Counter[str]:
        """Tell what was said with something, and how often."""
        return Counter(one.word for one in self._seen if one.what == what)

    def back(self, share: float, boxes: int) -> float:
        """Tell after how many seconds such a part of the boxes was live again."""
        first: dict[int, float] = {}
        for one in self._seen:
            if one.what == LIVE:
                first.setdefault(one.box, one.at - self.since)
        times = sorted(first.values())
        wanted = max(round(share * boxes), 1)
        return times[wanted - 1] if len(times) >= wanted else float("inf")


def _run(line: Connection, fleet: Fleet, numbers: range, where: Where, over_s: float) -> None:
    uvloop.run(_live(line, fleet, numbers, where, over_s))


async def _live(line: Connection, fleet: Fleet, numbers: range, where: Where, over_s: float) -> None:
    """Have boxes live until the other process says that it is enough."""
    seen: list[Seen] = []
    boxes = []
    for one in numbers:
        name, token = fleet[one]
        boxes.append(LiveBox(one, Sender(name, token, full=False), token, where, seen.append))
    for number, box in zip(numbers, boxes, strict=True):
        box.begin(over_s * number / len(fleet))
    ending = asyncio.Event()
    asyncio.get_running_loop().add_reader(line.fileno(), ending.set)
    while not ending.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), TELL_EVERY_S)
        some, seen[:] = seen[:], []
        with suppress(OSError):
            line.send(some)
    for box in boxes:
        box.end()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=LEAVING_MAY_TAKE_S)
