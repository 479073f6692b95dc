"""A thousand power cuts: a box is killed while it writes its log, and its hub while it stores.

Both are the real thing, and so is the sound: a box plays short tones, each of its own pitch, and an ear at
the sink writes down which of them sounded.  In the end what was heard, the box's ledger and the hub's log
must agree, row for row.  ``make kills`` runs it.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.tone_ear import Heard, ToneEar
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError
from easyplayer.protocol.asrun import GENESIS, Body, Entry, Played, broken_at
from easyplayer.status_view import Status
from tests.hub import postgres
from tests.process.hub_process import HubProcess
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

ROOT = Path(__file__).parents[1]
FREQUENCIES = tuple(float(400 + 250 * number) for number in range(10))
TONE_S = 3.0
LONGEST_LIFE_S = 2.5
"""Between two kills there is a time drawn up to this."""
BOX_SHARE = 0.6
"""So many of the kills hit the box, the others the hub."""
SURELY_HEARD_S = 0.5
"""A tone that sounded for so long must be in the log, whatever happened to the box."""
SURELY_SAID_S = 0.1
"""A row that says less may not be heard: the power went while its sound was still in the server's buffer."""
APART_S = 0.4
"""How far the beginning of a row may be from what the ear says."""
STARTING_MAY_TAKE_S = 30.0
SETTLING_MAY_TAKE_S = 60.0
LOOK_EVERY_S = 0.05
SETTINGS = {"EASYPLAYER_RULES__CROSSFADE_MS": "300", "EASYPLAYER_WATCHDOG__PORT": "0"}

Answer = TypeVar("Answer")


class Box:
    """The box under test; its state outlives its processes."""

    def __init__(self, state: Path, env: dict[str, str], music: list[Path]) -> None:
        self.state = state
        self._env = env
        self._music = [str(path) for path in music]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with (self.state / "box.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "run.py", "--state", str(self.state), "--music", *self._music],
                cwd=ROOT,
                env=os.environ | self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """Take the power from it."""
        if self._process is not None:
            self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> int:
        """Send it a signal, and wait for its end; give the exit code."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(10)

    def status(self) -> Status | None:
        """Ask it how it is; ``None`` where it does not answer yet."""
        try:
            return msgspec.json.decode(ask(self.state), type=Status)
        except (BoxSilentError, msgspec.MsgspecError):
            return None

    def until(self, what: Callable[[Status], Answer]) -> Answer:
        """Ask it again and again until something is so; give what that is."""
        deadline = time.monotonic() + STARTING_MAY_TAKE_S
        while time.monotonic() < deadline:
            status = self.status()
            if status is not None and (found := what(status)):
                return found
            time.sleep(LOOK_EVERY_S)
        raise TimeoutError((self.state / "box.log").read_text()[-3000:])

    def chain(self) -> tuple[int, list[Entry]]:
        """Read the ledger: how far it is acknowledged, and its entries."""
        with closing(sqlite3.connect(self.state / "as-run.sqlite")) as database:
            (acknowledged,) = database.execute("SELECT acknowledged FROM log").fetchone()
            found = database.execute("SELECT number, hash, body FROM chain ORDER BY number").fetchall()
        return acknowledged, [Entry(number=number, hash=digest, body=body) for number, digest, body in found]


@dataclass
class Course:
    """What a run has come to.

    :ivar heard: what the ear says.
    :ivar acknowledged: how many entries the hub has acknowledged.
    :ivar entries: the box's ledger.
    :ivar stored: hash by number, as the hub's database has them.
    """

    heard: list[Heard]
    killed: Counter[str]
    acknowledged: int
    entries: list[Entry]
    stored: dict[int, str]


def main() -> int:
    """Kill, listen, and compare; 0 if everything agrees."""
    parser = argparse.ArgumentParser(prog="bench.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--postgresql", action="store_true", help="the hub's database, in place of SQLite")
    parser.add_argument("--keep", type=Path, help="folder to work in, and to leave as it is in the end")
    arguments = parser.parse_args()
    print(f"{arguments.kills} kills, seed {arguments.seed}", flush=True)
    with ExitStack() as stack:
        home = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kills-")))
        database = stack.enter_context(postgresql()) if arguments.postgresql else ""
        course = run(home, database, arguments.kills, random.Random(arguments.seed))
    faults = list(judged(course))
    box, hub = course.killed["box"], course.killed["hub"]
    print(f"killed: box {box}, hub {hub}; {len(course.heard)} tones heard, {len(course.stored)} entries")
    print("\n".join(faults) or "what was heard, the ledger and the hub's log agree")
    return 1 if faults else 0


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a database server of our own; gives the URL of an empty database."""
    with postgres.cluster() as folder:
        postgres.run(folder, "CREATE DATABASE kills")
        yield postgres.url(folder, "kills")


def run(home: Path, database: str, kills: int, chance: random.Random) -> Course:
    """Pair a box with a hub, kill both again and again, and let them come to rest."""
    state = home / "box"
    for folder in (home / "music", state):
        folder.mkdir(parents=True, exist_ok=True)
    music = [Signals(home / "music").sine(frequency, TONE_S, "flac") for frequency in FREQUENCIES]
    with ExitStack() as stack:
        server = stack.enter_context(SoundServer())
        hub = stack.enter_context(HubProcess(home / "hub", database))
        ear = stack.enter_context(ToneEar(server.env, FREQUENCIES))
        box = Box(state, server.env | SETTINGS | {"EASYPLAYER_HUB__URL": hub.url}, music)
        box.start()
        stack.callback(box.kill)
        pair(hub, box)
        killed = _kill(hub, box, kills, chance)
        _settle(box)
    acknowledged, entries = box.chain()
    return Course(ear.heard(), killed, acknowledged, entries, hub.stored())


def pair(hub: HubProcess, box: Box) -> None:
    """Claim the box by the code that it shows."""
    hub.tell("group", "add", "all", "--name", "All")
    hub.tell("venue", "add", "bar", "--name", "Bar", "--time-zone", "Europe/Paris", "--group", "all")
    code = box.until(lambda status: status.hub.claim_code)
    hub.tell("box", "claim", code, "--venue", "bar")
    box.until(lambda status: status.hub.place)


def _kill(hub: HubProcess, box: Box, kills: int, chance: random.Random) -> Counter[str]:
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        time.sleep(chance.uniform(0.02, LONGEST_LIFE_S))
        victim = "box" if chance.random() < BOX_SHARE else "hub"
        killed[victim] += 1
        if victim == "hub":
            hub.kill()
            hub.start()
        else:
            box.kill()
            box.start()
        if killed.total() % 50 == 0:
            print(f"{killed.total()} kills", flush=True)
    hub.await_health()
    return killed


def _settle(box: Box) -> None:
    """End the box, and let it run once more, until all that it had to tell before has arrived."""
    box.until(lambda status: status.item)
    time.sleep(TONE_S)
    box.end(signal.SIGTERM)
    wanted = len(box.chain()[1])
    box.start()
    deadline = time.monotonic() + SETTLING_MAY_TAKE_S
    while box.chain()[0] < wanted and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
    box.end(signal.SIGTERM)


# -- the verdict -------------------------------------------------------------------------------------


def judged(course: Course) -> Iterator[str]:
    """Tell everything in which the three do not agree."""
    broken = broken_at(GENESIS, tuple(course.entries))
    if broken is not None:
        yield f"the chain is broken at entry {broken}"
    for entry in course.entries[: course.acknowledged]:
        if course.stored.get(entry.number) != entry.hash:
            there = course.stored.get(entry.number, "missing")
            yield f"entry {entry.number} is {there} at the hub: {entry.body}"
    for number in sorted(course.stored.keys() - {entry.number for entry in course.entries}):
        yield f"the hub has an entry {number} that the box has not"
    bodies = (msgspec.json.decode(entry.body, type=Body) for entry in course.entries)
    rows = [body for body in bodies if isinstance(body, Played)]
    sequences = [row.sequence for row in rows]
    if sequences != list(range(1, len(rows) + 1)):
        yield f"the rows do not count from 1 to {len(rows)}"
    yield from _against_ear(course.heard, [row for row in rows if row.heard_s > 0])


def _against_ear(heard: list[Heard], rows: list[Played]) -> Iterator[str]:
    """Compare what the log says with what the ear has heard."""
    left = list(rows)
    for tone in heard:
        row = next((one for one in left if _is_of(one, tone)), None)
        if row is not None:
            left.remove(row)
            if row.heard_s > tone.seconds + APART_S:
                yield f"row {row.sequence} says {row.heard_s:.2f} s, and {tone.seconds:.2f} s were heard"
        elif tone.seconds >= SURELY_HEARD_S:
            yield f"no row tells of tone {tone.tone}, {tone.seconds:.2f} s from {tone.start:.2f}"
    for row in left:
        if row.heard_s < SURELY_SAID_S:
            continue
        yield f"row {row.sequence}, {row.item.location}, was not heard from {row.started:.2f}"


def _is_of(row: Played, tone: Heard) -> bool:
    pitch = f"sine-{FREQUENCIES[tone.tone]:g}-"
    return pitch in row.item.location and abs(row.started - tone.start) < APART_S


if __name__ == "__main__":
    sys.exit(main())
