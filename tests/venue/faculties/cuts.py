"""Where in a run the power is cut: chosen by what the box was doing there, as its disk's log tells."""

import bisect
import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.venue.faculties.write_log import WriteLog


class Doing(StrEnum):
    """What a box was doing when its power went."""

    PLAY = "in play"
    DOWNLOAD = "in download"
    SWITCH = "in switch_storage"
    LEDGER = "in a ledger write"


SHARES = {Doing.DOWNLOAD: 3, Doing.SWITCH: 3, Doing.LEDGER: 3, Doing.PLAY: 1}
"""So the cuts are divided."""

TURNS = [doing for turn in range(max(SHARES.values())) for doing, share in SHARES.items() if turn < share]
"""In this order, again and again: the first of them are one of each."""

FEWEST = len(SHARES)
"""So many cuts have one of each."""

BESIDE_A_SWITCH = 12
"""A cut is beside a switch where no more requests lie between them."""


@dataclass(frozen=True)
class Cut:
    """One cut of the power.

    :ivar at: how many requests were begun before it.
    :ivar seed: the chance of what was lost.
    """

    doing: Doing
    at: int
    seed: int

    def __str__(self) -> str:
        return f"{self.doing} (at request {self.at}, seed {self.seed})"


@dataclass(frozen=True)
class Receipts:
    """What the hub had acknowledged, and how much of the log was written by then.

    :ivar known: bytes of the log, and the last entry that was acknowledged, in order.
    """

    known: tuple[tuple[int, int], ...]

    def before(self, log: WriteLog, cut: int) -> int:
        """Tell up to which entry the hub had acknowledged all before a cut, at the least."""
        begins = [request.begins_at for request in log.requests]
        before = (number for size, number in self.known if bisect.bisect_left(begins, size) <= cut)
        return max(before, default=0)


def acknowledged(database: Path) -> int:
    """Ask a hub's database up to which entry of its only box's log it has acknowledged."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (number,) = connection.execute("SELECT coalesce(max(acknowledged), 0) FROM logs").fetchone()
    return int(number)


def writes_to(log: WriteLog, blocks: Iterable[int], block_bytes: int = 4096) -> list[int]:
    """Tell which requests write to some blocks of the disk.

    :param blocks: where they begin, in bytes.
    """
    wanted = sorted(blocks)
    found = []
    for number, request in enumerate(log.requests):
        if not request.has_data:
            continue
        first = bisect.bisect_left(wanted, request.offset - block_bytes + 1)
        if first < len(wanted) and wanted[first] < request.offset + request.length:
            found.append(number)
    return found


def check_count(count: int) -> int:
    """Give how many cuts there are to be.

    :raises ValueError: they are too few to have one of each kind.
    """
    if count < FEWEST:
        kinds = ", ".join(SHARES)
        raise ValueError(
            f"{count} cuts are too few: there are {FEWEST} kinds ({kinds}), and one of each is due"
        )
    return count


def choose(count: int, seed: int, places: dict[Doing, Sequence[int]]) -> tuple[Cut, ...]:
    """Choose cuts by chance, divided among what the box did.

    :param places: for each, the cuts that there are.
    :raises ValueError: they are too few to have one of each kind, or the run has no place for a kind.
    """
    if missing := [doing for doing in SHARES if not places.get(doing)]:
        raise ValueError(f"the run has no instant to cut the power {', '.join(missing)}")
    chance = random.Random(seed)
    kinds = [TURNS[number % len(TURNS)] for number in range(check_count(count))]
    return tuple(Cut(doing, chance.choice(places[doing]), seed + n) for n, doing in enumerate(kinds))
