"""A real file system that fills up, becomes read-only, stops, or is pulled out while the box works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.protocol.heartbeat import Health
from tests.faults.boxes import LENGTH, DiskBox
from tests.faults.disks import NoSuchDiskError, SmallDisk, small_disk

pytestmark = pytest.mark.slow

CHUNKS_BEFORE = range(0, 40, 4)
SPARE_BYTES = 2_500_000


@pytest.fixture
def box(small: SmallDisk) -> DiskBox:
    """Give a box that plays one program, and whose hub is about to have another."""
    made = DiskBox(small.folder, length=LENGTH)
    made.begin()
    made.offer("one", "ab")
    assert made.playing == ("one", "ab")
    return made


@pytest.fixture
def further(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a second small disk."""
    place = tmp_path / "further"
    place.mkdir()
    try:
        with small_disk(place) as disk:
            yield disk
    except NoSuchDiskError as error:
        pytest.skip(str(error))


def stop_after(box: DiskBox, chunks: int, stop: "object") -> None:
    """Do something to the disk when the hub has sent so much."""
    left = iter(range(chunks))

    def sending(_sha256: str) -> None:
        if next(left, None) is None:
            box.hub.sending = lambda _sha256: None
            stop()  # type: ignore[operator]

    box.hub.sending = sending


def test_disk_without_room_is_told_in_bytes_and_waited_for(box: DiskBox, small: SmallDisk) -> None:
    """What plays goes on; when there is room, the rest comes by itself."""
    small.fill(leaving=SPARE_BYTES)
    box.offer("two", "bcdef")
    box.live(300.0)
    assert box.playing == ("one", "ab")
    assert "full" in box.troubles
    assert box.is_right("ab")

    small.make_room()
    box.comes_to_play("two", "bcdef")


@pytest.mark.parametrize("chunks", CHUNKS_BEFORE)
def test_disk_that_fills_up_meanwhile_is_told_and_waited_for(
    chunks: int, box: DiskBox, small: SmallDisk
) -> None:
    """What had come of a medium is still there."""
    stop_after(box, chunks, small.fill)
    box.offer("two", "bcd")
    box.live(300.0)
    assert box.playing[0] == "one" or chunks >= 40
    assert box.is_right("ab")
    if box.playing[0] == "one":
        assert "full" in box.troubles or "does not fit" in box.troubles
        assert Health.FULL in box.healths

    small.make_room()
    box.comes_to_play("two", "bcd")


@pytest.mark.parametrize("chunks", CHUNKS_BEFORE)
def test_disk_that_becomes_read_only_is_told_and_played_from(
    chunks: int, box: DiskBox, small: SmallDisk
) -> None:
    """When it takes something again, the next start completes what was coming."""
    if not small.lasting:
        pytest.skip("a disk in memory cannot be mounted again")
    stop_after(box, chunks, small.make_read_only)
    box.offer("two", "bcd")
    box.live(300.0)
    assert box.playing == ("one", "ab")
    assert "Read-only" in box.troubles
    assert box.healths == [Health.READ_ONLY]

    box.comes_back_on(small)


@pytest.mark.parametrize("chunks", CHUNKS_BEFORE)
def test_disk_that_stops_at_once_loses_nothing_that_was_told(
    chunks: int, box: DiskBox, small: SmallDisk
) -> None:
    """As in a power cut: what has been called there is there, and is not fetched again."""
    if not small.lasting:
        pytest.skip("a disk in memory cannot be mounted again")
    stop_after(box, chunks, small.shut_down)
    box.offer("two", "bcd")
    box.live(300.0)
    assert box.playing == ("one", "ab")
    assert "Input/output error" in box.troubles
    assert box.healths == [Health.FAILING]

    box.comes_back_on(small)


def test_disk_that_is_pulled_out_is_missed_and_welcomed_back(small: SmallDisk, further: SmallDisk) -> None:
    """What lies on the other one goes on; when it is back, nothing of it is fetched again."""
    small.fill(leaving=SPARE_BYTES)
    (further.folder / "media").mkdir()
    box = DiskBox(small.folder, others=(further.folder / "media",), length=LENGTH)
    box.begin()
    box.offer("one", "abcd")
    box.comes_to_play("one", "abcd")
    here = "".join(
        one for one in "abcd" if box.store.media.path(box.digest(one)).is_relative_to(small.folder)
    )
    assert 0 < len(here) < len("abcd")

    further.unmount()
    box.live(150.0)
    assert box.healths[1] is Health.MISSING
    assert box.playing == ("one", here)

    further.mount()
    box.live(150.0)
    box.comes_to_play("one", "abcd")
