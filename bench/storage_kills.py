"""Thousands of power cuts while a box fetches, verifies, switches and tidies up its storage.

The box is the real one, with real sound; its hub is a server that writes down what is fetched, and offers
another program all the time.  The box's state lies on a small file system of its own, where that can be
mounted, so that old media have to go.  After each kill the storage is looked at while nobody writes to it,
and after each start music must play.  ``make storage-kills`` runs it.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec

from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError
from easyplayer.playout.catalogue import Entry, Order, Playlist, Program
from easyplayer.playout.demand import media_of
from easyplayer.playout.items import Item, Media
from easyplayer.playout.program_file import decode, encode
from easyplayer.protocol.heartbeat import Reply
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.status_view import Status
from easyplayer.units import Instant, Seconds
from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_server import HubServer
from tests.process.box_process import plays
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

ROOT = Path(__file__).parents[1]
POOL, NAMED = 120, 10
"""How many media there are, and how many of them one program names."""
TONE_S = 2.0
DISK_BYTES = 64 * 1024 * 1024
"""So small is the disk that the pool does not fit on it beside all else, and yet four programs do."""
LONGEST_LIFE_S = 2.0
"""Once it plays, the box lives up to this."""
BLIND_SHARE, BLIND_LIFE_S = 0.3, 1.2
"""So many of the kills come without waiting for music, within this after the start."""
PUBLISH_SHARE, VERIFY_SHARE, ROLLBACK_SHARE, COMMAND_SHARE = 0.4, 0.1, 0.05, 0.1
"""How often there is a new program, a command to verify, one to go back, and a ``storage gc`` beside it."""
MUSIC_MAY_TAKE_S = 30.0
SETTLING_MAY_TAKE_S = 90.0
LOOK_EVERY_S = 0.05
NEXT_S = Seconds(1.0)
SETTINGS = {
    "EASYPLAYER_RULES__CROSSFADE_MS": "300",
    "EASYPLAYER_WATCHDOG__PORT": "0",
    "EASYPLAYER_STORAGE__KEEP_FREE_MB": "2",
    "EASYPLAYER_DOWNLOADS__MOST_KB_PER_S": "3000",
}


class Hub(FakeHub):
    """Offers programs of media from a pool, and writes down what is fetched.

    :param media: the content of each medium of the pool.
    :ivar faults_seen: media that were fetched although they were there.
    """

    def __init__(self, media: list[bytes], state: Path) -> None:
        super().__init__(time.time)
        self.claimed = True
        self.reply = Reply(time=Instant(0.0), next_s=NEXT_S)
        self.digests = [self.add_medium(data) for data in media]
        self.fetches: Counter[str] = Counter()
        self.twice: list[str] = []
        self._state = state
        self._revisions = count(1)
        self._numbers = count(1)

    def medium(self, sha256: str) -> bytes:
        """Give a medium; what the box has already is not to be asked for."""
        self.fetches[sha256] += 1
        if (self._state / "media" / sha256[:2] / sha256).exists():
            self.twice.append(sha256)
        return super().medium(sha256)

    def offer(self, chance: random.Random) -> None:
        """Offer a program of some of the media."""
        revision = next(self._revisions)
        chosen = chance.sample(self.digests, NAMED)
        items = tuple(
            Item(id=one[:8], location=f"{one[:8]}.wav", media=Media(sha256=one, size=len(self.media[one])))
            for one in chosen
        )
        entries = tuple(Entry(item=one.id) for one in items)
        program = Program(
            name=f"program {revision}",
            version=revision,
            zone="UTC",
            items=items,
            playlists=(Playlist(id="all", entries=entries, order=Order.SEQUENTIAL),),
            fallback="all",
        )
        self.publish(encode(program), revision=revision, name=program.name)

    def give(self, name: str) -> None:
        """Give the box a command."""
        self.command(name, number=next(self._numbers))


@dataclass
class Course:
    """What a run has come to.

    :ivar faults: everything that must not be.
    :ivar starts_s: how long each start took until there was music.
    """

    kills: int = 0
    blind: int = 0
    switches: int = 0
    programs: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)
    fetched: int = 0
    fetches: int = 0


class Box:
    """The box under test; its state outlives its processes."""

    def __init__(self, state: Path, log: Path, env: dict[str, str]) -> None:
        self.state = state
        self._log = log
        self._env = os.environ | env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "run.py", "--state", str(self.state)],
                cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, if it runs."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(number)
            process.wait(10)

    def await_music(self) -> float:
        """Wait until it plays; tell how long that took."""
        begun = time.monotonic()
        while time.monotonic() < begun + MUSIC_MAY_TAKE_S:
            if self._sounds():
                return time.monotonic() - begun
            time.sleep(LOOK_EVERY_S)
        raise TimeoutError(self._log.read_text(errors="replace")[-4000:])

    def _sounds(self) -> bool:
        status = self.status()
        return status is not None and plays(status) and status.audible_ago_s is not None

    def status(self) -> Status | None:
        """Ask it how it is; ``None`` where it does not answer."""
        try:
            return msgspec.json.decode(ask(self.state), type=Status)
        except (BoxSilentError, msgspec.MsgspecError):
            return None

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin one of the technician's commands beside it."""
        return subprocess.Popen(
            [sys.executable, "run.py", *words, "--state", str(self.state)],
            cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )  # fmt: skip


def main() -> int:
    """Kill, look, listen; 0 if all was well."""
    parser = argparse.ArgumentParser(prog="bench.storage_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", type=Path, help="folder to work in, and to leave as it is in the end")
    arguments = parser.parse_args()
    print(f"{arguments.kills} kills, seed {arguments.seed}", flush=True)
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="storage-kills-"))
        home = arguments.keep or Path(made)
        home.mkdir(exist_ok=True)
        disk = stack.enter_context(small_disk(home))
        course = run(home, disk, arguments.kills, random.Random(arguments.seed))
    starts = sorted(course.starts_s)
    print(
        f"{course.kills} kills, {course.blind} of them before there was music; {course.switches} switches; "
        f"{course.fetches} fetches of {course.fetched} media; music after {starts[len(starts) // 2]:.1f} s, "
        f"{starts[-1]:.1f} s at the most"
    )
    print(
        "\n".join(course.faults) or "the storage was whole after each of them, and nothing was fetched twice"
    )
    return 1 if course.faults else 0


@contextmanager
def small_disk(home: Path) -> Iterator[Path]:
    """Give a folder on a small file system of its own; where none can be mounted, an ordinary folder."""
    folder, image = home / "disk", home / "disk.img"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    command = ["mkfs.ext4", "-q", "-m", "0", "-b", "4096", image]
    made = subprocess.run(command, capture_output=True, check=False)
    mounted = made.returncode == 0 and not subprocess.run(
        ["mount", "-o", "loop", image, folder], capture_output=True, check=False
    ).returncode  # fmt: skip
    if not mounted:
        print("no file system can be mounted here: an ordinary folder takes its place", flush=True)
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=True)


def run(home: Path, disk: Path, kills: int, chance: random.Random) -> Course:
    """Let a box take up a first program, kill it again and again, and let it come to rest."""
    state = disk / "box"
    state.mkdir()
    signals = Signals(home)
    media = [signals.sine(float(300 + 20 * one), TONE_S).read_bytes() for one in range(POOL)]
    hub, course = Hub(media, state), Course()
    with ExitStack() as stack:
        server = stack.enter_context(HubServer(hub))
        sound = stack.enter_context(SoundServer())
        box = Box(state, home / "box.log", sound.env | SETTINGS | {"EASYPLAYER_HUB__URL": server.url})
        stack.callback(box.end)
        box.start()
        await_so(lambda: bool(hub.boxes), "the box is not paired")
        hub.offer(chance)
        await_so(lambda: is_current(state, hub), "the first program is not switched to")
        await_so(lambda: not any(looked_at(state, Course())), "the first program is not whole")
        while course.kills < kills and not course.faults:
            _one_kill(box, hub, course, chance)
        _settle(box, hub, course)
    course.fetches, course.fetched = hub.fetches.total(), len(hub.fetches)
    course.faults += [f"{one} was fetched although it was there" for one in hub.twice]
    return course


def _one_kill(box: Box, hub: Hub, course: Course, chance: random.Random) -> None:
    """Let the box live for a while, kill it, and look at what it leaves."""
    for share, act in (
        (PUBLISH_SHARE, lambda: hub.offer(chance)),
        (VERIFY_SHARE, lambda: hub.give("verify_storage")),
        (ROLLBACK_SHARE, lambda: hub.give("rollback")),
    ):
        if chance.random() < share:
            act()
    beside = [box.command("storage", "gc", "--all")] if chance.random() < COMMAND_SHARE else []
    time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
    box.end()
    for one in beside:
        one.kill()
        one.communicate()
    course.kills += 1
    course.faults += looked_at(box.state, course)
    box.start()
    if chance.random() < BLIND_SHARE and not course.faults:
        time.sleep(chance.uniform(0.0, BLIND_LIFE_S))
        box.end()
        course.kills += 1
        course.blind += 1
        course.faults += looked_at(box.state, course)
        box.start()
    try:
        course.starts_s.append(box.await_music())
    except TimeoutError as error:
        course.faults.append(f"no music after kill {course.kills}: {error}")
    if course.kills % 50 < 2:
        print(f"{course.kills} kills, {course.switches} switches", flush=True)


def looked_at(state: Path, course: Course) -> Iterator[str]:
    """Look at the storage of a box that does not run: the current program must be whole."""
    head = msgspec.json.decode((state / "programs" / "current.json").read_bytes(), type=ProgramHead)
    if head.digest not in course.programs:
        course.programs.add(head.digest)
        course.switches += 1
    data = (state / "programs" / f"{head.digest}.json").read_bytes()
    if hashlib.sha256(data).hexdigest() != head.digest:
        yield f"after kill {course.kills}: the current program's file is another one"
        return
    for sha256 in media_of(decode(data)):
        medium = state / "media" / sha256[:2] / sha256
        if not medium.exists() or hashlib.sha256(medium.read_bytes()).hexdigest() != sha256:
            there = "wrong" if medium.exists() else "missing"
            yield f"after kill {course.kills}: {sha256} of {head.name} is {there}"


def _settle(box: Box, hub: Hub, course: Course) -> None:
    """Let the box come to rest, tidy up, and hold that nothing is left over."""
    if course.faults:
        return
    hub.offer(random.Random(0))
    await_so(lambda: is_current(box.state, hub), "the last program is not switched to")
    await_so(lambda: is_pinned(box.state), "the last program's fallback is not kept in reserve")
    box.end(signal.SIGTERM)
    told, _ = box.command("storage", "gc", "--all", "--json").communicate()
    left = {path.name for path in (box.state / "media").glob("??/*")}
    wanted = {
        sha256
        for path in (box.state / "programs").glob("*.json")
        if len(path.stem) == len(hub.digests[0])
        for sha256 in media_of(decode(path.read_bytes()))
    }
    if left - wanted:
        course.faults.append(f"left over: {sorted(left - wanted)}; gc said {told.decode()}")
    json.loads(told)


def is_current(state: Path, hub: Hub) -> bool:
    """Tell whether a box goes by the program that is offered."""
    path = state / "programs" / "current.json"
    return (
        path.exists()
        and hub.head is not None
        and json.loads(path.read_text()) == json.loads(hub.head.payload)
    )


def is_pinned(state: Path) -> bool:
    """Tell whether the fallback in reserve is that of the current program."""
    programs = state / "programs"
    head = msgspec.json.decode((programs / "current.json").read_bytes(), type=ProgramHead)
    named = media_of(decode((programs / f"{head.digest}.json").read_bytes()))
    return media_of(decode((programs / "fallback.json").read_bytes())).keys() <= named.keys()


def await_so(what: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SETTLING_MAY_TAKE_S
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(LOOK_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
