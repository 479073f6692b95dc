"""Hundreds of pulled plugs whose disk loses writes, at the speed of this machine, without a virtual one.

A real box, paired with a real hub and with real sound, lives on a disk whose writes QEMU's storage daemon
logs.  It plays, fetches another program, switches to it, and writes its ledger.  Then the log is replayed up
to one random instant after the other, with random losses behind the last flush.  What is left is mended and
read as a box would, and, as often as is wished, a box is started on it and must be heard.
``python -m bench.lost_writes`` runs it, as root, for it mounts its disks.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.process.box_process import BoxProcess, plays
from tests.process.paired import Paired
from tests.sound.recorder import Recorder, RecorderError
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer
from tests.venue.faculties.cuts import FEWEST, Cut, Doing, choose
from tests.venue.faculties.power import LoggedDisk
from tests.venue.faculties.remains import Remains, emptied, mend, read_remains
from tests.venue.stories.plug import Marks, Run, Watch, faults_of_start, surveyed

DISK_BYTES = 512 << 20
TONE_S, LONG_S = 3.0, 60.0
BEGINS_S, GOES_ON_S = 20.0, 20.0
"""So long it plays by each program: it writes to its ledger only every few seconds."""

HEARD_WITHIN_S = 30.0
COMES_WITHIN_S = 10.0


def main() -> int:
    """Log a run, pull the plug again and again, and look; 0 if nothing was lost."""
    parser = argparse.ArgumentParser(prog="bench.lost_writes", description=__doc__)
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--starts", type=int, default=50, help="after so many of them a box is started")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--keep", type=Path, help="folder to work in, and to leave as it is in the end")
    arguments = parser.parse_args()
    if arguments.cuts < FEWEST:
        parser.error(f"--cuts {arguments.cuts} are too few: there are {FEWEST} kinds, and one of each is due")
    print(f"{arguments.cuts} cuts, seed {arguments.seed}", flush=True)
    with ExitStack() as stack:
        home = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lost-writes-")))
        home.mkdir(exist_ok=True)
        sound = stack.enter_context(SoundServer())
        run = a_run(home, sound)
        print(
            f"{len(run.log.requests)} requests, {len(run.log.flushes)} flushes; {places_told(run)}",
            flush=True,
        )
        cuts = choose(arguments.cuts, arguments.seed, run.places)
        faults = all_cuts(run, home, sound, cuts, arguments.starts)
    print("\n".join(faults) or "nothing was lost that was done, and all that were started played")
    return 1 if faults else 0


def places_told(run: Run) -> str:
    """Tell how many places there are to pull the plug."""
    return ", ".join(f"{doing.value}: {len(places)}" for doing, places in run.places.items())


def a_run(home: Path, sound: SoundServer) -> Run:
    """Have a box on a logged disk play by one program and change to another, and cut its power."""
    before, log = home / "before.img", home / "writes.log"
    make_disk(before)
    signals = Signals(home)
    short = [signals.sine(hertz, TONE_S) for hertz in (400.0, 500.0, 600.0)]
    long = [signals.noise(seed, LONG_S, "wav") for seed in (1, 2, 3)]
    with logged(before, home / "live.img", log, home / "mounted") as disk:
        (disk / "box").mkdir()
        (home / "box").symlink_to(disk / "box")
        with Paired(home, "", sound.env) as paired:
            paired.publish(*short, name="first")
            paired.until_program("first")
            begun = log.stat().st_size
            with Watch(log, paired.hub.state / "hub.sqlite") as watch:
                time.sleep(BEGINS_S)
                published = log.stat().st_size
                paired.publish(*long, name="second")
                paired.until_program("second")
                heard = log.stat().st_size
                time.sleep(GOES_ON_S)
            paired.box.process.kill()
            stored = paired.hub.stored()
    whole = LoggedDisk(before, log)
    marks = Marks(watch.receipts, begun, published, heard)
    return surveyed(Run(whole, whole.read(), marks, stored, ((), ())), home)


def all_cuts(run: Run, home: Path, sound: SoundServer, cuts: Iterable[Cut], starts: int) -> list[str]:
    """Cut the power so often; give everything that must not be."""
    faults: list[str] = []
    waits: list[float] = []
    done: Counter[Doing] = Counter()
    for number, cut in enumerate(cuts, start=1):
        with_start = sound if number <= starts else None
        faults += [f"cut {number}, {cut}: {one}" for one in looked_into(run, cut, home, with_start, waits)]
        done[cut.doing] += 1
        if not number % 10:
            counted = ", ".join(f"{count} {doing.value}" for doing, count in done.items())
            print(f"{number} cuts: {counted}; {len(waits)} starts, {len(faults)} faults", flush=True)
    if waits:
        waits.sort()
        print(
            f"{len(waits)} starts: music after {waits[len(waits) // 2]:.1f} s, {waits[-1]:.1f} s at the most"
        )
    return faults


def looked_into(
    run: Run, cut: Cut, home: Path, sound: SoundServer | None, waits: list[float]
) -> Iterator[str]:
    """Cut the power at one instant, and look; give everything that must not be.

    A cut that cannot be looked into to its end is one of these.

    :param sound: where a box that is started on what is left is heard; None: none is started.
    """
    image = home / "crash.img"
    try:
        left = read_remains(run.disk.crash_image(image, cut.at, cut.seed), emptied(home / "left"))
        yield from run.faults(cut, left, home)
        if sound is not None:
            yield from started(image, home, sound, left, waits)
    except (AssertionError, RecorderError, OSError) as error:
        yield f"{type(error).__name__}: {error}"
    finally:
        image.unlink(missing_ok=True)


def started(image: Path, home: Path, sound: SoundServer, left: Remains, waits: list[float]) -> Iterator[str]:
    """Start a box on what is left on a disk, and listen; give what must not be."""
    place = home / "started"
    place.mkdir(exist_ok=True)
    mend(str(image))
    do("mount", "-o", "loop,noatime", str(image), str(place))
    try:
        begun = time.monotonic()
        with Recorder(sound.env) as ear, BoxProcess(place / "box", env=sound.env) as box:
            ear.start()
            try:
                ear.wait_for_sound(HEARD_WITHIN_S)
                waits.append(time.monotonic() - begun)
                box.until(plays, COMES_WITHIN_S)
            except (AssertionError, RecorderError) as error:
                yield f"no music: {type(error).__name__}: {error}"
    finally:
        let_go(place)
    yield from faults_of_start(left, read_remains(image, emptied(home / "left")))


def make_disk(path: Path) -> None:
    """Make a disk that is one file system, as the appliance makes its own."""
    with path.open("wb") as file:
        file.truncate(DISK_BYTES)
    do("mkfs.ext4", "-q", "-F", "-m", "1", str(path))


@contextmanager
def logged(before: Path, live: Path, log: Path, place: Path) -> Iterator[Path]:
    """Mount a disk so that all its writes are logged."""
    do("cp", "--sparse=always", str(before), str(live))
    node = live.with_name("node")
    for path in (log, node):
        path.write_bytes(b"")
    place.mkdir()
    command = [
        *("qemu-storage-daemon", "--blockdev", f"driver=file,node-name=image,filename={live}"),
        *("--blockdev", f"driver=file,node-name=log,filename={log}"),
        *("--blockdev", "driver=blklogwrites,node-name=disk,file=image,log=log,log-sector-size=512"),
        *("--export", f"fuse,id=export,node-name=disk,mountpoint={node},writable=on"),
    ]
    daemon = subprocess.Popen(command)
    try:
        until = time.monotonic() + COMES_WITHIN_S
        while node.stat().st_size != DISK_BYTES:
            if time.monotonic() > until:
                raise TimeoutError("the storage daemon exports nothing")
            time.sleep(0.05)
        do("mount", "-o", "loop,noatime,commit=15,errors=remount-ro", str(node), str(place))
        try:
            yield place
        finally:
            do("umount", "-l", str(place), check=False)
    finally:
        daemon.terminate()
        daemon.wait(COMES_WITHIN_S)


def let_go(place: Path) -> None:
    """Unmount a disk, as soon as those that the box had started have ended, too."""
    until = time.monotonic() + COMES_WITHIN_S
    while time.monotonic() < until:
        if not subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode:
            return
        time.sleep(0.2)
    do("umount", str(place))


def do(*command: str, check: bool = True) -> None:
    """Run a command of the system's."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
