"""The soak: real music for long, with skips and volume changes, listened to throughout.

``make soak`` runs it for half an hour.  It fails where the room was silent in the middle of music,
where a handler failed, or where memory, threads or descriptors grow.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxSilentError
from easyplayer.status_view import Status
from tests.sound.venue_sound import RATE, SINK, SoundServer

ROOT = Path(__file__).parents[1]
MUSIC = ("/usr/share/games/asc/music", "/usr/share/games/singularity/music")
LISTEN_S = 0.5
SAMPLE_EVERY_S = 5.0
SETTLING_S = 300.0
"""Memory counts from here on: by then every kind of thing has happened once."""
DROPOUT_S = 0.005
LOUD = 100
"""What a sample is beyond, of 32768, for the music to be called sounding (-50 dBFS)."""
MOST_GROWTH_KIB_PER_H = 4096.0
STARTING_MAY_TAKE_S = 20.0


@dataclass
class Ear:
    """Listens without keeping anything but the dropouts: exact zeros in the middle of sound."""

    seconds: float = 0.0
    dropouts: list[tuple[float, float]] = field(default_factory=list)
    _zeros: int = 0
    _was_loud: bool = False

    def hear(self, samples: np.ndarray) -> None:
        """Take a block of mono samples."""
        for run_zero, run in _runs(samples == 0):
            if run_zero:
                self._zeros += len(run)
                continue
            if self._was_loud and self._zeros >= DROPOUT_S * RATE:
                at_s = self.seconds + run.start / RATE
                self.dropouts.append((at_s - self._zeros / RATE, self._zeros / RATE))
            self._zeros = 0
            tail = samples[max(run.stop - 200, run.start) : run.stop]
            self._was_loud = bool(np.abs(tail).max() > LOUD)
        self.seconds += len(samples) / RATE


@dataclass(frozen=True)
class Load:
    """What the box used at an instant."""

    at_s: float
    pss_kib: int
    own_kib: int
    """What no other process can share: the part whose growth would be a leak."""
    threads: int
    descriptors: int


def main() -> int:
    """Play, disturb, listen, and judge; 0 if all was well."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--music", nargs="+", default=[place for place in MUSIC if Path(place).is_dir()])
    arguments = parser.parse_args()
    if not arguments.music:
        parser.error("there is no music: install the packages asc-music and singularity-music")
    with SoundServer() as server, tempfile.TemporaryDirectory() as state:
        box = subprocess.Popen(
            [sys.executable, "-m", "bench.restless_box", state, *arguments.music],
            cwd=ROOT,
            env=os.environ | server.env,
        )
        try:
            ear, loads, status = _listen(server, box.pid, Path(state), 60 * arguments.minutes)
        finally:
            box.terminate()
            code = box.wait(10)
    return _judge(ear, loads, status, code)


def _listen(server: SoundServer, pid: int, state: Path, seconds: float) -> tuple[Ear, list[Load], Status]:
    _await_music(state)
    ear, loads, end = Ear(), [], time.monotonic() + seconds
    parec = subprocess.Popen(
        ["parec", "-d", f"{SINK}.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"],
        env=os.environ | server.env,
        stdout=subprocess.PIPE,
    )
    listener = threading.Thread(target=_follow, args=(parec, ear), daemon=True)
    listener.start()
    begin = time.monotonic()
    while time.monotonic() < end:
        time.sleep(SAMPLE_EVERY_S)
        loads.append(load(pid, time.monotonic() - begin))
        pss, own = loads[-1].pss_kib / 1024, loads[-1].own_kib / 1024
        print(f"{loads[-1].at_s:6.0f} s  {pss:5.1f} MiB, {own:5.1f} its own  {len(ear.dropouts)} dropouts")
    status = msgspec.json.decode(ask(state), type=Status)
    parec.terminate()
    listener.join()
    parec.wait()
    return ear, loads, status


def _follow(parec: "subprocess.Popen[bytes]", ear: Ear) -> None:
    pipe = parec.stdout
    if pipe is None:
        raise TypeError("parec was started without a pipe")
    with pipe:
        while block := pipe.read(2 * round(RATE * LISTEN_S)):
            ear.hear(np.frombuffer(block, dtype="<i2"))


def _await_music(state: Path) -> None:
    deadline = time.monotonic() + STARTING_MAY_TAKE_S
    while time.monotonic() < deadline:
        try:
            if msgspec.json.decode(ask(state), type=Status).audible_ago_s is not None:
                return
        except (BoxSilentError, msgspec.MsgspecError):
            pass
        time.sleep(0.1)
    raise SystemExit("the box did not start to play")


def load(pid: int, at_s: float) -> Load:
    """Read what a process uses: proportional memory, threads, descriptors."""
    process = Path("/proc") / str(pid)
    lines = (process / "smaps_rollup").read_text().splitlines()[1:]
    table = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    threads, descriptors = (len(list((process / name).iterdir())) for name in ("task", "fd"))
    return Load(at_s, table["Pss"], table["Pss_Anon"], threads, descriptors)


def _judge(ear: Ear, loads: list[Load], status: Status, code: int) -> int:
    """Print the figures and what is wrong with them."""
    settled = [one for one in loads if one.at_s >= min(SETTLING_S, loads[-1].at_s / 2)]
    slope, _ = np.polyfit([one.at_s for one in settled], [one.own_kib for one in settled], 1)
    growth = slope * 3600
    span_kib = [one.pss_kib for one in settled]
    print(f"listened to           {ear.seconds:.0f} s")
    print(
        f"dropouts              {len(ear.dropouts)}  {[(round(a, 2), round(b, 3)) for a, b in ear.dropouts]}"
    )
    print(f"memory (PSS)          {min(span_kib) / 1024:.1f} to {max(span_kib) / 1024:.1f} MiB")
    print(f"its own part of that  {settled[-1].own_kib / 1024:.1f} MiB at last, slope {growth:+.0f} KiB/h")
    print(f"threads               {loads[0].threads} at first, {loads[-1].threads} at last")
    print(f"descriptors           {loads[0].descriptors} at first, {loads[-1].descriptors} at last")
    print(f"handlers failed       {status.failures}")
    print(f"exit code             {code}")
    long_enough = settled[-1].at_s - settled[0].at_s > 600
    wrong = {
        "the room was silent in the middle of music": bool(ear.dropouts),
        "memory grows": long_enough and growth > MOST_GROWTH_KIB_PER_H,
        "threads grow": loads[-1].threads > max(one.threads for one in loads[:12]) + 1,
        "descriptors grow": loads[-1].descriptors > max(one.descriptors for one in loads[:12]) + 2,
        "a handler failed": status.failures > 0,
        "the box did not end well": code != 0,
    }
    for what in (found := [what for what, is_so in wrong.items() if is_so]):
        print(f"WRONG: {what}")
    return int(bool(found))


def _runs(mask: np.ndarray) -> list[tuple[bool, range]]:
    """Split a block into runs of the same truth."""
    edges = [0, *(np.flatnonzero(np.diff(mask)) + 1).tolist(), len(mask)]
    return [(bool(mask[a]), range(a, b)) for a, b in itertools.pairwise(edges) if b > a]


if __name__ == "__main__":
    sys.exit(main())
