"""Keeps an as-run log as fast as it can, and says after each write what is there, until it is killed.

It is its own hub as well: it takes batches of the chain as a courier would, and acknowledges them, sets
some aside, and begins another log now and then.
"""

import sys
from itertools import count
from pathlib import Path
from random import Random

from easyplayer.drivers.asrun_facts import (
    ClockRead,
    EntryPoisoned,
    Fact,
    LogLeft,
    RowBegun,
    RowsLeft,
    RowTold,
)
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol.asrun import Receipt
from easyplayer.units import Instant, Monotonic, Seconds

MOST_AT_ONCE = 4
CLOSED_EACH = 10
LEFT_EACH = 40


def facts_of(number: int) -> list[Fact]:
    """Give what is to be told of a song, from its start to its end."""
    started = Monotonic(float(number))
    return [
        RowBegun(started=started, item=f'{{"id":"song {number}","location":""}}'),
        ClockRead(at=started, wall=Instant(1e9 + number), trust="estimated"),
        RowTold(started=started, over=Monotonic(number + 0.5), heard_s=Seconds(0.5)),
        RowTold(started=started, over=Monotonic(number + 0.9), heard_s=Seconds(0.9), ended="played"),
    ]


def say(line: str) -> None:
    """Tell whoever will kill this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def deliver(store: AsRunStore, chance: Random) -> None:
    """Take what waits to be delivered, acknowledge some of it, and set an entry aside at times."""
    if store.head is None or (batch := store.next_batch(store.head.acknowledged)) is None:
        return
    number = chance.choice(batch.entries).number
    store.write([Receipt(log=batch.log, acknowledged=number)])
    say(f"log {batch.log} {number}")
    store.write([EntryPoisoned(log=batch.log, number=number + 1, reason="by chance")])
    if chance.randrange(LEFT_EACH) == 0:
        store.write([LogLeft(reason="by chance")])


def write(path: Path, boot: str, seed: int) -> None:
    """Write songs without end, each in pieces of any size; say ``number facts`` once they are there."""
    chance = Random(seed)
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
        deliver(store, chance)
        if chance.randrange(CLOSED_EACH) == 0:
            store.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
