"""A few power cuts while the storage is made and switched; ``make storage-kills`` takes thousands."""

from pathlib import Path
from random import Random

import pytest

from bench.storage_kills import run, small_disk

pytestmark = [pytest.mark.process, pytest.mark.sound]
KILLS = 16


def test_the_storage_is_whole_and_music_plays_after_power_cuts(tmp_path: Path) -> None:
    """And no medium is fetched twice, and none is left over."""
    with small_disk(tmp_path) as disk:
        course = run(tmp_path, disk, KILLS, Random(3))

    assert course.faults == []
    assert course.switches > 1
    assert len(course.starts_s) > KILLS / 4
