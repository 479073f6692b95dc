"""What is left on a box's disk after its power went: read by the box's own code, without a machine.

The file system is mended as the box mends it at its start, and then its ledger and its programs are read.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from easyplayer.drivers.asrun_schema import version_of
from easyplayer.playout.demand import media_of
from easyplayer.program_store import store_in
from easyplayer.protocol.asrun import GENESIS, Entry, broken_at
from tests.venue.appliance import partition

DATA_PARTITION = "easyplayer-data"
STATE = "box"
LEDGER = "as-run.sqlite"
KEPT = (LEDGER, f"{LEDGER}-wal", "programs", "media")
"""What of the box's state is looked at."""

MENDED_FILE = "partition"
"""The copy of the data partition that was mended."""

MENDED = 4
"""From this exit code on, ``e2fsck`` has left something that it could not mend."""

TOOL_TIMEOUT_S = 120
TOOLS = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}


class UnmendableError(AssertionError):
    """The file system cannot be mended: the box would begin with nothing."""


@dataclass(frozen=True)
class Remains:
    """What a box would find at its next start.

    :ivar acknowledged: up to which entry of its ledger the hub has acknowledged, as far as the box knows.
    :ivar entries: the ledger's entries: hash by number.
    :ivar program: digest of the program that the box would play by; empty where there is none.
    :ivar staged: the same of the one that is being made ready.
    :ivar faults: everything that must not be, in words.
    """

    acknowledged: int = 0
    entries: dict[int, str] = field(default_factory=dict)
    program: str = ""
    staged: str = ""
    faults: tuple[str, ...] = ()

    def lacking(self, others: dict[int, str]) -> list[int]:
        """Tell which entries are not here, or are other ones."""
        return [number for number, digest in others.items() if self.entries.get(number) != digest]


def read_remains(disk: Path, folder: Path) -> Remains:
    """Mend the data partition on a disk's image (raw), and read what the box keeps there.

    :param disk: one with the partitions of the appliance, or a bare file system with the state directory.
    :param folder: an empty one, for copies; what is read stays there.
    :raises UnmendableError: the file system is lost.
    """
    file_system = cut_out(disk, folder / MENDED_FILE)
    mend(str(file_system))
    for name in KEPT:
        _run("debugfs", "-R", f"rdump /{STATE}/{name} {folder}", str(file_system))
    acknowledged, entries, ledger_faults = _ledger(folder / LEDGER)
    program, staged, program_faults = _programs(folder)
    return Remains(acknowledged, entries, program, staged, (*ledger_faults, *program_faults))


def cut_out(disk: Path, to: Path, span: tuple[int, int] | None = None) -> Path:
    """Copy the data partition: ``e2fsck`` mends none that is in the middle of a file.

    :param disk: its image: raw, or an overlay (qcow2) where the span is given.
    :param span: where the data begin on it, and their length, in bytes.
    """
    at, size = span or data_on(disk)
    below = f"file.driver=file,file.filename={disk}"
    if span:
        below = f"file.driver=qcow2,file.file.driver=file,file.file.filename={disk}"
    whole = f"driver=raw,offset={at},size={size},{below}"
    done = _run("qemu-img", "convert", "-O", "raw", "--image-opts", whole, str(to))
    assert done.returncode == 0, done.stderr
    return to


def data_on(disk: Path) -> tuple[int, int]:
    """Give where the data begin, and their length, in bytes; a disk without partitions is all data."""
    try:
        return partition(disk, DATA_PARTITION)
    except LookupError:
        return 0, disk.stat().st_size


def mend(file_system: str) -> None:
    """Do what ``systemd/lib/data`` does with the partition at each start.

    :raises UnmendableError: the file system is lost.
    """
    if _run("e2fsck", "-p", file_system).returncode < MENDED:
        return
    done = _run("e2fsck", "-y", file_system)
    if done.returncode >= MENDED:
        raise UnmendableError(f"e2fsck -y: {done.returncode}\n{done.stdout}{done.stderr}")


def _ledger(path: Path) -> tuple[int, dict[int, str], tuple[str, ...]]:
    if not path.exists():
        return 0, {}, ("there is no ledger",)
    try:
        with closing(sqlite3.connect(path)) as database:
            (state,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if state == "ok" and not version_of(database):
                return 0, {}, ()  # it was about to be made; if it had entries before, they are lacking
            (acknowledged,) = database.execute("SELECT acknowledged FROM log").fetchone()
            found = database.execute("SELECT number, hash, body FROM chain ORDER BY number").fetchall()
    except (sqlite3.DatabaseError, TypeError) as error:
        return 0, {}, (f"the ledger cannot be read: {error}",)
    entries = tuple(Entry(number=number, hash=digest, body=body) for number, digest, body in found)
    faults = [] if state == "ok" else [f"the ledger is damaged: {state}"]
    if entries and entries[0].number == 1 and (broken := broken_at(GENESIS, entries)) is not None:
        faults.append(f"the ledger's chain is broken at entry {broken}")
    return int(acknowledged), {one.number: one.hash for one in entries}, tuple(faults)


def _programs(state: Path) -> tuple[str, str, tuple[str, ...]]:
    programs = store_in(state).programs
    current, staged = programs.current, programs.staged
    # Where the current one is damaged, the store gives the one before it, by which the box plays then.
    damaged = ("the current program cannot be used",) if programs.is_damaged else ()
    waiting = "" if staged is None else staged.head.digest
    if current is None:
        return "", waiting, damaged
    return current.head.digest, waiting, (*damaged, *_wrong_media(state, media_of(current.program)))


def media_files(folder: Path) -> tuple[str, ...]:
    """Name the files of the current program's media, in the state directory.

    :param folder: where :func:`read_remains` has read what is left on a disk.
    """
    current = store_in(folder).programs.current
    wanted = () if current is None else media_of(current.program)
    return tuple(f"media/{sha256[:2]}/{sha256}" for sha256 in wanted)


def _wrong_media(state: Path, wanted: dict[str, int]) -> Iterator[str]:
    """Tell which media of a program are missing, or are not what they should be."""
    for sha256 in wanted:
        medium = state / "media" / sha256[:2] / sha256
        if not medium.exists():
            yield f"medium {sha256[:12]} of the current program is missing"
            continue
        with medium.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != sha256:
                yield f"medium {sha256[:12]} of the current program is another one"


def blocks_of(disk: Path, folder: Path, name: str) -> frozenset[int]:
    """Tell at which bytes of a disk the blocks of a file of the box's state lie.

    :param disk: its image (raw).
    :param folder: where :func:`read_remains` has read what is left on it.
    :param name: the file's path in the state directory.
    """
    mended = str(folder / MENDED_FILE)
    head = _run("dumpe2fs", "-h", mended).stdout.splitlines()
    size = next(int(line.split(":")[1]) for line in head if line.startswith("Block size:"))
    told = _run("debugfs", "-R", f"blocks /{STATE}/{name}", mended).stdout
    at, _ = data_on(disk)
    return frozenset(at + int(one) * size for one in told.split() if one.isdigit())


def emptied(folder: Path) -> Path:
    """Give a folder that is there and has nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=TOOLS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TOOL_TIMEOUT_S,
        check=False,
    )
