"""What is left on a box's disk, read without a machine; and where in a run the plug is pulled."""

import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from easyplayer.drivers.asrun_facts import Fact, RowBegun, RowTold
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.program_store import Store, store_in
from easyplayer.units import Monotonic, Seconds
from tests.fakes.hub_media import content, digest_of
from tests.test_program_store import NEW, NEW_HEAD, OLD_HEAD, changed, playing
from tests.venue.faculties.cuts import FEWEST, SHARES, Doing, Receipts, check_count, choose, writes_to
from tests.venue.faculties.remains import (
    LEDGER,
    STATE,
    TOOLS,
    UnmendableError,
    blocks_of,
    cut_out,
    emptied,
    read_remains,
)
from tests.venue.faculties.write_log import Kind, read_log, write_log
from tests.venue.machine.images import make_overlay

MIB = 1 << 20
ROWS = 5
PLACES: dict[Doing, Sequence[int]] = {
    doing: range(10 * number, 10 * number + 10) for number, doing in enumerate(Doing)
}
Change = Callable[[Path], None]


def bring_medium(state: Path, name: str) -> None:
    """Have a medium be there."""
    medium = digest_of(content(name))
    (state / "media" / medium[:2]).mkdir(parents=True, exist_ok=True)
    (state / "media" / medium[:2] / medium).write_bytes(content(name))


def facts_of(rows: int) -> list[Fact]:
    """Tell of so many songs that were played."""
    facts: list[Fact] = []
    for at in range(1, rows + 1):
        over = Monotonic(at + 0.5)
        facts.append(RowBegun(started=Monotonic(at), item="{}"))
        facts.append(RowTold(started=Monotonic(at), over=over, heard_s=Seconds(0.5), ended="played"))
    return facts


def state_of(state: Path, kept: Callable[[Path], Store] = playing) -> Store:
    """Make the state of a box that has a program and five entries."""
    state.mkdir(parents=True)
    store = kept(state)
    for name in ("a", "b"):
        if digest_of(content(name)) in store.programs.needed():
            bring_medium(state, name)
    with closing(AsRunStore(state / LEDGER, "boot-1")) as ledger:
        ledger.write(facts_of(ROWS))
    return store


def formatted(root: Path, disk: Path) -> Path:
    """Make a disk that holds what is in a folder."""
    command = ["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(disk), "16M"]
    subprocess.run(command, env=TOOLS, check=True, capture_output=True, timeout=60)
    return disk


def disk_of(
    folder: Path, change: Change = lambda _state: None, kept: Callable[[Path], Store] = playing
) -> Path:
    """Make a disk with the state of a box that has a program and five entries, and perhaps a fault."""
    state_of(folder / "root" / STATE, kept)
    change(folder / "root" / STATE)
    return formatted(folder / "root", folder / "disk.img")


def test_what_a_box_keeps_is_read(tmp_path: Path) -> None:
    """The entries of its ledger, its program, and nothing to complain of."""
    left = read_remains(disk_of(tmp_path), emptied(tmp_path / "look"))

    assert list(left.entries) == list(range(1, ROWS + 1))
    assert left.program == OLD_HEAD.digest
    assert left.faults == ()
    assert left.lacking(left.entries) == []
    assert left.lacking({3: left.entries[3], 4: "another", 6: "more"}) == [4, 6]


def spoil_medium(state: Path) -> None:
    """Make a medium another one."""
    (medium,) = (state / "media").glob("*/*")
    medium.write_bytes(b"something else")


def take_medium(state: Path) -> None:
    """Take a medium away."""
    (medium,) = (state / "media").glob("*/*")
    medium.unlink()


def spoil_program(state: Path) -> None:
    """Make the current program's file another one."""
    (state / "programs" / f"{OLD_HEAD.digest}.json").write_bytes(b"{}")


def spoil_ledger(state: Path) -> None:
    """Make the ledger something that is no database."""
    (state / LEDGER).write_bytes(b"nothing of the kind" * 100)


def take_ledger(state: Path) -> None:
    """Take the ledger away."""
    (state / LEDGER).unlink()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (spoil_medium, "is another one"),
        (take_medium, "is missing"),
        (spoil_program, "the current program cannot be used"),
        (spoil_ledger, "the ledger cannot be read"),
        (take_ledger, "there is no ledger"),
    ],
)
def test_what_must_not_be_is_told(tmp_path: Path, change: Change, told: str) -> None:
    """In words."""
    left = read_remains(disk_of(tmp_path, change), emptied(tmp_path / "look"))

    assert any(told in fault for fault in left.faults), left.faults


def spoil_new_program(state: Path) -> None:
    """Make the current program's file another one, where there is one before it."""
    (state / "programs" / f"{NEW_HEAD.digest}.json").write_bytes(b"{}")


def spoil_head(state: Path) -> None:
    """Make the file that says which one is the current program another one."""
    (state / "programs" / "current.json").write_bytes(b"{}")


@pytest.mark.parametrize("change", [spoil_new_program, spoil_head])
def test_lost_program_is_told_though_the_box_has_the_one_before_it(tmp_path: Path, change: Change) -> None:
    """It plays by that one, and has lost what it had switched to all the same."""

    def with_both(state: Path) -> None:
        bring_medium(state, "a")
        change(state)

    left = read_remains(disk_of(tmp_path, with_both, changed), emptied(tmp_path / "look"))

    assert left.program == OLD_HEAD.digest
    assert left.faults == ("the current program cannot be used",)


def test_program_that_comes_next_is_read(tmp_path: Path) -> None:
    """The next start may switch to it."""

    def stage(state: Path) -> None:
        store_in(state).programs.stage(NEW_HEAD, NEW)

    left = read_remains(disk_of(tmp_path, stage), emptied(tmp_path / "look"))

    assert (left.program, left.staged, left.faults) == (OLD_HEAD.digest, NEW_HEAD.digest, ())


def test_data_is_cut_out_of_an_overlay(tmp_path: Path) -> None:
    """As of a machine's disk, without a copy of all of that."""
    disk = disk_of(tmp_path)
    make_overlay(disk, "raw", tmp_path / "overlay.qcow2")

    cut_out(tmp_path / "overlay.qcow2", tmp_path / "data.img", (0, 16 * MIB))

    assert (tmp_path / "data.img").read_bytes() == disk.read_bytes()


def empty_ledger(state: Path) -> None:
    """Make the ledger one that has no tables yet."""
    (state / LEDGER).write_bytes(b"")


def test_ledger_that_was_about_to_be_made_is_none_that_was_lost(tmp_path: Path) -> None:
    """What it should have is lacking all the same."""
    left = read_remains(disk_of(tmp_path, empty_ledger), emptied(tmp_path / "look"))

    assert (left.entries, left.faults) == ({}, ())
    assert left.lacking({1: "an entry"}) == [1]


def test_file_system_that_is_lost_is_told(tmp_path: Path) -> None:
    """The box could not mend it either."""
    disk = disk_of(tmp_path)
    disk.write_bytes(bytes(16 * MIB))

    with pytest.raises(UnmendableError, match="e2fsck -y"):
        read_remains(disk, emptied(tmp_path / "look"))


def test_blocks_of_a_file_are_where_its_bytes_are(tmp_path: Path) -> None:
    """So requests that write to it can be told."""
    disk = disk_of(tmp_path)
    read_remains(disk, emptied(tmp_path / "look"))

    first = min(blocks_of(disk, tmp_path / "look", LEDGER))

    assert disk.read_bytes()[first:].startswith(b"SQLite format 3")


def test_requests_that_write_to_blocks_are_found(tmp_path: Path) -> None:
    """Also those that begin before a block, or write a part of it; flushes and others do not count."""
    log = tmp_path / "log"
    sector = bytes(512)
    write_log(
        log,
        [
            (Kind.WRITE, 4096, sector * 8),
            (Kind.FLUSH, 0, b""),
            (Kind.WRITE, 0, sector * 9),
            (Kind.WRITE, 8192, sector * 8),
            (Kind.WRITE, 8192 - 512, sector),
            (Kind.WRITE, 0, sector),
        ],
    )

    assert writes_to(read_log(log), [4096]) == [0, 2, 4]


def test_what_the_hub_has_acknowledged_counts_for_cuts_behind_it(tmp_path: Path) -> None:
    """An answer that came when two requests were in the log says nothing of a cut after one."""
    log = tmp_path / "log"
    write_log(log, [(Kind.WRITE, 0, bytes(512))] * 3)
    read = read_log(log)
    receipts = Receipts(((read.requests[0].begins_at, 1), (read.requests[2].begins_at, 7)))

    assert [receipts.before(read, cut) for cut in range(4)] == [1, 1, 7, 7]


def test_cuts_are_divided_and_can_be_had_again() -> None:
    """The same seed gives the same cuts, so many of each kind."""
    cuts = choose(2 * sum(SHARES.values()), 5, PLACES)

    assert cuts == choose(len(cuts), 5, PLACES)
    assert Counter(cut.doing for cut in cuts) == {doing: 2 * share for doing, share in SHARES.items()}
    assert all(cut.at in PLACES[cut.doing] for cut in cuts)
    assert len({cut.seed for cut in cuts}) == len(cuts)


@pytest.mark.parametrize("count", range(FEWEST, 2 * sum(SHARES.values())))
def test_few_cuts_are_of_each_kind_as_well(count: int) -> None:
    """However few there is time for."""
    assert {cut.doing for cut in choose(count, 5, PLACES)} == set(Doing)


def test_cuts_that_cannot_be_of_each_kind_are_refused() -> None:
    """Too few of them, or a run in which there is none of a kind."""
    with pytest.raises(ValueError, match="3 cuts are too few: there are 4 kinds"):
        check_count(FEWEST - 1)
    with pytest.raises(ValueError, match="no instant to cut the power in download, in switch_storage"):
        choose(50, 5, {**PLACES, Doing.DOWNLOAD: (), Doing.SWITCH: range(0)})
