"""A disk that fails at any call there is, once or for good: it is told, and in the end all is there."""

import errno
import os
import shutil
from collections.abc import Callable

import pytest

from easyplayer.protocol.heartbeat import Health
from easyplayer.storage_events import verify_storage
from tests.faults.boxes import DiskBox
from tests.faults.disks import FaultyDisk
from tests.faults.faulty_fs import CHANGES, Failing

pytestmark = pytest.mark.slow

FOR_GOOD = 10**9
SLICES = 4
"""So many tests share the calls, to run beside each other."""
MEDIUM_BYTES = 40


@pytest.fixture
def prepared(faulty: FaultyDisk) -> Callable[[], DiskBox]:
    """Give what makes boxes that play one program each, on the same disk."""
    first = DiskBox(faulty.folder / "first")
    first.begin()
    first.offer("one", "ab")
    first.store.media.close()
    count = iter(range(10**6))

    def make() -> DiskBox:
        state = faulty.folder / f"box-{next(count)}"
        shutil.copytree(faulty.below / "first", faulty.below / state.name)
        box = DiskBox(state, first.hub)
        box.revision = 1
        box.begin()
        assert box.playing == ("one", "ab")
        return box

    return make


def calls_of_an_update(faulty: FaultyDisk, make: Callable[[], DiskBox]) -> int:
    """Count the calls that change something while a box gets another program."""
    box = make()
    faulty.be_well()
    box.offer("two", "bc")
    box.comes_to_play("two", "bc")
    return len(faulty.be_well())


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize(
    "fault",
    [
        (errno.ENOSPC, FOR_GOOD),
        (errno.EROFS, FOR_GOOD),
        (errno.EIO, FOR_GOOD),
        (errno.EIO, 1),
        (errno.ENOSPC, 1),
    ],
)
def test_any_call_may_fail(
    fault: tuple[int, int], part: int, faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """The old program plays on, or the new one does; it is told; afterwards all comes, and nothing twice."""
    error, times = fault
    for first in range(part, calls_of_an_update(faulty, prepared), SLICES):
        box = prepared()
        faulty.fail(Failing(error=error, first=first, last=first + times - 1))
        box.offer("two", "bc")
        box.live(150.0)
        assert box.playing in {("one", "ab"), ("two", "bc")}, first
        if times > 1 and box.playing[0] == "one":
            assert os.strerror(error) in box.trouble, first
        faulty.be_well()
        box.comes_to_play("two", "bc")
        box.live(150.0)
        assert box.healths == [Health.WELL], first
        assert box.last("storage_told").args[0].trouble == "", first
        box.store.media.close()


@pytest.mark.parametrize("part", range(SLICES))
def test_disk_may_be_full_at_any_byte(part: int, faulty: FaultyDisk, prepared: Callable[[], DiskBox]) -> None:
    """Also in the middle of a write, of which only the beginning comes through."""
    for room in range(part, 2 * MEDIUM_BYTES, SLICES):
        box = prepared()
        box.hub.asked.clear()
        faulty.fail(Failing(calls=("write",), named=".part", error=errno.ENOSPC, room=room))
        box.offer("two", "bcd")
        box.live(150.0)
        assert box.playing == ("one", "ab")
        assert box.healths == [Health.FULL]
        faulty.be_well()
        box.comes_to_play("two", "bcd")
        offsets = {int(one.partition("+")[2]) for one in box.hub.asked if "+" in one}
        assert offsets == {0, room % MEDIUM_BYTES}
        box.store.media.close()


def test_bytes_that_the_disk_has_not_taken_are_not_taken_for_safe(
    faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """After an error of fsync they are fetched anew: a second fsync would say nothing."""
    box = prepared()
    box.hub.asked.clear()
    faulty.fail(Failing(calls=("fsync",), named=".part", last=0))
    box.offer("two", "bc")
    box.comes_to_play("two", "bc")

    assert [one for one in box.hub.asked if box.digest("c") in one] == [f"{box.digest('c')}+0"] * 2


def test_medium_that_only_lacks_its_name_is_not_fetched_again(
    faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """The disk took all of it, and then nothing more."""
    box = prepared()
    box.hub.asked.clear()
    faulty.fail(Failing(calls=("rename",), named="/media/", error=errno.EROFS))
    box.offer("two", "bc")
    box.live(150.0)
    assert box.healths == [Health.READ_ONLY]
    faulty.be_well()
    box.comes_to_play("two", "bc")

    assert [one for one in box.hub.asked if box.digest("c") in one] == [f"{box.digest('c')}+0"]


def test_medium_that_cannot_be_read_is_fetched_anew(
    faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """A sector is bad, and the rest of the disk is well."""
    box = prepared()
    box.hub.asked.clear()
    faulty.fail(Failing(calls=("read",), named=box.digest("a")))
    box.fire(verify_storage(thoroughly=True))
    box.run_for(10.0, step_s=5.0)
    faulty.be_well()
    box.comes_to_play("one", "ab")

    assert box.is_right("ab")
    assert not [one for one in box.hub.asked if box.digest("b") in one]


def test_disk_that_cannot_be_read_for_a_while_loses_nothing(
    faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """A cable was loose; nothing is thrown away that may be right, and it is told."""
    box = prepared()
    box.hub.asked.clear()
    faulty.fail(Failing(calls=("read",), named="/media/"))
    box.fire(verify_storage(thoroughly=True))
    box.run_for(70.0, step_s=5.0)
    assert Health.FAILING in box.ever
    faulty.be_well()
    box.live(210.0)

    assert box.is_right("ab")
    assert box.hub.asked == []
    assert box.healths == [Health.WELL]


@pytest.mark.parametrize("call", ["getattr", "open", "readdir", "statfs"])
def test_disk_that_answers_nothing_for_a_while_loses_nothing(
    call: str, faulty: FaultyDisk, prepared: Callable[[], DiskBox]
) -> None:
    """What it has cannot be seen then, and is seen again afterwards; nothing is fetched for it."""
    box = prepared()
    box.hub.asked.clear()
    faulty.fail(Failing(calls=(call, *CHANGES)))
    box.fire(verify_storage(thoroughly=True))
    box.live(150.0)
    faulty.be_well()
    box.live(210.0)

    assert box.playing == ("one", "ab")
    assert box.is_right("ab")
    assert box.hub.asked == []
