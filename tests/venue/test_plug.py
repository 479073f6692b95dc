"""The judge of pulled plugs: what must not be of a run that was cut off, told without a machine."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from easyplayer.drivers.asrun_store import AsRunStore
from tests.test_program_store import NEW, NEW_HEAD, OLD_HEAD
from tests.venue.faculties.cuts import Cut, Doing, Receipts, choose
from tests.venue.faculties.power import LoggedDisk
from tests.venue.faculties.remains import LEDGER, STATE, Remains, emptied, read_remains
from tests.venue.faculties.write_log import Kind, WriteLog, read_log, write_log
from tests.venue.machine import Disk, Spec
from tests.venue.machine.saved import Saved
from tests.venue.stories.plug import Marks, Run, RunError, Watch, faults_of_start, surveyed, with_disk
from tests.venue.test_remains import bring_medium, facts_of, formatted, state_of

OLD, NEXT = OLD_HEAD.digest, NEW_HEAD.digest
SAFE = Remains(entries={1: "a", 2: "b"}, program=NEXT)
CUT = Cut(Doing.PLAY, 0, 7)
BLOCK = 1024


def a_run(folder: Path, safe: Remains = SAFE) -> Run:
    """Make a run of which it is known what was on its disk for good."""
    disk = LoggedDisk(folder / "before.img", folder / "log")
    marks = Marks(Receipts(()), 0, 0, 0)
    stored = {1: "a", 2: "b", 3: "c"}
    return Run(disk, WriteLog(disk.log, ()), marks, stored, ((), ()), order=(OLD, NEXT), _safe={0: safe})


def test_what_is_as_it_was_or_further_is_no_fault(tmp_path: Path) -> None:
    """A cut before the flush may have left more than was there for good."""
    run = a_run(tmp_path, replace(SAFE, program=OLD))
    more = {**SAFE.entries, 3: "c"}
    for left in (replace(SAFE, program=OLD), replace(SAFE, entries=more, acknowledged=3)):
        assert list(run.faults(CUT, left, tmp_path)) == []


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (replace(SAFE, program=OLD), "now it is the old one"),
        (replace(SAFE, program=""), "now there is none"),
        (replace(SAFE, program="x" * 64), "none of those that were published"),
        (replace(SAFE, entries={1: "a"}), "entries [2] of the ledger were on the disk for good"),
        (replace(SAFE, acknowledged=4), "has entry 4 for acknowledged, and the hub has only 3"),
        (replace(SAFE, faults=("a fault",)), "a fault"),
    ],
)
def test_what_must_not_be_is_a_fault(tmp_path: Path, left: Remains, told: str) -> None:
    """Also that a box plays by the program before the one that was the current one for good."""
    (fault,) = a_run(tmp_path).faults(CUT, left, tmp_path)
    assert told in fault


@pytest.mark.parametrize(
    ("started", "told"),
    [
        (replace(SAFE, entries={1: "a"}), "entries [2] of the ledger are lost by the next start"),
        (replace(SAFE, program="x" * 64), "has made xxxxxxxxxxxx the current program"),
        (replace(SAFE, program=""), "has made none the current program"),
        (replace(SAFE, faults=("a fault",)), "after the next start: a fault"),
    ],
)
def test_what_the_next_start_spoils_is_a_fault(started: Remains, told: str) -> None:
    """What was left by the cut is not all that counts."""
    (fault,) = faults_of_start(SAFE, started)
    assert told in fault


def test_next_start_may_make_the_staged_program_the_current_one() -> None:
    """And the ledger goes on."""
    left = Remains(entries={1: "a"}, program=OLD, staged=NEXT)
    assert list(faults_of_start(left, SAFE)) == []


def test_watch_that_could_not_look_is_told_at_its_end(tmp_path: Path) -> None:
    """Without receipts all entries might be lost, and nobody would find one."""
    log = tmp_path / "log"
    log.touch()
    with (
        pytest.raises(RunError, match="nobody has watched what the hub acknowledges: unable to open"),
        Watch(log, tmp_path / "none" / "hub.sqlite") as watch,
    ):
        watch._thread.join()


def break_off(saved: Saved, disk: Path, folder: Path) -> None:
    """Fail with a saved state upon another disk."""
    with with_disk(saved, Spec(disks=(Disk(path=disk),)), disk, folder) as there:
        assert sorted(path.name for path in there.folder.iterdir()) == ["disk0.qcow2", "memory"]
        raise ZeroDivisionError


def test_saved_state_upon_another_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """Nor where what is done with it fails, so that the next cut finds its place."""
    saved = Saved(tmp_path / "saved")
    saved.folder.mkdir()
    (saved.folder / "memory").touch()
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            break_off(saved, disk, tmp_path / "at")
        assert not (tmp_path / "at").exists()


def differences(before: Path, after: Path) -> list[tuple[Kind, int, bytes]]:
    """Give the writes that make one disk another one, and a flush."""
    old, new = before.read_bytes(), after.read_bytes()
    blocks = range(0, len(new), BLOCK)
    changed = [at for at in blocks if old[at : at + BLOCK] != new[at : at + BLOCK]]
    return [*((Kind.WRITE, at, new[at : at + BLOCK]) for at in changed), (Kind.FLUSH, 0, b"")]


def test_run_is_surveyed(tmp_path: Path) -> None:
    """What the box did where, by what its disk holds: it fetches, changes its program, and writes on."""
    root = tmp_path / "root"
    store = state_of(root / STATE)
    disks = [formatted(root, tmp_path / "0.img")]
    store.programs.stage(NEW_HEAD, NEW)
    bring_medium(root / STATE, "b")
    disks.append(formatted(root, tmp_path / "1.img"))
    store.programs.switch()
    with closing(AsRunStore(root / STATE / LEDGER, "boot-2")) as ledger:
        ledger.write(facts_of(3))
    disks.append(formatted(root, tmp_path / "2.img"))
    log = tmp_path / "log"
    fetched, changed = (differences(*disks[n : n + 2]) for n in range(2))
    write_log(log, [*fetched, *changed])
    marks = Marks(Receipts(()), 0, 0, log.stat().st_size)
    disk = LoggedDisk(disks[0], log)

    run = surveyed(Run(disk, read_log(log), marks, {}, ((), ())), tmp_path)

    total = len(fetched) + len(changed)
    assert run.order == (OLD, NEXT)
    assert run.safe(total, tmp_path).program == NEXT
    assert run.safe(total - 1, tmp_path).program == OLD
    assert total in run.places[Doing.SWITCH]
    assert all(0 < cut <= total for places in run.places.values() for cut in places)
    assert max(run.places[Doing.DOWNLOAD]) < total
    assert {cut.doing for cut in choose(4, 1, run.places)} == set(Doing)
    left = read_remains(run.disk.crash_image(tmp_path / "crash.img", total, 1), emptied(tmp_path / "left"))
    assert list(run.faults(Cut(Doing.PLAY, total, 1), left, tmp_path)) == []


def test_run_without_a_change_of_programs_is_none(tmp_path: Path) -> None:
    """In words, before the power is cut fifty times for nothing."""
    root = tmp_path / "root"
    state_of(root / STATE)
    disk = LoggedDisk(formatted(root, tmp_path / "0.img"), tmp_path / "log")
    write_log(disk.log, [(Kind.FLUSH, 0, b"")])
    run = Run(disk, read_log(disk.log), Marks(Receipts(()), 0, 0, 1 << 20), {}, ((), ()))

    with pytest.raises(RunError, match=f"was {OLD[:12]}, and then {OLD[:12]}"):
        surveyed(run, tmp_path)
