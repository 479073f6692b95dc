"""What the stories of a pulled plug have in common: a run whose writes are logged, and starts after each cut.

Each start begins at the gate: a saved state of the machine in which everything runs that does not need the
box's disk, and nothing has read of that.  So the same seconds of a start need not be spent fifty times.
"""

import bisect
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Error as DatabaseError
from typing import Self

from tests.venue.faculties.cuts import BESIDE_A_SWITCH, Cut, Doing, Receipts, acknowledged, writes_to
from tests.venue.faculties.power import LoggedDisk, as_raw
from tests.venue.faculties.remains import (
    LEDGER,
    Remains,
    blocks_of,
    cut_out,
    data_on,
    emptied,
    media_files,
    read_remains,
)
from tests.venue.faculties.tracks import Track
from tests.venue.faculties.write_log import WriteLog
from tests.venue.machine import Disk, Spec, credentials
from tests.venue.machine.images import make_overlay, overlay_name
from tests.venue.machine.saved import Saved
from tests.venue.stories.evening import publish
from tests.venue.venue import Venue

DATA_UNIT = "easyplayer-data.service"
GATE_FILE = "/run/venue-gate"
GATE = f"""\
[Service]
TimeoutStartSec=infinity
ExecStartPre=/bin/sh -c "until [ -e {GATE_FILE} ]; do sleep 0.2; done"
"""
AT_GATE = (
    f"until systemctl show -p SubState {DATA_UNIT} | grep -q start-pre; do sleep 0.5; done;"
    " udevadm settle --timeout=60; sleep 3;"
    ' for part in /dev/vda?*; do blockdev --flushbufs "$part"; done'
)
"""Wait until all else has started, and forget whatever was read of the partitions."""

GATE_WITHIN_S = 60.0
TOOL_TIMEOUT_S = 60
WATCH_EVERY_S = 0.1
LISTENS_S = 20.0
"""So long it plays before there is another program, and after it."""


# -- a run -------------------------------------------------------------------------------------------


class RunError(AssertionError):
    """A run is none in which the power can be cut: it says what is missing of it."""


class Watch:
    """Writes down, while a box runs, how much its disk has logged, and what its hub has acknowledged.

    What has kept it from that is raised at the end: without receipts, nothing could be found to be lost.
    """

    def __init__(self, log: Path, database: Path) -> None:
        self._log, self._database = log, database
        self._known: list[tuple[int, int]] = []
        self._end = threading.Event()
        self._error: OSError | DatabaseError | None = None
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end.set()
        self._thread.join()
        if self._error is not None and kind is None:
            raise RunError(f"nobody has watched what the hub acknowledges: {self._error}") from self._error

    @property
    def receipts(self) -> Receipts:
        """What was seen."""
        return Receipts(tuple(self._known))

    def _watch(self) -> None:
        try:
            while not self._end.wait(WATCH_EVERY_S):
                # First: what is there then lies in the log that is seen next.
                number = acknowledged(self._database)
                self._known.append((self._log.stat().st_size, number))
        except (OSError, DatabaseError) as error:
            self._error = error


@dataclass(frozen=True)
class Marks:
    """What was seen of a run from outside.

    :ivar receipts: what the hub had acknowledged, and when.
    :ivar begun: bytes of the log when the first program was heard; no cut is before that.
    :ivar published: the same when the other program was about to be published.
    :ivar heard: the same when that was heard.
    """

    receipts: Receipts
    begun: int
    published: int
    heard: int


@dataclass
class Run:
    """What a box did until its power went, as its disk's log and its hub have it.

    :ivar disk: all its writes.
    :ivar log: the same, read.
    :ivar marks: what was seen from outside.
    :ivar stored: all that the hub had in the end: hash by number.
    :ivar programs: the tracks of the program before, and of that after.
    :ivar data: the disk's data partition alone, of which images are soon made.
    :ivar order: digests of the program before, and of that after.
    :ivar places: the cuts that there are, by what the box did there.
    """

    disk: LoggedDisk
    log: WriteLog
    marks: Marks
    stored: dict[int, str]
    programs: tuple[Sequence[Track], Sequence[Track]]
    data: LoggedDisk = field(init=False)
    order: tuple[str, ...] = ()
    places: dict[Doing, Sequence[int]] = field(default_factory=dict)
    _safe: dict[int, Remains] = field(default_factory=dict)

    def safe(self, cut: int, folder: Path) -> Remains:
        """Read what was on the disk for good before a cut: all up to the last flush, no more."""
        at = max((flush for flush in self.log.flushes if flush <= cut), default=0)
        if at not in self._safe:
            image = self.data.crash_image(folder / "safe.img", at)
            self._safe[at] = read_remains(image, emptied(folder / "safe"))
            image.unlink()
        return self._safe[at]

    def faults(self, cut: Cut, left: Remains, folder: Path) -> Iterator[str]:
        """Tell everything that must not be of what a cut has left."""
        safe = self.safe(cut.at, folder)
        yield from left.faults
        if lost := left.lacking(safe.entries):
            yield f"entries {lost} of the ledger were on the disk for good, and are not there"
        known = self.marks.receipts.before(self.log, cut.at)
        if lost := left.lacking({number: one for number, one in self.stored.items() if number <= known}):
            yield f"entries {lost} were acknowledged by the hub, and are not there"
        if left.acknowledged > (last := max(self.stored, default=0)):
            yield f"the box has entry {left.acknowledged} for acknowledged, and the hub has only {last}"
        yield from self._faults_of_program(safe.program, left.program)

    def _faults_of_program(self, safe: str, left: str) -> Iterator[str]:
        if not left:
            if safe:
                yield "there was a current program, and now there is none"
        elif left not in self.order:
            yield f"the current program, {left[:12]}, is none of those that were published"
        elif safe in self.order and self.order.index(left) < self.order.index(safe):
            yield "the new program was the current one for good, and now it is the old one"


def faults_of_start(left: Remains, started: Remains) -> Iterator[str]:
    """Tell everything that must not be of what the start after a cut has made of what that has left."""
    yield from (f"after the next start: {fault}" for fault in started.faults)
    if lost := started.lacking(left.entries):
        yield f"entries {lost} of the ledger are lost by the next start"
    if started.program not in (left.program, left.staged or left.program):
        yield f"the next start has made {started.program[:12] or 'none'} the current program"


def record(venue: Venue, after: Sequence[Track], log: Path) -> Marks:
    """Have a claimed box that plays by one program get another one, and pull its plug."""
    begun = log.stat().st_size
    with Watch(log, venue.hub.process.state / "hub.sqlite") as watch:
        venue.listen(LISTENS_S)
        published = log.stat().st_size
        publish(venue, "night", after)
        venue.wait_for_track(after[0])
        heard = log.stat().st_size
        venue.listen(LISTENS_S)
        venue.cut_power()
    return Marks(watch.receipts, begun, published, heard)


def run_of(
    venue: Venue,
    disk: LoggedDisk,
    marks: Marks,
    programs: tuple[Sequence[Track], Sequence[Track]],
    folder: Path,
) -> Run:
    """Read a run whose power has gone."""
    return surveyed(Run(disk, disk.read(), marks, venue.hub.process.stored(), programs), folder)


def surveyed(run: Run, folder: Path) -> Run:
    """Find out by which programs a box played in a run, and at which requests it did what.

    :raises RunError: it did not change to another program.
    """
    run.data = LoggedDisk(
        cut_out(run.disk.before, folder / "data.img"), run.disk.log, data_on(run.disk.before)[0]
    )
    begins = [request.begins_at for request in run.log.requests]
    total = len(begins)
    begun, first, last = (
        bisect.bisect_left(begins, size) for size in (run.marks.begun, run.marks.published, run.marks.heard)
    )
    whole = run.disk.crash_image(folder / "whole.img", total)
    look = emptied(folder / "whole")
    read_remains(whole, look)
    ledger = blocks_of(whole, look, f"{LEDGER}-wal") | blocks_of(whole, look, LEDGER)
    media = frozenset[int]().union(*(blocks_of(whole, look, name) for name in media_files(look)))
    whole.unlink()
    switched = switch_at(run, first, last, folder)
    run.order = tuple(run.safe(cut, folder).program for cut in (first, switched))
    fetched = [number for number in writes_to(run.log, media) if first <= number < switched]
    beside = range(max(first, switched - BESIDE_A_SWITCH), min(total, switched + BESIDE_A_SWITCH) + 1)
    run.places = {
        Doing.PLAY: range(begun + 1, total + 1),
        Doing.DOWNLOAD: range(fetched[0] + 1, max(fetched[0] + 2, switched - BESIDE_A_SWITCH))
        if fetched
        else (),
        Doing.SWITCH: beside,
        Doing.LEDGER: [number + 1 for number in writes_to(run.log, ledger) if number >= begun],
    }
    return run


def switch_at(run: Run, first: int, last: int, folder: Path) -> int:
    """Find the flush with which the current program becomes another one.

    :raises RunError: it is the same all the time, or there was none in the beginning.
    """
    flushes = [first, *(flush for flush in run.log.flushes if first < flush <= last)]
    before, after = (run.safe(flush, folder).program for flush in (flushes[0], flushes[-1]))
    if not before or before == after:
        raise RunError(f"the current program was {before[:12] or 'none'}, and then {after[:12] or 'none'}")
    low, high = 0, len(flushes) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if run.safe(flushes[middle], folder).program == before:
            low = middle
        else:
            high = middle
    return flushes[high]


# -- disks -------------------------------------------------------------------------------------------


def logged(box: Spec, log: Path) -> Spec:
    """Give the hardware of a box whose writes are all logged."""
    (disk,) = box.disks
    return replace(box, disks=(replace(disk, log_writes=log),))


def disk_below(venue: Venue, to: Path) -> Path:
    """Copy the disk of a box that was resumed, as it was then (raw)."""
    command = ["qemu-img", "info", "-U", "--output=json", str(overlay_of(venue))]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=TOOL_TIMEOUT_S).stdout)
    return as_raw(Path(told["full-backing-filename"]), to)


def change_disk(venue: Venue, disk: Path) -> Path:
    """Put another disk (raw) into a box that is switched off; give what it will write to."""
    overlay = overlay_of(venue)
    overlay.unlink()
    make_overlay(disk, "raw", overlay)
    return overlay


def overlay_of(venue: Venue) -> Path:
    """Name the file that a box writes to."""
    return venue.machine.folder / overlay_name(venue.machine.spec, 0)


def crash(disk: LoggedDisk, seed: int, folder: Path) -> Path:
    """Make the image of a disk that has lost, by chance, what was not flushed in the end."""
    return disk.crash_image(folder / "crash.img", len(disk.read().requests), seed)


# -- a start after a cut -----------------------------------------------------------------------------


def with_gate(box: Spec, disk: Path) -> Spec:
    """Give the hardware of a box that waits before it looks at its disk (raw)."""
    gate = credentials.credential(f"systemd.unit-dropin.{DATA_UNIT}~gate", GATE)
    return replace(box, disks=(Disk(path=disk),), smbios=(*box.smbios, gate))


def stop_at_gate(venue: Venue, folder: Path) -> Saved:
    """Switch a box with a gate on, and save it there."""
    venue.machine.launch()
    venue.machine.shell.run(AT_GATE, timeout_s=GATE_WITHIN_S, check=True)
    return venue.machine.save(folder)


def open_gate(venue: Venue) -> None:
    """Let a box at its gate look at its disk."""
    venue.clock.follow_host()
    venue.machine.shell.run(f"touch {GATE_FILE}", check=True)
    venue.fault("power on")


@contextmanager
def with_disk(saved: Saved, spec: Spec, disk: Path, folder: Path) -> Iterator[Saved]:
    """Give a saved state as it would be upon another disk (raw), of which the machine has read nothing."""
    emptied(folder)
    for file in saved.folder.iterdir():
        if file.name != overlay_name(spec, 0) and file.is_file():
            (folder / file.name).symlink_to(file.absolute())
    make_overlay(disk, "raw", folder / overlay_name(spec, 0))
    try:
        yield Saved(folder)
    finally:
        emptied(folder).rmdir()


def left_by_start(venue: Venue, run: Run, folder: Path) -> Remains:
    """Read what is on the disk of a box that has started, and whose power is off again."""
    image = folder / "started.img"
    try:
        cut_out(overlay_of(venue), image, data_on(run.disk.before))
        return read_remains(image, emptied(folder / "started"))
    finally:
        image.unlink(missing_ok=True)
