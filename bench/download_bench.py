"""How fast a medium comes beside curl and aria2c, on the loopback, from one server, in one run.

``python -m bench.download_bench`` writes its section of ``docs/benchmarks/storage.md``.
"""

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.sections import write_section

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "storage.md"
TITLE = "One medium beside curl and aria2c"
GIBIBYTE = 2**30
ROUNDS = 5
AIM = 0.8
MEMORY = Path("/dev") / "shm"
"""A folder whose speed is not that of a disk."""


class Taken(NamedTuple):
    """What one fetch took: seconds, and seconds of the processor."""

    wall_s: float
    cpu_s: float


class Source(NamedTuple):
    """Where the medium is."""

    url: str
    sha256: str
    size: int


Way = Callable[[Source, Path], Taken]


def ours(source: Source, folder: Path) -> Taken:
    """Fetch by our own fetcher, in a process of its own: hashed, synced, and under its name."""
    command = [sys.executable, "-m", "bench.fetch_once", source.url, source.sha256, str(source.size)]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    return Taken(*json.loads(done.stdout))


def curl(source: Source, folder: Path) -> Taken:
    """Fetch by curl: neither hashed nor synced."""
    return run(["curl", "--silent", "--fail", "--output", str(folder / "file"), source.url])


def curl_and_sums(source: Source, folder: Path) -> Taken:
    """Do by hand all that our fetcher does: curl, then sync, then sha256sum."""
    file = folder / "file"
    steps = [["sync", str(file)], ["sha256sum", str(file)]]
    takes = [curl(source, folder), *(run(step) for step in steps)]
    return Taken(sum(one.wall_s for one in takes), sum(one.cpu_s for one in takes))


def aria2c(source: Source, folder: Path) -> Taken:
    """Fetch by aria2c over one connection, with its own check of the digest."""
    options = ["--quiet", "--split=1", "--file-allocation=none", f"--checksum=sha-256={source.sha256}"]
    return run(["aria2c", *options, "--no-conf", f"--dir={folder}", "--out=file", source.url])


WAYS: dict[str, Way] = {
    "easyplayer: hashed, synced": ours,
    "curl": curl,
    "curl, sync, sha256sum": curl_and_sums,
    "aria2c: hashed": aria2c,
}


def run(command: list[str]) -> Taken:
    """Run a command, and measure it."""
    before, began = children_cpu_s(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Taken(time.monotonic() - began, children_cpu_s() - before)


def children_cpu_s() -> float:
    """Tell how much of the processor all commands have used that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def served(folder: Path, size: int) -> Iterator[Source]:
    """Make a file of chance, and serve it from a process of its own."""
    file, digest, draw = folder / "medium", hashlib.sha256(), random.Random(1)
    with file.open("wb") as out:
        for _ in range(size // 2**20):
            piece = draw.randbytes(2**20)
            digest.update(piece)
            out.write(piece)
    command = [sys.executable, "-m", "bench.file_server", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        yield Source(f"http://127.0.0.1:{port}", digest.hexdigest(), size // 2**20 * 2**20)
        server.kill()


def measure(home: Path, size: int, rounds: int) -> dict[str, list[Taken]]:
    """Let each way fetch in turn, round after round; the first round warms up, and does not count."""
    taken: dict[str, list[Taken]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory(dir=home) as served_from, served(Path(served_from), size) as source:
        for turn in range(rounds + 1):
            for name, way in WAYS.items():
                with tempfile.TemporaryDirectory(dir=home) as folder:
                    one = way(source, Path(folder))
                if turn:
                    taken[name].append(one)
                    print(
                        f"{turn} {name}: {one.wall_s:.2f} s, {one.cpu_s:.2f} s of the processor", flush=True
                    )
    return taken


def section(taken: dict[str, list[Taken]], size: int, where: str, before: str) -> str:
    """Write the section."""
    medians = {name: _median(takes) for name, takes in taken.items()}
    base = medians["curl"]
    rows = [_row(name, one, base, size) for name, one in medians.items()]
    ratio = base.wall_s / medians["easyplayer: hashed, synced"].wall_s
    return f"""Made in one run of `python -m bench.download_bench`: {size // 2**20} MiB over the loopback,
from one server (`sendfile`, in a process of its own) to {where}; medians of {len(taken["curl"])} rounds in
which each had its turn.
Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}.
Load averages before it: {before}; after it: {_load()}. Others were at work on the same machine.

| | MB/s | of curl's | seconds of the processor for a GiB |
|---|---:|---:|---:|
{chr(10).join(rows)}

"Synced" is that the medium is on the disk for good, and has its name. Our start is not counted, as the box
does not start for each medium; that of the others is, and takes a few milliseconds.

Aim: {AIM} of curl's speed: {"met" if ratio >= AIM else "**missed**"} ({ratio:.2f})."""


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--mib", type=int, default=GIBIBYTE // 2**20)
    parser.add_argument("--home", type=Path, default=MEMORY, help="where the files lie meanwhile")
    given = parser.parse_args()
    before = _load()
    taken = measure(given.home, given.mib * 2**20, given.rounds)
    where = "memory (tmpfs)" if given.home == MEMORY else "the disk"
    write_section(PAGE, TITLE, section(taken, given.mib * 2**20, where, before))


def _median(takes: list[Taken]) -> Taken:
    return Taken(
        statistics.median(one.wall_s for one in takes), statistics.median(one.cpu_s for one in takes)
    )


def _row(name: str, one: Taken, base: Taken, size: int) -> str:
    speed, cpu_s = size / one.wall_s / 1e6, one.cpu_s * GIBIBYTE / size
    return f"| {name} | {speed:,.0f} | {base.wall_s / one.wall_s:.2f} | {cpu_s:.2f} |"


def _load() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


if __name__ == "__main__":
    main()
