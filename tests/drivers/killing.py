"""What must hold of an as-run log whatever has happened to its box; and a writer that is killed.

A bench that kills a whole box a thousand times asks the same: :func:`chain_in` for the chain,
:func:`agrees` for whether a hub has the rows of it.
"""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.protocol.asrun import GENESIS, Body, Entry, Played, SetAside, broken_at, digest_of

ROOT = Path(__file__).parents[2]


def chain_in(path: Path, after: int = 0) -> list[Entry]:
    """Give a log's chain as the hub would get it, and hold that it is whole from its beginning."""
    store, entries = AsRunStore(path, "looks"), list[Entry]()
    previous = GENESIS
    while (batch := store.next_batch(after + len(entries))) is not None:
        if not entries and after:
            previous = batch.previous
        assert batch.previous == previous
        assert batch.entries[0].number == after + len(entries) + 1
        assert broken_at(batch.previous, batch.entries) is None
        entries.extend(batch.entries)
        previous = entries[-1].hash
    return entries


def bodies_in(path: Path, after: int = 0) -> list[Body]:
    """Give what the entries of a log's chain say, as the hub would read it."""
    return [msgspec.json.decode(entry.body, type=Body) for entry in chain_in(path, after)]


def played_in(path: Path, after: int = 0) -> list[Played]:
    """Give the rows in a log's chain; hold that they are in order, each of them once, and none missing.

    Those that are set aside come from where they are kept.
    """
    kept = _kept_aside(path)
    said = [kept[body.digest] if isinstance(body, SetAside) else body for body in bodies_in(path, after)]
    played = [body for body in said if isinstance(body, Played)]
    first = played[0].sequence if played else 1
    assert [row.sequence for row in played] == list(range(first, first + len(played)))
    assert len({(row.boot, row.started) for row in played}) == len(played)
    return played


def _kept_aside(path: Path) -> dict[str, Body]:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT * FROM sqlite_master WHERE name = 'set_aside'").fetchall()
        kept = database.execute("SELECT body FROM set_aside").fetchall() if tables else []
    return {digest_of(body): msgspec.json.decode(body, type=Body) for (body,) in kept}


def check_whole(path: Path) -> None:
    """Hold that a database is sound, and that all rows that are over are in its chain, as they are."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not database.execute("PRAGMA user_version").fetchone()[0]:
            return
        rows = database.execute("SELECT sequence, ended, heard_s FROM played ORDER BY sequence").fetchall()
        (delivered, sealed) = database.execute("SELECT delivered, sealed FROM log").fetchone()
    numbers = [sequence for sequence, _, _ in rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)) if numbers else [])
    due = []
    for sequence, ended, heard_s in rows:
        if ended is None:
            break
        due.append((sequence, ended, heard_s))
    chained = [(row.sequence, row.ended, row.heard_s) for row in played_in(path)]
    assert [row for row in due if row[0] > delivered] == [row for row in chained if row[0] > delivered]
    assert sealed == (due[-1][0] if due else sealed)


def agrees(path: Path, received: Iterable[Played]) -> None:
    """Hold that a hub has each row of the chain once, as the box has written it, and no other.

    Rows that were set aside are not at the hub, and are not looked for there.
    """
    there = sorted(received, key=lambda row: row.sequence)
    ours = {body.sequence: body for body in bodies_in(path) if isinstance(body, Played)}
    assert len({row.sequence for row in there}) == len(there), "a row has come twice"
    assert [row.sequence for row in there] == sorted(ours), "rows are missing, or come from nowhere"
    assert all(row == ours[row.sequence] for row in there), "a row was changed on its way"


class Killed:
    """A writer in a process of its own, killed after a while.

    :ivar told: by the song's number, how many facts of it were said to be on the disk.
    :ivar acknowledged: by the log's name, up to which entry it was said to be acknowledged on the disk.
    """

    def __init__(self, path: Path, boot: str, seed: int, lives_s: float) -> None:
        command = [sys.executable, "-m", "tests.drivers.asrun_writer", str(path), boot, str(seed)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            time.sleep(lives_s)
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read()
        assert process.returncode == -signal.SIGKILL
        self.told: dict[int, int] = {}
        self.acknowledged: dict[str, int] = {}
        for line in said[: said.rfind("\n") + 1].splitlines():
            match line.split():
                case ["log", name, number]:
                    self.acknowledged[name] = int(number)
                case [number, facts]:
                    self.told[int(number)] = int(facts)
