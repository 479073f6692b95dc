"""What it costs to look after 100,000 media: at the start, for each question, and when the index is rebuilt.

``python -m bench.media_bench`` makes as many small files on the disk, does each thing in a process of its
own, with what the system remembers of the disk and (as root) without, and writes its section of
``docs/benchmarks/storage.md``.
"""

import argparse
import hashlib
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.sections import write_section
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.units import Instant

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "storage.md"
TITLE = "Many media"
MEDIA = 100_000
FORGET = Path("/proc/sys/vm/drop_caches")
MIB = 1024 * 1024


class Figures(NamedTuple):
    """What one thing has cost.

    :ivar grown_mib: by how much the memory of the process was larger afterwards (PSS).
    :ivar read_mib: what came from the disk itself.
    """

    took_s: float
    cpu_s: float
    grown_mib: float
    read_mib: float


def digest_of(number: int) -> str:
    """Give the digest that stands for a medium."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def lay_out(folder: Path, count: int) -> None:
    """Make the files; what is in them does not matter here."""
    for number in range(256):
        (folder / f"{number:02x}").mkdir(parents=True)
    for number in range(count):
        sha256 = digest_of(number)
        (folder / sha256[:2] / sha256).write_bytes(b"x")


# -- what is measured -----------------------------------------------------------------------------------


def open_library(library: MediaLibrary, _digests: list[str]) -> None:
    """Open the index and compare it with the disk."""
    (disk,) = library.disks()
    assert disk.media


def rebuild(library: MediaLibrary, _digests: list[str]) -> None:
    """Make the index anew."""
    library.rebuild()


def ask_disk(library: MediaLibrary, digests: list[str]) -> None:
    """Ask of each medium whether it is there."""
    for sha256 in digests:
        assert library.has(sha256, 1)


def ask_index(library: MediaLibrary, digests: list[str]) -> None:
    """Ask the same of a database, as if what it says were true."""
    database = sqlite3.connect(library.folder.with_name("media.sqlite"))
    for sha256 in digests:
        question = "SELECT 1 FROM media WHERE disk = 1 AND digest = ?"
        assert database.execute(question, (bytes.fromhex(sha256),)).fetchone()
    database.close()


def list_names(library: MediaLibrary, digests: list[str]) -> None:
    """Give the digests of all."""
    assert sum(1 for _ in library.digests()) == len(digests)


def find_next(library: MediaLibrary, _digests: list[str]) -> None:
    """Find the medium that was checked longest ago."""
    assert library.least_checked(Instant(1.0))


THINGS: dict[str, tuple[str, Callable[[MediaLibrary, list[str]], None]]] = {
    "first": ("open, with no index yet", open_library),
    "open": ("open, and compare the index with the disk", open_library),
    "names": ("list all digests", list_names),
    "disk": ("ask the disk for each medium (what `has` does)", ask_disk),
    "index": ("ask the index for each medium instead", ask_index),
    "next": ("open, and find what is to be checked next", find_next),
    "rebuild": ("rebuild the index", rebuild),
}


def measure(name: str, folder: Path, count: int) -> Figures:
    """Do one thing, here and now."""
    digests = [digest_of(number) for number in range(count)]
    library = MediaLibrary(folder)
    process = psutil.Process()
    memory, read = process.memory_full_info().pss, process.io_counters().read_bytes
    began, cpu = time.perf_counter(), time.process_time()
    THINGS[name][1](library, digests)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    grown = process.memory_full_info().pss - memory
    return Figures(took_s, cpu_s, grown / MIB, (process.io_counters().read_bytes - read) / MIB)


# -- in processes of their own ------------------------------------------------------------------------


def in_a_process(name: str, folder: Path, count: int, *, cold: bool) -> Figures:
    """Do one thing in a fresh process, which the disk is new to if that is wanted."""
    if name == "first":
        for path in folder.parent.glob("media.sqlite*"):
            path.unlink()
    if cold:
        os.sync()
        FORGET.write_text("3")
    command = [sys.executable, "-m", "bench.media_bench", "--thing", name, str(folder), "--media", str(count)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Figures(*json.loads(done.stdout))


def row(name: str, cold: Figures | None, warm: Figures) -> str:
    """Write one line of the table."""
    remembered = f"{warm.took_s:.2f} | {warm.cpu_s:.2f} | {max(warm.grown_mib, 0.0):.1f}"
    fresh = "n/a | n/a" if cold is None else f"{cold.took_s:.2f} | {cold.read_mib:.1f}"
    return f"| {THINGS[name][0]} | {remembered} | {fresh} |"


def section(rows: list[str], count: int, index_mib: float, before: str) -> str:
    """Write the section, in Markdown."""
    return f"""Made in one run of `python -m bench.media_bench` with {count:,} files.
Each thing was done in a process of its own.
Machine: {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}.
Load averages before it: {before}; after it: {load()}.

| | s | CPU s | MiB more | s, disk not read yet | MiB read then |
|---|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

"MiB more" is by how much the process was larger afterwards (PSS). "Not read yet" is after the system was made
to forget all that it knew of the disk; what was read then tells what it means on a slow one. The index has
{index_mib:.1f} MiB on the disk."""


def load() -> str:
    """Tell how busy the machine is."""
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=int, default=MEDIA, help="how many")
    parser.add_argument("--thing", nargs=2, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.thing:
        print(json.dumps(measure(told.thing[0], Path(told.thing[1]), told.media)))
        return
    before, rows = load(), []
    with tempfile.TemporaryDirectory(dir=ROOT) as home:
        folder = Path(home) / "media"
        lay_out(folder, told.media)
        for name in THINGS:
            cold = in_a_process(name, folder, told.media, cold=True) if os.access(FORGET, os.W_OK) else None
            rows.append(row(name, cold, in_a_process(name, folder, told.media, cold=False)))
            print(rows[-1], flush=True)
        index_mib = (Path(home) / "media.sqlite").stat().st_size / MIB
    write_section(PAGE, TITLE, section(rows, told.media, index_mib, before))


if __name__ == "__main__":
    main()
