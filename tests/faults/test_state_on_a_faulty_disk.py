"""The as-run log and the files of state on a disk that fails at any call: nothing is lost, and it is told."""

import errno
import os

import pytest

from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import StateError
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.scribe import Scribe
from tests.drivers.asrun_writer import facts_of
from tests.drivers.killing import check_whole, played_in
from tests.fakes.hub_media import head_of
from tests.faults.disks import FaultyDisk
from tests.faults.faulty_fs import Failing

pytestmark = pytest.mark.slow

SONGS = range(1, 6)
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO)
LATER = 10
"""So many calls fail before the disk is well again."""


@pytest.mark.parametrize("error", ERRORS)
def test_log_loses_no_song_whichever_call_fails(error: int, faulty: FaultyDisk) -> None:
    """What is refused is remembered, told once, and written when the disk takes it."""
    first, failed = 0, True
    while failed:
        path = faulty.folder / f"asrun-{first}.db"
        scribe = Scribe(AsRunStore(path, "boot-1"))
        faulty.fail(Failing(error=error, first=first, last=first + LATER))
        refusals = [scribe.write(facts_of(number)).refused for number in SONGS]
        failed = len(faulty.be_well()) > first
        scribe.write(())
        scribe.close()

        assert [row.sequence for row in played_in(path)] == [*SONGS]
        check_whole(path)
        assert sum(map(bool, refusals)) <= 1
        first += 3


@pytest.mark.parametrize("error", ERRORS)
def test_log_of_a_disk_that_takes_nothing_is_remembered_for_days(error: int, faulty: FaultyDisk) -> None:
    """It is told once why, with the way out; afterwards all of it is there."""
    path = faulty.folder / "asrun.db"
    scribe = Scribe(AsRunStore(path, "boot-1"))
    scribe.write(facts_of(1))
    faulty.fail(Failing(error=error))
    told = list(filter(None, (scribe.write(facts_of(number)).refused for number in range(2, 1000))))
    faulty.be_well()
    kept = scribe.write(facts_of(1000)).kept
    scribe.close()

    assert kept
    assert len(told) == 1
    assert "free space, or check the disk" in told[0]
    assert [row.sequence for row in played_in(path)] == [*range(1, 1001)]


@pytest.mark.parametrize("error", ERRORS)
def test_file_of_state_is_the_old_one_or_the_new_one_whichever_call_fails(
    error: int, faulty: FaultyDisk
) -> None:
    """And what went wrong is told in the system's words."""
    old, new = (head_of(b"program", name, 1) for name in ("old", "new"))
    first, failed = 0, True
    while failed:
        file = StateFile(faulty.folder / f"{first}.json", ProgramHead)
        file.save(old)
        faulty.fail(Failing(error=error, first=first))
        refusal = _refusal(file, new)
        failed = first == 0 or bool(refusal)
        faulty.be_well()

        assert file.load() in ({old, new} if refusal else {new})
        assert not refusal or os.strerror(error) in refusal
        file.save(new)
        assert file.load() == new
        first += 1
    assert first > len(("create", "write", "fsync", "rename", "fsyncdir"))


def _refusal(file: StateFile[ProgramHead], content: ProgramHead) -> str:
    try:
        file.save(content)
    except StateError as error:
        return str(error)
    return ""
