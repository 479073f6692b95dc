"""Keeps an as-run log as fast as it can, and says after each write what is there, until it is killed."""

import sys
from itertools import count
from pathlib import Path
from random import Random

from easyplayer.drivers.asrun_store import AsRunStore, ClockRead, Fact, RowBegun, RowsLeft, RowTold
from easyplayer.units import Instant, Monotonic, Seconds

MOST_AT_ONCE = 4
CLOSED_EACH = 10


def facts_of(number: int) -> list[Fact]:
    """Give what is to be told of a song, from its start to its end."""
    started = Monotonic(float(number))
    return [
        RowBegun(started=started, item=f"song {number}"),
        ClockRead(at=started, wall=Instant(1e9 + number), trust="estimated"),
        RowTold(started=started, over=Monotonic(number + 0.5), heard_s=Seconds(0.5)),
        RowTold(started=started, over=Monotonic(number + 0.9), heard_s=Seconds(0.9), ended="played"),
    ]


def say(line: str) -> None:
    """Tell whoever will kill this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write(path: Path, boot: str, seed: int) -> None:
    """Write songs without end, each in pieces of any size; say ``number facts`` once they are there."""
    chance = Random(seed)  # noqa: S311 - no secret
    store = AsRunStore(path, boot)
    say("begins")
    store.write([RowsLeft(before=Monotonic(0.0), ended="stopped")])
    for number in count():
        facts, there = facts_of(number), 0
        while there < len(facts):
            piece = facts[there : there + chance.randint(1, MOST_AT_ONCE)]
            store.write(piece)
            there += len(piece)
            say(f"{number} {there}")
        if chance.randrange(CLOSED_EACH) == 0:
            store.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
