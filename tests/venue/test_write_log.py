"""The log of a disk's writes, and what is on a disk whose power went."""

import random
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.venue.faculties.power import LoggedDisk
from tests.venue.faculties.write_log import (
    ENTRY,
    SUPERBLOCK,
    Kind,
    WriteLogError,
    read_log,
    write_log,
)

SECTOR = 512
SECTORS = 16
Written = tuple[Kind, int, bytes]


def a_write(at: int, count: int, what: int) -> Written:
    """Write some sectors full of one byte."""
    return Kind.WRITE, at * SECTOR, bytes([what]) * (count * SECTOR)


A_FLUSH: Written = (Kind.FLUSH, 0, b"")
WRITES = st.builds(a_write, st.integers(0, SECTORS - 4), st.integers(1, 4), st.integers(1, 255))
REQUESTS = st.lists(st.one_of(WRITES, st.just(A_FLUSH)), max_size=12)


def disk_of(folder: Path, requests: list[Written]) -> LoggedDisk:
    """Make an empty disk, and the log of what was written to it."""
    disk = LoggedDisk(folder / "before.img", folder / "log")
    disk.before.write_bytes(bytes(SECTORS * SECTOR))
    write_log(disk.log, requests)
    return disk


def applied(requests: list[Written]) -> bytes:
    """Tell what a disk that loses nothing holds."""
    disk = bytearray(SECTORS * SECTOR)
    for _, at, data in requests:
        disk[at : at + len(data)] = data
    return bytes(disk)


@given(REQUESTS, st.data())
def test_without_losses_a_disk_holds_all_up_to_the_cut(requests: list[Written], data: st.DataObject) -> None:
    """Whatever the cut."""
    cut = data.draw(st.integers(0, len(requests)))
    with TemporaryDirectory() as folder:
        disk = disk_of(Path(folder), requests)
        crashed = disk.crash_image(Path(folder) / "after.img", cut)
        assert crashed.read_bytes() == applied(requests[:cut])
        assert disk.before.read_bytes() == bytes(SECTORS * SECTOR)


@given(REQUESTS, st.integers(0, 2**32), st.data())
def test_each_sector_holds_what_a_flush_saved_or_something_newer(
    requests: list[Written], seed: int, data: st.DataObject
) -> None:
    """No chance takes what was flushed, and none invents what nobody wrote."""
    cut = data.draw(st.integers(0, len(requests)))
    with TemporaryDirectory() as folder:
        disk = disk_of(Path(folder), requests)
        after = disk.crash_image(Path(folder) / "after.img", cut, seed).read_bytes()
    done = requests[:cut]
    safe = max((n + 1 for n, (kind, *_) in enumerate(done) if kind is Kind.FLUSH), default=0)
    newer = [applied(done[:n]) for n in range(safe, cut + 1)]
    for at in range(0, SECTORS * SECTOR, SECTOR):
        may_be = {state[at : at + SECTOR] for state in newer} | _alone(done[safe:], at)
        assert after[at : at + SECTOR] in may_be


def _alone(requests: list[Written], at: int) -> set[bytes]:
    """Give what single requests write to a sector."""
    return {
        data[at - begin : at - begin + SECTOR]
        for _, begin, data in requests
        if begin <= at < begin + len(data)
    }


def test_unflushed_writes_are_kept_lost_and_torn(tmp_path: Path) -> None:
    """Among many seeds all of it happens, and out of order too."""
    disk = disk_of(tmp_path, [a_write(0, 4, 1), A_FLUSH, a_write(0, 4, 2), a_write(8, 1, 3)])
    seen = {
        disk.crash_image(tmp_path / "after.img", 4, seed).read_bytes()[::SECTOR][:9] for seed in range(200)
    }
    assert bytes([2, 2, 2, 2, 0, 0, 0, 0, 3]) in seen
    assert bytes([1, 1, 1, 1, 0, 0, 0, 0, 3]) in seen, "the later one may be written first"
    assert bytes([2, 2, 1, 1, 0, 0, 0, 0, 0]) in seen, "torn"
    assert all(state[0] in {1, 2} for state in seen)


def test_part_of_a_disk_crashes_as_the_whole_disk_does(tmp_path: Path) -> None:
    """Its image is made sooner, and has the same losses."""
    disk = disk_of(tmp_path, [a_write(n, 4, n + 1) for n in range(12)])
    (tmp_path / "part.img").write_bytes(bytes(6 * SECTOR))
    part = LoggedDisk(tmp_path / "part.img", disk.log, begins_at=5 * SECTOR)
    for seed in range(20):
        whole = disk.crash_image(tmp_path / "whole-after.img", 12, seed).read_bytes()
        after = part.crash_image(tmp_path / "part-after.img", 12, seed).read_bytes()
        assert after == whole[5 * SECTOR : 11 * SECTOR]


def test_a_crash_can_be_had_again(tmp_path: Path) -> None:
    """By its cut and its seed, for whoever mends what it broke."""
    disk = disk_of(tmp_path, [a_write(n, 2, n + 1) for n in range(8)])
    for crash in disk.crashes(tmp_path, 10, seed=7):
        again = disk.crash_image(tmp_path / "again.img", crash.cut, crash.seed)
        assert again.read_bytes() == crash.image.read_bytes()
    assert not (tmp_path / "crash.img").exists()


def test_what_the_superblock_does_not_count_yet_is_read(tmp_path: Path) -> None:
    """QEMU counts only now and then."""
    disk = disk_of(tmp_path, [a_write(0, 1, 1), a_write(1, 1, 2)])
    data = bytearray(disk.log.read_bytes())
    data[16:24] = bytes(8)
    disk.log.write_bytes(data + bytes(4096))
    assert len(read_log(disk.log).requests) == 2


@pytest.mark.parametrize("head", [b"", bytes(512)])
def test_a_log_without_a_superblock_is_one_that_was_not_flushed_yet(tmp_path: Path, head: bytes) -> None:
    """QEMU writes it with the first flush; what was asked before that is there all the same."""
    disk = disk_of(tmp_path, [a_write(0, 1, 1)])
    disk.log.write_bytes(head + disk.log.read_bytes()[512:] if head else b"")
    assert len(disk.read().requests) == (1 if head else 0)


@settings(max_examples=50)
@given(st.integers(0, 4 * SECTOR - 1))
def test_a_log_that_was_cut_off_is_read_as_far_as_it_is_whole(lost: int) -> None:
    """QEMU was killed while it wrote."""
    with TemporaryDirectory() as folder:
        disk = disk_of(Path(folder), [a_write(0, 1, 1), a_write(1, 1, 2)])
        data = disk.log.read_bytes()
        disk.log.write_bytes(data[: len(data) - lost])
        assert len(read_log(disk.log).requests) == (2 - -(-lost // (2 * SECTOR)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"short", "5 bytes are too short"),
        (b"x" * 600, "no log of writes"),
        (SUPERBLOCK.pack(0x6A736677736872, 2, 0, 512), "version 2 with sectors of 512 bytes"),
        (SUPERBLOCK.pack(0x6A736677736872, 1, 0, 100), "sectors of 100 bytes"),
    ],
)
def test_what_is_no_log_is_refused_with_its_reason(tmp_path: Path, data: bytes, says: str) -> None:
    """And with the file."""
    (tmp_path / "log").write_bytes(data)
    with pytest.raises(WriteLogError, match=says):
        read_log(tmp_path / "log")


def test_marks_and_discards_write_nothing(tmp_path: Path) -> None:
    """A discarded sector may hold what it held."""
    disk = disk_of(tmp_path, [a_write(0, 1, 1), (Kind.DISCARD, 0, bytes(SECTOR))])
    text = ENTRY.pack(0, 0, Kind.MARK, 5).ljust(SECTOR, b"\0") + b"hello".ljust(SECTOR, b"\0")
    disk.log.write_bytes(disk.log.read_bytes() + text)
    assert [request.kind for request in disk.read().requests] == [Kind.WRITE, Kind.DISCARD, Kind.MARK]
    assert disk.crash_image(tmp_path / "after.img", 3, seed=1).read_bytes()[0] in {0, 1}


def test_a_log_of_qemu_itself_gives_back_all_that_was_flushed(tmp_path: Path) -> None:
    """Its own block layer writes the log, without any guest."""
    disk = LoggedDisk(tmp_path / "before.img", tmp_path / "log")
    now = tmp_path / "now.img"
    disk.before.write_bytes(bytes(1 << 20))
    now.write_bytes(bytes(1 << 20))
    disk.log.touch()
    words = ["write -P 1 0 64k", "flush", "write -P 2 32k 64k", "write -z 4k 4k", "flush", "write -P 3 0 512"]
    options = (
        f"driver=blklogwrites,log-sector-size=512,file.driver=file,file.filename={now},"
        f"log.driver=file,log.filename={disk.log}"
    )
    given = [word for command in words for word in ("-c", command)]
    subprocess.run(["qemu-io", "--image-opts", options, *given], check=True, timeout=60, capture_output=True)
    log = disk.read()
    all_of_it = disk.crash_image(tmp_path / "all.img", len(log.requests)).read_bytes()
    assert all_of_it == now.read_bytes()
    chance = random.Random(1)
    for _ in range(20):
        crashed = disk.crash_image(tmp_path / "one.img", log.flushes[1], chance.randrange(2**32)).read_bytes()
        assert crashed == disk.crash_image(tmp_path / "flushed.img", log.flushes[1]).read_bytes()
        assert crashed[4096:8192] == bytes(4096)
        assert crashed[32768:98304] == b"\2" * 65536
